/* SPDX-License-Identifier: MIT */
/* Memory of an ordinary process of the whole system: asked of the core server, accounted, given back, looked
 * at. */
#include <mudskipper/abi/layout.h>
#include <mudskipper/abi/regions.h>
#include <mudskipper/heap/heap.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rpc/heap.h>
#include <mudskipper/rpc/lmp.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/vspace/heap.h>
#include <mudskipper/vspace/self.h>
#include "../system/suite.h"
#include "core_rpc.h"

#define KIB 1024u
#define MIB (1024u * KIB)

static struct core_region found[CORE_REGIONS_FOUND_MAX];
static size_t count;

static struct rpc_channel core_server(void)
{
    static struct rpc_memory memory;
    static struct rpc_lmp_link link;

    if (memory.allocate == NULL) {
        memory = rpc_memory_of(process_heap());
        rpc_lmp_link_init(&link, SLOT_INIT, &memory, &rpc_own_slots);
    }
    return rpc_channel_of(&link.link);
}

/* What this process has, as the core server counts it. */
static uint64_t accounted(void)
{
    static struct core_process processes[CORE_PROCESSES_FOUND_MAX];
    struct rpc_channel core = core_server();
    size_t processes_count;
    bool more;

    assert_ok(core_processes(&core, rt_self()->process, processes, ARRAY_LENGTH(processes), &processes_count,
                             &more));
    assert_true(processes_count > 0 && processes[0].number == rt_self()->process);
    return processes[0].memory;
}

static void memory_is_accounted(void)
{
    uint64_t before = accounted();
    uint64_t full;
    void *at;

    assert_ok(self_map_lazy(8 * MIB, 16, "test", &at));
    assert_true(accounted() - before < 256 * KIB);
    for (unsigned page = 0; page < 8 * MIB / PAGE_SIZE; page++) {
        ((volatile char *)at)[page * PAGE_SIZE] = 1;
    }
    full = accounted();
    assert_true(full - before >= 8 * MIB && full - before < 10 * MIB);
    assert_ok(self_release(at, 4 * MIB));
    assert_true(full - accounted() >= 3 * MIB);
    assert_ok(self_unmap(at));
    assert_true(accounted() - before < MIB);
}

static void heap_is_accounted(void)
{
    uint64_t before = accounted();
    void *blocks[32];

    for (unsigned i = 0; i < ARRAY_LENGTH(blocks); i++) {
        blocks[i] = heap_malloc(process_heap(), 300 * KIB);
        assert_true(blocks[i] != NULL);
    }
    assert_true(accounted() - before >= ARRAY_LENGTH(blocks) * 300 * KIB);
    for (unsigned i = 0; i < ARRAY_LENGTH(blocks); i++) {
        heap_free(process_heap(), blocks[i]);
    }
    (void)heap_trim(process_heap());
    assert_true(accounted() < before + MIB);
}

static void only_ones_own_is_freed(void)
{
    struct rpc_channel core = core_server();
    struct cap_identity piece;
    uint64_t before = accounted();
    cptr_t ram;

    assert_ok(core_alloc(&core, 4 * PAGE_SIZE, &ram));
    assert_ok(cap_identify(ram, &piece));
    assert_error(core_free(&core, piece.base + 1, PAGE_SIZE), UNALIGNED);
    assert_error(core_free(&core, piece.base, 100), MM_SIZE);
    assert_error(core_free(&core, 0, PAGE_SIZE), MM_UNKNOWN);
    assert_error(core_free(&core, piece.base, 1 << 20), MM_DOUBLE_FREE);
    assert_ok(core_free(&core, piece.base, 4 * PAGE_SIZE));
    assert_error(cap_identify(ram, &piece), CAP_EMPTY_SLOT);
    assert_int_equal(accounted(), before);
    slot_delete(ram);
}

/* Far beyond what a process begins with. */
static void slots_grow(void)
{
    enum { RUNS = 300, RUN = 32 };
    static cptr_t first[RUNS];

    for (unsigned i = 0; i < RUNS; i++) {
        assert_ok(slot_alloc_run(RUN, &first[i]));
        assert_ok(cap_copy(SLOT_LOG, first[i]));
    }
    assert_true(first[RUNS - 1] >> CPTR_L2_BITS >= 32);
    for (unsigned i = 0; i < RUNS; i++) {
        assert_ok(cap_delete(first[i]));
        for (unsigned slot = 0; slot < RUN; slot++) {
            slot_free(first[i] + slot);
        }
    }
}

/* ---- looked at ---- */

static void look(void)
{
    struct rpc_channel core = core_server();
    uint64_t next;

    assert_ok(core_regions(&core, rt_self()->process, 0, found, ARRAY_LENGTH(found), &count, &next));
    assert_int_equal(next, 0);
    for (size_t i = 1; i < count; i++) {
        assert_true(found[i - 1].start + found[i - 1].bytes <= found[i].start);
    }
}

/* The row that holds an address, or NULL. */
static const struct core_region *row_at(vaddr_t address)
{
    for (size_t i = 0; i < count; i++) {
        if (address >= found[i].start && address - found[i].start < found[i].bytes) {
            return &found[i];
        }
    }
    return NULL;
}

static void expect_row(const volatile void *at, const char *kind, unsigned rights, bool on_demand)
{
    const struct core_region *row = row_at((vaddr_t)at);

    assert_non_null(row);
    assert_string_equal(row->kind, kind);
    assert_int_equal(row->rights, rights);
    assert_int_equal(row->on_demand, on_demand);
    assert_true(row->present <= row->bytes);
}

