/* SPDX-License-Identifier: MIT */
/* The boot file, and the words that it and command lines are made of: a statement that was accepted, written
 * down again, means the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <mudskipper/pure/boot_file.h>
#include <mudskipper/pure/command_line.h>
#include "fuzz.h"

#define CORES 4u

const struct fuzz_outcome fuzz_outcomes[] = {
    FUZZ_ERROR(OK),        FUZZ_ERROR(BOOT_SYNTAX), FUZZ_ERROR(BOOT_KEYWORD),
    FUZZ_ERROR(BOOT_CORE), FUZZ_ERROR(BOOT_QUOTE),  {0, NULL},
};

/* ---- writing a statement down ---- */

struct line {
    char *text;
    size_t length;
    size_t room;
};

static void put(struct line *l, const char *bytes, size_t count)
{
    FUZZ_MUST(count <= l->room - l->length);
    mem_copy(l->text + l->length, bytes, count);
    l->length += count;
}

static void put_string(struct line *l, const char *s)
{
    put(l, s, strlen(s));
}

static void put_text(struct line *l, const char *before, struct text t)
{
    if (t.start != NULL) {
        put_string(l, before);
        put(l, t.start, t.length);
    }
}

static void put_number(struct line *l, const char *before, uint64_t number)
{
    char digits[24];

    snprintf(digits, sizeof(digits), "%lu", (unsigned long)number);
    put_string(l, before);
    put_string(l, digits);
}

static void put_options(struct line *l, const struct boot_statement *s)
{
    static const char *const restarts[] = {"never", "on-failure", "always"};
    struct text environment = s->options;
    struct text setting;

    if (s->all_cores) {
        put_string(l, " core=all");
    } else {
        put_number(l, " core=", s->core);
    }
    put_string(l, " restart=");
    put_string(l, restarts[s->restart]);
    put_text(l, " cap=", s->caps);
    put_text(l, " stdin=", s->stdin_name);
    put_text(l, " stdout=", s->stdout_name);
    put_text(l, " stderr=", s->stderr_name);
    if (s->memory != 0) {
        put_number(l, " memory=", s->memory);
    }
    if (s->has_priority) {
        put_number(l, " priority=", s->priority);
    }
    while (boot_file_environment(&environment, &setting)) {
        put_text(l, " env=", setting);
    }
}

static void put_statement(struct line *l, const struct boot_statement *s)
{
    struct text arguments = s->arguments;
    struct text argument;

    if (s->keyword == BOOT_FILE_SET) {
        put_text(l, "set ", s->key);
        put_text(l, " ", s->value);
        return;
    }
    put_string(l, s->keyword == BOOT_FILE_DRIVER ? "driver" : "spawn");
    put_options(l, s);
    put_text(l, " ", s->compatible);
    put_text(l, " ", s->program);
    while (boot_file_argument(&arguments, &argument)) {
        put_text(l, " ", argument);
    }
}

/* ---- comparing ---- */

static bool same(struct text a, struct text b)
{
    return (a.start == NULL) == (b.start == NULL) && text_equal(a, b);
}

static void must_be_same(const struct boot_statement *a, const struct boot_statement *b)
{
    FUZZ_MUST(a->keyword == b->keyword && same(a->key, b->key) && same(a->value, b->value));
    FUZZ_MUST(a->all_cores == b->all_cores && a->core == b->core && a->restart == b->restart);
    FUZZ_MUST(same(a->caps, b->caps) && same(a->compatible, b->compatible) && same(a->program, b->program));
    FUZZ_MUST(same(a->stdin_name, b->stdin_name) && same(a->stdout_name, b->stdout_name));
    FUZZ_MUST(same(a->stderr_name, b->stderr_name));
    FUZZ_MUST(a->memory == b->memory && a->has_priority == b->has_priority && a->priority == b->priority);
}

static void must_take_the_same(bool (*take)(struct text *, struct text *), struct text a, struct text b)
{
    struct text from_a, from_b;

    while (take(&a, &from_a)) {
        FUZZ_MUST(take(&b, &from_b) && text_equal(from_a, from_b));
    }
    FUZZ_MUST(!take(&b, &from_b));
}

static void write_and_read(const struct boot_statement *s, size_t size)
{
    struct line l = {.text = malloc(size * 2 + 256), .room = size * 2 + 256};
    struct boot_statement again;
    struct boot_file file;

    put_statement(&l, s);
    file = boot_file_open(l.text, l.length, CORES);
    FUZZ_MUST(err_ok(boot_file_next(&file, &again)));
    must_be_same(s, &again);
    must_take_the_same(boot_file_argument, s->arguments, again.arguments);
    must_take_the_same(boot_file_environment, s->options, again.options);
    must_take_the_same(boot_file_cap, s->caps, again.caps);
    free(l.text);
}

/* ---- words ---- */

static void check_word(struct text word)
{
    char exact[512];
    char cut[3];
    size_t length = word_copy(exact, sizeof(exact), word);

    FUZZ_MUST(length <= word.length && word_copy(cut, sizeof(cut), word) == length);
    if (length < sizeof(exact) && strlen(exact) == length) {
        FUZZ_MUST(word_is(word, exact));
    }
}

static void check_words(const uint8_t *data, size_t size)
{
    struct text line = {(const char *)data, size};
    struct text word;

    while (word_next(&line, &word) != WORD_END) {
        FUZZ_MUST(word.length > 0 && word.start + word.length <= (const char *)data + size);
        check_word(word);
    }
    FUZZ_MUST(line.length == 0);
}

/* As the kernel reads what a boot loader gave it. */
static void check_command_line(const uint8_t *data, size_t size)
{
    char *line = malloc(size + 1);
    char value[16];
    size_t length;
    uint64_t number;

    mem_copy(line, data, size);
    line[size] = '\0';
    if (command_line_get(line, "init", value, sizeof(value), &length)) {
        FUZZ_MUST(command_line_has(line, "init") && length <= size);
        FUZZ_MUST(strlen(value) <= (length < sizeof(value) ? length : sizeof(value) - 1));
    }
    (void)command_line_number(line, "core", &number);
    (void)command_line_size(line, "memory", &number);
    free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct boot_file file = boot_file_open(data, size, CORES);
    struct boot_statement s;
    uint64_t line = 0;

    do {
        struct text left = file.rest;
        err_t e = boot_file_next(&file, &s);

        fuzz_saw_error(e);
        FUZZ_MUST(file.line >= line && file.rest.length <= left.length);
        if (!err_ok(e)) {
            FUZZ_MUST(e.detail == file.line && file.rest.length < left.length);
            s.keyword = BOOT_FILE_SET;
        } else if (s.keyword != BOOT_FILE_END) {
            FUZZ_MUST(s.line == file.line && (s.all_cores || s.core < CORES));
            write_and_read(&s, size);
        }
        line = file.line;
    } while (s.keyword != BOOT_FILE_END);
    check_words(data, size);
    check_command_line(data, size);
    return 0;
}
