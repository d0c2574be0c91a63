/* SPDX-License-Identifier: MIT */
#include "simulation.h"
#include <stdarg.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/error_text.h>
#include <mudskipper/pure/format.h>
#include <mudskipper/pure/words.h>
#include <mudskipper/rpc/heap.h>
#include <mudskipper/rt/out.h>
#include <mudskipper/vspace/heap.h>

#define STACK_BYTES 32768u
#define TEXT_BYTES  256u

struct simulation simulation;

static struct worker workers[WORKERS];
static _Alignas(16) unsigned char stacks[WORKERS][STACK_BYTES];
static unsigned char data[WORKERS][TRIAL_WRITE_DATA_MAX];

void wrong(const struct worker *w, const char *format, ...)
{
    char text[TEXT_BYTES];
    va_list args;

    va_start(args, format);
    format_args_to(text, sizeof(text), format, args);
    va_end(args);
    rt_print("simulation: worker %u, operation %u (%s): %s\n", w->number, w->done, w->doing, text);
    simulation.over = true;
    thread_exit();
}

void core_is_stopped(const struct worker *w, coreid_t core)
{
    if (!simulation.may_stop || core == rt_self()->core ||
        (simulation.stopped != simulation.cores && simulation.stopped != core)) {
        wrong(w, "core %u does not answer; %u of %u has stopped", core, simulation.stopped, simulation.cores);
    }
    simulation.stopped = core;
}

bool done(struct worker *w, const char *what, err_t e)
{
    char why[128];

    if (err_ok(e)) {
        return true;
    }
    if (may_be_short() && err_is_shortage(e)) {
        w->refused++;
        return false;
    }
    if (is_cut_off(w, e)) {
        w->cut++;
        return false;
    }
    err_print(why, sizeof(why), e);
    wrong(w, "%s: %s", what, why);
}

/* ---- what a worker does */

static const struct operation {
    const char *name;
    void (*run)(struct worker *w);
    unsigned weight;
    enum { ASKING, ALONE } company; /* ALONE: it goes well, whatever becomes of other cores */
} operations[] = {
    {"start a server", server_start, 4, ASKING},
    {"call", server_call, 12, ASKING},
    {"send data", server_send, 5, ASKING},
    {"fetch data", server_fetch, 5, ASKING},
    {"swap frames", server_swap, 5, ASKING},
    {"call with a crowd", server_crowd, 2, ASKING},
    {"look a server up", server_look_up, 3, ASKING},
    {"connect anew", server_rebind, 3, ASKING},
    {"end a server", server_end, 2, ASKING},
    {"offer a name or take it back", name_offer_or_take_back, 6, ASKING},
    {"look a name up", name_look_up, 4, ASKING},
    {"use a block", memory_block, 10, ALONE},
    {"use a region", memory_region, 8, ALONE},
    {"use a frame", memory_frame, 4, ALONE},
    {"make and cut a tree of capabilities", caps_tree, 6, ALONE},
    {"check the books of servers", books_of_servers, 1, ASKING},
    {"check its own books", books_of_own, 1, ALONE},
    {"wait for an exit code", process_exit_code, 2, ASKING},
    {"kill a process", process_kill, 2, ASKING},
    {"starve a core", process_hog, 1, ASKING},
    {"lie to a server", process_liar, 2, ASKING},
    {"kill a nameserver", nameserver_kill, 1, ASKING},
};

static unsigned weights[ARRAY_LENGTH(operations)]; /* of this run */

/* A run does some things often and others never, so that what needs many of a kind at once comes about, too
 * (after swarm testing: Groce and others, ISSTA 2012). Without servers there is little to do. */
static void draw_weights(void)
{
    static const unsigned times[] = {0, 1, 1, 4};
    struct random random;

    random_seed(&random, ~simulation.seed);
    for (unsigned i = 0; i < ARRAY_LENGTH(operations); i++) {
        unsigned drawn = times[random_below(&random, ARRAY_LENGTH(times))];

        weights[i] = operations[i].weight * (operations[i].run == server_start ? 1 : drawn);
    }
}

static const struct operation *choose(struct worker *w)
{
    unsigned all = 0;
    uint64_t which;
    unsigned i = 0;

    for (unsigned n = 0; n < ARRAY_LENGTH(weights); n++) {
        all += weights[n];
    }
    for (which = below(w, all); which >= weights[i]; i++) {
        which -= weights[i];
    }
    return &operations[i];
}

static void work(void *worker)
{
    struct worker *w = worker;

    while (w->done < simulation.operations && !simulation.over) {
        const struct operation *o = choose(w);

        w->doing = o->name;
        w->alone = o->company == ALONE;
        o->run(w);
        w->done++;
    }
    w->doing = "put everything back";
    w->alone = false;
    names_end(w);
    servers_end(w);
    memory_end(w);
}

/* ---- all of them */

static bool failed(const char *what, err_t e)
{
    char why[128];

    if (!err_ok(e)) {
        err_print(why, sizeof(why), e);
        rt_print("simulation: %s: %s\n", what, why);
    }
    return !err_ok(e);
}

