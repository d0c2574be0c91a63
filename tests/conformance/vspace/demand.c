/* SPDX-License-Identifier: MIT */
/* Memory that comes on first touch: regions, stacks, the heap; and what a fault means that nothing answers.
 */
#include <mudskipper/heap/heap.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/fault.h>
#include <mudskipper/rt/message.h>
#include <mudskipper/rt/port.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/vspace/heap.h>
#include <mudskipper/vspace/region.h>
#include <mudskipper/vspace/self.h>
#include <mudskipper/vspace/thread.h>
#include "../system/suite.h"
#include "source.h"

#define WORDS   (PAGE_SIZE / sizeof(uint64_t))
#define THREADS 6u
#define KIB     1024u
#define MIB     (1024u * KIB)

static struct thread threads[THREADS];

static struct vregion *region_of(const volatile void *at)
{
    struct vregion *r;

    assert_int_equal(vregion_at(self_regions(), (vaddr_t)at, &r), VREGION_BODY);
    return r;
}

static void log_line(void *context, const char *bytes, size_t count)
{
    (void)context;
    rt_log("# %.*s", (int)count, bytes);
}

static volatile uint64_t *make(uint64_t bytes, unsigned around)
{
    void *at;

    assert_ok(self_map_lazy(bytes, around, "test", &at));
    return at;
}

static void end(volatile uint64_t *at)
{
    assert_ok(self_unmap((void *)(uintptr_t)at));
    assert_int_equal(vregions_validate(self_regions(), log_line, NULL), 0);
}

/* ---- regions ---- */

static void zero_on_first_touch(void)
{
    volatile uint64_t *at = make(MIB, 1);

    assert_int_equal(region_of(at)->resident, 0);
    assert_int_equal(at[0], 0);
    at[WORDS * 100 + 7] = 9;
    assert_int_equal(at[WORDS * 100 + 7], 9);
    assert_int_equal(at[WORDS * 100 + 8], 0);
    assert_int_equal(region_of(at)->resident, 2 * PAGE_SIZE);
    assert_int_equal(region_of(at)->faults, 2);
    end(at);
}

static void around_brings_neighbours(void)
{
    volatile uint64_t *at = make(MIB, 8);
    unsigned first;

    at[0] = 1;
    first = (unsigned)(region_of(at)->resident / PAGE_SIZE);
    assert_true(first >= 1 && first <= 8);
    at[40 * WORDS] = 1;
    assert_int_equal(region_of(at)->resident, (first + 8) * PAGE_SIZE);
    for (unsigned page = 0; page < MIB / PAGE_SIZE; page++) {
        at[page * WORDS]++;
    }
    assert_int_equal(region_of(at)->resident, MIB);
    assert_true(region_of(at)->faults <= MIB / PAGE_SIZE / 8 + 2);
    end(at);
}

static void large_and_sparse(void)
{
    enum { STEPS = 48 };
    uint64_t step = (uint64_t)8 * MIB + 3 * PAGE_SIZE; /* each in another table */
    volatile uint64_t *at = make(STEPS * step, 2);

    for (unsigned i = 0; i < STEPS; i++) {
        at[i * step / sizeof(*at)] = i + 1;
    }
    for (unsigned i = 0; i < STEPS; i++) {
        assert_int_equal(at[i * step / sizeof(*at)], i + 1);
    }
    assert_true(region_of(at)->resident <= STEPS * 2 * PAGE_SIZE);
    end(at);
}

static void released_is_zero_again(void)
{
    volatile uint64_t *at = make(64 * PAGE_SIZE, 16);
    uint64_t before;

    assert_ok(self_commit((void *)(uintptr_t)at, 64 * PAGE_SIZE));
    assert_int_equal(region_of(at)->faults, 0);
    before = region_of(at)->resident;
    assert_int_equal(before, 64 * PAGE_SIZE);
    for (unsigned page = 0; page < 64; page++) {
        at[page * WORDS] = page + 1;
    }
    assert_int_equal(region_of(at)->faults, 0);
    assert_ok(self_release((char *)(uintptr_t)at + 5 * PAGE_SIZE, 50 * PAGE_SIZE));
    assert_true(region_of(at)->resident <= before);
    for (unsigned page = 0; page < 64; page++) {
        assert_int_equal(at[page * WORDS], page < 5 || page >= 55 ? page + 1 : 0);
    }
    assert_error(self_release((char *)(uintptr_t)at + 60 * PAGE_SIZE, 5 * PAGE_SIZE), MAP_NOT_MAPPED);
    end(at);
}

