/* SPDX-License-Identifier: MIT */
/* The heap of the process: heap/heap.h over a region on demand. Memory is committed before it is used, the
 * heap's own notes, too, so that nothing here faults and running out is the caller's NULL. */
#include <mudskipper/abi/layout.h>
#include <mudskipper/rt/port.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/vspace/heap.h>
#include <mudskipper/vspace/self.h>

#define MOST_BYTES  ((uint64_t)1 << 40)
#define AROUND      16u /* pages brought at once */
#define PIECE_BYTES (AROUND * PAGE_SIZE)

static struct heap heap;
static struct mutex mutex; /* the heap's */
static struct mutex beginning;
static bool made;

static void lock(void *unused)
{
    (void)unused;
    mutex_lock(&mutex);
}

static void unlock(void *unused)
{
    (void)unused;
    mutex_unlock(&mutex);
}

static unsigned char *start_of(const struct heap *h)
{
    return h->base;
}

/* The notes of pages [first, first + count), and of their neighbours, whose notes change with theirs. */
static bool commit_notes(size_t first, size_t count)
{
    unsigned char *begin = start_of(&heap) + (first - 1) * HEAP_NOTE_BYTES;
    size_t end = first + count + 1 < heap.end ? first + count + 1 : heap.end;

    return err_ok(self_commit(begin, (end - first + 1) * HEAP_NOTE_BYTES));
}

static bool release(void *unused, void *base, size_t bytes)
{
    (void)unused;
    return err_ok(self_release(base, bytes));
}

/* Pieces that lay in two spans are in one at last. */
static void clean(void *unused, void *base, size_t bytes)
{
    (void)release(unused, base, bytes);
}

/* A little more than asked for, when that is to be had: the next blocks want it. */
static bool commit(void *unused, void *base, size_t bytes)
{
    size_t offset = (size_t)((unsigned char *)base - start_of(&heap));
    size_t all = (size_t)heap.end << PAGE_SHIFT;
    size_t end = (offset + bytes + PIECE_BYTES - 1) / PIECE_BYTES * PIECE_BYTES;

    if (!commit_notes(offset / PAGE_SIZE, bytes / PAGE_SIZE)) {
        return false;
    }
    end = end < all ? end : all;
    if (!err_ok(self_commit(base, end - offset)) && !err_ok(self_commit(base, bytes))) {
        (void)release(unused, base, bytes); /* what came of it */
        return false;
    }
    return true;
}

/* The program is wrong; the heap is as it was. */
static void report(void *unused, enum heap_misuse misuse, void *pointer)
{
    static const char *const what[] = {[HEAP_DOUBLE_FREE] = "is free already",
                                       [HEAP_FOREIGN] = "does not belong to the heap",
                                       [HEAP_NO_BLOCK] = "is not where a block begins"};

    (void)unused;
    rt_log("heap: 0x%lx %s\n", (unsigned long)(uintptr_t)pointer, what[misuse]);
}

static uint64_t addresses(void)
{
    uint64_t quarter = (rt_self()->vspace_size - LAYOUT_OWN) / 4;

    return (quarter < MOST_BYTES ? quarter : MOST_BYTES) & ~(uint64_t)(PIECE_BYTES - 1);
}

/* The first note and the last are touched at once. */
static bool make(void)
{
    static const struct heap_ops ops = {.lock = lock,
                                        .unlock = unlock,
                                        .commit = commit,
                                        .release = release,
                                        .clean = clean,
                                        .report = report};
    uint64_t bytes = addresses();
    uint64_t first = heap_notes_bytes(bytes) / PAGE_SIZE; /* page that is no note's */
    uint64_t last = bytes / PAGE_SIZE - 1;
    void *at;

    if (!err_ok(self_map_lazy(bytes, AROUND, "heap", &at))) {
        return false;
    }
    if (err_ok(self_commit((char *)at + first * HEAP_NOTE_BYTES, HEAP_NOTE_BYTES)) &&
        err_ok(self_commit((char *)at + last * HEAP_NOTE_BYTES, HEAP_NOTE_BYTES)) &&
        err_ok(heap_init(&heap, &ops, rt_heap_tools(), NULL, at, bytes))) {
        return true;
    }
    err_t ignored = self_unmap(at); /* just mapped */

    (void)ignored;
    return false;
}

struct heap *process_heap(void)
{
    if (__builtin_expect(made, 1)) {
        return &heap;
    }
    mutex_lock(&beginning);
    made = made || make();
    mutex_unlock(&beginning);
    return made ? &heap : NULL;
}

uint64_t process_heap_check(format_sink_t sink, void *context)
{
    return made ? heap_validate(&heap, sink, context) : 0;
}
