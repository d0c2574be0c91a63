/* SPDX-License-Identifier: MIT */
#include <mudskipper/pure/symbols.h>

struct line {
    size_t start; /* offset in the text */
    size_t next;  /* of the line behind */
    uint64_t address;
    struct text name;
};

/* Where the line that holds `at` begins. */
static size_t line_start(struct text t, size_t at)
{
    while (at > 0 && t.start[at - 1] != '\n') {
        at--;
    }
    return at;
}

/* Hexadecimal digits without 0x, as nm prints them; returns how many were read. */
static size_t parse_address(const char *at, size_t room, uint64_t *address)
{
    size_t used = 0;

    *address = 0;
    for (; used < room; used++) {
        unsigned digit = digit_value(at[used]);
        if (digit > 15 || *address >> 60 != 0) {
            break;
        }
        *address = *address << 4 | digit;
    }
    return used;
}

static bool parse_line(struct text t, size_t start, struct line *l)
{
    size_t end = start;

    while (end < t.length && t.start[end] != '\n') {
        end++;
    }
    size_t digits = parse_address(t.start + start, end - start, &l->address);
    size_t name = start + digits + 1;
    if (digits == 0 || name >= end || t.start[name - 1] != ' ') {
        return false;
    }
    l->start = start;
    l->next = end < t.length ? end + 1 : end;
    l->name = (struct text){t.start + name, end - name};
    return true;
}

void symbol_search_begin(struct symbol_search *s, struct text symbols, uint64_t address)
{
    *s = (struct symbol_search){.symbols = symbols,
                                .address = address,
                                .low = 0,
                                .high = symbols.length,
                                .stage = SYMBOL_SEARCH_BEHIND};
}

/* The line before the first one behind the address has the greatest address that fits; next, the first line
 * with the same. In a table that does not ascend a search can end anywhere. */
static void search_first(struct symbol_search *s)
{
    struct line l;

    if (s->low == 0 || !parse_line(s->symbols, line_start(s->symbols, s->low - 1), &l)) {
        s->stage = SYMBOL_SEARCH_FAILED;
        return;
    }
    s->address = l.address;
    s->high = s->low;
    s->low = 0;
    s->stage = SYMBOL_SEARCH_FIRST;
}

static void halve(struct symbol_search *s)
{
    struct line l;

    if (!parse_line(s->symbols, line_start(s->symbols, s->low + (s->high - s->low) / 2), &l)) {
        s->stage = SYMBOL_SEARCH_FAILED;
    } else if (l.address < s->address || (s->stage == SYMBOL_SEARCH_BEHIND && l.address == s->address)) {
        s->low = l.next;
    } else {
        s->high = l.start;
    }
}

bool symbol_search_step(struct symbol_search *s)
{
    if (s->stage < SYMBOL_SEARCH_FOUND && s->low < s->high) {
        halve(s);
    } else if (s->stage == SYMBOL_SEARCH_BEHIND) {
        search_first(s);
    } else if (s->stage == SYMBOL_SEARCH_FIRST) {
        s->stage = SYMBOL_SEARCH_FOUND;
    }
    return s->stage >= SYMBOL_SEARCH_FOUND;
}

bool symbol_search_result(const struct symbol_search *s, uint64_t address, struct symbol *found)
{
    struct line l;

    if (s->stage != SYMBOL_SEARCH_FOUND || !parse_line(s->symbols, s->low, &l) || l.address > address) {
        return false;
    }
    *found = (struct symbol){l.name, l.address, address - l.address};
    return true;
}

bool symbols_find(struct text symbols, uint64_t address, struct symbol *found)
{
    struct symbol_search s;

    symbol_search_begin(&s, symbols, address);
    while (!symbol_search_step(&s)) {
    }
    return symbol_search_result(&s, address, found);
}

bool symbols_check(struct text symbols)
{
    uint64_t before = 0;

    for (size_t at = 0; at < symbols.length;) {
        struct line l;
        if (!parse_line(symbols, at, &l) || l.address < before) {
            return false;
        }
        before = l.address;
        at = l.next;
    }
    return true;
}