/* Each touches every page, in another order, a slice at a time. */
static volatile uint64_t *shared_pages;

static void touch_all(void *number)
{
    unsigned me = (unsigned)(uintptr_t)number;

    for (unsigned i = 0; i < 256; i++) {
        unsigned page = (i * (2 * me + 1)) % 256;

        shared_pages[page * WORDS + me] = page + me;
        if (i % 16 == me) {
            thread_yield();
        }
    }
}

static void threads_fault_together(void)
{
    shared_pages = make(256 * PAGE_SIZE, 4);
    for (unsigned i = 0; i < THREADS; i++) {
        assert_ok(thread_create(&threads[i], "toucher", 0, touch_all, (void *)(uintptr_t)i));
    }
    for (unsigned i = 0; i < THREADS; i++) {
        thread_destroy(&threads[i]);
    }
    for (unsigned page = 0; page < 256; page++) {
        for (unsigned i = 0; i < THREADS; i++) {
            assert_int_equal(shared_pages[page * WORDS + i], page + i);
        }
    }
    end(shared_pages);
}

/* ---- stacks ---- */

static volatile uint64_t depth_reached;

static unsigned deeper(unsigned depth, volatile char *above)
{
    volatile char here[1000];

    here[0] = (char)(above[0] + 1);
    depth_reached = depth;
    return depth == 0 ? (unsigned)here[0] : deeper(depth - 1, here) + (unsigned)here[0];
}

static void recurse(void *depth)
{
    volatile char first[1] = {0};

    (void)deeper((unsigned)(uintptr_t)depth, first);
}

static void stacks_grow(void)
{
    assert_ok(thread_create(&threads[0], "deep", MIB, recurse, (void *)(uintptr_t)800));
    struct vregion *r = region_of((void *)threads[0].stack_base);

    assert_true(r->resident <= 64 * KIB);
    assert_int_equal(r->guard_low, 64 * KIB);
    thread_join(&threads[0]);
    assert_int_equal(depth_reached, 0);
    assert_true(r->resident > 800 * 1000 && r->resident <= MIB);
    assert_ok(self_unmap((void *)threads[0].stack_base));
}

/* Locks, waits and messages at every depth of a stack that grows: what runs there with upcalls disabled must
 * not fault. */
static struct mutex mutex;
static struct semaphore ping;
static struct semaphore pong;

static void __attribute__((noinline)) wait_at(unsigned bytes)
{
    volatile char here[bytes + 1];

    here[0] = 1;
    mutex_lock(&mutex);
    semaphore_post(&ping);
    mutex_unlock(&mutex);
    semaphore_wait(&pong);
    (void)here[0];
}

static void wait_ever_deeper(void *unused)
{
    (void)unused;
    for (unsigned bytes = 0; bytes < 256 * KIB; bytes += 592) {
        wait_at(bytes);
    }
}

static void waits_at_every_depth(void)
{
    mutex_init(&mutex);
    semaphore_init(&ping, 0);
    semaphore_init(&pong, 0);
    assert_ok(thread_create(&threads[0], "waiter", 512 * KIB, wait_ever_deeper, NULL));
    for (unsigned bytes = 0; bytes < 256 * KIB; bytes += 592) {
        semaphore_wait(&ping);
        semaphore_post(&pong);
    }
    thread_destroy(&threads[0]);
}

/* Objects in memory that was never touched, on a stack and elsewhere: the library uses them with upcalls
 * disabled. */
struct untouched {
    struct mutex mutex;
    char between[3 * PAGE_SIZE];
    struct semaphore semaphore;
    cptr_t slot;
    void *at;
    struct rt_message message;
};

