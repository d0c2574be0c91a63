/* SPDX-License-Identifier: MIT */
/* The line editor: bytes of a terminal in, a line and bytes to show out. No I/O, no clock, no fixed length;
 * it asks for memory through the caller's callbacks and keeps the line as it was when there is none.
 *
 *   |<------------------------- columns ------------------------->|
 *   |msk> |<piece of the line around the cursor, which scrolls_> | |
 *          `< hidden on the left               hidden on the right `- never used: no terminal wraps
 *
 * Keys: Left Right Home End, by words with Ctrl or Meta · Backspace Delete · Ctrl-A E B F · Ctrl-K U W,
 * Meta-d and Ctrl-Y (what was removed comes back) · Up Down Ctrl-P N: history · Ctrl-R: search it · Tab:
 * complete · Ctrl-L: clear the screen · Ctrl-C: drop the line · Ctrl-D: delete, or leave when the line is
 * empty.
 *
 * In plain mode, for what is no terminal, nothing is shown and only the end of a line means anything; Ctrl-C
 * and, in an empty line, Ctrl-D keep their meaning.
 *
 * The idea of redrawing one line with four control sequences that every terminal has is linenoise's. */
#ifndef SHELL_EDIT_H
#define SHELL_EDIT_H

#include "history.h"
#include "key.h"

/* Filled by the completion callback. */
struct completion {
    struct buffer text;        /* replaces the line from `start` up to the cursor: all that is certain */
    size_t start;              /* position in the line, <= cursor */
    struct strings candidates; /* to be shown when there are several and `text` changes nothing */
};

/* What could stand at the cursor. Sees the line up to the cursor only. Nothing to say: leaves candidates
 * empty. False when there is no memory. `out` is empty on entry; the editor frees it. */
typedef bool (*edit_complete_t)(void *context, const char *line, size_t cursor, struct completion *out);

struct edit_options {
    const char *prompt;       /* printable, UTF-8; must stay */
    unsigned columns;         /* of the terminal; 0: 80 */
    unsigned rows;            /* 0: 24. More completions than fit are counted, not shown */
    bool plain;               /* not a terminal */
    struct history *history;  /* the caller adds lines; NULL: none */
    edit_complete_t complete; /* NULL: Tab does nothing */
    void *context;            /* for complete */
};

enum edit_event {
    EDIT_MORE,      /* go on */
    EDIT_LINE,      /* a line is complete: edit_line() */
    EDIT_CANCELLED, /* Ctrl-C: the line is gone */
    EDIT_LEAVE,     /* Ctrl-D in an empty line, or the end of the input */
    EDIT_NO_MEMORY, /* plain mode: a part of the line found no memory; the rest of it must not be run */
};

struct edit {
    struct edit_options options;
    struct key_decoder decoder;
    struct buffer line;
    size_t cursor;         /* bytes, at the start of a character */
    size_t left;           /* bytes scrolled out on the left */
    struct buffer out;     /* to be shown */
    struct buffer removed; /* for Ctrl-Y */
    bool removing;         /* the last key removed too: joined */
    size_t age;            /* of the history line shown; 0: the own one */
    struct buffer own;     /* the own line, while another is shown */
    bool searching;        /* Ctrl-R */
    bool search_failed;
    struct buffer wanted; /* what is searched for */
    size_t found_age;     /* 0: nothing yet */
    struct buffer before; /* the line as it was before the search */
};

void edit_init(struct edit *e, const struct memory *memory, const struct edit_options *options);
void edit_free(struct edit *e);

/* Begins an empty line: shows the prompt. */
void edit_start(struct edit *e);

/* One byte of input. After any event but EDIT_MORE the caller calls edit_start before the next byte. */
enum edit_event edit_byte(struct edit *e, uint8_t byte);

/* The input ended: EDIT_LINE when an unfinished line is there, else EDIT_LEAVE. */
enum edit_event edit_end(struct edit *e);

/* The line, NUL-terminated (it may hold NULs in plain mode: *length counts). Valid until the next call. */
const char *edit_line(const struct edit *e, size_t *length);

/* What to send to the terminal, *count bytes; forgotten by edit_shown. */
const char *edit_output(const struct edit *e, size_t *count);
void edit_shown(struct edit *e);

/* Shows prompt and line again, after somebody else wrote to the terminal. */
void edit_redraw(struct edit *e);

#endif
