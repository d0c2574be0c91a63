/* SPDX-License-Identifier: MIT */
/* Decodes invocations: operands to slots, then one check and one act. */
#include <mudskipper/cap/invoke.h>
#include <mudskipper/cap/map.h>
#include "invoke_priv.h"
#include "priv.h"

static cptr_t place_address(uint64_t operand)
{
    return (cptr_t)operand;
}

static unsigned place_level(uint64_t operand)
{
    uint64_t level = operand >> 32;

    return level <= CAP_LEVEL_SLOT ? (unsigned)level : CAP_LEVEL_SLOT + 1;
}

/* Names are nearly always slots of L2CNodes, and nothing stands in their way: then the first three functions
 * find them. Otherwise the next ones say why. */

static inline struct cap_slot *root_quickly(const struct cap_core *core, const struct cap_invocation *i,
                                            uint64_t operand)
{
    if (operand == i->target.address) {
        return i->target.slot;
    }
    return operand <= UINT32_MAX ? cap_find_source(core, i->root, (cptr_t)operand) : NULL;
}

static inline bool slot_quickly(const struct cap_core *core, const struct cap_slot *root, uint64_t operand,
                                unsigned rights, struct cap_ref *out)
{
    cptr_t address = place_address(operand);

    if (operand >> 32 != CAP_LEVEL_SLOT) {
        return false;
    }
    *out = (struct cap_ref){.slot = cap_find(core, root, address, rights),
                            .address = address,
                            .level = CAP_LEVEL_SLOT,
                            .room = CPTR_L2_SLOTS - address % CPTR_L2_SLOTS};
    return out->slot != NULL;
}

static inline bool source_quickly(const struct cap_core *core, const struct cap_slot *root, uint64_t operand,
                                  struct cap_ref *out)
{
    return slot_quickly(core, root, operand, CAP_READ, out) && cap_is_usable(out->slot);
}

/* The L1CNode capability that a "root" operand names in the invoker's own space. */
static err_t find_root(const struct cap_core *core, const struct cap_invocation *i, uint64_t operand,
                       struct cap_slot **root)
{
    struct cap_ref ref;
    err_t e;

    *root = root_quickly(core, i, operand);
    if (*root != NULL) {
        return OK;
    }
    if (operand > UINT32_MAX) {
        return err_push(err_make(ERR_CAP_BAD_LEVEL, place_level(operand)), ERR_WHILE_ROOT);
    }
    e = cap_lookup_source(core, i->root, (cptr_t)operand, CAP_LEVEL_SLOT, &ref);
    return err_push(e, ERR_WHILE_ROOT);
}

err_t invoke_find_source(const struct cap_core *core, struct cap_slot *root, uint64_t operand,
                         struct cap_ref *out)
{
    if (source_quickly(core, root, operand, out)) {
        return OK;
    }
    return err_push(cap_lookup_source(core, root, place_address(operand), place_level(operand), out),
                    ERR_WHILE_SOURCE);
}

/* A slot that is to be filled or emptied, whatever is in it. */
static err_t find_slot(const struct cap_core *core, struct cap_slot *root, uint64_t operand,
                       struct cap_ref *out)
{
    return cap_lookup(core, root, place_address(operand), place_level(operand), CAP_WRITE, out);
}

/* A destination: its root and its place. */
static err_t find_dest(const struct cap_core *core, const struct cap_invocation *i, unsigned arg,
                       struct cap_ref *out)
{
    struct cap_slot *root;
    err_t e = find_root(core, i, i->args[arg], &root);

    if (err_ok(e)) {
        e = find_slot(core, root, i->args[arg + 1], out);
        if (err_is(e, ERR_CAP_ROOT_NOT_CNODE)) {
            e = err_make(ERR_CAP_DEST_NOT_CNODE, i->args[arg]);
        }
    }
    return err_push(e, ERR_WHILE_DEST);
}

static inline bool dest_quickly(const struct cap_core *core, const struct cap_invocation *i, unsigned arg,
                                struct cap_ref *out)
{
    const struct cap_slot *root = root_quickly(core, i, i->args[arg]);

    return root != NULL && slot_quickly(core, root, i->args[arg + 1], CAP_WRITE, out);
}

static __attribute__((noinline)) err_t find_pair_slowly(const struct cap_core *core,
                                                        const struct cap_invocation *i,
                                                        struct cap_ref *source, struct cap_ref *dest)
{
    err_t e = invoke_find_source(core, i->target.slot, i->args[1], source);

    return err_ok(e) ? find_dest(core, i, 2, dest) : e;
}

