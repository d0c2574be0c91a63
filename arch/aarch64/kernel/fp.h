/* SPDX-License-Identifier: MIT */
/* Vector registers, kept lazily: they stay in the processor until another program of the core wants to use
 * them. */
#ifndef AARCH64_KERNEL_FP_H
#define AARCH64_KERNEL_FP_H

#include "core.h"

/* The running program was refused vector registers: gives them to it. */
void fp_take(struct aarch64_core *core);

/* The processor's vector registers belong to nobody any more. */
void fp_drop(struct aarch64_core *core);

/* fp.S: registers ↔ memory, nothing else. */
void fp_store(struct save_area *to);
void fp_load(const struct save_area *from);

#endif