static void use_untouched(struct untouched *u)
{
    mutex_lock(&u->mutex);
    mutex_unlock(&u->mutex);
    assert_ok(slot_alloc(&u->slot));
    slot_free(u->slot);
    assert_ok(self_map_lazy(PAGE_SIZE, 1, "untouched", &u->at));
    assert_ok(self_unmap(u->at));
    assert_ok(self_reserve(PAGE_SIZE, "untouched", &u->at));
    assert_error(rt_receive(&u->message, CPTR_NULL, 1), TIMEOUT);
    depth_reached++;
}

static void use_untouched_on_the_stack(void *unused)
{
    struct untouched large;
    char more[5 * PAGE_SIZE];

    (void)unused;
    mem_set(&large.mutex, 0, sizeof(large.mutex));
    __asm__ volatile("" : : "r"(more), "r"(&large) : "memory");
    use_untouched(&large);
}

static void untouched_objects(void)
{
    void *at;

    assert_ok(self_map_lazy(MIB, 1, "test", &at));
    depth_reached = 0;
    for (unsigned offset = 0; offset < 4 * PAGE_SIZE; offset += 808) {
        use_untouched((struct untouched *)(void *)((char *)at +
                                                   (uint64_t)offset / 808 * 8 * PAGE_SIZE % (MIB / 2) +
                                                   offset % PAGE_SIZE));
    }
    assert_ok(self_unmap(at));
    assert_ok(thread_create(&threads[0], "large", 256 * KIB, use_untouched_on_the_stack, NULL));
    thread_destroy(&threads[0]);
    assert_int_equal(depth_reached, (4 * PAGE_SIZE + 807) / 808 + 1);
}

/* The pager needs the lock that this holds, at every depth. */
static void __attribute__((noinline)) map_at(unsigned bytes)
{
    volatile char here[bytes + 1];
    void *at;

    here[0] = 1;
    if (err_ok(self_map_lazy(PAGE_SIZE, 1, "deep", &at)) && err_ok(self_commit(at, PAGE_SIZE)) &&
        err_ok(self_unmap(at))) {
        depth_reached++;
    }
    (void)here[0];
}

static void map_ever_deeper(void *unused)
{
    (void)unused;
    depth_reached = 0;
    for (unsigned bytes = 0; bytes < 128 * KIB; bytes += 1009) {
        map_at(bytes);
    }
}

static void maps_at_every_depth(void)
{
    assert_ok(thread_create(&threads[0], "mapper", 512 * KIB, map_ever_deeper, NULL));
    thread_destroy(&threads[0]);
    assert_int_equal(depth_reached, (128 * KIB + 1008) / 1009);
}

static void stacks_come_back(void)
{
    unsigned slots = 0;

    for (unsigned round = 0; round < 20; round++) {
        assert_ok(thread_create(&threads[0], "deep", 256 * KIB, recurse, (void *)(uintptr_t)200));
        thread_destroy(&threads[0]);
        if (round == 2) {
            slots = slot_free_count();
        }
    }
    assert_true(slot_free_count() >= slots);
    assert_int_equal(vregions_validate(self_regions(), log_line, NULL), 0);
}

/* ---- faults that are errors ---- */

static volatile uint64_t handled;
static struct fault_record last;
static uint32_t last_why;

/* Begun in the middle of another function: the local makes the compiler align the stack anew. */
static _Noreturn void leave(void)
{
    _Alignas(64) volatile char here[64];

    here[0] = 0;
    (void)here[0];
    thread_exit();
}

/* Lets the thread end instead. */
static bool end_thread(struct thread *t, const struct fault_record *fault, struct save_area *save)
{
    handled++;
    last = *fault;
    last_why = t->fault_why;
    rt_save_area_set_pc(save, (vaddr_t)leave);
    return true;
}

static volatile uint64_t *victim;

static void write_there(void *unused)
{
    (void)unused;
    *victim = 1;
}

static void read_there(void *unused)
{
    (void)unused;
    (void)*victim;
}

static void run_there(void *unused)
{
    (void)unused;
    ((void (*)(void))(uintptr_t)victim)();
}

