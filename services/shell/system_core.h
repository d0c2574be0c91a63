/* SPDX-License-Identifier: MIT */
/* The shell's system by topic; system_core.c puts it together. What each function does: system.h. */
#ifndef SHELL_SYSTEM_CORE_H
#define SHELL_SYSTEM_CORE_H

#include <mudskipper/rpc/channel.h>
#include "core_rpc.h"
#include "memory.h"
#include "system.h"

/* To the core server of the shell's core. */
extern struct rpc_channel system_core_server;

/* The shell's memory: made of RAM of the core server. */
MUST_USE err_t system_memory_init(void);
extern const struct memory system_memory;
extern const struct rpc_memory system_memory_of_calls;

/* system_look.c; the second once the first has said how many there are. */
MUST_USE err_t system_know_cores(uint32_t *count);
coreid_t system_core_of(process_number_t number);
MUST_USE err_t system_machine(void *context, struct system_machine *machine);
MUST_USE err_t system_cores(void *context, system_core_each_t each, void *argument);
MUST_USE err_t system_processes(void *context, system_process_each_t each, void *argument);
MUST_USE err_t system_memories(void *context, system_memory_each_t each, void *argument);
MUST_USE err_t system_memory_clients(void *context, system_client_each_t each, void *argument);
MUST_USE err_t system_regions(void *context, process_number_t number, system_region_each_t each,
                              void *argument);
MUST_USE err_t system_capabilities(void *context, process_number_t number, system_capability_each_t each,
                                   void *argument);

/* system_process.c */
MUST_USE err_t system_spawn(void *context, const struct system_spawn *what, process_number_t *number);
MUST_USE err_t system_wait(void *context, process_number_t number, nanos_t deadline,
                           struct system_exit *exit);
MUST_USE err_t system_kill(void *context, process_number_t number);
MUST_USE err_t system_power_off(void *context, uint8_t code);
MUST_USE err_t system_reboot(void *context);

/* system_names.c */
void system_names_init(void);
MUST_USE err_t system_names(void *context, const char *prefix, system_name_each_t each, void *argument);
MUST_USE err_t system_wait_name(void *context, const char *name, nanos_t deadline);
MUST_USE err_t system_methods(void *context, const char *service, system_method_each_t each, void *argument);
MUST_USE err_t system_call(void *context, const char *service, const char *method,
                           const struct system_value *values, size_t count, system_value_each_t each,
                           void *argument);

/* system_file.c */
MUST_USE err_t system_files(void *context, system_file_each_t each, void *argument);
MUST_USE err_t system_read_file(void *context, const char *name, uint64_t offset, void *buffer, size_t size,
                                size_t *count);
MUST_USE err_t system_read_log(void *context, coreid_t core, uint64_t *position, void *buffer, size_t size,
                               size_t *count);
MUST_USE err_t system_write_log(void *context, const char *text, size_t count);

/* system_waits.c */
MUST_USE err_t system_waits(void *context, system_wait_each_t each, void *argument);
MUST_USE err_t system_check(void *context, system_books_each_t each, void *argument);
MUST_USE err_t system_names_check(coreid_t core, uint64_t *mistakes);

/* system_terminal.c */
void system_terminal_connect(void);
MUST_USE err_t system_terminal(void *context, struct system_terminal *terminal);
MUST_USE err_t system_read(void *context, void *buffer, size_t size, size_t *count);
MUST_USE err_t system_write(void *context, const char *bytes, size_t count);
bool system_interrupted(void *context);
MUST_USE err_t system_sleep_until(void *context, nanos_t deadline);

/* Around what may take long, so that Ctrl-C ends it: whatever lies between waits until the deadline that the
 * first returns, and hands its outcome to the second, which makes CANCELLED of a TIMEOUT that Ctrl-C caused:
 *
 *     struct rpc_channel patient = rpc_until(&server, system_wait_begin(NANOS_NEVER));
 *     err_t e = system_wait_end(service_method(&patient, …)); */
nanos_t system_wait_begin(nanos_t deadline);
MUST_USE err_t system_wait_end(err_t e);

#endif
