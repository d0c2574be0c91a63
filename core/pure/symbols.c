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

/* The first line whose address is >= `address` (or, with `behind`, > it), t.length when there is none. Lines
 * before `low` are all smaller, lines from `high` on are not. */
static bool first_line(struct text t, uint64_t address, bool behind, size_t *where)
{
    size_t low = 0;
    size_t high = t.length;

    while (low < high) {
        struct line l;
        if (!parse_line(t, line_start(t, low + (high - low) / 2), &l)) {
            return false;
        }
        if (l.address < address || (behind && l.address == address)) {
            low = l.next;
        } else {
            high = l.start;
        }
    }
    *where = low;
    return true;
}

bool symbols_find(struct text symbols, uint64_t address, struct symbol *found)
{
    size_t where;
    struct line l;

    /* The line before the first one behind the address has the greatest address that fits; then the first
     * with the same. In a table that does not ascend a search can end anywhere. */
    if (!first_line(symbols, address, true, &where) || where == 0 ||
        !parse_line(symbols, line_start(symbols, where - 1), &l) ||
        !first_line(symbols, l.address, false, &where) || !parse_line(symbols, where, &l) ||
        l.address > address) {
        return false;
    }
    *found = (struct symbol){l.name, l.address, address - l.address};
    return true;
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
