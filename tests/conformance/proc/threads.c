/* SPDX-License-Identifier: MIT */
/* The thread library: life, locks, deadlines, slices, calls and faults of threads of one process. */
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/fault.h>
#include <mudskipper/rt/notify.h>
#include <mudskipper/rt/port.h>
#include <mudskipper/rt/thread.h>
#include "../system/peer.h"
#include "../system/suite.h"

#define MS      ((nanos_t)1000 * 1000)
#define THREADS 24u
#define STACK   8192u

static struct thread threads[THREADS];
static _Alignas(16) unsigned char stacks[THREADS][STACK];
static volatile uint64_t count;
static volatile bool stop;

static void start(unsigned i, void (*entry)(void *))
{
    thread_start(&threads[i], "worker", stacks[i], STACK, entry, (void *)(uintptr_t)i);
}

static void start_all(unsigned n, void (*entry)(void *))
{
    count = 0;
    stop = false;
    for (unsigned i = 0; i < n; i++) {
        start(i, entry);
    }
}

static void join_all(unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        thread_join(&threads[i]);
    }
}

/* ---- life
 * -------------------------------------------------------------------------------------------------------- */

static void count_one(void *unused)
{
    (void)unused;
    count++;
}

static void exit_early(void *unused)
{
    (void)unused;
    count++;
    thread_exit();
    count += 1000;
}

static void start_and_join(void)
{
    for (unsigned round = 0; round < 50; round++) {
        start_all(THREADS, round % 2 == 0 ? count_one : exit_early);
        join_all(THREADS);
        assert_int_equal(count, THREADS);
    }
}

static void join_after_the_end(void)
{
    start_all(1, count_one);
    thread_sleep_until(rt_now() + MS);
    assert_int_equal(count, 1);
    join_all(1);
}

static volatile uint64_t turns[THREADS];

static void yield_often(void *number)
{
    unsigned me = (unsigned)(uintptr_t)number;

    for (turns[me] = 0; turns[me] < 500; turns[me]++) {
        thread_yield();
    }
}

/* Nobody is more than a slice behind: with nothing but yields it is a round robin. */
static void yields_go_round(void)
{
    start_all(THREADS, yield_often);
    join_all(THREADS);
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(turns[i], 500);
    }
}

/* ---- locks
 * ------------------------------------------------------------------------------------------------------- */

static struct mutex mutex;
static struct condition condition = CONDITION_INITIAL(condition);
static struct semaphore semaphore;

static void add_slowly(void *unused)
{
    (void)unused;
    for (unsigned i = 0; i < 100; i++) {
        mutex_lock(&mutex);
        uint64_t before = count;

        if (i % 4 == 0) {
            thread_yield();
        }
        count = before + 1;
        mutex_unlock(&mutex);
    }
}

static void mutex_excludes(void)
{
    start_all(THREADS, add_slowly);
    join_all(THREADS);
    assert_int_equal(count, THREADS * 100);
    assert_true(mutex_try_lock(&mutex));
    assert_false(mutex_try_lock(&mutex));
    mutex_unlock(&mutex);
}

static void await_stop(void *unused)
{
    (void)unused;
    mutex_lock(&mutex);
    while (!stop) {
        condition_wait(&condition, &mutex);
    }
    count++;
    mutex_unlock(&mutex);
}

static void condition_wakes(void)
{
    start_all(THREADS, await_stop);
    thread_yield();
    mutex_lock(&mutex);
    condition_signal(&condition); /* one, which finds that it was not meant */
    mutex_unlock(&mutex);
    thread_yield();
    assert_int_equal(count, 0);
    mutex_lock(&mutex);
    stop = true;
    condition_broadcast(&condition);
    mutex_unlock(&mutex);
    join_all(THREADS);
    assert_int_equal(count, THREADS);
}

static void deadlines_end_waits(void)
{
    nanos_t begin = rt_now();

    mutex_lock(&mutex);
    assert_false(condition_wait_until(&condition, &mutex, begin + 3 * MS));
    assert_true(rt_now() >= begin + 3 * MS);
    assert_false(mutex_try_lock(&mutex)); /* it is ours again */
    mutex_unlock(&mutex);
    semaphore_init(&semaphore, 1);
    assert_true(semaphore_wait_until(&semaphore, 1));
    begin = rt_now();
    assert_false(semaphore_wait_until(&semaphore, begin + 3 * MS));
    assert_true(rt_now() >= begin + 3 * MS);
    semaphore_post(&semaphore); /* nobody waits any more: it is kept */
    assert_true(semaphore_wait_until(&semaphore, 1));
}

