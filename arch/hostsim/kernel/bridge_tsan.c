/* SPDX-License-Identifier: MIT */
/* ThreadSanitizer's hooks for programs. Calls of functions are not followed in programs (their threads switch
 * stacks as they like), so a report names the place of an access and not its callers. */
#include <sanitizer/tsan_interface_atomic.h>
#include "bridge.h"
#include "isa.h"
#include "tools.h"

void __tsan_read1_pc(void *at, void *pc);
void __tsan_read2_pc(void *at, void *pc);
void __tsan_read4_pc(void *at, void *pc);
void __tsan_read8_pc(void *at, void *pc);
void __tsan_read16_pc(void *at, void *pc);
void __tsan_write1_pc(void *at, void *pc);
void __tsan_write2_pc(void *at, void *pc);
void __tsan_write4_pc(void *at, void *pc);
void __tsan_write8_pc(void *at, void *pc);
void __tsan_write16_pc(void *at, void *pc);
void __tsan_read_range_pc(void *at, unsigned long bytes, void *pc);
void __tsan_write_range_pc(void *at, unsigned long bytes, void *pc);
void __tsan_func_entry(void *pc);
void __tsan_func_exit(void);

#define HOOK(name)                                                                                           \
    static UNINSTRUMENTED struct bridge_answer name(uint64_t a, uint64_t b, uint64_t c, uint64_t d,          \
                                                    uint64_t e, uintptr_t pc)
#define UNUSED_ARGUMENTS ((void)a, (void)b, (void)c, (void)d, (void)e, (void)pc)

/* ---- plain accesses ---- */

