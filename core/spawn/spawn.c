/* SPDX-License-Identifier: MIT */
#include <mudskipper/spawn/spawn.h>
#include <mudskipper/abi/dispatcher.h>
#include <mudskipper/abi/layout.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/elf.h>
#include <mudskipper/pure/page_table.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/port.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/rt/thread.h>
#include <mudskipper/vspace/self.h>
#include "start_block.h"

#define STACK_DEFAULT   (8u << 20)    /* as far as it may grow */
#define STACK_FIRST     (64u * 1024u) /* of that, what a process that grows it begins with */
#define STACK_FIXED     (256u * 1024u)
#define NOTES_BYTES     (4u * PAGE_SIZE)
#define STACK_MAX       (LAYOUT_STACK_TOP - LAYOUT_STACK_LOWEST)
#define USER_PART_BYTES ((sizeof(struct dispatcher_user) + PAGE_MASK) & ~PAGE_MASK)
#define GRANTS_MAX      (SLOT_FIRST_FREE - SLOT_FIRST_GRANTED)

/* Slots of the parent that hold what is being made; all but the dispatcher and the root go when it is done.
 */
enum own {
    OWN_ROOT,
    OWN_DISPATCHER,
    OWN_VSPACE,
    OWN_ENDPOINT,
    OWN_IMAGE,
    OWN_STACK,
    OWN_START,
    OWN_USER_PART,
    OWN_COUNT,
};

struct making {
    const struct spawn_request *request;
    struct elf_image elf;
    cptr_t ram;
    uint64_t used; /* bytes of it */
    cptr_t own;    /* OWN_COUNT slots */
    unsigned made; /* slots of the child's second CNode */
    struct space space;
    uint64_t start_bytes;
    uint64_t stack_bytes; /* to begin with */
    uint64_t stack_limit;
    cptr_t granted[GRANTS_MAX + SLOT_FIRST_FREE];
};

/* For all tables that the layout can need: for the image, and a few. One process is made at a time. */
static _Alignas(PAGE_SIZE) unsigned char notes[NOTES_BYTES];

CLAIM(every_table_can_be_noted, NOTES_BYTES / PAGE_SIZE * (PAGE_SIZE / sizeof(struct space_table) - 2) >=
                                    24 + LAYOUT_IMAGE_MAX / (2u << 20));

static cptr_t own(const struct making *m, enum own which)
{
    return m->own + which;
}

static uint64_t pages(uint64_t bytes)
{
    return (bytes + PAGE_MASK) & ~PAGE_MASK;
}

/* Level-3 tables for a range at this place, plus two for ranges that begin in the middle of one. */
static uint64_t tables_for(uint64_t bytes)
{
    return (bytes / pt_entry_bytes(2) + 2) * PAGE_SIZE;
}

static uint64_t total_bytes(const struct making *m)
{
    return CAP_DISPATCHER_BYTES + CAP_VNODE_L0_BYTES + 2 * PAGE_SIZE + PAGE_SIZE /* L1CNode */ +
           2 * CAP_L2_BYTES + PAGE_SIZE /* endpoint */ + m->elf.bytes + m->stack_bytes +
           pages(m->start_bytes) + USER_PART_BYTES + tables_for(m->elf.bytes) + tables_for(m->stack_bytes) +
           2 * tables_for(PAGE_SIZE);
}

/* Who can ask for memory later begins with little. */
static bool can_grow(const struct spawn_request *r)
{
    for (unsigned i = 0; i < r->grants_count; i++) {
        if (r->grants[i].to == SLOT_INIT) {
            return true;
        }
    }
    return false;
}

static void size_stack(const struct spawn_request *r, struct making *m)
{
    bool grows = can_grow(r);

    m->stack_limit = pages(r->stack_bytes != 0 ? r->stack_bytes : grows ? STACK_DEFAULT : STACK_FIXED);
    m->stack_bytes = grows && m->stack_limit > STACK_FIRST ? STACK_FIRST : m->stack_limit;
}

static err_t check(const struct spawn_request *r, struct making *m)
{
    err_t e = elf_check(r->elf, r->elf_bytes, rt_elf_machine(), &m->elf);

    m->request = r;
    size_stack(r, m);
    m->start_bytes = start_block_bytes(r);
    if (err_ok(e) && m->elf.bytes > LAYOUT_IMAGE_MAX) {
        e = err_make(ERR_OUT_OF_RANGE, m->elf.bytes);
    }
    if (err_ok(e) && m->stack_limit > STACK_MAX) {
        e = err_make(ERR_OUT_OF_RANGE, m->stack_limit);
    }
    if (err_ok(e) && m->start_bytes > LAYOUT_DISPATCHER_USER - LAYOUT_START) {
        e = err_make(ERR_OUT_OF_RANGE, m->start_bytes);
    }
    return e;
}

