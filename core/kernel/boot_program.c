/* SPDX-License-Identifier: MIT */
#include "boot_program.h"
#include <mudskipper/abi/layout.h>
#include <mudskipper/abi/start.h>
#include <mudskipper/cap/map.h>
#include <mudskipper/cap/operations.h>
#include <mudskipper/hal/debug.h>
#include <mudskipper/hal/irq.h>
#include <mudskipper/hal/memory.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/cpio.h>
#include <mudskipper/pure/elf.h>
#include <mudskipper/pure/format.h>
#include "core.h"
#include "dispatcher.h"
#include "message.h"

#define STACK_BYTES     (256u * 1024u)
#define L1_BYTES        PAGE_SIZE
#define USER_PART_BYTES ((sizeof(struct dispatcher_user) + PAGE_MASK) & ~PAGE_MASK)
#define START_BYTES     PAGE_SIZE
#define TABLES_MAX      16u /* L0 (two pages), L1, L2, and a level-3 table per 2 MiB of image and for the rest */

/* What is being built. `ram` is cut from the front: `used` bytes are objects. */
struct build {
    struct core *core;
    struct cap_slot ram; /* lie here until there is a CNode to move them to */
    struct cap_slot root;
    struct cap_slot *source;
    uint64_t used;
    struct cap_slot *known; /* L2 CNode 0 */
    struct cap_slot *made;  /* L2 CNode 1 */
    uint32_t made_count;
    struct cap_slot *tables[PT_LEVELS]; /* the tables in use now, by level */
    uint64_t table_offset;              /* what tables[3] covers */
    vaddr_t base;
    const char *name;
    uint32_t process;
};

static struct cap_ref ref(struct cap_slot *slot)
{
    return (struct cap_ref){.slot = slot, .level = CAP_LEVEL_SLOT, .room = 1};
}

/* One object of `bytes` retyped from `from` at `offset`. */
static err_t retype(struct core *core, struct cap_slot *from, uint64_t offset, unsigned type, uint64_t bytes,
                    struct cap_ref dest)
{
    struct cap_retype r = {.source = ref(from),
                           .dest = dest,
                           .type = type,
                           .rights = CAP_ALL_RIGHTS,
                           .offset = offset,
                           .size = bytes,
                           .count = 1};
    enum cap_progress progress;

    do {
        int budget = CAP_STEP_BUDGET;
        err_t e = cap_retype_check(&core->caps, &r);

        if (!err_ok(e)) {
            return e;
        }
        progress = cap_retype_act(&core->caps, &r, &budget);
    } while (progress == CAP_AGAIN);
    return OK;
}

/* RAM of this core's own memory. */
static err_t retype_memory(struct core *core, paddr_t base, uint64_t bytes, struct cap_slot *dest)
{
    struct cap_slot *root = core->roots;

    while (base < root->base || base - root->base >= root->size) {
        root++; /* one of them has it */
    }
    return retype(core, root, base - root->base, CAP_TYPE_RAM, bytes, ref(dest));
}

static err_t make(struct build *b, unsigned type, uint64_t bytes, struct cap_slot *dest)
{
    err_t e = retype(b->core, b->source, b->used, type, bytes, ref(dest));

    b->used += bytes;
    return e;
}

static struct cap_slot *next_slot(struct build *b)
{
    return &b->made[b->made_count++];
}

static void copy_slot(struct core *core, struct cap_slot *from, struct cap_slot *to)
{
    struct cap_copy c = {.source = ref(from), .dest = ref(to)};

    if (err_ok(cap_copy_check(&core->caps, &c))) {
        cap_copy_act(&core->caps, &c);
    }
}

static void create(struct core *core, struct cap_slot *slot, unsigned type, uint64_t base, uint64_t size)
{
    cap_create_act(&core->caps, slot,
                   &(struct cap_origin){.type = type, .rights = CAP_ALL_RIGHTS, .base = base, .size = size});
}

/* ---- address space
 * ------------------------------------------------------------------------------------------------ */

