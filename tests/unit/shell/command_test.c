/* SPDX-License-Identifier: MIT */
#include "command_test.h"

#include <stdio.h>

static void give_word(const char *word)
{
    if (strcmp(word, "ctrl-c") == 0) {
        fake.interrupt = true;
    } else if (strcmp(word, "runs-forever") == 0) {
        fake.next_runs = NANOS_NEVER;
    } else if (strcmp(word, "exits-3") == 0) {
        fake.next_exit.code = 3;
    } else if (strcmp(word, "faults") == 0) {
        fake.next_exit =
            (struct system_exit){.how = END_FAULT, .fault = "read of memory that is not there", .address = 8};
    } else if (strcmp(word, "memory-lost") == 0) {
        fake.memory[1].free -= 4096;
    } else if (strcmp(word, "books") == 0) {
        fake.books_wrong = true;
    } else if (strcmp(word, "circle") == 0) {
        fake.circle = true;
    } else if (strcmp(word, "all-states") == 0) {
        for (size_t i = 0; i < fake.process_count; i++) {
            fake.processes[i].state = (enum system_process_state)i;
        }
        fake.processes[3].state = PROCESS_ENDED;
    } else if (strcmp(word, "third-core-starting") == 0) {
        fake.third_core = CORE_STARTING;
    } else if (strcmp(word, "third-core-dead") == 0) {
        fake.third_core = CORE_DEAD;
    } else if (strcmp(word, "no-services") == 0) {
        fake.no_services = true;
    } else if (strcmp(word, "long-log") == 0) {
        for (int i = 1; i <= 100; i++) {
            buffer_format(&fake.log, "line %d\n", i);
        }
    } else if (word[0] == '-') { /* this function fails */
        fake.fails = word + 1;
        fake.with = err_make(ERR_PEER_GONE, 0);
    } else if (word[0] == '!') { /* this function is refused */
        fake.fails = word + 1;
        fake.with = err_make(ERR_CAP_MISSING_RIGHT, 7);
    } else {
        fail_msg("nothing is given by %s", word);
    }
}

void give(const char *words)
{
    static char copy[200];

    snprintf(copy, sizeof(copy), "%s", words);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
        give_word(word);
    }
}

static void note_actions(struct buffer *transcript)
{
    bool start = true;

    for (size_t i = 0; i < fake.actions.length; i++) {
        buffer_string(transcript, start ? "* " : "");
        buffer_byte(transcript, fake.actions.bytes[i]);
        start = fake.actions.bytes[i] == '\n';
    }
    buffer_clear(&fake.actions);
}

static void run_line(struct shell *sh, const char *line, size_t length, struct buffer *transcript)
{
    buffer_format(transcript, "> %.*s\n", (int)length, line);
    bool good = shell_run_line(sh, line, length);
    buffer_append(transcript, buffer_text(&fake.written), fake.written.length);
    buffer_clear(&fake.written);
    if (!good) {
        buffer_format(transcript, "! %s\n", shell_message(sh));
    }
    note_actions(transcript);
}

static void run_all(struct shell *sh, const char *lines, struct buffer *transcript)
{
    while (*lines) {
        size_t length = strcspn(lines, "\n");
        run_line(sh, lines, length, transcript);
        lines += length + (lines[length] == '\n' ? 1 : 0);
    }
}

void command_does(void **state)
{
    const struct row *r = *state;
    struct shell sh;
    struct buffer transcript;

    fake_reset();
    give(r->given);
    buffer_init(&transcript, &test_memory);
    shell_init(&sh, &fake_system, &test_memory, 10);
    run_all(&sh, r->lines, &transcript);
    assert_string_equal(buffer_text(&transcript), r->transcript);
    shell_free(&sh);
    buffer_free(&transcript);
    fake_free();
    assert_int_equal(test_memory_blocks(), 0);
}
