/* SPDX-License-Identifier: MIT */
/* The ledger of capabilities that several cores have copies of. */
#include "pure_test.h"
#include "ledger.h"

#define ENTRIES 64u

static struct cap_across across(unsigned type, unsigned rights, coreid_t owner, uint32_t generation,
                                uint64_t base, uint64_t size, uint64_t first, uint64_t second)
{
    return (struct cap_across){
        {(uint64_t)type | (uint64_t)rights << 8 | (uint64_t)owner << 24 | (uint64_t)generation << 32, base,
         size, first, second}};
}

static struct cap_across frame(uint64_t base, uint64_t size)
{
    return across(CAP_TYPE_FRAME, CAP_ALL_RIGHTS, 1, 0, base, size, 0, 0);
}

static void test_find(void **state)
{
    struct tree ledger;
    struct ledger_entry a = {.what = frame(0x1000, 0x1000)};
    struct ledger_entry b = {.what = frame(0x1000, 0x2000)};
    struct cap_across other = frame(0x2000, 0x1000);

    (void)state;
    ledger_init(&ledger);
    assert_null(ledger_first(&ledger));
    assert_null(ledger_find(&ledger, &a.what));
    ledger_add(&ledger, &b);
    ledger_add(&ledger, &a);
    assert_ptr_equal(ledger_find(&ledger, &a.what), &a);
    assert_ptr_equal(ledger_find(&ledger, &b.what), &b);
    assert_null(ledger_find(&ledger, &other));
    ledger_remove(&ledger, &a);
    assert_null(ledger_find(&ledger, &a.what));
    assert_ptr_equal(ledger_first(&ledger), &b);
}

static void test_rights(void **state)
{
    struct tree ledger;
    struct ledger_entry a = {.what = frame(0x1000, 0x1000)};
    struct cap_across less = ledger_with_rights(&a.what, CAP_READ);

    (void)state;
    ledger_init(&ledger);
    ledger_add(&ledger, &a);
    assert_ptr_equal(ledger_find(&ledger, &less), &a);
    assert_int_equal(CAP_IDENTITY_RIGHTS(less.words[0]), CAP_READ);
    assert_int_equal(CAP_IDENTITY_TYPE(less.words[0]), CAP_TYPE_FRAME);
    assert_int_equal(ledger_owner(&less), 1);
    assert_int_equal(ledger_base(&less), 0x1000);
}

/* Each field but the rights makes another capability. */
static void test_differences(void **state)
{
    const struct cap_across all[] = {
        across(CAP_TYPE_HANDLE, 31, 1, 7, 0x1000, 0x1000, 3, 4),
        across(CAP_TYPE_SERVICE, 31, 1, 7, 0x1000, 0x1000, 3, 4),
        across(CAP_TYPE_HANDLE, 31, 2, 7, 0x1000, 0x1000, 3, 4),
        across(CAP_TYPE_HANDLE, 31, 1, 8, 0x1000, 0x1000, 3, 4),
        across(CAP_TYPE_HANDLE, 31, 1, 7, 0x2000, 0x1000, 3, 4),
        across(CAP_TYPE_HANDLE, 31, 1, 7, 0x1000, 0x2000, 3, 4),
        across(CAP_TYPE_HANDLE, 31, 1, 7, 0x1000, 0x1000, 5, 4),
        across(CAP_TYPE_HANDLE, 31, 1, 7, 0x1000, 0x1000, 3, 5),
    };
    struct ledger_entry entries[ARRAY_LENGTH(all)];
    struct tree ledger;

    (void)state;
    ledger_init(&ledger);
    for (size_t i = 0; i < ARRAY_LENGTH(all); i++) {
        assert_null(ledger_find(&ledger, &all[i]));
        entries[i] = (struct ledger_entry){.what = all[i]};
        ledger_add(&ledger, &entries[i]);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(all); i++) {
        assert_ptr_equal(ledger_find(&ledger, &all[i]), &entries[i]);
    }
}

static void test_identity(void **state)
{
    struct tree ledger;
    struct ledger_entry a = {.what = across(CAP_TYPE_HANDLE, 31, 1, 9, 0x1000, 0x1000, 3, 4)};
    struct cap_identity identity = {.type = CAP_TYPE_HANDLE,
                                    .rights = CAP_READ,
                                    .owner = 1,
                                    .base = 0x1000,
                                    .bytes = 0x1000,
                                    .words = {3, 4}};

    (void)state;
    ledger_init(&ledger);
    ledger_add(&ledger, &a);
    assert_ptr_equal(ledger_find_identity(&ledger, &identity), &a);
    identity.words[1] = 5;
    assert_null(ledger_find_identity(&ledger, &identity));
    identity.words[1] = 4;
    identity.owner = 2;
    assert_null(ledger_find_identity(&ledger, &identity));
}

/* A walk is ascending by base, whatever came and went in which order. */
static void test_order(void **state)
{
    static struct ledger_entry entries[ENTRIES];
    bool there[ENTRIES] = {false};
    struct tree ledger;
    uint64_t seed = 1;

    (void)state;
    ledger_init(&ledger);
    for (unsigned step = 0; step < 5000; step++) {
        size_t i = random_below(&seed, ENTRIES);
        uint64_t last = 0;
        size_t count = 0;
        size_t wanted = 0;

        if (there[i]) {
            ledger_remove(&ledger, &entries[i]);
        } else {
            entries[i] = (struct ledger_entry){.what = frame((i + 1) << 12, 0x1000)};
            ledger_add(&ledger, &entries[i]);
        }
        there[i] = !there[i];
        for (const struct ledger_entry *e = ledger_first(&ledger); e != NULL; e = ledger_next(e)) {
            assert_true(ledger_base(&e->what) > last);
            last = ledger_base(&e->what);
            count++;
        }
        for (size_t k = 0; k < ENTRIES; k++) {
            wanted += there[k];
        }
        assert_int_equal(count, wanted);
    }
}

/* What was on its way when it was asked back is known by its number, for long enough. */
static void test_revoked(void **state)
{
    static struct revoked r;
    struct cap_across one = frame(0x1000, 0x1000);
    struct cap_across two = frame(0x2000, 0x1000);
    struct cap_across less = ledger_with_rights(&one, CAP_READ);

    (void)state;
    assert_false(revoked_has(&r, &one, 1));
    revoked_add(&r, &one, 5);
    assert_true(revoked_has(&r, &one, 5));
    assert_true(revoked_has(&r, &less, 1));
    assert_false(revoked_has(&r, &one, 6)); /* shared anew */
    assert_false(revoked_has(&r, &two, 5));
    for (unsigned i = 1; i < REVOKED_KEPT; i++) {
        revoked_add(&r, &two, 6 + i);
        assert_true(revoked_has(&r, &one, 5));
    }
    revoked_add(&r, &two, 6 + REVOKED_KEPT);
    assert_false(revoked_has(&r, &one, 5));
    assert_true(revoked_has(&r, &two, 6 + REVOKED_KEPT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("INIT-LEDGER-001 what was added is found until it is removed", test_find),
        TEST("INIT-LEDGER-002 rights do not matter for which capability it is", test_rights),
        TEST("INIT-LEDGER-003 everything else does", test_differences),
        TEST("INIT-LEDGER-004 what a slot says of itself finds it without its generation", test_identity),
        TEST("INIT-LEDGER-006 a copy that was on its way while it was asked back is refused", test_revoked),
        TEST("INIT-LEDGER-005 a walk is ascending by base and misses nothing", test_order),
    };

    return cmocka_run_group_tests_name("init_ledger", tests, NULL, NULL);
}
