/* SPDX-License-Identifier: MIT */
/* The simulated machine, as the files of this port see it.
 *
 *   options.c    command line                      time.c        clock, one-shot timers
 *   main.c       one run, as the shell sees it     irq.c         device interrupt lines
 *   machine.c    life of a machine, supervisor     window.c      windows of host addresses
 *   boot_info.c  what the kernel is told           vspace.c      address spaces: windows as TLB
 *   ram.c        memory                            console.c     terminal, hal_console_*
 *   cores.c      threads                           hostcon.c     the console as a device
 *   loop.c       what a core does; events          backtrace.c   frame pointers, symbols
 *   det.c        the deterministic machine
 *   trap.c       signals of the host → traps       isa_x86_64.*  everything that knows the host's processor
 *   bridge*.c    hooks of instrumented programs    tools.h       sanitizers and Valgrind
 *
 * There is one machine per process: `sim`. Threads: the supervisor (the process's first), one per core, one
 * for the console. Kernel code runs on core threads only. */
#ifndef HOSTSIM_SIM_H
#define HOSTSIM_SIM_H

#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <mudskipper/hal/context.h>
#include <mudskipper/hal/cpu.h>
#include <mudskipper/hal/debug.h>
#include <mudskipper/hal/irq.h>
#include <mudskipper/hal/kernel.h>
#include <mudskipper/hal/memory.h>
#include <mudskipper/hal/time.h>
#include <mudskipper/hal/vspace.h>
#include "offsets.h"
#include "options.h"

/* Exit statuses of the process other than the machine's own. */
enum sim_status {
    SIM_STATUS_RESET = 123,
    SIM_STATUS_TIMEOUT = 124,
    SIM_STATUS_TOOL = 125, /* this program itself cannot go on */
    SIM_STATUS_INTERRUPT = 130,
    SIM_STATUS_PANIC = 134,
};

/* Bits of sim_core.pending. */
enum sim_event {
    SIM_EVENT_STOP = 1u << 0, /* the machine ends: never cleared */
    SIM_EVENT_TIMER = 1u << 1,
    SIM_EVENT_IPI = 1u << 2,
    SIM_EVENT_IRQ = 1u << 3,
    SIM_EVENT_START = 1u << 4, /* a core that is off may come up */
    SIM_EVENT_TELL = 1u << 5,  /* what it does, and who waits on it */
};

#define SIM_IRQ_LINES 64u

#define SIM_SIGNAL_STACK ((size_t)128 << 10)

#define SIM_POSITION_FRAMES 24u

struct sim_core {
    /* Also known to assembly: offsets.h. */
    struct hal_context *context; /* that runs, while mode is SIM_USER */
    uintptr_t kernel_sp;         /* of the kernel stack, while mode is SIM_USER */
    _Atomic uint32_t mode;
    _Atomic uint32_t pending; /* enum sim_event; an idle core's futex */
    uint32_t cause;
    uintptr_t bridge_sp; /* top of the stack for sanitizer hooks of programs */

    coreid_t id;
    struct hal_trap trap;      /* SIM_CAUSE_FAULT */
    struct hal_vspace *vspace; /* that runs or ran last */
    void *data;

    /* Timer: owned by the core, see time.c. */
    int timer;
    bool timer_changed;
    nanos_t deadline;
    nanos_t armed;

    _Atomic uint64_t irqs; /* posted lines */

    struct hal_vspace *spaces; /* address spaces of this core */
    uint32_t mappings;         /* their host mappings */

    pthread_t thread;
    bool thread_made;
    bool works; /* the thread could get all it needs */
    _Atomic uint32_t on;
    int tid;
    uintptr_t stack_low;
    uintptr_t stack_high;
    unsigned valgrind_stack;
    uint8_t *signal_stack;
    unsigned kernel_faults;
    void *fiber; /* ThreadSanitizer's, of the kernel's side */
    struct bridge_core *bridge;
    jmp_buf leave;

    /* What ran when the machine ended, and the kernel's data if it ended between two events. */
    const void *end_data;
    bool end_runs;
    vaddr_t end_pc;
    vaddr_t end_base;

    /* Where in the kernel this core was when the supervisor kicked it last. */
    _Atomic uint32_t position_count;
    uintptr_t position[SIM_POSITION_FRAMES];
};

struct sim {
    const struct sim_options *options;
    unsigned cores_count;
    struct sim_core *cores;
    struct boot_info *info; /* in RAM */
    int wake_fd;            /* eventfd: the supervisor has something to look at */
    _Atomic uint32_t end;   /* 0, or the exit status + 1 */
    _Atomic uint32_t cores_on;
    nanos_t start; /* host's monotonic clock when the machine started */
};

extern struct sim sim;

/* machine.c: the life of the machine. */
bool sim_machine_create(const struct sim_options *options); /* false: one sentence was printed */
unsigned sim_machine_run(void);                             /* blocks until the end; the exit status */
bool sim_machine_destroy(void); /* false: a core is still there; only the process's end can help */

