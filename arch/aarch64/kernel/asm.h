/* SPDX-License-Identifier: MIT */
/* For the assembler's files. */
#ifndef AARCH64_KERNEL_ASM_H
#define AARCH64_KERNEL_ASM_H

.macro GLOBAL_ name
    .global \name
    .type \name, %function
\name:
.endm

#define GLOBAL(name) GLOBAL_ name

#endif
