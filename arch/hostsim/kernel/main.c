/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <stdlib.h>
#include <unistd.h>
#include "sim.h"

int main(int argc, char **argv)
{
    struct sim_options options;
    unsigned status = SIM_STATUS_TOOL;

    sim_options_default(&options);
    switch (sim_options_parse(&options, argc, argv)) {
    case SIM_PARSED_DONE:
        status = 0;
        break;
    case SIM_PARSED_WRONG:
        break;
    case SIM_PARSED_RUN:
        if (sim_machine_create(&options)) {
            status = sim_machine_run();
        }
        if (!sim_machine_destroy()) {
            _exit((int)status); /* a thread still uses what would be freed */
        }
        break;
    }
    sim_options_free(&options);
    return (int)status;
}
