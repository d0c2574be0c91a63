/* SPDX-License-Identifier: MIT */
/* The terminal, and Ctrl-C.
 *
 *    main      reads, writes, asks whether Ctrl-C was pressed
 *    watcher   waits for Ctrl-C while main does not read, notes it, and calls main back from a call or a
 * sleep */
#include "system_core.h"

#include <mudskipper/pure/bytes.h>
#include <mudskipper/rpc/lmp.h>
#include <mudskipper/rt/out.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/thread.h>
#include "terminal_rpc.h"

#define CTRL_C      3u
#define STACK_BYTES (16u << 10)

static struct rpc_lmp_link in_link;
static struct rpc_lmp_link out_link;
static struct rpc_channel in;
static struct rpc_channel out;

static struct {
    struct mutex mutex;
    bool pressed;           /* and nobody has used it up */
    struct thread *waiting; /* what Ctrl-C calls back */
} ctrl_c;

/* ---- Ctrl-C ---- */

static void watch(void *unused)
{
    (void)unused;
    while (err_ok(terminal_interrupt(&in))) {
        mutex_lock(&ctrl_c.mutex);
        ctrl_c.pressed = true;
        if (ctrl_c.waiting) {
            thread_hurry(ctrl_c.waiting, true);
        }
        mutex_unlock(&ctrl_c.mutex);
    }
}

nanos_t system_wait_begin(nanos_t deadline)
{
    mutex_lock(&ctrl_c.mutex);
    ctrl_c.waiting = thread_self();
    if (ctrl_c.pressed) {
        thread_hurry(ctrl_c.waiting, true);
    }
    mutex_unlock(&ctrl_c.mutex);
    return deadline < NANOS_NEVER ? deadline : NANOS_NEVER - 1; /* only what has a deadline is called back */
}

err_t system_wait_end(err_t e)
{
    mutex_lock(&ctrl_c.mutex);
    ctrl_c.waiting = NULL;
    thread_hurry(thread_self(), false);
    if (ctrl_c.pressed && err_is(e, ERR_TIMEOUT)) {
        ctrl_c.pressed = false;
        e = err_make(ERR_CANCELLED, 0);
    }
    mutex_unlock(&ctrl_c.mutex);
    return e;
}

bool system_interrupted(void *context)
{
    (void)context;
    mutex_lock(&ctrl_c.mutex);
    bool was = ctrl_c.pressed;

    ctrl_c.pressed = false;
    mutex_unlock(&ctrl_c.mutex);
    return was;
}

err_t system_sleep_until(void *context, nanos_t deadline)
{
    (void)context;
    thread_sleep_until(system_wait_begin(deadline));
    err_t e = system_wait_end(err_make(ERR_TIMEOUT, 0));

    return err_is(e, ERR_TIMEOUT) ? OK : e;
}

/* ---- the terminal ---- */

/* A stream that is no terminal says that it does not know the question. */
err_t system_terminal(void *context, struct system_terminal *terminal)
{
    uint32_t columns;
    uint32_t rows;
    bool interactive;

    (void)context;
    *terminal = (struct system_terminal){.interactive = false};
    if (rt_has_stream(SLOT_STDIN) && rt_has_stream(SLOT_STDOUT) &&
        err_ok(terminal_info(&in, &interactive, &columns, &rows))) {
        *terminal = (struct system_terminal){.interactive = interactive, .columns = columns, .rows = rows};
    }
    return OK;
}

/* Ctrl-C that came when nobody read any more is the first byte of the next read. */
err_t system_read(void *context, void *buffer, size_t size, size_t *count)
{
    uint32_t most = size < TERMINAL_READ_DATA_MAX ? (uint32_t)size : TERMINAL_READ_DATA_MAX;

    (void)context;
    if (!rt_has_stream(SLOT_STDIN) || size == 0) {
        *count = 0;
        return OK;
    }
    struct rpc_channel patient = rpc_until(&in, system_wait_begin(NANOS_NEVER));
    err_t e = system_wait_end(terminal_read(&patient, most, buffer, size, count));

    if (err_is(e, ERR_CANCELLED)) {
        *(uint8_t *)buffer = CTRL_C;
        *count = 1;
        e = OK;
    }
    return e;
}

static err_t write_piece(const char *bytes, size_t count, size_t *done)
{
    uint32_t written;
    err_t e = terminal_write(&out, bytes, count < TERMINAL_WRITE_DATA_MAX ? count : TERMINAL_WRITE_DATA_MAX,
                             &written);

    if (err_ok(e) && written > count) {
        e = err_make(ERR_MSG_MALFORMED, 0);
    }
    if (err_ok(e)) {
        *done = written;
    }
    return e;
}

/* A terminal that has ended gave the console back to the kernel, which shows the log there. One that was
 * started anew has it again. */
err_t system_write(void *context, const char *bytes, size_t count)
{
    static bool gone;

    (void)context;
    while (rt_has_stream(SLOT_STDOUT) && count > 0) {
        size_t done = 0;
        err_t e = write_piece(bytes, count, &done);

        if (err_is(e, ERR_PEER_GONE)) {
            if (!gone) {
                rt_log("shell: the terminal has ended; what follows goes to the log\n");
            }
            gone = true;
            break;
        }
        if (!err_ok(e)) {
            return e;
        }
        gone = false;
        bytes += done;
        count -= done;
    }
    return rt_log_write(bytes, count);
}

void system_terminal_connect(void)
{
    static struct thread watcher;
    static _Alignas(16) unsigned char stack[STACK_BYTES];
    struct system_terminal terminal;

    rpc_lmp_link_init(&in_link, SLOT_STDIN, &system_memory_of_calls, &rpc_own_slots);
    rpc_lmp_link_init(&out_link, SLOT_STDOUT, &system_memory_of_calls, &rpc_own_slots);
    in = rpc_channel_of(&in_link.link);
    out = rpc_channel_of(&out_link.link);
    err_t e = system_terminal(NULL, &terminal);

    if (err_ok(e) && terminal.interactive) {
        thread_start(&watcher, "ctrl-c", stack, sizeof(stack), watch, NULL);
    }
}
