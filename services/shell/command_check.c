/* SPDX-License-Identifier: MIT */
/* Whether what servers know fits together. */
#include "command.h"

struct book_list {
    struct table table;
    uint64_t mistakes;
};

static bool add_books(void *argument, const struct system_books *b)
{
    struct book_list *list = argument;

    table_cell(&list->table, "%u", b->core);
    table_cell(&list->table, "%s", b->server);
    if (!err_ok(b->error)) {
        table_cell(&list->table, "no answer");
    } else if (b->mistakes == 0) {
        table_cell(&list->table, "right");
    } else {
        table_cell(&list->table, "wrong");
        list->mistakes += b->mistakes;
    }
    return !list->table.failed;
}

err_t command_check(struct shell *sh, const struct arguments *a)
{
    struct book_list list = {.mistakes = 0};

    (void)a;
    table_init(&list.table, sh->memory, ">CORE SERVER BOOKS");
    err_t e = sh->system->check(sh->system->context, add_books, &list);
    if (!err_ok(e)) {
        table_free(&list.table);
        return shell_fail_with(sh, e, "cannot ask the servers");
    }
    e = print_table(sh, &list.table);
    if (err_ok(e) && list.mistakes > 0) {
        e = shell_fail(sh, err_make(ERR_OUT_OF_RANGE, list.mistakes), "%llu mistakes; dmesg tells which",
                       (unsigned long long)list.mistakes);
    }
    return e;
}
