/* SPDX-License-Identifier: MIT */
/* Services that are known at run time only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <mudskipper/pure/format.h>
#include <mudskipper/rpc/describe.h>
#include "world.h"

static struct world w;
static uint8_t bytes[RPC_DESCRIPTION_MAX];
static struct rpc_description d;

static int begin(void **state)
{
    size_t size;

    (void)state;
    world_init(&w);
    if (!err_ok(rpc_describe(&w.channel, bytes, sizeof(bytes), &size)) ||
        !err_ok(rpc_description_read(&d, bytes, size))) {
        return 1;
    }
    return 0;
}

static int end(void **state)
{
    (void)state;
    world_check_empty(&w, 0);
    return 0;
}

#define assert_ok(e)           assert_true(err_ok(e))
#define assert_error(e, cause) assert_true(err_is((e), ERR_##cause))

/* ---- as text */

static size_t print_fields(char *to, size_t room, struct rpc_fields fields)
{
    static const char *const names[] = {"",     "u8",     "u16",   "u32", "u64",
                                        "bool", "string", "bytes", "cap", "cap?"};
    struct rpc_field f;
    size_t at = 0;

    while (rpc_fields_next(&fields, &f)) {
        const char *type = NULL;

        if (f.type == RPC_TYPE_STRUCT) {
            (void)rpc_struct_fields(&d, f.structure, &type);
        } else {
            type = names[f.type];
        }
        at += format_to(to + at, room - at, "%s%s %s", at > 0 ? ", " : "", type, f.name);
        if (f.max > 0) {
            at += format_to(to + at, room - at, "<%u>%s", f.max, f.is_list ? "..." : "");
        }
    }
    return at;
}

static const char *print_method(const char *name)
{
    static char text[500];
    struct rpc_method m;
    size_t at;

    assert_ok(rpc_description_find(&d, name, &m));
    at = format_to(text, sizeof(text), "%u %s(", m.number, m.name);
    at += print_fields(text + at, sizeof(text) - at, m.arguments);
    at += format_to(text + at, sizeof(text) - at, ") -> (");
    at += print_fields(text + at, sizeof(text) - at, m.results);
    (void)format_to(text + at, sizeof(text) - at, ")");
    return text;
}

/* RPC-DESCRIBE-001 */
static void a_service_says_what_it_can(void **state)
{
    struct rpc_method m;
    size_t at = 0;
    unsigned methods = 0;

    (void)state;
    assert_string_equal(d.name, "demo");
    assert_string_equal(d.help, "Everything that an interface can say, for the tests.");
    assert_int_equal(d.version, DEMO_VERSION);
    assert_int_equal(d.structs, 3);
    while (rpc_description_next(&d, &at, &m)) {
        methods++;
        assert_int_equal(m.number, methods);
    }
    assert_int_equal(methods, DEMO_METHOD_MIRROR);
    assert_int_equal(methods, d.methods);
    assert_string_equal(print_method("nothing"), "1 nothing() -> ()");
    assert_string_equal(
        print_method("numbers"),
        "3 numbers(u8 a, u16 b, u32 c, u64 d, bool f) -> (bool f2, u64 d2, u32 c2, u16 b2, u8 a2)");
    assert_string_equal(print_method("write"), "4 write(bytes data<60000>) -> (u32 written, u64 hash)");
    assert_string_equal(print_method("swap_all"), "8 swap_all(cap given<40>...) -> (cap back<40>...)");
    assert_string_equal(print_method("exchange"),
                        "7 exchange(cap given, cap? perhaps) -> (cap back, cap? maybe)");
    assert_string_equal(print_method("find"),
                        "10 find(string name<31>, u32 first) -> (entry entries<100>..., bool more)");
    assert_ok(rpc_description_find(&d, "add", &m));
    assert_string_equal(m.help, "Adds two numbers. The sum wraps around.");
    assert_error(rpc_description_find(&d, "subtract", &m), NOT_FOUND);
}

/* RPC-DESCRIBE-002 */
static void a_description_needs_room(void **state)
{
    size_t size;
    err_t e = rpc_describe(&w.channel, bytes, 100, &size);

    (void)state;
    assert_error(e, MSG_TOO_LONG);
    assert_int_equal(e.detail, 100);
    rpc_server_remove(&w.server, &w.service);
    assert_error(rpc_describe(&w.channel, bytes, sizeof(bytes), &size), MSG_NO_TARGET);
}

/* RPC-DESCRIBE-003 */
static void truncated_descriptions_are_refused(void **state)
{
    size_t size = demo_interface.description_bytes;
    struct rpc_description short_one;

    (void)state;
    for (size_t length = 0; length < size; length++) {
        assert_error(rpc_description_read(&short_one, demo_interface.description, length), MSG_MALFORMED);
    }
    memcpy(bytes, demo_interface.description, size);
    assert_ok(rpc_description_read(&short_one, bytes, size));
    assert_error(rpc_description_read(&short_one, bytes, size + 1), MSG_MALFORMED);
    bytes[0]++;
    assert_error(rpc_description_read(&short_one, bytes, size), NOT_SUPPORTED);
}

