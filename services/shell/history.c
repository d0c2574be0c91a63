/* SPDX-License-Identifier: MIT */
#include "history.h"

void history_init(struct history *h, const struct memory *memory, size_t limit)
{
    strings_init(&h->lines, memory);
    h->limit = limit;
}

void history_free(struct history *h)
{
    strings_free(&h->lines);
}

static bool is_blank(const char *line, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (line[i] != ' ' && line[i] != '\t') {
            return false;
        }
    }
    return true;
}

/* Index of a line equal to the newest one, which lies last; the newest's own index when there is none. */
static size_t find_equal(const struct history *h)
{
    size_t newest = h->lines.count - 1;
    size_t i = 0;

    while (!str_equal(h->lines.items[i], h->lines.items[newest])) {
        i++;
    }
    return i;
}

bool history_add(struct history *h, const char *line, size_t length)
{
    if (h->limit == 0 || is_blank(line, length)) {
        return true;
    }
    if (!strings_add(&h->lines, line, length)) {
        return false;
    }
    size_t equal = find_equal(h);
    if (equal < h->lines.count - 1) {
        strings_remove(&h->lines, equal);
    } else if (h->lines.count > h->limit) {
        strings_remove(&h->lines, 0);
    }
    return true;
}

size_t history_count(const struct history *h)
{
    return h->lines.count;
}

const char *history_line(const struct history *h, size_t age)
{
    return h->lines.items[h->lines.count - age];
}

static bool find_text(const char *line, const char *text, size_t length, size_t *at)
{
    size_t line_length = str_length(line);

    for (size_t i = 0; i + length <= line_length; i++) {
        if (mem_equal(line + i, text, length)) {
            *at = i;
            return true;
        }
    }
    return false;
}

size_t history_search(const struct history *h, const char *text, size_t length, size_t from_age, size_t *at)
{
    for (size_t age = from_age; age >= 1 && age <= h->lines.count; age++) {
        if (find_text(history_line(h, age), text, length, at)) {
            return age;
        }
    }
    return 0;
}