static void pass_on(void *number)
{
    semaphore_wait(&semaphore);
    turns[count++] = (uint64_t)(uintptr_t)number;
    semaphore_post(&semaphore);
}

static void semaphore_is_fair(void)
{
    semaphore_init(&semaphore, 0);
    start_all(THREADS, pass_on);
    thread_yield();
    semaphore_post(&semaphore);
    join_all(THREADS);
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(turns[i], i);
    }
}

/* ---- time
 * -------------------------------------------------------------------------------------------------------- */

static nanos_t epoch;

static void sleep_in_turn(void *number)
{
    uint64_t me = (uint64_t)(uintptr_t)number;
    nanos_t until = epoch + (me * 7 % THREADS) * MS / 2; /* in another order than they start */

    thread_sleep_until(until);
    turns[me] = rt_now() >= until ? ++count : 0;
}

static void sleepers_wake_in_order(void)
{
    epoch = rt_now() + 20 * MS; /* all sleep by then, on a slow processor, too */
    start_all(THREADS, sleep_in_turn);
    join_all(THREADS);
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(turns[i], i * 7 % THREADS + 1);
    }
}

static void sleep_then_stop(void *unused)
{
    (void)unused;
    thread_sleep_until(rt_now() + 5 * MS);
    stop = true;
}

/* The sleeper is the only other thread: nothing else wants a turn. */
static void sleeper_interrupts_computing(void)
{
    nanos_t limit = peer_soon();

    start_all(1, sleep_then_stop);
    thread_yield();
    for (uint64_t i = 0; !stop; i++) {
        assert_true(i % 1000000 != 0 || rt_now() < limit);
    }
    join_all(1);
}

/* ---- slices
 * ------------------------------------------------------------------------------------------------------ */

/* A sum whose every step depends on the one before, in vector registers, and is known beforehand. */
static double series(double x, unsigned steps)
{
    double sum = 0;

    for (unsigned i = 0; i < steps; i++) {
        sum = sum * 0.5 + x;
        x += 1.0;
    }
    return sum;
}

#define STEPS 20000u

static double expected[THREADS];
static volatile uint64_t wrong;

static void compute_series(void *number)
{
    unsigned me = (unsigned)(uintptr_t)number;
    nanos_t end = epoch;

    do {
        if (series((double)me * 1000.0, STEPS) != expected[me]) {
            wrong++;
        }
        turns[me]++;
    } while (rt_now() < end);
}

static void registers_survive_slices(void)
{
    wrong = 0;
    for (unsigned i = 0; i < 6; i++) {
        expected[i] = series((double)i * 1000.0, STEPS);
        turns[i] = 0;
    }
    epoch = rt_now() + 200 * MS;
    start_all(6, compute_series);
    join_all(6);
    assert_int_equal(wrong, 0);
    for (unsigned i = 0; i < 6; i++) {
        assert_true(turns[i] > 1);
    }
}

static void spin(void *number)
{
    while (!stop) {
        turns[(uintptr_t)number]++;
    }
}

static void computing_threads_take_turns(void)
{
    for (unsigned i = 0; i < 4; i++) {
        turns[i] = 0;
    }
    start_all(4, spin);
    thread_sleep_until(rt_now() + 150 * MS);
    stop = true;
    join_all(4);
    for (unsigned i = 0; i < 4; i++) {
        assert_true(turns[i] != 0);
    }
}

/* ---- calls
 * ------------------------------------------------------------------------------------------------------- */

#define CALLERS 12u /* as many calls as the smallest dispatcher can have under way, or fewer */

static void call_often(void *number)
{
    unsigned peer = (unsigned)(uintptr_t)number % PEERS;

    for (uint64_t i = 0; i < 200; i++) {
        struct rt_message m = {.length = 2, .words = {i, (uintptr_t)number}};
        err_t e = rt_call(peer_slot(peer, PEER_SENDER), &m, CPTR_NULL, peer_soon());

        if (!err_ok(e) || m.words[0] != i + 1 || m.words[1] != (uintptr_t)number + 1) {
            wrong++;
        }
    }
}

