/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <reent.h>
#include <string.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>
#include <mudskipper/libc/backend.h>
#include "error.h"

#define NANOS_PER_SECOND 1000000000u

static struct timespec to_timespec(nanos_t nanos)
{
    return (struct timespec){.tv_sec = (time_t)(nanos / NANOS_PER_SECOND),
                             .tv_nsec = (long)(nanos % NANOS_PER_SECOND)};
}

int _gettimeofday_r(struct _reent *reent, struct timeval *time, void *zone)
{
    struct timespec now = to_timespec(libc_backend_date());

    (void)reent;
    (void)zone;
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}

/* Processor time is not told to programs yet, so clock() counts the time that passed. */
clock_t _times_r(struct _reent *reent, struct tms *times)
{
    clock_t ticks = (clock_t)(libc_backend_now() / (NANOS_PER_SECOND / CLOCKS_PER_SEC));

    (void)reent;
    memset(times, 0, sizeof(*times));
    times->tms_utime = ticks;
    return ticks;
}

static int fail(int error)
{
    errno = error;
    return -1;
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) {
        return fail(EINVAL);
    }
    *time = to_timespec(clock == CLOCK_MONOTONIC ? libc_backend_now() : libc_backend_date());
    return 0;
}

int clock_getres(clockid_t clock, struct timespec *resolution)
{
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) {
        return fail(EINVAL);
    }
    if (resolution != NULL) {
        *resolution = to_timespec(1);
    }
    return 0;
}

int clock_settime(clockid_t clock, const struct timespec *time)
{
    (void)time;
    return fail(clock == CLOCK_REALTIME ? EPERM : EINVAL);
}

/* A deadline so far away that it never comes stays one. */
static nanos_t deadline_after(nanos_t now, const struct timespec *delay)
{
    nanos_t nanos;

    if (__builtin_mul_overflow((nanos_t)delay->tv_sec, (nanos_t)NANOS_PER_SECOND, &nanos) ||
        __builtin_add_overflow(nanos, (nanos_t)delay->tv_nsec, &nanos) ||
        __builtin_add_overflow(nanos, now, &nanos)) {
        return NANOS_NEVER;
    }
    return nanos;
}

int nanosleep(const struct timespec *delay, struct timespec *left)
{
    if (delay->tv_sec < 0 || delay->tv_nsec < 0 || delay->tv_nsec >= (long)NANOS_PER_SECOND) {
        return fail(EINVAL);
    }
    nanos_t deadline = deadline_after(libc_backend_now(), delay);
    err_t e = libc_backend_sleep_until(deadline);

    if (err_ok(e)) {
        return 0;
    }
    nanos_t now = libc_backend_now();

    if (left != NULL) {
        *left = to_timespec(now < deadline ? deadline - now : 0);
    }
    return fail(libc_errno(e));
}

unsigned sleep(unsigned seconds)
{
    struct timespec delay = {.tv_sec = (time_t)seconds};
    struct timespec left;

    return nanosleep(&delay, &left) == 0 ? 0 : (unsigned)left.tv_sec;
}

int usleep(useconds_t micros)
{
    struct timespec delay = {.tv_sec = (time_t)(micros / 1000000),
                             .tv_nsec = (long)(micros % 1000000) * 1000};

    return nanosleep(&delay, NULL);
}
