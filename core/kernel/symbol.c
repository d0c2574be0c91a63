/* SPDX-License-Identifier: MIT */
#include "symbol.h"
#include <mudskipper/abi/boot_info.h>
#include <mudskipper/hal/memory.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/cpio.h>
#include <mudskipper/pure/format.h>
#include <mudskipper/pure/hash.h>

#define PREFIX "sym/"

struct symbol_file {
    uint64_t hash;
    const char *name; /* behind the prefix; NULL: the place is free */
    struct text symbols;
};

/* The symbol files of the archive by their names: a place is the hash, or the next free one behind it.
 * Written once by the boot core before any program runs, the same for all cores. */
static struct {
    struct symbol_file *files;
    uint64_t places; /* a power of two, more than there are files; 0: there are none */
} table;

static uint64_t hash_of(const char *name)
{
    return hash_fnv(HASH_FNV_START, name, str_length(name));
}

/* The next symbol file, its name without the prefix; false: there are no more. */
static bool next_file(const struct boot_info *info, uint64_t *position, struct cpio_entry *file)
{
    while (err_ok(cpio_next(hal_p2v(info->archive), info->archive_bytes, position, file)) &&
           file->name != NULL) {
        const char *name = cpio_plain_name(file->name);

        if ((file->mode & CPIO_MODE_TYPE) == CPIO_MODE_FILE && str_starts_with(name, PREFIX)) {
            file->name = name + sizeof(PREFIX) - 1;
            return true;
        }
    }
    return false;
}

static uint64_t places_for(const struct boot_info *info)
{
    uint64_t position = 0;
    uint64_t count = 0;
    uint64_t places = 1;
    struct cpio_entry file;

    while (info->archive != 0 && next_file(info, &position, &file)) {
        count++;
    }
    while (count != 0 && places < 2 * count) {
        places *= 2;
    }
    return count != 0 ? places : 0;
}

uint64_t symbol_table_bytes(const struct boot_info *info)
{
    return places_for(info) * sizeof(struct symbol_file);
}

/* The file of this name, or the place where it belongs. There is a free place. */
static struct symbol_file *place_of(uint64_t hash, const char *name)
{
    uint64_t i = hash;
    struct symbol_file *f;

    do {
        f = &table.files[i++ & (table.places - 1)];
    } while (f->name != NULL && (f->hash != hash || !str_equal(f->name, name)));
    return f;
}

void symbol_table_fill(const struct boot_info *info, void *memory)
{
    uint64_t position = 0;
    struct cpio_entry file;

    table.files = memory;
    table.places = places_for(info);
    while (table.places != 0 && next_file(info, &position, &file)) {
        uint64_t hash = hash_of(file.name);

        /* Of several with one name the last counts, as it does for programs. */
        *place_of(hash, file.name) =
            (struct symbol_file){hash, file.name, {(const char *)file.data, file.bytes}};
    }
}

static struct text symbols_of(const char *name)
{
    const struct symbol_file *f = table.places != 0 ? place_of(hash_of(name), name) : NULL;

    return f != NULL && f->name != NULL ? f->symbols : (struct text){NULL, 0};
}

void symbol_search_program(struct symbol_search *search, const char *program, uint64_t bytes, uint64_t offset)
{
    symbol_search_begin(search, offset < bytes ? symbols_of(program) : (struct text){NULL, 0}, offset);
}

void symbol_of_kernel(uint64_t offset, char *to, size_t room)
{
    struct symbol symbol;

    if (symbols_find(symbols_of("kernel"), offset, &symbol)) {
        format_to(to, room, "%.*s+0x%lx", (int)symbol.name.length, symbol.name.start, symbol.offset);
    } else {
        format_to(to, room, "kernel+0x%lx", offset);
    }
}
