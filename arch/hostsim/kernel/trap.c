/* SPDX-License-Identifier: MIT */
/* Signals of the host become traps of the simulated processor. What a signal means depends on where it came
 * from:
 *
 *                         | a fault                        | the timer, a kick
 *   kernel mode           | a bug of the kernel: panic     | noted in `pending`, seen at the kernel's exit
 *   isa_resume's way out  | a bug                          | abandoned: the context is whole, back to the
 * kernel the gate's way in     | the program's                  | noted code in a window      | the program's
 * | state saved, back to the kernel other code, user mode | the program's: it called or    | asked for again
 * shortly: the code may be a sanitizer's | jumped there                   | and hold its locks
 *
 * A program that makes a system call of the host gets SIGSYS instead, by Linux's system call user dispatch,
 * whose selector is the core's mode; to the kernel this is an illegal instruction.
 *
 * "Back to the kernel" is done by rewriting the frame the handler returns through. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <mudskipper/abi/dispatcher.h>
#include "console.h"
#include "det.h"
#include "isa.h"
#include "signals.h"
#include "tools.h"

#define KERNEL_SA_RESTORER 0x04000000ul /* as the host's kernel has it; libc hides it */

/* The host kernel's own struct sigaction. */
struct kernel_sigaction {
    const void *handler;
    unsigned long flags;
    const void *restorer;
    uint64_t mask;
};

void sim_on_signal(int signal, siginfo_t *info, void *frame);

static UNINSTRUMENTED bool within(uintptr_t pc, const char *begin, const char *end)
{
    return pc >= (uintptr_t)begin && pc < (uintptr_t)end;
}

/* Last words where nothing can be trusted any more. */
static UNINSTRUMENTED _Noreturn void die(const char *sentence, unsigned status)
{
    size_t length = 0;

    while (sentence[length] != '\0') {
        length++;
    }
    sim_raw_syscall(SYS_write, 2, (long)sentence, (long)length, 0);
    sim_terminal_restore();
    for (;;) {
        sim_raw_syscall(SYS_exit_group, (long)status, 0, 0, 0);
    }
}

static const char *fault_name(uintptr_t signal)
{
    switch (signal) {
    case SIGSEGV:
        return "bad memory access";
    case SIGILL:
        return "illegal instruction";
    case SIGFPE:
        return "arithmetic fault";
    case SIGTRAP:
        return "breakpoint";
    case SIGSYS:
        return "bad system call of the host";
    default:
        return "bus error";
    }
}

/* In place of the faulting instruction, on its stack, so that frame pointers lead from here to the culprit.
 */
static void report_kernel_fault(uintptr_t signal, uintptr_t pc, uintptr_t address)
{
    kernel_panic("%s in the kernel, address 0x%lx, pc 0x%lx", fault_name(signal), (unsigned long)address,
                 (unsigned long)hal_image_offset(pc));
}

static UNINSTRUMENTED void kernel_fault(struct sim_core *core, ucontext_t *u, int signal,
                                        const siginfo_t *info)
{
    uintptr_t sp = isa_sp(u);
    bool usable = sp > core->stack_low + 4 * PAGE_SIZE && sp <= core->stack_high;

    core->kernel_faults++;
    if (core->kernel_faults > 2) {
        die("hostsim: the kernel faults while it reports a fault\n", SIM_STATUS_PANIC);
    }
    atomic_store_explicit(&core->mode, SIM_KERNEL, memory_order_relaxed);
    isa_call(u, usable ? 0 : (uintptr_t)core->signal_stack + SIM_SIGNAL_STACK, report_kernel_fault,
             (uintptr_t)signal, isa_pc(u), (uintptr_t)info->si_addr);
}

static UNINSTRUMENTED void note_position(struct sim_core *core, const ucontext_t *u)
{
    unsigned count = sim_walk_frames(core, isa_pc(u), isa_fp(u), core->position, SIM_POSITION_FRAMES);

    atomic_store_explicit(&core->position_count, count, memory_order_release);
}

static UNINSTRUMENTED void back_to_kernel(struct sim_core *core, ucontext_t *u, uint32_t cause)
{
    core->cause = cause;
    atomic_store_explicit(&core->mode, SIM_KERNEL, memory_order_relaxed);
    isa_divert(u, core);
}

static UNINSTRUMENTED bool is_program_code(const struct sim_core *core, uintptr_t pc)
{
    return pc - core->vspace->base < core->vspace->bytes || sim_in_window(pc);
}