static void calls_from_many_threads(void)
{
    wrong = 0;
    for (unsigned peer = 0; peer < PEERS; peer++) {
        peer_run(peer, peer_echo, (void *)(uintptr_t)peer);
    }
    start_all(CALLERS, call_often);
    join_all(CALLERS);
    assert_int_equal(wrong, 0);
    for (unsigned peer = 0; peer < PEERS; peer++) {
        peer_remove(peer);
    }
}

static volatile uint64_t how_it_ended;

static void call_in_vain(void *unused)
{
    struct rt_message m = {.length = 0};

    (void)unused;
    how_it_ended = rt_call(peer_slot(1, PEER_SENDER), &m, CPTR_NULL, peer_soon()).code[0];
}

static void blocked_call_blocks_one(void)
{
    how_it_ended = 0;
    wrong = 0;
    peer_run(0, peer_echo, (void *)0);
    peer_run(1, peer_take, (void *)1);
    start_all(1, call_in_vain);
    thread_yield();
    call_often((void *)0);
    assert_int_equal(wrong, 0);
    assert_int_equal(how_it_ended, 0);
    assert_ok(cap_dispatcher_end(peer_slot(1, PEER_DISPATCHER), 1));
    join_all(1);
    assert_int_equal(how_it_ended, ERR_PEER_GONE);
    peer_remove(0);
    peer_remove(1);
}

/* ---- called back
 * ------------------------------------------------------------------------------------------------- */

#define VERY_LATE (NANOS_NEVER - 1)

static volatile bool came;

static void lock_then_wait(void *unused)
{
    (void)unused;
    mutex_lock(&mutex);
    count++;
    came = semaphore_wait_until(&semaphore, VERY_LATE);
    count++;
    mutex_unlock(&mutex);
}

/* The wait it is in, and one that it begins later; but not one that has no deadline. */
static void hurry_ends_waits(void)
{
    semaphore_init(&semaphore, 0);
    came = true;
    start_all(1, lock_then_wait);
    thread_yield();
    assert_int_equal(count, 1);
    thread_hurry(&threads[0], true);
    join_all(1);
    assert_false(came);
    semaphore_post(&semaphore); /* nobody waits any more: it is kept */
    semaphore_wait(&semaphore);

    came = true;
    mutex_lock(&mutex);
    start_all(1, lock_then_wait);
    thread_yield();
    thread_hurry(&threads[0], true);
    thread_yield();
    assert_int_equal(count, 0);
    mutex_unlock(&mutex);
    join_all(1);
    assert_false(came);
}

static void call_late(void *unused)
{
    struct rt_message m = {.length = 0};

    (void)unused;
    how_it_ended = rt_call(peer_slot(1, PEER_SENDER), &m, CPTR_NULL, VERY_LATE).code[0];
}

/* And the kernel knows who has the call, until that process ends. */
static void hurry_ends_calls(void)
{
    uint32_t server;
    uint64_t badge;

    how_it_ended = 0;
    assert_error(cap_dispatcher_call(SLOT_DISPATCHER, 0, &server, &badge), NOT_FOUND);
    peer_run(1, peer_take, (void *)1);
    start_all(1, call_late);
    thread_yield();
    assert_int_equal(how_it_ended, 0);
    assert_ok(cap_dispatcher_call(SLOT_DISPATCHER, 0, &server, &badge));
    assert_int_equal(server, 101);
    assert_int_equal(badge, PEER_BADGE);
    assert_error(cap_dispatcher_call(SLOT_DISPATCHER, 1, &server, &badge), NOT_FOUND);
    thread_hurry(&threads[0], true);
    join_all(1);
    assert_int_equal(how_it_ended, ERR_TIMEOUT);
    how_it_ended = 0;
    thread_hurry(thread_self(), true); /* nobody else is there: it would wait in the kernel at once */
    call_late(NULL);
    thread_hurry(thread_self(), false);
    assert_int_equal(how_it_ended, ERR_TIMEOUT);
    assert_ok(cap_dispatcher_call(SLOT_DISPATCHER, 0, &server, &badge));
    peer_remove(1);
    assert_error(cap_dispatcher_call(SLOT_DISPATCHER, 0, &server, &badge), NOT_FOUND);
}

