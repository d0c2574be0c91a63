/* SPDX-License-Identifier: MIT */
/* The shell as a program: scripts, sessions at a terminal, completion, its own arguments. All that it writes,
 * byte by byte. */
#include "command_test.h"

#include "program.h"

struct case_row {
    const char *name;
    const char *given;
    const char *arguments[5]; /* behind the program's name */
    const char *input;        /* of the terminal */
    bool plain;               /* the terminal is none */
    const char *written;
    const char *actions;
    int status;
};

#define USAGE                                                                                                \
    "usage: shell [OPTION...] [-c CMDS | --script FILE | --script -]\n"                                      \
    "  -c CMDS          runs these lines as a script\n"                                                      \
    "  --script FILE    runs a script from the boot archive; -: from the terminal's input\n"                 \
    "  --poweroff       when the shell ends, powers the machine off with its exit status\n"                  \
    "  --history N      keeps so many lines (500)\n"                                                         \
    "  --columns N      width of the terminal, when it does not tell (80)\n"                                 \
    "Without a script: at a terminal a prompt; otherwise runs the input's lines and shows nothing else.\n"   \
    "A script ends at its first failing line, with exit status 1.\n"

#define BANNER                                                                                               \
    "Mudskipper 0.1.0 on fake, 2 cores\n"                                                                    \
    "To try: help, ps, cores, mem, ns ls, call NAME. Tab completes.\n"                                       \
    "To leave: poweroff, or Ctrl-A x at any time.\n"

/* The prompt, and a row drawn anew. */
#define P      "msk> "
#define ROW(s) "\rmsk> " s "\x1b[K"

