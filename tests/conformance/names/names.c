/* SPDX-License-Identifier: MIT */
/* Names as a process sees them: its own services, and those of `counter` (examples/counter), which it starts
 * and ends. */
#include <mudskipper/ns/bind.h>
#include <mudskipper/ns/host.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/format.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>
#include "core_rpc.h"
#include "count_rpc.h"
#include "names_rpc.h"
#include "../system/suite.h"

static struct service_host host;
static struct rpc_channel core_server;

/* One call is all that this process ever serves: from another core, in NAMES-CORES-003. */
static err_t serve_next(void *context, struct rpc_request *request)
{
    (void)context;
    rpc_lmp_stop(&host.lmp);
    return count_next_reply(request, 1, rt_self()->core);
}

static const struct count_ops service_ops = {.next = serve_next};
static struct rpc_service service = {.interface = &count_interface, .ops = &service_ops, .number = 1};

static void begin(void)
{
    static struct rpc_lmp_link link;

    if (core_server.link == NULL) {
        assert_ok(host_init(&host));
        rpc_lmp_link_init(&link, SLOT_INIT, &host.memory, &rpc_own_slots);
        core_server = rpc_channel_of(&link.link);
        assert_ok(rpc_server_add(&host.lmp.server, &service));
    }
}

static nanos_t soon(void)
{
    return rt_now() + (nanos_t)20 * 1000 * 1000 * 1000;
}

static err_t try_register(const char *name, const char *attributes, enum ns_mode mode, uint64_t *generation)
{
    const struct name_offer offer = {
        .name = name, .attributes = attributes, .service = &service, .mode = mode};

    return name_register(&host.names, &offer, generation);
}

static uint64_t register_name(const char *name)
{
    uint64_t generation;

    assert_ok(try_register(name, NULL, NS_REFUSE, &generation));
    return generation;
}

static void no_such_name(const char *name)
{
    struct name_found found;

    assert_error(name_lookup(&host.names, name, &found), NAME_UNKNOWN);
}

/* ---- servers: children of this process ---- */

static uint32_t start_counter_on(coreid_t core, const char *name)
{
    char words[64];
    uint32_t number;
    size_t bytes = format_to(words, sizeof(words), "counter%c%s", 0, name) + 1;

    assert_ok(core_spawn_on(&core_server, core, 0, "", words, bytes, &number));
    return number;
}

static uint32_t start_counter(const char *name)
{
    return start_counter_on(rt_self()->core, name);
}

static void wait_for(const char *name)
{
    struct name_found found;

    assert_ok(name_wait(&host.names, name, soon(), &found));
    slot_delete(found.handle);
}

/* ---- one's own services ---- */

static void is_found(void)
{
    struct name_found found;
    struct cap_identity handle;
    uint64_t generation;

    begin();
    generation = register_name("app.test.one");
    assert_ok(name_lookup(&host.names, "app.test.one", &found));
    assert_int_equal(found.generation, generation);
    assert_int_equal(found.core, rt_self()->core);
    assert_int_equal(found.process, rt_self()->process);
    assert_ok(cap_identify(found.handle, &handle));
    assert_int_equal(handle.type, CAP_TYPE_HANDLE);
    assert_int_equal(handle.words[0], service.number);
    assert_int_equal(handle.words[1], rt_self()->process);
    slot_delete(found.handle);
    assert_ok(name_deregister(&host.names, "app.test.one"));
}

static void is_given_back(void)
{
    struct name_found found;
    struct rt_message message = {.cap = CPTR_NULL};

    begin();
    (void)register_name("app.test.one");
    assert_ok(name_lookup(&host.names, "app.test.one", &found));
    assert_ok(name_deregister(&host.names, "app.test.one"));
    no_such_name("app.test.one");
    assert_error(rt_send(found.handle, &message), CAP_EMPTY_SLOT);
    slot_delete(found.handle);
    assert_error(name_deregister(&host.names, "app.test.one"), NOT_FOUND);
}

static void generations_rise(void)
{
    struct name_found found;
    uint64_t first;
    uint64_t second;
    err_t e;

    begin();
    first = register_name("app.test.one");
    assert_ok(name_lookup_same(&host.names, "app.test.one", first, &found));
    slot_delete(found.handle);
    assert_ok(name_deregister(&host.names, "app.test.one"));
    second = register_name("app.test.one");
    assert_true(second > first);
    e = name_lookup_same(&host.names, "app.test.one", first, &found);
    assert_error(e, STALE);
    assert_int_equal(e.detail, second);
    assert_ok(name_deregister(&host.names, "app.test.one"));
}

/* ---- refusals ---- */

