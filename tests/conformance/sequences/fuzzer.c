/* SPDX-License-Identifier: MIT */
/* The peer that makes the calls. It has nothing of the run-time; what it notes down lies in memory of the
 * test program, whose address space it shares. */
#include <stdarg.h>
#include <mudskipper/pure/error_text.h>
#include <mudskipper/rt/out.h>
#include <mudskipper/rt/port.h>
#include "../system/peer.h"
#include "sequence.h"

#define TOLD     12u /* calls that are remembered */
#define WORN_OUT 60u /* refusals in a row */

struct made {
    struct step step;
    uint64_t number; /* of the call, in all its lives */
    unsigned type;   /* of the target */
    unsigned error;
    bool returned;
};

volatile uint64_t fuzzer_steps;
volatile uint64_t fuzzer_limit;
volatile uint32_t fuzzer_state;
bool fuzzer_traces;

static struct made made[TOLD];
static struct dispatcher_user *user;
static unsigned life_steps;
static unsigned refusals;
static _Alignas(16) unsigned char upcall_stack[PEER_STACK];

/* ---- telling ---- */

static void tell_one(const struct made *m)
{
    const uint64_t *a = m->step.args;
    enum operation op = operation_of(&m->step, m->type);
    const char *error = m->returned ? err_name((uint16_t)m->error) : "did not return";

    rt_print("# call %lu: %s(%lx, %lx, %lx, %lx, %lx, %lx, %lx, %lx, %lx; number %lu, cap %lx): %s\n",
             m->number, operation_names[op], a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8],
             a[SYS_ARG_NUMBER], a[SYS_ARG_CAP], error != NULL ? error : "no error of the list");
}

void fuzzer_tell(void)
{
    for (unsigned i = 0; i < TOLD; i++) {
        const struct made *m = &made[(fuzzer_steps + i) % TOLD];

        if (m->number != 0) {
            tell_one(m);
        }
    }
}

/* Before it is made, for those that nothing comes back from, and behind it. The peer has no output but the
 * log. */
static void trace(const char *format, ...)
{
    char text[LOG_WRITE_MAX];
    uint64_t args[SYS_ARGS] = {[0] = SYS_TARGET(OWN_LOG, LOG_WRITE)};
    va_list list;

    va_start(list, format);
    args[1] = format_args_to(text, sizeof(text), format, list);
    va_end(list);
    args[1] = args[1] < sizeof(text) ? args[1] : sizeof(text) - 1;
    text[args[1] - 1] = '\n';
    for (unsigned i = 0; i < args[1]; i++) {
        args[SYS_ARG_WORDS + i / 8] |= (uint64_t)(unsigned char)text[i] << i % 8 * 8;
    }
    (void)peer_call(args, SYS_INVOKE);
}

/* ---- one call ---- */

/* What would end the machine, take the console, or write what looks like results, were it not refused. False:
 * not to be made at all. */
static bool tame(struct step *s, enum operation op, unsigned rights)
{
    switch (op) {
    case OP_KERNEL_POWER_OFF:
    case OP_KERNEL_RESET:
        return (rights & CAP_WRITE) == 0;
    case OP_KERNEL_TAKE_CONSOLE:
        s->args[1] |= 1;
        return true;
    case OP_LOG_WRITE:
        for (unsigned i = 0; i < SYS_WORDS; i++) {
            s->args[SYS_ARG_WORDS + i] = 0x0a0a0a0a0a0a0a0au; /* empty lines, and few */
        }
        return (rights & CAP_WRITE) == 0 || s->args[1] > LOG_WRITE_MAX || one_in(16);
    case OP_DISPATCHER_SET_IMAGE:
        s->args[1] = s->args[2] = 0;
        return true;
    case OP_KERNEL_SHARE:
        return shared_count < SHARED_MAX;
    default:
        return true;
    }
}

/* Random registers, and a program counter at which nothing is: the fault brings the peer to fuzzer_main
 * again, where it goes on. */
static void prepare_resume(const struct step *s)
{
    uint64_t *words = (uint64_t *)&user->save[s->args[0] & 1];

    for (unsigned i = 0; i < sizeof(struct save_area) / sizeof(*words); i++) {
        words[i] = random_word(&source);
    }
    rt_save_area_set_pc(&user->save[s->args[0] & 1], one_in(2) ? 0 : random_word(&source));
}

static void note_shared(const struct step *s, coreid_t core)
{
    struct shared *entry = &shared[shared_count];

    for (unsigned i = 0; i < CAP_ACROSS_WORDS; i++) {
        entry->what.words[i] = s->args[CAP_ACROSS_FIRST + i];
    }
    entry->core = core;
    shared_count++;
}