static const struct case_row rows[] = {
    /* scripts */
    {"SHELL-PROG-001 a script shows its lines behind the prompt",
     "",
     {"-c", "echo a\necho b"},
     NULL,
     true,
     "msk> echo a\na\nmsk> echo b\nb\n",
     "",
     0},
    {"SHELL-PROG-002 comments are shown, blank lines are blank",
     "",
     {"-c", "# story\n\n  \necho a # b"},
     NULL,
     true,
     "msk> # story\n\n\nmsk> echo a # b\na\n",
     "",
     0},
    {"SHELL-PROG-003 a script stops at its first failing line and names it",
     "",
     {"-c", "echo a\n\n# c\nkill nobody\necho b"},
     NULL,
     true,
     "msk> echo a\na\n\nmsk> # c\nmsk> kill nobody\nline 4: kill: no process is called nobody\n",
     "",
     1},
    {"SHELL-PROG-004 a line that cannot be read is a failing line",
     "",
     {"-c", "echo \"a"},
     NULL,
     true,
     "msk> echo \"a\nline 1: column 6: this \" is not closed\n",
     "",
     1},
    {"SHELL-PROG-005 carriage returns before line feeds do not count",
     "",
     {"-c", "echo a\r\necho b\r\n"},
     NULL,
     true,
     "msk> echo a\na\nmsk> echo b\nb\n",
     "",
     0},
    {"SHELL-PROG-006 control characters of a script are shown, not obeyed",
     "",
     {"-c", "echo \x1b[2J"},
     NULL,
     true,
     "msk> echo \\x1b[2J\nline 1: column 6: control characters are not text\n",
     "",
     1},
    {"SHELL-PROG-007 exit ends a script with its code",
     "",
     {"-c", "exit 3\necho b"},
     NULL,
     true,
     "msk> exit 3\n",
     "",
     3},
    {"SHELL-PROG-008 poweroff ends a script with its code",
     "",
     {"-c", "ps -n; poweroff 7\necho b"},
     NULL,
     true,
     "msk> ps -n; poweroff 7\nCORE  NAME\n   0  init\n   0  names\n   0  shell\n   1  demo\n   1  init\n",
     "power off 7\n",
     7},
    {"SHELL-PROG-009 an empty script is a good one", "", {"-c", ""}, NULL, true, "", "", 0},
    {"SHELL-PROG-010 what does not end in a line feed does not swallow the prompt",
     "",
     {"-c", "cat bin/counter\necho a"},
     NULL,
     true,
     "msk> cat bin/counter\n\\x7fELF\nmsk> echo a\na\n",
     "",
     0},
    {"SHELL-PROG-011 a script from the archive",
     "",
     {"--script", "first.msk"},
     NULL,
     true,
     "msk> echo one\none\n\nmsk> # a comment\nmsk> kill nobody\nline 4: kill: no process is called nobody\n",
     "",
     1},
    {"SHELL-PROG-012 a script that is not in the archive",
     "",
     {"--script", "nope.msk"},
     NULL,
     true,
     "shell: script nope.msk: archive: no such file\n",
     "",
     2},
    {"SHELL-PROG-013 a script from the input, to its end",
     "",
     {"--script", "-"},
     "echo a\necho b",
     true,
     "msk> echo a\na\nmsk> echo b\nb\n",
     "",
     0},
    {"SHELL-PROG-014 a script from the input, to Ctrl-D",
     "",
     {"--script", "-"},
     "echo a\n\x04"
     "echo b\n",
     true,
     "msk> echo a\na\n",
     "",
     0},
    {"SHELL-PROG-015 a script from the input stops at its first failing line",
     "",
     {"--script", "-"},
     "\nkill nobody\necho b\n",
     true,
     "\nmsk> kill nobody\nline 2: kill: no process is called nobody\n",
     "",
     1},
    {"SHELL-PROG-016 a script from a terminal shows nothing but its transcript",
     "",
     {"--script", "-"},
     "echo a\n",
     false,
     "msk> echo a\na\n",
     "",
     0},
    {"SHELL-PROG-017 a script does not announce jobs",
     "",
     {"-c", "spawn hello &\nsleep 100\necho a"},
     NULL,
     false,
     "msk> spawn hello &\n[1] hello\nmsk> sleep 100\nmsk> echo a\na\n",
     "spawn & [hello] on 0\n",
     0},
    {"SHELL-PROG-018 the machine ends with the script's status",
     "",
     {"--poweroff", "-c", "kill nobody"},
     NULL,
     true,
     "msk> kill nobody\nline 1: kill: no process is called nobody\n",
     "power off 1\n",
     1},
    {"SHELL-PROG-019 the machine cannot be ended",
     "-power_off",
     {"--poweroff", "-c", ""},
     NULL,
     true,
     "shell: the machine cannot be powered off: the peer is gone\n",
     "",
     0},
    {"SHELL-PROG-021 Ctrl-C in a script from the input drops the line",
     "",
     {"--script", "-"},
     "kill 1\x03"
     "echo a\n",
     true,
     "msk> echo a\na\n",
     "",
     0},
    {"SHELL-PROG-020 the input cannot be read", "-read", {"--script", "-"}, "echo a\n", true, "", "", 1},

    /* piped, no script */
    {"SHELL-PROG-030 lines piped in show no prompt", "", {NULL}, "echo a\necho b\n", true, "a\nb\n", "", 0},
    {"SHELL-PROG-031 and go on after a failure",
     "",
     {NULL},
     "kill nobody\necho b\n",
     true,
     "kill: no process is called nobody\nb\n",
     "",
     0},
    {"SHELL-PROG-032 a terminal that cannot be asked is none",
     "-terminal",
     {NULL},
     "echo a\n",
     false,
     "a\n",
     "",
     0},

    /* arguments */
    {"SHELL-PROG-040 help", "", {"--help"}, NULL, true, USAGE, "", 0},
    {"SHELL-PROG-041 an unknown argument",
     "",
     {"--frob"},
     NULL,
     true,
     "shell: --frob is no argument of the shell\n" USAGE,
     "",
     2},
    {"SHELL-PROG-042 a missing value", "", {"-c"}, NULL, true, "shell: -c wants a value\n" USAGE, "", 2},
    {"SHELL-PROG-043 a number that is none",
     "",
     {"--history", "x"},
     NULL,
     true,
     "shell: x is not a number\n" USAGE,
     "",
     2},
    {"SHELL-PROG-044 a script and commands",
     "",
     {"-c", "ls", "--script", "-"},
     NULL,
     true,
     "shell: -c and --script exclude each other\n" USAGE,
     "",
     2},
    {"SHELL-PROG-045 a terminal too wide",
     "",
     {"--columns", "65536"},
     NULL,
     true,
     "shell: --columns wants a number of at most 65535\n" USAGE,
     "",
     2},

    /* sessions */
    {"SHELL-PROG-050 a banner, a prompt, and Ctrl-D leaves", "", {NULL}, "\x04", false, BANNER P "\n", "", 0},
    {"SHELL-PROG-051 the end of the input leaves", "", {NULL}, "", false, BANNER P "\n", "", 0},
    {"SHELL-PROG-052 a banner with what is known",
     "-machine",
     {NULL},
     "\x04",
     false,
     "Mudskipper, 2 cores\nTo try: help, ps, cores, mem, ns ls, call NAME. Tab completes.\nTo leave: "
     "poweroff, or Ctrl-A x at "
     "any time.\n" P "\n",
     "",
     0},
    {"SHELL-PROG-053 a line is run", "", {NULL}, "echo a\r\x04", false, BANNER P "echo a\na\n" P "\n", "", 0},
    {"SHELL-PROG-054 a failure is told, and the session goes on",
     "",
     {NULL},
     "kill nobody\r\x04",
     false,
     BANNER P "kill nobody\nkill: no process is called nobody\n" P "\n",
     "",
     0},
    {"SHELL-PROG-055 Ctrl-C drops the line",
     "",
     {NULL},
     "ech\x03\x04",
     false,
     BANNER P "ech^C\n" P "\n",
     "",
     0},
    {"SHELL-PROG-056 history",
     "",
     {NULL},
     "echo a\r\x1b[A\rhistory\r\x04",
     false,
     BANNER P "echo a\na\n" P ROW("echo a") "\na\n" P "history\necho a\nhistory\n" P "\n",
     "",
     0},
    {"SHELL-PROG-057 no history",
     "",
     {"--history", "0"},
     "echo a\r\x1b[A\x04",
     false,
     BANNER P "echo a\na\n" P "\a\n",
     "",
     0},
    {"SHELL-PROG-058 jobs that ended are told before the prompt",
     "",
     {NULL},
     "spawn hello &\rsleep 100\r\x04",
     false,
     BANNER P "spawn hello &\n[1] hello\n" P "sleep 100\n[1] hello: ended with exit code 0\n" P "\n",
     "spawn & [hello] on 0\n",
     0},
    {"SHELL-PROG-059 poweroff",
     "",
     {NULL},
     "poweroff 5\recho no\r",
     false,
     BANNER P "poweroff 5\n",
     "power off 5\n",
     5},
    {"SHELL-PROG-060 leaving ends the machine when that was asked for",
     "",
     {"--poweroff"},
     "\x04",
     false,
     BANNER P "\n",
     "power off 0\n",
     0},
    {"SHELL-PROG-061 a prompt begins its own line",
     "",
     {NULL},
     "cat bin/counter\r\x04",
     false,
     BANNER P "cat bin/counter\n\\x7fELF\n" P "\n",
     "",
     0},
    {"SHELL-PROG-062 the width may be given",
     "",
     {"--columns", "14"},
     "abcdefghi\x03\x04",
     false,
     BANNER P "abcdefg" ROW("<cdefgh") ROW("<defghi") "^C\n" P "\n",
     "",
     0},
    {"SHELL-PROG-063 the terminal cannot be read", "-read", {NULL}, "echo a\r", false, BANNER P, "", 1},

    /* completion: typed and Tab, then Ctrl-C and Ctrl-D */
    {"SHELL-PROG-070 Tab completes a command",
     "",
     {NULL},
     "hel\t\x03\x04",
     false,
     BANNER P "hel" ROW("help ") "^C\n" P "\n",
     "",
     0},
    {"SHELL-PROG-071 Tab lists commands",
     "",
     {NULL},
     "re\t\x03\x04",
     false,
     BANNER P "re\nreboot  repeat\n" ROW("re") "^C\n" P "\n",
     "",
     0},
    {"SHELL-PROG-072 Tab completes a program",
     "",
     {NULL},
     "spawn h\t\x03\x04",
     false,
     BANNER P "spawn h" ROW("spawn hello ") "^C\n" P "\n",
     "",
     0},
    {"SHELL-PROG-073 Tab completes a program behind options",
     "",
     {NULL},
     "spawn -c 1 c\t\x03\x04",
     false,
     BANNER P "spawn -c 1 c" ROW("spawn -c 1 counter ") "^C\n" P "\n",
     "",
     0},
    {"SHELL-PROG-074 Tab lists cores",
     "",
     {NULL},
     "spawn -c \t\x03\x04",
     false,
     BANNER P "spawn -c \n0  1  2\n" ROW("spawn -c ") "^C\n" P "\n",
     "",
     0},
    {"SHELL-PROG-075 Tab completes after a core",
     "",
     {NULL},
     "oncore 1 h\t\x03\x04",
     false,
     BANNER P "oncore 1 h" ROW("oncore 1 hello ") "^C\n" P "\n",
     "",
     0},
    {"SHELL-PROG-076 Tab completes a process",
     "",
     {NULL},
     "kill d\t\x03\x04",
     false,
     BANNER P "kill d" ROW("kill demo ") "^C\n" P "\n",
     "",
     0},
    {"SHELL-PROG-077 Tab offers a name once that several processes have",
     "",
     {NULL},
     "kill i\t\x03\x04",
     false,
     BANNER P "kill i" ROW("kill init ") "^C\n" P "\n",
     "",
     0},
    {"SHELL-PROG-078 Tab completes a service as far as it is certain",
     "",
     {NULL},
     "call d\t\x03\x04",
     false,
     BANNER P "call d" ROW("call demo.") "^C\n" P "\n",
     "",
     0},
    {"SHELL-PROG-079 Tab completes a method",
     "",
     {NULL},
     "call demo.echo w\t\x03\x04",
     false,
     BANNER P "call demo.echo w" ROW("call demo.echo where ") "^C\n" P "\n",
     "",
     0},
    {"SHELL-PROG-080 Tab completes ns",
     "",
     {NULL},
     "ns \tsy\t\x03\x04",
     false,
     BANNER P "ns " ROW("ns ls ") "sy" ROW("ns ls sys.names ") "^C\n" P "\n",
     "",
     0},
    {"SHELL-PROG-081 Tab quotes what needs it",
     "",
     {NULL},
     "cat od\t\x03\x04",
     false,
     BANNER P "cat od" ROW("cat odd\\ name ") "^C\n" P "\n",
     "",
     0},
    {"SHELL-PROG-082 Tab completes inside quotes",
     "",
     {NULL},
     "cat \"od\t\x03\x04",
     false,
     BANNER P "cat \"od" ROW("cat odd\\ name ") "^C\n" P "\n",
     "",
     0},
    {"SHELL-PROG-083 Tab completes the second command of a line",
     "",
     {NULL},
     "ls; upt\t\x03\x04",
     false,
     BANNER P "ls; upt" ROW("ls; uptime ") "^C\n" P "\n",
     "",
     0},
    {"SHELL-PROG-084 Tab completes behind a !",
     "",
     {NULL},
     "! ki\t\x03\x04",
     false,
     BANNER P "! ki" ROW("! kill ") "^C\n" P "\n",
     "",
     0},
    {"SHELL-PROG-085 Tab completes errors and what follows them",
     "",
     {NULL},
     "exp\tPEER\tki\t\x03\x04",
     false,
     BANNER P "exp" ROW("expect ") "PEER" ROW("expect PEER_GONE ") "ki" ROW("expect PEER_GONE kill ") "^C\n" P
                                                                                                      "\n",
     "",
     0},
    {"SHELL-PROG-086 Tab completes a command in a command",
     "",
     {NULL},
     "repeat 2 time sp\th\t\x03\x04",
     false,
     BANNER P "repeat 2 time sp" ROW("repeat 2 time spawn ") "h" ROW("repeat 2 time spawn hello ") "^C\n" P
                                                                                                   "\n",
     "",
     0},
    {"SHELL-PROG-087 Tab lists options",
     "",
     {NULL},
     "mem -\t\x03\x04",
     false,
     BANNER P "mem -\n-l  -n\n" ROW("mem -") "^C\n" P "\n",
     "",
     0},
    {"SHELL-PROG-088 Tab rings where nothing is known",
     "",
     {NULL},
     "sleep \t\x03\x04",
     false,
     BANNER P "sleep \a^C\n" P "\n",
     "",
     0},
    {"SHELL-PROG-089 Tab rings when the system cannot tell",
     "-names",
     {NULL},
     "call d\t\x03\x04",
     false,
     BANNER P "call d\a^C\n" P "\n",
     "",
     0},
    {"SHELL-PROG-090 Tab rings for an unknown command",
     "",
     {NULL},
     "frob x\t\x03\x04",
     false,
     BANNER P "frob x\a^C\n" P "\n",
     "",
     0},
    {"SHELL-PROG-091 Tab completes help",
     "",
     {NULL},
     "help po\t\x03\x04",
     false,
     BANNER P "help po" ROW("help poweroff ") "^C\n" P "\n",
     "",
     0},
};

