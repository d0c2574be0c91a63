/* SPDX-License-Identifier: MIT */
/* The handlers of core.rpc, by file; core_server.c puts them together. All are called with init's lock held
 * and do not wait for others: what has to is kept, and goes on in a thread of its own (work.h). */
#ifndef INIT_CORE_CALLS_H
#define INIT_CORE_CALLS_H

#include <mudskipper/rpc/server.h>
#include "processes.h"

#define SERVICE_CORE     1u /* 0 is the kernel's: ends of processes */
#define SERVICE_STREAMS  2u /* streams.c */
#define SERVICE_CHANNELS 3u /* channels.c */

#define CORE_OWN UINT32_MAX /* of the caller's */

struct archive;

/* Which child calls. Only children can; NULL: it has just ended. */
const struct process *caller_of(const struct rpc_request *request);
bool caller_may(const struct rpc_request *request, enum process_right right);
err_t refused(void);

/* Whether a core is another one than this. BAD_CORE. */
MUST_USE err_t is_other(uint32_t core, bool *other);

/* ---- core_spawn.c */

MUST_USE err_t serve_spawn(void *context, struct rpc_request *request, const void *words, size_t bytes);
MUST_USE err_t serve_start(void *context, struct rpc_request *request, const void *words, size_t words_bytes,
                           const void *settings, size_t settings_bytes, const char *caps, cptr_t out);
MUST_USE err_t serve_spawn_on(void *context, struct rpc_request *request, uint32_t core, uint8_t streams,
                              const char *caps, const void *words, size_t bytes);

/* For a process of another core. */
MUST_USE err_t spawn_for(uint32_t parent, unsigned streams, unsigned rights, const void *words, size_t bytes,
                         uint32_t *number);

/* ---- core_ends.c */

struct rpc_lmp_server;
struct rt_message;

/* `from`: where boot statements are; `server`: whose callers end. */
void ends_prepare(const struct archive *from, struct rpc_lmp_server *server);

/* A message of the kernel that a dispatcher has ended. */
void ends_of_process(void *context, const struct rt_message *message);

MUST_USE err_t serve_wait(void *context, struct rpc_request *request, uint32_t number, bool block);
MUST_USE err_t serve_kill(void *context, struct rpc_request *request, uint32_t number);
MUST_USE err_t serve_ended(void *context, struct rpc_request *request, uint32_t done);

/* The same for another core, `request` being its call: ends the process and answers when it owns nothing. */
MUST_USE err_t kill_for(struct rpc_request *request, uint32_t number);

/* Whether it has ended, and how; if not, core `who` is told when it does. */
MUST_USE err_t watch_for(coreid_t who, uint32_t number, bool *ended, struct process_exit *exit);
void forget_for(uint32_t number);

/* A child of another core's process has been started: its end will be told there. NO_MEMORY: it is no more.
 */
MUST_USE err_t watch_child(uint32_t number);

/* ---- core_others.c: calls about other cores, `core` being one */

MUST_USE err_t others_processes(struct rpc_request *request, coreid_t core, uint32_t from);
MUST_USE err_t others_capabilities(struct rpc_request *request, uint32_t number, uint32_t from);
MUST_USE err_t others_regions(struct rpc_request *request, uint32_t number, uint64_t from);
MUST_USE err_t others_waits(struct rpc_request *request, coreid_t core, uint32_t from);
MUST_USE err_t others_figures(struct rpc_request *request, coreid_t core);
MUST_USE err_t others_check(struct rpc_request *request, coreid_t core);
MUST_USE err_t others_log(struct rpc_request *request, coreid_t core, uint64_t position);
MUST_USE err_t others_spawn(struct rpc_request *request, coreid_t core, const struct process_start *what,
                            const void *words, size_t bytes);
MUST_USE err_t others_kill(struct rpc_request *request, uint32_t number);

/* Asks the other core about a process that is not known here. */
MUST_USE err_t others_wait(struct rpc_request *request, uint32_t number, bool block);

#endif
