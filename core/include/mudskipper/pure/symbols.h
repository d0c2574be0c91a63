/* SPDX-License-Identifier: MIT */
/* Function names for addresses, from a text that tools make at build time (`nm`): one line "HEXADDRESS NAME"
 * for each symbol, ascending by address, ended by '\n' or the end of the text. Addresses are relative to the
 * first byte of the image. Nothing is allocated or built: the text is searched by bisection, O(log lines). */
#ifndef MUDSKIPPER_PURE_SYMBOLS_H
#define MUDSKIPPER_PURE_SYMBOLS_H

#include <mudskipper/abi/types.h>
#include <mudskipper/pure/bytes.h>

struct symbol {
    struct text name; /* in the text */
    uint64_t address;
    uint64_t offset; /* of the address asked for, behind `address` */
};

/* A search in steps, for who may not be away for long. Fields are private. */
struct symbol_search {
    struct text symbols;
    uint64_t address;
    size_t low; /* lines before it are all smaller, lines from `high` on are not */
    size_t high;
    enum { SYMBOL_SEARCH_BEHIND, SYMBOL_SEARCH_FIRST, SYMBOL_SEARCH_FOUND, SYMBOL_SEARCH_FAILED } stage;
};

void symbol_search_begin(struct symbol_search *s, struct text symbols, uint64_t address);

/* Looks at one or two lines. True: it is over. */
bool symbol_search_step(struct symbol_search *s);

/* What was found, when it is over; false: nothing. */
bool symbol_search_result(const struct symbol_search *s, uint64_t address, struct symbol *found);

/* The last symbol at or before `address`; of several at the same address the first. False when all are behind
 * it, or when a line that was looked at is malformed. */
bool symbols_find(struct text symbols, uint64_t address, struct symbol *found);

/* Reads everything: every line well-formed, addresses ascending. */
bool symbols_check(struct text symbols);

#endif
