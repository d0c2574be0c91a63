/* SPDX-License-Identifier: MIT */
#include "interact.h"

#include "complete.h"

#define INPUT_PIECE 64u

static bool count_core(void *argument, const struct system_core *core)
{
    size_t *cores = argument;

    *cores += core->state == CORE_RUNNING ? 1 : 0;
    return true;
}

/* What cannot be found out is left out: a banner is no reason not to start. */
void interact_banner(struct shell *sh)
{
    struct system_machine machine;
    size_t cores = 0;

    shell_print(sh, "Mudskipper");
    if (err_ok(sh->system->machine(sh->system->context, &machine))) {
        shell_print(sh, " %s on %s", machine.version, machine.world);
    }
    if (err_ok(sh->system->cores(sh->system->context, count_core, &cores)) && cores > 0) {
        shell_print(sh, ", %zu core%s", cores, cores == 1 ? "" : "s");
    }
    shell_print(sh, "\nTo try: help, ps, cores, mem, ns ls, call NAME. Tab completes.\n"
                    "To leave: poweroff, or Ctrl-A x at any time.\n");
}

struct session {
    struct shell *sh;
    struct edit edit;
};

static void show(struct session *s)
{
    size_t count;
    const char *bytes = edit_output(&s->edit, &count);

    shell_print(s->sh, "%.*s", (int)count, bytes);
    edit_shown(&s->edit);
    shell_flush(s->sh);
}

static void prompt(struct session *s)
{
    shell_fresh_line(s->sh);
    shell_notice_jobs(s->sh);
    edit_start(&s->edit);
    show(s);
}

static void run_line(struct session *s)
{
    size_t length;
    const char *line = edit_line(&s->edit, &length);

    /* Without memory it is a line that cannot be recalled, and no reason not to run it. */
    history_add(&s->sh->history, line, length);
    if (!shell_run_line(s->sh, line, length)) {
        shell_fresh_line(s->sh);
        shell_print(s->sh, "%s\n", shell_message(s->sh));
    }
}

static void take_event(struct session *s, enum edit_event event)
{
    if (event == EDIT_MORE) {
        return;
    }
    show(s);
    if (event == EDIT_LINE) {
        run_line(s);
    } else if (event == EDIT_LEAVE) {
        s->sh->leaving = true;
    }
    if (!s->sh->leaving) {
        prompt(s);
    }
}

static void take_piece(struct session *s)
{
    struct shell *sh = s->sh;
    uint8_t bytes[INPUT_PIECE];
    size_t count = 0;
    err_t e = sh->system->read(sh->system->context, bytes, sizeof(bytes), &count);

    if (!err_ok(e)) {
        shell_terminal_gone(sh, e);
        return;
    }
    if (count == 0) {
        take_event(s, edit_end(&s->edit));
        sh->leaving = true;
    }
    for (size_t i = 0; i < count && !sh->leaving; i++) {
        take_event(s, edit_byte(&s->edit, bytes[i]));
    }
    show(s);
}

void interact_run(struct shell *sh, const struct system_terminal *terminal)
{
    struct session s = {.sh = sh};
    struct edit_options options = {.prompt = SHELL_PROMPT,
                                   .columns = terminal->columns,
                                   .rows = terminal->rows,
                                   .history = &sh->history,
                                   .complete = shell_complete,
                                   .context = sh};

    sh->interactive = true;
    edit_init(&s.edit, sh->memory, &options);
    interact_banner(sh);
    prompt(&s);
    while (!sh->leaving) {
        take_piece(&s);
    }
    shell_flush(sh);
    edit_free(&s.edit);
}
