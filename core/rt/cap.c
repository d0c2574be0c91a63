/* SPDX-License-Identifier: MIT */
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/port.h>

static err_t invoke(uint64_t args[SYS_ARGS], cptr_t target, unsigned operation)
{
    args[0] = SYS_TARGET(target, operation);
    args[SYS_ARG_NUMBER] = SYS_INVOKE;
    rt_syscall(args);
    return err_unpack(args[SYS_ARG_ERR_CODES], args[SYS_ARG_ERR_DETAIL]);
}

static err_t cnode(cptr_t root, unsigned operation, uint64_t a1, uint64_t a2, uint64_t a3)
{
    uint64_t args[SYS_ARGS] = {[1] = a1, [2] = a2, [3] = a3};

    return invoke(args, root, operation);
}

err_t cap_copy_to(cptr_t from, cptr_t to_root, uint64_t to_place)
{
    return cnode(SLOT_ROOT, CNODE_COPY, CAP_PLACE_SLOT(from), to_root, to_place);
}

err_t cap_copy(cptr_t from, cptr_t to)
{
    return cap_copy_to(from, SLOT_ROOT, CAP_PLACE_SLOT(to));
}

err_t cap_copy_from(cptr_t root, uint64_t place, cptr_t to)
{
    return cnode(root, CNODE_COPY, place, SLOT_ROOT, CAP_PLACE_SLOT(to));
}

err_t cap_move_to(cptr_t from, cptr_t to_root, uint64_t to_place)
{
    return cnode(SLOT_ROOT, CNODE_MOVE, CAP_PLACE_SLOT(from), to_root, to_place);
}

err_t cap_move(cptr_t from, cptr_t to)
{
    return cap_move_to(from, SLOT_ROOT, CAP_PLACE_SLOT(to));
}

static err_t mint(cptr_t from, cptr_t to_root, uint64_t to_place, unsigned rights, uint64_t badge)
{
    uint64_t args[SYS_ARGS] = {
        [1] = CAP_PLACE_SLOT(from), [2] = to_root, [3] = to_place, [4] = rights, [7] = badge};

    return invoke(args, SLOT_ROOT, CNODE_MINT);
}

err_t cap_narrow_to(cptr_t from, cptr_t to_root, uint64_t to_place, unsigned rights)
{
    return mint(from, to_root, to_place, rights, 0);
}

err_t cap_narrow(cptr_t from, cptr_t to, unsigned rights)
{
    return mint(from, SLOT_ROOT, CAP_PLACE_SLOT(to), rights, 0);
}

err_t cap_badge_to(cptr_t endpoint, cptr_t to_root, uint64_t to_place, uint64_t badge)
{
    return mint(endpoint, to_root, to_place, CAP_ALL_RIGHTS, badge);
}

err_t cap_badge(cptr_t endpoint, cptr_t to, uint64_t badge)
{
    return cap_badge_to(endpoint, SLOT_ROOT, CAP_PLACE_SLOT(to), badge);
}

err_t cap_retype_to(cptr_t from, uint64_t offset, enum cap_type type, uint64_t bytes, uint64_t count,
                    cptr_t to_root, uint64_t to_place)
{
    uint64_t args[SYS_ARGS] = {[1] = CAP_PLACE_SLOT(from),
                               [2] = to_root,
                               [3] = to_place,
                               [4] = type,
                               [5] = offset,
                               [6] = bytes,
                               [7] = count};

    return invoke(args, SLOT_ROOT, CNODE_RETYPE);
}

err_t cap_retype(cptr_t from, uint64_t offset, enum cap_type type, uint64_t bytes, uint64_t count, cptr_t to)
{
    return cap_retype_to(from, offset, type, bytes, count, SLOT_ROOT, CAP_PLACE_SLOT(to));
}

/* What shares the range of its source and is told apart by a number. */
static err_t retype_numbered(cptr_t from, enum cap_type type, uint64_t number, cptr_t to)
{
    uint64_t args[SYS_ARGS] = {[1] = CAP_PLACE_SLOT(from),
                               [2] = SLOT_ROOT,
                               [3] = CAP_PLACE_SLOT(to),
                               [4] = type,
                               [7] = 1,
                               [8] = number};

    return invoke(args, SLOT_ROOT, CNODE_RETYPE);
}

err_t cap_service(cptr_t endpoint, uint32_t number, cptr_t to)
{
    return retype_numbered(endpoint, CAP_TYPE_SERVICE, number, to);
}

err_t cap_handle(cptr_t service, uint32_t client, cptr_t to)
{
    return retype_numbered(service, CAP_TYPE_HANDLE, client, to);
}

err_t cap_delete_in(cptr_t root, uint64_t place)
{
    return cnode(root, CNODE_DELETE, place, 0, 0);
}

