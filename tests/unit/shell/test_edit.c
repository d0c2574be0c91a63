/* SPDX-License-Identifier: MIT */
/* The line editor, byte by byte: what is typed, what is shown, which line results. The prompt is "> ". */
#include "test.h"

#include "edit.h"

#define LEFT       "\x1b[D"
#define RIGHT      "\x1b[C"
#define UP         "\x1b[A"
#define DOWN       "\x1b[B"
#define HOME       "\x1b[H"
#define END        "\x1b[F"
#define DELETE     "\x1b[3~"
#define CTRL_LEFT  "\x1b[1;5D"
#define CTRL_RIGHT "\x1b[1;5C"

/* What the editor shows: the row anew, with the cursor at its end or in column n. */
#define ROW(text)  "\r> " text "\x1b[K"
#define AT(n)      "\r\x1b[" #n "C"
#define FIND(text) "\r" text "\x1b[K"

struct row {
    const char *name;
    const char *keys;
    const char *shown; /* after the first prompt */
    const char *line;  /* when the keys are used up */
    enum edit_event event;
    unsigned columns; /* 0: 40 */
};

static const struct row rows[] = {
    {"SHELL-EDIT-001 typing echoes", "ab", "ab", "ab", EDIT_MORE, 0},
    {"SHELL-EDIT-002 Enter completes the line", "ab\r", "ab\n", "ab", EDIT_LINE, 0},
    {"SHELL-EDIT-003 a line feed is Enter too", "ab\n", "ab\n", "ab", EDIT_LINE, 0},
    {"SHELL-EDIT-004 an empty line is a line", "\r", "\n", "", EDIT_LINE, 0},
    {"SHELL-EDIT-005 Left and insert", "ac" LEFT "b", "ac" ROW("ac") AT(3) ROW("abc") AT(4), "abc", EDIT_MORE,
     0},
    {"SHELL-EDIT-006 Left stops at the start", "a" LEFT LEFT "b", "a" ROW("a") AT(2) ROW("ba") AT(3), "ba",
     EDIT_MORE, 0},
    {"SHELL-EDIT-007 Right stops at the end", "a" RIGHT "b", "ab", "ab", EDIT_MORE, 0},
    {"SHELL-EDIT-008 Ctrl-B and Ctrl-F",
     "ab\x02\x02\x06"
     "c",
     "ab" ROW("ab") AT(3) ROW("ab") AT(2) ROW("ab") AT(3) ROW("acb") AT(4), "acb", EDIT_MORE, 0},
    {"SHELL-EDIT-009 arrows in application mode",
     "ab\x1bOD"
     "c",
     "ab" ROW("ab") AT(3) ROW("acb") AT(4), "acb", EDIT_MORE, 0},
    {"SHELL-EDIT-010 Home and End", "ab" HOME "c" END "d",
     "ab" ROW("ab") AT(2) ROW("cab") AT(3) ROW("cab") "d", "cabd", EDIT_MORE, 0},
    {"SHELL-EDIT-011 Ctrl-A and Ctrl-E",
     "ab\x01"
     "c\x05"
     "d",
     "ab" ROW("ab") AT(2) ROW("cab") AT(3) ROW("cab") "d", "cabd", EDIT_MORE, 0},
    {"SHELL-EDIT-012 Home and End of rxvt and the Linux console", "ab\x1b[1~c\x1b[4~d\x1b[7~e\x1b[8~f",
     "ab" ROW("ab") AT(2) ROW("cab") AT(3) ROW("cab") "d" ROW("cabd") AT(2) ROW("ecabd") AT(3)
         ROW("ecabd") "f",
     "ecabdf", EDIT_MORE, 0},
    {"SHELL-EDIT-013 Backspace", "ab\x7f", "ab" ROW("a"), "a", EDIT_MORE, 0},
    {"SHELL-EDIT-014 Ctrl-H is Backspace", "ab\x08", "ab" ROW("a"), "a", EDIT_MORE, 0},
    {"SHELL-EDIT-015 Backspace at the start rings", "\x7f", "\a", "", EDIT_MORE, 0},
    {"SHELL-EDIT-016 Delete", "ab" LEFT LEFT DELETE, "ab" ROW("ab") AT(3) ROW("ab") AT(2) ROW("b") AT(2), "b",
     EDIT_MORE, 0},
    {"SHELL-EDIT-017 Delete at the end rings", "a" DELETE, "a\a", "a", EDIT_MORE, 0},
    {"SHELL-EDIT-018 Ctrl-D deletes in a line", "ab" LEFT "\x04", "ab" ROW("ab") AT(3) ROW("a"), "a",
     EDIT_MORE, 0},
    {"SHELL-EDIT-019 Ctrl-D in an empty line leaves", "\x04", "\n", "", EDIT_LEAVE, 0},
    {"SHELL-EDIT-020 Ctrl-C drops the line", "ab\x03", "ab^C\n", "", EDIT_CANCELLED, 0},
    {"SHELL-EDIT-021 Ctrl-K and Ctrl-Y", "abc" LEFT LEFT "\x0b\x19\x19",
     "abc" ROW("abc") AT(4) ROW("abc") AT(3) ROW("a") "bc"
                                                      "bc",
     "abcbc", EDIT_MORE, 0},
    {"SHELL-EDIT-022 Ctrl-U", "abc" LEFT "\x15", "abc" ROW("abc") AT(4) ROW("c") AT(2), "c", EDIT_MORE, 0},
    {"SHELL-EDIT-023 Ctrl-W takes a word with the blanks behind", "a bc  \x17", "a bc  " ROW("a "), "a ",
     EDIT_MORE, 0},
    {"SHELL-EDIT-024 neighbouring Ctrl-W come back as one", "a b c\x17\x17\x19",
     "a b c" ROW("a b ") ROW("a ") "b c", "a b c", EDIT_MORE, 0},
    {"SHELL-EDIT-025 a key between makes two of them",
     "a b\x17"
     "x\x17\x19",
     "a b" ROW("a ") "x" ROW("a ") "x", "a x", EDIT_MORE, 0},
    {"SHELL-EDIT-026 removing nothing rings and keeps what was removed", "ab\x15\x15\x19",
     "ab" ROW("") "\a"
                  "ab",
     "ab", EDIT_MORE, 0},
    {"SHELL-EDIT-027 words with Ctrl and arrows", "ab cd" CTRL_LEFT CTRL_LEFT CTRL_RIGHT "x",
     "ab cd" ROW("ab cd") AT(5) ROW("ab cd") AT(2) ROW("ab cd") AT(4) ROW("abx cd") AT(5), "abx cd",
     EDIT_MORE, 0},
    {"SHELL-EDIT-028 words with Meta",
     "ab-cd\x1b"
     "b\x1b"
     "b\x1b"
     "fx",
     "ab-cd" ROW("ab-cd") AT(5) ROW("ab-cd") AT(2) ROW("ab-cd") AT(4) ROW("abx-cd") AT(5), "abx-cd",
     EDIT_MORE, 0},
    {"SHELL-EDIT-029 Meta-d and Meta-Backspace",
     "ab cd ef\x1b"
     "b\x1b"
     "b\x1b"
     "d\x1b\x7f",
     "ab cd ef" ROW("ab cd ef") AT(8) ROW("ab cd ef") AT(5) ROW("ab  ef") AT(5) ROW(" ef") AT(2), " ef",
     EDIT_MORE, 0},
    {"SHELL-EDIT-030 a character of two bytes is one step", "\xc3\xa9" LEFT "a",
     "\xc3\xa9" ROW("\xc3\xa9") AT(2) ROW("a\xc3\xa9") AT(3), "a\xc3\xa9", EDIT_MORE, 0},
    {"SHELL-EDIT-031 Backspace takes the whole character", "a\xe2\x82\xac\x7f", "a\xe2\x82\xac" ROW("a"), "a",
     EDIT_MORE, 0},
    {"SHELL-EDIT-032 a combining mark goes with its letter", "ae\xcc\x81\x7f", "ae\xcc\x81" ROW("a"), "a",
     EDIT_MORE, 0},
    {"SHELL-EDIT-033 a wide character takes two columns",
     "\xe6\xbc\xa2"
     "b" LEFT,
     "\xe6\xbc\xa2"
     "b" ROW("\xe6\xbc\xa2"
             "b") AT(4),
     "\xe6\xbc\xa2"
     "b",
     EDIT_MORE, 0},
    {"SHELL-EDIT-034 bytes that are no UTF-8 ring",
     "a\xff"
     "b\xc3(",
     "a\a"
     "b(",
     "ab(", EDIT_MORE, 0},
    {"SHELL-EDIT-035 an unknown sequence is swallowed",
     "a\x1b[15~\x1b[?25h\x1bOP\x1b[[A"
     "b",
     "ab", "ab", EDIT_MORE, 0},
    {"SHELL-EDIT-036 Ctrl-C in the middle of a sequence works", "a\x1b[1;\x03", "a^C\n", "", EDIT_CANCELLED,
     0},
    {"SHELL-EDIT-037 other control keys do nothing",
     "a\x0f\x11\x1d"
     "b",
     "ab", "ab", EDIT_MORE, 0},
    {"SHELL-EDIT-038 Ctrl-L clears the screen", "ab" LEFT "\x0c",
     "ab" ROW("ab") AT(3) "\x1b[H\x1b[2J" ROW("ab") AT(3), "ab", EDIT_MORE, 0},
    {"SHELL-EDIT-039 Ctrl-G rings", "a\x07", "a\a", "a", EDIT_MORE, 0},

    {"SHELL-EDIT-040 Up shows the newest line", UP, ROW("second"), "second", EDIT_MORE, 0},
    {"SHELL-EDIT-041 Up goes back and rings at the oldest", UP UP UP, ROW("second") ROW("first") "\a",
     "first", EDIT_MORE, 0},
    {"SHELL-EDIT-042 Down comes back to the own line", "own" UP UP DOWN DOWN,
     "own" ROW("second") ROW("first") ROW("second") ROW("own"), "own", EDIT_MORE, 0},
    {"SHELL-EDIT-043 Down below the own line rings", "own" DOWN, "own\a", "own", EDIT_MORE, 0},
    {"SHELL-EDIT-044 Ctrl-P and Ctrl-N", "\x10\x0e", ROW("second") ROW(""), "", EDIT_MORE, 0},
    {"SHELL-EDIT-045 a line from the history can be edited", UP "\x7f\r", ROW("second") ROW("secon") "\n",
     "secon", EDIT_LINE, 0},

    {"SHELL-EDIT-050 Ctrl-R finds as one types",
     "\x12"
     "rs",
     FIND("search '': ") FIND("search 'r': first") AT(14) FIND("search 'rs': first") AT(15), "first",
     EDIT_MORE, 0},
    {"SHELL-EDIT-051 Ctrl-R again finds an older one",
     "\x12"
     "s\x12",
     FIND("search '': ") FIND("search 's': second") AT(12) FIND("search 's': first") AT(15), "first",
     EDIT_MORE, 0},
    {"SHELL-EDIT-052 nothing found rings and keeps what was",
     "\x12"
     "sx",
     FIND("search '': ") FIND("search 's': second") AT(12) "\a" FIND("no match 'sx': second") AT(15),
     "second", EDIT_MORE, 0},
    {"SHELL-EDIT-053 Ctrl-G brings the line back", "own\x12s\x07",
     "own" FIND("search '': own") FIND("search 's': second") AT(12) ROW("own"), "own", EDIT_MORE, 0},
    {"SHELL-EDIT-054 Enter takes the found line",
     "\x12"
     "fi\r",
     FIND("search '': ") FIND("search 'f': first") AT(12) FIND("search 'fi': first") AT(13) ROW("first")
         AT(2) "\n",
     "first", EDIT_LINE, 0},
    {"SHELL-EDIT-055 another key takes the found line and acts",
     "\x12"
     "fi" END "!",
     FIND("search '': ") FIND("search 'f': first") AT(12) FIND("search 'fi': first") AT(13) ROW("first") AT(2)
         ROW("first") "!",
     "first!", EDIT_MORE, 0},
    {"SHELL-EDIT-056 Backspace shortens the search",
     "\x12"
     "rs\x7f\x7f\x7f",
     FIND("search '': ") FIND("search 'r': first") AT(14) FIND("search 'rs': first") AT(15)
         FIND("search 'r': first") AT(14) FIND("search '': first") AT(13) "\a",
     "first", EDIT_MORE, 0},
    {"SHELL-EDIT-057 Ctrl-C in a search only ends the search", "own\x12s\x03\x03",
     "own" FIND("search '': own") FIND("search 's': second") AT(12) ROW("own") "^C\n", "", EDIT_CANCELLED, 0},
    {"SHELL-EDIT-058 Up goes on from the found line",
     "\x12"
     "sec" UP,
     FIND("search '': ") FIND("search 's': second") AT(12) FIND("search 'se': second") AT(13)
         FIND("search 'sec': second") AT(14) ROW("second") AT(2) ROW("first"),
     "first", EDIT_MORE, 0},

    {"SHELL-EDIT-060 a line up to the last column but one is echoed", "0123456789abcdef", "0123456789abcdef",
     "0123456789abcdef", EDIT_MORE, 20},
    {"SHELL-EDIT-061 a longer one scrolls", "0123456789abcdefg", "0123456789abcdef" ROW("<23456789abcdefg"),
     "0123456789abcdefg", EDIT_MORE, 20},
    {"SHELL-EDIT-062 and comes back", "0123456789abcdefg" HOME "\x05\x7f\x7f",
     "0123456789abcdef" ROW("<23456789abcdefg") ROW("0123456789abcdef>") AT(2) ROW("<23456789abcdefg")
         ROW("0123456789abcdef") ROW("0123456789abcde"),
     "0123456789abcde", EDIT_MORE, 20},
    {"SHELL-EDIT-063 the cursor in the middle of a long line",
     "0123456789abcdefghijklmnop" HOME CTRL_RIGHT "!", NULL, "0123456789abcdefghijklmnop!", EDIT_MORE, 20},
    {"SHELL-EDIT-064 Enter with a scrolled line", "0123456789abcdefg\r",
     "0123456789abcdef" ROW("<23456789abcdefg") "\n", "0123456789abcdefg", EDIT_LINE, 20},
    {"SHELL-EDIT-065 wide characters at the edge", "aaaaaaaaaaaaaaa\xe6\xbc\xa2",
     "aaaaaaaaaaaaaaa" ROW("<aaaaaaaaaaaaa\xe6\xbc\xa2"), "aaaaaaaaaaaaaaa\xe6\xbc\xa2", EDIT_MORE, 20},
    {"SHELL-EDIT-066 a terminal with no room for the prompt", "abcdefghi\x7f",
     "\ra\x1b[K\rab\x1b[K\rabc\x1b[K\rabcd\x1b[K\rabcde\x1b[K\rabcdef\x1b[K\rabcdefg\x1b[K\r<cdefgh\x1b[K\r<"
     "defghi\x1b[K\r<cdefgh\x1b[K",
     "abcdefgh", EDIT_MORE, 9},
    {"SHELL-EDIT-067 a terminal of one column", "ab", NULL, "ab", EDIT_MORE, 1},

    {"SHELL-EDIT-070 Tab completes the only one", "he\t", "he" ROW("hello "), "hello ", EDIT_MORE, 0},
    {"SHELL-EDIT-071 Tab completes what is certain", "s\t", "s" ROW("sleep"), "sleep", EDIT_MORE, 0},
    {"SHELL-EDIT-072 and then lists", "s\t\t", "s" ROW("sleep") "\nsleep    sleeper\n" ROW("sleep"), "sleep",
     EDIT_MORE, 0},
    {"SHELL-EDIT-073 Tab with no candidate rings", "x\t", "x\a", "x", EDIT_MORE, 0},
    {"SHELL-EDIT-074 Tab in the middle keeps the rest", "he!" LEFT "\t",
     "he!" ROW("he!") AT(4) ROW("hello !") AT(8), "hello !", EDIT_MORE, 0},
    {"SHELL-EDIT-075 many candidates are counted, sorted down columns", "l\t",
     "l\nl0  l3  l6\nl1  l4  l7\nl2  l5  l8\n" ROW("l"), "l", EDIT_MORE, 15},
    {"SHELL-EDIT-076 more than fit on the screen", "l\t",
     "\rl\x1b[K\nl0  l5\nl1  l6\nl2  l7\n(3 more)\n\rl\x1b[K", "l", EDIT_MORE, 8},
};

