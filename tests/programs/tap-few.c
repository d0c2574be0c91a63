/* SPDX-License-Identifier: MIT */
/* A test program that plans more tests than it reports, and ends as if all were well. */
#include <mudskipper/rt/out.h>

int main(void)
{
    rt_print("1..2\nok 1 - CONTROL-003 passes\n");
    return 0;
}
