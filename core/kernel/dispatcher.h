/* SPDX-License-Identifier: MIT */
/* The dispatcher: what the kernel schedules, one per process.
 *
 * Its life:
 *
 *            start                 nothing to do              event, deadline
 *   STOPPED -------> READY (queued) ------------> WAITING ----------------------> READY
 *      |               |   ^ the first of them runs   |
 *      |               |   +-- slice over, preempted  |
 *      +---------------+--------- end ----------------+-------> DEAD
 *
 * READY <=> in the schedule (P2). `context` holds the registers whenever it does not run. A dispatcher
 * belongs to the core it was made on. */
#ifndef MUDSKIPPER_KERNEL_DISPATCHER_H
#define MUDSKIPPER_KERNEL_DISPATCHER_H

#include <mudskipper/abi/dispatcher.h>
#include <mudskipper/abi/error.h>
#include <mudskipper/hal/context.h>
#include <mudskipper/hal/vspace.h>
#include <mudskipper/pure/list.h>
#include "core.h"
#include "deadline.h"

enum dispatcher_state { DISPATCHER_STOPPED, DISPATCHER_READY, DISPATCHER_WAITING, DISPATCHER_DEAD };

#define DISPATCHER_NAME_BYTES 32u
#define DISPATCHER_LINE_BYTES 256u /* output to the log is kept together up to this many bytes */

struct dispatcher {
    struct hal_context context;
    struct hal_vspace *vspace;
    paddr_t vspace_root;
    vaddr_t image; /* where the program lies, for people: symbols */
    uint64_t image_bytes;
    struct dispatcher_user *user; /* the kernel's view; believed in nothing */
    struct list_node ready_node;
    struct deadline deadline;
    enum dispatcher_state state;
    uint32_t priority;
    bool preempted;  /* interrupted, not stopped by a system call or a fault */
    bool slice_over; /* since the last run upcall; only when the user part asks */
    nanos_t cpu_time;
    struct list requests;      /* messages that have come, oldest first */
    struct list answers;       /* to its calls, oldest first */
    bool closed;               /* WAITING: not for requests */
    struct list free_messages; /* of the pool, which lies behind this structure */
    struct message *messages;
    uint32_t message_count;
    struct message *current_call; /* received last and not answered yet */
    uint32_t process;             /* a number for people */
    uint32_t exit_code;
    char name[DISPATCHER_NAME_BYTES];
    uint32_t line_count; /* bytes of `line` in use */
    char line[DISPATCHER_LINE_BYTES];
};

#define FIRST_PROCESS 1u /* the number of the first program of a core: its end is the machine's */

/* `d` is zeroed kernel memory of `bytes`, at least CAP_DISPATCHER_BYTES; what is behind the structure holds
 * its messages. */
void dispatcher_init(struct dispatcher *d, uint64_t bytes, const char *name, uint32_t process);

void dispatcher_make_ready(struct core *core, struct dispatcher *d);

/* The same, before the others of its level: it goes on for whoever called it or was answered by it. */
void dispatcher_make_ready_first(struct core *core, struct dispatcher *d);

/* The running or ready dispatcher waits for an event or the deadline. */
void dispatcher_wait(struct core *core, struct dispatcher *d, nanos_t deadline);

/* Its threads want to take turns. */
static inline bool dispatcher_wants_slices(const struct dispatcher *d)
{
    return d->user != NULL && *(const volatile uint32_t *)&d->user->slices != 0;
}

/* Shows what it has written to the log without a newline so far. */
void dispatcher_flush_line(struct dispatcher *d);

/* Ends it, whatever it does. */
void dispatcher_end(struct core *core, struct dispatcher *d, uint32_t exit_code);

#endif
