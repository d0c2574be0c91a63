/* SPDX-License-Identifier: MIT */
/* Memory, strings, texts, hashes: bytes.h and hash.h. */
#include "pure_test.h"
#include <mudskipper/pure/bytes.h>

static struct text text(const char *s)
{
    return text_of(s);
}

static void test_mem_nothing(void **state)
{
    (void)state;
    mem_copy(NULL, NULL, 0);
    mem_move(NULL, NULL, 0);
    mem_set(NULL, 1, 0);
    assert_int_equal(mem_compare(NULL, NULL, 0), 0);
    assert_true(mem_equal(NULL, NULL, 0));
    assert_true(mem_is_zero(NULL, 0));
}

static void test_mem(void **state)
{
    char a[] = "0123456789";
    char b[11];

    (void)state;
    mem_copy(b, a, sizeof(a));
    assert_string_equal(b, "0123456789");
    mem_move(b + 2, b, 5);
    assert_string_equal(b, "0101234789");
    mem_set(b + 1, 'x', 3);
    assert_string_equal(b, "0xxx234789");
    assert_true(mem_compare("a", "b", 1) < 0);
    assert_true(mem_compare("\x80", "\x7f", 1) > 0); /* unsigned */
    assert_false(mem_equal("ab", "ac", 2));
}

static void test_mem_is_zero(void **state)
{
    (void)state;
    for (size_t size = 0; size < 40; size++) {
        for (size_t skew = 0; skew < 8; skew++) {
            uint8_t *room = calloc(1, size + skew + 1);
            assert_non_null(room);
            room[size + skew] = 1; /* behind the end: does not count */
            assert_true(mem_is_zero(room + skew, size));
            for (size_t i = 0; i < size; i++) {
                room[skew + i] = 0x80;
                assert_false(mem_is_zero(room + skew, size));
                room[skew + i] = 0;
            }
            free(room);
        }
    }
}

static void test_mem_numbers(void **state)
{
    uint8_t bytes[9] = {0, 1, 2, 3, 4, 5, 6, 7, 8};

    (void)state;
    assert_int_equal(mem_get16(bytes + 1), 0x0201);
    assert_int_equal(mem_get32(bytes + 1), 0x04030201);
    assert_int_equal(mem_get64(bytes + 1), 0x0807060504030201);
    mem_put64(bytes + 1, 0x1122334455667788);
    assert_memory_equal(bytes, "\0\x88\x77\x66\x55\x44\x33\x22\x11", 9);
}

static void test_strings(void **state)
{
    char *unterminated = exact_copy("abc", 3);

    (void)state;
    assert_int_equal(str_length(""), 0);
    assert_int_equal(str_length("abc"), 3);
    assert_int_equal(str_length_max(unterminated, 3), 3);
    assert_int_equal(str_length_max("ab", 9), 2);
    assert_true(str_compare("a", "b") < 0 && str_compare("b", "a") > 0 && str_compare("a", "a") == 0);
    assert_true(str_compare("a", "ab") < 0 && str_compare("\x80", "\x7f") > 0);
    assert_true(str_equal("", "") && !str_equal("", "a") && !str_equal("ab", "a"));
    assert_true(str_starts_with("abc", "ab") && str_starts_with("abc", "") && str_starts_with("abc", "abc"));
    assert_true(!str_starts_with("ab", "abc") && !str_starts_with("xb", "ab"));
    const char *s = "a=b=c";
    assert_ptr_equal(str_find(s, '='), s + 1);
    assert_ptr_equal(str_find(s, '\0'), s + 5);
    assert_null(str_find(s, 'x'));
    free(unterminated);
}

static void test_str_copy(void **state)
{
    char to[4] = "zzz";

    (void)state;
    assert_int_equal(str_copy(to, 0, "abc"), 3);
    assert_string_equal(to, "zzz");
    assert_int_equal(str_copy(to, 1, "abc"), 3);
    assert_string_equal(to, "");
    assert_int_equal(str_copy(to, 4, "abc"), 3);
    assert_string_equal(to, "abc");
    assert_int_equal(str_copy(to, 4, "abcdef"), 6);
    assert_string_equal(to, "abc");
    assert_int_equal(str_copy(to, 4, ""), 0);
    assert_string_equal(to, "");
}

static void test_texts(void **state)
{
    (void)state;
    assert_true(text_equal(text("ab"), (struct text){"abc", 2}));
    assert_false(text_equal(text("ab"), text("abc")));
    assert_true(text_equal((struct text){NULL, 0}, text("")));
    assert_true(text_is((struct text){"core=1", 4}, "core"));
    assert_false(text_is(text("core"), "cor"));
}

static void expect_number(const char *s, uint64_t wanted)
{
    char *exact = exact_copy(s, strlen(s));
    uint64_t number = ~wanted;

    assert_true(text_number((struct text){exact, strlen(s)}, &number));
    assert_int_equal(number, wanted);
    free(exact);
}

