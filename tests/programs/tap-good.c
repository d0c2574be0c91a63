/* SPDX-License-Identifier: MIT */
/* A test program that passes, whatever happened to those before it. */
#include <mudskipper/rt/out.h>

int main(void)
{
    rt_print("1..1\nok 1 - CONTROL-004 passes\n");
    return 0;
}
