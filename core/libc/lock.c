/* SPDX-License-Identifier: MIT */
/* newlib's locks: a few static ones and one per stream. */
#include <mudskipper/libc/backend.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/lock.h>
#include "lock.h"

struct __lock __lock___sinit_recursive_mutex;
struct __lock __lock___sfp_recursive_mutex;
struct __lock __lock___atexit_recursive_mutex;
struct __lock __lock___at_quick_exit_mutex;
struct __lock __lock___malloc_recursive_mutex;
struct __lock __lock___env_recursive_mutex;
struct __lock __lock___tz_mutex;
struct __lock __lock___dd_hash_mutex;
struct __lock __lock___arc4random_mutex;

/* Streams for which there was no memory for a lock share this one: slower, as correct. */
static struct __lock common;

void __retarget_lock_init_recursive(_LOCK_T *lock)
{
    struct __lock *fresh = calloc(1, sizeof(*fresh));

    *lock = fresh != NULL ? fresh : &common;
}

void __retarget_lock_close_recursive(_LOCK_T lock)
{
    if (lock != &common) {
        free(lock);
    }
}

/* Only the owner ever finds its own identity there, so that the order of other threads' writes does not
 * matter. */
static bool mine(struct __lock *lock)
{
    return atomic_load_explicit(&lock->owner, memory_order_relaxed) ==
           (uintptr_t)libc_backend_thread_memory();
}

static void own(struct __lock *lock)
{
    atomic_store_explicit(&lock->owner, (uintptr_t)libc_backend_thread_memory(), memory_order_relaxed);
    lock->depth = 1;
}

void __retarget_lock_acquire_recursive(_LOCK_T lock)
{
    if (mine(lock)) {
        lock->depth++;
        return;
    }
    libc_backend_lock(&lock->mutex);
    own(lock);
}

int __retarget_lock_try_acquire_recursive(_LOCK_T lock)
{
    if (mine(lock)) {
        lock->depth++;
        return 1;
    }
    if (!libc_backend_try_lock(&lock->mutex)) {
        return 0;
    }
    own(lock);
    return 1;
}

void __retarget_lock_release_recursive(_LOCK_T lock)
{
    if (--lock->depth == 0) {
        atomic_store_explicit(&lock->owner, 0, memory_order_relaxed);
        libc_backend_unlock(&lock->mutex);
    }
}

/* A lock that nobody takes twice behaves the same when it could be. */
void __retarget_lock_init(_LOCK_T *lock)
{
    __retarget_lock_init_recursive(lock);
}

void __retarget_lock_close(_LOCK_T lock)
{
    __retarget_lock_close_recursive(lock);
}

void __retarget_lock_acquire(_LOCK_T lock)
{
    __retarget_lock_acquire_recursive(lock);
}

int __retarget_lock_try_acquire(_LOCK_T lock)
{
    return __retarget_lock_try_acquire_recursive(lock);
}

void __retarget_lock_release(_LOCK_T lock)
{
    __retarget_lock_release_recursive(lock);
}
