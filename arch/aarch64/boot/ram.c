/* SPDX-License-Identifier: MIT */
#include "ram.h"
#include <libfdt.h>
#include "dt.h"

#define HIGHEST (UINT64_C(1) << 52) /* no physical address of the architecture reaches it */

/* What is known about one address: its kind, and how far that is known to hold. */
struct look {
    paddr_t at;
    paddr_t end;
    enum ram_kind kind;
};

/* One claim on [base, base + bytes). Memory shrinks to whole pages, claims on it grow. */
static void consider(struct look *look, paddr_t base, uint64_t bytes, enum ram_kind kind)
{
    paddr_t end;

    if (base >= HIGHEST || bytes == 0) {
        return;
    }
    end = bytes < HIGHEST - base ? base + bytes : HIGHEST;
    if (kind == RAM_FREE) {
        base = (base + PAGE_MASK) & ~PAGE_MASK;
        end &= ~PAGE_MASK;
    } else {
        base &= ~PAGE_MASK;
        end = (end + PAGE_MASK) & ~PAGE_MASK;
    }
    if (base >= end || end <= look->at) {
        return;
    }
    if (base > look->at) {
        look->end = base < look->end ? base : look->end;
        return;
    }
    look->end = end < look->end ? end : look->end;
    look->kind = kind > look->kind ? kind : look->kind;
}

static void consider_registers(const struct ram *ram, struct look *look, int node, enum ram_kind kind)
{
    paddr_t base;
    uint64_t bytes;

    for (unsigned i = 0; dt_registers(ram->fdt, node, i, &base, &bytes); i++) {
        consider(look, base, bytes, kind);
    }
}

static void consider_banks(const struct ram *ram, struct look *look)
{
    int node;

    fdt_for_each_subnode(node, ram->fdt, 0)
    {
        const char *type = dt_string(ram->fdt, node, "device_type");

        if (type != NULL && str_equal(type, "memory") && dt_enabled(ram->fdt, node)) {
            consider_registers(ram, look, node, RAM_FREE);
        }
    }
}

static void consider_reserved(const struct ram *ram, struct look *look)
{
    int parent = fdt_path_offset(ram->fdt, "/reserved-memory"), node;

    for (int i = 0; i < fdt_num_mem_rsv(ram->fdt); i++) {
        uint64_t base, bytes;

        if (fdt_get_mem_rsv(ram->fdt, i, &base, &bytes) == 0) {
            consider(look, base, bytes, RAM_RESERVED);
        }
    }
    if (parent < 0) {
        return;
    }
    fdt_for_each_subnode(node, ram->fdt, parent)
    {
        if (dt_enabled(ram->fdt, node)) {
            consider_registers(ram, look, node,
                               fdt_getprop(ram->fdt, node, "no-map", NULL) != NULL ? RAM_NO_MAP
                                                                                   : RAM_RESERVED);
        }
    }
}

static struct look look_at(const struct ram *ram, paddr_t at)
{
    struct look look = {at, ram->limit, RAM_NONE};
    enum ram_kind bank;

    consider_banks(ram, &look);
    bank = look.kind;
    consider_reserved(ram, &look);
    for (unsigned i = 0; i < RAM_OWN_COUNT; i++) {
        consider(&look, ram->own[i].base, ram->own[i].bytes, ram->own[i].kind);
    }
    if (bank == RAM_NONE) {
        look.kind = RAM_NONE; /* a claim on what is no memory */
    }
    return look;
}

static bool usable(enum ram_kind kind)
{
    return kind != RAM_NONE && kind != RAM_NO_MAP;
}

bool ram_next(const struct ram *ram, paddr_t *at, bool mixed, struct ram_range *piece)
{
    struct look look = {0, 0, RAM_NONE};

    while (*at < ram->limit && !usable((look = look_at(ram, *at)).kind)) {
        *at = look.end;
    }
    if (*at >= ram->limit) {
        return false;
    }
    *piece = (struct ram_range){*at, 0, look.kind};
    while (*at < ram->limit && usable((look = look_at(ram, *at)).kind) &&
           (mixed || look.kind == piece->kind)) {
        *at = look.end;
    }
    piece->bytes = *at - piece->base;
    return true;
}

bool ram_find(const struct ram *ram, uint64_t bytes, uint64_t alignment, paddr_t *place)
{
    struct ram_range piece;
    paddr_t at = 0;

    while (ram_next(ram, &at, false, &piece)) {
        paddr_t base = (piece.base + alignment - 1) & ~(alignment - 1);

        if (piece.kind == RAM_FREE && base - piece.base <= piece.bytes &&
            piece.bytes - (base - piece.base) >= bytes) {
            *place = base;
            return true;
        }
    }
    return false;
}

bool ram_is(const struct ram *ram, paddr_t base, uint64_t bytes, enum ram_kind kind)
{
    paddr_t at = base & ~PAGE_MASK;

    while (at < base + bytes) {
        struct look look = look_at(ram, at);

        if (at >= ram->limit || look.kind != kind) {
            return false;
        }
        at = look.end;
    }
    return true;
}
