/* SPDX-License-Identifier: MIT */
/* Whether what servers know fits together: they know best. */
#include "system_core.h"

#include <mudskipper/rt/process.h>

struct book_list {
    system_books_each_t each;
    void *argument;
    err_t error;
};

/* Refused is refused on all cores; a server that does not answer is shown. */
static bool check_core(void *argument, const struct system_core *core)
{
    struct book_list *list = argument;
    struct system_books books = {.core = core->id, .server = "init"};

    books.error = core_check(&system_core_server, core->id, &books.mistakes);
    if (err_is(books.error, ERR_CAP_MISSING_RIGHT)) {
        list->error = books.error;
        return false;
    }
    if (!list->each(list->argument, &books)) {
        return false;
    }
    books.server = "names";
    books.error = system_names_check(core->id, &books.mistakes);
    return list->each(list->argument, &books);
}

err_t system_check(void *context, system_books_each_t each, void *argument)
{
    struct book_list list = {.each = each, .argument = argument, .error = OK};
    err_t e = system_cores(context, check_core, &list);

    return err_ok(e) ? list.error : e;
}
