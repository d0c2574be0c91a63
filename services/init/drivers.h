/* SPDX-License-Identifier: MIT */
/* Devices of the machine and the drivers that the boot file gives them to.
 *
 * The console is a device like others. Its endpoint is made here and bound to its driver, so that it stays
 * when the driver ends: who writes meanwhile gets PEER_GONE, and the next driver is reached through the same
 * capabilities. */
#ifndef INIT_DRIVERS_H
#define INIT_DRIVERS_H

#include <mudskipper/abi/cap.h>
#include <mudskipper/abi/error.h>

struct archive;
struct boot_statement;
struct process_start;

/* Starts `what` once for each device that the statement names; it gets
 *
 *    registers   DevFrame, whole pages       DEVICE         the name by which the statement means it
 *    irq         IRQ of its line, if any     DEVICE_OFFSET  where in their first page the registers begin
 *    memory      RAM for page tables
 *
 * The first error is returned, after all devices were tried. */
MUST_USE err_t drivers_start(const struct archive *archive, const struct boot_statement *s,
                             const struct process_start *what);

/* For one device only, by its place in the boot information. */
MUST_USE err_t drivers_start_one(const struct archive *archive, const struct boot_statement *s,
                                 uint32_t device, const struct process_start *what);

/* The endpoint of the console's driver; CPTR_NULL: the kernel has the console. */
cptr_t drivers_console(void);

/* Shows the line, once the kernel does not; gives up after a second. */
void drivers_say(const char *text);

/* Everything written to the console so far has left the machine, or a second has passed. */
void drivers_flush(void);

#endif