static err_t map_entries(struct build *b, struct cap_slot *table, struct cap_slot *object, unsigned first,
                         unsigned count, uint64_t offset, unsigned rights)
{
    struct cap_map m = {.table = ref(table),
                        .object = ref(object),
                        .dest = ref(next_slot(b)),
                        .first = first,
                        .count = count,
                        .offset = offset,
                        .rights = rights,
                        .memory = PT_MEMORY_NORMAL};
    enum cap_progress progress;

    do {
        int budget = CAP_STEP_BUDGET;
        err_t e = cap_map_check(&b->core->caps, &m);

        if (!err_ok(e)) {
            return e;
        }
        progress = cap_map_act(&b->core->caps, &m, &budget);
    } while (progress == CAP_AGAIN);
    return OK;
}

/* A new table of `level` linked where it covers `offset`. */
static err_t add_table(struct build *b, unsigned level, uint64_t offset)
{
    struct cap_slot *table = next_slot(b);
    err_t e = make(b, CAP_TYPE_VNODE_L0 + level, PAGE_SIZE, table);

    if (err_ok(e)) {
        e = map_entries(b, b->tables[level - 1], table, pt_index(offset, level - 1), 1, 0, 0);
    }
    b->tables[level] = table;
    return e;
}

/* Makes tables[3] the one that covers `offset`. Everything is placed in ascending order below 1 GiB, so each
 * table is made once. */
static err_t reach(struct build *b, uint64_t offset)
{
    err_t e = OK;

    if (b->tables[1] == NULL) {
        e = add_table(b, 1, offset);
        if (err_ok(e)) {
            e = add_table(b, 2, offset);
        }
    }
    if (err_ok(e) &&
        (b->tables[3] == NULL || offset / pt_entry_bytes(2) != b->table_offset / pt_entry_bytes(2))) {
        e = add_table(b, 3, offset);
        b->table_offset = offset;
    }
    return e;
}

/* Maps [from, from+bytes) of a Frame at `offset` of the address space. */
static err_t map(struct build *b, uint64_t offset, struct cap_slot *frame, uint64_t from, uint64_t bytes,
                 unsigned rights)
{
    while (bytes > 0) {
        uint64_t left = pt_entry_bytes(2) - offset % pt_entry_bytes(2);
        uint64_t now = bytes < left ? bytes : left;
        err_t e = reach(b, offset);

        if (err_ok(e)) {
            e = map_entries(b, b->tables[3], frame, pt_index(offset, 3), (unsigned)(now / PAGE_SIZE), from,
                            rights);
        }
        if (!err_ok(e)) {
            return e;
        }
        offset += now;
        from += now;
        bytes -= now;
    }
    return OK;
}

static void write_word(void *image, uint64_t offset, uint64_t value)
{
    mem_copy((char *)image + offset, &value, sizeof(value));
}

static err_t map_image(struct build *b, const struct elf_image *elf)
{
    struct cap_slot *frame = next_slot(b);
    err_t e = make(b, CAP_TYPE_FRAME, elf->bytes, frame);

    if (!err_ok(e)) {
        return e;
    }
    for (unsigned i = 0; i < elf->parts; i++) {
        struct elf_part part = elf_part(elf, i);

        mem_copy((char *)hal_p2v(frame->base) + part.data_offset, part.data, part.data_bytes);
    }
    elf_relocate(elf, b->base + LAYOUT_IMAGE, write_word, hal_p2v(frame->base));
    for (unsigned i = 0; i < elf->parts && err_ok(e); i++) {
        struct elf_part part = elf_part(elf, i);

        e = map(b, LAYOUT_IMAGE + part.offset, frame, part.offset, part.bytes, part.rights);
    }
    return e;
}

static err_t map_stack(struct build *b)
{
    struct cap_slot *frame = next_slot(b);
    err_t e = make(b, CAP_TYPE_FRAME, STACK_BYTES, frame);

    return err_ok(e) ? map(b, LAYOUT_STACK_TOP - STACK_BYTES, frame, 0, STACK_BYTES, CAP_READ | CAP_WRITE)
                     : e;
}