/* A description of `depth` structs in each other, each with `fields` fields of the one before, and one
 * method. */
static err_t read_nested(unsigned depth, unsigned fields)
{
    struct rpc_description nested;
    struct rpc_message m;
    err_t e;

    rpc_message_init(&m, &w.memory);
    rpc_put_u8(&m, RPC_DESCRIPTION_FORMAT);
    rpc_put_u32(&m, 1);
    rpc_put_string(&m, "nested", 10);
    rpc_put_string(&m, "", 10);
    rpc_put_u16(&m, (uint16_t)depth);
    for (unsigned i = 0; i < depth; i++) {
        rpc_put_string(&m, "s", 10);
        rpc_put_string(&m, "", 10);
        rpc_put_u16(&m, (uint16_t)fields);
        for (unsigned f = 0; f < fields; f++) {
            rpc_put_u8(&m, i == 0 ? RPC_TYPE_U8 : RPC_TYPE_STRUCT);
            rpc_put_bool(&m, true);
            rpc_put_u16(&m, i > 0 ? (uint16_t)(i - 1) : 0);
            rpc_put_u32(&m, 10);
            rpc_put_string(&m, "f", 10);
        }
    }
    rpc_put_u16(&m, 0);
    assert_ok(m.error);
    e = rpc_description_read(&nested, m.payload, m.bytes);
    rpc_message_free(&m);
    return e;
}

/* RPC-DESCRIBE-004: what walks over it by recursion, and over lists by count, must come to an end. */
static void deep_and_empty_structs_are_refused(void **state)
{
    (void)state;
    assert_ok(read_nested(0, 1));
    assert_ok(read_nested(RPC_DEPTH_MAX + 1, 2));
    assert_error(read_nested(RPC_DEPTH_MAX + 2, 2), MSG_MALFORMED);
    assert_error(read_nested(1, 0), MSG_MALFORMED);
    assert_error(read_nested(300, 1), MSG_MALFORMED);
}

/* ---- calls */

static char shown[100000];

static bool show(void *argument, const char *path, const struct rpc_value *v)
{
    size_t at = strlen(shown);
    size_t *left = argument;

    switch (v->type) {
    case RPC_TYPE_STRING:
    case RPC_TYPE_BYTES:
        (void)format_to(shown + at, sizeof(shown) - at, "%s=%.*s ", path, (int)v->count, v->bytes);
        break;
    case RPC_TYPE_CAP:
    case RPC_TYPE_CAP_OPTIONAL:
        (void)format_to(shown + at, sizeof(shown) - at, "%s=cap %u ", path, w.objects[v->number]);
        if (v->number != CPTR_NULL) {
            world_give(&w, (cptr_t)v->number);
        }
        break;
    default:
        (void)format_to(shown + at, sizeof(shown) - at, "%s=%lu ", path, (unsigned long)v->number);
        break;
    }
    return left == NULL || --*left > 0;
}

static err_t call(const char *method, const struct rpc_value *values, size_t count, size_t *left)
{
    struct rpc_method m;

    shown[0] = '\0';
    assert_ok(rpc_description_find(&d, method, &m));
    return rpc_call_described(&w.channel, &m, values, count, show, left);
}

#define NUMBER(n)   ((struct rpc_value){.type = RPC_TYPE_U64, .number = (n)})
#define BOOL(n)     ((struct rpc_value){.type = RPC_TYPE_BOOL, .number = (n)})
#define TEXT(s)     ((struct rpc_value){.type = RPC_TYPE_STRING, .bytes = (s), .count = sizeof(s) - 1})
#define BYTES(s)    ((struct rpc_value){.type = RPC_TYPE_BYTES, .bytes = (s), .count = sizeof(s) - 1})
#define CAP(slot)   ((struct rpc_value){.type = RPC_TYPE_CAP, .number = (slot)})
#define VALUES(...) ((struct rpc_value[]){__VA_ARGS__}), ARRAY_LENGTH(((struct rpc_value[]){__VA_ARGS__}))

static void expect_bad(const char *method, const struct rpc_value *values, size_t count, uint64_t which)
{
    unsigned before = w.exchanges;
    err_t e = call(method, values, count, NULL);

    assert_error(e, BAD_ARGUMENT);
    assert_int_equal(e.detail, which);
    assert_int_equal(w.exchanges, before);
}

