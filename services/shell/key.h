/* SPDX-License-Identifier: MIT */
/* From the bytes of a terminal to keys: VT100, xterm, rxvt and Linux console sequences, and UTF-8. A state
 * machine without a clock: an Escape alone waits for its next byte and makes it a Meta key, as terminals mean
 * it. */
#ifndef SHELL_KEY_H
#define SHELL_KEY_H

#include "utf8.h"

enum key_code {
    KEY_NONE, /* in the middle of something, or a sequence that means nothing here */
    KEY_TEXT, /* one printable character: bytes, count */
    KEY_BAD,  /* bytes that are no UTF-8 */
    KEY_ENTER,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_UP,
    KEY_DOWN,
    KEY_HOME,
    KEY_END,
    KEY_DELETE,
    KEY_BACKSPACE,
    KEY_WORD_LEFT,
    KEY_WORD_RIGHT,
    KEY_KILL_WORD_LEFT,  /* Ctrl-W: to the white space before */
    KEY_KILL_WORD_RIGHT, /* Meta-d */
    KEY_KILL_LEFT,       /* Ctrl-U */
    KEY_KILL_RIGHT,      /* Ctrl-K */
    KEY_YANK,
    KEY_TAB,
    KEY_SEARCH,
    KEY_ABORT,  /* Ctrl-G */
    KEY_CLEAR,  /* Ctrl-L */
    KEY_CANCEL, /* Ctrl-C */
    KEY_LEAVE,  /* Ctrl-D */
};

struct key {
    enum key_code code;
    char bytes[UTF8_MAX];
    size_t count;
};

struct key_decoder {
    enum { DECODE_PLAIN, DECODE_UTF8, DECODE_ESCAPE, DECODE_SS3, DECODE_CSI, DECODE_LINUX } state;
    char pending[UTF8_MAX];
    size_t have;
    unsigned parameter[2];
    unsigned parameters; /* index of the one being read */
    bool after_return;   /* a line feed right after it is the same Enter */
};

/* All zero is the initial state. */
struct key key_decode(struct key_decoder *d, uint8_t byte);

#endif
