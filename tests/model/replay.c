/* SPDX-License-Identifier: MIT */
/* Plays a trace of ring.pml with core/msg/ump.c: `replay LINES MESSAGES`, the trace on standard input.
 *
 * Both sides are coroutines that call the functions RPC calls. The compiler has put a hook in place of each
 * atomic access of ump.c (-fsanitize=thread, without its run-time), so that a side takes one step, the plain
 * work up to its next access and that access, and then stands still. For each line of the trace its side
 * takes a step, which must be the one that the model took: the same access, of the same word, with the same
 * order, value and result; then cursors and ring must be as the model printed them. Exit status 0: all was,
 * and no side has more to do. 1: not; what differs is said.
 *
 * Payloads are no atomic accesses: they are copied with the step behind them. That they are in the line
 * before the control word is stored, and with the reader before its progress is, is looked at there. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <mudskipper/msg/ump.h>
#include "hooks.h"

#define LINES_MOST  16u
#define STACK_BYTES (64u * 1024u)

/* As ring.pml numbers them. */
enum core { READER, WRITER, CORES };
enum what { LOAD, STORE, EXCHANGE, RINGS, SLEEPS, WAKES, BEGINS, WHATS };
enum place { PROGRESS, WAITING, SLEEPING, WORDS, PLACES = WORDS + 2 * LINES_MOST };
#define IS_LINE(place)    ((place) >= WORDS)
#define LINE(place)       (((place)-WORDS) / 2)
#define IS_CONTROL(place) (IS_LINE(place) && ((place)-WORDS) % 2 == 1)
#define CONTROL(line)     (WORDS + 2 * (line) + 1)

static const char *const cores[] = {"reader", "writer"};
static const char *const whats[] = {"loads", "stores", "exchanges", "rings", "sleeps", "wakes", "begins"};
static const char *const orders[] = {"relaxed", "acquire", "release", "acq_rel", "seq_cst"};

struct step {
    unsigned core, what, place, value, order, got;
};

/* What the model says stands where after a step. */
struct state {
    unsigned r_position, r_told, owes, w_position, w_limit;
    unsigned words[WORDS];
    unsigned control[LINES_MOST], payload[LINES_MOST];
};

static _Alignas(UMP_LINE_BYTES) uint8_t memory[(UMP_HEAD_LINES + LINES_MOST) * UMP_LINE_BYTES];
static struct ump_reader in;
static struct ump_writer out;
static unsigned lines, messages;
static uint64_t taken[UMP_PAYLOAD / 8]; /* by the reader, last */

static ucontext_t main_context, contexts[CORES];
static uint8_t stacks[CORES][STACK_BYTES];
static bool ended[CORES];

static unsigned number; /* of the step */
static struct step now; /* as the model took it */
static bool over;       /* the trace has ended */
static int running = -1;
static unsigned pending_store[LINES_MOST]; /* a payload that the model has stored, and its control word not */
static unsigned pending_load; /* one that the model's reader has, and has done nothing since; 0: none */

static _Noreturn void differs(const char *how, ...)
{
    va_list args;

    va_start(args, how);
    printf("differs at step %u: ", number);
    vprintf(how, args);
    printf("\n");
    va_end(args);
    exit(1);
}

/* ---- steps of the code */

static const char *name_of(unsigned place)
{
    static char text[2][24];
    static unsigned turn;

    turn = !turn;
    if (!IS_LINE(place)) {
        return place == PROGRESS ? "progress" : place == WAITING ? "waiting" : "sleeping";
    }
    snprintf(text[turn], sizeof(text[turn]), "%s[%u]", IS_CONTROL(place) ? "control" : "payload",
             LINE(place));
    return text[turn];
}

static const char *said(const struct step *s)
{
    static char text[2][128];
    static unsigned turn;

    turn = !turn;
    if (s->what <= EXCHANGE) {
        snprintf(text[turn], sizeof(text[turn]), "%s %s %s, value %u, %s, got %u", cores[s->core],
                 whats[s->what], name_of(s->place), s->value, orders[s->order], s->got);
    } else {
        snprintf(text[turn], sizeof(text[turn]), "%s %s", cores[s->core], whats[s->what]);
    }
    return text[turn];
}

/* The side that runs would take this step. */
static void must_be(struct step did)
{
    if (over) {
        differs("the trace has ended, and the code's %s", said(&did));
    }
    if (did.what >= RINGS) {
        did.place = now.place;
        did.value = now.value;
    }
    if (memcmp(&did, &now, sizeof(did)) != 0) {
        differs("the model's %s; the code's %s", said(&now), said(&did));
    }
}

