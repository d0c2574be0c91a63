/* SPDX-License-Identifier: MIT */
/* ThreadSanitizer's hooks. */
#include <mudskipper/arch/bridge.h>
#include "bridge_thunks.inc"

#define THUNK(name, touch)   thunk __tsan_##name, touch ;
#define IGNORED(name, touch) ignored __tsan_##name ;

BRIDGE_TSAN_HOOKS(THUNK)
BRIDGE_TSAN_IGNORED(IGNORED)

    bridge_notes BRIDGE_TSAN
