/* SPDX-License-Identifier: MIT */
/* Names, prefixes, attributes. */
#include "world.h"

static void repeat(char *to, char byte, size_t count)
{
    memset(to, byte, count);
    to[count] = '\0';
}

/* NS-NAME-001: what is a name, and where one that is none goes wrong. */
static void syntax(void **state)
{
    static const char *const good[] = {"a", "0", "-", "dev.uart.0", "net.eth0", "a.b.c", "x-y.-", "0.0"};
    static const struct {
        const char *name;
        unsigned at;
    } bad[] = {{"", 0},           {".", 0},   {"a.", 2},  {".a", 0},    {"a..b", 2},
               {"A", 0},          {"aB", 1},  {"a_b", 1}, {"a b", 1},   {"dev/uart", 3},
               {"a.\xc3\xa4", 2}, {"a\n", 1}, {"a*", 1},  {"a\x7f", 1}, {"\x80", 0},
               {"a.b.", 4},       {"a`", 1},  {"a{", 1},  {"a/", 1},    {"a:", 1}};
    (void)state;

    for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
        assert_err(ns_name_check(text_of(good[i])), ERR_OK, 0);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        assert_err(ns_name_check(text_of(bad[i].name)), ERR_NAME_SYNTAX, bad[i].at);
    }
    assert_err(ns_name_check((struct text){"a\0b", 3}), ERR_NAME_SYNTAX, 1);
    assert_err(ns_prefix_check(text_of("")), ERR_OK, 0);
    assert_err(ns_prefix_check(text_of("dev.")), ERR_NAME_SYNTAX, 4);
}

/* NS-NAME-002: 63 bytes in a label and 255 in a name, and not one more. */
static void lengths(void **state)
{
    char name[300];
    (void)state;

    repeat(name, 'a', 63);
    assert_err(ns_name_check(text_of(name)), ERR_OK, 0);
    repeat(name, 'a', 64);
    assert_err(ns_name_check(text_of(name)), ERR_NAME_SYNTAX, 63);
    repeat(name, 'a', 299);
    for (size_t i = 63; i < 299; i += 64) {
        name[i] = '.';
    }
    assert_err(ns_name_check((struct text){name, 255}), ERR_OK, 0);
    assert_err(ns_name_check((struct text){name, 256}), ERR_NAME_SYNTAX, 255);
    assert_err(ns_name_check((struct text){name, 257}), ERR_NAME_SYNTAX, 255);
    assert_int_equal(ns_name_labels((struct text){name, 255}), 4);
}

/* NS-NAME-003: every byte value in every place of a name is accepted or refused at its own position. */
static void every_byte(void **state)
{
    (void)state;
    for (unsigned place = 0; place < 3; place++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            char name[3] = {'a', 'b', 'c'};
            name[place] = (char)byte;
            bool label = strchr("abcdefghijklmnopqrstuvwxyz0123456789-", (int)byte) && byte != 0;
            bool good = label || (byte == '.' && place == 1);
            unsigned at = byte == '.' && place == 2 ? 3 : place;
            assert_err(ns_name_check((struct text){name, 3}), good ? ERR_OK : ERR_NAME_SYNTAX, good ? 0 : at);
        }
    }
}

/* NS-NAME-004: prefixes go by labels. */
static void prefixes(void **state)
{
    (void)state;
    assert_true(ns_name_below(text_of("dev"), text_of("dev")));
    assert_true(ns_name_below(text_of("dev"), text_of("dev.uart")));
    assert_true(ns_name_below(text_of(""), text_of("dev")));
    assert_false(ns_name_below(text_of("dev"), text_of("device")));
    assert_false(ns_name_below(text_of("dev"), text_of("dev-old")));
    assert_false(ns_name_below(text_of("dev.uart"), text_of("dev")));
    assert_false(ns_name_below(text_of("dev."), text_of("dev.uart")));
    assert_int_equal(ns_name_labels(text_of("")), 0);
    assert_int_equal(ns_name_labels(text_of("dev")), 1);
    assert_int_equal(ns_name_labels(text_of("dev.uart.0")), 3);
}

/* NS-NAME-005: the order is total, and what is below a prefix is one piece behind it. */
static void order(void **state)
{
    static const char *const sorted[] = {"",           "cpu",        "dev",  "dev.0",   "dev.rtc", "dev.uart",
                                         "dev.uart.0", "dev.uart-x", "dev-", "dev-old", "dev0",    "device"};
    (void)state;

    for (size_t a = 0; a < ARRAY_LENGTH(sorted); a++) {
        for (size_t b = 0; b < ARRAY_LENGTH(sorted); b++) {
            int got = ns_name_compare(text_of(sorted[a]), text_of(sorted[b]));
            assert_int_equal((got > 0) - (got < 0), (a > b) - (a < b));
        }
        bool left = false;
        for (size_t b = a; b < ARRAY_LENGTH(sorted); b++) {
            bool below = ns_name_below(text_of(sorted[a]), text_of(sorted[b]));
            assert_false(left && below);
            left = left || !below;
        }
    }
}

