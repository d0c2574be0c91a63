/* SPDX-License-Identifier: MIT */
/* The processes this core server has started, from birth to the end of everything they had. */
#ifndef INIT_PROCESSES_H
#define INIT_PROCESSES_H

#include <mudskipper/abi/error.h>
#include <mudskipper/pure/words.h>
#include <mudskipper/rt/message.h>

struct archive;

/* Starts the program of a `spawn` statement. */
MUST_USE err_t processes_start(const struct archive *archive, struct text program, struct text arguments,
                               unsigned priority);

/* A message of the kernel that a dispatcher ended: cleans up after it and reports. */
void processes_ended(const struct rt_message *message);

/* How many are alive. */
unsigned processes_alive(void);

/* Whether any ended otherwise than by itself with 0. */
bool processes_any_failed(void);

#endif
