/* SPDX-License-Identifier: MIT */
/* Memory for calls and what belongs to a run. Any thread. */
#ifndef TESTD_MEMORY_H
#define TESTD_MEMORY_H

#include <mudskipper/rpc/message.h>

/* OUT_OF_RANGE and the like: a bug. Called once. */
MUST_USE err_t memory_init(void);

void *memory_get(size_t bytes); /* NULL: there is no more */
void memory_free(void *block);

extern const struct rpc_memory memory_of_calls;

#endif
