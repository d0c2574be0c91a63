/* SPDX-License-Identifier: MIT */
/* What a program that testd runs has, and what it has not: its manifest says cap=inspect and one variable. */
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rpc/heap.h>
#include <mudskipper/rpc/lmp.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/given.h>
#include <mudskipper/rt/out.h>
#include "core_rpc.h"
#include "suite.h"

static struct rpc_channel core_server(void)
{
    static _Alignas(PAGE_SIZE) unsigned char bytes[32 * PAGE_SIZE];
    static struct heap heap;
    static struct rpc_memory memory;
    static struct rpc_lmp_link link;

    if (memory.allocate == NULL) {
        assert_ok(heap_init(&heap, NULL, NULL, NULL, bytes, sizeof(bytes)));
        memory = rpc_memory_of(&heap);
        rpc_lmp_link_init(&link, SLOT_INIT, &memory, &rpc_own_slots);
    }
    return rpc_channel_of(&link.link);
}

static void environment(void)
{
    const char *greeting = rt_environment("GREETING");

    assert_non_null(greeting);
    assert_string_equal(greeting, "hello");
}

static void output(void)
{
    assert_true(rt_has_stream(SLOT_STDOUT));
    assert_true(rt_has_stream(SLOT_STDERR));
    assert_ok(rt_stream_write(SLOT_STDERR, "# said on the error output\n", 27));
}

static void log_is_written_only(void)
{
    char text[LOG_WRITE_MAX];
    uint64_t position = 0;
    size_t bytes;

    assert_error(cap_log_read(SLOT_LOG, &position, text, &bytes), CAP_MISSING_RIGHT);
    assert_ok(rt_log_write("", 0));
}

/* The machine would be off. */
static void manage_was_not_named(void)
{
    struct rpc_channel core = core_server();

    assert_error(core_power_off(&core, 0), CAP_MISSING_RIGHT);
    assert_error(core_reboot(&core), CAP_MISSING_RIGHT);
}

static void inspect_was_named(void)
{
    static struct core_capability found[CORE_CAPABILITIES_FOUND_MAX];
    struct rpc_channel core = core_server();
    size_t count;
    uint32_t next;

    assert_ok(core_capabilities(&core, 1, 0, found, ARRAY_LENGTH(found), &count, &next));
    assert_true(count > 0);
}

static void no_more_than_oneself(void)
{
    static const char words[] = "hello";
    struct rpc_channel core = core_server();
    uint32_t number;

    assert_error(core_start(&core, words, sizeof(words), "", 0, "log", CPTR_NULL, &number),
                 CAP_MISSING_RIGHT);
    assert_error(core_start(&core, words, sizeof(words), "", 0, "everything", CPTR_NULL, &number), NOT_FOUND);
    assert_error(core_start(&core, words, sizeof(words) - 1, "", 0, "", CPTR_NULL, &number), BAD_ARGUMENT);
    assert_error(core_start(&core, "nobody", 7, "", 0, "inspect", CPTR_NULL, &number), CPIO_NOT_FOUND);
}

SUITE_MAIN({"TESTD-001", "the environment of a test program is that of its manifest", environment},
           {"TESTD-002", "its output and error output are the channel of its results", output},
           {"TESTD-003", "without cap=log it writes to the kernel's log but cannot read it",
            log_is_written_only},
           {"TESTD-004", "without cap=manage it cannot end the machine", manage_was_not_named},
           {"TESTD-005", "with cap=inspect it may look into others", inspect_was_named},
           {"TESTD-006", "nobody starts a program with more than he has himself", no_more_than_oneself})
