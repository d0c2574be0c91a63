/* SPDX-License-Identifier: MIT */
#include "decode.h"

/* Hints that no architecture has given a meaning: arch/aarch64/include/mudskipper/arch/marker.h. */
#define HINT(n)    (0xd503201fu | (uint32_t)(n) << 5)
#define MARK_BEGIN HINT(112)
#define MARK_END   HINT(113)
#define MARK_NEXT  HINT(114)

#define WFI  HINT(3)
#define ERET 0xd69f03e0u

/* msr daifset, #imm and msr daifclr, #imm: the immediate is CRm; 2 is the bit of interrupts. */
#define MSR_DAIF_IMMEDIATE 0xd50340dfu
#define IMMEDIATE_MASK     0x00000f20u /* CRm, and which of the two */
#define IMMEDIATE_CLEAR    0x00000020u
#define IMMEDIATE_I        0x00000200u

#define REGISTER     0x1fu
#define MSR_DAIF     0xd51b4220u /* msr daif, xN */
#define MRS_ICC_IAR1 0xd538cc00u /* mrs xN, icc_iar1_el1 */

/* Groups of the instruction set, bits 28 .. 25. */
#define GROUP(insn)     ((insn) >> 25 & 0xf)
#define GROUP_IMMEDIATE 0x8u /* and 0x9 */
#define GROUP_REGISTER  0x5u /* and 0xd */

static bool computes(uint32_t insn)
{
    return (GROUP(insn) & 0xe) == GROUP_IMMEDIATE || (GROUP(insn) & 0x7) == GROUP_REGISTER;
}

static enum kind of_mask(uint32_t insn)
{
    if (!(insn & IMMEDIATE_I)) {
        return KIND_LAST;
    }
    return insn & IMMEDIATE_CLEAR ? KIND_OPEN : KIND_MASK;
}

enum kind decode(uint32_t insn)
{
    if (computes(insn)) {
        return KIND_PLAIN;
    }
    if ((insn & ~IMMEDIATE_MASK) == (MSR_DAIF_IMMEDIATE & ~IMMEDIATE_MASK)) {
        return of_mask(insn);
    }
    switch (insn & ~REGISTER) {
    case MSR_DAIF:
        return KIND_MASK_UNSEEN;
    case MRS_ICC_IAR1:
        return KIND_TAKE;
    }
    switch (insn) {
    case MARK_BEGIN:
        return KIND_MARK_BEGIN;
    case MARK_END:
        return KIND_MARK_END;
    case MARK_NEXT:
        return KIND_MARK_NEXT;
    case ERET:
        return KIND_ERET;
    case WFI:
        return KIND_WAIT;
    }
    return KIND_LAST;
}