static void stand_still(void)
{
    int me = running;

    running = -1;
    swapcontext(&contexts[me], &main_context);
}

static void took(enum what what)
{
    must_be((struct step){.core = (unsigned)running, .what = what});
    stand_still();
}

static unsigned place_of(const volatile void *at)
{
    const struct ump_ring *ring = (const struct ump_ring *)memory;
    const volatile uint8_t *byte = at;
    size_t offset = (size_t)(byte - (const volatile uint8_t *)ring->lines);

    if (at == &ring->progress || at == &ring->waiting || at == &ring->sleeping) {
        return at == &ring->progress ? PROGRESS : at == &ring->waiting ? WAITING : SLEEPING;
    }
    if (offset >= lines * sizeof(struct ump_line) ||
        offset % sizeof(struct ump_line) != offsetof(struct ump_line, control)) {
        differs("the code's %s touches what no word of the ring is", cores[running]);
    }
    return (unsigned)CONTROL(offset / sizeof(struct ump_line));
}

/* A control word bears its turn, in the model nothing else. */
static unsigned model_value(unsigned place, uint64_t value)
{
    uint64_t turn = value >> 16;

    if (!IS_CONTROL(place)) {
        return (unsigned)value;
    }
    if (value != 0 && (uint16_t)value != ((turn & 0xff) << 8 | sizeof(uint64_t))) {
        differs("tag and length of a line are 0x%x", (unsigned)(uint16_t)value);
    }
    return (unsigned)turn;
}

static void look_at_payloads(unsigned place)
{
    const struct ump_ring *ring = (const struct ump_ring *)memory;

    if (running == WRITER && now.what == STORE && IS_CONTROL(place)) {
        unsigned line = LINE(place);

        if (ring->lines[line].payload[0] != pending_store[line]) {
            differs("the control word of line %u is stored, and its payload is not there", line);
        }
        pending_store[line] = 0;
    }
    if (running == READER && pending_load != 0) {
        if (taken[0] != pending_load) {
            differs("the reader goes on, and has %u instead of %u", (unsigned)taken[0], pending_load);
        }
        pending_load = 0;
    }
}

/* Until main says so this is what any program does. */
uint64_t hook_access(volatile uint64_t *at, enum hook_access access, uint64_t value, int order)
{
    static const unsigned orders_of_c[] = {0, 1, 1, 2, 3, 4}; /* consume is acquire */
    uint64_t before = *at;
    unsigned place;

    if (running < 0) {
        fprintf(stderr, "replay: an access of no side\n");
        exit(2);
    }
    place = place_of(at);
    must_be((struct step){.core = (unsigned)running,
                          .what = access == HOOK_LOAD    ? LOAD
                                  : access == HOOK_STORE ? STORE
                                                         : EXCHANGE,
                          .place = place,
                          .value = access == HOOK_LOAD ? 0 : model_value(place, value),
                          .order = orders_of_c[order],
                          .got = access == HOOK_STORE ? 0 : model_value(place, before)});
    look_at_payloads(place);
    if (access != HOOK_LOAD) {
        *at = value;
    }
    stand_still();
    return before;
}

/* ---- the sides, as core/rpc makes them */

static void read_all(void)
{
    unsigned bytes;
    uint8_t tag;

    while (in.position != messages) {
        bool sleeps = !ump_receive(&in, taken, &bytes, &tag) && ump_prepare_sleep(&in);

        if (ump_wake_writer(&in)) {
            took(RINGS);
        }
        if (sleeps) {
            took(SLEEPS);
            took(WAKES);
            ump_awake(&in);
        }
    }
}

static void write_batch(unsigned batch, unsigned wanted)
{
    while (!ump_has_room(&out, wanted)) {
        if (ump_prepare_wait(&out, wanted)) {
            took(SLEEPS);
            took(WAKES);
        }
    }
    for (unsigned i = 0; i < batch; i++) {
        uint64_t payload = out.position + 1;
        bool wake;

        if (!ump_send(&out, &payload, sizeof(payload), (uint8_t)payload, i + 1 == batch, &wake)) {
            differs("there is no room for a line of a batch");
        }
        if (wake) {
            took(RINGS);
        }
    }
}

