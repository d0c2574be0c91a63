/* SPDX-License-Identifier: MIT */
/* Names for addresses. */
#include "pure_test.h"
#include <stdio.h>
#include <mudskipper/pure/symbols.h>

static const char table[] = "0000000000001000 start\n"
                            "0000000000001040 main\n"
                            "0000000000001040 alias\n"
                            "1040 second_alias\n"
                            "00000000000020a0 operator new(unsigned long)\n"
                            "ffffffff00000000 last\n";

static void expect(const char *text, uint64_t address, const char *name, uint64_t offset)
{
    char *exact = exact_copy(text, strlen(text));
    struct symbol s;

    assert_true(symbols_find((struct text){exact, strlen(text)}, address, &s));
    assert_true(text_is(s.name, name));
    assert_int_equal(s.offset, offset);
    assert_int_equal(s.address + s.offset, address);
    free(exact);
}

static void expect_none(const char *text, uint64_t address)
{
    struct symbol s;
    assert_false(symbols_find(text_of(text), address, &s));
}

static void test_find(void **state)
{
    (void)state;
    expect(table, 0x1000, "start", 0);
    expect(table, 0x103f, "start", 0x3f);
    expect(table, 0x1040, "main", 0); /* the first of three */
    expect(table, 0x209f, "main", 0x105f);
    expect(table, 0x20a4, "operator new(unsigned long)", 4);
    expect(table, UINT64_MAX, "last", 0xffffffff);
    expect_none(table, 0xfff);
    expect_none(table, 0);
}

static void test_small(void **state)
{
    (void)state;
    expect_none("", 5);
    expect("0 x", 5, "x", 5); /* no newline at the end */
    expect("4 x\n", 5, "x", 1);
    expect("ABCDEF x\n", 0xabcdef, "x", 0);
    expect_none("6 x\n", 5);
}

static void test_malformed(void **state)
{
    static const char *const texts[] = {"\n",       "x\n",     "12\n",
                                        "12 \n",    " 12 x\n", "12x y\n",
                                        "0x12 y\n", "g0 y\n",  "10000000000000000 y\n",
                                        "12\tx\n",  "12"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        expect_none(texts[i], 0x1000);
        assert_false(symbols_check(text_of(texts[i])));
    }
}

static void test_check(void **state)
{
    (void)state;
    assert_true(symbols_check(text_of(table)));
    assert_true(symbols_check(text_of("")));
    assert_true(symbols_check(text_of("1 a\n1 b")));
    assert_false(symbols_check(text_of("2 a\n1 b\n")));
    assert_false(symbols_check(text_of("1 a\n\n2 b\n")));
}

/* Against a search from the front, names of many lengths, addresses with gaps and doubles. */
static void test_against_scan(void **state)
{
    enum { COUNT = 500 };
    static uint64_t addresses[COUNT];
    char *text = malloc(COUNT * 64);
    uint64_t seed = 0x73796d73, address = 0;
    size_t used = 0;

    (void)state;
    assert_non_null(text);
    for (unsigned i = 0; i < COUNT; i++) {
        address += random_below(&seed, 3) == 0 ? 0 : random_below(&seed, 100);
        addresses[i] = address;
        used += (size_t)sprintf(text + used, "%lx n%u%.*s\n", (unsigned long)address, i,
                                (int)random_below(&seed, 30), "..............................");
    }
    assert_true(symbols_check((struct text){text, used}));
    for (uint64_t at = 0; at < address + 10; at++) {
        struct symbol s = {.offset = 0};
        unsigned wanted = 0;
        for (unsigned i = 1; i < COUNT && addresses[i] <= at; i++) {
            wanted = addresses[i] == addresses[wanted] ? wanted : i;
        }
        bool found = symbols_find((struct text){text, used}, at, &s);
        assert_int_equal(found, addresses[0] <= at);
        if (found) {
            char name[16];
            snprintf(name, sizeof(name), "n%u", wanted);
            assert_true(s.address == addresses[wanted] && s.name.length >= strlen(name));
            assert_memory_equal(s.name.start, name, strlen(name));
        }
    }
    free(text);
}

static void test_random(void **state)
{
    uint64_t seed = 0x72616e64;

    (void)state;
    for (unsigned i = 0; i < 50000; i++) {
        size_t size = random_below(&seed, sizeof(table));
        char *text = exact_copy(table, size);
        for (uint64_t n = random_below(&seed, 4); n > 0 && size > 0; n--) {
            text[random_below(&seed, size)] = "0123456789abcdef \n\0x"[random_below(&seed, 20)];
        }
        struct symbol s;
        uint64_t address = random_next(&seed) >> random_below(&seed, 64);
        if (symbols_find((struct text){text, size}, address, &s)) {
            assert_true(s.name.length > 0 && s.name.start > text &&
                        s.name.start + s.name.length <= text + size);
            assert_true(s.address <= address && s.offset == address - s.address);
        }
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("SYMBOLS-FIND-001 an address has the name of the last symbol before it", test_find),
        TEST("SYMBOLS-FIND-002 empty and single-line tables", test_small),
        TEST("SYMBOLS-FIND-003 bisection equals a search from the front", test_against_scan),
        TEST("SYMBOLS-BAD-001 malformed lines give no name", test_malformed),
        TEST("SYMBOLS-BAD-002 a whole table is checked for form and order", test_check),
        TEST("SYMBOLS-HOSTILE-001 50,000 cut and changed tables are searched safely", test_random),
    };
    return cmocka_run_group_tests_name("symbols", tests, NULL, NULL);
}