static int run_program(const struct case_row *r)
{
    char *argv[7] = {"shell"};
    int argc = 1;

    for (; argc < 6 && r->arguments[argc - 1]; argc++) {
        argv[argc] = (char *)(uintptr_t)r->arguments[argc - 1];
    }
    return shell_program(&fake_system, &test_memory, argc, argv);
}

static void program_does(void **state)
{
    const struct case_row *r = *state;

    fake_reset();
    give(r->given);
    fake.input = r->input;
    fake.terminal.interactive = !r->plain;
    int status = run_program(r);
    assert_string_equal(buffer_text(&fake.written), r->written);
    assert_string_equal(buffer_text(&fake.actions), r->actions);
    assert_int_equal(status, r->status);
    fake_free();
    assert_int_equal(test_memory_blocks(), 0);
}

/* However the input is cut, the same comes out. */
static void pieces_of_input_make_no_difference(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        for (size_t piece = 1; rows[i].input && piece < 4; piece++) {
            fake_reset();
            give(rows[i].given);
            fake.input = rows[i].input;
            fake.input_piece = piece;
            fake.terminal.interactive = !rows[i].plain;
            assert_int_equal(run_program(&rows[i]), rows[i].status);
            assert_string_equal(buffer_text(&fake.written), rows[i].written);
            fake_free();
        }
    }
}

/* Every request for memory of every row refused once: the program ends and gives everything back. */
static void lack_of_memory_ends_cleanly(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        bool refused = true;
        for (size_t nth = 1; refused; nth++) {
            fake_reset();
            give(rows[i].given);
            fake.input = rows[i].input;
            fake.terminal.interactive = !rows[i].plain;
            test_memory_refuse(nth);
            run_program(&rows[i]);
            refused = test_memory_refused();
            fake_free();
            assert_int_equal(test_memory_blocks(), 0);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest more[] = {
        TEST("SHELL-PROG-900 however the input is cut, the same comes out",
             pieces_of_input_make_no_difference),
        TEST("SHELL-PROG-901 lack of memory at any point ends cleanly", lack_of_memory_ends_cleanly),
    };
    return run_rows(rows, sizeof(rows[0]), ARRAY_LENGTH(rows), program_does, more, ARRAY_LENGTH(more));
}
