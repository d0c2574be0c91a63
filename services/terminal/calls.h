/* SPDX-License-Identifier: MIT */
/* The terminal as a service: its calls, over RPC. */
#ifndef TERMINAL_CALLS_H
#define TERMINAL_CALLS_H

#include <mudskipper/rpc/message.h>
#include <mudskipper/rt/thread.h>
#include "terminal.h"

struct terminal_service {
    struct mutex mutex; /* of `terminal` */
    struct terminal terminal;
    const struct rpc_memory *memory; /* for calls that wait */
    void (*look_again)(void);        /* terminal_run said so */
};

/* context of terminal_ops is a struct terminal_service. */
struct terminal_ops;
extern const struct terminal_ops terminal_service_ops;

void terminal_service_init(struct terminal_service *s, const struct device *device,
                           const struct rpc_memory *memory, void (*look_again)(void));

/* The device has something, or time has passed. True: call it again soon. Does not block for long. */
bool terminal_service_run(struct terminal_service *s);

#endif
