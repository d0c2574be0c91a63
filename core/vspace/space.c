/* SPDX-License-Identifier: MIT */
#include <mudskipper/pure/page_table.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/vspace/space.h>

err_t space_init(struct space *s, cptr_t root, const struct space_ops *ops, void *context, void *memory,
                 uint64_t bytes)
{
    struct vspace_info info;
    err_t e = cap_vspace_info(root, &info);

    if (err_ok(e)) {
        *s = (struct space){
            .ops = ops, .context = context, .root = root, .base = info.base, .bytes = info.bytes};
        tree_init(&s->tables, NULL);
        slab_init(&s->notes, sizeof(struct space_table));
        for (uint64_t at = 0; at < bytes; at += PAGE_SIZE) {
            space_give(s, (char *)memory + at);
        }
    }
    return e;
}

void space_give(struct space *s, void *page)
{
    slab_give(&s->notes, page, true);
}

static struct space_table *table_of(const struct tree_node *n)
{
    return n != NULL ? CONTAINER_OF((struct tree_node *)n, struct space_table, node) : NULL;
}

static int compare_key(const void *key, const struct tree_node *n)
{
    const struct space_table *a = key;
    const struct space_table *b = table_of(n);

    if (a->level != b->level) {
        return a->level < b->level ? -1 : 1;
    }
    return (a->offset > b->offset) - (a->offset < b->offset);
}

static int compare(const struct tree_node *a, const struct tree_node *b)
{
    return compare_key(table_of(a), b);
}

/* What the table that covers `offset` is found by. */
static struct space_table key_of(unsigned level, uint64_t offset)
{
    return (struct space_table){.offset = offset & ~(pt_entry_bytes(level - 1) - 1), .level = (uint8_t)level};
}

err_t space_adopt(struct space *s, unsigned level, uint64_t offset, cptr_t table)
{
    struct space_table *t;

    if (s->notes.free_objects == 0) {
        return err_make(ERR_NO_MEMORY, sizeof(*t));
    }
    t = slab_take(&s->notes);
    *t = key_of(level, offset);
    t->table = table;
    tree_insert(&s->tables, &t->node, compare);
    return OK;
}

static const struct space_table *find(const struct space *s, unsigned level, uint64_t offset)
{
    struct space_table key = key_of(level, offset);

    return table_of(tree_find(&s->tables, &key, compare_key));
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
    err_t e =
        s->notes.free_objects == 0 ? err_make(ERR_NO_MEMORY, sizeof(struct space_table)) : slot_alloc(&table);

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
