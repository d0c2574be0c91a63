/* SPDX-License-Identifier: MIT */
/* Notification channels of a core: each can be bound to one dispatcher, which learns of a signal by a bit of
 * its notification words. A channel is named by a Notify capability, which may be on any core. */
#ifndef MUDSKIPPER_KERNEL_NOTIFY_H
#define MUDSKIPPER_KERNEL_NOTIFY_H

#include <mudskipper/abi/error.h>
#include <mudskipper/pure/list.h>
#include "wakeup.h"

struct cap_ref;
struct cap_slot;
struct core;
struct dispatcher;

struct channel {
    struct list_node node;         /* in `channels` of the dispatcher */
    struct dispatcher *dispatcher; /* NULL: nobody */
    uint32_t bit;                  /* of its notification words */
};

struct notify_table {
    struct channel *channels; /* CAP_NOTIFY_CHANNELS of them */
};

/* How many bytes of zeroed memory the table needs. */
uint64_t notify_table_bytes(void);
void notify_table_init(struct notify_table *t, void *memory);

/* Tells everybody whose channel another core has signalled. */
void notify_take(struct core *core);

/* KERNEL_NOTIFY_CORE: OUT_OF_RANGE. */
MUST_USE err_t notify_core(struct core *core, uint64_t other);

/* SYS_INVOKE on a Notify: CAP_MISSING_RIGHT, CAP_ILLEGAL_INVOCATION; BIND and UNBIND also CAP_FOREIGN; UNBIND
 * NOT_FOUND (nobody is bound); BIND EXISTS (bound already), what dispatcher_find_told says. */
MUST_USE err_t notify_invoke(struct core *core, struct dispatcher *d, const struct cap_ref *target,
                             uint32_t operation);

/* Nobody is told through it any more. */
void notify_forget_dispatcher(struct dispatcher *d);
void notify_forget_cap(struct core *core, const struct cap_slot *notify);

#endif
