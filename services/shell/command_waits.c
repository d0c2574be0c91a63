/* SPDX-License-Identifier: MIT */
/* Who waits for whom, and the circle nobody gets out of. */
#include "command.h"

struct edge {
    process_number_t from, to;
    size_t name; /* of `from`, in the list of names */
    bool out;    /* cannot lie on a circle */
};

struct wait_list {
    const struct memory *memory;
    nanos_t now;
    struct table table;
    bool numbers;
    struct edge *edges; /* of waits for a process */
    size_t count;
    size_t room;
    struct strings names;
    bool failed;
};

static bool add_edge(struct wait_list *w, const struct system_wait *wait)
{
    if (w->count == w->room) {
        size_t room = w->room ? 2 * w->room : 16;
        struct edge *edges = memory_resize(w->memory, w->edges, room * sizeof(*edges));
        if (!edges) {
            return false;
        }
        w->edges = edges;
        w->room = room;
    }
    if (!strings_add_string(&w->names, wait->name)) {
        return false;
    }
    w->edges[w->count++] = (struct edge){wait->process, wait->whom, w->names.count - 1, false};
    return true;
}

static void add_numbers(struct wait_list *w, const struct system_wait *wait)
{
    table_cell(&w->table, "%u", wait->process);
    if (wait->thread != THREAD_NONE) {
        table_cell(&w->table, "%u", wait->thread);
    } else {
        table_cell(&w->table, "-");
    }
    if (wait->since != NANOS_NEVER) {
        table_duration(&w->table, w->now > wait->since ? w->now - wait->since : 0);
    } else {
        table_cell(&w->table, "-");
    }
}

static bool add_wait(void *argument, const struct system_wait *wait)
{
    struct wait_list *w = argument;

    table_cell(&w->table, "%u", wait->core);
    if (w->numbers) {
        add_numbers(w, wait);
    }
    table_cell(&w->table, "%s", wait->name);
    table_cell(&w->table, "%s", wait->on);
    table_cell(&w->table, "%s", wait->whom != PROCESS_NONE ? wait->whom_name : "-");
    table_cell(&w->table, "%s", wait->service ? wait->service : "-");
    w->failed = w->table.failed || (wait->whom != PROCESS_NONE && !add_edge(w, wait));
    return !w->failed;
}

/* An edge whose end waits for nobody, or whose beginning nobody waits for, is on no circle. */
static bool leads_nowhere(const struct wait_list *w, const struct edge *e)
{
    bool goes_on = false;
    bool comes_from = false;

    for (size_t i = 0; i < w->count; i++) {
        goes_on |= !w->edges[i].out && w->edges[i].from == e->to;
        comes_from |= !w->edges[i].out && w->edges[i].to == e->from;
    }
    return !goes_on || !comes_from;
}

/* Takes edges out until every one that is left can be followed for ever. Returns one of those, or NULL. */
static struct edge *find_endless(struct wait_list *w)
{
    bool changed = true;
    struct edge *left = NULL;

    while (changed) {
        changed = false;
        left = NULL;
        for (size_t i = 0; i < w->count; i++) {
            struct edge *e = &w->edges[i];
            if (!e->out && leads_nowhere(w, e)) {
                e->out = changed = true;
            }
            left = !e->out && !left ? e : left;
        }
    }
    return left;
}

static struct edge *next_edge(struct wait_list *w, const struct edge *e)
{
    struct edge *next = NULL;

    for (size_t i = 0; i < w->count && !next; i++) {
        next = !w->edges[i].out && w->edges[i].from == e->to ? &w->edges[i] : NULL;
    }
    return next;
}

static void print_circle(struct shell *sh, struct wait_list *w)
{
    struct edge *start = find_endless(w);

    if (!start) {
        return;
    }
    for (size_t i = 0; i < w->count; i++) {
        start = next_edge(w, start); /* after as many steps as there are edges it lies on the circle itself */
    }
    shell_print(sh, "circle: %s", w->names.items[start->name]);
    struct edge *e = start;
    do {
        e = next_edge(w, e);
        shell_print(sh, " -> %s", w->names.items[e->name]);
    } while (e != start);
    shell_print(sh, "\n");
}

err_t command_waits(struct shell *sh, const struct arguments *a)
{
    struct wait_list w = {.memory = sh->memory, .numbers = !given(a, 'n')};

    w.now = sh->system->now(sh->system->context);
    strings_init(&w.names, sh->memory);
    table_init(&w.table, sh->memory,
               w.numbers ? ">CORE >PID >THREAD >FOR PROCESS WAITS-FOR WHOM SERVICE"
                         : ">CORE PROCESS WAITS-FOR WHOM SERVICE");
    err_t e = sh->system->waits(sh->system->context, add_wait, &w);
    if (!err_ok(e)) {
        table_free(&w.table);
        e = shell_fail_with(sh, e, "cannot ask who waits");
    } else {
        w.table.failed |= w.failed;
        e = print_table(sh, &w.table);
    }
    if (err_ok(e)) {
        print_circle(sh, &w);
    }
    memory_free(sh->memory, w.edges);
    strings_free(&w.names);
    return e;
}
