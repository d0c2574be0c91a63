/* SPDX-License-Identifier: MIT */
/* Operations on capabilities by SYS_INVOKE. Argument 0 names the invoked capability and the operation
 * (SYS_TARGET), operands are arguments 1 .. 9, results too. docs/reference/capabilities.md tells what each
 * does and refuses.
 *
 * A "place" is a slot, in a capability space named by another operand or by the invoked L1CNode:
 *
 *    63                     34 33 32 31                      0
 *   +-------------------------+-----+-------------------------+
 *   |            0            |level| address (cptr_t)        |
 *   +-------------------------+-----+-------------------------+
 *
 * A "root" is the address of an L1CNode capability in the invoker's own space; SLOT_ROOT is the invoker's
 * own.
 *
 * A long operation is interrupted and continued by the kernel; its invoker does not notice. */
#ifndef MUDSKIPPER_ABI_INVOCATION_H
#define MUDSKIPPER_ABI_INVOCATION_H

#include <mudskipper/abi/cap.h>

#define CAP_PLACE(address, level) ((uint64_t)(uint32_t)(address) | (uint64_t)(level) << 32)
#define CAP_PLACE_SLOT(address)   CAP_PLACE(address, CAP_LEVEL_SLOT)
#define CAP_PLACE_CNODE(l1)       CAP_PLACE(CPTR(l1, 0), CAP_LEVEL_CNODE)

/* On an L1CNode: the space in which sources are looked up. */
enum invocation_cnode {
    CNODE_COPY = 0, /* 1: source · 2: root of the destination · 3: destination */
    CNODE_MINT =
        1, /* the same · 4: rights · 5: offset · 6: bytes, 0: whole · 7: badge, 0: none · 8: credits */
    CNODE_MOVE = 2, /* as CNODE_COPY */
    CNODE_RETYPE = 3, /* 1: source · 2: root of the destination · 3: first destination · 4: enum cap_type · 5:
                       * offset 6: bytes of each · 7: count · 8: number of a Service, badge of a Handle */
    CNODE_DELETE = 4,       /* 1: slot */
    CNODE_REVOKE = 5,       /* 1: slot */
    CNODE_REVOKE_RANGE = 6, /* 1: slot · 2: offset · 3: bytes */
    CNODE_IDENTIFY = 7, /* 1: slot → 1: CAP_IDENTITY · 2: base · 3: size · 4..6: the type's own words */
    CNODE_UNUSED =
        8, /* 1: slot · 2: offset to begin at → 1: offset · 2: bytes, 0: none from here to the end */
    CNODE_RESIZE =
        9, /* 1: slot, in the invoked space, of a larger L1CNode that takes its place and gets its memory */
};

/* Result 1 of CNODE_IDENTIFY. Without CAP_IDENTIFY among the rights the other results are 0.
 *
 *    63          32 31    24 23    16 15     8 7      0
 *   +--------------+--------+--------+--------+--------+
 *   |  generation  | owner  | flags  | rights |  type  |
 *   +--------------+--------+--------+--------+--------+ */
#define CAP_IDENTITY_TYPE(identity)   ((unsigned)(identity)&0xff)
#define CAP_IDENTITY_RIGHTS(identity) ((unsigned)((identity) >> 8) & 0xff)
#define CAP_IDENTITY_FLAGS(identity)  ((unsigned)((identity) >> 16) & 0xff)
#define CAP_IDENTITY_OWNER(identity)  ((unsigned)((identity) >> 24) & 0xff)

/* On a VNode. */
enum invocation_vnode {
    VNODE_MAP =
        0, /* 1: root of the object · 2: object · 3: first entry | count << 16 · 4: offset in the object
            * 5: rights | enum map_memory << 8 · 6: root of the destination · 7: destination of the Mapping */
};

enum map_memory {
    MAP_MEMORY_DEFAULT = 0,         /* Frame: cached; DevFrame: device */
    MAP_MEMORY_WRITE_COMBINING = 1, /* uncached, writes may be gathered */
};

/* On a Mapping. Deleting it unmaps. */
enum invocation_mapping {
    MAPPING_PROTECT =
        0, /* 1: first entry of the Mapping | count << 16 · 2: rights. 1 counts up while it goes on */
    MAPPING_SPLIT =
        1, /* 1: entry where the second one begins · 2: root of the destination · 3: destination */
};

#endif
