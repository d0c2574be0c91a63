/* SPDX-License-Identifier: MIT */
/* The boot file's parser. Texts lie in buffers of their exact size. */
#include "pure_test.h"
#include <stdio.h>
#include <mudskipper/pure/boot_file.h>

/* Parses the first statement of `text` on a machine of 4 cores. */
static err_t parse(const char *text, struct boot_statement *s)
{
    struct boot_file file = boot_file_open(text, strlen(text), 4);
    return boot_file_next(&file, s);
}

static void expect_statement(const char *text, enum boot_keyword keyword, struct boot_statement *s)
{
    err_t e = parse(text, s);

    if (!err_ok(e)) {
        fail_msg("\"%s\": error %u", text, e.code[0]);
    }
    assert_int_equal(s->keyword, keyword);
}

/* Every text is refused with this cause, at line 1. */
static void expect_refused(enum err_code cause, const char *const *texts)
{
    for (; *texts; texts++) {
        struct boot_statement s;
        err_t e = parse(*texts, &s);
        if (e.code[0] != cause || e.detail != 1) {
            fail_msg("\"%s\": error %u at line %u instead of %u at 1", *texts, e.code[0], (unsigned)e.detail,
                     cause);
        }
    }
}

static void expect_argument(struct text *arguments, const char *says)
{
    struct text word;

    assert_true(boot_file_argument(arguments, &word));
    assert_true(word_is(word, says));
}

static void test_spawn(void **state)
{
    struct boot_statement s;
    struct text word;

    (void)state;
    expect_statement("spawn shell", BOOT_FILE_SPAWN, &s);
    assert_true(text_is(s.program, "shell"));
    assert_false(boot_file_argument(&s.arguments, &word));
    assert_true(s.core == 0 && !s.all_cores && s.restart == BOOT_RESTART_NEVER && s.memory == 0);
    assert_true(!s.has_priority && !s.stdin_name.start && !s.stdout_name.start && !s.stderr_name.start);
    assert_false(boot_file_cap(&s.caps, &word));
    assert_false(boot_file_environment(&s.options, &word));
    expect_statement("\tspawn  \"my program\" one \"two words\" core=3 # four\r\n", BOOT_FILE_SPAWN, &s);
    assert_true(word_is(s.program, "my program"));
    expect_argument(&s.arguments, "one");
    expect_argument(&s.arguments, "two words");
    expect_argument(&s.arguments, "core=3"); /* an argument: options stand in front */
    assert_false(boot_file_argument(&s.arguments, &word));
    assert_int_equal(s.core, 0);
    expect_statement("spawn \"a=b\" x#y", BOOT_FILE_SPAWN, &s);
    assert_true(word_is(s.program, "a=b"));
    expect_argument(&s.arguments, "x#y");
}

static void test_options(void **state)
{
    struct boot_statement s;
    struct text t;

    (void)state;
    expect_statement("spawn core=2 restart=on-failure cap=log,irq,phys stdin=serial stdout=\"out one\" "
                     "stderr=log env=A=1 memory=16M priority=7 env=B=\"x y\" env=C= prog arg",
                     BOOT_FILE_SPAWN, &s);
    assert_true(s.core == 2 && !s.all_cores && s.restart == BOOT_RESTART_ON_FAILURE);
    assert_true(text_is(s.stdin_name, "serial") && word_is(s.stdout_name, "out one") &&
                text_is(s.stderr_name, "log"));
    assert_true(s.memory == 16 << 20 && s.has_priority && s.priority == 7);
    assert_true(boot_file_cap(&s.caps, &t) && text_is(t, "log"));
    assert_true(boot_file_cap(&s.caps, &t) && text_is(t, "irq"));
    assert_true(boot_file_cap(&s.caps, &t) && text_is(t, "phys"));
    assert_false(boot_file_cap(&s.caps, &t));
    assert_true(boot_file_environment(&s.options, &t) && word_is(t, "A=1"));
    assert_true(boot_file_environment(&s.options, &t) && word_is(t, "B=x y"));
    assert_true(boot_file_environment(&s.options, &t) && word_is(t, "C="));
    assert_false(boot_file_environment(&s.options, &t));
    assert_true(text_is(s.program, "prog"));
    expect_statement("spawn core=all restart=always prog", BOOT_FILE_SPAWN, &s);
    assert_true(s.all_cores && s.restart == BOOT_RESTART_ALWAYS);
    expect_statement("spawn priority=4294967295 prog", BOOT_FILE_SPAWN, &s);
    assert_int_equal(s.priority, UINT32_MAX);
    expect_statement("spawn restart=never core=0x3 prog", BOOT_FILE_SPAWN, &s);
    assert_true(s.core == 3 && s.restart == BOOT_RESTART_NEVER);
}

