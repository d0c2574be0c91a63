/* SPDX-License-Identifier: MIT */
/* The life of a machine, and its supervisor: the thread that waits for the end, however it comes. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include "console.h"
#include "det.h"
#include "isa.h"
#include "tools.h"

/* For a core to leave the kernel; Valgrind is slow. */
#define PATIENCE ((nanos_t)(RUNNING_ON_VALGRIND != 0 ? 30 : 5) * 1000000000u)

struct sim sim;

static int signal_fd = -1;
static sigset_t mask_found;

/* Signals meant for the process as a whole; every other thread inherits that they are blocked. */
static bool take_signals(void)
{
    sigset_t all;

    sigemptyset(&all);
    sigaddset(&all, SIGINT);
    sigaddset(&all, SIGTERM);
    sigaddset(&all, SIGHUP);
    sigaddset(&all, SIGQUIT);
    sigaddset(&all, SIGCONT);
    signal_fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
    sigaddset(&all, SIGPIPE);
    sigaddset(&all, SIGALRM);
    sigaddset(&all, SIGUSR1);
    return signal_fd >= 0 && pthread_sigmask(SIG_BLOCK, &all, &mask_found) == 0;
}

static const char *create_parts(const struct sim_options *o)
{
    const char *unfit = isa_init();

    if (unfit != NULL) {
        return unfit;
    }
    if (RUNNING_ON_VALGRIND != 0 && !isa_exact_registers()) {
        return "Valgrind needs the options in .valgrindrc: start it in the folder of that file";
    }
    if (!sim_ram_create(o->memory, PAGE_SIZE)) {
        return "the host does not give the memory; a smaller --mem may do";
    }
    if (!sim_traps_install() || !take_signals() || (sim.wake_fd = eventfd(0, EFD_CLOEXEC)) < 0) {
        return "the host refuses signals or event files";
    }
    sim.cores_count = o->cores;
    if (!sim_windows_create(o->window) || !sim_tlb_create()) {
        return "the host does not give enough mappings (vm.max_map_count)";
    }
    return NULL;
}

bool sim_machine_create(const struct sim_options *o)
{
    const char *wrong;

    memset(&sim, 0, sizeof(sim));
    sim.wake_fd = -1;
    sim.options = o;
    sim_backtrace_init();
    sim_time_start();
    wrong = create_parts(o);
    if (wrong != NULL) {
        sim_complain("%s", wrong);
        return false;
    }
    if (!sim_boot_info_create()) {
        return false;
    }
    if (o->places != NULL && !sim_places_open(o->places)) {
        sim_complain("cannot write %s: %s", o->places, strerror(errno));
        return false;
    }
    if (!sim_cores_create(o->cores)) {
        sim_complain("the host does not give %u threads with timers", o->cores);
        return false;
    }
    return true;
}

void sim_end(unsigned status)
{
    uint32_t none = 0;
    uint64_t one = 1;

    if (atomic_compare_exchange_strong(&sim.end, &none, status + 1)) {
        (void)!write(sim.wake_fd, &one, sizeof(one));
    }
}

/* A debugger never sees signals that all threads hold back. */
static bool is_debugged(void)
{
    char line[128];
    int tracer = 0;
    FILE *status = fopen("/proc/self/status", "re");

    while (status != NULL && fgets(line, sizeof(line), status) != NULL) {
        if (sscanf(line, "TracerPid: %d", &tracer) == 1) {
            break;
        }
    }
    if (status != NULL) {
        fclose(status);
    }
    return tracer != 0 && RUNNING_ON_VALGRIND == 0;
}

static void on_signals(void)
{
    struct signalfd_siginfo s;

    while (read(signal_fd, &s, sizeof(s)) == sizeof(s)) {
        if (s.ssi_signo == SIGCONT) {
            sim_terminal_continue();
        } else if ((s.ssi_signo == SIGINT || s.ssi_signo == SIGQUIT) && is_debugged()) {
            raise(SIGTRAP); /* the person wants the debugger */
        } else if (s.ssi_signo == SIGQUIT) {
            sim_cores_tell();
        } else {
            sim_end(s.ssi_signo == SIGINT ? SIM_STATUS_INTERRUPT : 128 + s.ssi_signo);
        }
    }
}

/* Milliseconds for poll, rounded up. */
static int patience_left(nanos_t deadline)
{
    nanos_t now = sim_host_elapsed();
    nanos_t left = deadline > now ? (deadline - now + 999999) / 1000000 : 0;

    return deadline == NANOS_NEVER ? -1 : left > 1000000 ? 1000000 : (int)left;
}

static void supervise(void)
{
    nanos_t deadline = sim.options->timeout;

    while (atomic_load(&sim.end) == 0) {
        struct pollfd what[2] = {{.fd = sim.wake_fd, .events = POLLIN}, {.fd = signal_fd, .events = POLLIN}};
        int count = poll(what, 2, patience_left(deadline));

        if (count > 0 && what[1].revents != 0) {
            on_signals();
        } else if (count == 0 && sim_host_elapsed() >= deadline) {
            sim_end(SIM_STATUS_TIMEOUT);
        }
    }
}

/* The script may come from standard input: then the console has none. */
static bool input_is_free(const struct sim_options *o)
{
    for (size_t i = 0; i < o->extras_count; i++) {
        if (o->extras[i].file != NULL && strcmp(o->extras[i].file, "-") == 0) {
            return false;
        }
    }
    return true;
}

unsigned sim_machine_run(void)
{
    unsigned status;

    sim_console_create(!TOOL_DET && input_is_free(sim.options));
    sim_hostcon_create();
    hal_core_start(0);
    supervise();
    status = atomic_load(&sim.end) - 1;
    if (!sim_cores_end(PATIENCE) || status == SIM_STATUS_TIMEOUT) {
        sim_hostcon_flush();
        sim_terminal_restore();
        if (status == SIM_STATUS_TIMEOUT && sim_host_elapsed() >= sim.options->timeout) {
            sim_complain("time-out after %lu ms", (unsigned long)(sim.options->timeout / 1000000));
        }
        sim_cores_print();
    }
    sim_hostcon_destroy();
    sim_console_destroy();
    if (TOOL_DET && sim.options->seed != 0) {
        det_report();
    }
    return status;
}

bool sim_machine_destroy(void)
{
    for (unsigned i = 0; i < sim.cores_count && sim.cores != NULL; i++) {
        if (sim.cores[i].thread_made) {
            sim_cores_end(0);
            break;
        }
    }
    for (unsigned i = 0; i < sim.cores_count && sim.cores != NULL; i++) {
        if (sim.cores[i].thread_made) {
            return false;
        }
    }
    sim_cores_destroy();
    sim_windows_destroy();
    sim_places_close();
    sim_ram_destroy();
    if (signal_fd >= 0) {
        close(signal_fd);
        signal_fd = -1;
        pthread_sigmask(SIG_SETMASK, &mask_found, NULL);
    }
    if (sim.wake_fd >= 0) {
        close(sim.wake_fd);
    }
    return true;
}
