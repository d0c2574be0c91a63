/* SPDX-License-Identifier: MIT */
/* Four threads, one heap: blocks allocated by one are freed by another. What the lock protects is for TSan to
 * say. */
#include <pthread.h>
#include <stdatomic.h>
#include "range.h"

#define THREADS 4u
#define SLOTS   64u
#define STEPS   20000u

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct heap heap;
static _Atomic(unsigned char *) slot[SLOTS];
static atomic_uint wrong;

static void lock(void *context)
{
    pthread_mutex_lock(context);
}

static void unlock(void *context)
{
    pthread_mutex_unlock(context);
}

static void report(void *context, enum heap_misuse misuse, void *pointer)
{
    (void)context, (void)misuse, (void)pointer;
    atomic_fetch_add(&wrong, 1);
}

static void *worker(void *argument)
{
    uint64_t seed = (uintptr_t)argument * 77 + 1;
    for (unsigned i = 0; i < STEPS; i++) {
        size_t bytes = 1 + random_next(&seed) % 3000;
        unsigned char *mine = heap_malloc(&heap, bytes);
        if (mine) {
            memset(mine, 0x5a, bytes);
        }
        unsigned char *old = atomic_exchange(&slot[random_next(&seed) % SLOTS], mine);
        if (old) {
            atomic_fetch_add(&wrong, old[0] != 0x5a);
            heap_free(&heap, old);
        }
    }
    return NULL;
}

static void blocks_wander_between_threads(void **state)
{
    (void)state;
    static const struct heap_ops ops = {.lock = lock, .unlock = unlock, .report = report};
    void *memory = aligned_alloc(PAGE_SIZE, MIB(8));
    pthread_t threads[THREADS];
    memset(memory, 0, MIB(8));
    assert_int_equal(heap_init(&heap, &ops, NULL, &mutex, memory, MIB(8)).code[0], ERR_OK);
    for (uintptr_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, worker, (void *)i), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(atomic_load(&wrong), 0);
    for (unsigned i = 0; i < SLOTS; i++) {
        heap_free(&heap, atomic_load(&slot[i]));
    }
    assert_int_equal(heap_validate(&heap, NULL, NULL), 0);
    struct heap_figures f = heap_stats(&heap);
    assert_int_equal(f.blocks, 0);
    assert_int_equal(f.misuses, 0);
    assert_int_equal(f.allocations, THREADS * STEPS);
    free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_wander_between_threads),
    };
    return cmocka_run_group_tests_name("heap_threads", tests, NULL, NULL);
}