static void expect_fault(void (*entry)(void *), const volatile void *at, unsigned access)
{
    static _Alignas(16) unsigned char stack[16384];

    handled = 0;
    victim = (volatile uint64_t *)(uintptr_t)at;
    rt_on_fault(end_thread);
    thread_start(&threads[0], "wrong", stack, sizeof(stack), entry, NULL);
    thread_join(&threads[0]);
    assert_int_equal(handled, 1);
    assert_int_equal(last.kind, FAULT_MEMORY);
    assert_int_equal(last.address, (vaddr_t)at);
    assert_int_equal(last.access, access);
}

static void errors_reach_the_handler(void)
{
    volatile uint64_t *at = make(2 * PAGE_SIZE, 1);

    expect_fault(read_there, NULL, ACCESS_READ);
    expect_fault(write_there, NULL, ACCESS_WRITE);
    expect_fault(write_there, (void *)(uintptr_t)recurse, ACCESS_WRITE);
    expect_fault(run_there, at, ACCESS_EXECUTE);
    expect_fault(read_there, (char *)rt_self()->vspace_base + rt_self()->vspace_size - PAGE_SIZE,
                 ACCESS_READ);
    assert_int_equal(region_of(at)->resident, 0);
    end(at);
    expect_fault(read_there, at, ACCESS_READ);
}

static void wait_for_pong(void *unused)
{
    (void)unused;
    semaphore_wait(&pong);
}

static void guards_are_told(void)
{
    semaphore_init(&pong, 0);
    assert_ok(thread_create(&threads[1], "neighbour", 64 * KIB, wait_for_pong, NULL));
    expect_fault(read_there, (char *)threads[1].stack_base - 8, ACCESS_READ);
    assert_int_equal(last_why, FAULT_WHY_GUARD);
    expect_fault(read_there, (char *)threads[1].stack_base - 65 * KIB, ACCESS_READ);
    assert_int_equal(last_why, FAULT_WHY_TABLES);
    semaphore_post(&pong);
    thread_destroy(&threads[1]);
}

/* A page that a handler needs itself comes on demand. */
static volatile uint64_t *handlers_own;

static bool use_and_map(struct thread *t, const struct fault_record *fault, struct save_area *save)
{
    handlers_own[handled * WORDS] = 1;
    return end_thread(t, fault, save);
}

static void handler_may_fault_on_demand(void)
{
    handlers_own = make(16 * PAGE_SIZE, 1);
    handled = 0;
    rt_on_fault(use_and_map);
    for (unsigned i = 0; i < 3; i++) {
        victim = NULL;
        assert_ok(thread_create(&threads[0], "wrong", 0, read_there, NULL));
        thread_destroy(&threads[0]);
    }
    assert_int_equal(handled, 3);
    assert_int_equal(region_of(handlers_own)->faults, 3);
    end(handlers_own);
}

/* ---- the heap ---- */

static void heap_gives_back(void)
{
    enum { BLOCKS = 64 };
    struct heap *heap = process_heap();
    void *blocks[BLOCKS];
    struct vregion *r;
    uint64_t full;

    assert_true(heap != NULL);
    for (unsigned i = 0; i < BLOCKS; i++) {
        blocks[i] = heap_malloc(heap, 256 * KIB);
        assert_true(blocks[i] != NULL);
        mem_set(blocks[i], (int)i + 1, 256 * KIB);
    }
    r = region_of(blocks[0]);
    full = r->resident;
    assert_int_equal(r->faults, 0);
    assert_true(full >= BLOCKS * 256 * KIB);
    for (unsigned i = 0; i < BLOCKS; i++) {
        assert_int_equal(((unsigned char *)blocks[i])[12345], i + 1);
        heap_free(heap, blocks[i]);
    }
    (void)heap_trim(heap);
    assert_true(r->resident < full / 4); /* what is released in part stays; red zones make for more of it */
    assert_int_equal(heap_validate(heap, log_line, NULL), 0);
    assert_int_equal(vregions_validate(self_regions(), log_line, NULL), 0);
}

