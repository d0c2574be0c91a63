/* SPDX-License-Identifier: MIT */
/* The nameserver learns of the end of a process before everybody else: who was told of an end finds no name
 * of that process any more.
 *
 *    process ends --> ends_tell --> answer to the nameserver's ended() --> its next ended(done) --> finish
 *
 * One end at a time; the others wait in the list of processes (taken back, not finished). Without a
 * nameserver they are finished at once. With init's lock held. */
#ifndef INIT_ENDS_H
#define INIT_ENDS_H

#include <mudskipper/abi/error.h>

struct process;
struct rpc_request;

/* `finish` tells everybody else; it may forget the process. */
void ends_init(void (*finish)(struct process *p));

/* A process has ended, and owns nothing any more. */
void ends_tell(struct process *p);

/* The nameserver asks: the handler of `ended`. BUSY: it has asked already. */
MUST_USE err_t ends_next(struct rpc_request *request, uint32_t done);

#endif
