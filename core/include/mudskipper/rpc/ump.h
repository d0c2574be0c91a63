/* SPDX-License-Identifier: MIT */
/* RPC through shared memory: two rings of lines (msg/ump.h), one each way. Both ends may call; what only
 * calls has no server. Pure: locks, sleeping, waking and the way of capabilities are hooks.
 *
 *    threads that call            end                          ring        the other end
 *      rpc_channel_of(&end->link) --- request parts ---------> [ out ] -->
 *                                 <-- answers ---------------- [ in  ] <--
 *    a thread that serves                                                  whatever comes first, in one ring:
 *      rpc_ump_serve              <-- request parts ---------- [ in  ]     requests of one end and answers
 *                                 --- answers ---------------> [ out ]     to those of the other
 *
 * A part (wire.h) is one line, or two: what has eight words, or a capability.
 *
 *    first line     words 0 .. 6 of the part, as many as there are
 *    second line    [ word 7 ] [ up to RPC_UMP_CAP_WORDS words that stand for the capability ]
 *
 *    tag            bit 0  MORE    a second line follows
 *                   bit 1  SECOND  this is one
 *                   bit 2  EIGHTH  (second) it begins with word 7
 *                   bit 3  CREDIT  (first) one part of yours has been taken
 *
 * Room. Each part of a request is answered at once with a line that bears CREDIT: its answer, or, when the
 * handler keeps the call, a line of no bytes. An end has at most an eighth of a ring's lines as parts without
 * credit, so an answer always finds room, and neither end ever waits for the other to read. Answers to calls
 * that were kept come later, bear no credit and wait here until there is room to spare.
 *
 * The other end may write anything into the rings at any time, and may take them away: lines are copied once
 * and checked afterwards. Whoever lies ends the channel: every call ends with PEER_GONE, and nobody else
 * notices. */
#ifndef MUDSKIPPER_RPC_UMP_H
#define MUDSKIPPER_RPC_UMP_H

#include <mudskipper/msg/ump.h>
#include <mudskipper/pure/list.h>
#include <mudskipper/pure/tree.h>
#include <mudskipper/rpc/channel.h>
#include <mudskipper/rpc/server.h>

#define RPC_UMP_CAP_WORDS 6u

/* What stands for a capability in a line: a token, an identity; the hooks know. */
struct rpc_ump_cap {
    uint64_t words[RPC_UMP_CAP_WORDS];
    unsigned count; /* 1 .. RPC_UMP_CAP_WORDS */
};

/* A thread that waits for another thread of its end. `object` is the hooks', NULL when nobody waits. */
struct rpc_ump_waiter {
    void *object;
};

/* What an end needs from where it lives. */
struct rpc_ump_ops {
    /* The end's own lock. Taken while the server's lock is held, never the other way round. */
    void (*lock)(void *context);
    void (*unlock)(void *context);

    /* Block until the other end has woken this one, or rouse was called, at any time since the last sleep;
     * or until signal was called for this waiter. Both may return early. TIMEOUT: the deadline came;
     * PEER_GONE: the hooks know that nobody answers there. Called with the lock held, which is given up
     * meanwhile. An end with a server does not sleep: who serves it does. */
    MUST_USE err_t (*sleep)(void *context, nanos_t deadline);
    MUST_USE err_t (*wait)(void *context, struct rpc_ump_waiter *waiter, nanos_t deadline);

    /* With the lock held; do not block. */
    void (*rouse)(void *context);
    void (*signal)(void *context, struct rpc_ump_waiter *waiter);
    void (*wake_peer)(void *context);

    /* A capability leaves: the caller keeps his own. One comes: into the empty slot; CPTR_NULL: nobody wants
     * it. They may block; the end's lock is not held, the server's may be in send_cap. */
    MUST_USE err_t (*send_cap)(void *context, cptr_t cap, struct rpc_ump_cap *as);
    MUST_USE err_t (*take_cap)(void *context, const struct rpc_ump_cap *as, cptr_t slot);
};

struct rpc_ump_figures {
    uint64_t late;    /* answers that nobody waited for */
    uint64_t lies;    /* why the channel is broken: 0, or 1 */
    uint64_t waiting; /* answers that had to wait for room */
};

struct rpc_ump_setup {
    void *out; /* rings: 64-byte aligned, shared, zero before either end came to be */
    void *in;
    uint64_t bytes; /* of each */
    /* Set when the rings are not shared memory any more. NULL: they always are. */
    const _Atomic bool *gone;
    const struct rpc_ump_ops *ops;
    void *context;
    const struct rpc_memory *memory;
    const struct rpc_slots *slots;
    struct rpc_server *server; /* NULL: this end only calls */
    uint64_t badge;            /* with a server: who the other end is, as if it had called by LMP */
};

/* One end. Members are the library's own; the struct stays where it was initialised. */
struct rpc_ump {
    struct rpc_link link; /* calls: rpc_channel_of(&end->link) */
    struct rpc_server_port port;
    const struct rpc_ump_ops *ops;
    void *context;
    const _Atomic bool *gone;
    struct rpc_server *server;
    uint64_t badge;
    struct ump_writer out;
    struct ump_reader in;
    uint64_t parts_max;       /* without credit */
    uint64_t parts_out;       /* of ours */
    struct tree calls;        /* that wait for an answer, by id */
    struct list want_credit;  /* threads that wait to send */
    struct list kept;         /* calls of the other end that were kept here */
    struct list late_answers; /* to such calls, that wait for room */
    bool reading;             /* a thread reads the ring for all */
    bool asleep;              /* the other end has been told to wake us */
    bool side_by_side; /* while a handler runs, rouse tells of more; set by who serves in several threads */
    bool ended;
    bool half; /* a first line has come, its second not yet */
    unsigned half_words;
    uint64_t half_line[UMP_PAYLOAD / 8];
    uint8_t half_tag;
    struct rpc_ump_figures figures;
};

/* The fewest lines a ring may have. */
#define RPC_UMP_LINES_MIN 8u

/* BAD_ARGUMENT: the rings are too small. */
MUST_USE err_t rpc_ump_init(struct rpc_ump *end, const struct rpc_ump_setup *setup);

enum rpc_ump_state {
    RPC_UMP_AGAIN, /* something was done: there may be more */
    RPC_UMP_IDLE,  /* nothing to do until the other end wakes us */
    RPC_UMP_ENDED, /* and nothing ever will be: rpc_ump_close */
};

/* Of an end with a server: does what has come, up to one request, whose handler runs here. Several threads
 * may serve, with end->side_by_side; a handler that calls the other end through this very end needs another
 * one meanwhile. Blocks for the handler only. */
enum rpc_ump_state rpc_ump_serve(struct rpc_ump *end);

/* Ends all calls with PEER_GONE, also later ones, and drops what the other end has left at the server;
 * answers to its calls that were kept go nowhere. Nobody serves. When all threads have returned from calls
 * the rings are not touched any more, and the struct is the caller's. */
void rpc_ump_close(struct rpc_ump *end);

/* The walker R1: the number of mistakes in the bookkeeping, each a sentence for `sink`, unless it is NULL.
 * The caller holds the lock. */
size_t rpc_ump_check(const struct rpc_ump *end, format_sink_t sink, void *context);

#endif