static uint32_t state_of(enum operation op)
{
    return op == OP_DISPATCHER_SUSPEND ? FUZZER_SUSPENDS : op == OP_SYS_RESUME ? FUZZER_RESUMES : FUZZER_RUNS;
}

static struct made *last_made(void)
{
    return &made[(fuzzer_steps - 1) % TOLD];
}

static void note_result(enum operation op, unsigned error)
{
    last_made()->error = error;
    last_made()->returned = true;
    report_result(op, error);
    refusals = error == ERR_OK ? 0 : refusals + 1;
}

static void make_call(void)
{
    struct step s;
    uint64_t results[SYS_ARGS];
    struct made *m;
    enum operation op;
    unsigned rights = 0;
    unsigned type;

    generate(&s);
    type = s.args[SYS_ARG_NUMBER] == SYS_INVOKE ? model_type((cptr_t)s.args[0], &rights) : CAP_TYPE_NULL;
    op = operation_of(&s, type);
    if (!tame(&s, op, rights)) {
        return;
    }
    if (op == OP_SYS_RESUME && user != NULL && !one_in(4)) {
        prepare_resume(&s);
    }
    fuzzer_steps++;
    m = last_made();
    *m = (struct made){.step = s, .number = fuzzer_steps, .type = type};
    if (fuzzer_traces) {
        trace("call %lu %s %lx %lx %lx\n", m->number, operation_names[op], s.args[0], s.args[1], s.args[2]);
    }
    fuzzer_state = state_of(op);
    for (unsigned i = 0; i < SYS_ARGS; i++) {
        results[i] = s.args[i];
    }
    unsigned error = peer_call(results, s.args[SYS_ARG_NUMBER]);
    fuzzer_state = FUZZER_RUNS;
    note_result(op, error);
    if (fuzzer_traces) {
        const char *name = err_name((uint16_t)error);
        trace("call %lu returned %s\n", m->number, name != NULL ? name : "?");
    }
    if (op == OP_KERNEL_SHARE && error == ERR_OK) {
        for (unsigned i = 0; i < CAP_ACROSS_WORDS; i++) {
            s.args[CAP_ACROSS_FIRST + i] = results[CAP_ACROSS_FIRST + i];
        }
        note_shared(&s, (coreid_t)m->step.args[2]);
    }
}

/* ---- a life ---- */

static void map(unsigned table, unsigned object, unsigned entry, unsigned count, unsigned rights,
                unsigned mapping)
{
    uint64_t args[SYS_ARGS] = {
        [0] = SYS_TARGET(table, VNODE_MAP),          [1] = OWN_SPACE, [2] = CAP_PLACE_SLOT(object),
        [3] = entry | (uint64_t)count << 16,         [5] = rights,    [6] = OWN_SPACE,
        [7] = CAP_PLACE_SLOT(OWN_MAPPINGS + mapping)};

    (void)peer_call(args, SYS_INVOKE);
}

/* Tables one in the other, and pages: what random calls seldom come to by themselves. */
static void make_address_space(void)
{
    for (unsigned level = 0; level < 3; level++) {
        map(OWN_TABLES + level, OWN_TABLES + level + 1, 0, 1, 0, level);
    }
    map(OWN_TABLES + 3, OWN_BIG_FRAME, 0, 4, CAP_READ | CAP_WRITE, 3);
    map(OWN_TABLES + 3, OWN_FRAME, 4, 1, CAP_READ, 4);
}

static _Noreturn void rest(void)
{
    fuzzer_state = FUZZER_RESTS;
    peer_sleep(NULL);
    __builtin_unreachable();
}

/* Begins a life, and goes on with it after a RESUME that led nowhere. */
void fuzzer_main(void *user_part)
{
    if (fuzzer_state == FUZZER_RESUMES) {
        note_result(OP_SYS_RESUME, ERR_OK);
        fuzzer_state = FUZZER_RUNS;
    } else {
        user = user_part;
        life_steps = refusals = 0;
        generate_begin();
        if (!one_in(4)) {
            make_address_space();
        }
    }
    while (fuzzer_steps < fuzzer_limit && life_steps++ < LIFE_STEPS && refusals < WORN_OUT) {
        if (!(one_in(2) ? model_can_look() : model_look())) {
            break;
        }
        make_call();
    }
    rest();
}

void fuzzer_prepare(struct dispatcher_user *user_part)
{
    fuzzer_state = FUZZER_RUNS;
    if (user_part == NULL) {
        return;
    }
    user_part->fault = (vaddr_t)fuzzer_main;
    user_part->stack = (vaddr_t)(upcall_stack + sizeof(upcall_stack));
    user_part->self = (vaddr_t)user_part;
}

void fuzzer_ended(void)
{
    struct made *m = last_made();

    if (fuzzer_state != FUZZER_RESTS && !m->returned) {
        report_ended_caller(operation_of(&m->step, m->type));
    }
}
