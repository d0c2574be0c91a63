/* SPDX-License-Identifier: MIT */
/* Memory for the tests: counts what is not given back, and can refuse the n-th request. */
#ifndef TEST_MEMORY_H
#define TEST_MEMORY_H

#include "memory.h"

extern const struct memory test_memory;

/* Blocks handed out and not given back. */
size_t test_memory_blocks(void);

/* From now on the n-th request that needs memory, 1 is the next, is refused, once; 0: none. */
void test_memory_refuse(size_t nth);

/* True when test_memory_refuse's request has come, and forgets it. */
bool test_memory_refused(void);

#endif
