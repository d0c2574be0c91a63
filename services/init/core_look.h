/* SPDX-License-Identifier: MIT */
/* Answers of the core server that only look, and change nothing. Who may see it was decided before. */
#ifndef INIT_CORE_LOOK_H
#define INIT_CORE_LOOK_H

#include <mudskipper/abi/cap.h>
#include <mudskipper/abi/error.h>

struct boot_info;
struct rpc_request;

MUST_USE err_t look_processes(struct rpc_request *request, uint32_t from);
MUST_USE err_t look_capabilities(struct rpc_request *request, cptr_t root, cptr_t from);
MUST_USE err_t look_memory(struct rpc_request *request, const struct boot_info *info);

#endif
