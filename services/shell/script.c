/* SPDX-License-Identifier: MIT */
#include "script.h"

#include <mudskipper/pure/error_text.h>
#include "edit.h"

/* A line that is to be shown as it stands: blank ones without the prompt, so that nothing ends in a space. */
static void show_line(struct shell *sh, const char *line, size_t length)
{
    struct buffer shown;
    size_t blank = 0;

    shell_fresh_line(sh);
    while (blank < length && (line[blank] == ' ' || line[blank] == '\t')) {
        blank++;
    }
    if (blank == length) {
        shell_print(sh, "\n");
        return;
    }
    shell_print(sh, "%s", SHELL_PROMPT);
    buffer_init(&shown, sh->memory);
    put_text(&shown, line, length, false);
    shell_print_buffer(sh, &shown);
    buffer_free(&shown);
    shell_print(sh, "\n");
}

static void leave(struct shell *sh, uint8_t status)
{
    sh->leaving = true;
    sh->status = status;
}

static void run_line(struct shell *sh, size_t number, const char *line, size_t length, bool echo)
{
    if (echo) {
        show_line(sh, line, length);
    }
    if (!shell_run_line(sh, line, length)) {
        shell_fresh_line(sh);
        if (echo) {
            shell_print(sh, "line %zu: %s\n", number, shell_message(sh));
            leave(sh, STATUS_FAILED);
        } else {
            shell_print(sh, "%s\n", shell_message(sh));
        }
    }
    shell_flush(sh);
}

void script_run_text(struct shell *sh, const char *text, size_t length)
{
    size_t number = 1;

    for (size_t at = 0; at < length && !sh->leaving; number++) {
        size_t end = at;
        while (end < length && text[end] != '\n') {
            end++;
        }
        size_t stop = end > at && text[end - 1] == '\r' ? end - 1 : end;
        run_line(sh, number, text + at, stop - at, true);
        at = end + 1;
    }
    sh->leaving = true;
}

#define INPUT_PIECE 256u

struct input {
    struct shell *sh;
    struct edit edit; /* in plain mode: puts lines together */
    size_t number;
    bool echo;
};

/* False: nothing more is to be read. */
static bool take_event(struct input *in, enum edit_event event)
{
    const char *line;
    size_t length;

    switch (event) {
    case EDIT_MORE:
        return true;
    case EDIT_LINE:
        line = edit_line(&in->edit, &length);
        run_line(in->sh, ++in->number, line, length, in->echo);
        break;
    case EDIT_CANCELLED:
        break;
    case EDIT_LEAVE:
        return false;
    case EDIT_NO_MEMORY:
        shell_print(in->sh, "line %zu: out of memory\n", in->number + 1);
        leave(in->sh, STATUS_FAILED);
        break;
    }
    edit_start(&in->edit);
    return !in->sh->leaving;
}

/* False: nothing more is to be read. */
static bool take_piece(struct input *in)
{
    struct shell *sh = in->sh;
    uint8_t bytes[INPUT_PIECE];
    size_t count = 0;
    err_t e = sh->system->read(sh->system->context, bytes, sizeof(bytes), &count);

    if (!err_ok(e)) {
        shell_terminal_gone(sh, e);
        return false;
    }
    if (count == 0) {
        take_event(in, edit_end(&in->edit));
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!take_event(in, edit_byte(&in->edit, bytes[i]))) {
            return false;
        }
    }
    return true;
}

void script_run_input(struct shell *sh, bool echo)
{
    struct input in = {.sh = sh, .echo = echo};
    struct edit_options options = {.prompt = "", .plain = true};

    edit_init(&in.edit, sh->memory, &options);
    edit_start(&in.edit);
    while (take_piece(&in)) {
    }
    edit_free(&in.edit);
    shell_flush(sh);
    sh->leaving = true;
}

/* Appends the whole file. */
static err_t read_file(struct shell *sh, const char *name, struct buffer *text)
{
    size_t count = 0;

    do {
        if (!buffer_reserve(text, INPUT_PIECE)) {
            return err_make(ERR_NO_MEMORY, 0);
        }
        err_t e = sh->system->read_file(sh->system->context, name, text->length, text->bytes + text->length,
                                        INPUT_PIECE, &count);
        if (!err_ok(e)) {
            return e;
        }
        text->length += count;
        text->bytes[text->length] = '\0';
    } while (count > 0);
    return OK;
}

void script_run_file(struct shell *sh, const char *name)
{
    struct buffer text;

    buffer_init(&text, sh->memory);
    err_t e = read_file(sh, name, &text);
    if (err_ok(e)) {
        script_run_text(sh, buffer_text(&text), text.length);
    } else {
        shell_print(sh, "shell: script %s: ", name);
        char words[160];
        err_print(words, sizeof(words), e);
        shell_print(sh, "%s\n", words);
        shell_flush(sh);
        leave(sh, STATUS_USAGE);
    }
    buffer_free(&text);
}
