/* SPDX-License-Identifier: MIT */
/* The end of objects that hold slots: CNodes, and the kernel's own (dispatchers, endpoints).
 *
 * The last capability to such an object cannot stay where it was deleted while the slots are emptied: its
 * slot may lie in another object that ends, or in this very one. So it moves home, into the first slot of its
 * own object. Then nothing outside depends on it, the order of ends does not matter, and memory is not given
 * back before the object is empty.
 *
 *    deleted here            home                       emptied                     gone
 *   ┌───┬───┬───┐          ┌───┬───┬───┬───┐          ┌───┬───┬───┬───┐          ┌───┬───┬───┬───┐
 *   │   │ X │   │    X ──▶ │ a │ b │ c │ d │          │ X │   │   │ d │          │   │   │   │   │
 *   └───┴───┴───┘          └───┴───┴───┴───┘          └───┴───┴───┴───┘          └───┴───┴───┴───┘
 *    `evicted`               a is deleted first         `dying`: cursor ─┘
 *
 * When `a` is itself the last capability to such an object, it becomes evicted too and goes home first; the
 * chain may be as long as it likes, it lies in the slots. When `a` is one of those that wait (a ring of
 * CNodes), the two change places: X is at home, and the other waits where X was.
 *
 * A slot may hold the last capability here to something that other cores have copies of. It must not end
 * before they have given it up, so the object waits (QUARANTINED, on a list of its own, which is no work)
 * until somebody unshares something or gets a copy of it. Core servers keep a copy of all they share, so it
 * does not come to that unless they are wrong.
 *
 * Every step makes the number of capabilities smaller, or moves one home, or moves a cursor on (C12). */
#include "priv.h"

static struct cap_slot *slots_of(const struct cap_core *core, const struct cap_slot *s, uint64_t *count)
{
    unsigned held = 0;
    struct cap_slot *slots;

    if (cap_type_has(s->type, CAP_TRAIT_CNODE)) {
        *count = s->size / CAP_SLOT_BYTES;
        return cap_memory_at(core, s->base);
    }
    slots = core->ops->held(core->context, s, &held);
    *count = held;
    return slots;
}

static void list_add(struct cap_slot **list, struct cap_slot *s)
{
    s->container.work_prev = NULL;
    s->container.work_next = *list;
    if (*list != NULL) {
        (*list)->container.work_prev = s;
    }
    *list = s;
}

static void list_remove(struct cap_slot **list, struct cap_slot *s)
{
    if (s->container.work_prev != NULL) {
        s->container.work_prev->container.work_next = s->container.work_next;
    } else {
        *list = s->container.work_next;
    }
    if (s->container.work_next != NULL) {
        s->container.work_next->container.work_prev = s->container.work_prev;
    }
}

bool work_add(struct cap_core *core, struct cap_slot *s)
{
    uint64_t count;

    (void)slots_of(core, s, &count);
    if (count == 0) {
        return false;
    }
    s->flags = (uint8_t)((s->flags & ~CAP_FLAG_MOVING) | CAP_FLAG_IN_DELETION);
    s->container.cursor = 1;
    list_add(&core->evicted, s);
    return true;
}

/* The list on which a capability in deletion stands. */
static struct cap_slot **list_of(struct cap_core *core, const struct cap_slot *s)
{
    if (s->flags & CAP_FLAG_QUARANTINED) {
        return &core->stalled;
    }
    return s->flags & CAP_FLAG_HOME ? &core->dying : &core->evicted;
}

/* An evicted capability changes its place on the list's behalf. */
static void move_evicted(struct cap_core *core, struct cap_slot *from, struct cap_slot *to)
{
    list_remove(list_of(core, from), from);
    slot_move(core, from, to);
    list_add(list_of(core, to), to);
}

static void stall(struct cap_core *core, struct cap_slot *s)
{
    list_remove(list_of(core, s), s);
    s->flags |= CAP_FLAG_QUARANTINED;
    list_add(&core->stalled, s);
}

void work_resume(struct cap_core *core)
{
    while (core->stalled != NULL) {
        struct cap_slot *s = core->stalled;

        list_remove(&core->stalled, s);
        s->flags &= (uint8_t)~CAP_FLAG_QUARANTINED;
        list_add(list_of(core, s), s);
    }
}

static void go_home(struct cap_core *core, struct cap_slot *s, struct cap_slot *home)
{
    if (home != s) {
        struct cap_slot waiting = {.type = CAP_TYPE_NULL};
        bool occupied = home->type != CAP_TYPE_NULL;

        if (occupied) {
            move_evicted(core, home, &waiting);
        }
        move_evicted(core, s, home);
        if (occupied) {
            move_evicted(core, &waiting, s);
        }
    }
    list_remove(&core->evicted, home);
    home->flags |= CAP_FLAG_HOME;
    list_add(&core->dying, home);
}

static void home_step(struct cap_core *core, struct cap_slot *s, int *budget)
{
    uint64_t count;
    struct cap_slot *home = slots_of(core, s, &count);

    if (home->type == CAP_TYPE_NULL || (home->flags & CAP_FLAG_IN_DELETION)) {
        *budget -= CAP_COST_END;
        go_home(core, s, home);
    } else if (!delete_step(core, home, budget)) {
        stall(core, s);
    }
}

static void empty_step(struct cap_core *core, struct cap_slot *s, int *budget)
{
    uint64_t count;
    struct cap_slot *slots = slots_of(core, s, &count);

    for (uint64_t i = s->container.cursor; i < count; i++) {
        if (slots[i].type != CAP_TYPE_NULL) {
            s->container.cursor = i;
            if (!delete_step(core, &slots[i], budget)) {
                stall(core, s);
            }
            return;
        }
        if (i % 2 == 1 && (*budget -= CAP_COST_SCAN) <= 0) {
            s->container.cursor = i + 1;
            return;
        }
    }
    *budget -= CAP_COST_END;
    list_remove(&core->dying, s);
    slot_finish(core, s);
}

enum cap_progress cap_work_step(struct cap_core *core, int *budget)
{
    while (cap_work_pending(core)) {
        if (*budget <= 0) {
            return CAP_AGAIN;
        }
        if (core->evicted != NULL) {
            home_step(core, core->evicted, budget);
        } else {
            empty_step(core, core->dying, budget);
        }
    }
    return CAP_DONE;
}
