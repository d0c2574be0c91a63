/* SPDX-License-Identifier: MIT */
/* The names that this core owns: core/ns's table, who may register what, and the calls that wait for a name.
 * The caller holds names.mutex for all of it. */
#ifndef NAMES_OWNED_H
#define NAMES_OWNED_H

#include <mudskipper/ns/table.h>

struct rpc_request;

/* Who asks: a process, of whichever core. */
struct asker {
    coreid_t core;
    uint32_t process;
    bool system; /* the boot file started it */
};

struct holder {
    uint64_t service;
    uint64_t generation;
    coreid_t core;
    uint32_t process;
};

/* Once. NO_MEMORY. */
MUST_USE err_t owned_init(void);

struct claim {
    const char *name;
    const char *attributes;
    uint64_t service;
    unsigned mode; /* enum ns_mode */
};

struct claimed {
    uint64_t generation; /* 0: queued */
    uint64_t dropped;    /* the service that had to make room; 0: none */
    coreid_t dropped_core;
};

/* As ns_register. NAME_PREFIX: not for this process to have. NAME_TAKEN: programs replace nobody, what
 * the boot file started may replace what programs hold. */
MUST_USE err_t owned_claim(const struct asker *who, const struct claim *claim, struct claimed *claimed);

void owned_release(const struct asker *who, uint64_t service);

/* All names of a process are free, its waits are dropped. */
void owned_gone(coreid_t core, uint32_t process);

/* The same for all processes of a core. */
void owned_core_gone(coreid_t core);

/* NAME_UNKNOWN; STALE unless generation is 0. */
MUST_USE err_t owned_find(const char *name, uint64_t generation, struct holder *holder);

/* Somebody holds the name, or nobody did in time: answers a call that was kept, and ends it. Called with
 * names.mutex held. */
typedef void (*owned_answer_t)(struct rpc_request *kept, uint32_t client, err_t error,
                               const struct holder *holder);

/* Keeps the call; `answer` may be called at once. What rpc_keep says, NO_MEMORY. */
MUST_USE err_t owned_wait(const struct asker *who, const char *name, nanos_t deadline,
                          struct rpc_request *request, owned_answer_t answer);

/* Answers those whose deadline has come; when to call it next. */
nanos_t owned_expire(nanos_t now);

/* The next names behind `after` at or below the prefix; the views are valid until the mutex is given up. */
size_t owned_list(const char *prefix, const char *after, struct ns_view *views, size_t room);

/* ns_validate of them. */
size_t owned_check(format_sink_t sink, void *context);

#endif
