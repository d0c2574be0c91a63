/* SPDX-License-Identifier: MIT */
#include "dt.h"
#include <libfdt.h>

err_t dt_check_header(const void *fdt, size_t room)
{
    if (room < sizeof(fdt32_t) || fdt_magic(fdt) != FDT_MAGIC) {
        return err_make(ERR_DT_MISSING, 0);
    }
    if (room < FDT_V1_SIZE || room < fdt_header_size(fdt) || fdt_check_header(fdt) != 0 ||
        fdt_totalsize(fdt) > room) {
        return err_make(ERR_DT_MALFORMED, 0);
    }
    return OK;
}

/* Where the first tag that cannot be read is: the library only says that there is one. */
static uint64_t offset_of_trouble(const void *fdt)
{
    int offset = 0;

    for (;;) {
        int next;
        uint32_t tag = fdt_next_tag(fdt, offset, &next);

        if (next < 0 || tag == FDT_END) {
            return fdt_off_dt_struct(fdt) + (uint32_t)offset;
        }
        offset = next;
    }
}

err_t dt_check_all(const void *fdt)
{
    if (fdt_check_full(fdt, fdt_totalsize(fdt)) != 0) {
        return err_make(ERR_DT_MALFORMED, offset_of_trouble(fdt));
    }
    return OK;
}

const char *dt_string(const void *fdt, int node, const char *name)
{
    int length;
    const char *value;

    if (node < 0) {
        return NULL;
    }
    value = fdt_getprop(fdt, node, name, &length);
    return value != NULL && length > 0 && str_length_max(value, (size_t)length) < (size_t)length ? value
                                                                                                 : NULL;
}

bool dt_enabled(const void *fdt, int node)
{
    const char *status = dt_string(fdt, node, "status");

    return node >= 0 && (status == NULL || str_equal(status, "okay") || str_equal(status, "ok"));
}

int dt_compatible(const void *fdt, int node, const char *const *names)
{
    for (node = fdt_next_node(fdt, node, NULL); node >= 0; node = fdt_next_node(fdt, node, NULL)) {
        for (const char *const *name = names; *name != NULL; name++) {
            if (fdt_node_check_compatible(fdt, node, *name) == 0 && dt_enabled(fdt, node)) {
                return node;
            }
        }
    }
    return -1;
}

/* `count` cells from *p, at most 64 bits of them not zero. */
static bool take_cells(const fdt32_t **p, int count, uint64_t *number)
{
    *number = 0;
    for (; count > 0; count--, (*p)++) {
        if (*number >> 32 != 0) {
            return false;
        }
        *number = *number << 32 | fdt32_ld(*p);
    }
    return true;
}

bool dt_number(const void *fdt, int node, const char *name, uint64_t *number)
{
    int length;
    const fdt32_t *value;

    if (node < 0) {
        return false;
    }
    value = fdt_getprop(fdt, node, name, &length);
    return value != NULL && length > 0 && length % 4 == 0 && take_cells(&value, length / 4, number);
}

struct dt_place dt_start(void)
{
    return (struct dt_place){.node = -1, .level = -1};
}

bool dt_next(const void *fdt, struct dt_place *place)
{
    if (place->node >= 0 && place->level < DT_LEVELS) {
        place->above[place->level] = place->node;
    }
    place->node = fdt_next_node(fdt, place->node, &place->level);
    if (place->node < 0 || place->level < 0) {
        *place = dt_start();
    }
    return place->node >= 0;
}

struct dt_place dt_place_of(const void *fdt, int node)
{
    struct dt_place place = dt_start();

    while (node >= 0 && dt_next(fdt, &place) && place.node < node) {
        continue;
    }
    return place.node == node ? place : dt_start();
}

/* The node of that level, from 0 for the root to place->level for the node itself. */
static int at_level(const void *fdt, const struct dt_place *place, int level)
{
    if (level == place->level) {
        return place->node;
    }
    return level < DT_LEVELS ? place->above[level]
                             : fdt_supernode_atdepth_offset(fdt, place->node, level, NULL);
}

/* Address of a child of `bus` → address of the bus itself, by its ranges. */
static bool translate(const void *fdt, int bus, int parent, paddr_t *address)
{
    int child_cells = fdt_address_cells(fdt, bus), parent_cells = fdt_address_cells(fdt, parent),
        size_cells = fdt_size_cells(fdt, bus), length;
    const fdt32_t *p = fdt_getprop(fdt, bus, "ranges", &length), *end;

    if (p == NULL || child_cells < 0 || parent_cells < 0 || size_cells < 0) {
        return false; /* its children are on their own */
    }
    if (length == 0) {
        return true; /* identity */
    }
    for (end = p + length / 4; end - p >= child_cells + parent_cells + size_cells;) {
        uint64_t child, to, bytes;
        bool plain = take_cells(&p, child_cells, &child);

        plain = take_cells(&p, parent_cells, &to) && plain;
        plain = take_cells(&p, size_cells, &bytes) && plain;
        if (plain && *address >= child && *address - child < bytes) {
            *address = *address - child + to;
            return true;
        }
        if (child_cells + parent_cells + size_cells == 0) {
            break;
        }
    }
    return false;
}

