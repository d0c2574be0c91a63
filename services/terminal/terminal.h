/* SPDX-License-Identifier: MIT */
/* The terminal between its clients and its device.
 *
 *    write -> [waiting writers] -> out -> device -> in -> [waiting readers] -> read
 *                                              \-> Ctrl-C -> [who waits for interrupts]
 *
 * Nothing is dropped: a writer waits while `out` is full, the device keeps its bytes while `in` is. Calls
 * that wait are answered in the order in which they came, but for Ctrl-C, which ends what was started last.
 * It is that client's own affair: it gets it as a byte while it reads itself. Who calls and how it is
 * answered is known to `calls` only, so that this is pure.
 *
 * Lock: the caller's, held for every function here. */
#ifndef TERMINAL_TERMINAL_H
#define TERMINAL_TERMINAL_H

#include <mudskipper/pure/list.h>
#include "driver.h"
#include "ring.h"

#define TERMINAL_READ_MAX 4096u /* bytes of one read */

/* A call that waits. The memory is its maker's again when it was answered. */
struct waiting {
    struct list_node node;
    void *call;          /* the maker's */
    uint32_t client;     /* who calls */
    const uint8_t *data; /* writer: what is left */
    uint32_t count;      /* writer: bytes left; reader: most bytes */
    uint32_t total;      /* writer: bytes of the call */
};

/* Answers a call and gives back its memory. Neither blocks nor calls back. */
struct terminal_calls {
    void (*written)(struct waiting *w);
    /* False: the reader is gone, and the bytes are the next one's. */
    bool (*have_read)(struct waiting *w, const uint8_t *bytes, uint32_t count);
    /* Ctrl-C was pressed. False: who waited is gone. */
    bool (*interrupted)(struct waiting *w);
    void (*done)(struct waiting *w); /* flush */
};

struct terminal {
    struct device device;
    const struct terminal_calls *calls;
    struct list writers;
    struct list readers;
    struct list flushers;
    struct list interrupted; /* who waits for Ctrl-C */
    bool ended;
    struct ring out;
    struct ring in;
};

void terminal_init(struct terminal *t, const struct device *device, const struct terminal_calls *calls);

/* Takes a write that need not wait. False: it has to, terminal_add_writer. */
bool terminal_take(struct terminal *t, const uint8_t *data, uint32_t count);

/* Each becomes one of those who wait; terminal_run answers. */
void terminal_add_writer(struct terminal *t, struct waiting *w);
void terminal_add_reader(struct terminal *t, struct waiting *w);
void terminal_add_flusher(struct terminal *t, struct waiting *w);
void terminal_add_interrupted(struct terminal *t, struct waiting *w);

/* Moves all that can be moved and answers whom it can: after each change, and when the device has something.
 * True: look again soon, the device does not tell when it has sent everything. */
bool terminal_run(struct terminal *t);

#endif
