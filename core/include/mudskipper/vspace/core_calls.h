/* SPDX-License-Identifier: MIT */
/* The two methods of the core server that core/vspace calls by hand, as services/init/core.rpc numbers them.
 */
#ifndef MUDSKIPPER_VSPACE_CORE_CALLS_H
#define MUDSKIPPER_VSPACE_CORE_CALLS_H

#define CORE_CALL_ALLOC 8u  /* alloc(u64 bytes) -> (cap ram) */
#define CORE_CALL_FREE  19u /* free(u64 base, u64 bytes) */

#endif