static void test_driver(void **state)
{
    struct boot_statement s;

    (void)state;
    expect_statement("driver restart=always arm,pl011 pl011 --fast", BOOT_FILE_DRIVER, &s);
    assert_true(text_is(s.compatible, "arm,pl011") && text_is(s.program, "pl011"));
    assert_int_equal(s.restart, BOOT_RESTART_ALWAYS);
    expect_argument(&s.arguments, "--fast");
    assert_false(s.console_only);
    expect_statement("driver device=console arm,pl011 pl011", BOOT_FILE_DRIVER, &s);
    assert_true(s.console_only && text_is(s.compatible, "arm,pl011"));
}

static void test_set(void **state)
{
    struct boot_statement s;

    (void)state;
    expect_statement("set prompt \"> \" # with a blank", BOOT_FILE_SET, &s);
    assert_true(text_is(s.key, "prompt") && word_is(s.value, "> "));
    expect_statement("set empty \"\"", BOOT_FILE_SET, &s);
    assert_true(word_is(s.value, ""));
}

static void test_lines(void **state)
{
    static const char text[] = "# a comment with \"open quotes\n"
                               "\n"
                               "set a 1\n"
                               "   \t\r\n"
                               "spawn b";
    char *exact = exact_copy(text, strlen(text));
    struct boot_file file = boot_file_open(exact, strlen(text), 1);
    struct boot_statement s;

    (void)state;
    assert_ok(boot_file_next(&file, &s));
    assert_true(s.keyword == BOOT_FILE_SET && s.line == 3);
    assert_ok(boot_file_next(&file, &s));
    assert_true(s.keyword == BOOT_FILE_SPAWN && s.line == 5);
    for (unsigned i = 0; i < 2; i++) {
        assert_ok(boot_file_next(&file, &s));
        assert_int_equal(s.keyword, BOOT_FILE_END);
    }
    free(exact);
}

static void test_empty(void **state)
{
    static const char *const texts[] = {"", "\n", "#", "# only\n\n# comments", "  \t", "\r\n"};
    struct boot_file none = boot_file_open(NULL, 0, 4);
    struct boot_statement s;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        expect_statement(texts[i], BOOT_FILE_END, &s);
    }
    assert_ok(boot_file_next(&none, &s));
    assert_int_equal(s.keyword, BOOT_FILE_END);
}

static void test_goes_on(void **state)
{
    static const char text[] = "spawn\nspawn \"x\nset a 1\nunknown\nspawn core=9 x\nspawn y\n";
    struct boot_file file = boot_file_open(text, strlen(text), 4);
    struct boot_statement s;

    (void)state;
    assert_error(boot_file_next(&file, &s), ERR_BOOT_SYNTAX, 1);
    assert_error(boot_file_next(&file, &s), ERR_BOOT_QUOTE, 2);
    assert_ok(boot_file_next(&file, &s));
    assert_error(boot_file_next(&file, &s), ERR_BOOT_KEYWORD, 4);
    assert_error(boot_file_next(&file, &s), ERR_BOOT_CORE, 5);
    assert_ok(boot_file_next(&file, &s));
    assert_true(s.keyword == BOOT_FILE_SPAWN && s.line == 6);
}

static void test_untouched(void **state)
{
    struct boot_statement s, before;

    (void)state;
    memset(&s, 0x5a, sizeof(s));
    memcpy(&before, &s, sizeof(s));
    assert_error(parse("spawn core=1 restart=sometimes x", &s), ERR_BOOT_KEYWORD, 1);
    assert_memory_equal(&s, &before, sizeof(s));
}

static void test_syntax(void **state)
{
    static const char *const texts[] = {
        "spawn",
        "spawn # x",
        "spawn core=1",
        "spawn \"\"",
        "driver",
        "driver arm,pl011",
        "driver \"\" x",
        "driver a \"\"",
        "set",
        "set key",
        "set key value more",
        "set \"\" value",
        "set key # value",
        "spawn core=1 core=1 x",
        "spawn restart=never restart=never x",
        "spawn cap=a cap=b x",
        "spawn stdin=a stdin=b x",
        "spawn memory=1 memory=1 x",
        "spawn priority=1 priority=1 x",
        "spawn cap= x",
        "spawn cap=, x",
        "spawn cap=a, x",
        "spawn cap=,a x",
        "spawn cap=a,,b x",
        "spawn cap=\"a\" x",
        "spawn stdin= x",
        "spawn stdout=\"\" x",
        "spawn stderr= x",
        "spawn env= x",
        "spawn env=A x",
        "spawn env==1 x",
        "spawn env=\"A=1\" x",
        "spawn memory= x",
        "spawn memory=0 x",
        "spawn memory=1X x",
        "spawn priority= x",
        "spawn priority=-1 x",
        "spawn priority=4294967296 x",
        "spawn x \x01",
        "spawn x \"\\n\"",
        "\x7f",
        "set k \"\\x\"",
        "set \x02 v",
        "set k v \x02",
        "spawn \x01=x y",
        NULL,
    };

    (void)state;
    expect_refused(ERR_BOOT_SYNTAX, texts);
}

