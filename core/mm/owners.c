/* SPDX-License-Identifier: MIT */
/* Who owns the pages of a mixed chunk. Nearly all chunks have one owner, because mm_alloc keeps clients apart
 * while it can; what several owners need grows with their number:
 *
 *   OWNERS_ONE     a number in the chunk            no object
 *   OWNERS_2BIT    palette of 4, 2 bits a page      2 objects
 *   OWNERS_4BIT    palette of 16, 4 bits a page     3 objects
 *   OWNERS_DIRECT  a number for each page           17 objects
 *
 * What the codes of pages say that are not out does not matter. */
#include "internal.h"

static const unsigned parts[] = {
    [OWNERS_ONE] = 0, [OWNERS_2BIT] = 1, [OWNERS_4BIT] = 2, [OWNERS_DIRECT] = DIRECT_PARTS};
static const unsigned palette_size[] = {
    [OWNERS_ONE] = 1, [OWNERS_2BIT] = 4, [OWNERS_4BIT] = 16, [OWNERS_DIRECT] = 0};

static unsigned bits_of(unsigned kind)
{
    return kind == OWNERS_2BIT ? 2 : 4;
}

static unsigned code_get(uint8_t *const code[], unsigned bits, unsigned page)
{
    unsigned at = page * bits;
    return (unsigned)code[at / 8 / OWN_OBJECT_BYTES][at / 8 % OWN_OBJECT_BYTES] >> at % 8 &
           ((1u << bits) - 1);
}

static void code_set(uint8_t *const code[], unsigned bits, unsigned page, unsigned value)
{
    unsigned at = page * bits;
    uint8_t *byte = &code[at / 8 / OWN_OBJECT_BYTES][at / 8 % OWN_OBJECT_BYTES];
    unsigned mask = ((1u << bits) - 1) << at % 8;
    *byte = (uint8_t)((*byte & ~mask) | value << at % 8);
}

mm_client_t mm_owners_get(const struct mm_chunk *c, unsigned page)
{
    switch ((enum owners_kind)c->many) {
    case OWNERS_ONE:
        return c->client;
    case OWNERS_DIRECT:
        return c->owners->direct[page / DIRECT_CLIENTS][page % DIRECT_CLIENTS];
    case OWNERS_2BIT:
    case OWNERS_4BIT:
        break;
    }
    return c->owners->palette.client[code_get(c->owners->palette.code, bits_of(c->many), page)];
}

static bool is_out(const struct mm_chunk *c, unsigned page)
{
    return c->bits->out[page / 64] >> page % 64 & 1;
}

static bool any_out(const struct mm_chunk *c)
{
    uint64_t any = 0;
    for (unsigned w = 0; w < CHUNK_PAGES / 64; w++) {
        any |= c->bits->out[w];
    }
    return any != 0;
}

#define NO_CODE PALETTE_CLIENTS

/* The code of `client`, or one that can become its code because no page that is out uses it; NO_CODE: none.
 */
static unsigned palette_code(const struct mm_chunk *c, mm_client_t client)
{
    const struct mm_owners *o = c->owners;
    for (unsigned i = 0; i < o->palette.used; i++) {
        if (o->palette.client[i] == client) {
            return i;
        }
    }
    if (o->palette.used < palette_size[c->many]) {
        return o->palette.used;
    }
    unsigned seen = 0;
    for (unsigned page = 0; page < CHUNK_PAGES; page++) {
        if (is_out(c, page)) {
            seen |= 1u << code_get(o->palette.code, bits_of(c->many), page);
        }
    }
    for (unsigned i = 0; i < o->palette.used; i++) {
        if ((seen >> i & 1) == 0) {
            return i;
        }
    }
    return NO_CODE;
}

/* The next kind up is needed before `client` can be noted. */
static bool must_widen(const struct mm_chunk *c, mm_client_t client)
{
    switch ((enum owners_kind)c->many) {
    case OWNERS_ONE:
        return c->client != client && any_out(c);
    case OWNERS_2BIT:
    case OWNERS_4BIT:
        return palette_code(c, client) == NO_CODE;
    case OWNERS_DIRECT:
        break;
    }
    return false;
}

