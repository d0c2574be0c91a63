/* SPDX-License-Identifier: MIT */
/* An Image that does nothing but end, in the way that END says: for tests of what the tools make of it. */
#define SYS_EXIT_EXTENDED       0x20    /* semihosting */
#define APPLICATION_EXIT        0x20026
#include "image_header.inc"

#ifdef END_CALL                         /* a function that is called before with 0 */
        ldr     x0, =0x40400000         /* memory of QEMU's virt, behind the Image */
        mov     sp, x0
        mov     x0, #0
        bl      END_CALL
#endif
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
