/* SPDX-License-Identifier: MIT */
/* Memory that is taken away while it is used: the accesses go on, in memory of one's own. */
#include <stdatomic.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/rt/thread.h>
#include <mudskipper/vspace/self.h>
#include "../system/suite.h"
#include "source.h"

#define WORDS (PAGE_SIZE / sizeof(uint64_t))
#define STACK 16384u

/* A Frame of somebody else, who keeps the memory it is made of. */
struct peer {
    cptr_t ram;
    cptr_t frame;
    uint64_t bytes;
    volatile uint64_t *words; /* as mapped here */
    _Atomic bool gone;
};

static void make(struct peer *p, uint64_t pages)
{
    p->bytes = pages * PAGE_SIZE;
    p->gone = false;
    assert_ok(source_ram(p->bytes, &p->ram));
    assert_ok(slot_alloc(&p->frame));
    assert_ok(cap_retype(p->ram, 0, CAP_TYPE_FRAME, p->bytes, 1, p->frame));
}

static void map(struct peer *p, unsigned rights)
{
    void *at;

    assert_ok(self_map_shared(p->frame, 0, p->bytes, rights, &p->gone, &at));
    p->words = at;
}

/* And makes something else of it, full of other values. */
static void take_away(struct peer *p)
{
    void *at;

    assert_ok(cap_revoke(p->ram));
    assert_ok(cap_retype(p->ram, 0, CAP_TYPE_FRAME, p->bytes, 1, p->frame));
    assert_ok(self_map(p->frame, 0, p->bytes, CAP_READ | CAP_WRITE, &at));
    mem_set(at, 0x5a, p->bytes);
    assert_ok(self_unmap(at));
}

static void end(struct peer *p)
{
    assert_ok(self_unmap((void *)(uintptr_t)p->words));
    assert_ok(cap_revoke(p->ram));
    slot_delete(p->frame);
    slot_delete(p->ram);
}

static void accesses_go_on(void)
{
    struct peer p;

    make(&p, 1);
    map(&p, CAP_READ | CAP_WRITE);
    p.words[3] = 7;
    assert_int_equal(p.words[3], 7);
    assert_false(p.gone);
    take_away(&p);
    assert_false(p.gone);
    assert_int_equal(p.words[3], 0);
    assert_true(p.gone);
    p.words[3] = 8;
    p.words[WORDS - 1] = 9;
    assert_int_equal(p.words[3], 8);
    assert_int_equal(p.words[WORDS - 1], 9);
    end(&p);
}

static void a_write_is_first(void)
{
    struct peer p;

    make(&p, 2);
    map(&p, CAP_READ | CAP_WRITE);
    take_away(&p);
    p.words[WORDS] = 5;
    assert_true(p.gone);
    assert_int_equal(p.words[WORDS], 5);
    end(&p);
}

/* More pages than are kept at once, forwards, backwards and over their edges. */
static void every_page_goes_on(void)
{
    enum { PAGES = 40 };
    struct peer p;

    make(&p, PAGES);
    map(&p, CAP_READ | CAP_WRITE);
    for (unsigned page = 0; page < PAGES; page++) {
        p.words[page * WORDS] = page;
    }
    take_away(&p);
    for (unsigned page = 0; page < PAGES; page++) {
        p.words[page * WORDS + 1] = page;
        assert_int_equal(p.words[page * WORDS + 1], page);
    }
    for (unsigned page = PAGES; page-- > 0;) {
        (void)p.words[page * WORDS];
    }
    for (unsigned page = 1; page < PAGES; page++) {
        uint64_t word;

        mem_copy(&word, (char *)(uintptr_t)&p.words[page * WORDS] - 3, sizeof(word));
    }
    mem_copy((char *)(uintptr_t)p.words + 5, (char *)(uintptr_t)p.words + 11 * PAGE_SIZE + 3, 9 * PAGE_SIZE);
    assert_true(p.gone);
    end(&p);
}

/* What else is mapped stays what it is. */
static void others_keep_theirs(void)
{
    struct peer p;
    struct peer q;

    make(&p, 1);
    make(&q, 1);
    map(&p, CAP_READ | CAP_WRITE);
    map(&q, CAP_READ | CAP_WRITE);
    q.words[0] = 11;
    take_away(&p);
    p.words[0] = 12;
    assert_int_equal(q.words[0], 11);
    assert_true(p.gone);
    assert_false(q.gone);
    take_away(&q);
    assert_int_equal(q.words[0], 0);
    assert_int_equal(p.words[0], 12);
    end(&p);
    assert_int_equal(q.words[0], 0);
    end(&q);
}

