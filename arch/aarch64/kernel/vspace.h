/* SPDX-License-Identifier: MIT */
#ifndef AARCH64_KERNEL_VSPACE_H
#define AARCH64_KERNEL_VSPACE_H

#include "core.h"

/* Once per core: no ASID given out. */
void vspace_setup(struct aarch64_core *core);

/* A new ASID of the core's generation (vectors.S, when an address space of another generation is to run). */
void vspace_renew_asid(struct hal_vspace *vs);

#endif
