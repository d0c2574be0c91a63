/* SPDX-License-Identifier: MIT */
/* The core server's side of core.rpc. */
#ifndef INIT_CORE_SERVER_H
#define INIT_CORE_SERVER_H

#include <mudskipper/rpc/server.h>

struct archive;

/* The service that all children get; number it, fill in the rest. */
void core_server_prepare(const struct archive *archive);
const struct rpc_service *core_server_service(void);

/* Serves processes, with this and what their streams call, as long as the machine runs: returns only when it
 * cannot. */
MUST_USE err_t core_server_run(struct rpc_service *streams);

/* How many mistakes there are in the books (check.h); 0, always. With init's lock held. */
uint64_t core_server_check(void);

#endif
