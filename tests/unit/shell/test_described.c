/* SPDX-License-Identifier: MIT */
/* What a service says about itself, as the shell shows it: the description of tests/unit/rpc/demo.rpc. */
#include "test.h"

#include "demo_rpc.h"
#include "described.h"
#include "value.h"

static struct rpc_description description;

static int begin(void **state)
{
    (void)state;
    return err_ok(rpc_description_read(&description, demo_interface.description,
                                       demo_interface.description_bytes))
               ? 0
               : 1;
}

struct seen {
    struct buffer text;
    size_t most; /* methods; then stop */
    size_t count;
};

static bool see(void *argument, const struct system_method *method)
{
    struct seen *seen = argument;

    method_put(&seen->text, method);
    buffer_byte(&seen->text, '\n');
    return ++seen->count < seen->most;
}

static void methods_are(size_t most, const char *expected)
{
    struct seen seen = {.most = most};

    buffer_init(&seen.text, &test_memory);
    assert_true(err_ok(described_methods(&test_memory, &description, see, &seen)));
    assert_string_equal(buffer_text(&seen.text), expected);
    buffer_free(&seen.text);
    assert_int_equal(test_memory_blocks(), 0);
}

static void shows_types(void **state)
{
    (void)state;
    methods_are(
        7, "nothing()\n"
           "add(a: u64, b: u64) -> (sum: u64)\n"
           "numbers(a: u8, b: u16, c: u32, d: u64, f: bool) -> (f2: bool, d2: u64, c2: u32, b2: u16, a2: "
           "u8)\n"
           "write(data: bytes) -> (written: u32, hash: u64)\n"
           "read(count: u32) -> (data: bytes)\n"
           "reverse(text: text) -> (reversed: text)\n"
           "exchange(given: cap, perhaps: cap) -> (back: cap, maybe: cap)\n");
}

static bool find_in(void *argument, const struct system_method *method)
{
    struct seen *seen = argument;

    if (strcmp(method->name, "store") == 0) {
        method_put(&seen->text, method);
    }
    return true;
}

static void takes_structs_apart(void **state)
{
    struct seen seen = {.most = SIZE_MAX};

    (void)state;
    buffer_init(&seen.text, &test_memory);
    assert_true(err_ok(described_methods(&test_memory, &description, find_in, &seen)));
    assert_string_equal(
        buffer_text(&seen.text),
        "store(what.title: text, what.first.name: text, what.first.size: u64, what.first.hidden: bool, "
        "what.first.key: bytes, what.first.corners[].x: u16, what.first.corners[].y: u16, "
        "what.first.content: "
        "cap, what.counts[]: u32, others[].name: text, others[].size: u64, others[].hidden: bool, "
        "others[].key: "
        "bytes, others[].corners[].x: u16, others[].corners[].y: u16, others[].content: cap) -> "
        "(what_was.title: text, what_was.first.name: text, what_was.first.size: u64, what_was.first.hidden: "
        "bool, what_was.first.key: bytes, what_was.first.corners[].x: u16, what_was.first.corners[].y: u16, "
        "what_was.first.content: cap, what_was.counts[]: u32)");
    buffer_free(&seen.text);
    assert_int_equal(test_memory_blocks(), 0);
}

static bool see_purpose(void *argument, const struct system_method *method)
{
    struct seen *seen = argument;

    buffer_format(&seen->text, "%s|", method->help);
    return ++seen->count < seen->most;
}

static void shows_one_sentence(void **state)
{
    struct seen seen = {.most = 3};

    (void)state;
    buffer_init(&seen.text, &test_memory);
    assert_true(err_ok(described_methods(&test_memory, &description, see_purpose, &seen)));
    assert_string_equal(buffer_text(&seen.text), "|Adds two numbers||");
    buffer_free(&seen.text);
}

static void stops_when_told(void **state)
{
    (void)state;
    methods_are(1, "nothing()\n");
}

static bool see_any(void *argument, const struct system_method *method)
{
    (void)argument;
    (void)method;
    return true;
}

static void survives_no_memory(void **state)
{
    bool refused = true;

    (void)state;
    for (size_t nth = 1; refused; nth++) {
        test_memory_refuse(nth);
        bool failed = !err_ok(described_methods(&test_memory, &description, see_any, NULL));

        refused = test_memory_refused();
        assert_int_equal(failed, refused);
        assert_int_equal(test_memory_blocks(), 0);
    }
}

static void values_keep_their_type(void **state)
{
    static const enum system_type types[] = {TYPE_BOOL, TYPE_U8,   TYPE_U16,   TYPE_U32,
                                             TYPE_U64,  TYPE_TEXT, TYPE_BYTES, TYPE_CAP};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(types); i++) {
        struct system_value value = {.type = types[i], .number = 7, .bytes = "seven", .count = 5};
        struct rpc_value sent = described_to_send(&value);
        struct system_value shown = described_to_show("a.b", &sent);

        assert_int_equal(shown.type, types[i]);
        assert_int_equal(shown.number, 7);
        assert_ptr_equal(shown.bytes, value.bytes);
        assert_int_equal(shown.count, 5);
        assert_string_equal(shown.name, "a.b");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"SHELL-DESCRIBED-001 methods with their types", shows_types, begin, NULL, NULL},
        {"SHELL-DESCRIBED-002 structs and lists are taken apart", takes_structs_apart, begin, NULL, NULL},
        {"SHELL-DESCRIBED-003 who has seen enough is told no more", stops_when_told, begin, NULL, NULL},
        {"SHELL-DESCRIBED-004 without memory nothing is left behind", survives_no_memory, begin, NULL, NULL},
        {"SHELL-DESCRIBED-006 a purpose is one sentence", shows_one_sentence, begin, NULL, NULL},
        {"SHELL-DESCRIBED-005 values keep type and contents", values_keep_their_type, begin, NULL, NULL},
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
