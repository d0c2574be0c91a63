/* SPDX-License-Identifier: MIT */
/* An Image whose instructions between markers have been counted by hand, for a test of what counts them. Between the
 * markers of each sample there are as many as its comment says. */
#include "image_header.inc"

#define SYS_EXIT_EXTENDED       0x20    /* semihosting */
#define APPLICATION_EXIT        0x20026
#define UART_FLAGS              0x09000018      /* a device of QEMU's virt: an access leaves QEMU's fast way */
#define NOTHING                 0x00000f0000000000 /* no device and no memory there */

.macro begin
        hint    #112
.endm
.macro end
        hint    #113
.endm
.macro next
        hint    #114
.endm

        begin                           /* 0 */
        end

        begin                           /* 5: computations, one of them several addresses of memory away */
        mov     x0, #1
        add     x0, x0, #2
        b       2f
        .skip   8192
2:      mul     x0, x0, x0
        eor     x0, x0, x0
        end

        next
        mov     x1, #1000
        begin                           /* 3000: a loop with a load */
3:      ldr     x2, stack
        subs    x1, x1, #1
        b.ne    3b
        end

        ldr     x3, =UART_FLAGS
        begin                           /* 4: an access of a device between others */
        mov     x2, #1
        ldr     w4, [x3]
        add     x2, x2, #1
        add     x2, x2, #1
        end

        next
        adr     x5, vectors
        msr     vbar_el1, x5
        isb
        ldr     x3, =NOTHING
        begin                           /* 3 of 3, where one faults, and 4 of the handler, which goes on behind it */
        mov     x2, #1
        ldr     w4, [x3]
        add     x2, x2, #1
        end

        mov     w0, #SYS_EXIT_EXTENDED
        adr     x1, status
        hlt     #0xf000
spin:   b       spin

        .balign 2048
vectors:
        .skip   0x200                   /* from the same level, synchronous */
        mrs     x6, elr_el1
        add     x6, x6, #4
        msr     elr_el1, x6
        eret
        .skip   0x5f0

        .balign 8
status: .quad   APPLICATION_EXIT, 0
stack:  .quad   0
        .ltorg
