/* SPDX-License-Identifier: MIT */
/* From the arguments of SYS_INVOKE (abi/invocation.h) to operations: the same decoder in the kernel, in tests
 * and in fuzzers. */
#ifndef MUDSKIPPER_CAP_INVOKE_H
#define MUDSKIPPER_CAP_INVOKE_H

#include <mudskipper/abi/invocation.h>
#include <mudskipper/abi/objects.h>
#include <mudskipper/abi/syscall.h>
#include <mudskipper/cap/core.h>

struct cap_invocation {
    struct cap_slot *root; /* the invoker's L1CNode */
    struct cap_ref target; /* the invoked capability, usable */
    unsigned operation;
    uint64_t *args; /* SYS_ARGS of them: operands in, results out */
    int budget;
    err_t error; /* result */
};

/* Is this one of the operations decoded here? The others are the kernel's. */
static inline bool cap_invoke_knows(unsigned type, uint32_t operation)
{
    if (type == CAP_TYPE_KERNEL) {
        return operation >= KERNEL_SHARE && operation <= KERNEL_REVOKE_FOREIGN;
    }
    return type == CAP_TYPE_L1_CNODE || type == CAP_TYPE_MAPPING ||
           (cap_type_has(type, CAP_TRAIT_TABLE) && operation != VSPACE_INFO);
}

/* CAP_DONE: `error` and the results say how it went. CAP_AGAIN: call again, with the arguments as they are
 * now, when something more urgent has been done. After CAP_DONE the invoked slot, or the root, may be
 * empty. */
enum cap_progress cap_invoke(struct cap_core *core, struct cap_invocation *i);

#endif
