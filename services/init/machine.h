/* SPDX-License-Identifier: MIT */
/* The end of the machine: when no process that it runs for is left on any core, and when somebody wants it.
 * Core 0 ends it, which has the console. With init's lock held, unless said otherwise. */
#ifndef INIT_MACHINE_H
#define INIT_MACHINE_H

#include <mudskipper/abi/objects.h>
#include <mudskipper/rpc/server.h>

struct archive;

void machine_prepare(const struct archive *archive);

/* A program of the boot file has failed: so has the machine. */
void machine_failed(void);
bool machine_has_failed(void);

/* A process has ended, or all were started: perhaps it was the last. */
void machine_look(void);

/* The call ends the machine, or fails; not for want of memory. BUSY: another does. */
MUST_USE err_t machine_end(struct rpc_request *request, bool reboot, uint32_t code);

/* At once, without any lock: what is on its way to the console is waited for. */
err_t machine_end_now(bool reboot, uint32_t code);

#endif
