/* SPDX-License-Identifier: MIT */
#include <mudskipper/pure/bytes.h>

bool mem_is_zero(const void *bytes, size_t count)
{
    const uint8_t *at = bytes;

    for (; count > 0 && (uintptr_t)at % sizeof(uint64_t) != 0; at++, count--) {
        if (*at != 0) {
            return false;
        }
    }
    for (; count >= sizeof(uint64_t); at += sizeof(uint64_t), count -= sizeof(uint64_t)) {
        if (mem_get64(__builtin_assume_aligned(at, sizeof(uint64_t))) != 0) {
            return false;
        }
    }
    for (; count > 0; at++, count--) {
        if (*at != 0) {
            return false;
        }
    }
    return true;
}

/* Both worlds are little-endian; a copy of fixed size becomes one load where the processor may do it
 * unaligned, and byte loads where it may not. */
uint16_t mem_get16(const void *at)
{
    uint16_t value;
    __builtin_memcpy(&value, at, sizeof(value));
    return value;
}

uint32_t mem_get32(const void *at)
{
    uint32_t value;
    __builtin_memcpy(&value, at, sizeof(value));
    return value;
}

uint64_t mem_get64(const void *at)
{
    uint64_t value;
    __builtin_memcpy(&value, at, sizeof(value));
    return value;
}

void mem_put64(void *at, uint64_t value)
{
    __builtin_memcpy(at, &value, sizeof(value));
}

CLAIM(numbers_are_little_endian, __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);

size_t str_length(const char *s)
{
    size_t length = 0;

    while (s[length] != '\0') {
        length++;
    }
    return length;
}

size_t str_length_max(const char *s, size_t max)
{
    size_t length = 0;

    while (length < max && s[length] != '\0') {
        length++;
    }
    return length;
}

int str_compare(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return (int)(unsigned char)*a - (int)(unsigned char)*b;
}

bool str_equal(const char *a, const char *b)
{
    return str_compare(a, b) == 0;
}

bool str_starts_with(const char *s, const char *prefix)
{
    while (*prefix != '\0' && *s == *prefix) {
        s++;
        prefix++;
    }
    return *prefix == '\0';
}

const char *str_find(const char *s, char byte)
{
    while (*s != byte) {
        if (*s == '\0') {
            return NULL;
        }
        s++;
    }
    return s;
}

size_t str_copy(char *to, size_t size, const char *from)
{
    size_t length = str_length(from);

    if (size > 0) {
        size_t part = length < size ? length : size - 1;
        mem_copy(to, from, part);
        to[part] = '\0';
    }
    return length;
}

bool text_equal(struct text a, struct text b)
{
    return a.length == b.length && mem_equal(a.start, b.start, a.length);
}

bool text_is(struct text a, const char *s)
{
    return text_equal(a, text_of(s));
}

unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0');
    }
    if (c >= 'a' && c <= 'f') {
        return (unsigned)(c - 'a') + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return (unsigned)(c - 'A') + 10;
    }
    return UINT32_MAX;
}

bool text_number(struct text a, uint64_t *number)
{
    bool hexadecimal = a.length > 2 && a.start[0] == '0' && (a.start[1] == 'x' || a.start[1] == 'X');
    unsigned base = hexadecimal ? 16 : 10;
    uint64_t value = 0;

    if (a.length == 0) {
        return false;
    }
    for (size_t i = hexadecimal ? 2 : 0; i < a.length; i++) {
        unsigned digit = digit_value(a.start[i]);
        if (digit >= base || __builtin_mul_overflow(value, (uint64_t)base, &value) ||
            __builtin_add_overflow(value, (uint64_t)digit, &value)) {
            return false;
        }
    }
    *number = value;
    return true;
}

bool text_size(struct text a, uint64_t *bytes)
{
    static const struct {
        char letter;
        unsigned shift;
    } units[] = {{'k', 10}, {'K', 10}, {'M', 20}, {'G', 30}, {'T', 40}};
    unsigned shift = 0;
    uint64_t value;

    for (size_t i = 0; a.length > 0 && i < ARRAY_LENGTH(units); i++) {
        if (a.start[a.length - 1] == units[i].letter) {
            shift = units[i].shift;
            a.length--;
            break;
        }
    }
    if (!text_number(a, &value) || value > UINT64_MAX >> shift) {
        return false;
    }
    *bytes = value << shift;
    return true;
}
