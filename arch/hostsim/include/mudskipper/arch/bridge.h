/* SPDX-License-Identifier: MIT */
/* The bridge: how a program that was compiled with a sanitizer's hooks reaches the sanitizer's run-time,
 * which is part of the simulator. Included by C and assembly of both sides.
 *
 *     program                                        simulator
 *     __tsan_write8(window address)
 *       thunk: eax := number of the hook   ------>   isa_bridge: onto the core's bridge stack
 *                                                    hook: window address -> the kernel's own address of it
 *                                                    __tsan_write8_pc(kernel address, program's pc)
 *       continues, or is preempted here    <------
 *
 * So the run-time sees one address for a byte however many windows show it, and a race between two programs
 * is a race. The word before the gate says, relative to the gate, where the simulator's struct bridge lies.
 */
#ifndef MUDSKIPPER_ARCH_BRIDGE_H
#define MUDSKIPPER_ARCH_BRIDGE_H

/* struct bridge.tool */
#define BRIDGE_NONE 0
#define BRIDGE_TSAN 1
#define BRIDGE_ASAN 2

/* What a thunk does before it leaves the program, so that a page that is missing faults in the program: an
 * atomic hook does the access itself. */
#define BRIDGE_UNTOUCHED 0
#define BRIDGE_READS     1
#define BRIDGE_WRITES    2

/* Hooks by number: H(name without prefix, touch). `u` stands for those that need nothing. */
#define BRIDGE_TSAN_OPERATIONS(H, bits)                                                                      \
    H(atomic##bits##_load, BRIDGE_READS)                                                                     \
    H(atomic##bits##_store, BRIDGE_WRITES)                                                                   \
    H(atomic##bits##_exchange, BRIDGE_WRITES)                                                                \
    H(atomic##bits##_fetch_add, BRIDGE_WRITES)                                                               \
    H(atomic##bits##_fetch_sub, BRIDGE_WRITES)                                                               \
    H(atomic##bits##_fetch_and, BRIDGE_WRITES)                                                               \
    H(atomic##bits##_fetch_or, BRIDGE_WRITES)                                                                \
    H(atomic##bits##_fetch_xor, BRIDGE_WRITES)                                                               \
    H(atomic##bits##_fetch_nand, BRIDGE_WRITES)                                                              \
    H(atomic##bits##_compare_exchange_val, BRIDGE_WRITES)

#define BRIDGE_TSAN_SIZES(H, prefix, u)                                                                      \
    H(prefix##1, u)                                                                                          \
    H(prefix##2, u) H(prefix##4, u) H(prefix##8, u) H(prefix##16, u)

#define BRIDGE_TSAN_HOOKS(H)                                                                                 \
    BRIDGE_TSAN_SIZES(H, read, BRIDGE_UNTOUCHED)                                                             \
    BRIDGE_TSAN_SIZES(H, write, BRIDGE_UNTOUCHED)                                                            \
    BRIDGE_TSAN_SIZES(H, unaligned_read, BRIDGE_UNTOUCHED)                                                   \
    BRIDGE_TSAN_SIZES(H, unaligned_write, BRIDGE_UNTOUCHED)                                                  \
    BRIDGE_TSAN_OPERATIONS(H, 8)                                                                             \
    BRIDGE_TSAN_OPERATIONS(H, 16)                                                                            \
    BRIDGE_TSAN_OPERATIONS(H, 32)                                                                            \
    BRIDGE_TSAN_OPERATIONS(H, 64)                                                                            \
    H(atomic_thread_fence, BRIDGE_UNTOUCHED)

/* Hooks that stay in the program and do nothing. A volatile access is meant to be seen by others as it is. */
#define BRIDGE_TSAN_IGNORED(H)                                                                               \
    H(init, BRIDGE_UNTOUCHED)                                                                                \
    H(atomic_signal_fence, BRIDGE_UNTOUCHED)                                                                 \
    BRIDGE_TSAN_SIZES(H, volatile_read, BRIDGE_UNTOUCHED)                                                    \
    BRIDGE_TSAN_SIZES(H, volatile_write, BRIDGE_UNTOUCHED)                                                   \
    BRIDGE_TSAN_SIZES(H, unaligned_volatile_read, BRIDGE_UNTOUCHED)                                          \
    BRIDGE_TSAN_SIZES(H, unaligned_volatile_write, BRIDGE_UNTOUCHED)

#define BRIDGE_ASAN_HOOKS(H)                                                                                 \
    H(load1_noabort, BRIDGE_UNTOUCHED)                                                                       \
    H(load2_noabort, BRIDGE_UNTOUCHED)                                                                       \
    H(load4_noabort, BRIDGE_UNTOUCHED)                                                                       \
    H(load8_noabort, BRIDGE_UNTOUCHED)                                                                       \
    H(load16_noabort, BRIDGE_UNTOUCHED)                                                                      \
    H(loadN_noabort, BRIDGE_UNTOUCHED)                                                                       \
    H(store1_noabort, BRIDGE_UNTOUCHED)                                                                      \
    H(store2_noabort, BRIDGE_UNTOUCHED)                                                                      \
    H(store4_noabort, BRIDGE_UNTOUCHED)                                                                      \
    H(store8_noabort, BRIDGE_UNTOUCHED)                                                                      \
    H(store16_noabort, BRIDGE_UNTOUCHED)                                                                     \
    H(storeN_noabort, BRIDGE_UNTOUCHED)                                                                      \
    H(poison_memory_region, BRIDGE_UNTOUCHED)                                                                \
    H(unpoison_memory_region, BRIDGE_UNTOUCHED)

/* Stacks are not poisoned: nothing has to be undone before a function that does not return. */
#define BRIDGE_ASAN_IGNORED(H) H(handle_no_return, BRIDGE_UNTOUCHED)

#ifndef __ASSEMBLER__
#include <mudskipper/abi/types.h>

struct bridge {
    uint32_t tool;  /* BRIDGE_... */
    uint32_t hooks; /* how many it knows */
    vaddr_t enter;  /* where thunks jump to */
};
#endif

#endif