static void test_keywords(void **state)
{
    static const char *const texts[] = {
        "start x",
        "Spawn x",
        "\"spawn\" x",
        "spawn= x",
        "spawn color=red x",
        "spawn =x y",
        "spawn Core=1 x",
        "spawn restart=sometimes x",
        "spawn restart= x",
        "spawn restart=\"never\" x",
        "driver x=1 a b",
        "driver device=all a b",
        "driver device= a b",
        "spawn device=console x",
        NULL,
    };

    (void)state;
    expect_refused(ERR_BOOT_KEYWORD, texts);
}

static void test_cores(void **state)
{
    static const char *const texts[] = {
        "spawn core=4 x",   "spawn core= x",           "spawn core=-1 x",
        "spawn core=one x", "spawn core=4294967296 x", "spawn core=18446744073709551616 x",
        "spawn core=ALL x", "driver core=4 a b",       NULL,
    };
    static const char no_limit[] = "spawn core=4294967295 x\nspawn core=4294967296 x\n";
    struct boot_file any = boot_file_open(no_limit, strlen(no_limit), 0);
    struct boot_statement s;

    (void)state;
    expect_refused(ERR_BOOT_CORE, texts);
    assert_ok(boot_file_next(&any, &s));
    assert_int_equal(s.core, UINT32_MAX);
    assert_error(boot_file_next(&any, &s), ERR_BOOT_CORE, 2);
}

static void test_quotes(void **state)
{
    static const char *const texts[] = {
        "\"",
        "spawn \"x",
        "spawn x \"y",
        "spawn env=A=\"1 x",
        "set \"k v",
        "set k \"v",
        "set k v \"w",
        "driver \"a b",
        "spawn stdin=\"a x\nspawn y\"",
        NULL, /* quotes end with their line */
    };

    (void)state;
    expect_refused(ERR_BOOT_QUOTE, texts);
}

/* Nothing has a greatest length: a line of a megabyte, 100,000 arguments, 100,000 lines. */
static void test_long(void **state)
{
    enum { COUNT = 100000 };
    char *text = malloc(COUNT * 10 + 100);
    struct boot_statement s;
    struct text word;
    unsigned found = 0;

    (void)state;
    assert_non_null(text);
    size_t used = (size_t)sprintf(text, "spawn x");
    for (unsigned i = 0; i < COUNT; i++) {
        used += (size_t)sprintf(text + used, " a%u", i);
    }
    expect_statement(text, BOOT_FILE_SPAWN, &s);
    while (boot_file_argument(&s.arguments, &word)) {
        found++;
    }
    assert_int_equal(found, COUNT);
    used = 0;
    for (unsigned i = 0; i < COUNT; i++) {
        used += (size_t)sprintf(text + used, "set a b\n");
    }
    struct boot_file file = boot_file_open(text, used, 4);
    for (unsigned i = 0; i < COUNT; i++) {
        assert_ok(boot_file_next(&file, &s));
    }
    assert_int_equal(s.line, COUNT);
    free(text);
}

/* --- hostile texts --- */

static bool is_boot_error(err_t e)
{
    return e.code[0] >= ERR_BOOT_SYNTAX && e.code[0] <= ERR_BOOT_QUOTE && e.code[1] == 0;
}

static void check_inside(struct text t, const char *start, size_t size)
{
    assert_true(!t.start || (t.start >= start && t.length <= (size_t)(start + size - t.start)));
}

