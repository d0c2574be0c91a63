/* SPDX-License-Identifier: MIT */
/* The mapping database against a plain array: every query, after random insertions and removals. */
#include "world.h"

#define SLOTS 400u
#define STEPS 20000u

struct pool {
    struct mdb db;
    struct cap_slot slots[SLOTS];
    uint64_t seed;
};

static struct cap_slot *used(struct pool *p)
{
    for (unsigned i = 0; i < 20; i++) {
        struct cap_slot *s = &p->slots[random_below(&p->seed, SLOTS)];

        if (s->type != CAP_TYPE_NULL) {
            return s;
        }
    }
    return NULL;
}

static struct cap_slot *unused(struct pool *p)
{
    for (unsigned i = 0; i < SLOTS; i++) {
        struct cap_slot *s = &p->slots[(random_next(&p->seed) + i) % SLOTS];

        if (s->type == CAP_TYPE_NULL) {
            return s;
        }
    }
    return NULL;
}

/* Ranges are powers of two, aligned to their size: nested, equal or disjoint. */
static void make(struct pool *p, struct cap_slot *s)
{
    unsigned size = (unsigned)random_below(&p->seed, 11);

    memset(s, 0, sizeof(*s));
    s->type = CAP_TYPE_RAM;
    s->rights = CAP_ALL_RIGHTS;
    s->generation = (uint32_t)random_below(&p->seed, 3);
    s->size = PAGE_SIZE << size;
    s->base = random_below(&p->seed, 1024u >> size) * s->size;
}

static bool overlaps(const struct cap_slot *s, uint64_t base, uint64_t bytes)
{
    return s->type != CAP_TYPE_NULL && s->base < base + bytes && cap_end(s) > base;
}

/* The first (in order) that overlaps. */
static const struct cap_slot *first_overlap(const struct pool *p, uint64_t base, uint64_t bytes)
{
    const struct cap_slot *first = NULL;

    for (unsigned i = 0; i < SLOTS; i++) {
        const struct cap_slot *s = &p->slots[i];

        if (overlaps(s, base, bytes) && (first == NULL || mdb_order(s, first) < 0)) {
            first = s;
        }
    }
    return first;
}

static void check_queries(struct pool *p)
{
    const struct cap_slot *s = used(p);
    uint64_t base = random_below(&p->seed, 1024) * PAGE_SIZE;
    uint64_t bytes = (1 + random_below(&p->seed, 8)) * PAGE_SIZE;
    const struct cap_slot *found = mdb_find_range(&p->db, base, bytes);
    const struct cap_slot *expected = first_overlap(p, base, bytes);
    const struct cap_slot *parent = NULL;
    unsigned copies = 0;
    bool descendants = false;

    assert_true((found == NULL) == (expected == NULL));
    assert_true(found == NULL || mdb_order(found, expected) == 0);
    if (s == NULL) {
        return;
    }
    for (unsigned i = 0; i < SLOTS; i++) {
        const struct cap_slot *o = &p->slots[i];

        if (o->type == CAP_TYPE_NULL || o == s) {
            continue;
        }
        copies += mdb_order(o, s) == 0;
        descendants = descendants || mdb_is_descendant(s, o);
        if (mdb_is_descendant(o, s) && (parent == NULL || mdb_order(parent, o) < 0)) {
            parent = o;
        }
    }
    assert_int_equal(mdb_has_copies(s), copies > 0);
    assert_int_equal(mdb_has_descendants(&p->db, s), descendants);
    found = mdb_parent(&p->db, s);
    assert_true((found == NULL) == (parent == NULL));
    assert_true(found == NULL || mdb_order(found, parent) == 0);
    found = mdb_last_copy(&p->db, s);
    assert_true(mdb_order(found, s) == 0 && (found->next == NULL || mdb_order(found, found->next) != 0));
    for (found = s->next; found != NULL && cap_end(found) <= base; found = found->next) {
    }
    assert_ptr_equal(mdb_next_reaching(s, base), found);
    for (found = s->prev; found != NULL && cap_end(found) <= base; found = found->prev) {
    }
    assert_ptr_equal(mdb_prev_reaching(s, base), found);
}

static void change(struct pool *p, unsigned fill)
{
    struct cap_slot *s = unused(p);
    struct cap_slot *source = used(p);
    uint64_t dice = random_below(&p->seed, 100);

    if (dice < fill && s != NULL) {
        if (source != NULL && dice % 3 == 0) {
            s->type = source->type;
            s->generation = source->generation;
            s->base = source->base;
            s->size = source->size;
            mdb_insert_beside(&p->db, source, s);
        } else {
            make(p, s);
            mdb_insert(&p->db, s);
        }
    } else if (dice < 90 && source != NULL) {
        mdb_remove(&p->db, source);
        memset(source, 0, sizeof(*source));
    } else if (source != NULL && s != NULL) {
        *s = (struct cap_slot){.type = source->type,
                               .generation = source->generation,
                               .base = source->base,
                               .size = source->size};
        mdb_replace(&p->db, source, s);
        memset(source, 0, sizeof(*source));
    }
}

