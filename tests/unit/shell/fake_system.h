/* SPDX-License-Identifier: MIT */
/* A small system for the shell to look at: 3 cores, 5 processes, 2 services in one of them; every function
 * can be made to fail. Tests change what they need; fake_reset brings it back. */
#ifndef FAKE_SYSTEM_H
#define FAKE_SYSTEM_H

#include "buffer.h"
#include "system.h"

#define FAKE_PROCESSES 16u

struct fake_process {
    process_number_t number;
    coreid_t core;
    char name[32];
    enum system_process_state state;
    struct system_exit exit;
    nanos_t ends; /* at this time it ends by itself; NANOS_NEVER: never */
    bool waited;  /* nobody may ask any more */
};

struct fake {
    struct fake_process processes[FAKE_PROCESSES];
    size_t process_count;
    nanos_t now;
    struct buffer written; /* by the shell */
    struct buffer log;     /* of core 0 */
    struct buffer actions; /* what was done to the system, one line each */
    const char *input;     /* of the terminal; NULL or "": ended */
    size_t input_piece;    /* bytes per read; 0: all */
    bool interrupt;        /* somebody presses Ctrl-C at the next chance */
    const char *fails;     /* name of the function that fails */
    err_t with;
    struct system_exit next_exit; /* of the next program spawned */
    nanos_t next_runs;            /* how long it will run */
    struct system_terminal terminal;
    struct system_memory memory[2];
    bool circle;      /* waits shows one */
    bool books_wrong; /* check shows one */
    enum system_core_state third_core;
    bool no_services;
};

extern struct fake fake;
extern const struct system fake_system;

void fake_reset(void);
void fake_free(void);

#endif