static void regions_are_seen(void)
{
    void *lazy;
    void *block = heap_malloc(process_heap(), 1);

    assert_ok(self_map_lazy(3 * MIB, 1, "mine", &lazy));
    ((volatile char *)lazy)[MIB] = 1;
    ((volatile char *)lazy)[2 * MIB + 5 * PAGE_SIZE] = 1;
    look();
    expect_row((void *)(uintptr_t)regions_are_seen, "image", CAP_READ | CAP_EXECUTE, false);
    expect_row(&count, "image", CAP_READ | CAP_WRITE, false);
    expect_row(rt_self(), "start block", CAP_READ, false);
    expect_row((char *)rt_self()->stack_top - 1, "stack", CAP_READ | CAP_WRITE, true);
    expect_row((char *)rt_self()->stack_top - rt_self()->stack_limit - 1, "guard", 0, false);
    expect_row(block, "heap", CAP_READ | CAP_WRITE, true);
    expect_row(lazy, "mine", CAP_READ | CAP_WRITE, true);
    assert_int_equal(row_at((vaddr_t)lazy)->present, 2 * PAGE_SIZE);
    assert_true(row_at(rt_self()->vspace_base) == NULL);
    assert_ok(self_unmap(lazy));
    look();
    assert_true(row_at((vaddr_t)lazy) == NULL);
    heap_free(process_heap(), block);
}

static struct region_notes *notes(void)
{
    return (struct region_notes *)(rt_self()->dispatcher_user + REGION_NOTES_OFFSET);
}

/* What is mapped is seen whatever is said. */
static void expect_the_truth(void)
{
    look();
    expect_row((void *)(uintptr_t)regions_are_seen, "image", CAP_READ | CAP_EXECUTE, false);
    assert_non_null(row_at((vaddr_t)rt_self()));
    assert_non_null(row_at(rt_self()->stack_top - 1));
}

static void lies_are_harmless(void)
{
    void *block = heap_malloc(process_heap(), 1);
    vaddr_t page = (vaddr_t)block & ~PAGE_MASK;
    void *lazy;

    mem_set(notes()->note, 0xff, REGION_NOTES_MAX * sizeof(struct region_note));
    expect_the_truth();
    notes()->count = UINT32_MAX;
    expect_the_truth();
    notes()->count = 2;
    notes()->changes |= 1;
    expect_the_truth();
    notes()->changes &= ~1u;
    notes()->note[0] = (struct region_note){
        .base = page, .bytes = PAGE_SIZE, .guard = UINT32_MAX, .rights = 0xff, .on_demand = 7};
    str_copy(notes()->note[0].name, sizeof(notes()->note[0].name), "\x1b[2J\n\xff");
    notes()->note[1] = (struct region_note){.base = page, .bytes = PAGE_SIZE};
    expect_the_truth();
    expect_row(block, "?[2J??", CAP_READ | CAP_WRITE | CAP_EXECUTE, true);
    /* The next change tells the truth again. */
    assert_ok(self_map_lazy(PAGE_SIZE, 1, "mine", &lazy));
    expect_the_truth();
    expect_row(block, "heap", CAP_READ | CAP_WRITE, true);
    assert_ok(self_unmap(lazy));
    heap_free(process_heap(), block);
}

static void looking_refusals(void)
{
    struct rpc_channel core = core_server();
    uint64_t next;

    assert_error(core_regions(&core, 0xfffffff0u, 0, found, ARRAY_LENGTH(found), &count, &next),
                 PROC_NOT_FOUND);
    assert_ok(core_regions(&core, rt_self()->process, UINT64_MAX, found, ARRAY_LENGTH(found), &count, &next));
    assert_int_equal(count, 0);
}

/* More than one answer holds. */
static void many_regions(void)
{
    enum { FRAMES = 100 };
    struct rpc_channel core = core_server();
    static void *at[FRAMES];
    uint64_t from = 0;
    unsigned seen = 0;
    cptr_t frame;
    cptr_t ram;

    assert_ok(core_alloc(&core, PAGE_SIZE, &ram));
    assert_ok(slot_alloc(&frame));
    assert_ok(cap_retype(ram, 0, CAP_TYPE_FRAME, PAGE_SIZE, 1, frame));
    for (unsigned i = 0; i < FRAMES; i++) {
        assert_ok(self_map(frame, 0, PAGE_SIZE, CAP_READ, &at[i]));
    }
    do {
        assert_ok(core_regions(&core, rt_self()->process, from, found, ARRAY_LENGTH(found), &count, &from));
        for (size_t i = 0; i < count; i++) {
            for (unsigned frames = 0; frames < FRAMES; frames++) {
                seen += found[i].start == (vaddr_t)at[frames] && found[i].present == PAGE_SIZE;
            }
        }
    } while (from != 0);
    assert_int_equal(seen, FRAMES);
    for (unsigned i = 0; i < FRAMES; i++) {
        assert_ok(self_unmap(at[i]));
    }
    slot_delete(frame);
    slot_delete(ram);
}

SUITE_MAIN({"VSP-ACCOUNT-001", "pages on demand are accounted when they come, and no more when they go",
            memory_is_accounted},
           {"VSP-ACCOUNT-002", "so is the heap", heap_is_accounted},
           {"VSP-ACCOUNT-003",
            "a process gives back its own memory only, and all that is left of it is revoked",
            only_ones_own_is_freed},
           {"VSP-GROW-003", "a process has as many slots as it has memory for", slots_grow},
           {"VSP-LOOK-001", "the core server tells what lies where in a process", regions_are_seen},
           {"VSP-LOOK-002", "what a process says wrong about itself changes names only", lies_are_harmless},
           {"VSP-LOOK-003", "who is not there is not looked at", looking_refusals},
           {"VSP-LOOK-004", "regions come in as many answers as they need", many_regions})
