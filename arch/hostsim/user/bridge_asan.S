/* SPDX-License-Identifier: MIT */
/* AddressSanitizer's hooks, as compiled for a kernel: "noabort" means that the compiler goes on behind them. */
#include <mudskipper/arch/bridge.h>
#include "bridge_thunks.inc"

#define THUNK(name, touch)   thunk __asan_##name, touch ;
#define IGNORED(name, touch) ignored __asan_##name ;

BRIDGE_ASAN_HOOKS(THUNK)
BRIDGE_ASAN_IGNORED(IGNORED)

    bridge_notes BRIDGE_ASAN
