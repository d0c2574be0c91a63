/* SPDX-License-Identifier: MIT */
#include "symbol.h"
#include <mudskipper/abi/boot_info.h>
#include <mudskipper/hal/memory.h>
#include <mudskipper/pure/cpio.h>
#include <mudskipper/pure/format.h>
#include <mudskipper/pure/symbols.h>

/* Written once by the boot core before any program runs; the same archive for all cores. */
static const struct boot_info *machine;

void symbol_init(const struct boot_info *info)
{
    machine = info;
}

/* The archive's sym/`name`. */
static bool find(const char *name, uint64_t offset, struct symbol *symbol)
{
    char path[64];
    struct cpio_entry file;

    if (machine == NULL || machine->archive == 0 ||
        format_to(path, sizeof(path), "sym/%s", name) >= sizeof(path) ||
        !err_ok(cpio_find(hal_p2v(machine->archive), machine->archive_bytes, path, &file))) {
        return false;
    }
    return symbols_find((struct text){(const char *)file.data, file.bytes}, offset, symbol);
}

void symbol_of_program(const char *program, uint64_t bytes, uint64_t offset, char *to, size_t room)
{
    struct symbol symbol;

    if (offset < bytes && find(program, offset, &symbol)) {
        format_to(to, room, "%.*s", (int)symbol.name.length, symbol.name.start);
    } else {
        format_to(to, room, "unknown code");
    }
}

void symbol_of_kernel(uint64_t offset, char *to, size_t room)
{
    struct symbol symbol;

    if (find("kernel", offset, &symbol)) {
        format_to(to, room, "%.*s+0x%lx", (int)symbol.name.length, symbol.name.start, symbol.offset);
    } else {
        format_to(to, room, "kernel+0x%lx", offset);
    }
}
