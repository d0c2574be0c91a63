/* SPDX-License-Identifier: MIT */
#include "complete.h"

#include <mudskipper/pure/error_text.h>
#include "command.h"
#include "parse.h"

struct offer {
    struct shell *sh;
    const struct parse_place *place;
    struct completion *out;
    bool failed; /* no memory */
};

/* True: go on. */
static bool offer(struct offer *o, const char *text)
{
    if (str_starts_with(text, buffer_text(&o->place->word)) &&
        !strings_add_string(&o->out->candidates, text)) {
        o->failed = true;
    }
    return !o->failed;
}

static bool offer_process(void *argument, const struct system_process *p)
{
    return p->state == PROCESS_ENDED || offer(argument, p->name);
}

static bool offer_core(void *argument, const struct system_core *core)
{
    char digits[16];

    format_to(digits, sizeof(digits), "%u", core->id);
    return offer(argument, digits);
}

static bool offer_file(void *argument, const struct system_file *file)
{
    return offer(argument, file->name);
}

static bool offer_program(void *argument, const struct system_file *file)
{
    return !file->program || offer(argument, file->program);
}

static bool offer_name(void *argument, const struct system_name *n)
{
    return offer(argument, n->name);
}

static bool offer_method(void *argument, const struct system_method *m)
{
    return offer(argument, m->name);
}

static void offer_commands(struct offer *o, bool prefixes)
{
    for (size_t i = 0; command_at(i); i++) {
        offer(o, command_at(i)->name);
    }
    if (prefixes) {
        offer(o, "expect");
    }
}

static void offer_errors(struct offer *o)
{
    uint16_t code;
    const char *name;

    for (size_t i = 0; (name = err_name_at(i, &code)); i++) {
        if (code != ERR_OK) {
            offer(o, name);
        }
    }
}

static void offer_options(struct offer *o, const struct command *c)
{
    for (const char *letter = c->options; letter && *letter; letter++) {
        if (*letter != ':') {
            offer(o, (const char[]){'-', *letter, '\0'});
        }
    }
}

/* Asks the system; what it refuses to tell is no candidate. `first` is the command's first argument. */
static void offer_kind(struct offer *o, enum complete_kind kind, const char *first)
{
    const struct system *s = o->sh->system;
    err_t e = OK;

    switch (kind) {
    case COMPLETE_COMMAND:
        offer_commands(o, false);
        break;
    case COMPLETE_PROGRAM:
        e = s->files(s->context, offer_program, o);
        break;
    case COMPLETE_PROCESS:
        e = s->processes(s->context, offer_process, o);
        break;
    case COMPLETE_CORE:
        e = s->cores(s->context, offer_core, o);
        break;
    case COMPLETE_FILE:
        e = s->files(s->context, offer_file, o);
        break;
    case COMPLETE_NAME:
        e = s->names(s->context, "", offer_name, o);
        break;
    case COMPLETE_METHOD:
        e = s->methods(s->context, first, offer_method, o);
        break;
    case COMPLETE_NS:
        offer(o, "ls");
        offer(o, "wait");
        break;
    case COMPLETE_LINE:
    case COMPLETE_NOTHING:
        break;
    }
    if (!err_ok(e)) {
        strings_free(&o->out->candidates);
    }
}

/* Index of the first argument behind the options; *value: the word being typed is an option's. */
static size_t skip_options(const struct command *c, char *const *words, size_t count, bool *value)
{
    size_t i = 0;

    *value = false;
    while (c->options && i < count && words[i][0] == '-' && words[i][1] != '\0') {
        const char *word = words[i++];
        if (str_equal(word, "--")) {
            break;
        }
        const char *last = str_find(c->options, word[str_length(word) - 1]);
        if (last && last[0] != '\0' && last[1] == ':') {
            *value = i == count;
            i++;
        }
    }
    return i;
}

/* The command's name is complete, and words[0, count) follow it: offers what the word at the cursor may be.
 * When it may be a whole command, returns how many words there are before that one; otherwise SIZE_MAX. */
static size_t offer_argument(struct offer *o, const struct command *c, char *const *words, size_t count)
{
    bool value;
    size_t first = skip_options(c, words, count, &value);

    if (value) {
        offer_kind(o, COMPLETE_CORE, NULL); /* cores are the only values options have */
        return SIZE_MAX;
    }
    if (first == count && buffer_text(&o->place->word)[0] == '-') {
        offer_options(o, c);
        return SIZE_MAX;
    }
    for (size_t i = first; i <= count && i - first < ARRAY_LENGTH(c->complete); i++) {
        if (c->complete[i - first] == COMPLETE_LINE) {
            return i;
        }
    }
    size_t place = count - first < ARRAY_LENGTH(c->complete) ? count - first : ARRAY_LENGTH(c->complete) - 1;
    offer_kind(o, c->complete[place], count > first ? words[first] : NULL);
    return SIZE_MAX;
}

static void offer_all(struct offer *o)
{
    char *const *words = o->place->words.items;
    size_t count = o->place->words.count;
    bool prefixes = true;

    for (;;) {
        if (prefixes && count > 0 && str_equal(words[0], "!")) {
            words++;
            count--;
            prefixes = false;
        } else if (prefixes && count > 0 && str_equal(words[0], "expect")) {
            if (count == 1) {
                offer_errors(o);
                return;
            }
            words += 2;
            count -= 2;
            prefixes = false;
        }
        if (count == 0) {
            offer_commands(o, prefixes);
            return;
        }
        const struct command *c = command_find(words[0]);
        size_t inner = c ? offer_argument(o, c, words + 1, count - 1) : SIZE_MAX;
        if (inner == SIZE_MAX) {
            return;
        }
        words += inner + 1;
        count -= inner + 1;
        prefixes = false;
    }
}

/* What is certain: the word itself when there is one candidate, else what all have in common. */
static void put_certain(struct completion *out)
{
    size_t common = strings_common_prefix(&out->candidates);

    if (out->candidates.count == 1 || common > 0) {
        parse_quote(&out->text, out->candidates.items[0], common);
    }
    if (out->candidates.count == 1) {
        buffer_byte(&out->text, ' ');
    }
}

bool shell_complete(void *context, const char *line, size_t cursor, struct completion *out)
{
    struct parse_place place;
    struct offer o = {.sh = context, .place = &place, .out = out};

    if (!parse_place(o.sh->memory, line, cursor, &place)) {
        return false;
    }
    offer_all(&o);
    out->start = place.start;
    parse_place_free(&place);
    if (o.failed || !strings_sort_unique(&out->candidates)) {
        return false;
    }
    if (out->candidates.count > 0) {
        put_certain(out);
    }
    return true;
}