unsigned mm_owners_cost(const struct mm_chunk *c, mm_client_t client)
{
    if (!must_widen(c, client)) {
        return 0;
    }
    switch ((enum owners_kind)c->many) {
    case OWNERS_ONE:
        return 1 + parts[OWNERS_2BIT];
    case OWNERS_2BIT:
        return parts[OWNERS_4BIT];
    case OWNERS_4BIT:
        return parts[OWNERS_DIRECT];
    case OWNERS_DIRECT:
        break;
    }
    return 0;
}

static void widen_one(struct mm *mm, struct mm_chunk *c)
{
    mm_client_t client = c->client;
    c->owners = slab_take(&mm->own);
    c->owners->palette.code[0] = slab_take(&mm->own);
    c->owners->palette.client[0] = client;
    c->owners->palette.used = 1;
    c->many = OWNERS_2BIT;
}

static void widen_2bit(struct mm *mm, struct mm_chunk *c)
{
    uint8_t *old[PALETTE_PARTS] = {c->owners->palette.code[0], NULL};
    uint8_t *wide[PALETTE_PARTS] = {slab_take(&mm->own), slab_take(&mm->own)};
    for (unsigned page = 0; page < CHUNK_PAGES; page++) {
        code_set(wide, 4, page, code_get(old, 2, page));
    }
    slab_put(&mm->own, old[0]);
    mem_copy(c->owners->palette.code, wide, sizeof(wide));
    c->many = OWNERS_4BIT;
}

static void widen_4bit(struct mm *mm, struct mm_chunk *c)
{
    struct mm_owners old = *c->owners;
    for (unsigned i = 0; i < DIRECT_PARTS; i++) {
        c->owners->direct[i] = slab_take(&mm->own);
    }
    for (unsigned page = 0; page < CHUNK_PAGES; page++) {
        c->owners->direct[page / DIRECT_CLIENTS][page % DIRECT_CLIENTS] =
            old.palette.client[code_get(old.palette.code, 4, page)];
    }
    slab_put(&mm->own, old.palette.code[0]);
    slab_put(&mm->own, old.palette.code[1]);
    c->many = OWNERS_DIRECT;
}

static void widen(struct mm *mm, struct mm_chunk *c)
{
    switch ((enum owners_kind)c->many) {
    case OWNERS_ONE:
        widen_one(mm, c);
        break;
    case OWNERS_2BIT:
        widen_2bit(mm, c);
        break;
    case OWNERS_4BIT:
        widen_4bit(mm, c);
        break;
    case OWNERS_DIRECT:
        break;
    }
}

static void palette_set(struct mm_chunk *c, unsigned begin, unsigned end, mm_client_t client)
{
    struct mm_owners *o = c->owners;
    unsigned code = palette_code(c, client);
    o->palette.client[code] = client;
    if (code == o->palette.used) {
        o->palette.used++;
    }
    for (unsigned page = begin; page < end; page++) {
        code_set(o->palette.code, bits_of(c->many), page, code);
    }
}

void mm_owners_set(struct mm *mm, struct mm_chunk *c, unsigned begin, unsigned end, mm_client_t client)
{
    if (must_widen(c, client)) {
        widen(mm, c);
    }
    if (c->many == OWNERS_ONE) {
        c->client = client;
    } else if (c->many == OWNERS_DIRECT) {
        for (unsigned page = begin; page < end; page++) {
            c->owners->direct[page / DIRECT_CLIENTS][page % DIRECT_CLIENTS] = client;
        }
    } else {
        palette_set(c, begin, end, client);
    }
}

void mm_owners_drop(struct mm *mm, struct mm_chunk *c)
{
    if (c->many == OWNERS_ONE) {
        return;
    }
    struct mm_owners *o = c->owners;
    for (unsigned i = 0; i < parts[c->many]; i++) {
        slab_put(&mm->own, c->many == OWNERS_DIRECT ? (void *)o->direct[i] : (void *)o->palette.code[i]);
    }
    slab_put(&mm->own, o);
    c->many = OWNERS_ONE;
    c->client = 0;
}

uint64_t mm_chunk_objects(const struct mm_chunk *c)
{
    if (c->kind != CHUNK_MIXED) {
        return 0;
    }
    return 1 + (c->many == OWNERS_ONE ? 0 : 1 + parts[c->many]);
}
