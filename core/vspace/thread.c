/* SPDX-License-Identifier: MIT */
#include <mudskipper/vspace/thread.h>
#include "self_internal.h"

#define STACK_DEFAULT ((uint64_t)1 << 20)
#define STACK_FIRST   (4 * PAGE_SIZE) /* what any thread touches soon */
#define STACK_AROUND  16u             /* pages */
#define GUARD_BYTES   (64u * 1024u)

err_t thread_create(struct thread *t, const char *name, uint64_t stack_bytes, void (*entry)(void *),
                    void *argument)
{
    uint64_t bytes = ((stack_bytes != 0 ? stack_bytes : STACK_DEFAULT) + PAGE_MASK) & ~PAGE_MASK;
    uint64_t first = bytes < STACK_FIRST ? bytes : STACK_FIRST;
    struct vregion_request request = {.kind = VREGION_LAZY,
                                      .fault = VREGION_ZERO,
                                      .rights = CAP_READ | CAP_WRITE,
                                      .bytes = bytes,
                                      .guard_low = GUARD_BYTES,
                                      .around = STACK_AROUND,
                                      .user = t,
                                      .name = "stack"};
    void *stack;
    err_t e = self_place_lazy(&request, &stack);

    if (!err_ok(e)) {
        return e;
    }
    e = self_commit((char *)stack + bytes - first, first);
    if (!err_ok(e)) {
        err_t ignored = self_unmap(stack); /* just placed */

        (void)ignored;
        return e;
    }
    thread_prepare(t, name, stack, bytes, entry, argument);
    t->on_demand = true;
    thread_begin(t);
    return OK;
}

void thread_destroy(struct thread *t)
{
    err_t ignored;

    thread_join(t);
    ignored = self_unmap((void *)t->stack_base); /* thread_create's */
    (void)ignored;
}
