/* SPDX-License-Identifier: MIT */
/* Who wants to know how a process ends: calls that are kept until it has. With init's lock held. */
#ifndef INIT_WAITS_H
#define INIT_WAITS_H

#include <mudskipper/rpc/server.h>
#include "processes.h"

/* `parent`: the parent asks, and how a child ended is told once. `killed_it`: only wants to know that it has
 * ended, by an answer without results. The call is kept. */
MUST_USE err_t waits_add(struct wait **list, struct rpc_request *request, bool parent, bool killed_it);

/* Answers everybody; true: its parent was told how. */
bool waits_tell(struct wait **list, const struct process_exit *exit);
void waits_fail(struct wait **list, err_t e);

/* Whether `client` has a call here that has *n of its calls before it, which are counted down. */
bool waits_has(const struct wait *list, uint32_t client, unsigned *n);

/* Waits that nobody waits for any more. */
void waits_drop_cancelled(struct wait **list);

/* The answer to core.wait. */
MUST_USE err_t waits_answer(struct rpc_request *request, const struct process_exit *exit);

#endif
