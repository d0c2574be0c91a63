/* SPDX-License-Identifier: MIT */
/* Finds the simulator's half of the bridge. */
#include <mudskipper/abi/start.h>
#include <mudskipper/arch/bridge.h>

#define HIDDEN         __attribute__((visibility("hidden")))
#define UNINSTRUMENTED __attribute__((disable_sanitizer_instrumentation, no_sanitize("kernel-address")))

/* Known to thunks. */
HIDDEN vaddr_t bridge_enter;
extern HIDDEN const uint32_t bridge_tool, bridge_hooks; /* of this program: beside its thunks */

HIDDEN UNINSTRUMENTED void bridge_bind(const struct start_block *start)
{
    int64_t distance = ((const int64_t *)start->gate)[-1];
    const struct bridge *theirs = (const void *)(start->gate + (vaddr_t)distance);

    if (theirs->tool != bridge_tool || theirs->hooks != bridge_hooks) {
        __builtin_trap(); /* a simulator of another configuration: nobody answers the hooks */
    }
    bridge_enter = theirs->enter;
}
