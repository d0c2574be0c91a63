/* SPDX-License-Identifier: MIT */
#ifndef MUDSKIPPER_KERNEL_END_H
#define MUDSKIPPER_KERNEL_END_H

#include <mudskipper/abi/dispatcher.h>
#include <mudskipper/abi/objects.h>

struct core;
struct dispatcher;

/* Exit codes of a process that did not end by itself. */
#define EXIT_FAULT     139u /* a fault */
#define EXIT_NO_VSPACE 138u /* its address space was deleted */
#define EXIT_DELETED   137u /* its dispatcher was */

#define ENDED_NAME_BYTES 32u

/* Ends that the log has not been told yet, oldest first. One entry into the kernel ends a dispatcher or two;
 * when there are more, the oldest are told at once. */
struct end_news {
    uint32_t count;
    struct ended {
        uint32_t process;
        uint32_t exit_code;
        char name[ENDED_NAME_BYTES];
    } ended[4];
};

/* Tells the log of the oldest. There is one. */
void end_news_step(struct end_news *news);

/* Ends a dispatcher; the machine goes off with the first program of the boot core. */
void end_dispatcher(struct core *core, struct dispatcher *d, uint32_t exit_code, enum exit_reason reason,
                    const struct fault_record *fault);

#endif