/* The next `bytes` of the RAM as one object, in a slot of the parent. */
static err_t make(struct making *m, enum cap_type type, uint64_t bytes, cptr_t slot)
{
    err_t e = cap_retype(m->ram, m->used, type, bytes, 1, slot);

    if (err_ok(e)) {
        m->used += bytes;
    }
    return e;
}

static err_t copy_to_child(const struct making *m, cptr_t from, cptr_t to)
{
    return cap_copy_to(from, own(m, OWN_ROOT), CAP_PLACE_SLOT(to));
}

/* ---- what the address space asks of its surroundings (space_ops)
 * -------------------------------------------------- */

/* The child's tables come from its RAM: a piece that is retyped once more. */
static err_t take_ram(void *context, uint64_t bytes, cptr_t *slot)
{
    struct making *m = context;
    err_t e = slot_alloc(slot);

    if (err_ok(e)) {
        e = make(m, CAP_TYPE_RAM, bytes, *slot);
        if (!err_ok(e)) {
            slot_free(*slot);
        }
    }
    return e;
}

/* What only the child needs moves into its second CNode; the slot here is free again. */
static err_t move_to_child(void *context, cptr_t made)
{
    struct making *m = context;
    err_t e = cap_move_to(made, own(m, OWN_ROOT), CAP_PLACE_SLOT(CPTR(SLOT_L1_MADE, m->made)));

    if (err_ok(e)) {
        m->made++;
        slot_free(made);
    }
    return e;
}

/* What is needed here a little longer. */
static err_t copy_made(struct making *m, cptr_t made)
{
    err_t e = copy_to_child(m, made, CPTR(SLOT_L1_MADE, m->made));

    if (err_ok(e)) {
        m->made++;
    }
    return e;
}

static const struct space_ops child_ops = {.ram = take_ram, .keep_link = move_to_child};

/* ---- steps
 * -------------------------------------------------------------------------------------------------------- */

static err_t make_objects(struct making *m)
{
    err_t e = make(m, CAP_TYPE_L1_CNODE, PAGE_SIZE, own(m, OWN_ROOT));

    if (err_ok(e)) {
        e = cap_retype_to(m->ram, m->used, CAP_TYPE_L2_CNODE, CAP_L2_BYTES, 2, own(m, OWN_ROOT),
                          CAP_PLACE_CNODE(0));
        m->used += 2 * CAP_L2_BYTES;
    }
    if (err_ok(e)) {
        e = make(m, CAP_TYPE_DISPATCHER, CAP_DISPATCHER_BYTES, own(m, OWN_DISPATCHER));
    }
    if (err_ok(e)) {
        e = make(m, CAP_TYPE_VNODE_L0, CAP_VNODE_L0_BYTES, own(m, OWN_VSPACE));
    }
    if (err_ok(e)) {
        e = make(m, CAP_TYPE_ENDPOINT_LMP, PAGE_SIZE, own(m, OWN_ENDPOINT));
    }
    if (err_ok(e)) {
        e = make(m, CAP_TYPE_FRAME, m->elf.bytes, own(m, OWN_IMAGE));
    }
    if (err_ok(e)) {
        e = make(m, CAP_TYPE_FRAME, m->stack_bytes, own(m, OWN_STACK));
    }
    if (err_ok(e)) {
        e = make(m, CAP_TYPE_FRAME, pages(m->start_bytes), own(m, OWN_START));
    }
    return err_ok(e) ? make(m, CAP_TYPE_FRAME, USER_PART_BYTES, own(m, OWN_USER_PART)) : e;
}

static void write_word(void *image, uint64_t offset, uint64_t value)
{
    mem_copy((char *)image + offset, &value, sizeof(value));
}

/* Through a mapping of our own, which goes again. */
static err_t fill_image(struct making *m)
{
    void *image;
    err_t e = self_map(own(m, OWN_IMAGE), 0, m->elf.bytes, CAP_READ | CAP_WRITE, &image);

    if (!err_ok(e)) {
        return e;
    }
    for (unsigned i = 0; i < m->elf.parts; i++) {
        struct elf_part part = elf_part(&m->elf, i);

        mem_copy((char *)image + part.data_offset, part.data, part.data_bytes);
    }
    elf_relocate(&m->elf, m->space.base + LAYOUT_IMAGE, write_word, image);
    return self_unmap(image);
}

