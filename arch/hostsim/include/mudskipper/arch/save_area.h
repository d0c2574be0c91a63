/* SPDX-License-Identifier: MIT */
/* The registers of a program as they lie in a dispatcher's save area: x86-64 Linux as the simulator's
 * processor.
 *
 *   0x000  argument[0 .. 13]   rdi rsi rdx rcx r8 r9 rax r10 r11 rbx r12 r13 r14 r15
 *   0x070  rbp, rsp, rip, rflags
 *   0x090  reserved, zero
 *   0x0c0  XSAVE area in the standard form: x87, SSE and AVX state
 *   0x400
 *
 * The general registers stand in the order of system call arguments, so that argument i is word i. */
#ifndef MUDSKIPPER_ARCH_SAVE_AREA_H
#define MUDSKIPPER_ARCH_SAVE_AREA_H

#include <mudskipper/abi/types.h>

#define SAVE_AREA_ARGUMENTS 14u
#define SAVE_AREA_XSAVE     832u /* 512 legacy, 64 header, 256 upper halves of ymm0 .. ymm15 */

struct save_area {
    uint64_t argument[SAVE_AREA_ARGUMENTS];
    uint64_t rbp;
    uint64_t rsp;
    uint64_t rip;
    uint64_t rflags;
    uint64_t reserved[6];
    _Alignas(64) uint8_t xsave[SAVE_AREA_XSAVE];
};

CLAIM(a_save_area_is_one_kibibyte, sizeof(struct save_area) == 1024);

#endif
