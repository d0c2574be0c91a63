/* SPDX-License-Identifier: MIT */
/* newlib's `struct __lock`: recursive, all zero is unlocked. */
#ifndef CORE_LIBC_LOCK_H
#define CORE_LIBC_LOCK_H

#include <mudskipper/libc/backend.h>
#include <stdatomic.h>

struct __lock {
    struct libc_mutex mutex;
    _Atomic uintptr_t owner; /* identity of the thread that holds it, or 0 */
    unsigned depth;          /* by the owner */
};

#endif
