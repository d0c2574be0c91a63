/* SPDX-License-Identifier: MIT */
/* Ends of channels that processes of this core have, and what each is made of.
 *
 *    client's end                          server's end
 *      FRAME   both rings; its memory        FRAME   the same
 *              is the client's
 *      NOTIFY  sets a bit of the client      NOTIFY  sets a bit of the server
 *      WAKE    a copy of the other's NOTIFY, which may signal only
 *
 * A process has copies of FRAME and WAKE of its end. When an end ends, the rings are taken away from both and
 * the other end's process is woken; the other end stays, for the process to give it back. With init's lock
 * held. */
#ifndef INIT_CHANNEL_ENDS_H
#define INIT_CHANNEL_ENDS_H

#include <mudskipper/abi/cap.h>
#include <mudskipper/abi/error.h>
#include <mudskipper/pure/list.h>
#include <mudskipper/pure/tree.h>

#define CHANNEL_BYTES (3u * PAGE_SIZE) /* 64 lines each way */

enum end_slot { END_FRAME, END_NOTIFY, END_WAKE, END_SLOTS };

struct channel_end {
    struct tree_node node; /* by number */
    uint32_t number;
    uint32_t process;
    struct channel_end *other; /* NULL: not yet, or it has ended */
    cptr_t slots;              /* enum end_slot */
    unsigned notify;           /* notification channel of this core */
    paddr_t memory;            /* client's end: where the rings lie; 0: they were taken away */
    struct list sent;          /* struct sent_cap: not taken yet by the other end */
    unsigned sent_count;
    uint32_t last_token;
};

/* An end of a process of this core, whose notification bit is `bit`; without rings and without the other end.
 * NO_MEMORY, CAP_SLOTS_EXHAUSTED, LIMIT (notification channels), and what binding refuses. */
MUST_USE err_t end_make(uint32_t process, uint32_t bit, struct channel_end **end);

/* Rings from the account of the process. */
MUST_USE err_t end_make_rings(struct channel_end *client);

/* The same rings for the other end, and each end what wakes the other. */
MUST_USE err_t end_join(struct channel_end *client, struct channel_end *server);

/* The process has given it back, or has ended. */
void end_drop(struct channel_end *end);

/* Of this process, by number; NULL: it has none. */
struct channel_end *end_find(uint32_t process, uint32_t number);

/* Some end of the process; NULL: it has none. */
struct channel_end *end_of_process(uint32_t process);

/* ---- capabilities on their way */

/* The slot is the end's from here on. LIMIT: the other end takes too few. */
MUST_USE err_t end_send(struct channel_end *end, cptr_t cap, uint32_t *token);

/* What the other end has sent under this token: now the caller's. CPTR_NULL: there is none. */
cptr_t end_take(struct channel_end *end, uint32_t token);

#endif