/* The start block with one argument, behind the header: the offset of argv[0], then its bytes. */
static err_t map_start(struct build *b, const struct elf_image *elf)
{
    struct cap_slot *frame = &b->known[SLOT_ARGS];
    err_t e = make(b, CAP_TYPE_FRAME, START_BYTES, frame);
    struct start_block *start = hal_p2v(frame->base);
    size_t name_bytes = str_length(b->name) + 1;
    uint32_t *argv = (uint32_t *)(start + 1);

    if (!err_ok(e)) {
        return e;
    }
    *argv = sizeof(*start) + sizeof(*argv);
    mem_copy(argv + 1, b->name, name_bytes);
    *start = (struct start_block){
        .magic = START_MAGIC,
        .version = ABI_VERSION,
        .bytes = (uint32_t)(*argv + name_bytes),
        .gate = hal_gate(),
        .vspace_base = b->base,
        .vspace_size = hal_vspace_size(&vspace_record_of(b->known[SLOT_VSPACE].base)->hal),
        .image = b->base + LAYOUT_IMAGE,
        .image_size = elf->bytes,
        .dispatcher_user = b->base + LAYOUT_DISPATCHER_USER,
        .stack_top = b->base + LAYOUT_STACK_TOP,
        .stack_size = STACK_BYTES,
        .core = b->core->id,
        .process = b->process,
        .argc = 1,
        .argv = sizeof(*start),
        .envp = (uint32_t)(*argv + name_bytes),
        .caps = (uint32_t)(*argv + name_bytes),
    };
    return map(b, LAYOUT_START, frame, 0, START_BYTES, CAP_READ);
}

static err_t map_user_part(struct build *b)
{
    struct cap_slot *frame = &b->known[SLOT_USER_PART];
    err_t e = make(b, CAP_TYPE_FRAME, USER_PART_BYTES, frame);

    if (err_ok(e)) {
        struct dispatcher_user *user = hal_p2v(frame->base);

        user->version = ABI_VERSION;
        user->disabled = 1; /* until the program says otherwise */
        e = map(b, LAYOUT_DISPATCHER_USER, frame, 0, USER_PART_BYTES, CAP_READ | CAP_WRITE);
    }
    return e;
}

/* ---- process
 * ------------------------------------------------------------------------------------------------------ */

static uint64_t needed(const struct elf_image *elf)
{
    return elf->bytes + STACK_BYTES + START_BYTES + USER_PART_BYTES + CAP_DISPATCHER_BYTES + L1_BYTES +
           3 * CAP_L2_BYTES + PAGE_SIZE /* endpoint */ +
           (TABLES_MAX + elf->bytes / pt_entry_bytes(2)) * PAGE_SIZE;
}

/* RAM for one program, from this core's free memory. */
static err_t take_ram(struct build *b, const struct elf_image *elf)
{
    uint64_t bytes = needed(elf);
    paddr_t memory = boot_memory_take(&b->core->memory, bytes, PAGE_SIZE);

    if (memory == 0) {
        return err_make(ERR_NO_MEMORY, bytes);
    }
    b->source = &b->ram;
    return retype_memory(b->core, memory, bytes, &b->ram);
}

/* The capability space: its root first, then the CNodes in it, then everything moves there. */
static err_t make_cspace(struct build *b)
{
    err_t e = make(b, CAP_TYPE_L1_CNODE, L1_BYTES, &b->root);
    struct cap_slot *l1 = hal_p2v(b->root.base);

    for (unsigned i = 0; i < 3 && err_ok(e); i++) {
        struct cap_ref dest = {.slot = &l1[i], .level = CAP_LEVEL_CNODE, .room = 1};

        e = retype(b->core, b->source, b->used, CAP_TYPE_L2_CNODE, CAP_L2_BYTES, dest);
        b->used += CAP_L2_BYTES;
    }
    if (!err_ok(e)) {
        return e;
    }
    b->known = hal_p2v(l1[0].base);
    b->made = hal_p2v(l1[BOOT_L1_MADE].base);
    cap_move_act(&b->core->caps, &(struct cap_copy){ref(&b->root), ref(&b->known[SLOT_ROOT])});
    b->source = next_slot(b);
    cap_move_act(&b->core->caps, &(struct cap_copy){ref(&b->ram), ref(b->source)});
    return OK;
}

static err_t make_objects(struct build *b)
{
    err_t e = make(b, CAP_TYPE_DISPATCHER, CAP_DISPATCHER_BYTES, &b->known[SLOT_DISPATCHER]);

    if (err_ok(e)) {
        e = make(b, CAP_TYPE_VNODE_L0, CAP_VNODE_L0_BYTES, &b->known[SLOT_VSPACE]);
    }
    if (err_ok(e)) {
        e = make(b, CAP_TYPE_ENDPOINT_LMP, PAGE_SIZE, &b->known[SLOT_ENDPOINT]);
    }
    if (!err_ok(e)) {
        return e;
    }
    if (!vspace_record_of(b->known[SLOT_VSPACE].base)->usable) {
        return err_make(ERR_LIMIT, 0);
    }
    b->tables[0] = &b->known[SLOT_VSPACE];
    b->base = hal_vspace_base(&vspace_record_of(b->known[SLOT_VSPACE].base)->hal);
    create(b->core, &b->known[SLOT_LOG], CAP_TYPE_LOG, CAP_SPACE(CAP_SPACE_RIGHT) | CAP_TYPE_LOG, 1);
    create(b->core, &b->known[SLOT_SELF], CAP_TYPE_PROCESS, CAP_KERNEL_BASE(b->core->id) | b->process, 1);
    return OK;
}

