/* SPDX-License-Identifier: MIT */
/* Commands about the files of the boot archive. */
#include "command.h"

#include "utf8.h"

struct file {
    uint64_t bytes;
    bool program;
    char name[];
};

struct file_list {
    const struct memory *memory;
    const char *prefix;
    struct file **items;
    size_t count;
    size_t room;
    bool failed;
};

static bool add_file(void *argument, const struct system_file *file)
{
    struct file_list *list = argument;
    size_t length = str_length(file->name);

    if (!str_starts_with(file->name, list->prefix)) {
        return true;
    }
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : 16;
        struct file **items = memory_resize(list->memory, list->items, room * sizeof(struct file *));
        list->failed = !items;
        if (!items) {
            return false;
        }
        list->items = items;
        list->room = room;
    }
    struct file *copy = memory_resize(list->memory, NULL, sizeof(*copy) + length + 1);
    list->failed = !copy;
    if (copy) {
        copy->bytes = file->bytes;
        copy->program = file->program != NULL;
        mem_copy(copy->name, file->name, length + 1);
        list->items[list->count++] = copy;
    }
    return !list->failed;
}

static void free_files(struct file_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        memory_free(list->memory, list->items[i]);
    }
    memory_free(list->memory, list->items);
}

static int by_name(const void *a, const void *b)
{
    return str_compare(((const struct file *)a)->name, ((const struct file *)b)->name);
}

static err_t print_files(struct shell *sh, const struct file_list *list, bool details)
{
    struct table t;

    table_init(&t, sh->memory, ">SIZE KIND NAME");
    for (size_t i = 0; i < list->count; i++) {
        if (!details) {
            shell_print(sh, "%s\n", list->items[i]->name);
            continue;
        }
        table_size(&t, list->items[i]->bytes);
        table_cell(&t, "%s", list->items[i]->program ? "program" : "file");
        table_cell(&t, "%s", list->items[i]->name);
    }
    if (details) {
        return print_table(sh, &t);
    }
    table_free(&t);
    return OK;
}

err_t command_ls(struct shell *sh, const struct arguments *a)
{
    struct file_list list = {.memory = sh->memory, .prefix = a->count > 0 ? a->words[0] : ""};
    err_t e = sh->system->files(sh->system->context, add_file, &list);

    if (!err_ok(e)) {
        e = shell_fail_with(sh, e, "cannot read the archive");
    } else if (list.failed || !sort_pointers(sh->memory, (void **)list.items, list.count, by_name)) {
        e = shell_no_memory(sh);
    } else if (list.count == 0 && a->count > 0) {
        e = shell_fail(sh, err_make(ERR_NOT_FOUND, 0), "no file in the archive begins with %s", a->words[0]);
    } else {
        e = print_files(sh, &list, given(a, 'l'));
    }
    free_files(&list);
    return e;
}

#define FILE_PIECE 1024u

/* How many bytes at the end are the beginning of a character whose rest is still to come. */
static size_t unfinished(const char *bytes, size_t count)
{
    for (size_t back = 1; back < UTF8_MAX && back <= count; back++) {
        size_t whole = utf8_length((uint8_t)bytes[count - back]);
        if (whole > 0) {
            return whole > back ? back : 0;
        }
    }
    return 0;
}

static bool has_zero(const char *bytes, size_t count)
{
    while (count > 0 && *bytes != '\0') {
        bytes++;
        count--;
    }
    return count > 0;
}

static err_t print_file(struct shell *sh, const char *name)
{
    char bytes[FILE_PIECE];
    uint64_t offset = 0;
    size_t kept = 0; /* at the front: a character begun in the last piece */
    size_t count;

    do {
        count = 0;
        err_t e = sh->system->read_file(sh->system->context, name, offset, bytes + kept, sizeof(bytes) - kept,
                                        &count);
        if (!err_ok(e)) {
            return shell_fail_with(sh, e, "%s", name);
        }
        if (sh->system->interrupted(sh->system->context)) {
            return shell_fail(sh, err_make(ERR_CANCELLED, 0), "%s: interrupted", name);
        }
        if (offset == 0 && has_zero(bytes, count)) {
            return shell_fail(sh, err_make(ERR_BAD_ARGUMENT, 0), "%s is no text", name);
        }
        offset += count;
        size_t have = kept + count;
        kept = count > 0 ? unfinished(bytes, have) : 0;
        shell_print_text(sh, bytes, have - kept);
        mem_move(bytes, bytes + have - kept, kept);
    } while (count > 0 && !sh->leaving);
    return OK;
}

err_t command_cat(struct shell *sh, const struct arguments *a)
{
    err_t e = OK;

    for (size_t i = 0; i < a->count && err_ok(e); i++) {
        e = print_file(sh, a->words[i]);
    }
    return e;
}
