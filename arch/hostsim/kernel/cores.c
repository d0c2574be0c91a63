/* SPDX-License-Identifier: MIT */
/* Cores are threads: made when the machine is, asleep until they are started, and again after hal_core_stop.
 */
#define _GNU_SOURCE
#include <semaphore.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "bridge.h"
#include "det.h"
#include "tools.h"

#define SECOND ((nanos_t)1000000000)

#define STACK_BYTES ((size_t)1 << 20) /* the kernel is content with a tenth; sanitizers are not */

_Thread_local struct sim_core *sim_this_core __attribute__((tls_model("initial-exec")));

static sem_t ready;

coreid_t hal_core_id(void)
{
    return sim_this_core != NULL ? sim_this_core->id : 0;
}

void *hal_core_data(void)
{
    return sim_this_core != NULL ? sim_this_core->data : NULL;
}

void hal_set_core_data(void *data)
{
    sim_this_core->data = data;
}

static bool learn_stack(struct sim_core *core)
{
    pthread_attr_t attributes;
    void *low;
    size_t bytes;

    if (pthread_getattr_np(pthread_self(), &attributes) != 0) {
        return false;
    }
    pthread_attr_getstack(&attributes, &low, &bytes);
    pthread_attr_destroy(&attributes);
    core->stack_low = (uintptr_t)low;
    core->stack_high = (uintptr_t)low + bytes;
    core->valgrind_stack = VALGRIND_STACK_REGISTER(core->stack_low, core->stack_high);
    return true;
}

static bool begin(struct sim_core *core)
{
    if (TOOL_DET) { /* the thread is all cores' */
        return bridge_begin(core) && sim_timer_create(core);
    }
    core->tid = (int)syscall(SYS_gettid);
#if TOOL_TSAN
    core->fiber = __tsan_get_current_fiber();
#endif
    return learn_stack(core) && bridge_begin(core) && sim_traps_begin(core) && sim_timer_create(core);
}

/* One life of a core, from start to hal_core_stop or the machine's end. */
static void live(struct sim_core *core)
{
    if (setjmp(core->leave) == 0) {
        sim_core_loop(core, core->id == 0 ? kernel_boot(sim.info) : kernel_core_main());
    }
}

static void wait_until_wanted(struct sim_core *core)
{
    while ((atomic_load(&core->pending) & (SIM_EVENT_START | SIM_EVENT_STOP)) == 0) {
        atomic_fetch_and(&core->pending, SIM_EVENT_START | SIM_EVENT_STOP);
        sim_core_sleep(core, NANOS_NEVER, SIM_OFF);
    }
    atomic_fetch_and(&core->pending, SIM_EVENT_STOP);
}

static void *core_thread(void *argument)
{
    struct sim_core *core = argument;

    sim_this_core = core;
    core->works = begin(core);
    sem_post(&ready);
    while (core->works) {
        wait_until_wanted(core);
        if ((atomic_load(&core->pending) & SIM_EVENT_STOP) != 0) {
            break;
        }
        live(core);
        core->data = NULL;
        core->deadline = NANOS_NEVER;
        atomic_store(&core->on, 0);
        if (atomic_fetch_sub(&sim.cores_on, 1) == 1 && atomic_load(&sim.end) == 0) {
            sim_complain("every core stopped without powering the machine off");
            sim_end(1);
        }
    }
    atomic_store(&core->mode, SIM_KERNEL);
    sim_timer_destroy(core);
    bridge_end(core);
    if (!TOOL_DET) {
        VALGRIND_STACK_DEREGISTER(core->valgrind_stack);
        sim_traps_end(core);
        sim_this_core = NULL;
    }
    return NULL;
}

/* Threads block every signal but those the core needs; the supervisor takes the rest. */
static bool make_thread(struct sim_core *core)
{
    pthread_attr_t attributes;

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    core->thread_made = pthread_create(&core->thread, &attributes, core_thread, core) == 0;
    pthread_attr_destroy(&attributes);
    return core->thread_made;
}

bool sim_cores_create(unsigned count)
{
    bool good = true;

    sim.cores_count = count;
    sim.cores = aligned_alloc(64, (count * sizeof(struct sim_core) + 63) / 64 * 64);
    if (sim.cores == NULL) {
        return false;
    }
    sem_init(&ready, 0, 0);
    for (unsigned i = 0; i < count; i++) {
        sim.cores[i] = (struct sim_core){.id = i, .mode = SIM_OFF, .timer = -1};
    }
    if (TOOL_DET) {
        good = det_cores_create(core_thread);
    }
    for (unsigned i = 0; i < count && good; i++) {
        good = TOOL_DET || make_thread(&sim.cores[i]);
        if (good) {
            while (sem_wait(&ready) != 0) {
            }
            good = sim.cores[i].works;
        }
    }
    return good;
}