/* The end of `d` is told to the program `monitor`, with the number of `d` as badge. */
static void tell_of_end(struct build *b, struct dispatcher *monitor, struct dispatcher *d)
{
    struct cap_slot *known = hal_p2v(((struct cap_slot *)hal_p2v(monitor->slots[HELD_ROOT].base))[0].base);
    struct cap_mint m = {.source = ref(&known[SLOT_ENDPOINT]),
                         .dest = ref(&d->slots[HELD_MONITOR]),
                         .rights = known[SLOT_ENDPOINT].rights,
                         .badge = b->process};

    if (err_ok(cap_mint_check(&b->core->caps, &m))) {
        cap_mint_act(&b->core->caps, &m);
    }
}

static void finish(struct build *b, const struct elf_image *elf, struct dispatcher *monitor)
{
    struct dispatcher *d = dispatcher_of(&b->known[SLOT_DISPATCHER]);

    copy_slot(b->core, &b->known[SLOT_ROOT], &d->slots[HELD_ROOT]);
    copy_slot(b->core, &b->known[SLOT_VSPACE], &d->slots[HELD_VSPACE]);
    copy_slot(b->core, &b->known[SLOT_USER_PART], &d->slots[HELD_USER_PART]);
    dispatcher_set_vspace(d, vspace_record_of(b->known[SLOT_VSPACE].base));
    d->user_part = hal_p2v(b->known[SLOT_USER_PART].base);
    d->process = b->process;
    format_to(d->name, sizeof(d->name), "%s", b->name);
    d->image = b->base + LAYOUT_IMAGE;
    d->image_bytes = elf->bytes;
    message_bind(d, endpoint_of(&b->known[SLOT_ENDPOINT]));
    if (monitor != NULL) {
        tell_of_end(b, monitor, d);
    }
    hal_note_program(b->name, d->image, elf->bytes);
    hal_context_init(&d->context, d->image + elf->entry, b->base + LAYOUT_STACK_TOP, b->base + LAYOUT_START);
    dispatcher_make_ready(b->core, d);
}

static err_t build(struct build *b, const struct elf_image *elf)
{
    err_t e = take_ram(b, elf);

    if (err_ok(e)) {
        e = make_cspace(b);
    }
    if (err_ok(e)) {
        e = make_objects(b);
    }
    if (err_ok(e)) {
        e = map_image(b, elf);
    }
    if (err_ok(e)) {
        e = map_stack(b);
    }
    if (err_ok(e)) {
        e = map_start(b, elf);
    }
    return err_ok(e) ? map_user_part(b) : e;
}

static err_t find_elf(const struct boot_info *info, const char *name, struct elf_image *elf)
{
    char path[DISPATCHER_NAME_BYTES + sizeof("bin/")];
    struct cpio_entry file;
    err_t e;

    format_to(path, sizeof(path), "bin/%s", name);
    e = cpio_find(hal_p2v(info->archive), info->archive_bytes, path, &file);
    if (err_ok(e)) {
        e = elf_check(file.data, file.bytes, HAL_ELF_MACHINE, elf);
    }
    if (err_ok(e) && elf->bytes > LAYOUT_IMAGE_MAX) {
        e = err_make(ERR_OUT_OF_RANGE, elf->bytes);
    }
    return e;
}

err_t boot_program_bytes(const struct boot_info *info, const char *name, uint64_t *bytes)
{
    struct elf_image elf;
    err_t e = find_elf(info, name, &elf);

    if (err_ok(e)) {
        *bytes = needed(&elf);
    }
    return e;
}

err_t boot_program(struct core *core, const char *name, uint32_t process, struct dispatcher *monitor,
                   struct dispatcher **made)
{
    struct build b = {.core = core, .name = name, .process = process};
    struct elf_image elf;
    err_t e = find_elf(core->info, name, &elf);

