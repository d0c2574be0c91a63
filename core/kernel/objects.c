/* SPDX-License-Identifier: MIT */
#include "objects.h"
#include <mudskipper/abi/syscall.h>
#include <mudskipper/cap/operations.h>
#include <mudskipper/pure/bytes.h>
#include "console.h"
#include "core.h"
#include "dispatcher.h"

CLAIM(the_words_of_a_message_are_bytes_in_order, __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
CLAIM(the_log_takes_as_many_bytes_as_a_message_has, LOG_WRITE_MAX == SYS_WORDS * sizeof(uint64_t));

static uint64_t arg(const struct dispatcher *d, unsigned i)
{
    return hal_context_arg(&d->context, i);
}

static err_t need(const struct cap_ref *target, unsigned right)
{
    return (target->slot->rights & right) == right ? OK : err_make(ERR_CAP_MISSING_RIGHT, right);
}

static err_t illegal(uint32_t operation)
{
    return err_make(ERR_CAP_ILLEGAL_INVOCATION, operation);
}

/* Up to the end of the first line and with it, and not more than `room`. */
static size_t line_part(const char *text, size_t count, size_t room)
{
    size_t most = count < room ? count : room;

    for (size_t i = 0; i < most; i++) {
        if (text[i] == '\n') {
            return i + 1;
        }
    }
    return most;
}

/* Keeps the lines of programs together: shows whole ones, and what does not fit. */
static void append_to_line(struct dispatcher *d, const char *text, size_t count)
{
    while (count > 0) {
        size_t part = line_part(text, count, DISPATCHER_LINE_BYTES - d->line_count);

        mem_copy(d->line + d->line_count, text, part);
        d->line_count += part;
        if (d->line_count == DISPATCHER_LINE_BYTES || text[part - 1] == '\n') {
            dispatcher_flush_line(d);
        }
        text += part;
        count -= part;
    }
}

static err_t log_write_text(struct core *core, struct dispatcher *d, const struct cap_ref *target)
{
    uint64_t bytes = arg(d, 1);
    uint64_t words[SYS_WORDS];
    err_t e = need(target, CAP_WRITE);

    if (err_ok(e) && (bytes == 0 || bytes > LOG_WRITE_MAX)) {
        e = err_make(ERR_OUT_OF_RANGE, bytes);
    }
    if (!err_ok(e)) {
        return e;
    }
    for (unsigned i = 0; i < SYS_WORDS; i++) {
        words[i] = arg(d, SYS_ARG_WORDS + i);
    }
    append_to_line(d, (const char *)words, bytes);
    log_append(&core->log, (const char *)words, bytes);
    return OK;
}

static err_t log_read_text(struct core *core, struct dispatcher *d, const struct cap_ref *target)
{
    uint64_t position = arg(d, 1);
    char text[LOG_WRITE_MAX];
    uint64_t words[SYS_WORDS] = {0};
    size_t bytes;
    err_t e = need(target, CAP_READ);

    if (!err_ok(e)) {
        return e;
    }
    bytes = log_read(&core->log, &position, text, sizeof(text));
    for (size_t i = 0; i < bytes; i++) {
        words[i / 8] |= (uint64_t)(unsigned char)text[i] << (i % 8 * 8);
    }
    for (unsigned i = 0; i < SYS_WORDS; i++) {
        hal_context_set_arg(&d->context, SYS_ARG_WORDS + i, words[i]);
    }
    hal_context_set_arg(&d->context, 1, bytes);
    hal_context_set_arg(&d->context, SYS_ARG_DEADLINE, position);
    return OK;
}

static err_t log_invoke(struct core *core, struct dispatcher *d, const struct cap_ref *target,
                        uint32_t operation)
{
    switch (operation) {
    case LOG_WRITE:
        return log_write_text(core, d, target);
    case LOG_READ:
        return log_read_text(core, d, target);
    default:
        return illegal(operation);
    }
}

static err_t vspace_invoke(struct dispatcher *d, const struct cap_ref *target, uint32_t operation)
{
    const struct vspace_record *v = vspace_record_of(target->slot->base);

    if (operation != VSPACE_INFO) {
        return illegal(operation);
    }
    if (!v->usable) {
        return err_make(ERR_LIMIT, 0);
    }
    hal_context_set_arg(&d->context, 1, hal_vspace_base(&v->hal));
    hal_context_set_arg(&d->context, 2, hal_vspace_size(&v->hal));
    hal_context_set_arg(&d->context, 3, hal_gate());
    return OK;
}

/* What the core server tells its CPU driver. */
static err_t kernel_invoke(struct core *core, struct dispatcher *d, const struct cap_ref *target,
                           uint32_t operation)
{
    err_t e = need(target, CAP_WRITE);

    if (!err_ok(e)) {
        return e;
    }
    switch (operation) {
    case KERNEL_POWER_OFF:
        dispatcher_flush_line(d);
        console_finish(&core->console);
        hal_power_off((unsigned)arg(d, 1) & 0xff);
    case KERNEL_RESET:
        console_finish(&core->console);
        hal_reset();
    case KERNEL_TAKE_CONSOLE:
        console_give_away(arg(d, 1) == 0);
        return OK;
    case KERNEL_NOTIFY_CORE:
        return notify_core(core, arg(d, 1));
    default:
        return illegal(operation);
    }
}

err_t objects_invoke(struct core *core, struct dispatcher *d, const struct cap_ref *target,
                     uint32_t operation)
{
    switch (target->slot->type) {
    case CAP_TYPE_LOG:
        return log_invoke(core, d, target, operation);
    case CAP_TYPE_DISPATCHER:
        return dispatcher_invoke(core, d, target, operation);
    case CAP_TYPE_VNODE_L0:
        return vspace_invoke(d, target, operation);
    case CAP_TYPE_KERNEL:
        return kernel_invoke(core, d, target, operation);
    case CAP_TYPE_NOTIFY:
        return notify_invoke(core, d, target, operation);
    case CAP_TYPE_IRQ:
        return irq_invoke(core, d, target, operation);
    default:
        return illegal(operation);
    }
}
