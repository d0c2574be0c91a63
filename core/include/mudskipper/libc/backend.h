/* SPDX-License-Identifier: MIT */
/* What the C library asks of the run-time below it. core/libc/backend implements it by topic (streams, files,
 * heap, threads with time and identity); where there are two ways, two files do, and the build chooses one.
 * Tests bring their own.
 *
 * Nothing here sets errno: failures are an err_t, which core/libc translates. Unless it says so, a function
 * neither blocks nor calls back into the C library. */
#ifndef MUDSKIPPER_LIBC_BACKEND_H
#define MUDSKIPPER_LIBC_BACKEND_H

#include <mudskipper/abi/error.h>

/* Standard streams: 0 input, 1 output, 2 errors. */
enum libc_stream { LIBC_STDIN = 0, LIBC_STDOUT = 1, LIBC_STDERR = 2, LIBC_STREAMS };

/* Reads at most `bytes` into `to`; blocks until there is at least one; *done = 0 is the end of the input. */
MUST_USE err_t libc_backend_read(enum libc_stream from, void *to, size_t bytes, size_t *done);

/* Writes; may block. *done <= bytes, and > 0 when it succeeds with bytes > 0. */
MUST_USE err_t libc_backend_write(enum libc_stream to, const void *from, size_t bytes, size_t *done);

/* Whether a person reads along, so that output goes out line by line. */
bool libc_backend_is_terminal(enum libc_stream stream);

/* Looks up a read-only file by name; it does not change while the process lives. Both block. Errors:
 * ERR_NOT_FOUND. */
MUST_USE err_t libc_backend_find_file(const char *path, size_t *length);
/* Up to `bytes` of it from `offset` on; *done = 0 is its end. Calls malloc. */
MUST_USE err_t libc_backend_read_file(const char *path, size_t offset, void *to, size_t bytes, size_t *done);

/* Blocks, for the malloc family (backend/heap.c), which is the backend's, too: where it does not define that,
 * newlib's is taken, over an _sbrk_r of the backend. `alignment` is a power of two. NULL: there is no memory.
 * `block` of the last three may not be NULL; resizing moves it and leaves it as it is on NULL. */
void *libc_backend_allocate(size_t alignment, size_t bytes, bool zero);
void *libc_backend_resize(void *block, size_t bytes);
void libc_backend_release(void *block);
size_t libc_backend_usable(void *block);

/* Monotonic time, and nanoseconds since 1970 (or since the machine started where no clock tells the date). */
nanos_t libc_backend_now(void);
nanos_t libc_backend_date(void);

/* Blocks the calling thread only. Errors: ERR_CANCELLED when something else woke it. */
MUST_USE err_t libc_backend_sleep_until(nanos_t deadline);

_Noreturn void libc_backend_exit(int code);

/* The number of this process, for people. */
uint32_t libc_backend_process(void);

/* Memory of the C library that belongs to the calling thread: LIBC_THREAD_BYTES, 16-byte aligned, all zero
 * when the thread starts, gone when it has ended. Its address is the thread's identity. Never fails: who
 * creates threads makes room for it. Async-signal-style callers (fault handlers) see the memory of the thread
 * they interrupted. */
#define LIBC_THREAD_BYTES 1536u
void *libc_backend_thread_memory(void);

/* `end` is called by each thread but the first, with its memory, when it ends. Called once, before main. */
void libc_backend_at_thread_end(void (*end)(void *memory));

/* A lock between threads of this process. All zero is an unlocked one; there is nothing to destroy. Locking
 * blocks the calling thread; it is not recursive and is unlocked by its owner. */
struct libc_mutex {
    uintptr_t word[4];
};
void libc_backend_lock(struct libc_mutex *mutex);
bool libc_backend_try_lock(struct libc_mutex *mutex);
void libc_backend_unlock(struct libc_mutex *mutex);

#endif
