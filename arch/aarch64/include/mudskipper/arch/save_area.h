/* SPDX-License-Identifier: MIT */
/* The registers of a program as it may see and write them: in its dispatcher's user part, in fault reports,
 * in its thread library. Any bit pattern is safe to resume from; what a program may not choose is forced by
 * the kernel. */
#ifndef MUDSKIPPER_ARCH_SAVE_AREA_H
#define MUDSKIPPER_ARCH_SAVE_AREA_H

#include <mudskipper/abi/types.h>

struct save_area {
    uint64_t x[31];
    uint64_t sp;
    uint64_t pc;
    uint64_t pstate; /* only N, Z, C, V (31..28) are the program's */
    uint64_t tpidr;  /* TPIDR_EL0, the thread pointer */
    uint32_t fpcr;
    uint32_t fpsr;
    _Alignas(16) uint64_t q[32][2]; /* q0 .. q31, low half first */
    uint64_t reserved[4];
};

CLAIM(the_vector_registers_start_at_0x120, offsetof(struct save_area, q) == 0x120);
CLAIM(a_save_area_is_832_bytes, sizeof(struct save_area) == 832);

#endif