/* RPC-DESCRIBED-001 */
static void values_go_there_and_back(void **state)
{
    cptr_t mine = world_object(&w, 5);

    (void)state;
    assert_ok(call("nothing", NULL, 0, NULL));
    assert_string_equal(shown, "");
    assert_ok(call("add", VALUES(NUMBER(40), NUMBER(2)), NULL));
    assert_string_equal(shown, "sum=42 ");
    assert_ok(call("numbers", VALUES(NUMBER(1), NUMBER(2), NUMBER(3), NUMBER(4), BOOL(1)), NULL));
    assert_string_equal(shown, "f2=0 d2=5 c2=4 b2=3 a2=2 ");
    assert_ok(call("reverse", VALUES(TEXT("mud")), NULL));
    assert_string_equal(shown, "reversed=dum ");
    assert_ok(call("reverse", VALUES(TEXT("")), NULL));
    assert_string_equal(shown, "reversed= ");
    assert_ok(call("write", VALUES(BYTES("a\0b")), NULL));
    assert_memory_equal(shown, "written=3 ", 10);
    assert_ok(call("exchange", VALUES(CAP(mine), CAP(CPTR_NULL)), NULL));
    assert_string_equal(shown, "back=cap 5 maybe=cap 0 ");
    world_give(&w, mine);
    assert_ok(call("mirror", VALUES(NUMBER(3), NUMBER(4)), NULL));
    assert_string_equal(shown, "there.x=4 there.y=3 ");
    expect_bad("mirror", VALUES(NUMBER(3)), 1);
    expect_bad("mirror", VALUES(NUMBER(3), NUMBER(4), NUMBER(5)), 2);
    assert_error(call("fail", VALUES(NUMBER(1)), NULL), ELF_MAGIC);
}

/* RPC-DESCRIBED-002 */
static void structs_and_lists_are_shown_with_their_places(void **state)
{
    size_t two = 2;

    (void)state;
    assert_ok(call("find", VALUES(TEXT("f"), NUMBER(0)), NULL));
    assert_memory_equal(shown,
                        "entries[0].name=f entries[0].size=0 entries[0].hidden=1 entries[0].key= ", 72);
    assert_non_null(strstr(shown, " entries[9].corners[1].y=1 "));
    assert_non_null(strstr(shown, " entries[9].content=cap 1009 "));
    assert_non_null(strstr(shown, " more=1 "));
    assert_ok(call("find", VALUES(TEXT("f"), NUMBER(0)), &two));
    assert_string_equal(shown, "entries[0].name=f entries[0].size=0 ");
}

/* RPC-DESCRIBED-003 */
static void values_that_do_not_fit_are_refused_before_anything_is_sent(void **state)
{
    (void)state;
    expect_bad("add", NULL, 0, 0);
    expect_bad("add", VALUES(NUMBER(1)), 1);
    expect_bad("add", VALUES(NUMBER(1), NUMBER(2), NUMBER(3)), 2);
    expect_bad("add", VALUES(NUMBER(1), TEXT("2")), 1);
    expect_bad("add", VALUES(BOOL(1), NUMBER(2)), 0);
    expect_bad("numbers", VALUES(NUMBER(256), NUMBER(2), NUMBER(3), NUMBER(4), BOOL(1)), 0);
    expect_bad("numbers", VALUES(NUMBER(1), NUMBER(65536), NUMBER(3), NUMBER(4), BOOL(1)), 1);
    expect_bad("numbers", VALUES(NUMBER(1), NUMBER(2), NUMBER(3), NUMBER(4), BOOL(2)), 4);
    expect_bad("numbers", VALUES(NUMBER(1), NUMBER(2), NUMBER(3), NUMBER(4), NUMBER(1)), 4);
    expect_bad("reverse", VALUES(BYTES("x")), 0);
    expect_bad("reverse", VALUES(TEXT("a\0b")), 0);
    expect_bad("register", VALUES(TEXT("a name that is longer than thirty-one bytes"), NUMBER(1)), 0);
    expect_bad("exchange", VALUES(CAP(CPTR_NULL), CAP(CPTR_NULL)), 0);
    expect_bad("exchange", VALUES(NUMBER(1), CAP(CPTR_NULL)), 0);
    assert_error(call("move", VALUES(NUMBER(1), NUMBER(2), NUMBER(3)), NULL), NOT_SUPPORTED); /* a list */
}

/* RPC-DESCRIBED-004: the service has changed behind the description. */
static void results_of_another_shape_are_refused(void **state)
{
    struct rpc_method numbers;
    struct rpc_method add;

    (void)state;
    assert_ok(rpc_description_find(&d, "numbers", &numbers));
    assert_ok(rpc_description_find(&d, "add", &add));
    add.results = numbers.results;
    shown[0] = '\0';
    assert_error(rpc_call_described(&w.channel, &add, VALUES(NUMBER(1), NUMBER(2)), show, NULL),
                 MSG_MALFORMED);
    assert_string_equal(shown, "");
    add.number = 999;
    assert_error(rpc_call_described(&w.channel, &add, VALUES(NUMBER(1), NUMBER(2)), show, NULL),
                 MSG_NO_METHOD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_service_says_what_it_can, begin, end),
        cmocka_unit_test_setup_teardown(a_description_needs_room, begin, end),
        cmocka_unit_test_setup_teardown(truncated_descriptions_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(deep_and_empty_structs_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(values_go_there_and_back, begin, end),
        cmocka_unit_test_setup_teardown(structs_and_lists_are_shown_with_their_places, begin, end),
        cmocka_unit_test_setup_teardown(values_that_do_not_fit_are_refused_before_anything_is_sent, begin,
                                        end),
        cmocka_unit_test_setup_teardown(results_of_another_shape_are_refused, begin, end),
    };

    return cmocka_run_group_tests_name("rpc-describe", tests, NULL, NULL);
}
