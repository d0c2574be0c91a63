/* SPDX-License-Identifier: MIT */
/* Random sequences of typed system calls: what the parts of the fuzzer have in common.
 *
 *   sequence.c   the test program: seeds, lives, what is left behind
 *   fuzzer.c     a peer that makes the calls, in a capability space of its own, until it is worn out or dead
 *   generate.c   one function for each operation of the ABI, which makes a call of it
 *   model.c      which capability is believed to be in which slot; numbers
 *   report.c     what came of all calls, and what must have come of them
 *
 * Everything is derived from the seed and from results, so a run is the same again where nothing else runs.
 */
#ifndef TESTS_CONFORMANCE_SEQUENCES_SEQUENCE_H
#define TESTS_CONFORMANCE_SEQUENCES_SEQUENCE_H

#include <mudskipper/abi/dispatcher.h>
#include <mudskipper/abi/syscall.h>
#include <mudskipper/rt/cap.h>
#include "../system/random.h"

enum operation {
#define OPERATION(name, type) OP_##name,
#define SYSTEM_CALL(name)     OP_##name,
#include "operations.inc"
#undef OPERATION
#undef SYSTEM_CALL
    OP_NONE, /* the target could not be found, or has no such operation */
    OPERATIONS,
};

/* One system call. Argument 12 is its number. */
struct step {
    uint64_t args[SYS_ARGS];
};

/* ---- the fuzzer's capability space ---- */

/* CNode 0, and CNode 1 once it has made one. */
#define SPACE_CNODES 2u
#define SPACE_SLOTS  56u /* used of each */

#define WEAK_CNODE 3u /* L1 slot of one that may be neither looked into nor filled */

enum own_slot {
    OWN_DISPATCHER = 1,
    OWN_ENDPOINT,
    OWN_USER_PART,
    OWN_FRAME,
    OWN_SENDER, /* to its own endpoint */
    OWN_CNODE,
    OWN_SPACE, /* its root */
    OWN_RAM,   /* where everything it makes comes from */
    OWN_OTHER_RAM,
    OWN_KERNEL,
    OWN_KERNEL_WEAK, /* may not be invoked */
    OWN_IRQ,
    OWN_IRQ_WEAK,
    OWN_DISPATCHER_WEAK,
    OWN_LOG,
    OWN_LOG_WEAK,
    OWN_PHYS,
    OWN_PREFIX,
    OWN_INSPECT,
    OWN_PROCESS,
    OWN_NOTIFY,
    OWN_DISPATCHERS,                  /* two */
    OWN_TABLES = OWN_DISPATCHERS + 2, /* one of each level */
    OWN_BIG_FRAME = OWN_TABLES + 4,
    OWN_ENDPOINTS,              /* two that nobody receives from */
    OWN_L1 = OWN_ENDPOINTS + 2, /* two larger L1CNodes */
    OWN_MAPPINGS = OWN_L1 + 2,  /* five: the tables one in the other; pages; a page that may only be read */
    OWN_LAST = OWN_MAPPINGS + 5,
    OWN_ROOT_TOO, /* the root again: where it looks what it has */
};

#define IRQ_LINES 4u /* of OWN_IRQ: at the end of all, no device's */

CLAIM(more_than_a_quarter_is_empty, OWN_LAST < SPACE_SLOTS - SPACE_SLOTS / 4);

extern struct random source;

/* ---- model.c ---- */

/* Looks into all slots. False: its own space has been lost. */
bool model_look(void);

/* Whether it could. */
bool model_can_look(void);

/* What is really in the slot; CAP_TYPE_NULL also when it cannot be looked at. */
unsigned model_type(cptr_t slot, unsigned *rights);

#define TYPE(name) ((uint32_t)1 << CAP_TYPE_##name)
#define TABLES     (TYPE(VNODE_L0) | TYPE(VNODE_L1) | TYPE(VNODE_L2) | TYPE(VNODE_L3))

/* A slot believed to hold one of these types; any slot if there is none. */
cptr_t some_of(uint32_t types);
cptr_t some_slot(void);
cptr_t some_empty(void);
bool one_in(unsigned n);

/* A number that means something somewhere, or nothing. */
uint64_t some_number(void);

/* What KERNEL_SHARE said, for ADOPT, FIND and for those who clean up. */
#define SHARED_MAX 256u
struct shared {
    struct cap_across what;
    coreid_t core;
};
extern struct shared shared[SHARED_MAX];
extern volatile unsigned shared_count;

/* ---- generate.c ---- */

extern const char *const operation_names[OPERATIONS];

/* A life begins: what it will like. */
void generate_begin(void);

void generate(struct step *s);

/* The operation that a call is, its target being of this type. */
enum operation operation_of(const struct step *s, unsigned type);

/* ---- fuzzer.c ---- */

#define LIFE_STEPS 300u

enum fuzzer_state { FUZZER_RUNS, FUZZER_SUSPENDS, FUZZER_RESUMES, FUZZER_RESTS };
extern volatile uint64_t fuzzer_steps; /* made, in all its lives */
extern volatile uint64_t fuzzer_limit;
extern volatile uint32_t fuzzer_state;
extern bool fuzzer_traces;

/* Before the peer starts. */
void fuzzer_prepare(struct dispatcher_user *user_part);

/* The entry of the peer; runs until `fuzzer_limit` or for LIFE_STEPS. */
void fuzzer_main(void *user_part);

/* The peer has ended in the midst of a call. */
void fuzzer_ended(void);

/* The last calls, for people. */
void fuzzer_tell(void);

/* ---- report.c ---- */

void report_result(enum operation op, unsigned error);
void report_ended_caller(enum operation op);
void report_print(void);
bool report_each_succeeded_and_was_refused(void);
bool report_errors_are_those_listed(bool all);

#endif