static bool complete(void *context, const char *line, size_t cursor, struct completion *out)
{
    static const char *const hello[] = {"hello"};
    static const char *const sleep[] = {"sleep", "sleeper"};
    static const char *const many[] = {"l0", "l1", "l2", "l3", "l4", "l5", "l6", "l7", "l8"};
    const char *const *words = line[0] == 'h' ? hello : line[0] == 's' ? sleep : many;
    size_t count = line[0] == 'h' ? 1 : line[0] == 's' ? 2 : line[0] == 'l' ? 9 : 0;

    (void)context;
    (void)cursor;
    out->start = 0;
    for (size_t i = 0; i < count; i++) {
        if (!strings_add_string(&out->candidates, words[i])) {
            return false;
        }
    }
    size_t common = strings_common_prefix(&out->candidates);
    return count == 0 ||
           (buffer_append(&out->text, words[0], common) && (count > 1 || buffer_byte(&out->text, ' ')));
}

struct session {
    struct history history;
    struct edit edit;
};

static void session_init(struct session *s, unsigned columns, bool plain)
{
    struct edit_options options = {.prompt = "> ",
                                   .columns = columns > 0 ? columns : 40,
                                   .rows = 6,
                                   .plain = plain,
                                   .history = &s->history,
                                   .complete = complete};

    history_init(&s->history, &test_memory, 10);
    history_add(&s->history, "first", 5);
    history_add(&s->history, "second", 6);
    edit_init(&s->edit, &test_memory, &options);
    edit_start(&s->edit);
}

