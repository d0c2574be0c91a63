/* SPDX-License-Identifier: MIT */
#include <mudskipper/pure/format.h>
#include <mudskipper/pure/bytes.h>

/* One conversion specification, %[flags][width][.precision][length]conversion. */
struct spec {
    bool left, zeros, plus, space, alternate;
    size_t width;
    bool has_precision;
    size_t precision;
    enum { LENGTH_INT, LENGTH_CHAR, LENGTH_SHORT, LENGTH_LONG, LENGTH_LONG_LONG, LENGTH_SIZE } length;
    char conversion;
};

struct output {
    format_sink_t sink;
    void *context;
    size_t count;
};

/* va_list may be an array type, which decays when passed: a pointer to this struct is portable. */
struct arguments {
    va_list list;
};

static void put(struct output *out, const char *bytes, size_t count)
{
    if (count > 0) {
        out->sink(out->context, bytes, count);
        out->count += count;
    }
}

static void put_repeated(struct output *out, char byte, size_t count)
{
    char chunk[16];

    mem_set(chunk, byte, sizeof(chunk));
    while (count > 0) {
        size_t part = count < sizeof(chunk) ? count : sizeof(chunk);
        put(out, chunk, part);
        count -= part;
    }
}

/* Body with its sign or "0x" in front, padded to the width: spaces, prefix, zeros, body, spaces. */
static void put_padded(struct output *out, const struct spec *s, const char *prefix, size_t zeros,
                       const char *body, size_t count)
{
    size_t prefix_length = str_length(prefix);
    size_t used = prefix_length + zeros + count;
    size_t pad = s->width > used ? s->width - used : 0;

    if (!s->left) {
        put_repeated(out, ' ', pad);
    }
    put(out, prefix, prefix_length);
    put_repeated(out, '0', zeros);
    put(out, body, count);
    if (s->left) {
        put_repeated(out, ' ', pad);
    }
}

static void put_integer(struct output *out, const struct spec *s, uint64_t value, const char *prefix)
{
    const char *alphabet = s->conversion == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    unsigned base = s->conversion == 'd' || s->conversion == 'i' || s->conversion == 'u' ? 10 : 16;
    char digits[20]; /* 2^64-1 in decimal */
    size_t first = sizeof(digits);

    for (uint64_t rest = value; rest > 0; rest /= base) {
        digits[--first] = alphabet[rest % base];
    }
    size_t count = sizeof(digits) - first;
    size_t wanted = s->has_precision ? s->precision : 1;
    if (s->zeros && !s->left && !s->has_precision && s->width > str_length(prefix)) {
        wanted = s->width - str_length(prefix);
    }
    put_padded(out, s, prefix, wanted > count ? wanted - count : 0, digits + first, count);
}

static int64_t next_signed(struct arguments *a, const struct spec *s)
{
    switch (s->length) {
    case LENGTH_CHAR:
        return (signed char)va_arg(a->list, int);
    case LENGTH_SHORT:
        return (short)va_arg(a->list, int);
    case LENGTH_LONG:
        return va_arg(a->list, long);
    case LENGTH_LONG_LONG:
        return va_arg(a->list, long long);
    case LENGTH_SIZE:
        return va_arg(a->list, ptrdiff_t);
    default:
        return va_arg(a->list, int);
    }
}

static uint64_t next_unsigned(struct arguments *a, const struct spec *s)
{
    switch (s->length) {
    case LENGTH_CHAR:
        return (unsigned char)va_arg(a->list, unsigned);
    case LENGTH_SHORT:
        return (unsigned short)va_arg(a->list, unsigned);
    case LENGTH_LONG:
        return va_arg(a->list, unsigned long);
    case LENGTH_LONG_LONG:
        return va_arg(a->list, unsigned long long);
    case LENGTH_SIZE:
        return va_arg(a->list, size_t);
    default:
        return va_arg(a->list, unsigned);
    }
}

static void put_signed(struct output *out, const struct spec *s, int64_t value)
{
    const char *sign = value < 0 ? "-" : s->plus ? "+" : s->space ? " " : "";
    put_integer(out, s, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, sign);
}

static void put_hexadecimal(struct output *out, const struct spec *s, uint64_t value)
{
    const char *prefix = !s->alternate || value == 0 ? "" : s->conversion == 'X' ? "0X" : "0x";
    put_integer(out, s, value, prefix);
}

static void put_string(struct output *out, const struct spec *s, const char *text)
{
    const char *shown = text ? text : "(null)";
    size_t count = s->has_precision ? str_length_max(shown, s->precision) : str_length(shown);
    put_padded(out, s, "", 0, shown, count);
}

