/* SPDX-License-Identifier: MIT */
/* Processes of all cores, from one of them: started, watched, ended, and nothing left of them. With arguments
 * this program is one of those. */
#include <mudskipper/abi/objects.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/format.h>
#include <mudskipper/rpc/heap.h>
#include <mudskipper/rpc/lmp.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/rt/thread.h>
#include "core_rpc.h"
#include "suite.h"

#define SELF    "conformance-processes"
#define OUT     2u  /* stream */
#define BATCHES 8u  /* none of which is even: a leak */
#define ROUNDS  50u /* of a batch */

static struct rpc_channel core_server(void)
{
    static _Alignas(PAGE_SIZE) unsigned char bytes[64 * PAGE_SIZE];
    static struct heap heap;
    static struct rpc_memory memory;
    static struct rpc_lmp_link link;

    if (memory.allocate == NULL) {
        if (!err_ok(heap_init(&heap, NULL, NULL, NULL, bytes, sizeof(bytes)))) {
            rt_exit(99);
        }
        memory = rpc_memory_of(&heap);
        rpc_lmp_link_init(&link, SLOT_INIT, &memory, &rpc_own_slots);
    }
    return rpc_channel_of(&link.link);
}

static uint32_t count_cores(void)
{
    struct rpc_channel core = core_server();
    char version[CORE_MACHINE_VERSION_MAX + 1];
    static char world[CORE_MACHINE_WORLD_MAX + 1];
    uint32_t cores;
    uint32_t own;

    return err_ok(core_machine(&core, version, sizeof(version), world, sizeof(world), &cores, &own)) ? cores
                                                                                                     : 0;
}

static coreid_t core_of(uint32_t number)
{
    return (number - 1) % count_cores();
}

/* This program with one or two words more. */
static err_t start_with(coreid_t where, const char *caps, const char *what, uint32_t operand,
                        uint32_t *number)
{
    struct rpc_channel core = core_server();
    char words[64];
    size_t bytes = format_to(words, sizeof(words), "%s\n%s\n%u\n", SELF, what, operand);

    for (size_t i = 0; i < bytes; i++) {
        words[i] = words[i] == '\n' ? '\0' : words[i];
    }
    return core_spawn_on(&core, where, OUT, caps, words, bytes, number);
}

static err_t start(coreid_t where, const char *what, uint32_t operand, uint32_t *number)
{
    return start_with(where, "", what, operand, number);
}

static err_t wait_for(uint32_t number, bool block, uint8_t *how, uint32_t *code)
{
    struct rpc_channel core = core_server();
    uint8_t fault;
    uint8_t access;
    uint64_t address;

    return core_wait(&core, number, block, how, code, &fault, &access, &address);
}

/* The exit code of one that ends by itself. */
static uint32_t outcome(uint32_t number)
{
    uint8_t how;
    uint32_t code;

    assert_ok(wait_for(number, true, &how, &code));
    assert_int_equal(how, EXIT_BY_ITSELF);
    return code;
}

/* ---- what it does as a child ---- */

static _Noreturn void sleep_for_ever(void)
{
    for (;;) {
        thread_sleep_until(NANOS_NEVER);
    }
}

/* Nobody is told: it ends at once, and what it started goes on. */
static uint32_t leave_a_child(coreid_t where)
{
    uint32_t number;

    return err_ok(start(where, "sleep", 0, &number)) ? number : 0;
}

/* One without rights tries what needs them; 0: all was refused. */
static uint32_t be_refused(uint32_t other)
{
    static struct core_process found[CORE_PROCESSES_OF_FOUND_MAX];
    struct rpc_channel core = core_server();
    char text[CORE_READ_LOG_DATA_MAX];
    uint64_t next;
    size_t count;
    bool more;
    uint8_t how;
    uint32_t code;

    if (!err_is(core_kill(&core, other), ERR_CAP_MISSING_RIGHT)) {
        return 1;
    }
    if (!err_is(wait_for(other, true, &how, &code), ERR_PROC_NOT_FOUND)) {
        return 2;
    }
    if (!err_is(core_processes_of(&core, core_of(other), 0, found, ARRAY_LENGTH(found), &count, &more),
                ERR_CAP_MISSING_RIGHT)) {
        return 3;
    }
    if (!err_is(core_read_log(&core, core_of(other), 0, &next, text, sizeof(text), &count),
                ERR_CAP_MISSING_RIGHT)) {
        return 4;
    }
    if (!err_is(core_check(&core, core_of(other), &next), ERR_CAP_MISSING_RIGHT)) {
        return 5;
    }
    return err_is(core_power_off(&core, 0), ERR_CAP_MISSING_RIGHT) ? 0 : 6;
}