static void wrong_syntax(void)
{
    static const struct {
        const char *name;
        uint64_t position;
    } wrong[] = {{"", 0},     {"App", 0},    {"app..x", 4}, {".app", 0},
                 {"app.", 4}, {"app.x ", 5}, {"app/x", 3},  {"app.\xc3\xa4", 4}};
    struct name_found found;

    begin();
    for (unsigned i = 0; i < ARRAY_LENGTH(wrong); i++) {
        err_t e = try_register(wrong[i].name, NULL, NS_REFUSE, NULL);

        assert_error(e, NAME_SYNTAX);
        assert_int_equal(e.detail, wrong[i].position);
        e = name_lookup(&host.names, wrong[i].name, &found);
        assert_error(e, NAME_SYNTAX);
        assert_int_equal(e.detail, wrong[i].position);
    }
}

/* What the library refuses, the nameserver refuses, too: a program may speak to it by hand. */
static void wrong_syntax_by_hand(void)
{
    cptr_t handle;
    uint64_t held;
    uint32_t core;
    uint32_t process;
    err_t e;

    begin();
    e = names_lookup(&host.names.channel, "app..x", 0, &handle, &held, &core, &process);
    assert_error(e, NAME_SYNTAX);
    assert_int_equal(e.detail, 4);
    e = names_register(&host.names.channel, "app.x", "=", 0, SLOT_ENDPOINT, &held);
    assert_error(e, NAME_ATTRIBUTES);
    assert_int_equal(e.detail, 0);
    assert_error(names_register(&host.names.channel, "app.x", "", 0, SLOT_ENDPOINT, &held), CAP_WRONG_TYPE);
    no_such_name("app.x");
}

static void bad_mode(void)
{
    begin();
    assert_error(try_register("app.test.one", NULL, (enum ns_mode)3, NULL), BAD_ARGUMENT);
    no_such_name("app.test.one");
}

static void reserved_prefixes(void)
{
    static const char *const names[] = {"sys.test", "dev.test", "net.test", "fs.test", "test", "application"};

    begin();
    for (unsigned i = 0; i < ARRAY_LENGTH(names); i++) {
        assert_error(try_register(names[i], NULL, NS_REFUSE, NULL), NAME_PREFIX);
        no_such_name(names[i]);
    }
}

static void taken(void)
{
    uint64_t generation;
    uint32_t counter;

    begin();
    generation = register_name("app.test.one");
    for (unsigned mode = NS_REFUSE; mode <= NS_REPLACE; mode++) {
        assert_error(try_register("app.test.one", NULL, (enum ns_mode)mode, NULL), NAME_TAKEN);
    }
    assert_ok(name_deregister(&host.names, "app.test.one"));
    counter = start_counter("app.test.one");
    wait_for("app.test.one");
    assert_error(try_register("app.test.one", NULL, NS_REFUSE, NULL), NAME_TAKEN);
    assert_error(try_register("app.test.one", NULL, NS_REPLACE, NULL), NAME_TAKEN);
    assert_ok(core_kill(&core_server, counter));
    assert_true(register_name("app.test.one") > generation);
    assert_ok(name_deregister(&host.names, "app.test.one"));
}

/* ---- others ---- */

static void is_called(void)
{
    struct name_binding binding;
    struct rpc_channel count;
    uint64_t calls;
    uint32_t core;
    uint32_t counter;

    begin();
    counter = start_counter("app.test.count");
    assert_ok(name_bind_wait(&host.names, "app.test.count", soon(), &binding));
    count = name_binding_channel(&binding);
    for (uint64_t i = 1; i <= 100; i++) {
        assert_ok(count_next(&count, &calls, &core));
        assert_int_equal(calls, i);
        assert_int_equal(core, binding.found.core);
    }
    assert_int_equal(binding.found.process, counter);
    assert_ok(core_kill(&core_server, counter));
    assert_error(count_next(&count, &calls, &core), PEER_GONE);
    no_such_name("app.test.count");
    name_unbind(&binding);
}

static void ends_with_its_process(void)
{
    struct name_found found;

    begin();
    for (unsigned i = 0; i < 20; i++) {
        uint32_t counter = start_counter("app.test.short");

        wait_for("app.test.short");
        assert_ok(core_kill(&core_server, counter));
        assert_error(name_lookup(&host.names, "app.test.short", &found), NAME_UNKNOWN);
    }
}

static void takes_over(void)
{
    uint64_t generation;
    uint32_t counter;
    struct name_found found;

    begin();
    counter = start_counter("app.test.queue");
    wait_for("app.test.queue");
    assert_ok(try_register("app.test.queue", NULL, NS_QUEUE, &generation));
    assert_int_equal(generation, 0);
    assert_ok(core_kill(&core_server, counter));
    assert_ok(name_lookup(&host.names, "app.test.queue", &found));
    assert_int_equal(found.process, rt_self()->process);
    slot_delete(found.handle);
    assert_ok(name_deregister(&host.names, "app.test.queue"));
    no_such_name("app.test.queue");
}

