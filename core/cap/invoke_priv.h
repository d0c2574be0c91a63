/* SPDX-License-Identifier: MIT */
/* Between the files that decode invocations. */
#ifndef MUDSKIPPER_CAP_INVOKE_PRIV_H
#define MUDSKIPPER_CAP_INVOKE_PRIV_H

#include <mudskipper/cap/invoke.h>

/* Each returns its error, and sets *again when it has to be called once more. */
typedef err_t (*operation_t)(struct cap_core *core, struct cap_invocation *i, bool *again);

/* A usable capability that a place in the space of `root` names. */
err_t invoke_find_source(const struct cap_core *core, struct cap_slot *root, uint64_t operand,
                         struct cap_ref *out) MUST_USE;

/* On a Kernel. */
err_t invoke_share(struct cap_core *core, struct cap_invocation *i, bool *again);
err_t invoke_adopt(struct cap_core *core, struct cap_invocation *i, bool *again);
err_t invoke_find(struct cap_core *core, struct cap_invocation *i, bool *again);
err_t invoke_unshare(struct cap_core *core, struct cap_invocation *i, bool *again);
err_t invoke_revoke_foreign(struct cap_core *core, struct cap_invocation *i, bool *again);

#endif
