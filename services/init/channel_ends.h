/* SPDX-License-Identifier: MIT */
/* Ends of channels that processes of this core have, and what each is made of.
 *
 *    client's end                          server's end, on this core or another
 *      FRAME   both rings; its memory        FRAME   the same
 *              is the client's
 *      NOTIFY  sets a bit of the client      NOTIFY  sets a bit of the server
 *      GIVEN   may only signal it            GIVEN   may only signal it
 *      WAKE    the other's GIVEN             WAKE    the other's GIVEN
 *                                            HANDLE  by which the client came
 *
 * A process has copies of FRAME and WAKE of its end. When an end ends, the rings are taken away from both and
 * the other end's process is woken; the other end stays, for the process to give it back. What has to be
 * asked of another core is done by a thread of the end's own, one thing after the other (channel_far.c).
 *
 * With init's lock held. */
#ifndef INIT_CHANNEL_ENDS_H
#define INIT_CHANNEL_ENDS_H

#include <mudskipper/abi/cap.h>
#include <mudskipper/abi/error.h>
#include <mudskipper/pure/list.h>
#include <mudskipper/pure/tree.h>
#include "work.h"

#define CHANNEL_BYTES (3u * PAGE_SIZE) /* 64 lines each way */

enum end_slot { END_FRAME, END_NOTIFY, END_GIVEN, END_WAKE, END_HANDLE, END_SLOTS };

struct channel_end {
    struct work work;
    struct tree_node node; /* by number, unless dropped */
    uint32_t number;
    uint32_t process;
    uint32_t bit;              /* of its notifications */
    bool over;                 /* the other end has ended, or the rings have */
    bool serves;               /* the server's: when its HANDLE is revoked the channel ends */
    struct channel_end *other; /* on this core */
    bool far;                  /* the other end is on core far_core */
    bool crossed;              /* other cores may have copies of what it is made of */
    coreid_t far_core;
    uint32_t far_number;
    cptr_t slots;     /* enum end_slot */
    unsigned notify;  /* notification channel of this core */
    paddr_t memory;   /* client's end: where the rings lie; 0: they were taken away */
    struct list sent; /* struct sent_cap: not taken yet by the other end */
    unsigned sent_count;
    uint32_t last_token;

    /* What its thread has to do, in this order; channel_far.c. */
    bool working;
    cptr_t handle;            /* connect by it; CPTR_NULL: nothing to connect */
    struct thread *asking;    /* waits until far_core's service accepts; NULL: nobody does */
    bool gone_early;          /* meanwhile: what accepted has ended, and this was told before that */
    bool tell_far;            /* the other end: this one has ended */
    bool lose_rings;          /* which other cores have: asked back, and freed */
    bool dropped;             /* then nothing of it is left */
    struct rpc_request *kept; /* answered with the first (connect) or the last (disconnect) of these */
};

/* An end of a process of this core, whose notification bit is `bit`; without rings and without the other end.
 * NO_MEMORY, CAP_SLOTS_EXHAUSTED, LIMIT (notification channels), and what binding refuses. */
MUST_USE err_t end_make(uint32_t process, uint32_t bit, struct channel_end **end);

/* Rings from the account of the process. */
MUST_USE err_t end_make_rings(struct channel_end *client);

/* Two ends of this core become one channel. */
MUST_USE err_t end_join(struct channel_end *client, struct channel_end *server);

/* The process has given it back, or has ended. `kept`: a call to be answered when nothing is left of it;
 * NULL: none. */
void end_drop(struct channel_end *end, struct rpc_request *kept);

/* The process has freed this memory of its own: rings in it are gone, and who waits at them is woken. */
void end_lost_memory(uint32_t process, paddr_t base, uint64_t bytes);

/* Handles may have been revoked: ends the channels that were made by them. */
void end_look_at_handles(void);

/* Of this process, by number; NULL: it has none. */
struct channel_end *end_find(uint32_t process, uint32_t number);

/* Whose other end is on that core. */
struct channel_end *end_find_far(coreid_t core, uint32_t number);

/* Which asks that core's service to accept it, or has its answer and has not looked at it yet. */
struct channel_end *end_find_asking(coreid_t core, uint32_t number);

/* Some end of the process; NULL: it has none. */
struct channel_end *end_of_process(uint32_t process);

/* Whether its process lives. */
bool end_has_process(const struct channel_end *end);

/* ---- capabilities on their way */

/* The slot is the end's from here on. LIMIT: the other end takes too few. */
MUST_USE err_t end_send(struct channel_end *end, cptr_t cap, uint32_t *token);

/* What the other end has sent under this token: now the caller's. CPTR_NULL: there is none. */
cptr_t end_take(struct channel_end *end, uint32_t token);

/* ---- for channel_far.c */

void end_forget_sent(struct channel_end *end);

/* The rings' memory is the client's again, if that lives. */
void end_free_rings(struct channel_end *end);

/* The process looks at its rings, and finds them gone. */
void end_wake(const struct channel_end *end);

/* The last of it. */
void end_free(struct channel_end *end);

/* ---- channel_far.c */

/* Connects the end, which was just made, by a handle of a service on another core; the call that was kept is
 * answered when that is done. The handle and the call are the end's then. NO_MEMORY. */
MUST_USE err_t end_connect(struct channel_end *end, cptr_t handle, struct rpc_request *kept);

/* Lets the end's thread do what the fields say. */
void end_work(struct channel_end *end);

/* The other end, on another core, has ended. */
void end_far_gone(struct channel_end *end);

#endif