static void session_free(struct session *s)
{
    edit_free(&s->edit);
    history_free(&s->history);
    assert_int_equal(test_memory_blocks(), 0);
}

static enum edit_event type(struct session *s, const char *keys)
{
    enum edit_event event = EDIT_MORE;

    for (; *keys; keys++) {
        assert_int_equal(event, EDIT_MORE);
        event = edit_byte(&s->edit, (uint8_t)*keys);
    }
    return event;
}

static void assert_shown(struct session *s, const char *expected)
{
    size_t count;
    const char *bytes = edit_output(&s->edit, &count);

    assert_string_equal(bytes, expected);
    assert_int_equal(count, strlen(expected));
    edit_shown(&s->edit);
}

static void keys_do(void **state)
{
    const struct row *r = *state;
    struct session s;
    size_t length;

    session_init(&s, r->columns, false);
    assert_shown(&s, r->columns > 0 && r->columns < 12 ? "" : "> ");
    assert_int_equal(type(&s, r->keys), r->event);
    const char *line = edit_line(&s.edit, &length);
    assert_string_equal(line, r->line);
    assert_int_equal(length, strlen(r->line));
    if (r->shown) {
        assert_shown(&s, r->shown);
    }
    session_free(&s);
}

/* --- plain mode ---- */

static void plain_mode_shows_nothing(void **state)
{
    struct session s;
    size_t length;

    (void)state;
    session_init(&s, 0, true);
    assert_int_equal(type(&s, "a\x1b[D\tb\x04\r\n"), EDIT_LINE);
    assert_string_equal(edit_line(&s.edit, &length), "a\x1b[D\tb\x04");
    edit_start(&s.edit);
    assert_int_equal(type(&s, "gone\x03"), EDIT_CANCELLED);
    edit_start(&s.edit);
    assert_int_equal(type(&s, "\x04"), EDIT_LEAVE);
    edit_start(&s.edit);
    assert_int_equal(type(&s, "last"), EDIT_MORE);
    assert_int_equal(edit_end(&s.edit), EDIT_LINE);
    edit_start(&s.edit);
    assert_int_equal(edit_end(&s.edit), EDIT_LEAVE);
    edit_redraw(&s.edit);
    assert_shown(&s, "");
    session_free(&s);
}

