/* SPDX-License-Identifier: MIT */
/* One end of two rings, inside. All functions are called with the end's lock held.
 *
 *    ump_line.c     parts to lines and back
 *    ump_end.c      credit, the end of it all
 *    ump_client.c   threads that call: one of them reads for all
 *    ump_server.c   what is served, and answers that come late */
#ifndef MUDSKIPPER_RPC_UMP_END_H
#define MUDSKIPPER_RPC_UMP_END_H

#include <mudskipper/rpc/ump.h>

/* A part that is being sent and waits for its answer; lies on the stack of the thread that calls. */
struct open_part {
    struct tree_node node;    /* end->calls, once it is sent */
    struct list_node in_line; /* end->want_credit, before */
    struct rpc_ump_waiter waiter;
    uint32_t call;
    struct rpc_part *answer;
    struct rpc_ump_cap cap; /* that came with it */
    bool done;
};

/* A call of the other end that was kept, and later its answer. */
struct late_answer {
    struct list_node node; /* end->kept, then end->late_answers */
    struct rpc_part part;
    struct rpc_ump_cap cap;
};

/* ---- ump_line.c */

struct incoming {
    struct rpc_part part; /* no words: credit only */
    struct rpc_ump_cap cap;
    bool credit;
};

/* Writes a part, NULL: none, only the credit. Without room the other end has taken more than its share. */
void end_put(struct rpc_ump *end, const struct rpc_part *part, const struct rpc_ump_cap *cap, bool credit);

/* Takes the next part that is there as a whole. False: none is, or the other end lies. */
bool end_get(struct rpc_ump *end, struct incoming *in);

/* Nothing has come, and this end is about to sleep: ump_prepare_sleep, and the other end is woken if it waits
 * for room. */
bool end_prepare_sleep(struct rpc_ump *end);

/* ---- ump_end.c */

/* Whether everything is over; notices that the rings are gone. */
bool end_is_over(struct rpc_ump *end);

/* The other end has broken the rules. */
void end_lie(struct rpc_ump *end);

/* The other end has taken a part of ours. */
void end_settle(struct rpc_ump *end);

/* There is room for a part that has no claim to it. */
bool end_has_spare_room(struct rpc_ump *end);
uint64_t end_spare_lines(const struct rpc_ump *end);

/* ---- ump_client.c */

int end_compare_parts(const struct tree_node *a, const struct tree_node *b);

static inline struct open_part *open_part_of(const struct tree_node *n)
{
    return CONTAINER_OF(n, struct open_part, node);
}

/* Gives an answer to who waits for it. Gives the lock up for a moment when it has to throw a capability away.
 */
void end_deliver(struct rpc_ump *end, const struct incoming *in);

extern const struct rpc_transport rpc_ump_transport;

/* ---- ump_server.c */

extern const struct rpc_server_port rpc_ump_port; /* but for the context */

/* The end is over, the server has forgotten it. */
void end_free_answers(struct rpc_ump *end);

#endif