static void check_tree(const struct pool *p)
{
    const struct cap_slot *where = NULL;
    const char *wrong = mdb_validate(&p->db, &where);

    if (wrong != NULL) {
        fail_msg("%s", wrong);
    }
}

static struct pool p;

static int walk(void **state)
{
    (void)state;
    check_tree(&p);
    return 0;
}

static void agrees(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        memset(&p, 0, sizeof(p));
        p.seed = seed;
        mdb_init(&p.db);
        for (unsigned i = 0; i < STEPS; i++) {
            /* Fills and empties in turn. */
            change(&p, i / 1000 % 2 == 0 ? 70 : 25);
            if (i % 8 == 0) {
                check_tree(&p);
            }
            check_queries(&p);
        }
    }
}

static void stays_balanced(void **state)
{
    static struct cap_slot slots[1u << 12];
    struct mdb db;
    unsigned depth = 0;

    (void)state;
    memset(slots, 0, sizeof(slots));
    mdb_init(&db);
    for (unsigned i = 0; i < ARRAY_LENGTH(slots); i++) {
        slots[i].type = CAP_TYPE_RAM;
        slots[i].base = i * PAGE_SIZE;
        slots[i].size = PAGE_SIZE;
        mdb_insert_before(&db, NULL, &slots[i]);
    }
    for (const struct cap_slot *s = &slots[ARRAY_LENGTH(slots) - 1]; s != NULL; s = s->parent) {
        depth++;
    }
    assert_true(depth <= 17); /* 1.44 log2(4096 + 2) */
    for (unsigned i = 0; i < ARRAY_LENGTH(slots); i += 2) {
        mdb_remove(&db, &slots[i]);
    }
    assert_int_equal(db.count, ARRAY_LENGTH(slots) / 2);
    assert_ptr_equal(mdb_first(&db), &slots[1]);
    assert_null(mdb_find_range(&db, 0, PAGE_SIZE));
}

static struct cap_slot cap(unsigned type, uint64_t base, uint64_t size, uint32_t generation, uint64_t w0,
                           uint64_t w1)
{
    return (struct cap_slot){
        .type = (uint8_t)type, .base = base, .size = size, .generation = generation, .word = {w0, w1}};
}

/* In this order they stand, whichever way they come. */
static void orders(void **state)
{
    const struct cap_slot in_order[] = {
        cap(CAP_TYPE_PHYS_ADDR, 0x1000, 0x10000, 0, 0, 0),
        cap(CAP_TYPE_RAM, 0x1000, 0x10000, 0, 0, 0),
        cap(CAP_TYPE_RAM, 0x1000, 0x10000, 1, 0, 0),
        cap(CAP_TYPE_FRAME, 0x1000, 0x10000, 0, 0, 0),
        cap(CAP_TYPE_MAPPING, 0x1000, 0x10000, 0, 64, 0),
        cap(CAP_TYPE_MAPPING, 0x1000, 0x10000, 0, 128, 0),
        cap(CAP_TYPE_FRAME, 0x1000, 0x10000, 1, 0, 0),
        cap(CAP_TYPE_MAPPING, 0x1000, 0x10000, 1, 8, 0),
        cap(CAP_TYPE_FRAME, 0x1000, 0x1000, 0, 0, 0),
        cap(CAP_TYPE_ENDPOINT_LMP, 0x20000, 0x1000, 0, 0, 0),
        cap(CAP_TYPE_ENDPOINT_LMP, 0x20000, 0x1000, 0, 7, 0),
        cap(CAP_TYPE_SERVICE, 0x20000, 0x1000, 3, 9, 0),
        cap(CAP_TYPE_HANDLE, 0x20000, 0x1000, 3, 9, 1),
        cap(CAP_TYPE_HANDLE, 0x20000, 0x1000, 3, 9, 2),
        cap(CAP_TYPE_SERVICE, 0x20000, 0x1000, 4, 1, 0),
        cap(CAP_TYPE_HANDLE, 0x20000, 0x1000, 4, 1, 1),
        cap(CAP_TYPE_IRQ, CAP_SPACE(CAP_SPACE_IRQ), 8, 0, 0, 0),
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_LENGTH(in_order); i++) {
        for (unsigned k = 0; k < ARRAY_LENGTH(in_order); k++) {
            int order = mdb_order(&in_order[i], &in_order[k]);

            assert_true(i < k ? order < 0 : i > k ? order > 0 : order == 0);
            assert_int_equal(mdb_is_copy(&in_order[i], &in_order[k]), i == k);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"CAP-MDB-001 queries agree with a plain array after random changes", agrees, NULL, walk, NULL},
        TEST("CAP-MDB-002 the tree stays balanced under ordered insertion", stays_balanced),
        TEST("CAP-MDB-003 ancestors stand before descendants, copies are equal, siblings are not", orders),
    };

    return cmocka_run_group_tests_name("caps: mapping database", tests, NULL, NULL);
}