static void plain_mode_runs_no_half_line(void **state)
{
    struct session s;

    (void)state;
    session_init(&s, 0, true);
    test_memory_refuse(1);
    assert_int_equal(type(&s, "kill x\n"), EDIT_NO_MEMORY);
    assert_true(test_memory_refused());
    edit_start(&s.edit);
    assert_int_equal(type(&s, "ls\n"), EDIT_LINE);
    edit_start(&s.edit);
    for (int i = 0; i < 200; i++) {
        edit_byte(&s.edit, 'x');
    }
    test_memory_refuse(1);
    for (int i = 0; i < 200; i++) {
        edit_byte(&s.edit, 'x');
    }
    assert_true(test_memory_refused());
    assert_int_equal(edit_end(&s.edit), EDIT_NO_MEMORY);
    session_free(&s);
}

/* --- the rest ---- */

static void return_and_line_feed_are_one_enter(void **state)
{
    struct session s;

    (void)state;
    session_init(&s, 0, false);
    assert_int_equal(type(&s, "a\r"), EDIT_LINE);
    edit_start(&s.edit);
    assert_int_equal(type(&s, "\n"), EDIT_MORE);
    assert_int_equal(type(&s, "\n"), EDIT_LINE);
    session_free(&s);
}

static void end_of_input_completes_the_line(void **state)
{
    struct session s;

    (void)state;
    session_init(&s, 0, false);
    type(&s, "a");
    assert_int_equal(edit_end(&s.edit), EDIT_LINE);
    edit_start(&s.edit);
    assert_int_equal(edit_end(&s.edit), EDIT_LEAVE);
    assert_shown(&s, "> a\n> \n");
    session_free(&s);
}