static void churn(void *number)
{
    unsigned me = (unsigned)(uintptr_t)number;
    void *blocks[16] = {NULL};

    for (unsigned i = 0; i < 600; i++) {
        unsigned place = (i * 7 + me) % 16;
        size_t bytes = (size_t)(i * 977 + me * 131) % 40000;

        heap_free(process_heap(), blocks[place]);
        blocks[place] = heap_calloc(process_heap(), 1, bytes);
        if (blocks[place] != NULL && bytes > 0) {
            ((char *)blocks[place])[bytes - 1] = 1;
        }
        if (i % 8 == 0) {
            thread_yield();
        }
    }
    for (unsigned i = 0; i < 16; i++) {
        heap_free(process_heap(), blocks[i]);
    }
}

static void heap_of_many_threads(void)
{
    struct heap_figures before = heap_stats(process_heap());

    for (unsigned i = 0; i < THREADS; i++) {
        assert_ok(thread_create(&threads[i], "churner", 0, churn, (void *)(uintptr_t)i));
    }
    for (unsigned i = 0; i < THREADS; i++) {
        thread_destroy(&threads[i]);
    }
    assert_int_equal(heap_stats(process_heap()).blocks, before.blocks);
    assert_int_equal(heap_stats(process_heap()).misuses, before.misuses);
    assert_int_equal(heap_validate(process_heap(), log_line, NULL), 0);
}

/* ---- the end of memory ---- */

static void no_memory_is_an_error(void)
{
    volatile uint64_t *at = make(MIB, 1);
    void *blocks[64];
    unsigned count = 0;
    struct vregion *heap = region_of(heap_malloc(process_heap(), 1));
    uint64_t resident;
    void *more;

    source_refuse_after(0);
    assert_error(self_commit((void *)(uintptr_t)at, MIB), NO_MEMORY);
    while (count < ARRAY_LENGTH(blocks) && (blocks[count] = heap_malloc(process_heap(), 128 * KIB)) != NULL) {
        count++;
    }
    resident = heap->resident;
    source_refuse_after(40);
    more = heap_malloc(process_heap(), (size_t)600 * MIB);
    assert_true(heap->resident - resident < 10 * MIB); /* what came of it went again, but for its notes */
    source_refuse_after(0);
    expect_fault(read_there, (char *)(uintptr_t)at + MIB / 2, ACCESS_READ);
    source_refuse_after(UINT64_MAX);
    assert_true(count < ARRAY_LENGTH(blocks) && more == NULL);
    assert_int_equal(last_why, FAULT_WHY_NO_MEMORY);
    while (count > 0) {
        heap_free(process_heap(), blocks[--count]);
    }
    assert_int_equal(at[MIB / 16], 0); /* as if nothing had been */
    end(at);
}

/* Whatever fails, what was there stays right, and it goes on afterwards. */
static void nth_failure(void)
{
    for (uint64_t calls = 0; calls < 40; calls++) {
        void *at = NULL;
        void *lazy = NULL;

        source_refuse_after(calls);
        err_t mapped = self_map_lazy((uint64_t)32 * MIB, 1, "failing", &lazy);
        err_t e = err_ok(mapped) ? OK : mapped;

        for (unsigned i = 0; i < 10 && err_ok(e); i++) {
            e = self_commit((char *)lazy + (uint64_t)i * 3 * MIB, 3 * PAGE_SIZE);
        }
        at = heap_malloc(process_heap(), 100 * KIB);
        source_refuse_after(UINT64_MAX);
        assert_true(err_ok(e) || err_is(e, ERR_NO_MEMORY));
        heap_free(process_heap(), at);
        if (lazy != NULL) {
            assert_ok(self_commit(lazy, 40 * PAGE_SIZE));
            assert_ok(self_unmap(lazy));
        }
        assert_int_equal(vregions_validate(self_regions(), log_line, NULL), 0);
        assert_int_equal(heap_validate(process_heap(), log_line, NULL), 0);
    }
}