/* One that was given the right to look, not the one to end others. */
static uint32_t inspect(coreid_t where)
{
    static struct core_process found[CORE_PROCESSES_OF_FOUND_MAX];
    struct rpc_channel core = core_server();
    size_t count;
    bool more;
    uint64_t mistakes;

    for (coreid_t c = 0; c < count_cores(); c++) {
        if (!err_ok(core_processes_of(&core, c, 0, found, ARRAY_LENGTH(found), &count, &more)) ||
            !err_ok(core_check(&core, c, &mistakes)) || mistakes != 0) {
            return 1;
        }
    }
    return where == rt_self()->core && err_is(core_power_off(&core, 0), ERR_CAP_MISSING_RIGHT) ? 0 : 2;
}

/* Takes all memory of its core, down to a page, and lets a process of another core try to start one here. */
static uint32_t starve(coreid_t from)
{
    struct rpc_channel core = core_server();
    uint32_t number;
    uint8_t how;
    uint32_t code;

    for (uint64_t bytes = (uint64_t)1 << 40; bytes >= PAGE_SIZE; bytes /= 2) {
        cptr_t ram;

        while (err_ok(core_alloc(&core, bytes, &ram))) {
            slot_delete(ram); /* it stays accounted to us */
        }
    }
    if (!err_ok(start(from, "try", rt_self()->core, &number)) ||
        !err_ok(wait_for(number, true, &how, &code)) || how != EXIT_BY_ITSELF) {
        return 1;
    }
    return code;
}

static uint32_t try_there(coreid_t where)
{
    uint32_t number;
    err_t e = start(where, "exit", 0, &number);

    return err_is(e, ERR_NO_MEMORY) ? 0 : 2;
}

static uint32_t act(const char *what, uint32_t operand)
{
    if (str_equal(what, "exit")) {
        return operand;
    }
    if (str_equal(what, "where")) {
        return rt_self()->core == operand && core_of(rt_self()->process) == operand ? 0 : 1;
    }
    if (str_equal(what, "leave")) {
        return leave_a_child(operand);
    }
    if (str_equal(what, "inspect")) {
        return inspect(operand);
    }
    if (str_equal(what, "refused")) {
        return be_refused(operand);
    }
    if (str_equal(what, "starve")) {
        return starve(operand);
    }
    if (str_equal(what, "try")) {
        return try_there(operand);
    }
    sleep_for_ever();
}

/* ---- the tests ---- */

static void on_each_core(void)
{
    for (coreid_t c = 0; c < count_cores(); c++) {
        uint32_t number;

        assert_ok(start(c, "where", c, &number));
        assert_int_equal(core_of(number), c);
        assert_int_equal(outcome(number), 0);
        assert_ok(start(c, "exit", 40 + c, &number));
        assert_int_equal(outcome(number), 40 + c);
    }
}

static void told_once(void)
{
    uint8_t how;
    uint32_t code;
    uint32_t number;

    assert_ok(start(1, "exit", 3, &number));
    assert_int_equal(outcome(number), 3);
    assert_error(wait_for(number, true, &how, &code), PROC_NOT_FOUND);
}

static void no_such_core(void)
{
    struct rpc_channel core = core_server();
    static struct core_process found[CORE_PROCESSES_OF_FOUND_MAX];
    struct core_figures figures;
    size_t count;
    uint32_t number;
    bool more;

    for (unsigned i = 0; i < 2; i++) {
        coreid_t c = i == 0 ? count_cores() : UINT16_MAX;

        assert_error(start(c, "exit", 0, &number), BAD_CORE);
        assert_error(core_figures(&core, c, &figures), BAD_CORE);
        assert_error(core_processes_of(&core, c, 0, found, ARRAY_LENGTH(found), &count, &more), BAD_CORE);
    }
}

