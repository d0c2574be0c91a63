/* SPDX-License-Identifier: MIT */
/* Commands about memory and authority: who has what. With -n they print nothing that differs between worlds
 * and runs. */
#include "target.h"

/* --- mem ---- */

struct memory_table {
    struct table table;
    struct system_memory all;
    size_t cores;
    size_t wrong; /* cores whose sums do not agree */
};

static bool adds_up(const struct system_memory *m)
{
    return m->free + m->used + m->reserved == m->total && m->largest <= m->free;
}

static void add_amounts(struct table *t, const struct system_memory *m)
{
    table_size(t, m->total);
    table_size(t, m->free);
    table_size(t, m->used);
    table_size(t, m->reserved);
    table_size(t, m->largest);
}

static void add_to_all(struct memory_table *t, const struct system_memory *m)
{
    t->all.total += m->total;
    t->all.free += m->free;
    t->all.used += m->used;
    t->all.reserved += m->reserved;
    t->all.largest = m->largest > t->all.largest ? m->largest : t->all.largest;
    t->cores++;
    t->wrong += adds_up(m) ? 0 : 1;
}

static bool add_memory(void *argument, const struct system_memory *m)
{
    struct memory_table *t = argument;

    add_to_all(t, m);
    table_cell(&t->table, "%u", m->core);
    add_amounts(&t->table, m);
    return !t->table.failed;
}

static bool add_account(void *argument, const struct system_memory *m)
{
    struct memory_table *t = argument;

    add_to_all(t, m);
    table_cell(&t->table, "%u", m->core);
    table_cell(&t->table, "%s", adds_up(m) ? "balanced" : "wrong");
    return !t->table.failed;
}

static err_t show_memory(struct shell *sh, bool names)
{
    struct memory_table t = {.cores = 0};

    table_init(&t.table, sh->memory, names ? ">CORE ACCOUNT" : ">CORE >TOTAL >FREE >USED >RESERVED >LARGEST");
    err_t e = sh->system->memory(sh->system->context, names ? add_account : add_memory, &t);
    if (!err_ok(e)) {
        table_free(&t.table);
        return shell_fail_with(sh, e, "cannot ask for the memory of the cores");
    }
    if (!names && t.cores > 1) {
        table_cell(&t.table, "all");
        add_amounts(&t.table, &t.all);
    }
    e = print_table(sh, &t.table);
    if (err_ok(e) && names && t.wrong > 0) {
        return shell_fail(sh, err_make(ERR_OUT_OF_RANGE, t.wrong),
                          "on %zu of %zu cores the memory does not add up", t.wrong, t.cores);
    }
    return e;
}

static bool add_client(void *argument, const struct system_client *client)
{
    struct table *t = argument;

    table_cell(t, "%u", client->core);
    table_cell(t, "%u", client->process);
    table_size(t, client->used);
    if (client->quota == UINT64_MAX) {
        table_cell(t, "none");
    } else {
        table_size(t, client->quota);
    }
    table_cell(t, "%s", client->name);
    return !t->failed;
}

static err_t show_clients(struct shell *sh)
{
    struct table t;

    table_init(&t, sh->memory, ">CORE >PID >USED >QUOTA NAME");
    err_t e = sh->system->memory_clients(sh->system->context, add_client, &t);
    if (err_ok(e)) {
        return print_table(sh, &t);
    }
    table_free(&t);
    return shell_fail_with(sh, e, "cannot ask who has the memory");
}

err_t command_mem(struct shell *sh, const struct arguments *a)
{
    if (given(a, 'l') && given(a, 'n')) {
        return shell_usage(sh, "-l and -n exclude each other");
    }
    return given(a, 'l') ? show_clients(sh) : show_memory(sh, given(a, 'n'));
}

/* --- caps ---- */

#define CAP_LETTERS "rwxgiv"

static const char *slot_name(cptr_t slot)
{
    static const char *const names[] = {
        [SLOT_SELF] = "self",
        [SLOT_DISPATCHER] = "dispatcher",
        [SLOT_ROOT] = "root",
        [SLOT_VSPACE] = "vspace",
        [SLOT_ENDPOINT] = "endpoint",
        [SLOT_REPLY] = "reply",
        [SLOT_INIT] = "init",
        [SLOT_NAMES] = "names",
        [SLOT_CHANNELS] = "channels",
        [SLOT_LOG] = "log",
        [SLOT_STDIN] = "stdin",
        [SLOT_STDOUT] = "stdout",
        [SLOT_STDERR] = "stderr",
        [SLOT_ARGS] = "args",
        [SLOT_MEMORY] = "memory",
        [SLOT_USER_PART] = "user-part",
        [SLOT_KERNEL] = "kernel",
        [SLOT_IRQ] = "irq",
        [SLOT_PHYS] = "phys",
        [SLOT_SCHED] = "sched",
        [SLOT_INSPECT] = "inspect",
        [SLOT_CORE_BOOT] = "core-boot",
        [SLOT_BOOT_INFO] = "boot-info",
        [SLOT_ARCHIVE] = "archive",
        [SLOT_NAME_PREFIX] = "name-prefix",
    };

    return slot < ARRAY_LENGTH(names) ? names[slot] : NULL;
}

/* "0.7 names", "3.17". */
static void put_slot(struct table *t, cptr_t slot)
{
    const char *name = slot_name(slot);

    table_cell(t, "%u.%u%s%s", slot >> CPTR_L2_BITS, slot % CPTR_L2_SLOTS, name ? " " : "", name ? name : "");
}

