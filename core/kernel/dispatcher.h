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
 * belongs to the core it was made on. A suspended one is in its state, but neither queued nor woken.
 *
 * Its object, whose size the maker chooses:
 *
 *   +-------------------+---------------------------+------------------------+
 *   | struct dispatcher | slots: own, then one per  | messages it can have   |
 *   |                   | message                   | under way              |
 *   +-------------------+---------------------------+------------------------+
 */
#ifndef MUDSKIPPER_KERNEL_DISPATCHER_H
#define MUDSKIPPER_KERNEL_DISPATCHER_H

#include <mudskipper/abi/cap_slot.h>
#include <mudskipper/abi/dispatcher.h>
#include <mudskipper/abi/error.h>
#include <mudskipper/abi/objects.h>
#include <mudskipper/hal/context.h>
#include <mudskipper/pure/list.h>
#include "core.h"
#include "deadline.h"
#include "symbol.h"
#include "vspace_record.h"

enum dispatcher_state {
    DISPATCHER_STOPPED = STATUS_STOPPED,
    DISPATCHER_READY = STATUS_READY,
    DISPATCHER_WAITING = STATUS_WAITING,
    DISPATCHER_DEAD = STATUS_DEAD,
};

/* The capabilities it holds; they are its own, so what it stands on cannot vanish unnoticed. */
enum dispatcher_slot {
    HELD_DELETION = 0, /* reserved: where its own last capability goes when the object is deleted */
    HELD_ROOT,         /* L1CNode: its capability space */
    HELD_VSPACE,       /* VNode L0 */
    HELD_USER_PART,    /* Frame */
    HELD_MONITOR,      /* EndpointLMP: who is told of its end */
    HELD_FIRST_MESSAGE,
};

#define DISPATCHER_NAME_BYTES ENDED_NAME_BYTES
#define DISPATCHER_LINE_BYTES 256u /* output to the log is kept together up to this many bytes */

struct message;

/* What is being said of one that ended by a fault: fault.c. */
struct fault_report {
    enum { REPORT_NONE, REPORT_FUNCTION, REPORT_SHOW, REPORT_NUMBERS, REPORT_LOG, REPORT_END } stage;
    struct fault_record record;
    struct symbol_search search; /* for the function that it was in */
    const char *why;             /* FAULT_MEMORY: why the access was refused */
    size_t bytes;                /* of `line` */
};

struct dispatcher {
    struct hal_context context;
    struct vspace_record *vspace;      /* NULL: none, or it is gone */
    struct list_node vspace_node;      /* in its list of users */
    struct dispatcher_user *user_part; /* valid while HELD_USER_PART is a Frame: dispatcher_user() */
    struct list_node ready_node;
    struct deadline deadline;
    enum dispatcher_state state;
    uint32_t priority;
    nanos_t
        slice_left;  /* of a slice that a more urgent dispatcher interrupted; 0: it begins with a whole one */
    bool essential;  /* the machine goes off when it ends */
    bool preempted;  /* interrupted, not stopped by a system call or a fault */
    bool slice_over; /* since the last run upcall; only when the user part asks */
    bool unfinished; /* in a long invocation, or in the report of its end: to be continued before it runs */
    bool suspended;
    bool closed;         /* WAITING: not for requests */
    cptr_t receive_slot; /* WAITING: for a capability that comes along */
    nanos_t cpu_time;
    nanos_t stopped_at;        /* when it ran last; 0: never, or it runs for the first time */
    struct list requests;      /* messages that have come, oldest first */
    struct list answers;       /* to its calls, oldest first */
    struct list free_messages; /* those whose slot has to be emptied first at the end */
    struct list endpoints;     /* bound to it */
    struct list channels;      /* notification channels bound to it */
    struct message *messages;
    uint32_t message_count;
    uint32_t messages_used;       /* those behind have never been used, but for the last one */
    struct cap_slot *slots;       /* enum dispatcher_slot, then one per message */
    struct message *current_call; /* received last and not answered yet */
    uint64_t calls;               /* kept as Replies, ever: numbers them */
    uint64_t object_bytes;
    struct message *exit_message; /* of the pool, kept for the news of its end */
    vaddr_t image;                /* where the program lies, for people: symbols */
    uint64_t image_bytes;
    uint32_t process; /* a number for people */
    uint32_t exit_code;
    char name[DISPATCHER_NAME_BYTES];
    struct fault_report report;
    uint32_t line_count; /* bytes of `line` in use */
    char line[DISPATCHER_LINE_BYTES];
};

/* The object behind a Dispatcher capability. */
static inline struct dispatcher *dispatcher_of(const struct cap_slot *s)
{
    return hal_p2v(s->base);
}

/* The user part, or NULL when it has none (any more). */
static inline struct dispatcher_user *dispatcher_user(const struct dispatcher *d)
{
    return d->slots[HELD_USER_PART].type == CAP_TYPE_FRAME ? d->user_part : NULL;
}

/* `d` is zeroed kernel memory of `bytes`, at least CAP_DISPATCHER_BYTES. */
void dispatcher_init(struct dispatcher *d, uint64_t bytes);

/* Runs in this address space from now on. */
void dispatcher_set_vspace(struct dispatcher *d, struct vspace_record *vspace);

void dispatcher_make_ready(struct core *core, struct dispatcher *d);

/* The same, before the others of its level: it goes on for whoever called it or was answered by it, in the
 * same slice, so that two that call each other do not keep others from their turn. */
void dispatcher_make_ready_first(struct core *core, struct dispatcher *d);

/* The running or ready dispatcher waits for an event or the deadline. */
void dispatcher_wait(struct core *core, struct dispatcher *d, nanos_t deadline);

/* Sets notification bit `bit`, below 64 * DISPATCHER_NOTIFY_WORDS, and wakes it. */
void dispatcher_notify(struct core *core, struct dispatcher *d, uint32_t bit);

/* Its threads want to take turns. */
static inline bool dispatcher_wants_slices(const struct dispatcher *d)
{
    const struct dispatcher_user *user = dispatcher_user(d);

    return user != NULL && *(const volatile uint32_t *)&user->slices != 0;
}

/* Shows what it has written to the log without a newline so far. */
void dispatcher_flush_line(struct dispatcher *d);

/* Ends it, whatever it does: calls at both ends are finished, its monitor is told. `fault` is the last one,
 * or NULL. */
void dispatcher_end(struct core *core, struct dispatcher *d, uint32_t exit_code, enum exit_reason reason,
                    const struct fault_record *fault);

void dispatcher_suspend(struct core *core, struct dispatcher *d);
void dispatcher_continue(struct core *core, struct dispatcher *d);

#endif
