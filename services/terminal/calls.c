/* SPDX-License-Identifier: MIT */
#include "calls.h"
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/out.h>
#include "terminal_rpc.h"

CLAIM(the_run_time_means_the_same_write, RT_STREAM_WRITE == TERMINAL_METHOD_WRITE);
CLAIM(the_run_time_means_the_same_read, RT_STREAM_READ == TERMINAL_METHOD_READ);
CLAIM(the_run_time_means_the_same_info, RT_STREAM_INFO == TERMINAL_METHOD_INFO);
CLAIM(the_run_time_means_the_same_flush, RT_STREAM_FLUSH == TERMINAL_METHOD_FLUSH);
CLAIM(the_run_time_writes_no_more, RT_STREAM_WRITE_MAX <= TERMINAL_WRITE_DATA_MAX);
CLAIM(a_read_fits_its_reply, TERMINAL_READ_MAX <= TERMINAL_READ_DATA_MAX);

/* A call that waits: kept, with what a write has left behind it. */
struct kept {
    struct waiting waiting;
    const struct rpc_memory *memory;
    size_t bytes; /* of all this */
    uint8_t data[];
};

static void free_kept(struct kept *k)
{
    k->memory->release(k->memory->context, k, k->bytes);
}

static struct kept *kept_of(struct waiting *w)
{
    return CONTAINER_OF(w, struct kept, waiting);
}

/* ---- answers */

static void written(struct waiting *w)
{
    err_t e = terminal_write_reply(w->call, w->total);

    (void)e; /* a writer that is gone needs none; what it wrote is shown */
    free_kept(kept_of(w));
}

/* The library tells of a reader that is gone by this figure only. */
static bool have_read(struct waiting *w, const uint8_t *bytes, uint32_t count)
{
    struct rpc_request *request = w->call;
    const struct rpc_server *server = request->server;
    uint64_t dropped = server->figures.dropped;
    err_t e = terminal_read_reply(request, bytes, count);

    free_kept(kept_of(w));
    return err_ok(e) && server->figures.dropped == dropped;
}

/* Likewise. */
static bool interrupted(struct waiting *w)
{
    struct rpc_request *request = w->call;
    const struct rpc_server *server = request->server;
    uint64_t dropped = server->figures.dropped;
    err_t e = rpc_reply_empty(request, OK);

    free_kept(kept_of(w));
    return err_ok(e) && server->figures.dropped == dropped;
}

static void done(struct waiting *w)
{
    err_t e = rpc_reply_empty(w->call, OK);

    (void)e; /* who does not wait any more does not want to know */
    free_kept(kept_of(w));
}

static const struct terminal_calls answers = {written, have_read, interrupted, done};

/* ---- calls */

static err_t keep(struct terminal_service *s, struct rpc_request *request, const uint8_t *data,
                  uint32_t count, struct kept **made)
{
    size_t bytes = sizeof(struct kept) + (data != NULL ? count : 0);
    struct kept *k = s->memory->allocate(s->memory->context, bytes);
    struct rpc_request *kept;
    err_t e;

    if (k == NULL) {
        return err_make(ERR_NO_MEMORY, bytes);
    }
    e = rpc_keep(request, &kept);
    if (!err_ok(e)) {
        s->memory->release(s->memory->context, k, bytes);
        return e;
    }
    *k = (struct kept){.waiting = {.call = kept, .client = rpc_client(request), .count = count},
                       .memory = s->memory,
                       .bytes = bytes};
    if (data != NULL) {
        mem_copy(k->data, data, count);
        k->waiting.data = k->data;
    }
    *made = k;
    return OK;
}

/* Locked. */
static void run(struct terminal_service *s)
{
    if (terminal_run(&s->terminal)) {
        s->look_again();
    }
}

/* Locked. Without memory for the bytes, only the call waits for its turn, and is told then that nothing was
 * written: its caller has the bytes, and tries again. */
static err_t write_locked(struct terminal_service *s, struct rpc_request *request, const uint8_t *data,
                          uint32_t count)
{
    struct kept *k;
    err_t e;

    if (terminal_take(&s->terminal, data, count)) {
        return terminal_write_reply(request, count);
    }
    e = keep(s, request, data, count, &k);
    if (err_is(e, ERR_NO_MEMORY)) {
        e = keep(s, request, NULL, 0, &k);
        count = 0;
    }
    if (err_ok(e)) {
        k->waiting.total = count;
        terminal_add_writer(&s->terminal, &k->waiting);
    }
    return e;
}

static err_t handle_write(void *context, struct rpc_request *request, const void *data, size_t data_bytes)
{
    struct terminal_service *s = context;
    err_t e;

    mutex_lock(&s->mutex);
    e = write_locked(s, request, data, (uint32_t)data_bytes);
    run(s);
    mutex_unlock(&s->mutex);
    return e;
}

/* A call that is only kept. */
static err_t wait(struct terminal_service *s, struct rpc_request *request, uint32_t count,
                  void (*add)(struct terminal *, struct waiting *))
{
    struct kept *k;
    err_t e;

    mutex_lock(&s->mutex);
    e = keep(s, request, NULL, count, &k);
    if (err_ok(e)) {
        add(&s->terminal, &k->waiting);
        run(s);
    }
    mutex_unlock(&s->mutex);
    return e;
}

static err_t handle_read(void *context, struct rpc_request *request, uint32_t max)
{
    if (max == 0) {
        return err_make(ERR_BAD_ARGUMENT, 1);
    }
    return wait(context, request, max, terminal_add_reader);
}

static err_t handle_info(void *context, struct rpc_request *request)
{
    struct terminal_service *s = context;
    const struct device *d = &s->terminal.device;

    return terminal_info_reply(request, d->driver->interactive(d), 0, 0);
}

static err_t handle_flush(void *context, struct rpc_request *request)
{
    return wait(context, request, 0, terminal_add_flusher);
}

static err_t handle_interrupt(void *context, struct rpc_request *request)
{
    return wait(context, request, 0, terminal_add_interrupted);
}

const struct terminal_ops terminal_service_ops = {.write = handle_write,
                                                  .read = handle_read,
                                                  .info = handle_info,
                                                  .flush = handle_flush,
                                                  .interrupt = handle_interrupt};

void terminal_service_init(struct terminal_service *s, const struct device *device,
                           const struct rpc_memory *memory, void (*look_again)(void))
{
    mutex_init(&s->mutex);
    terminal_init(&s->terminal, device, &answers);
    s->memory = memory;
    s->look_again = look_again;
}

bool terminal_service_run(struct terminal_service *s)
{
    bool again;

    mutex_lock(&s->mutex);
    again = terminal_run(&s->terminal);
    mutex_unlock(&s->mutex);
    return again;
}
