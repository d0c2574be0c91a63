/* SPDX-License-Identifier: MIT */
#include "strings.h"

#include "utf8.h"

#define FIRST_ROOM 16u

void strings_init(struct strings *s, const struct memory *memory)
{
    *s = (struct strings){.memory = memory};
}

void strings_free(struct strings *s)
{
    for (size_t i = 0; i < s->count; i++) {
        memory_free(s->memory, s->items[i]);
    }
    memory_free(s->memory, s->items);
    strings_init(s, s->memory);
}

static bool reserve_one(struct strings *s)
{
    if (s->count < s->room) {
        return true;
    }
    size_t room = s->room ? s->room * 2 : FIRST_ROOM;
    char **items = memory_resize(s->memory, s->items, room * sizeof(*items));
    if (!items) {
        return false;
    }
    s->items = items;
    s->room = room;
    return true;
}

bool strings_add(struct strings *s, const char *bytes, size_t count)
{
    if (!reserve_one(s)) {
        return false;
    }
    char *copy = memory_resize(s->memory, NULL, count + 1);
    if (!copy) {
        return false;
    }
    mem_copy(copy, bytes, count);
    copy[count] = '\0';
    s->items[s->count++] = copy;
    return true;
}

bool strings_add_string(struct strings *s, const char *string)
{
    return strings_add(s, string, str_length(string));
}

void strings_remove(struct strings *s, size_t index)
{
    memory_free(s->memory, s->items[index]);
    s->count--;
    mem_move(s->items + index, s->items + index + 1, (s->count - index) * sizeof(*s->items));
}

static int compare_strings(const void *a, const void *b)
{
    return str_compare(a, b);
}

bool strings_sort_unique(struct strings *s)
{
    if (!sort_pointers(s->memory, (void **)s->items, s->count, compare_strings)) {
        return false;
    }
    size_t kept = 0;
    for (size_t i = 0; i < s->count; i++) {
        if (kept > 0 && str_equal(s->items[kept - 1], s->items[i])) {
            memory_free(s->memory, s->items[i]);
        } else {
            s->items[kept++] = s->items[i];
        }
    }
    s->count = kept;
    return true;
}

size_t strings_common_prefix(const struct strings *s)
{
    if (s->count == 0) {
        return 0;
    }
    size_t common = str_length(s->items[0]);
    for (size_t i = 1; i < s->count; i++) {
        size_t k = 0;
        while (k < common && s->items[i][k] == s->items[0][k]) {
            k++;
        }
        common = k;
    }
    return utf8_floor(s->items[0], common);
}

static void merge(void **from, void **to, size_t start, size_t middle, size_t end,
                  int (*compare)(const void *, const void *))
{
    size_t left = start;
    size_t right = middle;

    for (size_t i = start; i < end; i++) {
        bool take_left = left < middle && (right == end || compare(from[left], from[right]) <= 0);
        to[i] = from[take_left ? left++ : right++];
    }
}

bool sort_pointers(const struct memory *memory, void **items, size_t count,
                   int (*compare)(const void *, const void *))
{
    if (count < 2) {
        return true;
    }
    void **spare = memory_resize(memory, NULL, count * sizeof(*spare));
    if (!spare) {
        return false;
    }
    void **from = items;
    void **to = spare;
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t start = 0; start < count; start += 2 * width) {
            size_t middle = start + width < count ? start + width : count;
            size_t end = start + 2 * width < count ? start + 2 * width : count;
            merge(from, to, start, middle, end, compare);
        }
        void **swap = from;
        from = to;
        to = swap;
    }
    if (from != items) {
        mem_copy(items, from, count * sizeof(*items));
    }
    memory_free(memory, spare);
    return true;
}
