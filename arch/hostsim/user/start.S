/* SPDX-License-Identifier: MIT */
/* Entry of every program: rdi is the start block. */
    .section .text._start, "ax"
    .globl _start
    .type _start, @function
_start:
    xor %ebp, %ebp
    sub $8, %rsp /* entered like a function: 8 below a 16-byte boundary */
    call rt_start
    ud2

    .section .note.GNU-stack, "", @progbits
