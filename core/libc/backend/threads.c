/* SPDX-License-Identifier: MIT */
/* The backend's threads, time and identity: those of core/rt. */
#include <mudskipper/libc/backend.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/thread.h>

nanos_t libc_backend_now(void)
{
    return rt_now();
}

/* No clock tells the date. */
nanos_t libc_backend_date(void)
{
    return rt_now();
}

err_t libc_backend_sleep_until(nanos_t deadline)
{
    thread_sleep_until(deadline);
    return OK;
}

_Noreturn void libc_backend_exit(int code)
{
    rt_exit((uint32_t)code);
}

uint32_t libc_backend_process(void)
{
    return rt_self()->process;
}

void *libc_backend_thread_memory(void)
{
    return thread_self()->libc;
}

static void (*end_of_thread)(void *memory);

static void at_end(struct thread *thread)
{
    end_of_thread(thread->libc);
}

void libc_backend_at_thread_end(void (*end)(void *memory))
{
    end_of_thread = end;
    thread_at_end(at_end);
}

CLAIM(a_mutex_fits_what_the_library_reserves, sizeof(struct mutex) <= sizeof(struct libc_mutex));
CLAIM(and_is_aligned, _Alignof(struct mutex) <= _Alignof(struct libc_mutex));

void libc_backend_lock(struct libc_mutex *mutex)
{
    mutex_lock((struct mutex *)(void *)mutex->word);
}

bool libc_backend_try_lock(struct libc_mutex *mutex)
{
    return mutex_try_lock((struct mutex *)(void *)mutex->word);
}

void libc_backend_unlock(struct libc_mutex *mutex)
{
    mutex_unlock((struct mutex *)(void *)mutex->word);
}
