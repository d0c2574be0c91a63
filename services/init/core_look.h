/* SPDX-License-Identifier: MIT */
/* Answers of the core server that only look, and change nothing. Who may see it was decided before. */
#ifndef INIT_CORE_LOOK_H
#define INIT_CORE_LOOK_H

#include <mudskipper/abi/cap.h>
#include <mudskipper/abi/error.h>

struct boot_info;
struct core_figures;
struct rpc_request;

MUST_USE err_t look_processes(struct rpc_request *request, uint32_t from);
MUST_USE err_t look_capabilities(struct rpc_request *request, cptr_t root, cptr_t from);

/* The memory of this core; the rest of *figures is zero. */
MUST_USE err_t look_memory(const struct boot_info *info, struct core_figures *figures);

/* And the rest. */
void look_core(struct core_figures *figures);

/* Whole pieces of this core's log from *position on, which moves; *count 0: the end. */
MUST_USE err_t look_log(uint64_t *position, char *text, size_t room, size_t *count);

#endif