static err_t fill_start(struct making *m)
{
    struct vspace_info info;
    void *block;
    err_t e = cap_vspace_info(own(m, OWN_VSPACE), &info);

    if (err_ok(e)) {
        e = self_map(own(m, OWN_START), 0, pages(m->start_bytes), CAP_READ | CAP_WRITE, &block);
    }
    if (!err_ok(e)) {
        return e;
    }
    start_block_write(m->request, m->granted,
                      &(struct start_block){.gate = info.gate,
                                            .vspace_base = info.base,
                                            .vspace_size = info.bytes,
                                            .image = info.base + LAYOUT_IMAGE,
                                            .image_size = m->elf.bytes,
                                            .dispatcher_user = info.base + LAYOUT_DISPATCHER_USER,
                                            .stack_top = info.base + LAYOUT_STACK_TOP,
                                            .stack_size = m->stack_bytes,
                                            .stack_limit = m->stack_limit,
                                            .core = m->request->core,
                                            .process = m->request->process},
                      block);
    return self_unmap(block);
}

static err_t fill_user_part(const struct making *m)
{
    struct dispatcher_user *user;
    err_t e = self_map(own(m, OWN_USER_PART), 0, USER_PART_BYTES, CAP_READ | CAP_WRITE, (void **)&user);

    if (!err_ok(e)) {
        return e;
    }
    user->version = ABI_VERSION;
    user->disabled = 1; /* until the program says otherwise */
    return self_unmap(user);
}

/* Maps a part of one of the child's Frames into the child; the Mappings become the child's. */
static err_t map(struct making *m, uint64_t offset, enum own frame, uint64_t from, uint64_t bytes,
                 unsigned rights)
{
    unsigned count = space_mappings(&m->space, m->space.base + offset, bytes);
    cptr_t mappings;
    err_t e = slot_alloc_run(count, &mappings);

    if (!err_ok(e)) {
        return e;
    }
    e = space_map(&m->space, m->space.base + offset, own(m, frame), from, bytes, rights, mappings);
    for (unsigned i = 0; i < count; i++) {
        if (err_ok(e)) {
            e = move_to_child(m, mappings + i);
        } else {
            slot_free(mappings + i); /* empty, or revoked with everything else */
        }
    }
    return e;
}

static err_t map_all(struct making *m)
{
    err_t e = OK;

    for (unsigned i = 0; i < m->elf.parts && err_ok(e); i++) {
        struct elf_part part = elf_part(&m->elf, i);

        e = map(m, LAYOUT_IMAGE + part.offset, OWN_IMAGE, part.offset, part.bytes, part.rights);
    }
    if (err_ok(e)) {
        e = map(m, LAYOUT_STACK_TOP - m->stack_bytes, OWN_STACK, 0, m->stack_bytes, CAP_READ | CAP_WRITE);
    }
    if (err_ok(e)) {
        e = map(m, LAYOUT_START, OWN_START, 0, pages(m->start_bytes), CAP_READ);
    }
    if (err_ok(e)) {
        e = map(m, LAYOUT_DISPATCHER_USER, OWN_USER_PART, 0, USER_PART_BYTES, CAP_READ | CAP_WRITE);
    }
    return e;
}

/* What the parent keeps is not the child's to revoke. */
static err_t lend_to_child(const struct making *m, cptr_t from, cptr_t to)
{
    struct cap_identity identity;
    err_t e = cap_identify(from, &identity);

    return err_ok(e) ? cap_narrow_to(from, own(m, OWN_ROOT), CAP_PLACE_SLOT(to),
                                     identity.rights & ~(unsigned)CAP_REVOKE)
                     : e;
}

/* The child's own capabilities, in its well-known slots. */
static err_t give_own(const struct making *m)
{
    static const struct {
        enum own from;
        cptr_t to;
    } gifts[] = {{OWN_ROOT, SLOT_ROOT},
                 {OWN_VSPACE, SLOT_VSPACE},
                 {OWN_ENDPOINT, SLOT_ENDPOINT},
                 {OWN_START, SLOT_ARGS},
                 {OWN_USER_PART, SLOT_USER_PART}};
    err_t e = lend_to_child(m, own(m, OWN_DISPATCHER), SLOT_DISPATCHER); /* by the parent's it is ended */

    for (unsigned i = 0; i < ARRAY_LENGTH(gifts) && err_ok(e); i++) {
        e = copy_to_child(m, own(m, gifts[i].from), gifts[i].to);
    }
    return e;
}

static err_t give_granted(struct making *m)
{
    cptr_t next = SLOT_FIRST_GRANTED;
    err_t e = OK;

    for (unsigned i = 0; i < m->request->grants_count && err_ok(e); i++) {
        const struct spawn_grant *g = &m->request->grants[i];

        if (i == ARRAY_LENGTH(m->granted) || (g->to == CPTR_NULL && next == SLOT_FIRST_FREE)) {
            return err_make(ERR_LIMIT, GRANTS_MAX);
        }
        m->granted[i] = g->to != CPTR_NULL ? g->to : next++;
        e = g->whole ? copy_to_child(m, g->from, m->granted[i]) : lend_to_child(m, g->from, m->granted[i]);
    }
    return e;
}