static void waits_in_vain(void)
{
    struct name_found found;
    nanos_t deadline;

    begin();
    deadline = rt_now() + 20 * 1000 * 1000;
    assert_error(name_wait(&host.names, "app.test.never", deadline, &found), TIMEOUT);
    assert_true(rt_now() >= deadline);
    assert_error(name_wait(&host.names, "app.test.never", 1, &found), TIMEOUT);
}

static void wait_in_thread(void *error)
{
    struct name_found found;

    *(err_t *)error = name_wait(&host.names, "app.test.later", soon(), &found);
    if (err_ok(*(err_t *)error)) {
        slot_delete(found.handle);
    }
}

static void many_wait(void)
{
    enum { WAITERS = 8, STACK = 16384 };
    static struct thread threads[WAITERS];
    static _Alignas(16) unsigned char stacks[WAITERS][STACK];
    static err_t errors[WAITERS];

    begin();
    for (unsigned i = 0; i < WAITERS; i++) {
        thread_start(&threads[i], "waiter", stacks[i], STACK, wait_in_thread, &errors[i]);
    }
    thread_yield(); /* they ask; whether all have does not matter */
    (void)register_name("app.test.later");
    for (unsigned i = 0; i < WAITERS; i++) {
        thread_join(&threads[i]);
        assert_ok(errors[i]);
    }
    assert_ok(name_deregister(&host.names, "app.test.later"));
}

/* ---- enumerating ---- */

#define MANY 100u /* several pages */

struct listed {
    unsigned count;
    unsigned most;
    char last[NS_NAME_MAX + 1];
};

static bool look(void *argument, const struct name_entry *entry)
{
    struct listed *l = argument;

    assert_true(ns_name_compare(text_of(l->last), text_of(entry->name)) < 0);
    assert_true(ns_name_below(text_of("app.test.many"), text_of(entry->name)));
    assert_string_equal(entry->attributes, "kind=test empty");
    assert_int_equal(entry->process, rt_self()->process);
    str_copy(l->last, sizeof(l->last), entry->name);
    return ++l->count < l->most;
}

static void is_listed(void)
{
    struct listed all = {.most = UINT32_MAX};
    struct listed some = {.most = 40};
    struct listed none = {.most = UINT32_MAX};
    char name[64];

    begin();
    for (unsigned i = 0; i < MANY; i++) {
        format_to(name, sizeof(name), "app.test.many.%u", i * 7 % MANY);
        assert_ok(try_register(name, "kind=test empty", NS_REFUSE, NULL));
    }
    assert_ok(name_list(&host.names, "app.test.many", look, &all));
    assert_int_equal(all.count, MANY);
    assert_ok(name_list(&host.names, "app.test.many", look, &some));
    assert_int_equal(some.count, 40);
    assert_ok(name_list(&host.names, "app.test.man", look, &none));
    assert_int_equal(none.count, 0);
    assert_error(name_list(&host.names, "app.", look, &none), NAME_SYNTAX);
    for (unsigned i = 0; i < MANY; i++) {
        format_to(name, sizeof(name), "app.test.many.%u", i);
        assert_ok(name_deregister(&host.names, name));
    }
    assert_ok(name_list(&host.names, "app.test.many", look, &none));
    assert_int_equal(none.count, 0);
}

/* ---- other cores ---- */

static uint32_t count_cores(void)
{
    static char world[CORE_MACHINE_WORLD_MAX + 1];
    char version[CORE_MACHINE_VERSION_MAX + 1];
    uint32_t cores;
    uint32_t core;

    assert_ok(core_machine(&core_server, version, sizeof(version), world, sizeof(world), &cores, &core));
    return cores;
}

static void call_on(coreid_t core)
{
    struct name_binding binding;
    struct rpc_channel count;
    char name[64];
    uint64_t calls;
    uint32_t its;
    uint32_t counter;

    format_to(name, sizeof(name), "app.test.core.%u", core);
    counter = start_counter_on(core, name);
    assert_ok(name_bind_wait(&host.names, name, soon(), &binding));
    assert_int_equal(binding.found.core, core);
    assert_int_equal(binding.found.process, counter);
    count = name_binding_channel(&binding);
    for (uint64_t i = 1; i <= 20; i++) {
        assert_ok(count_next(&count, &calls, &its));
        assert_int_equal(calls, i);
        assert_int_equal(its, core);
    }
    assert_ok(core_kill(&core_server, counter));
    no_such_name(name);
    assert_error(count_next(&count, &calls, &its), PEER_GONE);
    name_unbind(&binding);
}

