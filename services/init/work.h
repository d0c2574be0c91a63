/* SPDX-License-Identifier: MIT */
/* What waits for others: other cores, processes. It runs in a thread of its own, without init's lock. Threads
 * are made when they are needed, of init's heap, and two of them are kept for the next time. */
#ifndef INIT_WORK_H
#define INIT_WORK_H

#include <mudskipper/abi/error.h>
#include <mudskipper/pure/list.h>

struct rpc_request;

/* First member of what a piece of work has to know. */
struct work {
    void (*run)(struct work *work);
    struct list_node node; /* while it waits for the thread that is always there */
};

/* Before anything else here. */
void work_init(void);

/* Calls run(work) soon, in another thread; from then on `work` is its own. NO_MEMORY. Any lock may be held.
 */
MUST_USE err_t work_start(struct work *work, void (*run)(struct work *work));

/* For what somebody waits for and nobody can be refused: where there is no memory for a thread, the one that
 * is always there does it, one after the other. It must end by itself: other cores may take their time, and
 * what they have no memory for is done again later. */
void work_surely(struct work *work, void (*run)(struct work *work));

/* The same work once more a moment later, behind what waits for the thread that is always there. Whoever is
 * doing it returns. */
void work_again(struct work *work);

/* A call that ends later: first member of what its continuation has to know. */
struct later {
    struct work work;
    struct rpc_request *request; /* kept: to be ended */
    void (*run)(struct later *later);
};

/* A zeroed block for one, that begins with a struct later; NULL: there is no memory. */
void *later_make(size_t bytes);
void later_free(struct later *later);

/* Keeps the call; run(later) ends it and frees `later`, in another thread. An error: `later` is freed, and
 * the handler returns the error. */
MUST_USE err_t later_start(struct later *later, struct rpc_request *request, void (*run)(struct later *));

/* The same without a call of its own. An error: `later` is freed. */
MUST_USE err_t later_go(struct later *later, void (*run)(struct later *));

#endif
