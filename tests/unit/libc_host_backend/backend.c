/* SPDX-License-Identifier: MIT */
/* A backend of the C library over Linux system calls, for tests of core/libc and its conformance program
 * before and without a kernel. A lazy heap, threads that only the test switches, and one file: "/test/lines".
 */
#include <errno.h>
#include <reent.h>
#include <mudskipper/libc/backend.h>
#include <mudskipper/libc/start.h>
#include "backend.h"
#include "linux.h"
#include "relocate.h"

#define HEAP_BYTES ((size_t)1 << 30)

enum { PROT_READ = 1, PROT_WRITE = 2, MAP_PRIVATE = 2, MAP_ANONYMOUS = 0x20, MAP_NORESERVE = 0x4000 };
enum { CLOCK_REALTIME = 0, CLOCK_MONOTONIC = 1 };

static char *heap;
static size_t heap_used;

static err_t transfer(enum linux_call call, int descriptor, long buffer, size_t bytes, size_t *done)
{
    long result = linux_call(call, descriptor, buffer, (long)bytes, 0, 0, 0);

    *done = result > 0 ? (size_t)result : 0;
    return result >= 0 ? OK : err_make(ERR_IO, (uint64_t)-result);
}

err_t libc_backend_read(enum libc_stream from, void *to, size_t bytes, size_t *done)
{
    return transfer(LINUX_READ, (int)from, (long)to, bytes, done);
}

err_t libc_backend_write(enum libc_stream to, const void *from, size_t bytes, size_t *done)
{
    return transfer(LINUX_WRITE, (int)to, (long)from, bytes, done);
}

bool libc_backend_is_terminal(enum libc_stream stream)
{
    (void)stream;
    return false;
}

static bool equal(const char *a, const char *b)
{
    while (*a == *b && *a != '\0') {
        a++;
        b++;
    }
    return *a == *b;
}

static const char lines[] = "first line\nsecond line\nthird line without an end";

err_t libc_backend_find_file(const char *path, size_t *length)
{
    if (!equal(path, "/test/lines")) {
        return err_make(ERR_NOT_FOUND, 0);
    }
    *length = sizeof(lines) - 1;
    return OK;
}

/* At most seven at once: who wants more asks again. */
err_t libc_backend_read_file(const char *path, size_t offset, void *to, size_t bytes, size_t *done)
{
    (void)path;
    for (*done = 0; *done < bytes && *done < 7 && offset + *done < sizeof(lines) - 1; ++*done) {
        ((char *)to)[*done] = lines[offset + *done];
    }
    return OK;
}

static void *heap_move(ptrdiff_t bytes)
{
    if (heap == NULL) {
        long at = linux_call(LINUX_MMAP, 0, (long)HEAP_BYTES, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (at < 0) {
            return NULL;
        }
        heap = (char *)at;
    }
    size_t before = heap_used;

    if (bytes < 0 ? (size_t)-bytes > heap_used : (size_t)bytes > HEAP_BYTES - heap_used) {
        return NULL;
    }
    heap_used = before + (size_t)bytes;
    for (size_t i = heap_used; i < before; i++) {
        heap[i] = 0;
    }
    return heap + before;
}

/* newlib's malloc calls it with its lock held. */
void *_sbrk_r(struct _reent *reent, ptrdiff_t bytes)
{
    void *before = heap_move(bytes);

    if (before == NULL) {
        reent->_errno = ENOMEM;
        return (void *)-1;
    }
    return before;
}

static nanos_t clock_value(int clock)
{
    struct {
        int64_t seconds;
        int64_t nanos;
    } time = {0, 0};

    linux_call(LINUX_CLOCK_GETTIME, clock, (long)&time, 0, 0, 0, 0);
    return (nanos_t)time.seconds * 1000000000u + (nanos_t)time.nanos;
}

nanos_t libc_backend_now(void)
{
    return clock_value(CLOCK_MONOTONIC);
}

nanos_t libc_backend_date(void)
{
    return clock_value(CLOCK_REALTIME);
}

err_t libc_backend_sleep_until(nanos_t deadline)
{
    while (libc_backend_now() < deadline) {
    }
    return OK;
}

_Noreturn void libc_backend_exit(int code)
{
    for (;;) {
        linux_call(LINUX_EXIT, code, 0, 0, 0, 0, 0);
    }
}

uint32_t libc_backend_process(void)
{
    return 7;
}

unsigned test_thread;
void (*test_thread_end)(void *memory);

void *libc_backend_thread_memory(void)
{
    static _Alignas(16) char memory[TEST_THREADS][LIBC_THREAD_BYTES];

    return memory[test_thread];
}

void libc_backend_at_thread_end(void (*end)(void *memory))
{
    test_thread_end = end;
}

void libc_backend_lock(struct libc_mutex *mutex)
{
    if (mutex->word[0]++ != 0) {
        __builtin_trap(); /* nobody runs who could unlock it */
    }
}

bool libc_backend_try_lock(struct libc_mutex *mutex)
{
    if (mutex->word[0] != 0) {
        return false;
    }
    mutex->word[0] = 1;
    return true;
}

void libc_backend_unlock(struct libc_mutex *mutex)
{
    if (--mutex->word[0] != 0) {
        __builtin_trap();
    }
}

/* Makes a start block out of Linux's initial stack: argc, argv, NULL. The environment is one variable of
 * ours, so that output does not depend on the tester's. */
static uint64_t block_memory[8192 / sizeof(uint64_t)];

static uint32_t append(uint32_t at, const char *string)
{
    char *to = (char *)block_memory + at;

    while ((*to++ = *string++) != '\0') {
        at++;
    }
    return at + 1;
}

_Noreturn void linux_start(const uint64_t *stack)
{
    relocate();

    struct start_block *block = (struct start_block *)block_memory;
    uint32_t argc = stack[0] < 64 ? (uint32_t)stack[0] : 64;
    uint32_t *offsets = (uint32_t *)(block + 1);
    uint32_t at = (uint32_t)sizeof(*block) + (argc + 1) * 4;

    block->magic = START_MAGIC;
    block->argc = argc;
    block->argv = sizeof(*block);
    block->envc = 1;
    block->envp = (uint32_t)sizeof(*block) + argc * 4;
    for (uint32_t i = 0; i < argc; i++) {
        offsets[i] = at;
        at = append(at, i == 0 ? "program" : (const char *)stack[1 + i]);
    }
    offsets[argc] = at;
    block->bytes = append(at, "WORLD=test");
    libc_backend_exit((int)rt_main(block));
}
