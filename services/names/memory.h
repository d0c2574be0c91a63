/* SPDX-License-Identifier: MIT */
/* The nameserver's heap and page tables, of RAM that the core server gives. */
#ifndef NAMES_MEMORY_H
#define NAMES_MEMORY_H

#include <mudskipper/rpc/channel.h>

/* To the core server of this core. */
extern struct rpc_channel memory_core_server;

/* Fills names.memory. Once, before anything else. */
MUST_USE err_t memory_init(void);

#endif
