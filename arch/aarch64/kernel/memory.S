/* SPDX-License-Identifier: MIT */
/* memcpy, memmove, memset, memcmp for the kernel, with the MMU on: normal memory takes unaligned accesses.
 * Large zeroing and copying is what retype, spawn and save areas spend their time on. */
#include "asm.h"

    .section .text.memcpy, "ax"

/* void *memcpy(void *to, const void *from, size_t count). Uses x3 .. x15. */
GLOBAL(memcpy)
    mov x3, x0
    cmp x2, #16
    b.lo copy_small
    cmp x2, #64
    b.lo copy_medium

1:  ldp x4, x5, [x1]
    ldp x6, x7, [x1, #16]
    ldp x8, x9, [x1, #32]
    ldp x10, x11, [x1, #48]
    add x1, x1, #64
    sub x2, x2, #64
    stp x4, x5, [x3]
    stp x6, x7, [x3, #16]
    stp x8, x9, [x3, #32]
    stp x10, x11, [x3, #48]
    add x3, x3, #64
    cmp x2, #64
    b.hs 1b
    cmp x2, #16
    b.lo copy_small

copy_medium: // 16 .. 63 bytes
2:  ldp x4, x5, [x1], #16
    sub x2, x2, #16
    stp x4, x5, [x3], #16
    cmp x2, #16
    b.hs 2b

copy_small: // 0 .. 15
    tbz x2, #3, 3f
    ldr x4, [x1], #8
    str x4, [x3], #8
3:  tbz x2, #2, 4f
    ldr w4, [x1], #4
    str w4, [x3], #4
4:  tbz x2, #1, 5f
    ldrh w4, [x1], #2
    strh w4, [x3], #2
5:  tbz x2, #0, 6f
    ldrb w4, [x1]
    strb w4, [x3]
6:  ret

/* void *memmove(void *to, const void *from, size_t count) */
    .section .text.memmove, "ax"
GLOBAL(memmove)
    sub x3, x0, x1
    cmp x3, x2
    b.hs memcpy // not inside [from, from + count): forwards, each step loads before it stores
    add x3, x0, x2
    add x1, x1, x2
1:  cmp x2, #16
    b.lo 2f
    ldp x4, x5, [x1, #-16]!
    sub x2, x2, #16
    stp x4, x5, [x3, #-16]!
    b 1b
2:  tbz x2, #3, 3f
    ldr x4, [x1, #-8]!
    str x4, [x3, #-8]!
3:  tbz x2, #2, 4f
    ldr w4, [x1, #-4]!
    str w4, [x3, #-4]!
4:  tbz x2, #1, 5f
    ldrh w4, [x1, #-2]!
    strh w4, [x3, #-2]!
5:  tbz x2, #0, 6f
    ldrb w4, [x1, #-1]
    strb w4, [x3, #-1]
6:  ret

/* void *memset(void *to, int byte, size_t count). Uses x3 .. x6. */
    .section .text.memset, "ax"
GLOBAL(memset)
    mov x3, x0
    and x1, x1, #0xff
    mov x4, #0x0101010101010101
    mul x1, x1, x4
    cmp x2, #16
    b.lo set_small
    cbnz x1, 2f
    cmp x2, #256
    b.lo 2f

    /* Zeros: whole cache lines at once where the processor can. */
    mrs x4, dczid_el0
    tbnz x4, #4, 2f
    and x4, x4, #15
    mov x5, #4
    lsl x5, x5, x4          // bytes of a block
    cmp x2, x5, lsl #1
    b.lo 2f
    sub x6, x5, #1
1:  tst x3, x6              // up to the first block
    b.eq 3f
    strb wzr, [x3], #1
    sub x2, x2, #1
    tst x3, #7
    b.ne 1b
7:  tst x3, x6
    b.eq 3f
    str xzr, [x3], #8
    sub x2, x2, #8
    b 7b
3:  dc zva, x3
    add x3, x3, x5
    sub x2, x2, x5
    cmp x2, x5
    b.hs 3b
    cmp x2, #16
    b.lo set_small

2:  stp x1, x1, [x3], #16
    sub x2, x2, #16
    cmp x2, #16
    b.hs 2b

set_small:
    tbz x2, #3, 4f
    str x1, [x3], #8
4:  tbz x2, #2, 5f
    str w1, [x3], #4
5:  tbz x2, #1, 6f
    strh w1, [x3], #2
6:  tbz x2, #0, 8f
    strb w1, [x3]
8:  ret

/* int memcmp(const void *a, const void *b, size_t count) */
    .section .text.memcmp, "ax"
GLOBAL(memcmp)
1:  cmp x2, #8
    b.lo 2f
    ldr x3, [x0], #8
    ldr x4, [x1], #8
    sub x2, x2, #8
    cmp x3, x4
    b.eq 1b
    rev x3, x3              // the first byte that differs decides
    rev x4, x4
    cmp x3, x4
    cset w0, hi
    csinv w0, w0, wzr, hs
    ret
2:  cbz x2, 3f
    ldrb w3, [x0], #1
    ldrb w4, [x1], #1
    sub x2, x2, #1
    subs w3, w3, w4
    b.eq 2b
    mov w0, w3
    ret
3:  mov w0, wzr
    ret
