/* SPDX-License-Identifier: MIT */
/* What lies where in a process's address space. The process itself is not asked, it may not answer:
 *
 *    its Mappings        what is mapped                    the kernel's word
 *    its file            which pages of the image may what
 *    its notes           what regions are called, how far they reach (abi/regions.h)    its own word, for
 * people
 */
#include <stdatomic.h>
#include <mudskipper/abi/layout.h>
#include <mudskipper/abi/regions.h>
#include <mudskipper/heap/heap.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/elf.h>
#include <mudskipper/rt/port.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/vspace/self.h>
#include "archive.h"
#include "core_look.h"
#include "core_rpc.h"
#include "memory.h"
#include "processes.h"

/* Rows grow in memory of the heap. */
struct rows {
    struct core_region *row;
    size_t count;
    size_t room;
    bool no_memory;
};

static void add(struct rows *rows, const char *kind, vaddr_t start, uint64_t bytes, unsigned rights,
                bool on_demand)
{
    struct core_region *row;

    if (rows->count == rows->room) {
        size_t room = rows->room != 0 ? 2 * rows->room : 32;

        row = heap_realloc(memory_heap(), rows->row, room * sizeof(*row));
        if (row == NULL) {
            rows->no_memory = true;
            return;
        }
        rows->row = row;
        rows->room = room;
    }
    row = &rows->row[rows->count++];
    *row = (struct core_region){
        .start = start, .bytes = bytes, .rights = (uint8_t)rights, .on_demand = on_demand};
    str_copy(row->kind, sizeof(row->kind), kind);
}

/* ---- the image, from the file ---- */

static void add_image(struct rows *rows, const struct archive *archive, const char *name, vaddr_t image)
{
    struct elf_image elf;
    const void *bytes;
    size_t size;

    if (!err_ok(archive_program(archive, name, &bytes, &size)) ||
        !err_ok(elf_check(bytes, size, rt_elf_machine(), &elf))) {
        return;
    }
    for (unsigned i = 0; i < elf.parts; i++) {
        struct elf_part part = elf_part(&elf, i);

        add(rows, "image", image + part.offset, part.bytes, part.rights, false);
    }
}

/* ---- what the process says ---- */

/* One page of notes, copied before anything in it is believed. */
static union {
    struct region_notes notes;
    unsigned char bytes[PAGE_SIZE];
} said;

static void read_notes(cptr_t root)
{
    _Atomic bool gone = false;
    cptr_t frame;
    void *at;

    mem_set(&said, 0, sizeof(said));
    if (!err_ok(slot_alloc(&frame))) {
        return;
    }
    if (err_ok(cap_copy_from(root, CAP_PLACE_SLOT(SLOT_USER_PART), frame)) &&
        err_ok(self_map_shared(frame, REGION_NOTES_OFFSET & ~PAGE_MASK, PAGE_SIZE, CAP_READ, &gone, &at))) {
        mem_copy(&said, (char *)at + (REGION_NOTES_OFFSET & PAGE_MASK),
                 PAGE_SIZE - (REGION_NOTES_OFFSET & PAGE_MASK));
        err_t ignored = self_unmap(at); /* just mapped */

        (void)ignored;
    }
    slot_delete(frame);
    if (said.notes.count > REGION_NOTES_MAX || said.notes.changes % 2 != 0 || gone) {
        said.notes.count = 0;
    }
}

static void make_printable(char *text, size_t size)
{
    text[size - 1] = '\0';
    for (size_t i = 0; text[i] != '\0'; i++) {
        if (text[i] < ' ' || text[i] > '~') {
            text[i] = '?';
        }
    }
}

/* Ascending, inside the address space, disjoint: the rest is left out from the first one on that is not. */
static void add_notes(struct rows *rows, const struct vspace_info *space)
{
    vaddr_t end = space->base;

    for (uint32_t i = 0; i < said.notes.count; i++) {
        struct region_note *n = &said.notes.note[i];
        uint64_t guard = (uint64_t)n->guard * PAGE_SIZE;

        if (((n->base | n->bytes) & PAGE_MASK) != 0 || n->base < end || n->bytes == 0 ||
            n->base - space->base > space->bytes || n->bytes > space->bytes - (n->base - space->base)) {
            return;
        }
        make_printable(n->name, sizeof(n->name));
        if (guard > 0 && guard <= n->base - end) {
            add(rows, "guard", n->base - guard, guard, 0, false);
        }
        end = n->base + n->bytes;
        if (n->base != space->base + LAYOUT_IMAGE) {
            add(rows, n->name, n->base, n->bytes, n->rights & (CAP_READ | CAP_WRITE | CAP_EXECUTE),
                n->on_demand != 0);
        }
    }
}