/* Prints one conversion; false when there is no such conversion. */
static bool convert(struct output *out, const struct spec *s, struct arguments *a)
{
    char byte;

    switch (s->conversion) {
    case 'd':
    case 'i':
        put_signed(out, s, next_signed(a, s));
        return true;
    case 'u':
        put_integer(out, s, next_unsigned(a, s), "");
        return true;
    case 'x':
    case 'X':
        put_hexadecimal(out, s, next_unsigned(a, s));
        return true;
    case 'p':
        put_integer(out, s, (uintptr_t)va_arg(a->list, void *), "0x");
        return true;
    case 'c':
        byte = (char)va_arg(a->list, int);
        put_padded(out, s, "", 0, &byte, 1);
        return true;
    case 's':
        put_string(out, s, va_arg(a->list, const char *));
        return true;
    case '%':
        put(out, "%", 1);
        return true;
    default:
        return false;
    }
}

static const char *parse_flags(const char *at, struct spec *s)
{
    for (;; at++) {
        switch (*at) {
        case '-':
            s->left = true;
            break;
        case '0':
            s->zeros = true;
            break;
        case '+':
            s->plus = true;
            break;
        case ' ':
            s->space = true;
            break;
        case '#':
            s->alternate = true;
            break;
        default:
            return at;
        }
    }
}

/* A decimal number; absurdly long ones stay at a value that no text reaches. */
static const char *parse_number(const char *at, size_t *number)
{
    size_t value = 0;

    for (; *at >= '0' && *at <= '9'; at++) {
        value = value > INT32_MAX / 16 ? value : value * 10 + (size_t)(*at - '0');
    }
    *number = value;
    return at;
}

static const char *parse_width(const char *at, struct spec *s, struct arguments *a)
{
    if (*at != '*') {
        return parse_number(at, &s->width);
    }
    int width = va_arg(a->list, int);
    if (width < 0) {
        s->left = true;
    }
    s->width = width < 0 ? 0 - (size_t)width : (size_t)width;
    return at + 1;
}

static const char *parse_precision(const char *at, struct spec *s, struct arguments *a)
{
    if (*at != '.') {
        return at;
    }
    if (at[1] != '*') {
        s->has_precision = true;
        return parse_number(at + 1, &s->precision);
    }
    int precision = va_arg(a->list, int);
    s->has_precision = precision >= 0;
    s->precision = precision >= 0 ? (size_t)precision : 0;
    return at + 2;
}

static const char *parse_length(const char *at, struct spec *s)
{
    switch (*at) {
    case 'h':
        s->length = at[1] == 'h' ? LENGTH_CHAR : LENGTH_SHORT;
        return at + (at[1] == 'h' ? 2 : 1);
    case 'l':
        s->length = at[1] == 'l' ? LENGTH_LONG_LONG : LENGTH_LONG;
        return at + (at[1] == 'l' ? 2 : 1);
    case 'j':
        s->length = LENGTH_LONG_LONG;
        return at + 1;
    case 'z':
    case 't':
        s->length = LENGTH_SIZE;
        return at + 1;
    default:
        return at;
    }
}

/* `at` stands on a '%'; returns where the text goes on. */
static const char *put_conversion(struct output *out, const char *at, struct arguments *a)
{
    struct spec s = {0};
    const char *end = parse_flags(at + 1, &s);

    end = parse_width(end, &s, a);
    end = parse_precision(end, &s, a);
    end = parse_length(end, &s);
    s.conversion = *end;
    if (s.conversion == '\0') {
        put(out, at, (size_t)(end - at));
        return end;
    }
    if (!convert(out, &s, a)) {
        put(out, at, (size_t)(end - at) + 1);
    }
    return end + 1;
}

size_t format_args(format_sink_t sink, void *context, const char *format, va_list list)
{
    struct output out = {sink, context, 0};
    struct arguments a;
    const char *at = format;

    va_copy(a.list, list);
    while (*at != '\0') {
        const char *start = at;
        while (*at != '\0' && *at != '%') {
            at++;
        }
        put(&out, start, (size_t)(at - start));
        if (*at == '%') {
            at = put_conversion(&out, at, &a);
        }
    }
    va_end(a.list);
    return out.count;
}

size_t format(format_sink_t sink, void *context, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    size_t count = format_args(sink, context, format, list);
    va_end(list);
    return count;
}

struct format_buffer format_buffer(char *bytes, size_t size)
{
    if (size > 0) {
        bytes[0] = '\0';
    }
    return (struct format_buffer){bytes, size, 0};
}

void format_into(void *buffer, const char *bytes, size_t count)
{
    struct format_buffer *b = buffer;

    if (b->size > 0) {
        size_t room = b->size - 1 - b->used;
        size_t part = count < room ? count : room;
        mem_copy(b->bytes + b->used, bytes, part);
        b->used += part;
        b->bytes[b->used] = '\0';
    }
}

size_t format_args_to(char *buffer, size_t size, const char *format, va_list list)
{
    struct format_buffer b = format_buffer(buffer, size);
    return format_args(format_into, &b, format, list);
}

size_t format_to(char *buffer, size_t size, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    size_t count = format_args_to(buffer, size, format, list);
    va_end(list);
    return count;
}