static void bad_words(void)
{
    struct rpc_channel core = core_server();
    uint32_t number;

    assert_error(core_spawn_on(&core, 1, OUT, "", "", 0, &number), BAD_ARGUMENT);
    assert_error(core_spawn_on(&core, 1, OUT, "", "hello", 5, &number), BAD_ARGUMENT);
    assert_error(core_spawn_on(&core, 1, OUT, "", "nobody", 7, &number), CPIO_NOT_FOUND);
}

static uint64_t free_of(coreid_t c)
{
    struct rpc_channel core = core_server();
    struct core_figures figures;

    assert_ok(core_figures(&core, c, &figures));
    assert_int_equal(figures.free + figures.used + figures.reserved, figures.total);
    return figures.free;
}

static void end(uint32_t number)
{
    struct rpc_channel core = core_server();
    uint8_t how;
    uint32_t code;

    assert_ok(core_kill(&core, number));
    assert_ok(wait_for(number, false, &how, &code));
    assert_int_equal(how, EXIT_KILLED);
}

/* At any moment: while it starts, or when it has slept for a while. */
static void start_and_end(unsigned rounds)
{
    for (unsigned i = 0; i < rounds; i++) {
        uint32_t number;

        assert_ok(start(i % count_cores(), "sleep", 0, &number));
        if (i % 3 == 0) {
            thread_yield();
        }
        end(number);
    }
}

/* Whether a batch of rounds leaves every core with as much free memory as before. */
static bool batch_is_even(void)
{
    uint64_t before[64];
    bool even = true;

    for (coreid_t c = 0; c < count_cores() && c < ARRAY_LENGTH(before); c++) {
        before[c] = free_of(c);
    }
    start_and_end(ROUNDS);
    for (coreid_t c = 0; c < count_cores() && c < ARRAY_LENGTH(before); c++) {
        even &= free_of(c) == before[c];
    }
    return even;
}

/* Core servers keep threads and slots for the next time, as many as were ever needed at once, and that is a
 * matter of timing: so a batch may leave less. What is lost for good is lost in every batch. */
static void nothing_is_left(void)
{
    unsigned batches = 0;

    while (!batch_is_even()) {
        assert_true(++batches < BATCHES);
    }
}

static void killed_twice(void)
{
    struct rpc_channel core = core_server();
    uint32_t number;

    assert_ok(start(1, "sleep", 0, &number));
    end(number);
    assert_error(core_kill(&core, number), PROC_NOT_FOUND);
    assert_error(core_kill(&core, 2), CAP_MISSING_RIGHT); /* the core server of core 1 */
}

/* Threads that wait for one process. */
struct waiter {
    struct thread thread;
    uint32_t number;
    err_t error;
    uint8_t how;
    _Alignas(16) unsigned char stack[16 * 1024];
};

static void wait_in_thread(void *argument)
{
    struct waiter *w = argument;
    uint32_t code;

    w->error = wait_for(w->number, true, &w->how, &code);
}

static void many_wait(void)
{
    static struct waiter waiters[3];
    struct rpc_channel core = core_server();
    uint32_t number;

    assert_ok(start(1, "sleep", 0, &number));
    for (unsigned i = 0; i < ARRAY_LENGTH(waiters); i++) {
        waiters[i].number = number;
        thread_start(&waiters[i].thread, "waiter", waiters[i].stack, sizeof(waiters[i].stack), wait_in_thread,
                     &waiters[i]);
    }
    thread_yield();
    assert_ok(core_kill(&core, number));
    for (unsigned i = 0; i < ARRAY_LENGTH(waiters); i++) {
        thread_join(&waiters[i].thread);
        assert_ok(waiters[i].error);
        assert_int_equal(waiters[i].how, EXIT_KILLED);
    }
}

/* The first process of that core that is not its core server. */
static struct core_process first_of(coreid_t c, uint32_t from)
{
    static struct core_process found[CORE_PROCESSES_OF_FOUND_MAX];
    struct rpc_channel core = core_server();
    size_t count;
    bool more;