    if (err_ok(e)) {
        e = build(&b, &elf);
    }
    if (err_ok(e)) {
        finish(&b, &elf, monitor);
        *made = dispatcher_of(&b.known[SLOT_DISPATCHER]);
    }
    return e;
}

/* ---- the boot set
 * ------------------------------------------------------------------------------------------------- */

/* What is left of the largest part of the share, which the kernel took its own from, comes first; then the
 * others as they are. */
static err_t give_memory(struct core *core, struct cap_slot *slots)
{
    unsigned used = 1;
    struct share_part part;
    err_t e = retype_memory(core, core->memory.next, core->memory.end - core->memory.next, &slots[0]);

    for (uint32_t i = 0; share_part(&core->share, core->id, i, &part) && used < CPTR_L2_SLOTS && err_ok(e);
         i++) {
        if (part.base + part.bytes != core->memory.end) {
            e = retype_memory(core, part.base, part.bytes, &slots[used++]);
        }
    }
    return e;
}

static void create_rights(struct core *core, struct cap_slot *known)
{
    static const unsigned types[] = {CAP_TYPE_SCHED, CAP_TYPE_INSPECT};
    static const unsigned slots[] = {SLOT_SCHED, SLOT_INSPECT};

    for (unsigned i = 0; i < ARRAY_LENGTH(slots); i++) {
        create(core, &known[slots[i]], types[i], CAP_SPACE(CAP_SPACE_RIGHT) | types[i], 1);
    }
    create(core, &known[SLOT_KERNEL], CAP_TYPE_KERNEL, CAP_KERNEL_BASE(core->id), CAP_KERNEL_SIZE);
}

/* What there is once in the machine. */
static void create_singles(struct core *core, struct cap_slot *known)
{
    copy_slot(core, &core->roots[0], &known[SLOT_PHYS]);
    create(core, &known[SLOT_IRQ], CAP_TYPE_IRQ, CAP_SPACE(CAP_SPACE_IRQ), hal_irq_lines());
    create(core, &known[SLOT_NAME_PREFIX], CAP_TYPE_NAME_PREFIX, CAP_SPACE(CAP_SPACE_NAME),
           (uint64_t)1 << 56);
    create(core, &known[SLOT_CORE_BOOT], CAP_TYPE_CORE_BOOT, CAP_SPACE(CAP_SPACE_RIGHT) | CAP_TYPE_CORE_BOOT,
           1);
}

/* The pages of [base, base+bytes), core 0's, with copies on all cores that run programs from the start. */
static void create_common(struct core *core, struct cap_slot *slot, paddr_t base, uint64_t bytes,
                          unsigned rights)
{
    uint64_t all = core->share.cores < 64 ? ((uint64_t)1 << core->share.cores) - 1 : UINT64_MAX;

    cap_create_act(&core->caps, slot,
                   &(struct cap_origin){.type = CAP_TYPE_FRAME,
                                        .rights = rights | CAP_GRANT | CAP_IDENTIFY,
                                        .base = base & ~PAGE_MASK,
                                        .size = ((base & PAGE_MASK) + bytes + PAGE_MASK) & ~PAGE_MASK,
                                        .foreign = core->id != 0,
                                        .owner = 0,
                                        .sharers = core->id == 0 ? all & ~(uint64_t)1 : 0});
}

err_t boot_program_give_all(struct core *core, struct dispatcher *d)
{
    struct cap_slot *l1 = hal_p2v(d->slots[HELD_ROOT].base);
    struct cap_slot *known = hal_p2v(l1[0].base);
    const struct boot_info *info = core->info;
    err_t e = give_memory(core, hal_p2v(l1[BOOT_L1_RAM].base));

    if (!err_ok(e)) {
        return e;
    }
    create_rights(core, known);
    if (core->id == 0) {
        create_singles(core, known);
    }
    create_common(core, &known[SLOT_ARCHIVE], info->archive, info->archive_bytes, CAP_READ);
    create_common(core, &known[SLOT_BOOT_INFO], hal_v2p(info), info->bytes, CAP_READ);
    if (core->share.common_bytes != 0) {
        create_common(core, &known[SLOT_PEERS], core->share.common, core->share.common_bytes,
                      CAP_READ | CAP_WRITE);
    }
    return OK;
}
