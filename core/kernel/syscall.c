/* SPDX-License-Identifier: MIT */
/* System calls: decode, check, act. A number or an argument that means nothing is an error for the caller and
 * nothing else. */
#include "syscall.h"
#include <mudskipper/abi/syscall.h>
#include <mudskipper/hal/time.h>
#include "console.h"
#include "core.h"
#include "dispatcher.h"
#include "end.h"
#include "message.h"
#include "upcall.h"

void syscall_set_error(struct dispatcher *d, err_t error)
{
    hal_context_set_arg(&d->context, SYS_ARG_ERR_CODES, err_pack(error));
    hal_context_set_arg(&d->context, SYS_ARG_ERR_DETAIL, error.detail);
}

/* Keeps the lines of programs together: shows whole ones, and what does not fit. */
static void append_to_line(struct dispatcher *d, char c)
{
    d->line[d->line_count++] = c;
    if (c == '\n' || d->line_count == DISPATCHER_LINE_BYTES) {
        dispatcher_flush_line(d);
    }
}

static err_t log_write(struct core *core, struct dispatcher *d)
{
    uint64_t bytes = hal_context_arg(&d->context, 1);
    char text[LOG_WRITE_MAX];

    if (bytes == 0 || bytes > LOG_WRITE_MAX) {
        return err_make(ERR_OUT_OF_RANGE, bytes);
    }
    for (unsigned i = 0; i < bytes; i++) {
        text[i] = (char)(hal_context_arg(&d->context, SYS_ARG_WORDS + i / 8) >> (i % 8 * 8));
        append_to_line(d, text[i]);
    }
    log_append(&core->log, text, bytes);
    return OK;
}

static err_t invoke(struct core *core, struct dispatcher *d)
{
    uint64_t target = hal_context_arg(&d->context, 0);
    cptr_t cap = (cptr_t)target;
    uint32_t operation = (uint32_t)(target >> 32);

    if (cap == SLOT_LOG && operation == LOG_WRITE) {
        return log_write(core, d);
    }
    if (cap == SLOT_DISPATCHER && operation == DISPATCHER_END) {
        end_dispatcher(core, d, (uint32_t)hal_context_arg(&d->context, 1));
        return OK;
    }
    if (cap == SLOT_LOG || cap == SLOT_DISPATCHER) {
        return err_make(ERR_CAP_ILLEGAL_INVOCATION, operation);
    }
    return err_make(ERR_CAP_EMPTY_SLOT, cap);
}

void syscall_handle(struct core *core, struct dispatcher *d)
{
    uint64_t number = hal_context_arg(&d->context, SYS_ARG_NUMBER);
    err_t error = OK;

    switch (number) {
    case SYS_NULL:
        break;
    case SYS_INVOKE:
        error = invoke(core, d);
        break;
    case SYS_RECV:
        message_receive(core, d);
        return;
    case SYS_RESUME:
        error = upcall_resume(d, hal_context_arg(&d->context, 0));
        if (err_ok(error)) {
            return; /* every register is the save area's */
        }
        break;
    case SYS_YIELD:
        schedule_rotate(&core->schedule, d);
        core->slice_end = 0; /* set anew when somebody else runs; alone, it runs on */
        break;
    case SYS_NOW:
        hal_context_set_arg(&d->context, 0, hal_now());
        break;
    default:
        error = err_make(ERR_BAD_SYSCALL, number);
    }
    syscall_set_error(d, error);
}
