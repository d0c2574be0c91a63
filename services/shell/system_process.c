/* SPDX-License-Identifier: MIT */
#include "system_core.h"

#include <mudskipper/abi/dispatcher.h>
#include <mudskipper/abi/objects.h>
#include <mudskipper/pure/bytes.h>

/* Words one behind the other, a zero byte behind each. */
static char *pack_words(const struct system_spawn *what, size_t *bytes)
{
    char *words;
    char *to;

    *bytes = 0;
    for (size_t i = 0; i < what->argc; i++) {
        *bytes += str_length(what->argv[i]) + 1;
    }
    words = memory_resize(&system_memory, NULL, *bytes);
    to = words;
    for (size_t i = 0; words && i < what->argc; i++) {
        size_t length = str_length(what->argv[i]) + 1;

        mem_copy(to, what->argv[i], length);
        to += length;
    }
    return words;
}

CLAIM(no_core_is_ones_own, CORE_NONE == UINT32_MAX);

/* Standard streams, as spawn_on names them. One in the background would take the keys from the shell. */
enum { INPUT = 1u << 0, OUTPUT = 1u << 1, ERRORS = 1u << 2 };

err_t system_spawn(void *context, const struct system_spawn *what, process_number_t *number)
{
    size_t bytes;
    char *words;
    err_t e;

    (void)context;
    words = pack_words(what, &bytes);
    if (!words) {
        return err_make(ERR_NO_MEMORY, bytes);
    }
    e = core_spawn_on(&system_core_server, what->core, (what->foreground ? INPUT : 0) | OUTPUT | ERRORS,
                      what->caps, words, bytes, number);
    memory_free(&system_memory, words);
    return e;
}

static const char *fault_words(uint8_t fault, uint8_t access)
{
    switch (fault) {
    case FAULT_MEMORY:
        return access == ACCESS_WRITE     ? "write to memory that is not there or not writable"
               : access == ACCESS_EXECUTE ? "execution of memory that is not there or not executable"
                                          : "read of memory that is not there or not readable";
    case FAULT_ILLEGAL:
        return "illegal instruction";
    case FAULT_ALIGNMENT:
        return "unaligned access";
    case FAULT_BREAKPOINT:
        return "breakpoint";
    case FAULT_ARITHMETIC:
        return "arithmetic error";
    default:
        return NULL;
    }
}

err_t system_wait(void *context, process_number_t number, nanos_t deadline, struct system_exit *exit)
{
    bool block = deadline != 0;
    struct rpc_channel until =
        rpc_until(&system_core_server, block ? system_wait_begin(deadline) : NANOS_NEVER);
    uint8_t how;
    uint8_t fault;
    uint8_t access;
    uint32_t code;
    uint64_t address;
    err_t e = core_wait(&until, number, block, &how, &code, &fault, &access, &address);

    (void)context;
    e = block ? system_wait_end(e) : e;
    if (err_ok(e)) {
        *exit = (struct system_exit){.how = how == EXIT_BY_ITSELF ? END_EXIT
                                            : how == EXIT_KILLED  ? END_KILLED
                                                                  : END_FAULT,
                                     .code = code,
                                     .fault = fault_words(fault, access),
                                     .address = address};
    }
    return e;
}

err_t system_kill(void *context, process_number_t number)
{
    (void)context;
    return core_kill(&system_core_server, number);
}

err_t system_power_off(void *context, uint8_t code)
{
    (void)context;
    return core_power_off(&system_core_server, code);
}

err_t system_reboot(void *context)
{
    (void)context;
    return core_reboot(&system_core_server);
}