/* The child finds its tables and Frames in its second CNode. */
static err_t give_made(struct making *m)
{
    err_t e = OK;

    TREE_FOREACH(n, &m->space.tables)
    {
        if (err_ok(e)) {
            e = copy_made(m, CONTAINER_OF(n, struct space_table, node)->table);
        }
    }
    if (err_ok(e)) {
        e = copy_made(m, own(m, OWN_IMAGE));
    }
    return err_ok(e) ? copy_made(m, own(m, OWN_STACK)) : e;
}

static err_t set_up(const struct making *m)
{
    const struct spawn_request *r = m->request;
    cptr_t dispatcher = own(m, OWN_DISPATCHER);
    err_t e = cap_dispatcher_setup(dispatcher, &(struct dispatcher_setup){.root = own(m, OWN_ROOT),
                                                                          .vspace = own(m, OWN_VSPACE),
                                                                          .user_part = own(m, OWN_USER_PART),
                                                                          .monitor = r->monitor,
                                                                          .process = r->process,
                                                                          .name = r->name});

    if (err_ok(e)) {
        e = cap_dispatcher_bind(dispatcher, own(m, OWN_ENDPOINT));
    }
    if (err_ok(e)) {
        e = cap_dispatcher_set_image(dispatcher, m->space.base + LAYOUT_IMAGE, m->elf.bytes);
    }
    return e;
}

static err_t build(struct making *m)
{
    err_t e = make_objects(m);

    if (err_ok(e)) {
        e = space_init(&m->space, own(m, OWN_VSPACE), &child_ops, m, notes, sizeof(notes));
    }
    if (err_ok(e)) {
        e = give_granted(m);
    }
    if (err_ok(e)) {
        e = fill_image(m);
    }
    if (err_ok(e)) {
        e = fill_start(m);
    }
    if (err_ok(e)) {
        e = fill_user_part(m);
    }
    if (err_ok(e)) {
        e = map_all(m);
    }
    if (err_ok(e)) {
        e = give_own(m);
    }
    if (err_ok(e)) {
        e = give_made(m);
    }
    return err_ok(e) ? set_up(m) : e;
}

/* Everything here but the slots that the parent keeps is free again. What slots held is either the child's as
 * well or revoked. */
static void drop_own(struct making *m, bool with_kept)
{
    for (unsigned i = 0; i < OWN_COUNT; i++) {
        if ((i != OWN_DISPATCHER && i != OWN_ROOT) || with_kept) {
            slot_delete(own(m, (enum own)i));
        }
    }
    TREE_FOREACH(n, &m->space.tables)
    {
        slot_delete(CONTAINER_OF(n, struct space_table, node)->table);
    }
}

static err_t start(const struct making *m, const struct spawned *out)
{
    if (m->request->suspended) {
        return OK;
    }
    return cap_dispatcher_start(out->dispatcher, out->entry, out->stack_top, out->start_block,
                                m->request->priority);
}

/* One at a time: the notes are too large for a stack. */
static struct making making;
static struct mutex lock;

err_t spawn_bytes(const struct spawn_request *request, uint64_t *bytes)
{
    err_t e;

    mutex_lock(&lock);
    mem_set(&making, 0, sizeof(making));
    e = check(request, &making);
    if (err_ok(e)) {
        *bytes = total_bytes(&making);
    }
    mutex_unlock(&lock);
    return err_push(e, ERR_WHILE_LOAD);
}

static void undo(struct making *m)
{
    err_t ignored = cap_revoke(m->ram); /* everything that was made, wherever it is */

    (void)ignored;
    drop_own(m, true);
}

static err_t spawn_locked(struct making *m, cptr_t ram, struct spawned *out)
{
    err_t e = slot_alloc_run(OWN_COUNT, &m->own);

    if (!err_ok(e)) {
        return e;
    }
    m->ram = ram;
    e = build(m);
    if (err_ok(e)) {
        *out = (struct spawned){.ram = ram,
                                .dispatcher = own(m, OWN_DISPATCHER),
                                .root = own(m, OWN_ROOT),
                                .entry = m->space.base + LAYOUT_IMAGE + m->elf.entry,
                                .stack_top = m->space.base + LAYOUT_STACK_TOP,
                                .start_block = m->space.base + LAYOUT_START};
        e = start(m, out);
    }
    if (err_ok(e)) {
        drop_own(m, false);
    } else {
        undo(m);
    }
    return e;
}

err_t spawn(const struct spawn_request *request, cptr_t ram, struct spawned *out)
{
    err_t e;

    mutex_lock(&lock);
    mem_set(&making, 0, sizeof(making));
    e = err_push(check(request, &making), ERR_WHILE_LOAD);
    if (err_ok(e)) {
        e = spawn_locked(&making, ram, out);
    }
    mutex_unlock(&lock);
    return err_push(e, ERR_WHILE_SPAWN);
}
