/* SPDX-License-Identifier: MIT */
/* The kernel's use of the console: before a driver takes it, and in a panic. Lines of different cores do not
 * mix.
 *
 * A serial line is slow. So what is written is queued, and goes out in steps between which the core takes
 * interrupts (HAL_NEXT_CONTINUE), before it runs a program again: whoever has written goes on when it is out,
 * and there is always room for what one entry into the kernel has to say. */
#ifndef MUDSKIPPER_KERNEL_CONSOLE_H
#define MUDSKIPPER_KERNEL_CONSOLE_H

#include <mudskipper/abi/types.h>

#define CONSOLE_QUEUE_BYTES 1024u

/* Of one core. */
struct console_queue {
    uint32_t count;
    uint32_t written; /* of them */
    bool locked;      /* this core has the console, until all is written */
    bool in_steps;    /* false: at once, since the core does not run programs yet */
    char text[CONSOLE_QUEUE_BYTES];
};

static inline bool console_pending(const struct console_queue *q)
{
    return q->count != 0;
}

/* Writes a part of what is pending, if no other core is writing. */
void console_step(struct console_queue *q);

/* Writes all that is pending, at once: the machine ends. */
void console_finish(struct console_queue *q);

/* Whether kernel lines (not programs' lines) are shown: the word `verbose` of the command line. */
void console_set_verbose(bool verbose);

/* A driver has the console: only a panic writes. Or none has it any more. Nothing is pending on this core. */
void console_give_away(bool to_driver);

/* One whole line of the kernel; shown when verbose. */
void console_kernel_line(const char *text, size_t count);

/* Output of a program that writes to the log; shown always. */
void console_program_text(const char *text, size_t count);

/* Last words, whole: who comes later with its own waits for the machine's end. */
void console_last_line(const char *text, size_t count);

/* In a panic: takes the console from whoever has it. */
void console_panic_begin(void);
void console_panic_text(const char *text, size_t count);

#endif