enum hal_start_result hal_core_start(coreid_t id)
{
    if (id >= sim.cores_count) {
        return HAL_START_NO_SUCH_CORE;
    }
    if (atomic_exchange(&sim.cores[id].on, 1) != 0) {
        return HAL_START_ALREADY_ON;
    }
    atomic_fetch_add(&sim.cores_on, 1);
    sim_core_post(&sim.cores[id], SIM_EVENT_START);
    return HAL_START_OK;
}

_Noreturn void hal_core_stop(void)
{
    sim_core_leave(sim_this_core);
}

_Noreturn void hal_power_off(unsigned code)
{
    sim_end(code & 0xff);
    sim_core_leave(sim_this_core);
}

_Noreturn void hal_reset(void)
{
    sim_end(SIM_STATUS_RESET);
    sim_core_leave(sim_this_core);
}

/* Asks a core that does not end where it is, and waits a moment for the answer. */
static void locate(struct sim_core *core)
{
    const struct timespec moment = {.tv_nsec = 1000000};

    sim_core_kick(core);
    for (unsigned i = 0; i < 200 && atomic_load(&core->position_count) == 0; i++) {
        nanosleep(&moment, NULL);
    }
}

bool sim_cores_end(nanos_t patience)
{
    struct timespec until;
    bool all = true;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (time_t)(patience / SECOND);
    for (unsigned i = 0; i < sim.cores_count; i++) {
        sim_core_post(&sim.cores[i], SIM_EVENT_STOP);
    }
    for (unsigned i = 0; i < sim.cores_count; i++) {
        struct sim_core *core = &sim.cores[i];

        if (core->thread_made && pthread_timedjoin_np(core->thread, NULL, &until) != 0) {
            all = false;
            locate(core);
        } else {
            core->thread_made = false;
        }
    }
    return all;
}

void sim_cores_destroy(void)
{
    free(sim.cores);
    sim.cores = NULL;
    sem_destroy(&ready);
}

static void print_kernel_position(const struct sim_core *core)
{
    sim_complain("core %u is in the kernel and does not leave it:", core->id);
    for (unsigned i = 0; i < atomic_load(&core->position_count); i++) {
        sim_complain("  #%u kernel+0x%lx", i, (unsigned long)hal_image_offset(core->position[i]));
    }
}

static void print_place(const struct sim_core *core, bool runs, vaddr_t pc, vaddr_t base)
{
    const char *program;

    if (!runs) {
        sim_complain("core %u is idle", core->id);
        return;
    }
    program = sim_program_at(pc, &base);
    sim_complain("core %u runs %s at 0x%lx (+0x%lx)", core->id, program != NULL ? program : "a program",
                 (unsigned long)pc, (unsigned long)(pc - base));
}

static void print_line(const char *text, size_t count)
{
    sim_complain("  %.*s", (int)count, text);
}

void sim_cores_print(void)
{
    for (unsigned i = 0; i < sim.cores_count; i++) {
        const struct sim_core *core = &sim.cores[i];

        if (core->thread_made) {
            print_kernel_position(core);
        } else {
            print_place(core, core->end_runs, core->end_pc, core->end_base);
            kernel_tell_waits(core->end_data, print_line);
        }
    }
}

/* Cores do not wait for each other here for long: each prints some lines. */
void sim_core_tell(struct sim_core *core, const struct hal_next *next)
{
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
    bool runs = next->context != NULL;

    pthread_mutex_lock(&one_at_a_time);
    print_place(core, runs, runs ? hal_context_pc(next->context) : 0, runs ? next->vspace->base : 0);
    kernel_tell_waits(core->data, print_line);
    pthread_mutex_unlock(&one_at_a_time);
    atomic_fetch_and(&core->pending, ~(uint32_t)SIM_EVENT_TELL);
}

/* A deterministic core is asked when its turn comes: its program is not interrupted. */
static void ask(struct sim_core *core)
{
    if (TOOL_DET) {
        atomic_fetch_or(&core->pending, SIM_EVENT_TELL);
    } else {
        sim_core_post(core, SIM_EVENT_TELL);
    }
}

static bool has_told(const struct sim_core *core)
{
    return (atomic_load(&core->pending) & SIM_EVENT_TELL) == 0 || atomic_load(&core->on) == 0;
}

void sim_cores_tell(void)
{
    const struct timespec moment = {.tv_nsec = 1000000};

    sim_hostcon_flush();
    for (unsigned i = 0; i < sim.cores_count; i++) {
        ask(&sim.cores[i]);
    }
    for (unsigned i = 0; i < sim.cores_count; i++) {
        struct sim_core *core = &sim.cores[i];

        for (unsigned waited = 0; waited < 1000 && !has_told(core); waited++) {
            nanosleep(&moment, NULL);
        }
        if (!has_told(core)) {
            atomic_store(&core->position_count, 0);
            locate(core);
            print_kernel_position(core);
        }
    }
}
