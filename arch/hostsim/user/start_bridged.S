/* SPDX-License-Identifier: MIT */
/* Entry of every program that was compiled with a sanitizer's hooks: they are bound before the first of them is
 * called. rdi is the start block. */
    .section .text._start, "ax"
    .globl _start
    .type _start, @function
_start:
    xor %ebp, %ebp
    mov %rdi, %rbx
    sub $8, %rsp /* entered like a function: 8 below a 16-byte boundary */
    call bridge_bind
    mov %rbx, %rdi
    call rt_start
    ud2

    .section .note.GNU-stack, "", @progbits