/* Another thread computes all the time: the replies come although the process never waits. */
static void calls_beside_a_computing_thread(void)
{
    wrong = 0;
    turns[0] = 0;
    peer_run(0, peer_echo, (void *)0);
    start_all(1, spin);
    for (uint64_t i = 0; i < 5; i++) {
        struct rt_message m = {.length = 1, .words = {i}};

        assert_ok(rt_call(peer_slot(0, PEER_SENDER), &m, CPTR_NULL, peer_soon()));
        assert_int_equal(m.words[0], i + 1);
    }
    stop = true;
    join_all(1);
    peer_remove(0);
}

/* ---- faults
 * ------------------------------------------------------------------------------------------------------ */

#define PAGES 5u

static volatile uint64_t disturbed;
static volatile uint64_t busy;

/* A Frame of PAGES pages for the handler. */
static void make_pages(void)
{
    peer_make_objects(0);
    assert_ok(
        cap_retype(peer_slot(0, PEER_SPARE), 0, CAP_TYPE_FRAME, PAGES * PAGE_SIZE, 1, peer_slot(0, PEER_A)));
}

static void give_pages(void)
{
    peer_remove(0);
    peer_remove(1);
}

/* Maps the page, unless another thread that faulted there came first. */
static bool map_page(struct thread *t, const struct fault_record *fault, struct save_area *save)
{
    unsigned page = (unsigned)((fault->address - peer_page(0)) / PAGE_SIZE);
    err_t e = cap_map(peer_page_table(), peer_slot(0, PEER_A), peer_page_entry(page), 1, page * PAGE_SIZE,
                      CAP_READ | CAP_WRITE, peer_slot(1, (enum peer_slot)page));

    count += err_ok(e);
    return (err_ok(e) || err_is(e, ERR_MAP_ENTRY_IN_USE)) && fault->kind == FAULT_MEMORY &&
           t->state == THREAD_FAULTED && fault->pc == rt_save_area_pc(save);
}

/* The same, after waits that nobody else may end. */
static bool map_slowly(struct thread *t, const struct fault_record *fault, struct save_area *save)
{
    nanos_t until = rt_now() + 5 * MS;

    uint64_t before = turns[PAGES];

    disturbed += busy++ != 0;
    thread_sleep_until(until);
    disturbed += rt_now() < until || turns[PAGES] == before;
    busy--;
    return map_page(t, fault, save);
}

static void yield_until_stop(void *number)
{
    while (!stop) {
        turns[(uintptr_t)number]++;
        thread_yield();
    }
}

static void touch_page(void *number)
{
    *(volatile uint64_t *)peer_page((unsigned)(uintptr_t)number) = (uintptr_t)number + 1;
}

/* Several faults while the handler is busy with the first; another thread runs on. */
static void faults_are_handled_one_by_one(void)
{
    make_pages();
    disturbed = busy = 0;
    rt_on_fault(map_slowly);
    start_all(PAGES, touch_page);
    start(PAGES, yield_until_stop);
    join_all(PAGES);
    stop = true;
    thread_join(&threads[PAGES]);
    assert_int_equal(count, PAGES);
    assert_int_equal(disturbed, 0);
    for (unsigned page = 0; page < PAGES; page++) {
        assert_int_equal(*(volatile uint64_t *)peer_page(page), page + 1);
    }
    give_pages();
}

static void fill_pages(void *number)
{
    for (unsigned page = 0; page < PAGES; page++) {
        volatile uint64_t *word = (volatile uint64_t *)(peer_page(page)) + (uintptr_t)number;

        *word = *word + (uintptr_t)number + page;
    }
}

static void pages_come_on_demand(void)
{
    make_pages();
    rt_on_fault(map_page);
    start_all(4, fill_pages);
    join_all(4);
    for (unsigned page = 0; page < PAGES; page++) {
        for (uintptr_t i = 0; i < 4; i++) {
            assert_int_equal(((volatile uint64_t *)peer_page(page))[i], i + page);
        }
    }
    assert_int_equal(count, PAGES);
    give_pages();
}

/* ---- groups of notifications */

#define NOTES 3u