static void write_all(void)
{
    while (out.position < messages) {
        unsigned batch = now.place; /* the step says how many lines, and for how many to wait */
        unsigned wanted = now.value;

        took(BEGINS);
        write_batch(batch, wanted);
    }
}

static void side(void)
{
    int me = running;

    (me == READER ? read_all : write_all)();
    ended[me] = true;
    stand_still();
}

static void go_on(enum core core)
{
    running = (int)core;
    swapcontext(&main_context, &contexts[core]);
    if (ended[core] && !over) {
        differs("the code's %s has ended", cores[core]);
    }
}

/* ---- the trace */

static void is(const char *what, unsigned model, uint64_t code)
{
    if (model != code) {
        differs("%s: the model has %u, the code %llu", what, model, (unsigned long long)code);
    }
}

static void compare(const struct state *s)
{
    struct ump_ring *ring = (struct ump_ring *)memory;

    is("progress", s->words[PROGRESS], ring->progress);
    is("waiting", s->words[WAITING], ring->waiting);
    is("sleeping", s->words[SLEEPING], ring->sleeping);
    for (unsigned i = 0; i < lines; i++) {
        is("a control word", s->control[i], model_value(CONTROL(i), ring->lines[i].control));
        if (pending_store[i] == 0) {
            is("a payload", s->payload[i], ring->lines[i].payload[0]);
        }
    }
    if (now.core == READER) {
        is("lines read", s->r_position, in.position);
        is("lines told", s->r_told, in.told);
        is("owes a wake-up", s->owes, in.wake_writer);
        is("broken", 0, in.broken);
    } else {
        is("lines written", s->w_position, out.position);
        is("limit", s->w_limit, out.limit);
        is("broken", 0, out.broken);
    }
}

static bool next_step(struct state *s)
{
    char line[1024];
    char *at = line;

    if (fgets(line, sizeof(line), stdin) == NULL) {
        return false;
    }
    unsigned *const all[] = {&now.core,          &now.what,          &now.place,     &now.value,
                             &now.order,         &now.got,           &s->r_position, &s->r_told,
                             &s->owes,           &s->w_position,     &s->w_limit,    &s->words[PROGRESS],
                             &s->words[WAITING], &s->words[SLEEPING]};

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        *all[i] = (unsigned)strtoul(at, &at, 10);
    }
    for (unsigned i = 0; i < LINES_MOST; i++) {
        s->control[i] = (unsigned)strtoul(at, &at, 10);
        if (*at++ != ':') {
            fprintf(stderr, "replay: line %u is no step: %s\n", number + 1, line);
            exit(2);
        }
        s->payload[i] = (unsigned)strtoul(at, &at, 10);
    }
    if (now.core >= CORES || now.what >= WHATS || now.place >= PLACES || now.order >= 5) {
        fprintf(stderr, "replay: line %u is no step: %s\n", number + 1, line);
        exit(2);
    }
    return true;
}

/* True: the model's step is part of the next one here. */
static bool is_payload(void)
{
    if (now.what > EXCHANGE || !IS_LINE(now.place) || IS_CONTROL(now.place)) {
        return false;
    }
    if (now.what == STORE) {
        pending_store[LINE(now.place)] = now.value;
    } else {
        pending_load = now.got;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct state state;

    if (argc != 3 || (lines = (unsigned)atoi(argv[1])) == 0 || lines > LINES_MOST ||
        (messages = (unsigned)atoi(argv[2])) == 0) {
        fprintf(stderr, "usage: replay LINES MESSAGES <trace\n");
        return 2;
    }
    ump_reader_init(&in, memory, (UMP_HEAD_LINES + lines) * UMP_LINE_BYTES);
    ump_writer_init(&out, memory, (UMP_HEAD_LINES + lines) * UMP_LINE_BYTES);
    for (unsigned i = 0; i < CORES; i++) {
        getcontext(&contexts[i]);
        contexts[i].uc_stack.ss_sp = stacks[i];
        contexts[i].uc_stack.ss_size = sizeof(stacks[i]);
        makecontext(&contexts[i], side, 0);
    }
    for (number = 1; next_step(&state); number++) {
        if (!is_payload()) {
            go_on(now.core);
            compare(&state);
        }
    }
    over = true;
    go_on(READER);
    go_on(WRITER);
    if (!ended[READER] || !ended[WRITER] || taken[0] != messages) {
        differs("the code has not come to its end");
    }
    printf("%u steps\n", number - 1);
    return 0;
}
