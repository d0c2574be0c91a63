/* SPDX-License-Identifier: MIT */
/* What code that was compiled with -fsanitize=thread calls, without the sanitizer: atomic accesses go to
 * hook_access, the rest is nothing. */
#ifndef MUDSKIPPER_MODEL_HOOKS_H
#define MUDSKIPPER_MODEL_HOOKS_H

#include <stdint.h>

enum hook_access { HOOK_LOAD, HOOK_STORE, HOOK_EXCHANGE };

/* Does what it would have done. `order` as the compiler numbers them; returns what was there before. */
uint64_t hook_access(volatile uint64_t *at, enum hook_access access, uint64_t value, int order);

#endif
