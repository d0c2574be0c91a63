/* SPDX-License-Identifier: MIT */
/* What is changed here is changed with upcalls disabled: the pager needs slots, too, so no thread may be
 * stopped in the middle by a fault. */
#include <mudskipper/pure/bitmap.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/walker.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>
#include "sched.h"

#define FIRST_CNODES                                                                                         \
    32u /* L1 slots of a root of 4 KiB; who grows the root brings memory for this table, too */

static struct slot_cnode first[FIRST_CNODES];
static struct slot_cnode *cnodes = first;
static uint32_t room = FIRST_CNODES;
static unsigned free_slots;
static bool ready;
static bool (*refill)(void);

static void add(struct slot_cnode *c, unsigned used)
{
    c->present = true;
    c->free = CPTR_L2_SLOTS - used;
    bitmap_set_range(c->used, 0, used);
    free_slots += c->free;
}

/* The well-known CNode is there from the start. Entered. */
static void prepare(void)
{
    if (!ready) {
        ready = true;
        add(&cnodes[0], SLOT_FIRST_FREE);
    }
}

err_t slot_add_cnode(uint32_t l1, unsigned used)
{
    err_t e = OK;

    if (l1 >= room || used > CPTR_L2_SLOTS) {
        return err_make(ERR_OUT_OF_RANGE, l1);
    }
    sched_enter();
    prepare();
    if (cnodes[l1].present) {
        e = err_make(ERR_EXISTS, 0);
    } else {
        add(&cnodes[l1], used);
    }
    sched_leave();
    return e;
}

/* The lowest L1 slot without a CNode; `room`: there is none. */
uint32_t slot_next_cnode(void)
{
    uint32_t l1 = 0;

    sched_enter();
    prepare();
    while (l1 < room && cnodes[l1].present) {
        l1++;
    }
    sched_leave();
    return l1;
}

uint32_t slot_cnodes_room(void)
{
    return room;
}

struct slot_cnode *slot_move_table(struct slot_cnode *memory, uint32_t more)
{
    struct slot_cnode *before = cnodes;

    sched_enter();
    prepare();
    mem_copy(memory, cnodes, room * sizeof(*cnodes));
    mem_set(memory + room, 0, (more - room) * sizeof(*cnodes));
    cnodes = memory;
    room = more;
    sched_leave();
    return before != first ? before : NULL;
}

void slot_on_few(bool (*more)(void))
{
    refill = more;
}

/* Entered. */
static err_t take(unsigned count, cptr_t *slot)
{
    prepare();
    for (uint32_t l1 = 0; l1 < room; l1++) {
        struct slot_cnode *c = &cnodes[l1];
        size_t bit;

        if (!c->present || c->free < count) {
            continue;
        }
        bit = bitmap_find_clear_range(c->used, CPTR_L2_SLOTS, 0, count, 1);
        if (bit != BITMAP_NONE) {
            bitmap_set_range(c->used, bit, count);
            c->free -= count;
            free_slots -= count;
            *slot = CPTR(l1, bit);
            return OK;
        }
    }
    return err_make(ERR_CAP_SLOTS_EXHAUSTED, 0);
}

err_t slot_alloc_run(unsigned count, cptr_t *slot)
{
    cptr_t taken = CPTR_NULL;
    err_t e;

    if (count == 0 || count > CPTR_L2_SLOTS) {
        return err_make(ERR_OUT_OF_RANGE, count);
    }
    do {
        sched_enter();
        e = take(count, &taken);
        sched_leave();
    } while (!err_ok(e) && refill != NULL && refill());
    if (err_ok(e)) {
        *slot = taken;
    }
    if (err_ok(e) && refill != NULL && free_slots < SLOTS_KEPT) {
        (void)refill(); /* ahead of need: what makes slots needs slots */
    }
    return e;
}

err_t slot_alloc(cptr_t *slot)
{
    return slot_alloc_run(1, slot);
}

void slot_free(cptr_t slot)
{
    uint32_t l1 = slot >> CPTR_L2_BITS;
    unsigned bit = slot & (CPTR_L2_SLOTS - 1);

    sched_enter();
    if (l1 < room && cnodes[l1].present && bitmap_test(cnodes[l1].used, bit)) {
        bitmap_clear(cnodes[l1].used, bit);
        cnodes[l1].free++;
        free_slots++;
    }
    sched_leave();
}

void slot_delete(cptr_t slot)
{
    err_t e = cap_delete(slot);

    /* An empty slot is as good; anything else stays taken rather than be handed out in use. */
    if (err_ok(e) || err_is(e, ERR_CAP_EMPTY_SLOT)) {
        slot_free(slot);
    }
}

unsigned slot_free_count(void)
{
    unsigned count;

    sched_enter();
    prepare();
    count = free_slots;
    sched_leave();
    return count;
}

/* ---- C16 */

static void expect(struct walker *w, bool holds, const char *what, cptr_t where)
{
    (void)WALKER_EXPECT(w, holds, "slots: %s at %u\n", what, where);
}

/* Entered: what is free stays free meanwhile. */
static void check_slot(struct walker *w, const struct slot_cnode *c, uint32_t l1, unsigned bit)
{
    struct cap_identity found;

    if (!bitmap_test(c->used, bit)) {
        expect(w, err_is(cap_identify(CPTR(l1, bit), &found), ERR_CAP_EMPTY_SLOT),
               "a capability is in a free slot", CPTR(l1, bit));
    }
}

uint64_t slot_check(format_sink_t sink, void *context)
{
    struct walker w = {sink, context, 0};
    unsigned sum = 0;

    sched_enter();
    prepare();
    for (uint32_t l1 = 0; l1 < room; l1++) {
        struct slot_cnode *c = &cnodes[l1];
        unsigned free = 0;

        for (unsigned bit = 0; bit < CPTR_L2_SLOTS && c->present; bit++) {
            free += !bitmap_test(c->used, bit);
            check_slot(&w, c, l1, bit);
        }
        expect(&w, !c->present || free == c->free, "the free slots of a CNode are counted wrong",
               CPTR(l1, 0));
        sum += free;
    }
    expect(&w, sum == free_slots, "free slots are counted wrong", 0);
    sched_leave();
    return w.faults;
}
