/* SPDX-License-Identifier: MIT */
/* Included before all neutral kernel code of a deterministic machine: points inside of the kernel before the
 * atomic accesses that the compiler sees as neither loads nor stores (kernel/det.c). */
#ifndef HOSTSIM_DET_ATOMIC_H
#define HOSTSIM_DET_ATOMIC_H

#include <stdatomic.h>

void det_atomic_point(void);

#undef atomic_exchange
#undef atomic_exchange_explicit
#undef atomic_fetch_add
#undef atomic_fetch_add_explicit
#undef atomic_fetch_and
#undef atomic_fetch_and_explicit
#undef atomic_fetch_or
#undef atomic_fetch_or_explicit
#undef atomic_fetch_sub
#undef atomic_fetch_sub_explicit

#define atomic_exchange_explicit(at, value, order)                                                           \
    (det_atomic_point(), __c11_atomic_exchange(at, value, order))
#define atomic_fetch_add_explicit(at, value, order)                                                          \
    (det_atomic_point(), __c11_atomic_fetch_add(at, value, order))
#define atomic_fetch_and_explicit(at, value, order)                                                          \
    (det_atomic_point(), __c11_atomic_fetch_and(at, value, order))
#define atomic_fetch_or_explicit(at, value, order)                                                           \
    (det_atomic_point(), __c11_atomic_fetch_or(at, value, order))
#define atomic_fetch_sub_explicit(at, value, order)                                                          \
    (det_atomic_point(), __c11_atomic_fetch_sub(at, value, order))

#define atomic_exchange(at, value)  atomic_exchange_explicit(at, value, memory_order_seq_cst)
#define atomic_fetch_add(at, value) atomic_fetch_add_explicit(at, value, memory_order_seq_cst)
#define atomic_fetch_and(at, value) atomic_fetch_and_explicit(at, value, memory_order_seq_cst)
#define atomic_fetch_or(at, value)  atomic_fetch_or_explicit(at, value, memory_order_seq_cst)
#define atomic_fetch_sub(at, value) atomic_fetch_sub_explicit(at, value, memory_order_seq_cst)

/* A loop around these looks at the object first, which is a load. */
#endif