    assert_ok(core_processes_of(&core, c, from, found, ARRAY_LENGTH(found), &count, &more));
    assert_true(count > 0);
    return found[0];
}

static void others_children(void)
{
    struct core_process other = first_of(1, count_cores() + 1);
    uint8_t how;
    uint32_t code;

    assert_error(wait_for(other.number, false, &how, &code), TIMEOUT);
    assert_error(wait_for(count_cores() * 1000 + 2, false, &how, &code), PROC_NOT_FOUND);
    assert_error(wait_for(count_cores() * 1000 + 2, true, &how, &code), PROC_NOT_FOUND);
    assert_error(wait_for(0, true, &how, &code), PROC_NOT_FOUND);
}

/* Its parent has ended: it has none, and when it ends nobody has to ask. */
static void orphans(void)
{
    struct rpc_channel core = core_server();
    uint32_t last = count_cores() - 1;
    uint32_t parent;
    uint32_t number;
    uint8_t how;
    uint32_t code;

    assert_ok(start(1, "leave", last, &parent));
    number = outcome(parent);
    assert_int_not_equal(number, 0);
    assert_int_equal(first_of(last, number).number, number);
    assert_ok(core_kill(&core, number));
    assert_error(wait_for(number, false, &how, &code), PROC_NOT_FOUND);
    assert_error(core_kill(&core, number), PROC_NOT_FOUND);
}

static void without_rights(void)
{
    uint32_t number;

    assert_ok(start(1, "refused", first_of(2, count_cores() + 1).number, &number));
    assert_int_equal(outcome(number), 0);
}

/* One that may look, and no more. */
static void with_rights(void)
{
    uint32_t number;

    for (coreid_t c = 0; c < count_cores(); c++) {
        assert_ok(start_with(c, "inspect", "inspect", c, &number));
        assert_int_equal(outcome(number), 0);
        assert_error(start_with(c, "log", "exit", 0, &number),
                     CAP_MISSING_RIGHT); /* this suite has not got it */
        assert_error(start_with(c, "inspect,all", "exit", 0, &number), NOT_FOUND);
    }
}

static void without_memory(void)
{
    uint64_t before = free_of(1);
    uint32_t number;

    assert_ok(start(1, "starve", 0, &number));
    assert_int_equal(outcome(number), 0);
    assert_ok(start(1, "exit", 5, &number));
    assert_int_equal(outcome(number), 5);
    assert_in_range(free_of(1), before - 256 * 1024, before); /* its core server may have grown */
}

int main(int argc, char **argv)
{
    static const struct suite_test tests[] = {
        {"PROC-CORES-001",
         "a program runs on the core it was started for, and its parent is told how it ended", on_each_core},
        {"PROC-CORES-002", "the end of a child on another core is told once", told_once},
        {"PROC-CORES-003", "a core that does not exist is refused by everything that names cores",
         no_such_core},
        {"PROC-CORES-004", "words and programs that are wrong are refused on other cores as on one's own",
         bad_words},
        {"PROC-CORES-005", "batches of programs, started and killed on all cores, leave memory as it was",
         nothing_is_left},
        {"PROC-CORES-006", "what was killed cannot be killed again, and a core server not at all",
         killed_twice},
        {"PROC-CORES-007", "several may wait for one process of another core", many_wait},
        {"PROC-CORES-008", "who may inspect waits for others' children, on any core", others_children},
        {"PROC-CORES-009", "a process whose parent on another core has ended has none", orphans},
        {"PROC-CORES-010", "without rights nobody looks at or ends what is on another core", without_rights},
        {"PROC-CORES-012", "a program is given what its parent has, and nothing else", with_rights},
        {"PROC-CORES-011", "a core without memory refuses to start programs, and goes on when it has some",
         without_memory},
    };
    uint64_t operand = 0;

    if (argc == 3) {
        for (const char *c = argv[2]; *c != '\0'; c++) {
            operand = operand * 10 + (uint64_t)(*c - '0');
        }
        return (int)act(argv[1], (uint32_t)operand);
    }
    return suite_run(tests, ARRAY_LENGTH(tests));
}
