/* SPDX-License-Identifier: MIT */
#include "key.h"

#include <mudskipper/pure/bytes.h>

#define CTRL(letter) ((letter)&0x1f)
#define ESCAPE       0x1b
#define RUBOUT       0x7f

/* Modified arrows report a second parameter; every modifier means "by words". */
#define PARAMETER_MAX 9999u

static struct key make(enum key_code code)
{
    return (struct key){.code = code};
}

static enum key_code control_key(uint8_t byte)
{
    switch (byte) {
    case CTRL('A'):
        return KEY_HOME;
    case CTRL('B'):
        return KEY_LEFT;
    case CTRL('C'):
        return KEY_CANCEL;
    case CTRL('D'):
        return KEY_LEAVE;
    case CTRL('E'):
        return KEY_END;
    case CTRL('F'):
        return KEY_RIGHT;
    case CTRL('G'):
        return KEY_ABORT;
    case CTRL('H'):
    case RUBOUT:
        return KEY_BACKSPACE;
    case CTRL('I'):
        return KEY_TAB;
    case CTRL('J'):
    case CTRL('M'):
        return KEY_ENTER;
    case CTRL('K'):
        return KEY_KILL_RIGHT;
    case CTRL('L'):
        return KEY_CLEAR;
    case CTRL('N'):
        return KEY_DOWN;
    case CTRL('P'):
        return KEY_UP;
    case CTRL('R'):
        return KEY_SEARCH;
    case CTRL('U'):
        return KEY_KILL_LEFT;
    case CTRL('W'):
        return KEY_KILL_WORD_LEFT;
    case CTRL('Y'):
        return KEY_YANK;
    default:
        return KEY_NONE;
    }
}

static enum key_code meta_key(uint8_t byte)
{
    switch (byte) {
    case 'b':
    case 'B':
        return KEY_WORD_LEFT;
    case 'f':
    case 'F':
        return KEY_WORD_RIGHT;
    case 'd':
    case 'D':
        return KEY_KILL_WORD_RIGHT;
    case RUBOUT:
    case CTRL('H'):
        return KEY_KILL_WORD_LEFT;
    default:
        return KEY_NONE;
    }
}

/* The number in "ESC [ number ~". */
static enum key_code numbered_key(unsigned number)
{
    switch (number) {
    case 1:
    case 7:
        return KEY_HOME;
    case 3:
        return KEY_DELETE;
    case 4:
    case 8:
        return KEY_END;
    default:
        return KEY_NONE;
    }
}

/* The last byte of "ESC [ ... letter" and "ESC O letter". */
static enum key_code letter_key(uint8_t letter, bool modified)
{
    switch (letter) {
    case 'A':
        return KEY_UP;
    case 'B':
        return KEY_DOWN;
    case 'C':
        return modified ? KEY_WORD_RIGHT : KEY_RIGHT;
    case 'D':
        return modified ? KEY_WORD_LEFT : KEY_LEFT;
    case 'F':
        return KEY_END;
    case 'H':
        return KEY_HOME;
    default:
        return KEY_NONE;
    }
}

static struct key plain(struct key_decoder *d, uint8_t byte)
{
    bool second_half = d->after_return && byte == '\n';

    d->after_return = byte == '\r';
    if (second_half) {
        return make(KEY_NONE);
    }
    if (byte == ESCAPE) {
        d->state = DECODE_ESCAPE;
        return make(KEY_NONE);
    }
    if (byte < 0x20 || byte == RUBOUT) {
        return make(control_key(byte));
    }
    if (byte < 0x80) {
        return (struct key){KEY_TEXT, {(char)byte}, 1};
    }
    if (utf8_length(byte) == 0) {
        return make(KEY_BAD);
    }
    d->pending[0] = (char)byte;
    d->have = 1;
    d->state = DECODE_UTF8;
    return make(KEY_NONE);
}

static struct key utf8(struct key_decoder *d, uint8_t byte)
{
    uint32_t point;
    size_t whole = utf8_length((uint8_t)d->pending[0]);

    d->pending[d->have++] = (char)byte;
    if (d->have < whole) {
        return make(KEY_NONE);
    }
    d->state = DECODE_PLAIN;
    if (utf8_decode(d->pending, whole, &point) == 0 || !utf8_printable(point)) {
        return make(KEY_BAD);
    }
    struct key key = {.code = KEY_TEXT, .count = whole};
    mem_copy(key.bytes, d->pending, whole);
    return key;
}

static struct key escape(struct key_decoder *d, uint8_t byte)
{
    if (byte == '[') {
        d->state = DECODE_CSI;
        d->parameters = d->parameter[0] = d->parameter[1] = 0;
        return make(KEY_NONE);
    }
    if (byte == 'O') {
        d->state = DECODE_SS3;
        return make(KEY_NONE);
    }
    d->state = DECODE_PLAIN;
    return make(meta_key(byte));
}

static void add_digit(struct key_decoder *d, uint8_t digit)
{
    if (d->parameters < ARRAY_LENGTH(d->parameter)) {
        unsigned *p = &d->parameter[d->parameters];
        *p = *p < PARAMETER_MAX ? *p * 10 + (digit - '0') : *p;
    }
}

static struct key csi(struct key_decoder *d, uint8_t byte)
{
    if (byte >= '0' && byte <= '9') {
        add_digit(d, byte);
        return make(KEY_NONE);
    }
    if (byte == ';') {
        d->parameters++;
        return make(KEY_NONE);
    }
    if (byte == '[' && d->parameters == 0 && d->parameter[0] == 0) {
        d->state = DECODE_LINUX;
        return make(KEY_NONE);
    }
    if (byte < 0x40) {
        return make(KEY_NONE); /* intermediate bytes of sequences that mean nothing here */
    }
    d->state = DECODE_PLAIN;
    return make(byte == '~' ? numbered_key(d->parameter[0]) : letter_key(byte, d->parameter[1] > 1));
}

/* Whether `byte` cannot belong to what was begun: it then starts anew, so that Ctrl-C always works. */
static bool breaks_off(const struct key_decoder *d, uint8_t byte)
{
    switch (d->state) {
    case DECODE_UTF8:
        return (byte & 0xc0) != 0x80;
    case DECODE_SS3:
    case DECODE_CSI:
    case DECODE_LINUX:
        return byte < 0x20 || byte >= 0x7f;
    case DECODE_ESCAPE:
        return byte == ESCAPE || (byte < 0x20 && byte != CTRL('H'));
    case DECODE_PLAIN:
        break;
    }
    return false;
}

struct key key_decode(struct key_decoder *d, uint8_t byte)
{
    if (breaks_off(d, byte)) {
        d->state = DECODE_PLAIN;
    }
    switch (d->state) {
    case DECODE_UTF8:
        return utf8(d, byte);
    case DECODE_ESCAPE:
        return escape(d, byte);
    case DECODE_CSI:
        return csi(d, byte);
    case DECODE_SS3:
        d->state = DECODE_PLAIN;
        return make(letter_key(byte, false));
    case DECODE_LINUX:
        d->state = DECODE_PLAIN;
        return make(KEY_NONE);
    case DECODE_PLAIN:
        break;
    }
    return plain(d, byte);
}