/* Everything a caller may use of an accepted statement. */
static void check_statement(struct boot_statement s, const char *start, size_t size)
{
    const struct text pieces[] = {s.program,     s.arguments,   s.options,    s.caps, s.stdin_name,
                                  s.stdout_name, s.stderr_name, s.compatible, s.key,  s.value};
    struct text word;

    for (size_t i = 0; i < ARRAY_LENGTH(pieces); i++) {
        check_inside(pieces[i], start, size);
    }
    if (s.keyword == BOOT_FILE_SET) {
        assert_true(s.key.start && s.value.start);
        return;
    }
    assert_true(s.program.length > 0 && !word_is(s.program, ""));
    assert_true((s.keyword == BOOT_FILE_DRIVER) == (s.compatible.length > 0));
    assert_true(s.all_cores || s.core < 4);
    while (boot_file_argument(&s.arguments, &word)) {
        check_inside(word, start, size);
    }
    while (boot_file_cap(&s.caps, &word)) {
        check_inside(word, start, size);
        assert_true(word.length > 0);
    }
    while (boot_file_environment(&s.options, &word)) {
        struct text key, value;
        check_inside(word, start, size);
        assert_true(word_split(word, &key, &value) && key.length > 0);
    }
}

static unsigned read_all(const char *text, size_t size)
{
    struct boot_file file = boot_file_open(text, size, 4);
    unsigned accepted = 0;

    for (uint64_t steps = 0;; steps++) {
        struct boot_statement s;
        err_t e = boot_file_next(&file, &s);
        assert_true(steps <= size + 1);
        if (!err_ok(e)) {
            assert_true(is_boot_error(e) && e.detail == file.line);
            continue;
        }
        if (s.keyword == BOOT_FILE_END) {
            return accepted;
        }
        assert_int_equal(s.line, file.line);
        check_statement(s, text, size);
        accepted++;
    }
}

static void test_random(void **state)
{
    static const char *const pieces[] = {
        "spawn ",   "driver ",    "set ",
        "core=",    "1 ",         "all ",
        "restart=", "always ",    "on-failure ",
        "cap=",     "a,b ",       ",",
        "env=",     "K=V ",       "memory=",
        "16M ",     "priority=",  "stdin=",
        "x ",       "prog ",      "\"",
        "\\",       "\\\"",       "#",
        "\n",       " ",          "\t",
        "=",        "\r\n",       "\x01",
        "\xff",     "arm,pl011 ", "device=console ",
    };
    uint64_t seed = 0x626f6f74;
    unsigned accepted = 0;

    (void)state;
    for (unsigned i = 0; i < 100000; i++) {
        char text[256];
        size_t used = 0;
        for (uint64_t n = random_below(&seed, 14); n > 0; n--) {
            const char *piece = pieces[random_below(&seed, ARRAY_LENGTH(pieces))];
            memcpy(text + used, piece, strlen(piece));
            used += strlen(piece);
        }
        char *exact = exact_copy(text, used);
        accepted += read_all(exact, used);
        free(exact);
    }
    assert_true(accepted > 1000);
}

static void test_every_byte(void **state)
{
    static const char good[] = "spawn core=1 cap=log,irq env=A=\"b c\" shell -x # go\nset k \"v\"\n"
                               "driver arm,pl011 pl011\n";
    char *text = exact_copy(good, strlen(good));

    (void)state;
    assert_int_equal(read_all(text, strlen(good)), 3);
    for (size_t at = 0; at < strlen(good); at++) {
        for (unsigned value = 0; value < 256; value++) {
            text[at] = (char)value;
            (void)read_all(text, strlen(good));
        }
        text[at] = good[at];
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("BOOTFILE-SPAWN-001 a program with its arguments", test_spawn),
        TEST("BOOTFILE-SPAWN-002 every option is read", test_options),
        TEST("BOOTFILE-DRIVER-001 a device's name, its program and options", test_driver),
        TEST("BOOTFILE-SET-001 a key and one word", test_set),
        TEST("BOOTFILE-LINE-001 lines are counted, comments and empty ones passed", test_lines),
        TEST("BOOTFILE-LINE-002 a file may say nothing", test_empty),
        TEST("BOOTFILE-LINE-003 after an error the next line is read", test_goes_on),
        TEST("BOOTFILE-LINE-004 lines, words and files have no greatest length", test_long),
        TEST("BOOTFILE-BAD-001 what is missing, double or no value is a syntax error with its line",
             test_syntax),
        TEST("BOOTFILE-BAD-002 unknown statements, options and policies are told", test_keywords),
        TEST("BOOTFILE-BAD-003 a core the machine does not have is told", test_cores),
        TEST("BOOTFILE-BAD-004 a quotation mark must be closed in its line", test_quotes),
        TEST("BOOTFILE-BAD-005 an error leaves the statement untouched", test_untouched),
        TEST("BOOTFILE-HOSTILE-001 100,000 random texts: refused with their line, or consistent",
             test_random),
        TEST("BOOTFILE-HOSTILE-002 every value of every byte: refused, or consistent", test_every_byte),
    };
    return cmocka_run_group_tests_name("boot_file", tests, NULL, NULL);
}
