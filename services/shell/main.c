/* SPDX-License-Identifier: MIT */
/* The shell's program: connects to the system of its core and hands everything over. */
#include <mudskipper/pure/error_text.h>
#include <mudskipper/rt/process.h>
#include "program.h"

int main(int argc, char **argv)
{
    const struct system *system;
    err_t e = system_connect(&system);

    if (!err_ok(e)) {
        /* No terminal yet: the log is all there is. */
        rt_log("shell: cannot connect to its servers: %s\n", err_name(e.code[0]));
        return 1;
    }
    return shell_program(system, &system_memory, argc, argv);
}
