/* SPDX-License-Identifier: MIT */
/* One struct _reent per thread, in memory that the thread library made room for: errno, strtok's and rand's
 * state are per thread without thread-local storage. The first thread uses newlib's own, because exit() does.
 */
#include <mudskipper/libc/backend.h>
#include <reent.h>
#include <string.h>
#include "thread.h"

struct thread {
    struct _reent *reent; /* NULL until the thread first asks */
    struct _reent own;
};

CLAIM(a_threads_structure_fits, sizeof(struct thread) <= LIBC_THREAD_BYTES);

static void *first_thread;

struct _reent *__getreent(void)
{
    struct thread *me = libc_backend_thread_memory();

    if (__builtin_expect(me->reent != NULL, 1)) {
        return me->reent;
    }
    /* The first thread asks before main, so before there is another. */
    if (first_thread == NULL) {
        first_thread = me;
        me->reent = _GLOBAL_REENT;
    } else {
        _REENT_INIT_PTR_ZEROED(&me->own);
        me->reent = &me->own;
    }
    return me->reent;
}

void libc_thread_end(void *memory)
{
    struct thread *me = memory;

    if (me->reent != NULL && me->reent != _GLOBAL_REENT) {
        _reclaim_reent(me->reent);
    }
}