static UNINSTRUMENTED void on_event(struct sim_core *core, ucontext_t *u, int signal, const siginfo_t *info)
{
    uintptr_t pc = isa_pc(u);

    if (signal == SIM_SIGNAL_TIMER) {
        atomic_fetch_or(&core->pending, SIM_EVENT_TIMER);
    }
    if (atomic_load_explicit(&core->mode, memory_order_relaxed) != SIM_USER) {
        note_position(core, u);
    } else if (within(pc, isa_resume_begin, isa_resume_end)) {
        back_to_kernel(core, u, SIM_CAUSE_NONE);
    } else if (is_program_code(core, pc)) {
        isa_store(u, signal, info, core->context);
        back_to_kernel(core, u, SIM_CAUSE_NONE);
    } else if (!within(pc, isa_gate, isa_gate_end)) {
        sim_timer_nudge(core);
    }
}

static UNINSTRUMENTED void on_fault(struct sim_core *core, ucontext_t *u, int signal, const siginfo_t *info)
{
    if (atomic_load_explicit(&core->mode, memory_order_relaxed) != SIM_USER ||
        within(isa_pc(u), isa_resume_begin, isa_resume_end)) {
        kernel_fault(core, u, signal, info);
        return;
    }
    if (TOOL_DET && signal == SIGILL && det_is_over()) {
        isa_store(u, SIM_SIGNAL_TIMER, info, core->context);
        isa_step_over(core->context, DET_TRAP_BYTES);
        back_to_kernel(core, u, SIM_CAUSE_NONE);
        return;
    }
    isa_classify(u, signal, info, &core->trap);
    isa_store(u, signal, info, core->context);
    back_to_kernel(core, u, SIM_CAUSE_FAULT);
}

UNINSTRUMENTED void sim_on_signal(int signal, siginfo_t *info, void *frame)
{
    struct sim_core *core = sim_this_core;
    bool event = signal == SIM_SIGNAL_TIMER || signal == SIM_SIGNAL_KICK;

    if (core == NULL) {
        if (!event) {
            die("hostsim: a thread of the simulator crashed\n", SIM_STATUS_TOOL);
        }
    } else if (event) {
        on_event(core, frame, signal, info);
    } else if (info->si_code > 0) { /* else another process sent it: nothing of ours happened */
        on_fault(core, frame, signal, info);
    }
}

static bool install(int signal)
{
    struct kernel_sigaction action = {
        .handler = isa_signal_entry,
        .flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART | KERNEL_SA_RESTORER,
        .restorer = isa_signal_return,
        .mask = (uint64_t)1 << (SIM_SIGNAL_TIMER - 1) | (uint64_t)1 << (SIM_SIGNAL_KICK - 1),
    };

    return syscall(SYS_rt_sigaction, signal, &action, NULL, sizeof(action.mask)) == 0;
}

bool sim_traps_install(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL,           SIGFPE,
                                  SIGTRAP, SIGSYS, SIM_SIGNAL_TIMER, SIM_SIGNAL_KICK};
    bool good = true;

    for (size_t i = 0; i < ARRAY_LENGTH(signals); i++) {
        good = good && install(signals[i]);
    }
    return good;
}

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#define PR_SYS_DISPATCH_ON           1
#endif

/* Not where programs may rightly run code that makes system calls, and not on hosts before Linux 5.11: it
 * protects against accidents only. */
void sim_traps_hold_back_host_calls(struct sim_core *core)
{
    if (!tool_programs_use_host_code() && RUNNING_ON_VALGRIND == 0) {
        prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, isa_host_calls,
              isa_host_calls_end - isa_host_calls, &core->mode);
    }
}

bool sim_traps_begin(struct sim_core *core)
{
    stack_t stack = {.ss_size = SIM_SIGNAL_STACK};
    sigset_t ours;

    core->signal_stack = mmap(NULL, SIM_SIGNAL_STACK, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (core->signal_stack == MAP_FAILED) {
        core->signal_stack = NULL;
        return false;
    }
    sim_traps_hold_back_host_calls(core);
    stack.ss_sp = core->signal_stack;
    sigemptyset(&ours);
    sigaddset(&ours, SIM_SIGNAL_TIMER);
    sigaddset(&ours, SIM_SIGNAL_KICK);
    return syscall(SYS_sigaltstack, &stack, NULL) == 0 && pthread_sigmask(SIG_UNBLOCK, &ours, NULL) == 0;
}

void sim_traps_end(struct sim_core *core)
{
    stack_t none = {.ss_flags = SS_DISABLE};
    sigset_t ours;

    sigemptyset(&ours);
    sigaddset(&ours, SIM_SIGNAL_TIMER);
    sigaddset(&ours, SIM_SIGNAL_KICK);
    pthread_sigmask(SIG_BLOCK, &ours, NULL);
    if (core->signal_stack != NULL) {
        syscall(SYS_sigaltstack, &none, NULL);
        munmap(core->signal_stack, SIM_SIGNAL_STACK);
        core->signal_stack = NULL;
    }
}