static void redraw_shows_prompt_and_line(void **state)
{
    struct session s;

    (void)state;
    session_init(&s, 0, false);
    type(&s, "ab" LEFT);
    edit_shown(&s.edit);
    edit_redraw(&s.edit);
    assert_shown(&s, ROW("ab") AT(3));
    session_free(&s);
}

static void a_line_has_no_largest_length(void **state)
{
    struct session s;
    size_t length;

    (void)state;
    session_init(&s, 0, false);
    for (int i = 0; i < 20000; i++) {
        edit_byte(&s.edit, 'x');
        edit_shown(&s.edit);
    }
    edit_line(&s.edit, &length);
    assert_int_equal(length, 20000);
    session_free(&s);
}

/* What a terminal would show: enough of a VT100 to run the editor's bytes, and to notice text in the last
 * column or outside the row. */
struct screen {
    char cells[64];
    size_t column, columns;
};

static void screen_put(struct screen *screen, const char *bytes)
{
    while (*bytes) {
        if (*bytes == '\r') {
            screen->column = 0;
            bytes++;
        } else if (*bytes == '\a') {
            bytes++;
        } else if (strncmp(bytes, "\x1b[K", 3) == 0) {
            memset(screen->cells + screen->column, ' ', screen->columns - screen->column);
            bytes += 3;
        } else if (*bytes == '\x1b') {
            char *end;
            screen->column += strtoul(bytes + 2, &end, 10);
            assert_int_equal(*end, 'C');
            bytes = end + 1;
        } else {
            assert_true(screen->column + 1 < screen->columns);
            screen->cells[screen->column++] = *bytes++;
        }
    }
}