/* A source in the invoked space, and a destination. */
static inline err_t find_pair(const struct cap_core *core, const struct cap_invocation *i,
                              struct cap_ref *source, struct cap_ref *dest)
{
    if (source_quickly(core, i->target.slot, i->args[1], source) && dest_quickly(core, i, 2, dest)) {
        return OK;
    }
    return find_pair_slowly(core, i, source, dest);
}

/* The operations: each returns its error, and sets *again when it has to be called once more. */

static err_t invoke_copy(struct cap_core *core, struct cap_invocation *i, bool *again)
{
    struct cap_copy c;
    err_t e = find_pair(core, i, &c.source, &c.dest);

    (void)again;
    if (err_ok(e)) {
        e = cap_copy_check(core, &c);
    }
    if (err_ok(e)) {
        cap_copy_act(core, &c);
    }
    return e;
}

static err_t invoke_move(struct cap_core *core, struct cap_invocation *i, bool *again)
{
    struct cap_copy c;
    err_t e = find_pair(core, i, &c.source, &c.dest);

    (void)again;
    if (err_ok(e)) {
        e = cap_move_check(core, &c);
    }
    if (err_ok(e)) {
        cap_move_act(core, &c);
    }
    return e;
}

static err_t invoke_mint(struct cap_core *core, struct cap_invocation *i, bool *again)
{
    struct cap_mint m = {
        .rights = i->args[4] > CAP_ALL_RIGHTS ? UINT32_MAX : (unsigned)i->args[4],
        .offset = i->args[5],
        .bytes = i->args[6],
        .badge = i->args[7],
        .credits = i->args[8],
    };
    err_t e = find_pair(core, i, &m.source, &m.dest);

    (void)again;
    if (err_ok(e)) {
        e = cap_mint_check(core, &m);
    }
    if (err_ok(e)) {
        cap_mint_act(core, &m);
    }
    return e;
}

static err_t invoke_retype(struct cap_core *core, struct cap_invocation *i, bool *again)
{
    struct cap_retype r = {
        .type = i->args[4] < CAP_TYPE_COUNT ? (unsigned)i->args[4] : CAP_TYPE_COUNT,
        .rights = CAP_ALL_RIGHTS,
        .offset = i->args[5],
        .size = i->args[6],
        .count = i->args[7],
        .id = i->args[8],
    };
    err_t e = find_pair(core, i, &r.source, &r.dest);

    if (err_ok(e)) {
        e = cap_retype_check(core, &r);
    }
    if (err_ok(e)) {
        *again = cap_retype_act(core, &r, &i->budget) == CAP_AGAIN;
    }
    return err_push(e, ERR_WHILE_RETYPE);
}

static err_t invoke_delete(struct cap_core *core, struct cap_invocation *i, bool *again)
{
    struct cap_ref ref;
    err_t e = slot_quickly(core, i->target.slot, i->args[1], CAP_WRITE, &ref)
                  ? OK
                  : find_slot(core, i->target.slot, i->args[1], &ref);

    if (err_ok(e)) {
        e = cap_delete_check(core, &ref);
    }
    if (err_ok(e)) {
        *again = cap_delete_act(core, ref.slot, &i->budget) == CAP_AGAIN;
    }
    return e;
}

static err_t invoke_revoke(struct cap_core *core, struct cap_invocation *i, bool *again)
{
    struct cap_ref ref;
    err_t e = invoke_find_source(core, i->target.slot, i->args[1], &ref);

    if (err_ok(e)) {
        e = cap_revoke_check(core, &ref);
    }
    if (err_ok(e)) {
        *again = cap_revoke_act(core, ref.slot, &i->budget) == CAP_AGAIN;
    }
    return e;
}

static err_t invoke_revoke_range(struct cap_core *core, struct cap_invocation *i, bool *again)
{
    struct cap_range r = {.offset = i->args[2], .bytes = i->args[3]};
    err_t e = invoke_find_source(core, i->target.slot, i->args[1], &r.slot);

    if (err_ok(e)) {
        e = cap_revoke_range_check(core, &r);
    }
    if (err_ok(e)) {
        *again = cap_revoke_range_act(core, &r, &i->budget) == CAP_AGAIN;
    }
    return e;
}

