/* SPDX-License-Identifier: MIT */
/* A client and a server of the demo interface in one thread, joined by a fake transport that behaves like
 * LMP: every part is answered before the next, capabilities are copied on their way into slots that the
 * receiver has named. Memory and slots are counted, and can be made to run out. */
#ifndef TESTS_UNIT_RPC_WORLD_H
#define TESTS_UNIT_RPC_WORLD_H

#include <mudskipper/pure/format.h>
#include <mudskipper/rpc/channel.h>
#include <mudskipper/rpc/parts.h>
#include <mudskipper/rpc/server.h>
#include "demo_rpc.h"

#define WORLD_SLOTS   600u
#define WORLD_SERVICE 7u
#define WORLD_CLIENT  RPC_BADGE(WORLD_SERVICE, 42)

/* What a slot holds: 0 nothing, else a number that stands for an object. */
typedef uint32_t object_t;

#define OBJECT_NO_GRANT ((object_t)1 << 31) /* may not be sent */

struct world_call {
    bool open; /* somebody may still answer it */
    bool answered;
    struct rpc_part answer; /* its cap: an object_t */
};

struct world {
    struct rpc_link link; /* first member */
    struct rpc_channel channel;
    uint32_t next_call; /* its number */
    struct rpc_server server;
    struct rpc_server_port port;
    struct rpc_lock lock;
    struct rpc_service service;
    struct rpc_memory memory;
    struct rpc_slots slots;

    uint64_t badge; /* of the client's capability */
    object_t objects[WORLD_SLOTS];
    bool slot_used[WORLD_SLOTS];
    unsigned slots_used;
    unsigned slots_room;
    unsigned revoked; /* the n-th capability that is received has gone on its way, counted from 1 */

    size_t blocks; /* allocated */
    size_t bytes;
    size_t allocations;     /* ever */
    size_t fail_allocation; /* the one with this number fails; SIZE_MAX: none */
    size_t memory_room;

    unsigned locked;
    struct world_call calls[64]; /* 0: the one being taken */
    unsigned current;            /* the one the client waits for */
    unsigned exchanges;
    unsigned posts;

    /* Called when the client would wait for a call that was kept; false: its deadline comes. */
    bool (*wait)(struct world *w);
    /* May change a part on its way, or spoil the exchange altogether. */
    void (*on_request)(struct world *w, struct rpc_part *part);
    void (*on_answer)(struct world *w, struct rpc_part *part);
    err_t exchange_error; /* what the next exchange answers instead, once */
    bool lose_posts;
    struct rpc_request *kept; /* by the handler of later(), the last one */
    unsigned calls_taken;
    uint8_t written[RPC_MESSAGE_MAX];
    size_t written_bytes;
};

void world_init(struct world *w);

/* What walkers say. */
void to_stderr(void *unused, const char *bytes, size_t count);

/* Nothing is left but what stands in `slots_left` slots. */
void world_check_empty(struct world *w, unsigned slots_left);

/* An object in a slot of its own. */
cptr_t world_object(struct world *w, object_t object);
void world_give(struct world *w, cptr_t slot);

/* As after a restart of the client: the numbers of calls begin anew. */
void world_restart_client(struct world *w);

/* The handlers of the demo: what each does stands in demo.c. */
extern const struct demo_ops demo_ops;

/* What the read method answers at position i. */
static inline uint8_t demo_byte(size_t i)
{
    return (uint8_t)(i * 31 + i / 251);
}

/* A random number, from a fixed seed. */
uint64_t world_random(uint64_t *state);

#endif
