/* SPDX-License-Identifier: MIT */
/* Commands when things go wrong around them: no memory, no terminal, nonsense. */
#include "command_test.h"

/* Each line with each of its requests for memory refused, one after the other: either all goes well, or the
 * command says so. Nothing is lost, and the shell works afterwards. */
static void lack_of_memory_is_said(void **state)
{
    static const char *const lines[] = {
        "help",
        "ls -l",
        "cat boot.txt",
        "ps",
        "ps -l",
        "ps -n",
        "spawn hello a b",
        "spawn hello a b &",
        "jobs",
        "wait hello",
        "mem",
        "mem -l",
        "mem -n",
        "caps",
        "caps -n demo",
        "vm -n demo",
        "vm",
        "waits",
        "cores",
        "dmesg",
        "log",
        "log a b",
        "ns ls -l",
        "call demo.echo",
        "call demo.echo odd true 0xff",
        "expect PEER_GONE kill foo",
        "! kill foo",
        "frobnicate",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(lines); i++) {
        bool refused = true;
        for (size_t nth = 1; refused; nth++) {
            struct shell sh;
            fake_reset();
            shell_init(&sh, &fake_system, &test_memory, 10);
            test_memory_refuse(nth);
            bool good = shell_run_line(&sh, lines[i], strlen(lines[i]));
            refused = test_memory_refused();
            if (!good) {
                assert_true(shell_message(&sh)[0] != '\0');
            }
            buffer_clear(&fake.written);
            assert_true(shell_run_line(&sh, "echo works", 10));
            assert_string_equal(buffer_text(&fake.written), "works\n");
            shell_free(&sh);
            fake_free();
            assert_int_equal(test_memory_blocks(), 0);
        }
    }
}

/* More output than is collected at once comes out whole and in order. */
static void much_output_is_whole(void **state)
{
    struct shell sh;

    (void)state;
    fake_reset();
    shell_init(&sh, &fake_system, &test_memory, 10);
    assert_true(shell_run_line(&sh, "repeat 2000 echo line", 21));
    assert_int_equal(fake.written.length, 2000 * 5);
    assert_memory_equal(fake.written.bytes + 9995, "line\n", 5);
    shell_free(&sh);
    fake_free();
}

/* A terminal that is gone ends the shell, whatever the line still wants. */
static void a_lost_terminal_ends_the_shell(void **state)
{
    struct shell sh;

    (void)state;
    fake_reset();
    give("-write");
    shell_init(&sh, &fake_system, &test_memory, 10);
    assert_true(shell_run_line(&sh, "repeat 1000000 echo line; poweroff", 34));
    assert_true(sh.leaving);
    assert_int_equal(sh.status, STATUS_FAILED);
    assert_int_equal(fake.actions.length, 0);
    shell_free(&sh);
    fake_free();
}

/* Random words from what the shell knows: no tool complains, and every failure has a sentence. */
static void random_commands_harm_nothing(void **state)
{
    static const char *const words[] = {
        "help",     "echo",      "ls",
        "cat",      "ps",        "spawn",
        "oncore",   "jobs",      "wait",
        "kill",     "mem",       "caps",
        "vm",       "waits",     "cores",
        "ns",       "call",      "time",
        "repeat",   "sleep",     "uptime",
        "dmesg",    "log",       "history",
        "-n",       "-l",        "-c",
        "--",       "-",         "1",
        "2",        "0",         "99999999999999999999",
        "hello",    "demo.echo", "add",
        "where",    "%1",        "%",
        "!",        "expect",    "PEER_GONE",
        "&",        ";",         "\"\"",
        "boot.txt", "names",     "demo",
        "\xc3\xa9",
    };
    unsigned random = 5;

    (void)state;
    fake_reset();
    for (int i = 0; i < 20000; i++) {
        struct shell sh;
        struct buffer line;
        buffer_init(&line, &test_memory);
        shell_init(&sh, &fake_system, &test_memory, 10);
        for (int n = 0; n < 8; n++) {
            random = random * 1103515245u + 12345u;
            buffer_format(&line, "%s ", words[random / 65536 % ARRAY_LENGTH(words)]);
        }
        if (!shell_run_line(&sh, line.bytes, line.length)) {
            assert_true(shell_message(&sh)[0] != '\0');
            assert_null(strchr(shell_message(&sh), '\n'));
        }
        shell_free(&sh);
        buffer_free(&line);
        buffer_clear(&fake.written);
        if (fake.process_count > FAKE_PROCESSES - 8) {
            fake_free();
            fake_reset();
        }
    }
    fake_free();
    assert_int_equal(test_memory_blocks(), 0);
}

int main(void)
{
    static const struct CMUnitTest more[] = {
        TEST("SHELL-CMD-900 lack of memory at any point of any command is said", lack_of_memory_is_said),
        TEST("SHELL-CMD-901 much output comes out whole", much_output_is_whole),
        TEST("SHELL-CMD-902 a terminal that is gone ends the shell", a_lost_terminal_ends_the_shell),
        TEST("SHELL-CMD-903 20,000 random lines of known words harm nothing", random_commands_harm_nothing),
    };
    return run_rows(NULL, 0, 0, NULL, more, ARRAY_LENGTH(more));
}
