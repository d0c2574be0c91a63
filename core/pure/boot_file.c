/* SPDX-License-Identifier: MIT */
#include <mudskipper/pure/boot_file.h>

/* One line on its way through the parser. */
struct line {
    uint64_t number;
    uint32_t cores;
    struct text rest;
};

struct boot_file boot_file_open(const void *bytes, uint64_t size, uint32_t cores)
{
    return (struct boot_file){{bytes, size}, 0, cores};
}

static err_t syntax(const struct line *l)
{
    return err_make(ERR_BOOT_SYNTAX, l->number);
}

/* word->start NULL at the end of the line, where a comment starts too. */
static err_t next_word(struct line *l, struct text *word)
{
    *word = (struct text){NULL, 0};
    word_skip_blanks(&l->rest);
    if (l->rest.length == 0 || l->rest.start[0] == '#') {
        return OK;
    }
    switch (word_next(&l->rest, word)) {
    case WORD_QUOTE:
        return err_make(ERR_BOOT_QUOTE, l->number);
    case WORD_SYNTAX:
        return syntax(l);
    default:
        return OK;
    }
}

/* A word that must be there and say something. */
static err_t need_word(struct line *l, struct text *word)
{
    err_t e = next_word(l, word);
    return err_ok(e) && (!word->start || word_is(*word, "")) ? syntax(l) : e;
}

/* --- options --- */

enum option {
    OPTION_CORE,
    OPTION_RESTART,
    OPTION_CAP,
    OPTION_STDIN,
    OPTION_STDOUT,
    OPTION_STDERR,
    OPTION_ENV,
    OPTION_MEMORY,
    OPTION_PRIORITY,
    OPTION_DEVICE,
    OPTION_COUNT,
};

static const char *const option_names[OPTION_COUNT] = {
    [OPTION_CORE] = "core",     [OPTION_RESTART] = "restart", [OPTION_CAP] = "cap",
    [OPTION_STDIN] = "stdin",   [OPTION_STDOUT] = "stdout",   [OPTION_STDERR] = "stderr",
    [OPTION_ENV] = "env",       [OPTION_MEMORY] = "memory",   [OPTION_PRIORITY] = "priority",
    [OPTION_DEVICE] = "device",
};

static enum option find_option(struct text key)
{
    enum option option = OPTION_CORE;

    while (option < OPTION_COUNT && !text_is(key, option_names[option])) {
        option++;
    }
    return option;
}

static err_t set_core(const struct line *l, struct boot_statement *s, struct text value)
{
    uint64_t core;

    if (text_is(value, "all")) {
        s->all_cores = true;
        return OK;
    }
    if (!text_number(value, &core) || core > UINT32_MAX || (l->cores != 0 && core >= l->cores)) {
        return err_make(ERR_BOOT_CORE, l->number);
    }
    s->core = (coreid_t)core;
    return OK;
}

static err_t set_restart(const struct line *l, struct boot_statement *s, struct text value)
{
    static const char *const names[] = {
        [BOOT_RESTART_NEVER] = "never",
        [BOOT_RESTART_ON_FAILURE] = "on-failure",
        [BOOT_RESTART_ALWAYS] = "always",
    };

    for (unsigned i = 0; i < ARRAY_LENGTH(names); i++) {
        if (text_is(value, names[i])) {
            s->restart = (enum boot_restart)i;
            return OK;
        }
    }
    return err_make(ERR_BOOT_KEYWORD, l->number);
}

/* NAME[,NAME...], no name empty or quoted. */
static err_t set_caps(const struct line *l, struct boot_statement *s, struct text value)
{
    bool empty = true;

    for (size_t i = 0; i < value.length; i++) {
        bool comma = value.start[i] == ',';
        if (comma && empty) {
            return syntax(l);
        }
        empty = comma;
    }
    if (empty || word_is_quoted(value)) {
        return syntax(l);
    }
    s->caps = value;
    return OK;
}

static err_t set_name(const struct line *l, struct text *name, struct text value)
{
    if (word_is(value, "")) {
        return syntax(l);
    }
    *name = value;
    return OK;
}

/* KEY=VALUE, the key neither empty nor quoted; boot_file_environment finds it again. */
static err_t check_environment(const struct line *l, struct text value)
{
    struct text key, text;
    return word_split(value, &key, &text) && key.length > 0 ? OK : syntax(l);
}

static err_t set_memory(const struct line *l, struct boot_statement *s, struct text value)
{
    return text_size(value, &s->memory) && s->memory > 0 ? OK : syntax(l);
}

static err_t set_priority(const struct line *l, struct boot_statement *s, struct text value)
{
    uint64_t priority;

    if (!text_number(value, &priority) || priority > UINT32_MAX) {
        return syntax(l);
    }
    s->has_priority = true;
    s->priority = (uint32_t)priority;
    return OK;
}

/* Which of the devices a driver is for: "console", and only of a driver. */
static err_t set_device(const struct line *l, struct boot_statement *s, struct text value)
{
    s->console_only = true;
    return s->keyword == BOOT_FILE_DRIVER && text_is(value, "console")
               ? OK
               : err_make(ERR_BOOT_KEYWORD, l->number);
}