/* Works on what is in the slot, whether it can be used now or not. */
static err_t invoke_identify(struct cap_core *core, struct cap_invocation *i, bool *again)
{
    struct cap_ref ref;
    err_t e =
        cap_lookup(core, i->target.slot, place_address(i->args[1]), place_level(i->args[1]), CAP_READ, &ref);

    (void)again;
    if (!err_ok(e)) {
        return err_push(e, ERR_WHILE_SOURCE);
    }
    const struct cap_slot *s = ref.slot;
    if (s->type == CAP_TYPE_NULL || (s->flags & CAP_FLAG_IN_DELETION)) {
        return err_push(cap_check_usable(&ref), ERR_WHILE_SOURCE);
    }
    bool all = (s->rights & CAP_IDENTIFY) != 0;
    i->args[1] = (uint64_t)s->type | (uint64_t)s->rights << 8 | (uint64_t)s->flags << 16 |
                 (uint64_t)s->owner << 24 | (uint64_t)(all ? s->generation : 0) << 32;
    i->args[2] = all ? s->base : 0;
    i->args[3] = all ? s->size : 0;
    for (unsigned w = 0; w < 3; w++) {
        i->args[4 + w] = all && cap_type_shows(s->type, w) ? s->word[w] : 0;
    }
    return OK;
}

static err_t invoke_unused(struct cap_core *core, struct cap_invocation *i, bool *again)
{
    struct cap_ref ref;
    uint64_t offset;
    uint64_t bytes;
    err_t e = invoke_find_source(core, i->target.slot, i->args[1], &ref);

    if (err_ok(e)) {
        e = cap_unused_check(core, &ref);
    }
    if (!err_ok(e)) {
        return e;
    }
    cap_unused_act(core, ref.slot, i->args[2], &offset, &bytes, &i->budget);
    *again = bytes == 0 && offset < ref.slot->size;
    if (*again) {
        i->args[2] = offset; /* goes on from here */
    } else {
        i->args[1] = offset;
        i->args[2] = bytes;
    }
    return OK;
}

static err_t invoke_resize(struct cap_core *core, struct cap_invocation *i, bool *again)
{
    struct cap_resize r = {.cnode = i->target};
    err_t e = invoke_find_source(core, i->target.slot, i->args[1], &r.with);

    if (err_ok(e)) {
        e = cap_resize_check(core, &r);
    }
    if (err_ok(e)) {
        *again = cap_resize_act(core, &r, &i->budget) == CAP_AGAIN;
    }
    return e;
}

/* Two numbers in one operand. Anything above them makes the first one too large for every check. */
static uint32_t low_half(uint64_t operand)
{
    return operand >> 32 == 0 ? (uint32_t)operand & 0xffff : UINT32_MAX;
}

static uint32_t high_half(uint64_t operand)
{
    return (uint32_t)operand >> 16;
}

static enum pt_memory memory_kind(const struct cap_map *m, uint64_t wanted)
{
    if (wanted == MAP_MEMORY_WRITE_COMBINING) {
        return PT_MEMORY_WRITE_COMBINING;
    }
    return m->object.slot->type == CAP_TYPE_DEV_FRAME ? PT_MEMORY_DEVICE : PT_MEMORY_NORMAL;
}

static __attribute__((noinline)) err_t find_map_slowly(const struct cap_core *core,
                                                       const struct cap_invocation *i, struct cap_map *m)
{
    struct cap_slot *root;
    err_t e = find_root(core, i, i->args[1], &root);

    if (err_ok(e)) {
        e = invoke_find_source(core, root, i->args[2], &m->object);
    }
    return err_ok(e) ? find_dest(core, i, 6, &m->dest) : e;
}

static inline err_t find_map(const struct cap_core *core, const struct cap_invocation *i, struct cap_map *m)
{
    const struct cap_slot *root = root_quickly(core, i, i->args[1]);

    if (root != NULL && source_quickly(core, root, i->args[2], &m->object) &&
        dest_quickly(core, i, 6, &m->dest)) {
        return OK;
    }
    return find_map_slowly(core, i, m);
}

static err_t invoke_map(struct cap_core *core, struct cap_invocation *i, bool *again)
{
    uint64_t how = i->args[5] >> 8;
    struct cap_map m = {
        .table = i->target,
        .first = low_half(i->args[3]),
        .count = high_half(i->args[3]),
        .offset = i->args[4],
        .rights = (unsigned)i->args[5] & 0xff,
    };
    err_t e = find_map(core, i, &m);

    if (err_ok(e) && how > MAP_MEMORY_WRITE_COMBINING) {
        e = err_make(ERR_BAD_ARGUMENT, 5);
    }
    if (err_ok(e)) {
        m.memory = memory_kind(&m, how);
        e = cap_map_check(core, &m);
    }
    if (err_ok(e)) {
        *again = cap_map_act(core, &m, &i->budget) == CAP_AGAIN;
    }
    return err_push(e, ERR_WHILE_MAP);
}