bool dt_registers_at(const void *fdt, const struct dt_place *place, unsigned index, paddr_t *address,
                     uint64_t *bytes)
{
    int bus, address_cells, size_cells, length;
    const fdt32_t *p;

    if (place->level < 1 || (p = fdt_getprop(fdt, place->node, "reg", &length)) == NULL) {
        return false;
    }
    bus = at_level(fdt, place, place->level - 1);
    address_cells = fdt_address_cells(fdt, bus);
    size_cells = fdt_size_cells(fdt, bus);
    if (address_cells <= 0 || size_cells < 0 ||
        (uint64_t)(index + 1) * (uint64_t)(address_cells + size_cells) > (uint64_t)length / 4) {
        return false;
    }
    p += index * (unsigned)(address_cells + size_cells);
    if (!take_cells(&p, address_cells, address) || !take_cells(&p, size_cells, bytes)) {
        return false;
    }
    for (int level = place->level - 1; level > 0; level--) {
        int parent = at_level(fdt, place, level - 1);

        if (parent < 0 || !translate(fdt, bus, parent, address)) {
            return false;
        }
        bus = parent;
    }
    return *bytes <= UINT64_MAX - *address;
}

bool dt_registers(const void *fdt, int node, unsigned index, paddr_t *address, uint64_t *bytes)
{
    struct dt_place place = dt_place_of(fdt, node);

    return dt_registers_at(fdt, &place, index, address, bytes);
}

/* The controller that a node's `interrupts` are numbers of is its own word on it or that of the nearest
 * ancestor: is it the one with this phandle? */
static bool interrupts_go_to(const void *fdt, const struct dt_place *place, uint32_t phandle)
{
    for (int level = place->level; level >= 0; level--) {
        uint64_t parent;

        if (dt_number(fdt, at_level(fdt, place, level), "interrupt-parent", &parent)) {
            return parent == phandle;
        }
    }
    return false;
}

static int interrupt_cells(const void *fdt, int controller)
{
    uint64_t cells;

    return dt_number(fdt, controller, "#interrupt-cells", &cells) && cells >= 1 && cells <= 8 ? (int)cells
                                                                                              : -1;
}

/* The cells of entry `index`, if it is the GIC's. */
static const fdt32_t *interrupt_entry(const void *fdt, const struct dt_place *place, unsigned index, int gic,
                                      int *cells)
{
    uint32_t phandle = fdt_get_phandle(fdt, gic);
    int length;
    const fdt32_t *p = fdt_getprop(fdt, place->node, "interrupts-extended", &length), *end;

    if (p != NULL) {
        for (end = p + length / 4; p < end; p += 1 + *cells, index--) {
            bool ours = fdt32_ld(p) == phandle;

            *cells = interrupt_cells(fdt, ours ? gic : fdt_node_offset_by_phandle(fdt, fdt32_ld(p)));
            if (*cells < 0 || end - p < 1 + *cells) {
                return NULL;
            }
            if (index == 0) {
                return ours ? p + 1 : NULL;
            }
        }
        return NULL;
    }
    p = fdt_getprop(fdt, place->node, "interrupts", &length);
    if (p == NULL || !interrupts_go_to(fdt, place, phandle)) {
        return NULL;
    }
    *cells = interrupt_cells(fdt, gic);
    return *cells > 0 && (uint64_t)(index + 1) * (uint64_t)*cells <= (uint64_t)length / 4
               ? p + index * (unsigned)*cells
               : NULL;
}

/* A GIC's entry: {0 shared, 1 private}, number, flags {1, 2: edges, 4, 8: levels}. */
bool dt_interrupt_at(const void *fdt, const struct dt_place *place, unsigned index, int gic,
                     struct dt_interrupt *interrupt)
{
    int cells;
    const fdt32_t *p = place->node < 0 || gic < 0 ? NULL : interrupt_entry(fdt, place, index, gic, &cells);
    uint32_t type, number;

    if (p == NULL || cells < 3) {
        return false;
    }
    type = fdt32_ld(p);
    number = fdt32_ld(p + 1);
    if (type > 1 || number >= (type == 1 ? 16u : 988u)) {
        return false;
    }
    interrupt->private = type == 1;
    interrupt->line = number + (type == 1 ? 16 : 32);
    interrupt->edge = fdt32_ld(p + 2) & 3;
    return true;
}

bool dt_interrupt(const void *fdt, int node, unsigned index, int gic, struct dt_interrupt *interrupt)
{
    struct dt_place place = dt_place_of(fdt, node);

    return dt_interrupt_at(fdt, &place, index, gic, interrupt);
}