static bool add_capability(void *argument, const struct system_capability *c)
{
    struct table *t = argument;

    put_slot(t, c->slot);
    table_cell(t, "%s", c->type);
    table_rights(t, c->rights, CAP_LETTERS);
    if (c->has_range) {
        table_cell(t, "0x%llx", (unsigned long long)c->base);
        table_size(t, c->bytes);
    } else {
        table_cell(t, "-");
        table_cell(t, "-");
    }
    if (c->owner == CORE_NONE) {
        table_cell(t, "-");
    } else {
        table_cell(t, "%u", c->owner);
    }
    if (c->badge != 0) {
        table_cell(t, "0x%llx", (unsigned long long)c->badge);
    } else {
        table_cell(t, "-");
    }
    return !t->failed;
}

struct capability_kinds {
    struct strings kinds; /* "name of a well-known slot, or other" NUL-free rows that sort well */
    struct buffer row;
    bool failed;
};

/* What is in the well-known slots, and which kinds there are in all others: how many, and where, is nobody's
 * promise. */
static bool add_capability_kind(void *argument, const struct system_capability *c)
{
    struct capability_kinds *k = argument;
    const char *name = slot_name(c->slot);

    buffer_clear(&k->row);
    buffer_format(&k->row, "%-11s  %-11s  ", name ? name : "(others)", c->type);
    put_rights(&k->row, c->rights, CAP_LETTERS);
    k->failed = k->row.failed || !strings_add(&k->kinds, buffer_text(&k->row), k->row.length);
    return !k->failed;
}

static err_t show_capability_kinds(struct shell *sh, const struct target *target)
{
    struct capability_kinds k = {.failed = false};

    strings_init(&k.kinds, sh->memory);
    buffer_init(&k.row, sh->memory);
    err_t e = sh->system->capabilities(sh->system->context, target->number, add_capability_kind, &k);
    if (!err_ok(e)) {
        e = shell_fail_with(sh, e, "cannot look into %s", buffer_text(&target->name));
    } else if (k.failed || !strings_sort_unique(&k.kinds)) {
        e = shell_no_memory(sh);
    } else {
        shell_print(sh, "%-11s  %-11s  RIGHTS\n", "SLOT", "TYPE");
        for (size_t i = 0; i < k.kinds.count; i++) {
            shell_print(sh, "%s\n", k.kinds.items[i]);
        }
    }
    strings_free(&k.kinds);
    buffer_free(&k.row);
    return e;
}

static err_t show_capabilities(struct shell *sh, const struct target *target)
{
    struct table t;

    table_init(&t, sh->memory, "SLOT TYPE RIGHTS >ADDRESS >SIZE >OWNER >BADGE");
    err_t e = sh->system->capabilities(sh->system->context, target->number, add_capability, &t);
    if (err_ok(e)) {
        return print_table(sh, &t);
    }
    table_free(&t);
    return shell_fail_with(sh, e, "cannot look into %s", buffer_text(&target->name));
}

err_t command_caps(struct shell *sh, const struct arguments *a)
{
    struct target target;
    err_t e = target_or_self(sh, a, &target);

    if (err_ok(e)) {
        e = given(a, 'n') ? show_capability_kinds(sh, &target) : show_capabilities(sh, &target);
        target_free(&target);
    }
    return e;
}

/* --- vm ---- */

static void add_region_kind(struct table *t, const struct system_region *r)
{
    table_rights(t, r->rights, "rwx");
    table_cell(t, "%s", r->backed ? "on demand" : "mapped");
    table_cell(t, "%s", r->kind);
}

static bool add_region(void *argument, const struct system_region *r)
{
    struct table *t = argument;

    table_cell(t, "0x%llx", (unsigned long long)r->start);
    table_cell(t, "0x%llx", (unsigned long long)(r->start + r->bytes));
    table_size(t, r->bytes);
    table_size(t, r->present);
    add_region_kind(t, r);
    return !t->failed;
}

/* Whether the row that begins at cell `row` stands further up already. */
static bool repeats(const struct table *t, size_t row)
{
    char **cells = t->cells.items;

    for (size_t i = 0; i < row; i += 3) {
        if (str_equal(cells[i], cells[row]) && str_equal(cells[i + 1], cells[row + 1]) &&
            str_equal(cells[i + 2], cells[row + 2])) {
            return true;
        }
    }
    return false;
}

/* In the order of addresses; a row that stands there already is left out, so that neither how many there are
 * shows nor how a linker divides a program. */
static bool add_region_name(void *argument, const struct system_region *r)
{
    struct table *t = argument;
    size_t row = t->cells.count;

    add_region_kind(t, r);
    if (!t->failed && repeats(t, row)) {
        for (size_t i = 0; i < 3; i++) {
            strings_remove(&t->cells, row);
        }
    }
    return !t->failed;
}

err_t command_vm(struct shell *sh, const struct arguments *a)
{
    struct target target;
    struct table t;
    bool names = given(a, 'n');
    err_t e = target_or_self(sh, a, &target);

    if (!err_ok(e)) {
        return e;
    }
    table_init(&t, sh->memory,
               names ? "RIGHTS MEMORY KIND" : ">START >END >SIZE >PRESENT RIGHTS MEMORY KIND");
    e = sh->system->regions(sh->system->context, target.number, names ? add_region_name : add_region, &t);
    if (err_ok(e)) {
        e = print_table(sh, &t);
    } else {
        table_free(&t);
        e = shell_fail_with(sh, e, "cannot look into %s", buffer_text(&target.name));
    }
    target_free(&target);
    return e;
}
