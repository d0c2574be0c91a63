/* SPDX-License-Identifier: MIT */
/* A heap (heap/heap.h) in the own address space. The heap of a program lies in a region on demand (self.h):
 * its memory comes as blocks need it and goes back when enough of it is free; who allocates gets NULL when
 * there is none, and touching what was allocated never faults.
 *
 * Thread-safe. */
#ifndef MUDSKIPPER_VSPACE_HEAP_H
#define MUDSKIPPER_VSPACE_HEAP_H

#include <mudskipper/abi/cap.h>
#include <mudskipper/heap/heap.h>
#include <mudskipper/rt/thread.h>

/* The process's heap, made when it is first asked for; the C library's malloc is it. NULL: there is no memory
 * to begin with. Checking tools hear of its blocks (rt_heap_tools). */
struct heap *process_heap(void);

/* heap_validate of it, if it has been made. */
uint64_t process_heap_check(format_sink_t sink, void *context);

/* ---- a heap of a program that hands its memory out itself (init)
 *
 * Memory is asked for piece by piece as the heap grows, and stays.
 *
 *    start                                           backed                            end
 *    +---------------------------+-------------------+-----------------------------------+
 *    | the heap's own notes,     | pieces of RAM     | reserved addresses, nothing there |
 *    | backed from the beginning | handed out so far |                                   |
 *    +---------------------------+-------------------+-----------------------------------+
 */

/* `bytes` of RAM (whole pages) into an empty slot. Called with the heap's lock held: must not use the heap.
 */
typedef err_t (*self_heap_ram_t)(void *context, uint64_t bytes, cptr_t slot);

/* Fields are private; may not be moved. */
struct self_heap {
    struct heap heap;
    struct mutex mutex;
    self_heap_ram_t ram;
    void *context;
    unsigned char *start;
    unsigned char *backed; /* there is memory up to here */
    unsigned char *end;
};

/* Reserves `bytes` of addresses, the most the heap will ever hold, and makes a heap there. self_init was
 * called before. Errors: those of `ram`, of slots and of mapping. */
MUST_USE err_t self_heap_init(struct self_heap *h, uint64_t bytes, self_heap_ram_t ram, void *context);

#endif
