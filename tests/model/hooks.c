/* SPDX-License-Identifier: MIT */
#include "hooks.h"

uint64_t __tsan_atomic64_load(const volatile uint64_t *at, int order);
uint64_t __tsan_atomic64_exchange(volatile uint64_t *at, uint64_t value, int order);
void __tsan_atomic64_store(volatile uint64_t *at, uint64_t value, int order);

uint64_t __tsan_atomic64_load(const volatile uint64_t *at, int order)
{
    return hook_access((volatile uint64_t *)at, HOOK_LOAD, 0, order);
}

uint64_t __tsan_atomic64_exchange(volatile uint64_t *at, uint64_t value, int order)
{
    return hook_access(at, HOOK_EXCHANGE, value, order);
}

void __tsan_atomic64_store(volatile uint64_t *at, uint64_t value, int order)
{
    (void)hook_access(at, HOOK_STORE, value, order);
}

/* Plain accesses and calls of functions. */
#define NOTHING(name, ...)                                                                                   \
    void name(__VA_ARGS__);                                                                                  \
    void name(__VA_ARGS__) {}
#define ACCESS(kind)                                                                                         \
    NOTHING(__tsan_read##kind, void *at __attribute__((unused)))                                             \
    NOTHING(__tsan_write##kind, void *at __attribute__((unused)))                                            \
    NOTHING(__tsan_unaligned_read##kind, void *at __attribute__((unused)))                                   \
    NOTHING(__tsan_unaligned_write##kind, void *at __attribute__((unused)))
#define RANGE(name)                                                                                          \
    NOTHING(name, void *at __attribute__((unused)), unsigned long bytes __attribute__((unused)))

ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)
RANGE(__tsan_read_range)
RANGE(__tsan_write_range)
NOTHING(__tsan_init, void)
NOTHING(__tsan_func_entry, void *caller __attribute__((unused)))
NOTHING(__tsan_func_exit, void)
