/* SPDX-License-Identifier: MIT */
#include <mudskipper/pure/command_line.h>

bool command_line_next(struct text *line, struct text *key, struct text *value)
{
    struct text word;

    if (word_next(line, &word) == WORD_END) {
        return false;
    }
    if (!word_split(word, key, value)) {
        *key = word;
        *value = (struct text){NULL, 0};
    }
    return true;
}

static bool find(const char *line, const char *key, struct text *value)
{
    struct text rest = text_of(line);
    struct text k, v;
    bool found = false;

    while (command_line_next(&rest, &k, &v)) {
        if (word_is(k, key)) {
            *value = v;
            found = true;
        }
    }
    return found;
}

bool command_line_has(const char *line, const char *key)
{
    struct text value;
    return find(line, key, &value);
}

bool command_line_get(const char *line, const char *key, char *value, size_t size, size_t *length)
{
    struct text raw;

    if (!find(line, key, &raw)) {
        return false;
    }
    *length = word_copy(value, size, raw);
    return true;
}

bool command_line_number(const char *line, const char *key, uint64_t *number)
{
    struct text value;
    return find(line, key, &value) && text_number(value, number);
}

bool command_line_size(const char *line, const char *key, uint64_t *bytes)
{
    struct text value;
    return find(line, key, &value) && text_size(value, bytes);
}
