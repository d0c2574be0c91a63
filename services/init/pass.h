/* SPDX-License-Identifier: MIT */
/* Calls of processes to servers on other cores. The caller's core server hands the call, with the Handle, to
 * the core server of the server's core, which makes it there by LMP, as if the caller had:
 *
 *    client --core.pass--> core server ===peer.pass===> core server --LMP, by the Handle--> server
 *                                       (their rings)
 *
 * The badge is the Handle's, so the server knows its client. Every call waits in a thread of both core
 * servers' own. */
#ifndef INIT_PASS_H
#define INIT_PASS_H

#include <mudskipper/abi/error.h>
#include <mudskipper/abi/types.h>
#include <mudskipper/abi/cap.h>

struct rpc_request;

/* The handler of core.pass. CAP_WRONG_TYPE: no Handle. */
MUST_USE err_t serve_pass(void *context, struct rpc_request *request, cptr_t handle, uint16_t method,
                          uint64_t deadline, const void *given, size_t given_bytes, const cptr_t *caps,
                          size_t caps_count);

/* The handler of core.withdraw. */
MUST_USE err_t serve_withdraw(void *context, struct rpc_request *request, cptr_t service);

/* The handler of peer.pass, for core `from`. */
MUST_USE err_t pass_for(struct rpc_request *request, coreid_t from, cptr_t handle, uint16_t method,
                        uint64_t deadline, const void *given, size_t given_bytes, const cptr_t *caps,
                        size_t caps_count);

#endif
