/* SPDX-License-Identifier: MIT */
#include "edit_internal.h"

void edit_init(struct edit *e, const struct memory *memory, const struct edit_options *options)
{
    *e = (struct edit){.options = *options};
    if (e->options.columns == 0) {
        e->options.columns = 80;
    }
    if (e->options.rows == 0) {
        e->options.rows = 24;
    }
    buffer_init(&e->line, memory);
    buffer_init(&e->out, memory);
    buffer_init(&e->removed, memory);
    buffer_init(&e->own, memory);
    buffer_init(&e->wanted, memory);
    buffer_init(&e->before, memory);
}

void edit_free(struct edit *e)
{
    buffer_free(&e->line);
    buffer_free(&e->out);
    buffer_free(&e->removed);
    buffer_free(&e->own);
    buffer_free(&e->wanted);
    buffer_free(&e->before);
}

void edit_start(struct edit *e)
{
    buffer_clear(&e->line);
    e->cursor = e->left = e->age = 0;
    e->removing = e->searching = false;
    if (!e->options.plain) {
        edit_draw_prompt(e);
    }
}

const char *edit_line(const struct edit *e, size_t *length)
{
    *length = e->line.length;
    return buffer_text(&e->line);
}

const char *edit_output(const struct edit *e, size_t *count)
{
    *count = e->out.length;
    return buffer_text(&e->out);
}

void edit_shown(struct edit *e)
{
    buffer_clear(&e->out);
}

void edit_redraw(struct edit *e)
{
    if (!e->options.plain) {
        edit_draw_line(e);
    }
}

static void move_to(struct edit *e, size_t cursor)
{
    if (cursor != e->cursor) {
        e->cursor = cursor;
        edit_draw_line(e);
    }
}

static void insert(struct edit *e, const char *bytes, size_t count)
{
    bool at_end = e->cursor == e->line.length;

    if (!buffer_insert(&e->line, e->cursor, bytes, count)) {
        edit_bell(e);
        return;
    }
    e->cursor += count;
    if (at_end) {
        edit_draw_appended(e, bytes, count);
    } else {
        edit_draw_line(e);
    }
}

/* Takes [from, to) out of the line; the cursor stands at `from` afterwards. */
static void take_out(struct edit *e, size_t from, size_t to)
{
    if (from == to) {
        edit_bell(e);
        return;
    }
    buffer_remove(&e->line, from, to - from);
    e->cursor = from;
    edit_draw_line(e);
}

/* As take_out, but Ctrl-Y brings it back. Neighbouring removals make one text. */
static void kill(struct edit *e, size_t from, size_t to, bool was_removing)
{
    const char *text = buffer_text(&e->line) + from;
    size_t at = was_removing && from == e->cursor ? e->removed.length : 0;

    if (from == to || !buffer_reserve(&e->removed, to - from)) {
        edit_bell(e);
        return;
    }
    if (!was_removing) {
        buffer_clear(&e->removed);
    }
    buffer_insert(&e->removed, at, text, to - from);
    e->removing = true;
    take_out(e, from, to);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* A word for Meta-b, -f, -d: letters, digits, and everything that is not ASCII. */
static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (uint8_t)c >= 0x80;
}

static size_t word_left(const struct edit *e)
{
    const char *line = buffer_text(&e->line);
    size_t at = e->cursor;

    while (at > 0 && !is_word(line[at - 1])) {
        at--;
    }
    while (at > 0 && is_word(line[at - 1])) {
        at--;
    }
    return at;
}

static size_t word_right(const struct edit *e)
{
    const char *line = buffer_text(&e->line);
    size_t at = e->cursor;

    while (at < e->line.length && !is_word(line[at])) {
        at++;
    }
    while (at < e->line.length && is_word(line[at])) {
        at++;
    }
    return at;
}

static size_t blank_left(const struct edit *e)
{
    const char *line = buffer_text(&e->line);
    size_t at = e->cursor;

    while (at > 0 && is_blank(line[at - 1])) {
        at--;
    }
    while (at > 0 && !is_blank(line[at - 1])) {
        at--;
    }
    return at;
}

static void show_history(struct edit *e, size_t age)
{
    const struct history *h = e->options.history;

    if (!h || age > history_count(h)) {
        edit_bell(e);
        return;
    }
    if (e->age == 0 && !buffer_set(&e->own, buffer_text(&e->line), e->line.length)) {
        edit_bell(e);
        return;
    }
    const char *text = age > 0 ? history_line(h, age) : buffer_text(&e->own);
    if (!buffer_set(&e->line, text, age > 0 ? str_length(text) : e->own.length)) {
        edit_bell(e);
        return;
    }
    e->age = age;
    e->cursor = e->line.length;
    e->left = 0;
    edit_draw_line(e);
}

static void apply_completion(struct edit *e, const struct completion *c)
{
    size_t old = e->cursor - c->start;
    bool same =
        old == c->text.length && mem_equal(buffer_text(&e->line) + c->start, buffer_text(&c->text), old);

    if (c->candidates.count == 0 || c->text.failed || (same && c->candidates.count == 1)) {
        edit_bell(e);
    } else if (same) {
        edit_draw_candidates(e, &c->candidates);
    } else if (!buffer_reserve(&e->line, c->text.length)) {
        edit_bell(e);
    } else {
        buffer_remove(&e->line, c->start, old);
        buffer_insert(&e->line, c->start, buffer_text(&c->text), c->text.length);
        e->cursor = c->start + c->text.length;
        edit_draw_line(e);
    }
}

