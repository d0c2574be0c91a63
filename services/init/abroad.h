/* SPDX-License-Identifier: MIT */
/* Processes of other cores that somebody here wants to know about: children of processes of this core, and
 * what is waited for. The other core keeps the record of a child until it is told to forget it.
 *
 *    this core                                 core of the process
 *    abroad_child  <--- answer to spawn -----  processes_start, watched by the parent's core
 *    abroad_heard  <--- peer.ended ----------  finish
 *    abroad_forget ---- peer.forget -------->  processes_forget
 *    abroad_orphan ---- peer.orphans ------->  children have no parent any more
 *
 * With init's lock held. */
#ifndef INIT_ABROAD_H
#define INIT_ABROAD_H

#include "processes.h"
#include "work.h"

struct abroad {
    struct work work; /* for what the other core is told at its end here */
    struct abroad *next;
    uint32_t number;
    uint32_t parent; /* PROCESS_NONE: only waited for */
    bool orphaned;   /* its parent has ended, and its core could not be told */
    bool ended;
    struct process_exit exit; /* ended */
    struct wait *waits;
};

/* NULL: nobody here wants to know of it. */
struct abroad *abroad_find(uint32_t number);

/* Memory for one, to be had before it is needed; NULL: there is none. */
struct abroad *abroad_make(void);
void abroad_free(struct abroad *a);

/* `a` is filled in and becomes known; if the process is known already `a` is freed. */
struct abroad *abroad_add(struct abroad *a, uint32_t number, uint32_t parent);

/* The call is kept until it has ended, or its core is silent; `parent` as with waits_add. */
MUST_USE err_t abroad_await(struct abroad *a, struct rpc_request *request, bool parent);

/* A bit for each core for ends of whose processes somebody here waits. */
uint64_t abroad_awaited_cores(void);

/* It has ended: tells who waits. `parent` of this core, PROCESS_NONE: it has none here. NO_MEMORY: its
 * parent, which is one, does not know it yet, and is to be told again. */
MUST_USE err_t abroad_heard(uint32_t number, uint32_t parent, const struct process_exit *exit);

/* Its parent knows, or nobody waits any more: forgotten here and, if it was a child, there. */
void abroad_forget(struct abroad *a);

/* That core has fallen silent: nobody waits for ends of its processes any more. */
void abroad_cut_off(coreid_t core);

/* A process of this core has ended: its children abroad have no parent any more. */
void abroad_orphan(uint32_t parent);

/* The process whose end the n-th wait of `client` in here is for, counted from 0; PROCESS_NONE: there are not
 * so many. */
uint32_t abroad_awaited_by(uint32_t client, unsigned n);

/* Drops waits that nobody waits for any more. */
void abroad_drop_cancelled(void);

#endif