/* The cursor stands on the character that the editor means, and the text around it is the line's: for random
 * editing. */
static void the_screen_shows_what_the_line_is(void **state)
{
    static const char *const keys[] = {LEFT,   RIGHT,  HOME,      END,        "\x7f", DELETE,
                                       "\x17", "\x19", CTRL_LEFT, CTRL_RIGHT, "a",    "b",
                                       "c",    "d",    " ",       "e",        "f",    "g"};
    unsigned random = 3;

    (void)state;
    for (unsigned columns = 12; columns < 40; columns += 3) {
        struct session s;
        struct screen screen = {.columns = columns};
        memset(screen.cells, ' ', sizeof(screen.cells));
        session_init(&s, columns, false);
        for (int i = 0; i < 3000; i++) {
            random = random * 1103515245u + 12345u;
            type(&s, keys[random / 65536 % ARRAY_LENGTH(keys)]);
            size_t count;
            screen_put(&screen, edit_output(&s.edit, &count));
            edit_shown(&s.edit);
            size_t length;
            const char *line = edit_line(&s.edit, &length);
            char under = s.edit.cursor < length ? line[s.edit.cursor] : ' ';
            assert_true(screen.column < columns);
            assert_int_equal(screen.cells[screen.column], under);
            if (screen.column > 3) {
                assert_int_equal(screen.cells[screen.column - 1], line[s.edit.cursor - 1]);
            }
        }
        session_free(&s);
    }
}

