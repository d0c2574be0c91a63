/* SPDX-License-Identifier: MIT */
/* What a machine is made of. */
#ifndef HOSTSIM_OPTIONS_H
#define HOSTSIM_OPTIONS_H

#include <mudskipper/abi/types.h>

#define SIM_CORES_MAX 64u

/* A file that is appended to the boot archive. */
struct sim_extra {
    const char *name; /* in the archive */
    const char *file; /* to read; NULL: `text` is the content, "-" standard input */
    const char *text;
};

struct sim_options {
    unsigned cores;
    uint64_t memory; /* bytes of RAM */
    uint64_t window; /* bytes of an address space */
    const char *archive;
    bool archive_optional; /* nobody named one: without the file the machine has none */
    struct sim_extra *extras;
    size_t extras_count;
    nanos_t timeout; /* NANOS_NEVER: none */
    char *command_line;
    uint64_t seed;      /* of a deterministic machine, and what it is to do: */
    const char *faults; /* NULL: none */
    const char *trace;  /* file to write the trace to; NULL: none */
    uint64_t until;     /* event to end at; 0: none */
    const char *places; /* file for where programs are loaded; NULL: none */
};

enum sim_parsed { SIM_PARSED_RUN, SIM_PARSED_DONE, SIM_PARSED_WRONG };

/* Reads the command line. DONE: --help was answered. WRONG: one sentence was printed. */
enum sim_parsed sim_options_parse(struct sim_options *options, int argc, char **argv);

/* The options of a machine nobody said anything about. */
void sim_options_default(struct sim_options *options);

void sim_options_free(struct sim_options *options);

#endif
