/* SPDX-License-Identifier: MIT */
#include "utf8.h"

struct range {
    uint32_t first, last;
};

/* Ascending. The marks and joiners of scripts people type at a shell; Unicode's full table has 350 ranges. */
static const struct range no_width[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x0610, 0x061a}, {0x064b, 0x065f},
    {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x2064},
    {0x20d0, 0x20ff}, {0x3099, 0x309a}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff},
};

/* Ascending. East Asian Width W and F, and emoji. */
static const struct range wide[] = {
    {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0x33ff},   {0x3400, 0x4dbf},
    {0x4e00, 0x9fff},   {0xa000, 0xa4cf},   {0xa960, 0xa97c},   {0xac00, 0xd7a3},
    {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
    {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};

static bool in_ranges(uint32_t point, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (point <= ranges[i].last) {
            return point >= ranges[i].first;
        }
    }
    return false;
}

static bool is_continuation(char byte)
{
    return ((uint8_t)byte & 0xc0) == 0x80;
}

size_t utf8_length(uint8_t first)
{
    if (first < 0x80) {
        return 1;
    }
    if (first < 0xc2 || first > 0xf4) {
        return 0;
    }
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

size_t utf8_decode(const char *text, size_t count, uint32_t *point)
{
    static const uint8_t first_mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = count > 0 ? utf8_length((uint8_t)text[0]) : 0;

    if (length == 0 || length > count) {
        return 0;
    }
    uint32_t p = (uint8_t)text[0] & first_mask[length];
    for (size_t i = 1; i < length; i++) {
        if (!is_continuation(text[i])) {
            return 0;
        }
        p = p << 6 | ((uint8_t)text[i] & 0x3f);
    }
    if (p < smallest[length] || p > 0x10ffff || (p >= 0xd800 && p <= 0xdfff)) {
        return 0;
    }
    *point = p;
    return length;
}

bool utf8_printable(uint32_t point)
{
    return point >= 0x20 && !(point >= 0x7f && point < 0xa0);
}

unsigned utf8_width(uint32_t point)
{
    if (!utf8_printable(point) || in_ranges(point, no_width, ARRAY_LENGTH(no_width))) {
        return 0;
    }
    return in_ranges(point, wide, ARRAY_LENGTH(wide)) ? 2 : 1;
}

/* Bytes of the next character, and its width: one byte and one column where there is no UTF-8. */
static size_t step(const char *text, size_t count, unsigned *width)
{
    uint32_t point;
    size_t length = utf8_decode(text, count, &point);

    *width = length > 0 ? utf8_width(point) : 1;
    return length > 0 ? length : 1;
}

size_t utf8_columns_up_to(const char *text, size_t count, size_t most)
{
    size_t columns = 0;
    unsigned width;

    for (size_t at = 0; at < count && columns <= most; columns += width) {
        at += step(text + at, count - at, &width);
    }
    return columns;
}

size_t utf8_columns(const char *text, size_t count)
{
    return utf8_columns_up_to(text, count, SIZE_MAX - 1);
}

size_t utf8_next(const char *text, size_t count, size_t at)
{
    unsigned width;

    if (at >= count) {
        return count;
    }
    at += step(text + at, count - at, &width);
    while (at < count) {
        size_t length = step(text + at, count - at, &width);
        if (width > 0) {
            break;
        }
        at += length;
    }
    return at;
}

size_t utf8_previous(const char *text, size_t at)
{
    unsigned width = 0;
    size_t end = at;

    while (at > 0 && width == 0) {
        at = utf8_floor(text, at - 1);
        step(text + at, end - at, &width);
    }
    return at;
}

size_t utf8_floor(const char *text, size_t at)
{
    size_t back = 0;

    while (back < UTF8_MAX - 1 && back < at && is_continuation(text[at - back])) {
        back++;
    }
    return is_continuation(text[at - back]) ? at : at - back;
}
