/* SPDX-License-Identifier: MIT */
/* HAL, upwards: all that a port calls in the neutral kernel. */
#ifndef MUDSKIPPER_HAL_KERNEL_H
#define MUDSKIPPER_HAL_KERNEL_H

#include <mudskipper/abi/types.h>
#include <mudskipper/abi/boot_info.h>

struct hal_vspace;
struct hal_context;

enum hal_cause {
    HAL_SYSCALL, /* arguments in the context */
    HAL_FAULT,   /* the program: kind, address, access */
    HAL_TIMER,
    HAL_IPI,
    HAL_IRQ,      /* irq */
    HAL_CONTINUE, /* the kernel asked for it: HAL_NEXT_CONTINUE */
};

/* Why the program (or the idle loop) stopped. */
struct hal_trap {
    enum hal_cause cause;
    uint32_t kind;   /* HAL_FAULT: enum fault_kind */
    uint32_t access; /* HAL_FAULT of kind FAULT_MEMORY: enum access, one bit */
    uint32_t irq;    /* HAL_IRQ */
    vaddr_t address; /* HAL_FAULT */
};

/* What a core runs next. `context` NULL: nothing; the port waits for an event at no cost. Filled by the
 * kernel in storage of the port (two words, returned in registers). */
struct hal_next {
    struct hal_vspace *vspace;
    struct hal_context *context;
};

/* Instead of a program: the kernel has more to do. The port takes one event that is pending, or calls
 * kernel_enter with HAL_CONTINUE when none is. So long operations go on in bounded steps. */
#define HAL_NEXT_CONTINUE ((struct hal_next){(struct hal_vspace *)1, NULL})

/* On the boot core, once, on its kernel stack, with RAM and console usable and no other core running. `info`
 * stays. */
struct hal_next kernel_boot(const struct boot_info *info);

/* On every other core, once, on its kernel stack. */
struct hal_next kernel_core_main(void);

/* An event; the context that ran (if any) holds the program's registers. */
struct hal_next kernel_enter(const struct hal_trap *trap);

/* For people: who waits for whom on a core, one line after the other, without newlines. `core` is what that
 * core has set by hal_set_core_data, or NULL. On the core itself between two events, or anywhere when it has
 * ended between two. */
void kernel_tell_waits(const void *core, void (*line)(const char *text, size_t count));

/* The walkers over what cores share, for ports that know when no core is inside of the kernel: what is wrong,
 * in words; NULL: nothing, or they are not to run (the word `check` on the command line). `core` as
 * above. */
const char *kernel_check_at_rest(const void *core);

/* The port found the kernel itself at fault (a fault in kernel mode, say): prints who, what, where, why with
 * a back-trace and powers off with status 134. printf-like, %s %d %u %x %p with l and z. */
_Noreturn void kernel_panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