/* ---- what is mapped ---- */

/* Counts it where it lies; what lies nowhere is a row of its own. */
static void count_mapping(struct rows *rows, size_t known, vaddr_t start, uint64_t bytes, unsigned rights)
{
    uint64_t counted = 0;

    for (size_t i = 0; i < known && counted < bytes; i++) {
        struct core_region *row = &rows->row[i];
        vaddr_t from = start > row->start ? start : row->start;
        vaddr_t to = start + bytes < row->start + row->bytes ? start + bytes : row->start + row->bytes;

        if (from < to) {
            row->present += to - from;
            counted += to - from;
        }
    }
    if (counted == 0) {
        add(rows, "frame", start, bytes, rights, false);
        if (!rows->no_memory) {
            rows->row[rows->count - 1].present = bytes;
        }
    }
}

/* Links of tables have no rights. */
static void add_mappings(struct rows *rows, cptr_t root, vaddr_t base)
{
    size_t known = rows->count;
    uint32_t end = look_l1_slots(root);
    struct cap_identity m;

    for (cptr_t at = 0, slot; !rows->no_memory && look_next_used(root, end, at, &slot, &m); at = slot + 1) {
        unsigned rights = m.rights & (CAP_READ | CAP_WRITE | CAP_EXECUTE);

        if (m.type == CAP_TYPE_MAPPING && rights != 0) {
            count_mapping(rows, known, base + m.words[2], ((m.words[1] & PAGE_MASK) + 1) * PAGE_SIZE, rights);
        }
    }
}

/* ---- the answer ---- */

static bool before(const struct core_region *a, const struct core_region *b)
{
    return a->start < b->start;
}

/* Shell's sort: nearly sorted rows, and no memory. */
static void sort(struct rows *rows)
{
    for (size_t gap = rows->count / 2; gap > 0; gap /= 2) {
        for (size_t i = gap; i < rows->count; i++) {
            struct core_region moving = rows->row[i];
            size_t at = i;

            for (; at >= gap && before(&moving, &rows->row[at - gap]); at -= gap) {
                rows->row[at] = rows->row[at - gap];
            }
            rows->row[at] = moving;
        }
    }
}

static size_t give(const struct rows *rows, uint64_t from, struct core_region *found, size_t room,
                   uint64_t *next)
{
    size_t first = 0;
    size_t count;

    while (first < rows->count && rows->row[first].start < from) {
        first++;
    }
    count = rows->count - first < room ? rows->count - first : room;
    *next = first + count < rows->count ? rows->row[first + count].start : 0;
    mem_copy(found, rows->row + first, count * sizeof(*found));
    return count;
}

static err_t find_space(cptr_t root, struct vspace_info *space)
{
    cptr_t table;
    err_t e = slot_alloc(&table);

    if (!err_ok(e)) {
        return e;
    }
    e = cap_copy_from(root, CAP_PLACE_SLOT(SLOT_VSPACE), table);
    if (err_ok(e)) {
        e = cap_vspace_info(table, space);
    }
    slot_delete(table);
    return e;
}

err_t look_at_regions(const struct archive *archive, uint32_t number, uint64_t from,
                      struct core_region *found, size_t room, size_t *count, uint64_t *next)
{
    const struct process *p = processes_find(number);
    cptr_t root = p != NULL ? p->root : SLOT_ROOT;
    struct rows rows = {.row = NULL};
    struct vspace_info space;
    err_t e = OK;

    if (number != PROCESS_INIT && (p == NULL || p->ended)) {
        e = err_make(ERR_PROC_NOT_FOUND, 0);
    }
    if (err_ok(e)) {
        e = find_space(root, &space);
    }
    if (!err_ok(e)) {
        return e;
    }
    add_image(&rows, archive, p != NULL ? p->name : "init", space.base + LAYOUT_IMAGE);
    read_notes(root);
    add_notes(&rows, &space);
    add_mappings(&rows, root, space.base);
    if (rows.no_memory) {
        e = err_make(ERR_NO_MEMORY, rows.room * sizeof(*rows.row));
    } else {
        sort(&rows);
        *count = give(&rows, from, found, room, next);
    }
    heap_free(memory_heap(), rows.row);
    return e;
}
