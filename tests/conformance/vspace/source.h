/* SPDX-License-Identifier: MIT */
/* Memory for the address space of a test program that is the first of its machine: from what the kernel left.
 */
#ifndef TESTS_CONFORMANCE_VSPACE_SOURCE_H
#define TESTS_CONFORMANCE_VSPACE_SOURCE_H

#include <mudskipper/abi/cap.h>
#include <mudskipper/abi/error.h>

/* self_init with such a source; called once. */
MUST_USE err_t source_init(void);

/* The next `bytes` of it, as RAM in a new slot. */
MUST_USE err_t source_ram(uint64_t bytes, cptr_t *slot);

/* From now on the source refuses, after `calls` more calls; UINT64_MAX: it does not. */
void source_refuse_after(uint64_t calls);

#endif