static void every_core_is_called(void)
{
    begin();
    for (coreid_t core = 0; core < count_cores(); core++) {
        call_on(core);
    }
}

struct cores_seen {
    unsigned count;
    coreid_t next;
};

static bool see_core(void *argument, const struct name_entry *entry)
{
    struct cores_seen *seen = argument;

    seen->count++;
    assert_int_equal(entry->core, seen->next);
    seen->next++;
    return true;
}

/* A core's digits are one label, so that names of up to ten cores stand in order of the cores. */
static void every_core_is_listed(void)
{
    uint32_t counters[10];
    struct cores_seen seen = {0};
    char name[64];
    unsigned cores;

    begin();
    cores = count_cores() < 10 ? count_cores() : 10;
    for (coreid_t core = 0; core < cores; core++) {
        format_to(name, sizeof(name), "app.test.core.%u", core);
        counters[core] = start_counter_on(core, name);
        wait_for(name);
    }
    assert_ok(name_list(&host.names, "app.test.core", see_core, &seen));
    assert_int_equal(seen.count, cores);
    for (coreid_t core = 0; core < cores; core++) {
        assert_ok(core_kill(&core_server, counters[core]));
    }
    seen = (struct cores_seen){0};
    assert_ok(name_list(&host.names, "app.test.core", see_core, &seen));
    assert_int_equal(seen.count, 0);
}

/* The Handles that clients on other cores got end with the name, too, and what comes after is a new one. */
static void is_given_back_by_all(void)
{
    static const char words[] = "ask\0app.test.back";
    uint32_t cores;
    uint32_t code;
    uint8_t how;
    uint8_t fault;
    uint8_t access;
    uint64_t address;
    uint32_t asker;

    begin();
    cores = count_cores();
    for (coreid_t core = 0; core < cores; core++) {
        (void)register_name("app.test.back");
        assert_ok(core_spawn_on(&core_server, core, 0, "", words, sizeof(words), &asker));
        host.lmp.stop = false;
        assert_ok(rpc_lmp_serve(&host.lmp, soon()));
        assert_ok(core_wait(&core_server, asker, true, &how, &code, &fault, &access, &address));
        assert_int_equal(code, 0);
        assert_ok(name_deregister(&host.names, "app.test.back"));
        no_such_name("app.test.back");
    }
}

static void books_are_right(void)
{
    uint64_t mistakes;
    uint32_t cores;

    begin();
    cores = count_cores();
    for (coreid_t core = 0; core < cores; core++) {
        assert_ok(names_check(&host.names.channel, core, &mistakes));
        assert_int_equal(mistakes, 0);
    }
    assert_error(names_check(&host.names.channel, cores, &mistakes), BAD_CORE);
}

SUITE_MAIN(
    {"NAMES-REGISTER-001", "what was registered is found, with a Handle of the client's own", is_found},
    {"NAMES-REGISTER-002", "what was given back is gone, with all Handles", is_given_back},
    {"NAMES-REGISTER-003", "generations rise, and an old one is told STALE", generations_rise},
    {"NAMES-REFUSE-001", "a malformed name is refused with the position", wrong_syntax},
    {"NAMES-REFUSE-002", "the nameserver itself checks names, attributes, capabilities",
     wrong_syntax_by_hand},
    {"NAMES-REFUSE-003", "there is no fourth mode", bad_mode},
    {"NAMES-REFUSE-004", "a program registers below app. only", reserved_prefixes},
    {"NAMES-REFUSE-005", "a name that is taken is refused, and free when its holder was killed", taken},
    {"NAMES-CALL-001", "a name leads to its service; a killed one is PEER_GONE, its name unknown", is_called},
    {"NAMES-DEATH-001", "whoever killed a process finds its name gone", ends_with_its_process},
    {"NAMES-DEATH-002", "who is queued takes over from the dead", takes_over},
    {"NAMES-WAIT-001", "a wait ends at its deadline", waits_in_vain},
    {"NAMES-WAIT-002", "all who wait for a name get it", many_wait},
    {"NAMES-LIST-001", "all names below a prefix are listed in order, over several pages", is_listed},
    {"NAMES-CORES-001", "a server on any core is found and called; with it goes its name",
     every_core_is_called},
    {"NAMES-CORES-002", "services of all cores are listed", every_core_is_listed},
    {"NAMES-CORES-003", "a name is given back when clients of other cores had it", is_given_back_by_all},
    {"NAMES-CHECK-001", "the nameserver's books are right after all this", books_are_right})