static err_t set_option(const struct line *l, struct boot_statement *s, enum option option, struct text value)
{
    switch (option) {
    case OPTION_CORE:
        return set_core(l, s, value);
    case OPTION_RESTART:
        return set_restart(l, s, value);
    case OPTION_CAP:
        return set_caps(l, s, value);
    case OPTION_STDIN:
        return set_name(l, &s->stdin_name, value);
    case OPTION_STDOUT:
        return set_name(l, &s->stdout_name, value);
    case OPTION_STDERR:
        return set_name(l, &s->stderr_name, value);
    case OPTION_ENV:
        return check_environment(l, value);
    case OPTION_MEMORY:
        return set_memory(l, s, value);
    case OPTION_PRIORITY:
        return set_priority(l, s, value);
    case OPTION_DEVICE:
        return set_device(l, s, value);
    default:
        return err_make(ERR_BOOT_KEYWORD, l->number);
    }
}

/* Reads options up to the first word without '=', which is left in the line. */
static err_t parse_options(struct line *l, struct boot_statement *s)
{
    unsigned seen = 0;
    struct text word, key, value;

    word_skip_blanks(&l->rest);
    s->options = (struct text){l->rest.start, 0};
    for (;;) {
        struct line before = *l;
        err_t e = next_word(l, &word);
        if (!err_ok(e)) {
            return e;
        }
        if (!word.start || !word_split(word, &key, &value)) {
            *l = before;
            break;
        }
        enum option option = find_option(key);
        if (option != OPTION_ENV && (seen & 1u << option)) {
            return syntax(l);
        }
        seen |= 1u << option;
        e = set_option(l, s, option, value);
        if (!err_ok(e)) {
            return e;
        }
        s->options.length = (size_t)(l->rest.start - s->options.start);
    }
    return OK;
}

/* --- statements --- */

/* Checks all arguments; what is kept ends before a comment. */
static err_t parse_arguments(struct line *l, struct boot_statement *s)
{
    struct text word;

    word_skip_blanks(&l->rest);
    s->arguments = (struct text){l->rest.start, 0};
    for (;;) {
        err_t e = next_word(l, &word);
        if (!err_ok(e) || !word.start) {
            return e;
        }
        s->arguments.length = (size_t)(l->rest.start - s->arguments.start);
    }
}

static err_t parse_process(struct line *l, struct boot_statement *s)
{
    err_t e = parse_options(l, s);

    if (err_ok(e) && s->keyword == BOOT_FILE_DRIVER) {
        e = need_word(l, &s->compatible);
    }
    e = err_ok(e) ? need_word(l, &s->program) : e;
    return err_ok(e) ? parse_arguments(l, s) : e;
}

static err_t parse_set(struct line *l, struct boot_statement *s)
{
    struct text more;
    err_t e = need_word(l, &s->key);

    if (!err_ok(e)) {
        return e;
    }
    e = next_word(l, &s->value);
    if (!err_ok(e)) {
        return e;
    }
    if (!s->value.start) {
        return syntax(l);
    }
    e = next_word(l, &more);
    return err_ok(e) && more.start ? syntax(l) : e;
}

static err_t parse_line(struct line *l, struct text keyword, struct boot_statement *s)
{
    s->line = l->number;
    if (text_is(keyword, "spawn")) {
        s->keyword = BOOT_FILE_SPAWN;
        return parse_process(l, s);
    }
    if (text_is(keyword, "driver")) {
        s->keyword = BOOT_FILE_DRIVER;
        return parse_process(l, s);
    }
    if (text_is(keyword, "set")) {
        s->keyword = BOOT_FILE_SET;
        return parse_set(l, s);
    }
    return err_make(ERR_BOOT_KEYWORD, l->number);
}

static struct line take_line(struct boot_file *file)
{
    struct text line = {file->rest.start, 0};

    while (line.length < file->rest.length && line.start[line.length] != '\n') {
        line.length++;
    }
    size_t used = line.length + (line.length < file->rest.length ? 1 : 0);
    file->rest.start += used;
    file->rest.length -= used;
    file->line++;
    return (struct line){file->line, file->cores, line};
}

err_t boot_file_next(struct boot_file *file, struct boot_statement *statement)
{
    while (file->rest.length > 0) {
        struct line l = take_line(file);
        struct boot_statement s = {.keyword = BOOT_FILE_END};
        struct text keyword;
        err_t e = next_word(&l, &keyword);
        if (err_ok(e) && !keyword.start) {
            continue;
        }
        e = err_ok(e) ? parse_line(&l, keyword, &s) : e;
        if (err_ok(e)) {
            *statement = s;
        }
        return e;
    }
    *statement = (struct boot_statement){.keyword = BOOT_FILE_END, .line = file->line};
    return OK;
}

bool boot_file_argument(struct text *arguments, struct text *argument)
{
    return word_next(arguments, argument) == WORD_FOUND;
}

bool boot_file_cap(struct text *caps, struct text *name)
{
    size_t length = 0;

    if (caps->length == 0) {
        return false;
    }
    while (length < caps->length && caps->start[length] != ',') {
        length++;
    }
    *name = (struct text){caps->start, length};
    size_t used = length + (length < caps->length ? 1 : 0);
    *caps = (struct text){caps->start + used, caps->length - used};
    return true;
}

bool boot_file_environment(struct text *options, struct text *setting)
{
    struct text word, key, value;

    while (word_next(options, &word) == WORD_FOUND) {
        if (word_split(word, &key, &value) && text_is(key, option_names[OPTION_ENV])) {
            *setting = value;
            return true;
        }
    }
    return false;
}
