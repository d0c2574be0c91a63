/* SPDX-License-Identifier: MIT */
/* System calls: numbers and the register map. docs/reference/abi.md tells the whole.
 *
 *   argument   on entry                                        on return
 *   0          capability (31..0) | operation (47..32)         badge of the sender, token of the call a reply
 *              | SYS_FLAGS (63..48)                            answers, or result 0
 *   1          length in words (15..0) | receive slot          length in words (15..0) | SYS_CAME_...
 *              (63..32)
 *   2 .. 9     eight words                                     eight words
 *   10         absolute deadline, ns                           (kept)
 *   11         capability to send (31..0)                      (kept)
 *   12         system call number                              err_t: codes
 *   13         token of a call                                 err_t: detail
 *
 * On aarch64 argument i is register xi and the call is `svc #0`; on the simulator arch/hostsim/user has the
 * map and the call is a jump through the gate in the start block. A system call may change the vector
 * registers that a C function call may change, and no others. */
#ifndef MUDSKIPPER_ABI_SYSCALL_H
#define MUDSKIPPER_ABI_SYSCALL_H

#include <mudskipper/abi/types.h>
#include <mudskipper/abi/cap.h>
#include <mudskipper/abi/objects.h>

/* A process waits in one place only: SYS_RECV, alone or as the second half of a call or a reply
 * (SYS_FLAG_WAIT). What ends the wait is the next of: a message to one of its endpoints, the reply to one of
 * its calls, a notification, the deadline. Argument 1 says which. */
enum syscall_number {
    SYS_NULL = 0,   /* does nothing: the cost of a system call */
    SYS_INVOKE = 1, /* an operation on an object */
    SYS_SEND = 2,   /* one-way message */
    SYS_CALL = 3,   /* message that will be answered once; the answer comes with the caller's token */
    SYS_RECV = 4,   /* what comes next, until the deadline; 0 polls */
    SYS_REPLY = 5,  /* answers the call received last, or the one kept in a Reply capability */
    SYS_YIELD = 6,  /* gives the rest of the slice away */
    SYS_RESUME = 7, /* continues from a save area of the user part: argument 0 is its enum save_area_index */
    SYS_NOW = 8,    /* result 0: monotonic nanoseconds */
    SYS_COUNT,
};

#define SYS_FLAG_WAIT ((uint64_t)1 << 48) /* SYS_CALL, SYS_REPLY: then receive, in the same system call */
#define SYS_FLAG_CLOSED                                                                                      \
    ((uint64_t)1 << 49) /* receive: messages stay where they are, all else ends the wait */

#define SYS_ARGS           14u
#define SYS_WORDS          8u /* message words, arguments 2 .. 9 */
#define SYS_ARG_WORDS      2u
#define SYS_ARG_DEADLINE   10u
#define SYS_ARG_CAP        11u
#define SYS_ARG_NUMBER     12u
#define SYS_ARG_ERR_CODES  12u
#define SYS_ARG_ERR_DETAIL 13u
#define SYS_ARG_TOKEN      13u

/* Result 1 of a receive: what came. None of the first three: the deadline did (ERR_TIMEOUT). */
#define SYS_CAME_MESSAGE ((uint64_t)1 << 16) /* result 0 is the badge */
#define SYS_CAME_REPLY                                                                                       \
    ((uint64_t)1 << 17)                     /* result 0 is the token; an error means there will be no reply  \
                                             */
#define SYS_CAME_NOTIFY ((uint64_t)1 << 18) /* look at the notification words */
#define SYS_CAME_CALL   ((uint64_t)1 << 19) /* with MESSAGE: the sender waits for a reply */
#define SYS_CAME_CAP    ((uint64_t)1 << 20) /* the receive slot was filled */
#define SYS_CAME_EXIT                                                                                        \
    ((uint64_t)1 << 21) /* with MESSAGE: a dispatcher ended; words: exit code, enum exit_reason,             \
                           fault kind, access, address, pc */

#define SYS_TARGET(cap, operation) ((uint64_t)(uint32_t)(cap) | (uint64_t)(operation) << 32)

#endif