static void complete(struct edit *e)
{
    struct completion c = {.start = e->cursor};

    if (!e->options.complete) {
        edit_bell(e);
        return;
    }
    buffer_init(&c.text, e->line.memory);
    strings_init(&c.candidates, e->line.memory);
    if (e->options.complete(e->options.context, buffer_text(&e->line), e->cursor, &c)) {
        apply_completion(e, &c);
    } else {
        edit_bell(e);
    }
    buffer_free(&c.text);
    strings_free(&c.candidates);
}

static void move_key(struct edit *e, enum key_code code)
{
    const char *line = buffer_text(&e->line);

    switch (code) {
    case KEY_LEFT:
        move_to(e, utf8_previous(line, e->cursor));
        break;
    case KEY_RIGHT:
        move_to(e, utf8_next(line, e->line.length, e->cursor));
        break;
    case KEY_WORD_LEFT:
        move_to(e, word_left(e));
        break;
    case KEY_WORD_RIGHT:
        move_to(e, word_right(e));
        break;
    case KEY_HOME:
        move_to(e, 0);
        break;
    default:
        move_to(e, e->line.length);
        break;
    }
}

static void change_key(struct edit *e, const struct key *key, bool was_removing)
{
    const char *line = buffer_text(&e->line);

    switch (key->code) {
    case KEY_TEXT:
        insert(e, key->bytes, key->count);
        break;
    case KEY_BACKSPACE:
        take_out(e, utf8_previous(line, e->cursor), e->cursor);
        break;
    case KEY_DELETE:
    case KEY_LEAVE:
        take_out(e, e->cursor, utf8_next(line, e->line.length, e->cursor));
        break;
    case KEY_KILL_WORD_LEFT:
        kill(e, blank_left(e), e->cursor, was_removing);
        break;
    case KEY_KILL_WORD_RIGHT:
        kill(e, e->cursor, word_right(e), was_removing);
        break;
    case KEY_KILL_LEFT:
        kill(e, 0, e->cursor, was_removing);
        break;
    case KEY_KILL_RIGHT:
        kill(e, e->cursor, e->line.length, was_removing);
        break;
    default: /* KEY_YANK */
        insert(e, buffer_text(&e->removed), e->removed.length);
        break;
    }
}

static enum edit_event cancel(struct edit *e)
{
    buffer_clear(&e->line);
    e->cursor = 0;
    if (!e->options.plain) {
        buffer_string(&e->out, "^C\n");
    }
    return EDIT_CANCELLED;
}

static enum edit_event finish(struct edit *e, enum edit_event event)
{
    if (!e->options.plain) {
        buffer_byte(&e->out, '\n');
    }
    return event;
}

static enum edit_event handle_key(struct edit *e, const struct key *key)
{
    bool was_removing = e->removing;

    e->removing = false;
    switch (key->code) {
    case KEY_NONE:
        e->removing = was_removing; /* the middle of a sequence */
        break;
    case KEY_ENTER:
        return finish(e, EDIT_LINE);
    case KEY_CANCEL:
        return cancel(e);
    case KEY_LEAVE:
        if (e->line.length == 0) {
            return finish(e, EDIT_LEAVE);
        }
        change_key(e, key, was_removing);
        break;
    case KEY_LEFT:
    case KEY_RIGHT:
    case KEY_WORD_LEFT:
    case KEY_WORD_RIGHT:
    case KEY_HOME:
    case KEY_END:
        move_key(e, key->code);
        break;
    case KEY_UP:
        show_history(e, e->age + 1);
        break;
    case KEY_DOWN:
        show_history(e, e->age > 0 ? e->age - 1 : SIZE_MAX);
        break;
    case KEY_TAB:
        complete(e);
        break;
    case KEY_SEARCH:
        edit_search_start(e);
        break;
    case KEY_CLEAR:
        buffer_string(&e->out, "\x1b[H\x1b[2J");
        edit_draw_line(e);
        break;
    case KEY_BAD:
    case KEY_ABORT:
        edit_bell(e);
        break;
    default:
        change_key(e, key, was_removing);
        break;
    }
    return EDIT_MORE;
}

/* No editing: a byte of a line, or the end of one. */
static enum edit_event plain_byte(struct edit *e, uint8_t byte)
{
    enum { CTRL_C = 3, CTRL_D = 4 };

    if (byte == CTRL_C) {
        return cancel(e);
    }
    if (byte == CTRL_D && e->line.length == 0) {
        return EDIT_LEAVE;
    }
    if (byte == '\n') {
        if (e->line.length > 0 && e->line.bytes[e->line.length - 1] == '\r') {
            buffer_remove(&e->line, e->line.length - 1, 1);
        }
        return e->line.failed ? EDIT_NO_MEMORY : EDIT_LINE;
    }
    buffer_byte(&e->line, (char)byte);
    return EDIT_MORE;
}

enum edit_event edit_byte(struct edit *e, uint8_t byte)
{
    if (e->options.plain) {
        return plain_byte(e, byte);
    }
    struct key key = key_decode(&e->decoder, byte);
    if (e->searching && edit_search_key(e, &key)) {
        return EDIT_MORE;
    }
    return handle_key(e, &key);
}

enum edit_event edit_end(struct edit *e)
{
    if (e->options.plain && e->line.failed) {
        return EDIT_NO_MEMORY;
    }
    return finish(e, e->line.length > 0 ? EDIT_LINE : EDIT_LEAVE);
}