static err_t invoke_protect(struct cap_core *core, struct cap_invocation *i, bool *again)
{
    struct cap_protect p = {
        .mapping = i->target,
        .first = low_half(i->args[1]),
        .count = high_half(i->args[1]),
        .rights = i->args[2] > CAP_ALL_RIGHTS ? UINT32_MAX : (unsigned)i->args[2],
    };
    err_t e = cap_protect_check(core, &p);

    if (err_ok(e)) {
        uint32_t done = cap_protect_act(core, &p, &i->budget);

        *again = done < p.count;
        i->args[1] = (p.first + done) | (uint64_t)(p.count - done) << 16;
    }
    return e;
}

static err_t invoke_split(struct cap_core *core, struct cap_invocation *i, bool *again)
{
    struct cap_split s = {.mapping = i->target,
                          .at = i->args[1] > PT_ENTRIES ? PT_ENTRIES : (uint32_t)i->args[1]};
    err_t e = find_dest(core, i, 2, &s.dest);

    (void)again;
    if (err_ok(e)) {
        e = cap_split_check(core, &s);
    }
    if (err_ok(e)) {
        cap_split_act(core, &s);
    }
    return e;
}

static const operation_t cnode_operations[] = {
    [CNODE_COPY] = invoke_copy,
    [CNODE_MINT] = invoke_mint,
    [CNODE_MOVE] = invoke_move,
    [CNODE_RETYPE] = invoke_retype,
    [CNODE_DELETE] = invoke_delete,
    [CNODE_REVOKE] = invoke_revoke,
    [CNODE_REVOKE_RANGE] = invoke_revoke_range,
    [CNODE_IDENTIFY] = invoke_identify,
    [CNODE_UNUSED] = invoke_unused,
    [CNODE_RESIZE] = invoke_resize,
};

static const operation_t vnode_operations[] = {[VNODE_MAP] = invoke_map};

static const operation_t kernel_operations[] = {
    [KERNEL_SHARE] = invoke_share,
    [KERNEL_ADOPT] = invoke_adopt,
    [KERNEL_FIND] = invoke_find,
    [KERNEL_UNSHARE] = invoke_unshare,
    [KERNEL_REVOKE_FOREIGN] = invoke_revoke_foreign,
};

static const operation_t mapping_operations[] = {
    [MAPPING_PROTECT] = invoke_protect,
    [MAPPING_SPLIT] = invoke_split,
};

/* NULL: the type has no such operation. */
static operation_t find_operation(unsigned type, unsigned operation)
{
    if (type == CAP_TYPE_L1_CNODE) {
        return operation < ARRAY_LENGTH(cnode_operations) ? cnode_operations[operation] : NULL;
    }
    if (type == CAP_TYPE_MAPPING) {
        return operation < ARRAY_LENGTH(mapping_operations) ? mapping_operations[operation] : NULL;
    }
    if (type == CAP_TYPE_KERNEL) {
        return operation < ARRAY_LENGTH(kernel_operations) ? kernel_operations[operation] : NULL;
    }
    if (cap_type_has(type, CAP_TRAIT_TABLE)) {
        return operation < ARRAY_LENGTH(vnode_operations) ? vnode_operations[operation] : NULL;
    }
    return NULL;
}

/* Deleted means gone: whoever is refused because of something that may only be what is left of a deleted
 * object helps it end, and tries again. */
static bool may_be_a_remnant(err_t e)
{
    return err_is(e, ERR_CAP_IN_DELETION) || err_is(e, ERR_CAP_REVOKE_FIRST) ||
           err_is(e, ERR_CAP_STRADDLES) || err_is(e, ERR_MAP_ENTRY_IN_USE) || err_is(e, ERR_MAP_ALREADY);
}

enum cap_progress cap_invoke(struct cap_core *core, struct cap_invocation *i)
{
    operation_t operation = find_operation(i->target.slot->type, i->operation);
    bool again = false;

    if (operation == NULL) {
        i->error = err_make(ERR_CAP_ILLEGAL_INVOCATION, i->operation);
        return CAP_DONE;
    }
    i->error = operation(core, i, &again);
    if (!err_ok(i->error) && cap_work_pending(core) && may_be_a_remnant(i->error)) {
        (void)cap_work_step(core, &i->budget);
        return CAP_AGAIN;
    }
    return again ? CAP_AGAIN : CAP_DONE;
}