/* Whatever request is refused, the line is what it was before the key, or what the key makes of it. */
static void lack_of_memory_loses_no_line(void **state)
{
    static const char *const keys[] = {"a", "\x17", "\x19", UP, DOWN, "\t", "\x12", "s", "\x07"};

    (void)state;
    for (size_t nth = 1;; nth++) {
        struct session s;
        session_init(&s, 0, false);
        type(&s, "he");
        test_memory_refuse(nth);
        for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
            type(&s, keys[i]);
            size_t length;
            const char *line = edit_line(&s.edit, &length);
            assert_int_equal(strlen(line), length);
            assert_true(s.edit.cursor <= length);
        }
        bool refused = test_memory_refused();
        session_free(&s);
        if (!refused) {
            break;
        }
    }
}

/* Random bytes: no tool complains, the cursor stays on a character, and Ctrl-C still works. */
static void random_bytes_harm_nothing(void **state)
{
    unsigned random = 11;
    struct session s;

    (void)state;
    session_init(&s, 30, false);
    for (int i = 0; i < 200000; i++) {
        random = random * 1103515245u + 12345u;
        uint8_t byte = random / 65536 % 4 == 0 ? (uint8_t)(random >> 20)
                                               : "\x1b[Da1;5Cb~\xc3\xa9\x12\x17\x19"[random / 262144 % 16];
        enum edit_event event = edit_byte(&s.edit, byte);
        size_t length;
        const char *line = edit_line(&s.edit, &length);
        assert_true(s.edit.cursor <= length);
        assert_true(((uint8_t)line[s.edit.cursor] & 0xc0) != 0x80);
        edit_shown(&s.edit);
        if (event != EDIT_MORE) {
            edit_start(&s.edit);
        }
    }
    edit_byte(&s.edit, 3);
    if (s.edit.line.length > 0) {
        assert_int_equal(edit_byte(&s.edit, 3), EDIT_CANCELLED);
    }
    session_free(&s);
}

int main(void)
{
    static const struct CMUnitTest more[] = {
        TEST("SHELL-EDIT-080 plain mode shows nothing and knows only ends of lines",
             plain_mode_shows_nothing),
        TEST("SHELL-EDIT-081 plain mode never gives a line that memory cut short",
             plain_mode_runs_no_half_line),
        TEST("SHELL-EDIT-082 return and line feed together are one Enter",
             return_and_line_feed_are_one_enter),
        TEST("SHELL-EDIT-083 the end of the input completes the line, then leaves",
             end_of_input_completes_the_line),
        TEST("SHELL-EDIT-084 redraw shows prompt, line and cursor", redraw_shows_prompt_and_line),
        TEST("SHELL-EDIT-085 a line has no largest length", a_line_has_no_largest_length),
        TEST("SHELL-EDIT-086 30,000 random keys, seen through a terminal of 12 to 39 columns",
             the_screen_shows_what_the_line_is),
        TEST("SHELL-EDIT-087 lack of memory at any point loses no line", lack_of_memory_loses_no_line),
        TEST("SHELL-EDIT-088 200,000 random bytes harm nothing", random_bytes_harm_nothing),
    };
    return run_rows(rows, sizeof(rows[0]), ARRAY_LENGTH(rows), keys_do, more, ARRAY_LENGTH(more));
}
