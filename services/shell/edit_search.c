/* SPDX-License-Identifier: MIT */
/* Ctrl-R: incremental search backwards through the history. While it lasts, the line shows what was found;
 * Ctrl-G and Ctrl-C bring the line back as it was, every other key that is not part of the search takes the
 * found line and acts on it. */
#include "edit_internal.h"

void edit_search_start(struct edit *e)
{
    if (!e->options.history || !buffer_set(&e->before, buffer_text(&e->line), e->line.length)) {
        edit_bell(e);
        return;
    }
    buffer_clear(&e->wanted);
    e->searching = true;
    e->search_failed = false;
    e->found_age = 0;
    edit_draw_line(e);
}

/* Looks for `wanted` from `age` on and shows the result; what was shown before stays when there is none. */
static void look(struct edit *e, size_t age)
{
    size_t at = 0;
    size_t found = history_search(e->options.history, buffer_text(&e->wanted), e->wanted.length, age, &at);

    e->search_failed = found == 0;
    if (found == 0) {
        edit_bell(e);
    } else {
        const char *text = history_line(e->options.history, found);
        if (buffer_set(&e->line, text, str_length(text))) {
            e->found_age = found;
            e->cursor = at;
            e->left = 0;
        }
    }
    edit_draw_line(e);
}

static void shorten(struct edit *e)
{
    size_t from = utf8_previous(buffer_text(&e->wanted), e->wanted.length);

    if (from == e->wanted.length) {
        edit_bell(e);
        return;
    }
    buffer_remove(&e->wanted, from, e->wanted.length - from);
    if (e->wanted.length > 0) {
        look(e, 1);
    } else {
        e->search_failed = false;
        edit_draw_line(e);
    }
}

static void give_up(struct edit *e)
{
    e->searching = false;
    buffer_set(&e->line, buffer_text(&e->before), e->before.length);
    e->cursor = e->line.length;
    e->left = 0;
    edit_draw_line(e);
}

/* The found line becomes the line; Up and Down go on from where it stands in the history. */
static void accept(struct edit *e)
{
    e->searching = false;
    if (e->found_age > 0) {
        if (e->age == 0) {
            buffer_set(&e->own, buffer_text(&e->before), e->before.length);
        }
        e->age = e->found_age;
    }
    edit_draw_line(e);
}

bool edit_search_key(struct edit *e, const struct key *key)
{
    switch (key->code) {
    case KEY_NONE:
        return true;
    case KEY_TEXT:
        if (buffer_append(&e->wanted, key->bytes, key->count)) {
            look(e, e->found_age > 0 ? e->found_age : 1);
        } else {
            edit_bell(e);
        }
        return true;
    case KEY_SEARCH:
        if (e->wanted.length > 0) {
            look(e, e->found_age + 1);
        }
        return true;
    case KEY_BACKSPACE:
        shorten(e);
        return true;
    case KEY_ABORT:
    case KEY_CANCEL:
        give_up(e);
        return true;
    default:
        accept(e);
        return false;
    }
}