static struct notification_group group;
static struct notification notes[NOTES];

static void open_notes(void)
{
    notification_group_init(&group);
    for (unsigned i = 0; i < NOTES; i++) {
        assert_ok(notification_open_in(&notes[i], &group));
    }
}

static void close_notes(void)
{
    for (unsigned i = 0; i < NOTES; i++) {
        notification_close(&notes[i]);
    }
}

static struct notification *next_note(void)
{
    return notification_wait_any(&group, rt_now() + MS);
}

static void groups_give_each_once(void)
{
    open_notes();
    assert_ptr_equal(next_note(), NULL);
    notification_set(&notes[2]);
    notification_set(&notes[0]);
    notification_set(&notes[2]); /* counts once */
    assert_ptr_equal(next_note(), &notes[2]);
    assert_ptr_equal(next_note(), &notes[0]);
    assert_ptr_equal(next_note(), NULL);
    assert_false(notification_put(&notes[0], false));
    assert_false(notification_put(&notes[2], false));
    notification_set(&notes[2]);
    assert_ptr_equal(next_note(), &notes[2]);
    assert_true(notification_put(&notes[2], true));
    close_notes();
}

static struct notification *in_hand;

static void hold_note(void *unused)
{
    (void)unused;
    in_hand = notification_wait_any(&group, NANOS_NEVER);
    count++;
    while (!stop) {
        thread_yield();
    }
    count += notification_put(in_hand, false);
}

/* Whoever ends one while another thread has got it and done nothing with it yet must not free it. */
static void who_has_one_in_hand_keeps_it(void)
{
    open_notes();
    in_hand = NULL;
    start_all(1, hold_note);
    notification_set(&notes[1]);
    while (count == 0) {
        thread_yield();
    }
    assert_ptr_equal(in_hand, &notes[1]);
    notification_set(&notes[1]);
    assert_ptr_equal(next_note(), &notes[1]);
    notification_set(&notes[1]);
    assert_false(notification_put(&notes[1], true)); /* the thread has it */
    notification_set(&notes[1]);
    assert_ptr_equal(next_note(), NULL); /* it is over */
    stop = true;
    join_all(1);
    assert_int_equal(count, 2); /* the thread was the last */
    close_notes();
}

SUITE_MAIN(
    {"THR-LIFE-001", "threads run, end by return or exit, and are joined", start_and_join},
    {"THR-LIFE-002", "a thread that has ended can be joined", join_after_the_end},
    {"THR-LIFE-003", "yields go round", yields_go_round},
    {"THR-MUTEX-001", "a mutex excludes others, and is handed over", mutex_excludes},
    {"THR-COND-001", "signal wakes one, broadcast all", condition_wakes},
    {"THR-TIME-001", "deadlines end waits, and nothing is lost", deadlines_end_waits},
    {"THR-SEM-001", "a semaphore serves in order", semaphore_is_fair},
    {"THR-TIME-002", "sleepers wake in the order of their deadlines", sleepers_wake_in_order},
    {"THR-TIME-003", "a sleeper wakes while the only other thread computes", sleeper_interrupts_computing},
    {"THR-SLICE-001", "computing threads take turns", computing_threads_take_turns},
    {"THR-SLICE-002", "floating-point registers survive the turns of others", registers_survive_slices},
    {"THR-CALL-001", "many threads call many servers at once", calls_from_many_threads},
    {"THR-CALL-002", "a blocked call blocks only its thread", blocked_call_blocks_one},
    {"THR-CALL-003", "replies come while another thread computes", calls_beside_a_computing_thread},
    {"THR-HURRY-001", "a thread is called back from waits that have a deadline, and from no others",
     hurry_ends_waits},
    {"THR-HURRY-002", "a thread is called back from a call; who has the call can be asked", hurry_ends_calls},
    {"THR-NOTIFY-001", "a group gives each notification once for each time it was set",
     groups_give_each_once},
    {"THR-NOTIFY-002", "a notification that a thread has in hand is nobody's to free",
     who_has_one_in_hand_keeps_it},
    {"THR-FAULT-001", "faults wait for a handler that blocks, and wake it for nothing else",
     faults_are_handled_one_by_one},
    {"THR-FAULT-002", "a handler maps the page, and the thread goes on", pages_come_on_demand})