#define ACCESS_HOOK(name, kind)                                                                              \
    HOOK(on_##name)                                                                                          \
    {                                                                                                        \
        uintptr_t at = bridge_address(a);                                                                    \
                                                                                                             \
        UNUSED_ARGUMENTS;                                                                                    \
        if (at == 0) {                                                                                       \
            return bridge_missing(a, kind);                                                                  \
        }                                                                                                    \
        __tsan_##name##_pc((void *)at, (void *)pc);                                                          \
        return BRIDGE_GO_ON;                                                                                 \
    }

ACCESS_HOOK(read1, ACCESS_READ)
ACCESS_HOOK(read2, ACCESS_READ)
ACCESS_HOOK(read4, ACCESS_READ)
ACCESS_HOOK(read8, ACCESS_READ)
ACCESS_HOOK(read16, ACCESS_READ)
ACCESS_HOOK(write1, ACCESS_WRITE)
ACCESS_HOOK(write2, ACCESS_WRITE)
ACCESS_HOOK(write4, ACCESS_WRITE)
ACCESS_HOOK(write8, ACCESS_WRITE)
ACCESS_HOOK(write16, ACCESS_WRITE)

typedef void range_t(void *at, unsigned long bytes, void *pc);

/* Pages that follow each other in a window may lie anywhere in RAM. */
static UNINSTRUMENTED struct bridge_answer range(vaddr_t at, uint64_t bytes, uintptr_t pc, range_t *note,
                                                 uint32_t access)
{
    while (bytes > 0) {
        uint64_t left = PAGE_SIZE - (at & PAGE_MASK);
        uint64_t now = bytes < left ? bytes : left;
        uintptr_t there = bridge_address(at);

        if (there == 0) {
            return bridge_missing(at, access);
        }
        note((void *)there, now, (void *)pc);
        at += now;
        bytes -= now;
    }
    return BRIDGE_GO_ON;
}

#define UNALIGNED_HOOK(name, size, kind)                                                                     \
    HOOK(on_unaligned_##name##size)                                                                          \
    {                                                                                                        \
        UNUSED_ARGUMENTS;                                                                                    \
        return range(a, size, pc, __tsan_##name##_range_pc, kind);                                           \
    }

UNALIGNED_HOOK(read, 1, ACCESS_READ)
UNALIGNED_HOOK(read, 2, ACCESS_READ)
UNALIGNED_HOOK(read, 4, ACCESS_READ)
UNALIGNED_HOOK(read, 8, ACCESS_READ)
UNALIGNED_HOOK(read, 16, ACCESS_READ)
UNALIGNED_HOOK(write, 1, ACCESS_WRITE)
UNALIGNED_HOOK(write, 2, ACCESS_WRITE)
UNALIGNED_HOOK(write, 4, ACCESS_WRITE)
UNALIGNED_HOOK(write, 8, ACCESS_WRITE)
UNALIGNED_HOOK(write, 16, ACCESS_WRITE)

/* ---- atomics: the run-time does the access, at the kernel's address. The thunk has touched the program's;
 * when the page has gone since, it does so again. ---- */

#define ATOMIC_HOOK(name, ...)                                                                               \
    HOOK(on_##name)                                                                                          \
    {                                                                                                        \
        uintptr_t at = bridge_address(a);                                                                    \
        struct bridge_answer answer = {0, BRIDGE_VERDICT_GO_ON};                                             \
                                                                                                             \
        UNUSED_ARGUMENTS;                                                                                    \
        if (at == 0) {                                                                                       \
            return (struct bridge_answer){0, BRIDGE_VERDICT_AGAIN};                                          \
        }                                                                                                    \
        __tsan_func_entry((void *)pc);                                                                       \
        __VA_ARGS__;                                                                                         \
        __tsan_func_exit();                                                                                  \
        return answer;                                                                                       \
    }

#define ORDER(word) ((__tsan_memory_order)(uint32_t)(word))

#define CHANGE_HOOK(bits, name)                                                                              \
    ATOMIC_HOOK(atomic##bits##_##name, answer.value = (uint##bits##_t)__tsan_atomic##bits##_##name(          \
                                           (__tsan_atomic##bits *)at, (__tsan_atomic##bits)b, ORDER(c)))

#define ATOMIC_HOOKS(bits)                                                                                   \
    ATOMIC_HOOK(atomic##bits##_load, answer.value = (uint##bits##_t)__tsan_atomic##bits##_load(              \
                                         (__tsan_atomic##bits *)at, ORDER(b)))                               \
    ATOMIC_HOOK(atomic##bits##_store,                                                                        \
                __tsan_atomic##bits##_store((__tsan_atomic##bits *)at, (__tsan_atomic##bits)b, ORDER(c)))    \
    CHANGE_HOOK(bits, exchange)                                                                              \
    CHANGE_HOOK(bits, fetch_add)                                                                             \
    CHANGE_HOOK(bits, fetch_sub)                                                                             \
    CHANGE_HOOK(bits, fetch_and)                                                                             \
    CHANGE_HOOK(bits, fetch_or)                                                                              \
    CHANGE_HOOK(bits, fetch_xor)                                                                             \
    CHANGE_HOOK(bits, fetch_nand)                                                                            \
    ATOMIC_HOOK(                                                                                             \
        atomic##bits##_compare_exchange_val,                                                                 \
        answer.value = (uint##bits##_t)__tsan_atomic##bits##_compare_exchange_val(                           \
            (__tsan_atomic##bits *)at, (__tsan_atomic##bits)b, (__tsan_atomic##bits)c, ORDER(d), ORDER(e)))

ATOMIC_HOOKS(8)
ATOMIC_HOOKS(16)
ATOMIC_HOOKS(32)
ATOMIC_HOOKS(64)

HOOK(on_atomic_thread_fence)
{
    UNUSED_ARGUMENTS;
    __tsan_atomic_thread_fence(ORDER(a));
    return BRIDGE_GO_ON;
}

/* ---- the table ---- */

#define ENTRY(name, touch) on_##name,

/* Known to assembly. */
extern bridge_hook_t *const bridge_hooks[];
bridge_hook_t *const bridge_hooks[] = {BRIDGE_TSAN_HOOKS(ENTRY)};

const struct bridge bridge = {
    .tool = BRIDGE_TSAN,
    .hooks = ARRAY_LENGTH(bridge_hooks),
    .enter = (vaddr_t)isa_bridge,
};

/* ---- reports: the run-time knows no names inside of programs ---- */

int __tsan_get_report_data(void *report, const char **description, int *count, int *stack_count,
                           int *mop_count, int *loc_count, int *mutex_count, int *thread_count,
                           int *unique_tid_count, void **sleep_trace, unsigned long trace_size);
int __tsan_get_report_mop(void *report, unsigned long number, int *tid, void **address, int *size, int *write,
                          int *atomic, void **trace, unsigned long trace_size);
void __tsan_on_report(void *report);

#define TRACE 4u

static UNINSTRUMENTED void name_access(void *report, unsigned number)
{
    void *trace[TRACE] = {0};
    void *address;
    int tid, size, write, atomic;

    __tsan_get_report_mop(report, number, &tid, &address, &size, &write, &atomic, trace, TRACE);
    for (unsigned i = 0; i < TRACE && trace[i] != NULL; i++) {
        if (bridge_name((uintptr_t)trace[i], write ? "a write" : "a read")) {
            return;
        }
    }
}

UNINSTRUMENTED void __tsan_on_report(void *report)
{
    const char *description;
    void *sleep[1];
    int count, stacks, accesses = 0, places, mutexes, threads, tids;

    __tsan_get_report_data(report, &description, &count, &stacks, &accesses, &places, &mutexes, &threads,
                           &tids, sleep, 1);
    for (int i = 0; i < accesses; i++) {
        name_access(report, (unsigned)i);
    }
}