/* The core of this thread; NULL on other threads. Safe in signal handlers. */
extern _Thread_local struct sim_core *sim_this_core __attribute__((tls_model("initial-exec")));

/* Ends the machine with this exit status; the first call wins. Any thread. */
void sim_end(unsigned status);

/* cores.c */
bool sim_cores_create(unsigned count); /* all off */
bool sim_cores_end(nanos_t patience);  /* asks all to leave; false: at least one did not in time */
void sim_cores_destroy(void);
void sim_cores_print(void); /* who runs what and who waits, after sim_cores_end */
void sim_cores_tell(void);  /* the same while they go on; each says it when it comes to the kernel */
void sim_core_tell(struct sim_core *core, const struct hal_next *next); /* on its thread */

/* loop.c */
_Noreturn void sim_core_loop(struct sim_core *core, struct hal_next next);
_Noreturn void sim_core_leave(struct sim_core *core); /* on its thread: out of the loop, from any depth */
void sim_core_post(struct sim_core *core, uint32_t event);
void sim_core_kick(const struct sim_core *core); /* a signal, whatever the core does */
/* Sleeps while nothing is pending, until the deadline, which is then pending. `mode` says as what. */
void sim_core_sleep(struct sim_core *core, nanos_t deadline, uint32_t mode);

/* time.c */
void sim_time_start(void);
nanos_t sim_host_elapsed(void); /* since then, on the host's clock */
bool sim_timer_create(struct sim_core *core);
void sim_timer_destroy(struct sim_core *core);
bool sim_timer_prepare(struct sim_core *core); /* before user mode; false: the deadline is due and posted */
bool sim_timer_due(struct sim_core *core);     /* a SIM_EVENT_TIMER was taken: true when it is the kernel's */
struct timespec sim_host_time(nanos_t deadline);
void sim_timer_nudge(struct sim_core *core); /* in handlers: look again soon */

/* irq.c */
bool sim_irq_take(struct sim_core *core, uint32_t *line);
void sim_irq_attach(uint32_t line, bool (*active)(void));
void sim_irq_raise(uint32_t line); /* any thread */

/* ram.c */
bool sim_ram_create(uint64_t bytes, uint64_t device_bytes);
void sim_ram_destroy(void);
uint64_t sim_ram_bytes(void);
int sim_ram_fd(void);
uintptr_t sim_ram_end(void); /* first host address behind the kernel's mapping */
void *sim_device_memory(paddr_t address);
void *sim_host_address(paddr_t address); /* of RAM or a page of a device; NULL: nothing is there */
/* Offset in the memory file of [address, address + bytes), or false: nothing is there. */
bool sim_ram_offset(paddr_t address, uint64_t bytes, uint64_t *offset);

/* Where the machine begins in this process: free under every tool, and the same in each run, so that runs can
 * be compared. */
#define SIM_PLACES ((uintptr_t)0x7e9000000000)

#define SIM_RAM_BASE    0x40000000ull
#define SIM_DEVICE_BASE 0x0a000000ull

/* window.c */
bool sim_windows_create(uint64_t bytes);
void sim_windows_destroy(void);
uint64_t sim_window_bytes(void);
bool sim_window_take(uint32_t *number, vaddr_t *base); /* false: the host has no place left */
void sim_window_give_back(uint32_t number);            /* empty */
bool sim_window_clear(vaddr_t va, uint64_t bytes); /* accesses fault from now on; false: the host refuses */
bool sim_in_window(vaddr_t address);               /* any window. (handler) */
bool sim_places_open(const char *file);            /* where hal_note_program writes; false: errno says why */
void sim_places_close(void);
const char *sim_program_at(vaddr_t pc, vaddr_t *base);        /* by hal_note_program, or NULL */
bool sim_program_was_loaded(const char *name, size_t length); /* and no other one in its place */

/* vspace.c */
bool sim_tlb_create(void);

/* trap.c */
bool sim_traps_install(void);
bool sim_traps_begin(struct sim_core *core); /* on the core's thread */
void sim_traps_end(struct sim_core *core);
void sim_traps_hold_back_host_calls(
    struct sim_core *core); /* on this thread, while the core is in user mode */

/* hostcon.c */
#define SIM_HOSTCON_LINE 1u
void sim_hostcon_create(void);
void sim_hostcon_destroy(void);
void sim_hostcon_doorbell(void); /* a core left a program: did it write? */
void sim_hostcon_flush(void);

/* boot_info.c */
bool sim_boot_info_create(void);

/* backtrace.c */
void sim_backtrace_init(void);
/* Return addresses from a frame of this core's stacks outwards, pc first. (handler) */
unsigned sim_walk_frames(const struct sim_core *core, uintptr_t pc, uintptr_t fp, uintptr_t *frames,
                         unsigned room);

/* One sentence for the person at the shell: "hostsim: ...". */
void sim_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
