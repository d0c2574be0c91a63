/* SPDX-License-Identifier: MIT */
/* A test program one of whose tests fails. */
#include <mudskipper/rt/out.h>

int main(void)
{
    rt_print("1..2\nok 1 - CONTROL-001 passes\nnot ok 2 - CONTROL-002 fails\n");
    return 1;
}
