/* SPDX-License-Identifier: MIT */
/* The first program of a test machine: waits for the end of another one, says how it ended, switches the
 * machine off. */
#include <mudskipper/rt/message.h>
#include <mudskipper/rt/process.h>

static const char *const reasons[] = {"by itself", "killed", "by a fault"};

int main(void)
{
    struct rt_message m;
    err_t e = rt_receive(&m, CPTR_NULL, NANOS_NEVER);

    if (!err_ok(e) || !(m.flags & SYS_CAME_EXIT) || m.words[1] >= ARRAY_LENGTH(reasons)) {
        rt_log("witness: something else came\n");
        return 1;
    }
    rt_log("witness: process %lu ended %s, code %lu\n", m.badge, reasons[m.words[1]], m.words[0]);
    return 0;
}
