/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "console.h"
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include "sim.h"
#include "tools.h"

static struct termios found;
static _Atomic uint32_t raw;
static bool interactive;
static bool has_input;
static pthread_mutex_t output = PTHREAD_MUTEX_INITIALIZER;

/* Not in the background: touching the terminal there would stop this process. Output stays as it is, so that
 * '\n' starts a line. */
static void make_raw(void)
{
    struct termios wanted = found;

    wanted.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    wanted.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    wanted.c_cc[VMIN] = 1;
    wanted.c_cc[VTIME] = 0;
    if (tcsetattr(STDIN_FILENO, TCSANOW, &wanted) == 0) {
        atomic_store(&raw, 1);
    }
}

void sim_console_create(bool take_input)
{
    has_input = take_input;
    interactive = take_input && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) &&
                  tcgetpgrp(STDIN_FILENO) == getpgrp() && tcgetattr(STDIN_FILENO, &found) == 0;
    if (interactive) {
#if TOOL_ASAN || TOOL_TSAN
        __sanitizer_set_death_callback(sim_terminal_restore);
#endif
        make_raw();
    }
}

void sim_console_destroy(void)
{
    sim_terminal_restore();
}

bool sim_console_interactive(void)
{
    return interactive;
}

bool sim_console_has_input(void)
{
    return has_input;
}

UNINSTRUMENTED void sim_terminal_restore(void)
{
    if (atomic_exchange(&raw, 0) != 0) {
        tcsetattr(STDIN_FILENO, TCSANOW, &found);
    }
}

void sim_terminal_continue(void)
{
    if (interactive) {
        make_raw();
    }
}

void sim_console_write_host(const char *bytes, size_t count)
{
    pthread_mutex_lock(&output);
    while (count > 0) {
        ssize_t done = write(STDOUT_FILENO, bytes, count);

        if (done > 0) {
            bytes += done;
            count -= (size_t)done;
        } else if (done < 0 && errno == EAGAIN) {
            struct pollfd room = {.fd = STDOUT_FILENO, .events = POLLOUT};

            poll(&room, 1, -1);
        } else if (done < 0 && errno != EINTR) {
            break; /* nobody reads any more */
        }
    }
    pthread_mutex_unlock(&output);
}

void hal_console_write(const char *bytes, size_t count)
{
    sim_hostcon_flush(); /* what the driver wrote came first */
    sim_console_write_host(bytes, count);
}

void sim_complain(const char *text, ...)
{
    char line[1024];
    va_list args;
    int length;

    va_start(args, text);
    length = vsnprintf(line, sizeof(line), text, args);
    va_end(args);
    if (length >= 0) {
        dprintf(STDERR_FILENO, "hostsim: %s\n", line);
    }
}
