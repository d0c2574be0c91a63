/* SPDX-License-Identifier: MIT */
/* What a test may change in the backend. */
#ifndef TESTS_LIBC_HOST_BACKEND_BACKEND_H
#define TESTS_LIBC_HOST_BACKEND_BACKEND_H

#define TEST_THREADS 4

/* Which thread the C library believes to run: 0 .. TEST_THREADS - 1. */
extern unsigned test_thread;

/* What the C library wants called, with a thread's memory, when it ends. */
extern void (*test_thread_end)(void *memory);

#endif
