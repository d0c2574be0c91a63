/* SPDX-License-Identifier: MIT */
/* What a fault means, and what is mapped from the start. */
#include <mudskipper/abi/layout.h>
#include <mudskipper/rt/fault.h>
#include <mudskipper/rt/memory.h>
#include <mudskipper/rt/slot.h>
#include "self_internal.h"

#define GUARD_BYTES  (64u * 1024u)
#define STACK_AROUND 16u /* pages */

CLAIM(accesses_are_the_rights_they_need, (unsigned)ACCESS_READ == CAP_READ &&
                                             (unsigned)ACCESS_WRITE == CAP_WRITE &&
                                             (unsigned)ACCESS_EXECUTE == CAP_EXECUTE);

/* ---- faults ---- */

/* Locked. In the body of a region, by an access that its rights allow. */
static bool answer_body(struct thread *t, struct vregion *r, vaddr_t address)
{
    switch (r->fault) {
    case VREGION_PEER:
        return self_shared_fault(r, address);
    case VREGION_ZERO:
        if (err_ok(self_lazy_fault(r, address))) {
            return true;
        }
        t->fault_why = FAULT_WHY_NO_MEMORY;
        return false;
    default:
        return false;
    }
}

static bool answer(struct thread *t, const struct fault_record *fault, struct save_area *save)
{
    struct vregion *r;
    bool answered = false;

    (void)save;
    if (fault->kind != FAULT_MEMORY) {
        return false;
    }
    self_lock();
    switch (vregion_at(&self_all, fault->address, &r)) {
    case VREGION_BODY:
        answered = (fault->access & ~r->rights) == 0 && answer_body(t, r, fault->address);
        break;
    case VREGION_GUARD_LOW:
        t->fault_why = r->user == t ? FAULT_WHY_STACK : FAULT_WHY_GUARD;
        break;
    case VREGION_GUARD_HIGH:
        t->fault_why = FAULT_WHY_GUARD;
        break;
    default:
        break;
    }
    self_unlock();
    return answered;
}

/* ---- what is there from the start ---- */

static struct vregion *known(enum vregion_kind kind, const char *name, vaddr_t base, uint64_t bytes,
                             unsigned rights)
{
    struct vregion *r = NULL;
    err_t e = vregion_place(&self_all, NULL,
                            &(struct vregion_request){.kind = kind,
                                                      .rights = rights,
                                                      .fixed = true,
                                                      .base = base,
                                                      .bytes = (bytes + PAGE_MASK) & ~PAGE_MASK,
                                                      .name = name},
                            &r);

    if (err_ok(e)) {
        vregion_count(r, (int64_t)r->bytes);
    }
    return r;
}

/* A stack that is all there is as it is; its guard is whatever lies below. */
static void know_stack(const struct start_block *start, struct thread *first)
{
    struct vregion_request request = {.kind = VREGION_LAZY,
                                      .fault = VREGION_ZERO,
                                      .rights = CAP_READ | CAP_WRITE,
                                      .fixed = true,
                                      .base = start->stack_top - start->stack_limit,
                                      .bytes = start->stack_limit,
                                      .guard_low = GUARD_BYTES,
                                      .around = STACK_AROUND,
                                      .user = first,
                                      .name = "stack"};
    struct vregion *r;

    if (start->stack_limit <= start->stack_size) {
        request.fault = VREGION_FATAL;
        request.base = start->stack_top - start->stack_size;
        request.bytes = start->stack_size;
    }
    if (!err_ok(vregion_place(&self_all, NULL, &request, &r))) {
        return; /* a start block that makes no sense */
    }
    if (request.fault == VREGION_FATAL) {
        vregion_count(r, (int64_t)r->bytes);
        return;
    }
    self_is_there(r, start->stack_top - start->stack_size, start->stack_size);
    first->stack_base = r->base;
    first->stack_bytes = r->bytes;
    first->on_demand = true;
}

void rt_memory_start(const struct start_block *start, struct thread *first)
{
    static _Alignas(PAGE_SIZE) unsigned char memory[PAGE_SIZE];

    if (!err_ok(
            self_regions_init(start->vspace_base, start->vspace_size & ~PAGE_MASK, memory, sizeof(memory)))) {
        return; /* nothing is known: every fault is fatal */
    }
    (void)known(VREGION_IMAGE, "image", start->image, start->image_size, CAP_READ | CAP_EXECUTE);
    know_stack(start, first);
    (void)known(VREGION_FRAME, "start block", start->vspace_base + LAYOUT_START, start->bytes, CAP_READ);
    (void)known(VREGION_FRAME, "user part", start->dispatcher_user, sizeof(struct dispatcher_user),
                CAP_READ | CAP_WRITE);
    self_tell(start->dispatcher_user);
    slot_on_few(self_more_slots);
    rt_set_pager(answer, self_mutex());
}
