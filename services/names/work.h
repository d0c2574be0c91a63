/* SPDX-License-Identifier: MIT */
/* Calls that need other cores: kept, and gone on with by a worker, so that everybody else is served
 * meanwhile. There are as many workers as calls were under way at one time. */
#ifndef NAMES_WORK_H
#define NAMES_WORK_H

#include <mudskipper/abi/cap.h>
#include "owned.h"

struct held_offer;

/* A call of names.rpc on its way. */
struct job {
    struct list_node node;
    void (*run)(struct job *job); /* answers `request`, if there is one; may block */
    struct rpc_request *request;
    bool kept; /* already */
    struct asker who;
    const char *name; /* or prefix */
    const char *text; /* attributes, or after which name */
    uint64_t number;  /* generation, deadline, service */
    unsigned mode;
    struct holder holder;
    struct held_offer *offer;
    cptr_t service;
    size_t bytes; /* of all of it, in a worker's hands */
};

void work_init(void);

/* Runs a copy of the job: by the caller when it is `near`, otherwise by a worker, with the call kept. The
 * strings are copied. What rpc_keep says; NO_MEMORY. */
MUST_USE err_t work_start(const struct job *job, bool near);

/* The same in two steps, for what cannot be undone in between: the first may refuse, with the errors of
 * work_start, and has then changed nothing; then the job goes to a worker or is run here. The call has been
 * kept. */
MUST_USE err_t work_prepare(const struct job *job, struct job **prepared);
void work_go(struct job *prepared);
void work_here(struct job *prepared);

/* Whether something was refused for want of memory, here or there: then a moment has passed, and it may be
 * tried again. */
bool work_waits_for_more(err_t e);

#endif
