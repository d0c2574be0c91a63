/* SPDX-License-Identifier: MIT */
/* The first program of a test machine: lets the others run for a while, then switches the machine off with 0.
 */
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/thread.h>

#define LIFE_NS ((nanos_t)300 * 1000 * 1000)

int main(void)
{
    thread_sleep_until(rt_now() + LIFE_NS);
    rt_log("pause: done\n");
    return 0;
}
