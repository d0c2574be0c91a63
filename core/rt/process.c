/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <mudskipper/abi/syscall.h>
#include <mudskipper/pure/format.h>
#include <mudskipper/rt/port.h>
#include <mudskipper/rt/process.h>

/* Reads an error out of the arguments after a system call. */
static err_t result(const uint64_t args[SYS_ARGS])
{
    return err_unpack(args[SYS_ARG_ERR_CODES], args[SYS_ARG_ERR_DETAIL]);
}

_Noreturn void rt_exit(uint32_t code)
{
    uint64_t args[SYS_ARGS] = {
        [0] = SYS_TARGET(SLOT_DISPATCHER, DISPATCHER_END), [1] = code, [SYS_ARG_NUMBER] = SYS_INVOKE};

    rt_syscall(args);
    /* It threw away what it could end itself with. A fault needs no capability, and nothing is ever mapped
     * there. */
    *(volatile uint32_t *)rt_self()->vspace_base = code;
    __builtin_trap();
}

static err_t log_piece(const char *bytes, size_t count)
{
    uint64_t args[SYS_ARGS] = {
        [0] = SYS_TARGET(SLOT_LOG, LOG_WRITE), [1] = count, [SYS_ARG_NUMBER] = SYS_INVOKE};

    for (size_t i = 0; i < count; i++) {
        args[SYS_ARG_WORDS + i / 8] |= (uint64_t)(unsigned char)bytes[i] << (i % 8 * 8);
    }
    rt_syscall(args);
    return result(args);
}

err_t rt_log_write(const char *bytes, size_t count)
{
    while (count > 0) {
        size_t piece = count < LOG_WRITE_MAX ? count : LOG_WRITE_MAX;
        err_t e = log_piece(bytes, piece);

        if (!err_ok(e)) {
            return e;
        }
        bytes += piece;
        count -= piece;
    }
    return OK;
}

void rt_log_sink(void *unused, const char *bytes, size_t count)
{
    (void)unused;
    err_t ignored = rt_log_write(bytes, count); /* nobody is left to tell */
    (void)ignored;
}

void rt_log(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    format_args(rt_log_sink, NULL, format, args);
    va_end(args);
}

nanos_t rt_now(void)
{
    uint64_t args[SYS_ARGS] = {[SYS_ARG_NUMBER] = SYS_NOW};

    rt_syscall(args);
    return args[0];
}

void rt_yield(void)
{
    uint64_t args[SYS_ARGS] = {[SYS_ARG_NUMBER] = SYS_YIELD};

    rt_syscall(args);
}