static bool begin(void)
{
    static struct rpc_lmp_link link;
    static char world[CORE_MACHINE_WORLD_MAX + 1];
    char version[CORE_MACHINE_VERSION_MAX + 1];
    uint32_t cores = 0;
    uint32_t own;
    err_t e = host_init(&simulation.host);

    if (err_ok(e)) {
        rpc_lmp_link_init(&link, SLOT_INIT, &simulation.host.memory, &rpc_own_slots);
        simulation.core_server = rpc_channel_of(&link.link);
        e = core_machine(&simulation.core_server, version, sizeof(version), world, sizeof(world), &cores,
                         &own);
    }
    simulation.cores = cores;
    simulation.stopped = cores;
    return !failed("begin", e);
}

/* Memory that is short comes back. */
static bool figures_of(coreid_t core, struct core_figures *f)
{
    const struct worker nobody = {.doing = "figures"};
    unsigned tries = 0;
    err_t e;

    do {
        e = core_figures(&simulation.core_server, core, f);
    } while (may_be_short() && err_is_shortage(e) && ++tries < 1000);
    if (is_cut_off(&nobody, e)) {
        core_is_stopped(&nobody, core);
        return true;
    }
    return !failed("figures", e);
}

/* What core servers and nameservers may keep for the next time, and what they remember of handles that were:
 * CAVEATS.md. */
#define KEPT_BYTES           ((uint64_t)1 << 20)
#define KEPT_OPERATION_BYTES 2048u

static bool all_is_back(const struct core_figures before[])
{
    bool good = true;

    for (coreid_t c = 0; c < simulation.cores; c++) {
        struct core_figures now;
        uint64_t kept = KEPT_BYTES + (uint64_t)KEPT_OPERATION_BYTES * WORKERS * simulation.operations;

        good = figures_of(c, &now) && good;
        if (good && simulation.stopped == simulation.cores &&
            (now.processes != before[c].processes || now.used > before[c].used + kept)) {
            rt_print("simulation: core %u has %u processes and %lu bytes in use, at first %u and %lu\n", c,
                     now.processes, now.used, before[c].processes, before[c].used);
            good = false;
        }
    }
    return good;
}

/* Calls go unanswered only where a core has stopped; all were asked for figures. */
static bool is_explained(void)
{
    bool explained = !simulation.unanswered || simulation.stopped != simulation.cores;

    if (!explained) {
        rt_print("simulation: cores all answer, and yet a server did not\n");
    }
    return explained;
}

static void run_all(void)
{
    for (unsigned i = 0; i < WORKERS; i++) {
        workers[i].number = i;
        workers[i].data = data[i];
        random_seed(&workers[i].random, simulation.seed * WORKERS + i);
        thread_start(&workers[i].thread, "worker", stacks[i], STACK_BYTES, work, &workers[i]);
    }
    for (unsigned i = 0; i < WORKERS; i++) {
        thread_join(&workers[i].thread);
    }
}

static void print_figures(void)
{
    unsigned done = 0;
    unsigned refused = 0;
    unsigned buried = 0;
    unsigned forgot = 0;
    unsigned cut = 0;

    for (unsigned i = 0; i < WORKERS; i++) {
        done += workers[i].done;
        refused += workers[i].refused;
        buried += workers[i].buried;
        forgot += workers[i].forgot;
        cut += workers[i].cut;
    }
    rt_print("simulation: %u operations, %u refused for want of memory, %u servers died, names forgotten %u "
             "times, cut off %u times\n",
             done, refused, buried, forgot, cut);
}

static bool parse(int argc, char **argv)
{
    uint64_t number;

    if (argc < 3 || !text_number(text_of(argv[1]), &simulation.seed) ||
        !text_number(text_of(argv[2]), &number) || number > UINT32_MAX) {
        return false;
    }
    simulation.operations = (unsigned)((number + WORKERS - 1) / WORKERS);
    for (int i = 3; i < argc; i++) {
        simulation.may_die = simulation.may_die || str_equal(argv[i], "may-die");
        simulation.may_starve = simulation.may_starve || str_equal(argv[i], "may-starve");
        simulation.may_be_refused = simulation.may_be_refused || str_equal(argv[i], "may-be-refused");
        simulation.may_forget = simulation.may_forget || str_equal(argv[i], "may-forget");
        simulation.may_stop = simulation.may_stop || str_equal(argv[i], "may-stop");
    }
    return true;
}

int main(int argc, char **argv)
{
    static struct core_figures before[CAP_NOTIFY_CORES];

    if (!parse(argc, argv)) {
        rt_print("usage: simulation SEED OPERATIONS [may-die] [may-starve] [may-be-refused] [may-forget] "
                 "[may-stop]\n");
        return 2;
    }
    if (!begin()) {
        return 1;
    }
    for (coreid_t c = 0; c < simulation.cores; c++) {
        if (!figures_of(c, &before[c])) {
            return 1;
        }
    }
    draw_weights();
    run_all();
    if (simulation.over) {
        show_log(rt_self()->core);
    }
    print_figures();
    (void)heap_trim(process_heap());
    return simulation.over || !all_is_back(before) || !is_explained() ? 1 : 0;
}
