/* SPDX-License-Identifier: MIT */
#include "report.h"
#include <stdarg.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/format.h>
#include <mudskipper/rpc/lmp.h>
#include <mudskipper/rt/out.h>
#include <mudskipper/rt/slot.h>
#include "memory.h"
#include "terminal_rpc.h"

#define STACK_BYTES 32768u
#define LINE_BYTES  1024u /* of a program; what is longer becomes several lines */

CLAIM(a_line_is_one_write, LINE_BYTES + 128 <= RT_STREAM_WRITE_MAX);

static struct rpc_lmp_server server;

/* Of the program that runs; mutex. */
static struct mutex mutex;
static const char *program;
static char line[LINE_BYTES];
static size_t used;
static uint32_t client;
static cptr_t output;

/* ---- writing */

/* One write, so that nothing else comes between. */
static void put(const char *text, size_t count)
{
    err_t ignored = rt_out_write(text, count); /* the other side sees that the end is missing */

    (void)ignored;
}

static void put_line(void)
{
    char text[LINE_BYTES + 128];
    size_t count = format_to(text, sizeof(text), "testd: %.63s: %.*s\n", program, (int)used, line);

    used = 0;
    put(text, count);
}

static void take(const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != '\n') {
            line[used++] = bytes[i];
        }
        if (bytes[i] == '\n' || used == sizeof(line)) {
            put_line();
        }
    }
}

void report_line(const char *name, const char *format, ...)
{
    char words[200];
    char text[300];
    size_t count;
    va_list args;

    va_start(args, format);
    format_args_to(words, sizeof(words), format, args);
    va_end(args);
    count = name != NULL ? format_to(text, sizeof(text), "testd: %.63s: %s\n", name, words)
                         : format_to(text, sizeof(text), "testd: %s\n", words);
    put(text, count);
}

/* ---- the service: write, and an input that is at its end */

/* Others are served, and called, while the line goes out: the call is kept. */
static err_t handle_write(void *context, struct rpc_request *request, const void *data, size_t bytes)
{
    struct rpc_request *kept;
    err_t e = rpc_keep(request, &kept);

    (void)context;
    if (!err_ok(e)) {
        return e;
    }
    mutex_lock(&mutex);
    take(data, bytes);
    mutex_unlock(&mutex);
    return terminal_write_reply(kept, (uint32_t)bytes);
}

static err_t handle_read(void *context, struct rpc_request *request, uint32_t max)
{
    (void)context;
    (void)max;
    return terminal_read_reply(request, "", 0);
}

static err_t handle_flush(void *context, struct rpc_request *request)
{
    (void)context;
    (void)request;
    return OK;
}

static const struct terminal_ops ops = {.write = handle_write, .read = handle_read, .flush = handle_flush};
static struct rpc_service service = {
    .interface = &terminal_interface, .ops = &ops, .number = RT_STREAM_SERVICE};

static void serve(void *unused)
{
    (void)unused;
    err_t ignored = rpc_lmp_serve(&server, NANOS_NEVER); /* without a deadline it does not return */

    (void)ignored;
}

/* ---- programs */

err_t report_init(void)
{
    static struct thread thread;
    static _Alignas(16) unsigned char stack[STACK_BYTES];
    err_t e;

    mutex_init(&mutex);
    rpc_lmp_server_init(&server, &memory_of_calls, &rpc_own_slots);
    e = rpc_server_add(&server.server, &service);
    if (err_ok(e)) {
        thread_start(&thread, "output", stack, sizeof(stack), serve, NULL);
    }
    return e;
}

err_t report_begin(const char *name, cptr_t *out)
{
    err_t e = slot_alloc(&output);

    if (!err_ok(e)) {
        return e;
    }
    e = rpc_lmp_offer(&service, ++client, output);
    if (!err_ok(e)) {
        slot_free(output);
        return e;
    }
    program = name;
    *out = output;
    return OK;
}

void report_end(void)
{
    mutex_lock(&mutex);
    if (used > 0) {
        put_line();
    }
    mutex_unlock(&mutex);
    slot_delete(output);
    rpc_server_forget(&server.server, RPC_BADGE(RT_STREAM_SERVICE, client));
}
