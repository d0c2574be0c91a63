/* SPDX-License-Identifier: MIT */
/* A client and the demo's server in one thread, joined by two rings in memory. When the client would sleep,
 * the server serves; who is woken, who locks and which capability is on its way is counted. */
#ifndef TESTS_UNIT_RPC_RINGS_H
#define TESTS_UNIT_RPC_RINGS_H

#include <mudskipper/rpc/ump.h>
#include "world.h"

#define RINGS_LINES_MAX 64u
#define RINGS_BYTES_MAX ((RINGS_LINES_MAX + UMP_HEAD_LINES) * UMP_LINE_BYTES)
#define RINGS_TOKENS    512u

struct rings;

struct side {
    struct rings *rings;
    struct side *other;
    const struct rpc_ump *end;
    unsigned locked;
    unsigned wakes; /* that the other end gave it, and it has not noticed */
    bool asleep;    /* the server's */
};

struct rings {
    struct world *w; /* its memory, slots and server */
    struct rpc_ump client;
    struct rpc_ump server;
    struct rpc_channel channel;
    struct side at_client;
    struct side at_server;
    _Atomic bool gone;
    bool silent; /* the hooks say so of the server, when it has not answered */
    unsigned sleeps;
    object_t tokens[RINGS_TOKENS]; /* capabilities on their way */
    unsigned on_the_way;
    unsigned caps_sent;
    unsigned caps_taken;
    unsigned fail_send; /* the one with this number fails; UINT_MAX: none */
    unsigned fail_take;
    void (*on_sleep)(struct rings *r);  /* before the server serves */
    void (*on_served)(struct rings *r); /* after each part */
    _Alignas(UMP_LINE_BYTES) uint8_t to_server[RINGS_BYTES_MAX];
    _Alignas(UMP_LINE_BYTES) uint8_t to_client[RINGS_BYTES_MAX];
};

/* `lines` of each ring. */
void rings_init(struct rings *r, struct world *w, unsigned lines);

/* Both ends are closed, nothing is left. */
void rings_end(struct rings *r);

/* The server's thread, until it would sleep. Whether it did anything. */
bool rings_serve(struct rings *r);

#endif
