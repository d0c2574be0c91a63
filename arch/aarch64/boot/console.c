/* SPDX-License-Identifier: MIT */
#include "console.h"
#include <libfdt.h>
#include <mudskipper/hal/debug.h>
#include <mudskipper/pure/command_line.h>
#include <mudskipper/pure/format.h>
#include "../../../platform/common/uart.h"
#include "../kernel/mmu.h"
#include "dt.h"
#include "early_uart.h"

#define PATIENCE 1000000u /* looks at a port that does not take a character: it is gone, not slow */

static const struct uart_driver *driver; /* NULL: nobody listens */
static uintptr_t registers;

static bool use(const struct uart_driver *d, paddr_t address)
{
    uintptr_t base = mmu_map_device(address, d->bytes);

    if (base == 0) {
        return false;
    }
    d->init(base);
    registers = base;
    driver = d;
    return true;
}

void console_early(void)
{
    paddr_t address;
    const struct uart_driver *d = early_uart(&address);

    if (d != NULL) {
        use(d, address);
    }
}

void console_stage(char letter)
{
    paddr_t address;

    if (early_uart(&address) != NULL) {
        hal_console_write(&letter, 1);
    }
}

static bool is_one_of(const char *const *names, struct text name)
{
    for (; *names != NULL; names++) {
        if (text_is(name, *names)) {
            return true;
        }
    }
    return false;
}

/* Up to the next comma. */
static struct text take_field(struct text *list)
{
    struct text field = {list->start, 0};

    while (field.length < list->length && list->start[field.length] != ',') {
        field.length++;
    }
    list->start += field.length;
    list->length -= field.length;
    if (list->length > 0) {
        list->start++;
        list->length--;
    }
    return field;
}

void console_earlycon(const void *fdt)
{
    char value[64];
    size_t length;
    struct text rest, name, where;
    uint64_t address;

    if (!command_line_get(dt_command_line(fdt), "earlycon", value, sizeof(value), &length) ||
        length >= sizeof(value)) {
        return;
    }
    rest = text_of(value);
    name = take_field(&rest);
    where = take_field(&rest);
    if (text_is(where, "mmio") || text_is(where, "mmio32")) {
        where = take_field(&rest);
    }
    if (!text_number(where, &address)) {
        return;
    }
    for (const struct uart_driver *const *d = uart_drivers; *d != NULL; d++) {
        if (is_one_of((*d)->earlycon, name)) {
            use(*d, address);
            return;
        }
    }
}

static bool use_node(const void *fdt, int node)
{
    paddr_t address;
    uint64_t bytes;

    if (!dt_enabled(fdt, node) || !dt_registers(fdt, node, 0, &address, &bytes)) {
        return false;
    }
    for (const struct uart_driver *const *d = uart_drivers; *d != NULL; d++) {
        for (const char *const *name = (*d)->compatible; *name != NULL; name++) {
            if (fdt_node_check_compatible(fdt, node, *name) == 0) {
                return use(*d, address);
            }
        }
    }
    return false;
}

err_t console_from_tree(const void *fdt, int *node)
{
    *node = dt_stdout(fdt);
    if (use_node(fdt, *node)) {
        return OK;
    }
    for (const struct uart_driver *const *d = uart_drivers; *d != NULL; d++) {
        *node = dt_compatible(fdt, -1, (*d)->compatible);
        if (use_node(fdt, *node)) {
            return OK;
        }
    }
    *node = -1;
    return err_make(ERR_DT_NO_CONSOLE, 0);
}

bool console_is_there(void)
{
    return driver != NULL;
}

void hal_console_write(const char *bytes, size_t count)
{
    for (size_t i = 0; driver != NULL && i < count; i++) {
        for (unsigned left = PATIENCE; left > 0 && !driver->can_send(registers); left--) {
            continue;
        }
        driver->send(registers, (uint8_t)bytes[i]);
    }
}

int hal_console_read(void)
{
    return driver != NULL ? driver->receive(registers) : -1;
}

void console_flush(void)
{
    for (unsigned left = PATIENCE; driver != NULL && left > 0 && !driver->sent(registers); left--) {
        continue;
    }
}

static void out(void *context, const char *bytes, size_t count)
{
    (void)context;
    hal_console_write(bytes, count);
}

void console_print(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    format_args(out, NULL, format, arguments);
    va_end(arguments);
}