/* NS-NAME-006: names spread over the live cores; only a core's own names move when it goes. */
static void owners(void **state)
{
    static const coreid_t all[] = {0, 1, 2, 3};
    static const coreid_t mixed[] = {3, 1, 0, 2};
    static const coreid_t without[] = {0, 1, 3};
    const struct hash_key key = {{0x0706050403020100, 0x0f0e0d0c0b0a0908}};
    unsigned count[4] = {0};
    char name[32];
    (void)state;

    for (unsigned i = 0; i < 4000; i++) {
        format_to(name, sizeof(name), "app.n%u", i);
        coreid_t core = ns_name_owner(&key, text_of(name), all, 4);
        assert_true(core < 4);
        assert_int_equal(ns_name_owner(&key, text_of(name), mixed, 4), core);
        coreid_t later = ns_name_owner(&key, text_of(name), without, 3);
        assert_true(core == 2 ? later != 2 : later == core);
        count[core]++;
    }
    for (unsigned i = 0; i < 4; i++) {
        assert_in_range(count[i], 800, 1200); /* 1000 expected, standard deviation 27 */
    }
}

/* NS-NAME-007: attributes: pairs, keys without value, no key twice; the position of what is wrong. */
static void attributes(void **state)
{
    static const char *const good[] = {"",      "a", "a=", "a=1", "a=1 b=2", "kind=serial rate=115200 raw",
                                       "a==b=c"};
    static const struct {
        const char *text;
        unsigned at;
    } bad[] = {{" ", 0},      {"a ", 2},     {"a  b", 2},  {"=x", 0},       {"A=1", 0}, {"a=1 a=2", 4},
               {"a=1\tb", 3}, {"a=\x7f", 2}, {"a b a", 4}, {"a b=a a=", 6}, {"a\"", 1}};
    char text[NS_ATTRIBUTES_MAX + 2];
    struct text value;
    (void)state;

    for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
        assert_err(ns_attributes_check(text_of(good[i])), ERR_OK, 0);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        assert_err(ns_attributes_check(text_of(bad[i].text)), ERR_NAME_ATTRIBUTES, bad[i].at);
    }
    repeat(text, 'x', NS_ATTRIBUTES_MAX + 1);
    text[1] = '=';
    assert_err(ns_attributes_check((struct text){text, NS_ATTRIBUTES_MAX}), ERR_OK, 0);
    assert_err(ns_attributes_check((struct text){text, NS_ATTRIBUTES_MAX + 1}), ERR_NAME_ATTRIBUTES,
               NS_ATTRIBUTES_MAX);
    repeat(text, 'k', 64);
    assert_err(ns_attributes_check(text_of(text)), ERR_NAME_ATTRIBUTES, 63);
    assert_true(ns_attribute_find(text_of("kind=serial raw"), text_of("kind"), &value));
    assert_true(text_is(value, "serial"));
    assert_true(ns_attribute_find(text_of("kind=serial raw"), text_of("raw"), &value));
    assert_null(value.start);
    assert_false(ns_attribute_find(text_of("kind=serial raw"), text_of("serial"), &value));
}

/* NS-NAME-008: queries by presence and by equality. */
static void queries(void **state)
{
    struct text here = text_of("kind=serial raw rate=");
    struct ns_query any = {{NULL, 0}, {NULL, 0}};
    struct ns_query present = {text_of("raw"), {NULL, 0}};
    struct ns_query empty = {text_of("raw"), text_of("")};
    struct ns_query equal = {text_of("kind"), text_of("serial")};
    struct ns_query other = {text_of("kind"), text_of("seria")};
    struct ns_query absent = {text_of("kin"), {NULL, 0}};
    (void)state;

    assert_true(ns_query_matches(&any, here) && ns_query_matches(&any, text_of("")));
    assert_true(ns_query_matches(&present, here) && ns_query_matches(&empty, here));
    assert_true(ns_query_matches(&equal, here));
    assert_false(ns_query_matches(&other, here) || ns_query_matches(&absent, here));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(syntax),     cmocka_unit_test(lengths),
                                       cmocka_unit_test(every_byte), cmocka_unit_test(prefixes),
                                       cmocka_unit_test(order),      cmocka_unit_test(owners),
                                       cmocka_unit_test(attributes), cmocka_unit_test(queries)};
    return cmocka_run_group_tests_name("ns_name", tests, NULL, NULL);
}