static void test_numbers(void **state)
{
    static const char *const none[] = {"",
                                       "0x",
                                       "x",
                                       "-1",
                                       "+1",
                                       "1 ",
                                       " 1",
                                       "12a",
                                       "0xg",
                                       "18446744073709551616",
                                       "0x10000000000000000",
                                       "99999999999999999999999",
                                       "1k"};
    uint64_t number = 77;

    (void)state;
    expect_number("0", 0);
    expect_number("007", 7);
    expect_number("18446744073709551615", UINT64_MAX);
    expect_number("0xffffffffffffffff", UINT64_MAX);
    expect_number("0XaBcD", 0xabcd);
    for (size_t i = 0; i < ARRAY_LENGTH(none); i++) {
        assert_false(text_number(text(none[i]), &number));
    }
    assert_int_equal(number, 77);
}

static void test_sizes(void **state)
{
    static const char *const none[] = {"", "k", "Mk", "1kk", "1P", "16777216T", "0xk", "1m"};
    uint64_t bytes = 77;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(none); i++) {
        assert_false(text_size(text(none[i]), &bytes));
    }
    assert_int_equal(bytes, 77);
    assert_true(text_size(text("4096"), &bytes) && bytes == 4096);
    assert_true(text_size(text("4k"), &bytes) && bytes == 4096);
    assert_true(text_size(text("4K"), &bytes) && bytes == 4096);
    assert_true(text_size(text("0x10M"), &bytes) && bytes == 16 << 20);
    assert_true(text_size(text("3G"), &bytes) && bytes == (uint64_t)3 << 30);
    assert_true(text_size(text("16777215T"), &bytes) && bytes == (uint64_t)16777215 << 40);
}

static void test_digits(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        const char *all = "0123456789abcdefABCDEF";
        const char *at = c ? strchr(all, (int)c) : NULL;
        unsigned wanted = !at                         ? UINT32_MAX
                          : (unsigned)(at - all) < 16 ? (unsigned)(at - all)
                                                      : (unsigned)(at - all) - 6;
        assert_int_equal(digit_value((char)c), wanted);
    }
}

/* The first vectors of the reference implementation: key 00 01 .. 0f, message 00 01 .. of length 0, 1, .. */
static void test_siphash(void **state)
{
    const struct hash_key key = {{0x0706050403020100, 0x0f0e0d0c0b0a0908}};
    static const uint64_t vectors[] = {
        0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d,
        0xcf2794e0277187b7, 0x18765564cd99a68d, 0xcbc9466e58fee3ce, 0xab0200f58b01d137,
        0x93f5f5799a932462, 0x9e0082df0ba9e4b0, 0x7a5dbbc594ddb9f3, 0xf4b32f46226bada7,
        0x751e8fbc860ee5fb, 0x14ea5627c0843d90, 0xf723ca908e7af2ee, 0xa129ca6149be45e5,
    };
    uint8_t message[16];

    (void)state;
    for (size_t length = 0; length < ARRAY_LENGTH(vectors); length++) {
        for (size_t i = 0; i < length; i++) {
            message[i] = (uint8_t)i;
        }
        uint8_t *exact = exact_copy(message, length);
        assert_int_equal(hash_sip(&key, exact, length), vectors[length]);
        free(exact);
    }
}

static void test_fnv(void **state)
{
    (void)state;
    assert_int_equal(hash_fnv(HASH_FNV_START, "", 0), 0xcbf29ce484222325);
    assert_int_equal(hash_fnv(HASH_FNV_START, "a", 1), 0xaf63dc4c8601ec8c);
    assert_int_equal(hash_fnv(HASH_FNV_START, "foobar", 6), 0x85944171f73967e8);
    assert_int_equal(hash_fnv(hash_fnv(HASH_FNV_START, "foo", 3), "bar", 3), 0x85944171f73967e8);
}

static void test_number_hash(void **state)
{
    (void)state;
    assert_int_equal(hash_number(0x9e3779b97f4a7c15), 0xe220a8397b1dcdaf); /* SplitMix64's first for seed 0 */
    assert_int_equal(hash_number(0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("BYTES-MEM-001 nothing may be copied, set and compared anywhere", test_mem_nothing),
        TEST("BYTES-MEM-002 memory is copied, moved, set and compared", test_mem),
        TEST("BYTES-MEM-003 one set bit anywhere is seen, none outside", test_mem_is_zero),
        TEST("BYTES-MEM-004 numbers are little-endian and need no alignment", test_mem_numbers),
        TEST("BYTES-STR-001 strings are measured, compared and searched", test_strings),
        TEST("BYTES-STR-002 a copy is cut, terminated and tells the whole length", test_str_copy),
        TEST("BYTES-TEXT-001 pieces of text compare by their bytes", test_texts),
        TEST("BYTES-TEXT-002 numbers are decimal or hexadecimal and never overflow", test_numbers),
        TEST("BYTES-TEXT-003 sizes take k, M, G and T and never overflow", test_sizes),
        TEST("BYTES-TEXT-004 digits have their values, all other bytes none", test_digits),
        TEST("HASH-SIP-001 the reference vectors come out", test_siphash),
        TEST("HASH-FNV-001 the published values come out, in one step or several", test_fnv),
        TEST("HASH-NUMBER-001 numbers are spread as SplitMix64 does", test_number_hash),
    };
    return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