static void unmap_afterwards(void)
{
    struct peer p;
    unsigned before;

    make(&p, 3);
    before = slot_free_count();
    for (unsigned round = 0; round < 3; round++) {
        map(&p, CAP_READ | CAP_WRITE);
        take_away(&p);
        if (round != 0) {
            (void)p.words[0]; /* with and without having noticed */
        }
        assert_ok(self_unmap((void *)(uintptr_t)p.words));
        assert_error(self_unmap((void *)(uintptr_t)p.words), MAP_NOT_MAPPED);
        assert_int_equal(slot_free_count(), before);
    }
    assert_ok(cap_revoke(p.ram));
    slot_delete(p.frame);
    slot_delete(p.ram);
}

static struct thread reader_thread;
static _Alignas(16) unsigned char reader_stack[STACK];
static volatile uint64_t rounds;

/* A ring's consumer: reads, checks, asks. */
static void read_until_gone(void *peer)
{
    struct peer *p = peer;

    while (!atomic_load(&p->gone)) {
        for (unsigned i = 0; i < 4 * WORDS; i += 64) {
            (void)p->words[i];
            p->words[i + 1] = rounds;
        }
        rounds++;
    }
}

static void under_a_running_reader(void)
{
    struct peer p;

    make(&p, 4);
    map(&p, CAP_READ | CAP_WRITE);
    rounds = 0;
    thread_start(&reader_thread, "reader", reader_stack, STACK, read_until_gone, &p);
    while (rounds == 0) {
        thread_yield();
    }
    take_away(&p);
    thread_join(&reader_thread);
    assert_true(p.gone);
    end(&p);
}

/* What may not be had is not half had. */
static void without_memory(void)
{
    struct peer p;
    unsigned before;
    void *at = NULL;
    err_t e = OK;

    make(&p, 1);
    before = slot_free_count();
    for (uint64_t calls = 0; calls < 8; calls++) {
        source_refuse_after(calls);
        e = self_map_shared(p.frame, 0, PAGE_SIZE, CAP_READ, &p.gone, &at);
        source_refuse_after(UINT64_MAX);
        if (err_ok(e)) {
            break;
        }
        assert_true(err_is(e, ERR_NO_MEMORY));
        assert_true(at == NULL);
        assert_int_equal(slot_free_count(), before);
    }
    assert_ok(e);
    p.words = at;
    end(&p);
}

static void refusals(void)
{
    struct peer p;
    void *at = NULL;

    make(&p, 1);
    assert_error(self_map_shared(p.frame, 0, 0, CAP_READ, &p.gone, &at), BAD_ARGUMENT);
    assert_error(self_map_shared(p.frame, 0, 100, CAP_READ, &p.gone, &at), BAD_ARGUMENT);
    assert_error(self_map_shared(p.frame, PAGE_SIZE, PAGE_SIZE, CAP_READ, &p.gone, &at), MAP_BEYOND_FRAME);
    assert_error(self_map_shared(p.frame, 0, PAGE_SIZE, CAP_READ | CAP_WRITE | CAP_EXECUTE, &p.gone, &at),
                 MAP_WRITE_EXECUTE);
    assert_true(at == NULL);
    map(&p, CAP_READ);
    end(&p);
}

static const struct suite_test tests[] = {
    {"VSP-SHARED-001", "reads and writes go on in private zeros when shared memory is taken away",
     accesses_go_on},
    {"VSP-SHARED-002", "so they do when a write is the first access", a_write_is_first},
    {"VSP-SHARED-003", "and in every page of a large region, over the edges of pages, too",
     every_page_goes_on},
    {"VSP-SHARED-004", "other shared memory stays what it was", others_keep_theirs},
    {"VSP-SHARED-005", "what was taken away can be unmapped, and leaves nothing", unmap_afterwards},
    {"VSP-SHARED-006", "a thread that runs on the memory goes on, and sees that it is gone",
     under_a_running_reader},
    {"VSP-SHARED-007", "without memory for what is put aside nothing is mapped", without_memory},
    {"VSP-SHARED-008", "wrong ranges and rights are refused, and nothing is left", refusals},
};

int main(void)
{
    if (!err_ok(source_init())) {
        return 1;
    }
    return suite_run(tests, ARRAY_LENGTH(tests));
}