err_t cap_delete(cptr_t slot)
{
    return cap_delete_in(SLOT_ROOT, CAP_PLACE_SLOT(slot));
}

err_t cap_revoke(cptr_t slot)
{
    return cnode(SLOT_ROOT, CNODE_REVOKE, CAP_PLACE_SLOT(slot), 0, 0);
}

err_t cap_revoke_range(cptr_t slot, uint64_t offset, uint64_t bytes)
{
    return cnode(SLOT_ROOT, CNODE_REVOKE_RANGE, CAP_PLACE_SLOT(slot), offset, bytes);
}

err_t cap_unused(cptr_t slot, uint64_t from, uint64_t *offset, uint64_t *bytes)
{
    uint64_t args[SYS_ARGS] = {[1] = CAP_PLACE_SLOT(slot), [2] = from};
    err_t e = invoke(args, SLOT_ROOT, CNODE_UNUSED);

    if (err_ok(e)) {
        *offset = args[1];
        *bytes = args[2];
    }
    return e;
}

err_t cap_identify_in(cptr_t root, uint64_t place, struct cap_identity *identity)
{
    uint64_t args[SYS_ARGS] = {[1] = place};
    err_t e = invoke(args, root, CNODE_IDENTIFY);

    if (err_ok(e)) {
        *identity = (struct cap_identity){
            .type = (enum cap_type)CAP_IDENTITY_TYPE(args[1]),
            .rights = CAP_IDENTITY_RIGHTS(args[1]),
            .owner = CAP_IDENTITY_OWNER(args[1]),
            .base = args[2],
            .bytes = args[3],
            .words = {args[4], args[5], args[6]},
        };
    }
    return e;
}

err_t cap_identify(cptr_t slot, struct cap_identity *identity)
{
    return cap_identify_in(SLOT_ROOT, CAP_PLACE_SLOT(slot), identity);
}

err_t cap_grow_root(cptr_t with)
{
    return cnode(SLOT_ROOT, CNODE_RESIZE, CAP_PLACE_SLOT(with), 0, 0);
}

err_t cap_map(cptr_t table, cptr_t object, unsigned first, unsigned count, uint64_t offset, unsigned rights,
              cptr_t mapping)
{
    uint64_t args[SYS_ARGS] = {[1] = SLOT_ROOT,
                               [2] = CAP_PLACE_SLOT(object),
                               [3] = first | (uint64_t)count << 16,
                               [4] = offset,
                               [5] = rights,
                               [6] = SLOT_ROOT,
                               [7] = CAP_PLACE_SLOT(mapping)};

    return invoke(args, table, VNODE_MAP);
}

err_t cap_protect(cptr_t mapping, unsigned first, unsigned count, unsigned rights)
{
    return cnode(mapping, MAPPING_PROTECT, first | (uint64_t)count << 16, rights, 0);
}

err_t cap_split_mapping(cptr_t mapping, unsigned at, cptr_t second)
{
    return cnode(mapping, MAPPING_SPLIT, at, SLOT_ROOT, CAP_PLACE_SLOT(second));
}

err_t cap_vspace_info(cptr_t root_table, struct vspace_info *info)
{
    uint64_t args[SYS_ARGS] = {0};
    err_t e = invoke(args, root_table, VSPACE_INFO);

    if (err_ok(e)) {
        *info = (struct vspace_info){.base = args[1], .bytes = args[2], .gate = args[3]};
    }
    return e;
}

/* Up to 31 bytes of a name in arguments 6 .. 9. */
static void put_name(uint64_t args[SYS_ARGS], const char *name)
{
    for (unsigned i = 0; i < 31 && name[i] != '\0'; i++) {
        args[6 + i / 8] |= (uint64_t)(unsigned char)name[i] << (i % 8 * 8);
    }
}

err_t cap_dispatcher_setup(cptr_t dispatcher, const struct dispatcher_setup *setup)
{
    uint64_t args[SYS_ARGS] = {[1] = setup->root,
                               [2] = setup->vspace,
                               [3] = setup->user_part,
                               [4] = setup->monitor,
                               [5] = setup->process};

    put_name(args, setup->name);
    return invoke(args, dispatcher, DISPATCHER_SETUP);
}

err_t cap_dispatcher_start(cptr_t dispatcher, vaddr_t pc, vaddr_t sp, uint64_t argument, unsigned priority)
{
    uint64_t args[SYS_ARGS] = {[1] = pc, [2] = sp, [3] = argument, [4] = priority};

    return invoke(args, dispatcher, DISPATCHER_START);
}

err_t cap_dispatcher_end(cptr_t dispatcher, uint32_t exit_code)
{
    return cnode(dispatcher, DISPATCHER_END, exit_code, 0, 0);
}

