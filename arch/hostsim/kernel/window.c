/* SPDX-License-Identifier: MIT */
/* Windows: reserved ranges of host addresses, one per address space (vspace.c). They have numbers, and a
 * number has its address, the same in each run:
 *
 *   0x7e90_0000_0000  RAM, then windows 0, 1, 2, ... up to 0x7f00_0000_0000
 *   0x2000_0000_0000  the windows after those, up to 0x5000_0000_0000, which no tool but ThreadSanitizer uses
 *
 * A place the host refuses is replaced by any it offers. A window is reserved once and used again. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "isa.h"
#include "tools.h"

#define UPPER_END   ((uintptr_t)0x7f0000000000)
#define LOWER_BEGIN ((uintptr_t)0x200000000000)
#define LOWER_END   ((uintptr_t)0x500000000000)
#define ALIGNMENT   ((uintptr_t)2 << 20)

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

struct window {
    _Atomic uintptr_t base; /* 0: never reserved. Read by handlers */
    bool used;
    char program[32];
    vaddr_t program_base;
};

static struct window *windows;
static uint32_t windows_count;
static _Atomic uint32_t windows_seen; /* numbers below it may have a base */
static uint64_t window_bytes;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of `used` and of making windows */

static uintptr_t upper_begin(void)
{
    uintptr_t end = sim_ram_end();

    if (end < SIM_PLACES || end > UPPER_END) { /* the host wanted RAM elsewhere */
        return end < SIM_PLACES ? SIM_PLACES : UPPER_END;
    }
    return (end + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
}

/* The host address a number stands for, or 0. */
static uintptr_t place(uint32_t number)
{
    uint32_t upper = (uint32_t)((UPPER_END - upper_begin()) / window_bytes);

    if (number < upper) {
        return upper_begin() + number * window_bytes;
    }
    number -= upper;
    if (!TOOL_TSAN && number < (LOWER_END - LOWER_BEGIN) / window_bytes) {
        return LOWER_BEGIN + number * window_bytes;
    }
    return 0;
}

/* To Valgrind a window is one stack: where the stack pointer moves up in it, memory ends to be usable. A
 * program that switches between stacks in its window moves the pointer to the gate and back, from stack to
 * stack. */
bool sim_windows_create(uint64_t bytes)
{
    VALGRIND_STACK_REGISTER(isa_gate, isa_gate + 1);
    window_bytes = bytes;
    windows_count = (uint32_t)(((uintptr_t)1 << 46) / bytes);
    windows = mmap(NULL, windows_count * sizeof(windows[0]), PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (windows == MAP_FAILED) {
        windows = NULL;
    }
    return windows != NULL;
}

UNINSTRUMENTED bool sim_in_window(vaddr_t address)
{
    uint32_t seen = atomic_load_explicit(&windows_seen, memory_order_acquire);

    for (uint32_t i = 0; i < seen; i++) {
        uintptr_t base = atomic_load_explicit(&windows[i].base, memory_order_relaxed);

        if (base != 0 && address - base < window_bytes) {
            return true;
        }
    }
    return false;
}

/* Valgrind comments on every change of more than 256 MiB: there, large ranges go in pieces. */
static uint64_t piece(uint64_t left)
{
    uint64_t most = RUNNING_ON_VALGRIND != 0 ? (uint64_t)256 << 20 : UINT64_MAX;

    return left < most ? left : most;
}

static void unmap(uintptr_t at, uint64_t bytes)
{
    for (uint64_t part; bytes > 0; at += part, bytes -= part) {
        part = piece(bytes);
        munmap((void *)at, part);
    }
}

/* Nothing, where accesses fault, at exactly this place. Programs may touch it: the answer is a fault, not a
 * tool's report. False: the host refuses, and nothing has changed. */
static bool map_nothing(uintptr_t wish, uint64_t bytes, int fixed)
{
    for (uint64_t done = 0, part; done < bytes; done += part) {
        void *at;

        part = piece(bytes - done);
        at = mmap((void *)(wish + done), part, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | fixed,
                  -1, 0);
        if (at != (void *)(wish + done)) {
            if (at != MAP_FAILED) {
                unmap((uintptr_t)at, part); /* a host that does not know MAP_FIXED_NOREPLACE */
            }
            unmap(wish, done);
            return false;
        }
        VALGRIND_MAKE_MEM_DEFINED(at, part);
    }
    return true;
}

/* Somewhere; 0: nowhere. */
static uintptr_t any_place(void)
{
    uint64_t bytes = window_bytes + ALIGNMENT;
    void *at = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    uintptr_t base = ((uintptr_t)at + ALIGNMENT - 1) & ~(ALIGNMENT - 1);

    if (at == MAP_FAILED) {
        return 0;
    }
    unmap((uintptr_t)at, bytes);
    return map_nothing(base, window_bytes, MAP_FIXED_NOREPLACE) ? base : 0;
}

static bool make(uint32_t number)
{
    uintptr_t base = place(number);

    if (base == 0 || !map_nothing(base, window_bytes, MAP_FIXED_NOREPLACE)) {
        base = any_place();
        if (base == 0) {
            return false;
        }
    }
    VALGRIND_STACK_REGISTER(base, base + window_bytes);
    atomic_store_explicit(&windows[number].base, base, memory_order_relaxed);
    if (number >= windows_seen) {
        atomic_store_explicit(&windows_seen, number + 1, memory_order_release);
    }
    return true;
}

void sim_windows_destroy(void)
{
    if (windows == NULL) {
        return;
    }
    for (uint32_t i = 0; i < windows_seen; i++) {
        if (windows[i].base != 0) {
            unmap(windows[i].base, window_bytes);
        }
    }
    munmap(windows, windows_count * sizeof(windows[0]));
    windows = NULL;
    windows_seen = 0;
}

/* The lowest free number, so that numbers depend on nothing but the order of births and deaths. */
bool sim_window_take(uint32_t *number, vaddr_t *base)
{
    bool found = false;

    pthread_mutex_lock(&lock);
    for (uint32_t i = 0; i < windows_count && !found; i++) {
        if (!windows[i].used) {
            if (windows[i].base == 0 && !make(i)) {
                break;
            }
            windows[i].used = true;
            *number = i;
            *base = windows[i].base;
            found = true;
        }
    }
    pthread_mutex_unlock(&lock);
    return found;
}

void sim_window_give_back(uint32_t number)
{
    pthread_mutex_lock(&lock);
    windows[number].program[0] = '\0';
    windows[number].used = false;
    pthread_mutex_unlock(&lock);
}

uint64_t sim_window_bytes(void)
{
    return window_bytes;
}

bool sim_window_clear(vaddr_t va, uint64_t bytes)
{
    return map_nothing(va, bytes, MAP_FIXED);
}

/* Valgrind keeps translated code by address, and does not see what is written through another mapping. */
void hal_sync_code(paddr_t address, uint64_t bytes)
{
    (void)address;
    (void)bytes;
    if (RUNNING_ON_VALGRIND != 0) {
        for (uint32_t i = 0; i < windows_seen; i++) {
            VALGRIND_DISCARD_TRANSLATIONS(windows[i].base, window_bytes);
        }
    }
}

static int places_fd = -1;

bool sim_places_open(const char *file)
{
    places_fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    return places_fd >= 0;
}

void sim_places_close(void)
{
    if (places_fd >= 0) {
        close(places_fd);
        places_fd = -1;
    }
}

/* The clock is the one that perf can be told to use: record -k CLOCK_MONOTONIC. */
static void tell_place(const char *name, vaddr_t base, uint64_t bytes)
{
    struct timespec now;
    char line[128];
    int length;

    clock_gettime(CLOCK_MONOTONIC, &now);
    length = snprintf(line, sizeof(line), "%ld.%09ld %lx %lx %s\n", (long)now.tv_sec, now.tv_nsec, base,
                      bytes, name);
    (void)!write(places_fd, line, (size_t)length);
}

/* Debuggers break here: `break hal_note_program`, then add-symbol-file NAME -o BASE. */
__attribute__((noinline)) void hal_note_program(const char *name, vaddr_t base, uint64_t bytes)
{
    if (places_fd >= 0) {
        tell_place(name, base, bytes);
    }
    for (uint32_t i = 0; i < windows_seen; i++) {
        if (base - windows[i].base < window_bytes) {
            strncpy(windows[i].program, name, sizeof(windows[i].program) - 1);
            windows[i].program_base = base;
        }
    }
}

UNINSTRUMENTED const char *sim_program_at(vaddr_t pc, vaddr_t *base)
{
    for (uint32_t i = 0; i < windows_seen; i++) {
        if (pc - windows[i].base < window_bytes && windows[i].program[0] != '\0') {
            *base = windows[i].program_base;
            return windows[i].program;
        }
    }
    return NULL;
}

bool sim_program_was_loaded(const char *name, size_t length)
{
    bool found = false;

    for (uint32_t i = 0; i < windows_seen && !found; i++) {
        found = strlen(windows[i].program) == length && strncmp(windows[i].program, name, length) == 0;
    }
    return found;
}
