/* SPDX-License-Identifier: MIT */
/* An Image that does nothing but end, in the way that END says: for tests of what the tools make of it. */
#define SYS_EXIT_EXTENDED       0x20    /* semihosting */
#define APPLICATION_EXIT        0x20026

        .globl  _start
_start: b       1f                      /* header of a Linux arm64 Image */
        .long   0
        .quad   0x200000                /* load offset */
        .quad   0x10000                 /* size */
        .quad   0
        .quad   0, 0, 0
        .ascii  "ARM\x64"
        .long   0

1:
#ifdef END_PSCI                         /* a function number: power off, or reset */
        ldr     w0, =END_PSCI
        hvc     #0
#endif
#ifdef END_STATUS                       /* tells its status, as the system does */
        mov     w0, #SYS_EXIT_EXTENDED
        adr     x1, status
        hlt     #0xf000
#endif
spin:   b       spin                    /* END_HANG gets here at once */

        .balign 8
status:
#ifdef END_STATUS
        .quad   APPLICATION_EXIT, END_STATUS
#endif
