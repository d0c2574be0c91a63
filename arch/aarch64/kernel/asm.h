/* SPDX-License-Identifier: MIT */
/* For the assembler's files. */
#ifndef AARCH64_KERNEL_ASM_H
#define AARCH64_KERNEL_ASM_H

/* clang-format off */
#define GLOBAL(name) .global name; .type name, %function; name:
/* clang-format on */

#endif
