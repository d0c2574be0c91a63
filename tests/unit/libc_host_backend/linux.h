/* SPDX-License-Identifier: MIT */
/* Linux as the test's machine, without the host's C library. One file per processor implements it and _start.
 */
#ifndef TESTS_LIBC_HOST_BACKEND_LINUX_H
#define TESTS_LIBC_HOST_BACKEND_LINUX_H

#include <stdint.h>

enum linux_call { LINUX_READ, LINUX_WRITE, LINUX_MMAP, LINUX_EXIT, LINUX_CLOCK_GETTIME };

/* The raw system call: a result, or -errno by Linux's numbers. */
long linux_call(enum linux_call number, long a, long b, long c, long d, long e, long f);

/* Called by _start with the address of argc on the initial stack. */
_Noreturn void linux_start(const uint64_t *stack);

#endif
