/* SPDX-License-Identifier: MIT */
#include <mudskipper/pure/page_table.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/vspace/space.h>

err_t space_init(struct space *s, cptr_t root, const struct space_ops *ops, void *context,
                 struct space_table *memory, unsigned room)
{
    struct vspace_info info;
    err_t e = cap_vspace_info(root, &info);

    if (err_ok(e)) {
        *s = (struct space){.ops = ops,
                            .context = context,
                            .root = root,
                            .base = info.base,
                            .bytes = info.bytes,
                            .tables = memory,
                            .table_room = room};
    }
    return e;
}

err_t space_adopt(struct space *s, unsigned level, uint64_t offset, cptr_t table)
{
    if (s->table_count == s->table_room) {
        return err_make(ERR_LIMIT, s->table_room);
    }
    s->tables[s->table_count++] = (struct space_table){
        .offset = offset & ~(pt_entry_bytes(level - 1) - 1), .table = table, .level = (uint8_t)level};
    return OK;
}

static const struct space_table *find(const struct space *s, unsigned level, uint64_t offset)
{
    uint64_t start = offset & ~(pt_entry_bytes(level - 1) - 1);

    for (unsigned i = s->table_count; i-- > 0;) {
        if (s->tables[i].level == level && s->tables[i].offset == start) {
            return &s->tables[i];
        }
    }
    return NULL;
}

/* A new table in slot `table`. The RAM it was made from need not be named any more: whoever handed it out
 * knows it. */
static err_t new_table(struct space *s, unsigned level, cptr_t table)
{
    cptr_t ram;
    err_t e = s->ops->ram(s->context, PAGE_SIZE, &ram);

    if (err_ok(e)) {
        e = cap_retype(ram, 0, (enum cap_type)(CAP_TYPE_VNODE_L0 + level), PAGE_SIZE, 1, table);
        slot_delete(ram);
    }
    return e;
}

static err_t link_table(struct space *s, unsigned level, uint64_t offset, cptr_t table, cptr_t parent)
{
    cptr_t mapping;
    err_t e = slot_alloc(&mapping);

    if (!err_ok(e)) {
        return e;
    }
    e = cap_map(parent, table, pt_index(offset, level - 1), 1, 0, 0, mapping);
    if (!err_ok(e)) {
        slot_free(mapping);
        return e;
    }
    if (s->ops->keep_link != NULL) {
        e = s->ops->keep_link(s->context, mapping);
    }
    return err_ok(e) ? space_adopt(s, level, offset, table) : e;
}

static err_t make_table(struct space *s, unsigned level, uint64_t offset, cptr_t parent)
{
    cptr_t table;
    err_t e = slot_alloc(&table);

    if (!err_ok(e)) {
        return e;
    }
    e = new_table(s, level, table);
    if (!err_ok(e)) {
        slot_free(table);
        return e;
    }
    e = link_table(s, level, offset, table, parent);
    if (!err_ok(e)) {
        slot_delete(table);
    }
    return e;
}

/* The level-3 table for `offset`, made if it is missing, and what leads to it. */
static err_t reach(struct space *s, uint64_t offset, cptr_t *table)
{
    *table = s->root;
    for (unsigned level = 1; level < PT_LEVELS; level++) {
        const struct space_table *t = find(s, level, offset);

        if (t == NULL) {
            err_t e = make_table(s, level, offset, *table);

            if (!err_ok(e)) {
                return e;
            }
            t = find(s, level, offset);
        }
        *table = t->table;
    }
    return OK;
}

static err_t map_piece(struct space *s, uint64_t offset, cptr_t frame, uint64_t from, uint64_t bytes,
                       unsigned rights, cptr_t mapping)
{
    cptr_t table;
    err_t e = reach(s, offset, &table);

    if (err_ok(e)) {
        e = cap_map(table, frame, pt_index(offset, PT_LEVELS - 1), (unsigned)(bytes / PAGE_SIZE), from,
                    rights, mapping);
    }
    return err_push(e, ERR_WHILE_MAP);
}

static void unmap_first(cptr_t mappings, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        err_t ignored = cap_delete(mappings + i); /* it was just made: nothing refuses */

        (void)ignored;
    }
}

err_t space_map(struct space *s, vaddr_t at, cptr_t frame, uint64_t from, uint64_t bytes, unsigned rights,
                cptr_t mappings)
{
    uint64_t offset = at - s->base;
    unsigned made = 0;

    if ((at | from | bytes) & PAGE_MASK) {
        return err_make(ERR_MAP_UNALIGNED, at & PAGE_MASK ? at : from & PAGE_MASK ? from : bytes);
    }
    if (bytes == 0 || offset >= s->bytes || bytes > s->bytes - offset) {
        return err_make(ERR_MAP_OUTSIDE, at);
    }
    while (bytes > 0) {
        uint64_t left = pt_entry_bytes(2) - offset % pt_entry_bytes(2);
        uint64_t now = bytes < left ? bytes : left;
        err_t e = map_piece(s, offset, frame, from, now, rights, mappings + made);

        if (!err_ok(e)) {
            unmap_first(mappings, made);
            return e;
        }
        made++;
        offset += now;
        from += now;
        bytes -= now;
    }
    return OK;
}
