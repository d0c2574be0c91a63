/* SPDX-License-Identifier: MIT */
#include "manifest.h"
#include <mudskipper/rpc/channel.h>
#include "core_rpc.h"
#include "memory.h"

/* The archive does not tell the length of a single file: its end is where no more comes. */
static err_t length_of(struct rpc_channel *core, const char *name, char *room, size_t room_bytes,
                       size_t *length)
{
    size_t count = 1;
    err_t e = OK;

    for (*length = 0; err_ok(e) && count > 0; *length += count) {
        e = core_read_file(core, name, *length, (uint32_t)room_bytes, room, room_bytes, &count);
    }
    return e;
}

static err_t read_all(struct rpc_channel *core, const char *name, char *text, size_t bytes)
{
    size_t count;
    err_t e = OK;

    for (size_t at = 0; err_ok(e) && at < bytes; at += count) {
        e = core_read_file(core, name, at, (uint32_t)(bytes - at), text + at, bytes - at, &count);
    }
    return e;
}

err_t manifest_read(struct rpc_channel *core, const char *name, struct manifest *m)
{
    char piece[1024];
    char *text;
    err_t e = length_of(core, name, piece, sizeof(piece), &m->bytes);

    if (!err_ok(e)) {
        return e;
    }
    text = memory_get(m->bytes + 1);
    if (text == NULL) {
        return err_make(ERR_NO_MEMORY, m->bytes);
    }
    m->text = text;
    return read_all(core, name, text, m->bytes);
}

struct boot_file manifest_open(const struct manifest *m)
{
    return boot_file_open(m->text, m->bytes, 0);
}

/* What the core server's `start` has no argument for. */
static bool wants_more(const struct boot_statement *s)
{
    return s->keyword != BOOT_FILE_SPAWN || s->all_cores || s->core != 0 ||
           s->restart != BOOT_RESTART_NEVER || s->stdin_name.start != NULL || s->stdout_name.start != NULL ||
           s->stderr_name.start != NULL || s->memory != 0 || s->has_priority;
}

err_t manifest_next(struct boot_file *file, struct boot_statement *s)
{
    err_t e = boot_file_next(file, s);

    if (err_ok(e) && s->keyword != BOOT_FILE_END && wants_more(s)) {
        e = err_make(ERR_BOOT_KEYWORD, s->line);
    }
    return e;
}

static void add(char **to, struct text word)
{
    *to += word_copy(*to, word.length + 1, word) + 1;
}

err_t manifest_words(const struct boot_statement *s, struct manifest_words *w)
{
    size_t text = s->program.length + s->arguments.length + s->options.length + s->caps.length;
    size_t bytes =
        text + text / 2 + 8; /* a zero byte for the blank behind each word, and for the last ones */
    struct text arguments = s->arguments;
    struct text options = s->options;
    char *to = memory_get(bytes);
    struct text word;

    if (to == NULL) {
        return err_make(ERR_NO_MEMORY, bytes);
    }
    w->words = to;
    w->name = to;
    add(&to, s->program);
    while (boot_file_argument(&arguments, &word)) {
        add(&to, word);
    }
    w->words_bytes = (size_t)(to - w->words);
    w->settings = to;
    while (boot_file_environment(&options, &word)) {
        add(&to, word);
    }
    w->settings_bytes = (size_t)(to - w->settings);
    w->caps = to;
    add(&to, s->caps);
    return OK;
}
