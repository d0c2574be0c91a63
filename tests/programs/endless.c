/* SPDX-License-Identifier: MIT */
/* Loops for ever without a system call. With an argument it does not even say so before: when it would be
 * heard beside others is the scheduler's business. */
#include <mudskipper/rt/out.h>
#include <mudskipper/rt/process.h>

int main(int argc, char **argv)
{
    (void)argv;
    if (argc < 2) {
        rt_print("endless: about to loop\n");
    }
    for (volatile unsigned long turns = 0;; turns++) {
    }
}