err_t cap_dispatcher_bind(cptr_t dispatcher, cptr_t endpoint)
{
    return cnode(dispatcher, DISPATCHER_BIND, endpoint, 0, 0);
}

err_t cap_dispatcher_suspend(cptr_t dispatcher)
{
    return cnode(dispatcher, DISPATCHER_SUSPEND, 0, 0, 0);
}

err_t cap_dispatcher_continue(cptr_t dispatcher)
{
    return cnode(dispatcher, DISPATCHER_CONTINUE, 0, 0, 0);
}

err_t cap_dispatcher_set_image(cptr_t dispatcher, vaddr_t image, uint64_t bytes)
{
    return cnode(dispatcher, DISPATCHER_SET_IMAGE, image, bytes, 0);
}

err_t cap_dispatcher_info(cptr_t dispatcher, struct dispatcher_info *info)
{
    uint64_t args[SYS_ARGS] = {0};
    err_t e = invoke(args, dispatcher, DISPATCHER_INFO);

    if (err_ok(e)) {
        *info = (struct dispatcher_info){.status = (enum dispatcher_status)args[1],
                                         .cpu_time = args[2],
                                         .exit_code = (uint32_t)args[3],
                                         .priority = (unsigned)args[4],
                                         .ran = args[5]};
    }
    return e;
}

err_t cap_dispatcher_call(cptr_t dispatcher, unsigned n, uint32_t *server, uint64_t *badge)
{
    uint64_t args[SYS_ARGS] = {[1] = n};
    err_t e = invoke(args, dispatcher, DISPATCHER_CALLS);

    if (err_ok(e) && args[1] == 0) {
        e = err_make(ERR_NOT_FOUND, n);
    }
    if (err_ok(e)) {
        *server = (uint32_t)args[1];
        *badge = args[2];
    }
    return e;
}

err_t cap_log_read(cptr_t log, uint64_t *position, char text[LOG_WRITE_MAX], size_t *bytes)
{
    uint64_t args[SYS_ARGS] = {[1] = *position};
    err_t e = invoke(args, log, LOG_READ);

    if (err_ok(e)) {
        *bytes = args[1] < LOG_WRITE_MAX ? args[1] : LOG_WRITE_MAX;
        *position = args[SYS_ARG_DEADLINE];
        mem_copy(text, &args[SYS_ARG_WORDS], *bytes);
    }
    return e;
}

err_t cap_kernel(cptr_t kernel, enum invocation_kernel operation, uint64_t operand)
{
    return cnode(kernel, operation, operand, 0, 0);
}

/* ---- notifications ---- */

err_t cap_notify_make(unsigned channel, cptr_t to)
{
    return cap_retype(SLOT_KERNEL, CAP_KERNEL_NOTIFY + channel, CAP_TYPE_NOTIFY, 1, 1, to);
}

err_t cap_notify_bind(cptr_t notify, cptr_t dispatcher, unsigned bit)
{
    return cnode(notify, NOTIFY_BIND, dispatcher, bit, 0);
}

err_t cap_notify_unbind(cptr_t notify)
{
    return cnode(notify, NOTIFY_UNBIND, 0, 0, 0);
}

err_t cap_notify_signal(cptr_t notify)
{
    return cnode(notify, NOTIFY_SIGNAL, 0, 0, 0);
}

/* ---- other cores ---- */

err_t cap_share(cptr_t slot, coreid_t core, struct cap_across *what)
{
    uint64_t args[SYS_ARGS] = {[1] = slot, [2] = core};
    err_t e = invoke(args, SLOT_KERNEL, KERNEL_SHARE);

    if (err_ok(e)) {
        mem_copy(what->words, &args[CAP_ACROSS_FIRST], sizeof(what->words));
    }
    return e;
}

static err_t take(const struct cap_across *what, unsigned operation, cptr_t to)
{
    uint64_t args[SYS_ARGS] = {[1] = to};

    mem_copy(&args[CAP_ACROSS_FIRST], what->words, sizeof(what->words));
    return invoke(args, SLOT_KERNEL, operation);
}

err_t cap_adopt(const struct cap_across *what, cptr_t to)
{
    return take(what, KERNEL_ADOPT, to);
}

err_t cap_find(const struct cap_across *what, cptr_t to)
{
    return take(what, KERNEL_FIND, to);
}

err_t cap_unshare(cptr_t slot, coreid_t core)
{
    return cnode(SLOT_KERNEL, KERNEL_UNSHARE, slot, core, 0);
}

err_t cap_revoke_foreign(cptr_t slot)
{
    return cap_kernel(SLOT_KERNEL, KERNEL_REVOKE_FOREIGN, slot);
}

err_t cap_notify_core(coreid_t core)
{
    return cap_kernel(SLOT_KERNEL, KERNEL_NOTIFY_CORE, core);
}