/* More regions, pieces, tables and slots than any process begins with. */
static void notes_grow(void)
{
    enum { REGIONS = 700 };
    static void *at[REGIONS];
    unsigned before = slot_free_count();

    for (unsigned i = 0; i < REGIONS; i++) {
        assert_ok(self_map_lazy((uint64_t)3 * MIB, 1, "one of many", &at[i]));
        *(volatile uint64_t *)at[i] = i;
        *((volatile uint64_t *)at[i] + 2 * MIB / sizeof(uint64_t)) = i;
    }
    for (unsigned i = 0; i < REGIONS; i++) {
        assert_int_equal(*(volatile uint64_t *)at[i], i);
    }
    for (unsigned i = 0; i < REGIONS; i++) {
        assert_ok(self_unmap(at[(i * 257) % REGIONS]));
    }
    assert_true(slot_free_count() > before);
    assert_int_equal(vregions_validate(self_regions(), log_line, NULL), 0);
}

/* Far beyond what a root of 4 KiB holds. */
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

/* Keeps the thread as it is, for good: the last test. */
static bool keep_thread(struct thread *t, const struct fault_record *fault, struct save_area *save)
{
    (void)save;
    last = *fault;
    last_why = t->fault_why;
    handled++;
    semaphore_post(&ping);
    semaphore_wait(&pong);
    return false;
}

static void overflow_is_told(void)
{
    semaphore_init(&ping, 0);
    semaphore_init(&pong, 0);
    handled = 0;
    rt_on_fault(keep_thread);
    assert_ok(thread_create(&threads[0], "endless", 128 * KIB, recurse, (void *)(uintptr_t)1000000));
    semaphore_wait(&ping);
    assert_int_equal(handled, 1);
    assert_int_equal(last_why, FAULT_WHY_STACK);
    assert_true(last.address < threads[0].stack_base && last.address >= threads[0].stack_base - 64 * KIB);
    assert_int_equal(region_of((void *)threads[0].stack_base)->resident, 128 * KIB);
    heap_of_many_threads(); /* others run on */
}

static const struct suite_test tests[] = {
    {"VSP-LAZY-001", "pages on demand are zero, and come one by one", zero_on_first_touch},
    {"VSP-LAZY-002", "a fault brings as many pages around it as the region says", around_brings_neighbours},
    {"VSP-LAZY-003", "a large region costs what is touched of it", large_and_sparse},
    {"VSP-LAZY-004", "what is committed does not fault, what is released is zero again",
     released_is_zero_again},
    {"VSP-LAZY-005", "threads that fault on the same pages all go on", threads_fault_together},
    {"VSP-STACK-001", "a thread's stack grows as it is used", stacks_grow},
    {"VSP-STACK-002", "threads lock and wait at any depth of a stack that grows", waits_at_every_depth},
    {"VSP-STACK-003", "and map memory at any depth", maps_at_every_depth},
    {"VSP-STACK-004", "stacks come back with their threads", stacks_come_back},
    {"VSP-STACK-005", "what the library uses may lie in memory that was never touched", untouched_objects},
    {"VSP-FAULT-001", "wrong accesses reach the handler, as what they are", errors_reach_the_handler},
    {"VSP-FAULT-002", "a guard is told from other addresses where nothing is", guards_are_told},
    {"VSP-FAULT-003", "the handler's own pages come on demand", handler_may_fault_on_demand},
    {"VSP-HEAP-001", "the heap never faults, and gives memory back", heap_gives_back},
    {"VSP-HEAP-002", "threads share the heap", heap_of_many_threads},
    {"VSP-NOMEM-001", "no memory is an error where it can be one, and told where not", no_memory_is_an_error},
    {"VSP-NOMEM-002", "the n-th refusal of memory breaks nothing", nth_failure},
    {"VSP-GROW-001", "regions, tables and slots have no fixed number", notes_grow},
    {"VSP-GROW-002", "the root of the capability space grows", slots_grow},
    {"VSP-FAULT-004", "who uses its stack up is told so, and others run on", overflow_is_told},
};

int main(void)
{
    if (!err_ok(source_init())) {
        return 1;
    }
    return suite_run(tests, ARRAY_LENGTH(tests));
}
