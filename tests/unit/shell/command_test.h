/* SPDX-License-Identifier: MIT */
/* Tests of commands: lines run against the fake system, and what comes of it. */
#ifndef COMMAND_TEST_H
#define COMMAND_TEST_H

#include "test.h"

#include "fake_system.h"
#include "shell.h"

struct row {
    const char *name;
    const char *given; /* words, see give(): how the system differs from the usual one */
    const char *lines; /* run one after the other */
    const char
        *transcript; /* "> " line · what it printed · "! " why it failed · "* " what it did to the system */
};

void give(const char *words);

/* The test of a row. */
void command_does(void **state);

#endif
