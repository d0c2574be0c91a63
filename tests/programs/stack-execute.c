/* SPDX-License-Identifier: MIT */
/* Jumps into its stack. */
#include <mudskipper/rt/out.h>
#include <mudskipper/rt/process.h>

int main(void)
{
    volatile unsigned char code[64] = {0};
    void (*jump)(void) = (void (*)(void))code;

    rt_print("stack-execute: about to jump\n");
    jump();
    return code[0];
}
