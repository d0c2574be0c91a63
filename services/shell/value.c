/* SPDX-License-Identifier: MIT */
#include "value.h"

#include "table.h"

const char *type_name(enum system_type type)
{
    static const char *const names[] = {
        [TYPE_BOOL] = "bool", [TYPE_U8] = "u8",     [TYPE_U16] = "u16",     [TYPE_U32] = "u32",
        [TYPE_U64] = "u64",   [TYPE_I8] = "i8",     [TYPE_I16] = "i16",     [TYPE_I32] = "i32",
        [TYPE_I64] = "i64",   [TYPE_TEXT] = "text", [TYPE_BYTES] = "bytes", [TYPE_CAP] = "cap",
    };

    return (size_t)type < ARRAY_LENGTH(names) ? names[type] : "?";
}

static unsigned bits_of(enum system_type type)
{
    switch (type) {
    case TYPE_U8:
    case TYPE_I8:
        return 8;
    case TYPE_U16:
    case TYPE_I16:
        return 16;
    case TYPE_U32:
    case TYPE_I32:
        return 32;
    default:
        return 64;
    }
}

static bool is_signed(enum system_type type)
{
    return type == TYPE_I8 || type == TYPE_I16 || type == TYPE_I32 || type == TYPE_I64;
}

static const char *read_number(enum system_type type, const char *word, uint64_t *number)
{
    bool negative = is_signed(type) && word[0] == '-';
    uint64_t largest = UINT64_MAX >> (64 - bits_of(type));
    uint64_t amount;

    if (is_signed(type)) {
        largest = largest / 2 + (negative ? 1 : 0);
    }
    if (!text_number(text_of(word + (negative ? 1 : 0)), &amount)) {
        return word[0] == '-' && !is_signed(type) ? "is negative" : "is not a number";
    }
    if (amount > largest) {
        return "is too large for it";
    }
    *number = negative ? 0 - amount : amount;
    return NULL;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static const char *read_hex(const char *digits, struct buffer *bytes, struct system_value *value)
{
    size_t count = str_length(digits);

    if (count % 2 != 0) {
        return "has an odd number of hex digits";
    }
    buffer_clear(bytes);
    for (size_t i = 0; i < count; i += 2) {
        int high = hex_digit(digits[i]);
        int low = hex_digit(digits[i + 1]);
        if (high < 0 || low < 0) {
            return "has something that is no hex digit behind 0x";
        }
        buffer_byte(bytes, (char)(high << 4 | low));
    }
    if (bytes->failed) {
        return "finds no memory";
    }
    value->bytes = buffer_text(bytes);
    value->count = bytes->length;
    return NULL;
}

const char *value_read(enum system_type type, const char *word, struct buffer *bytes,
                       struct system_value *value)
{
    *value = (struct system_value){.type = type};
    switch (type) {
    case TYPE_BOOL:
        value->number = str_equal(word, "true");
        return value->number || str_equal(word, "false") ? NULL : "is neither true nor false";
    case TYPE_CAP:
        return "cannot be given: a capability is not text";
    case TYPE_BYTES:
        if (str_starts_with(word, "0x")) {
            return read_hex(word + 2, bytes, value);
        }
        break;
    case TYPE_TEXT:
        break;
    default:
        return read_number(type, word, &value->number);
    }
    value->bytes = word;
    value->count = str_length(word);
    return NULL;
}

static bool put_bytes(struct buffer *to, const char *bytes, size_t count)
{
    bool ok = buffer_string(to, "0x");

    for (size_t i = 0; i < count; i++) {
        ok = buffer_format(to, "%02x", (unsigned)(uint8_t)bytes[i]) && ok;
    }
    return ok;
}

bool value_put(struct buffer *to, const struct system_value *value)
{
    switch (value->type) {
    case TYPE_BOOL:
        return buffer_string(to, value->number ? "true" : "false");
    case TYPE_TEXT:
        return put_text(to, value->bytes, value->count, false);
    case TYPE_BYTES:
        return put_bytes(to, value->bytes, value->count);
    case TYPE_CAP:
        return buffer_string(to, "capability");
    default:
        if (is_signed(value->type)) {
            return buffer_format(to, "%lld", (long long)(int64_t)value->number);
        }
        return buffer_format(to, "%llu", (unsigned long long)value->number);
    }
}

static bool put_fields(struct buffer *to, const struct system_field *fields, size_t count)
{
    bool ok = buffer_byte(to, '(');

    for (size_t i = 0; i < count; i++) {
        ok =
            buffer_format(to, "%s%s: %s", i > 0 ? ", " : "", fields[i].name, type_name(fields[i].type)) && ok;
    }
    return buffer_byte(to, ')') && ok;
}

bool method_put(struct buffer *to, const struct system_method *method)
{
    bool ok = buffer_string(to, method->name) && put_fields(to, method->arguments, method->argument_count);

    if (method->result_count > 0) {
        ok = ok && buffer_string(to, " -> ") && put_fields(to, method->results, method->result_count);
    }
    return ok;
}
