/* SPDX-License-Identifier: MIT */
/* Several cores at once: `every=conformance-cores` starts this program on each. Core 0 tests, the others do
 * as they are told (helper.h). */
#include <mudskipper/rt/message.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/vspace/self.h>
#include "../system/suite.h"
#include "../vspace/source.h"
#include "helper.h"

#define ROUNDS  400u
#define CHANNEL 1000u /* of a Notify that is shared */

static uint64_t asked[CAP_NOTIFY_CORES]; /* commands given to each core */

static nanos_t soon(void)
{
    return rt_now() + (nanos_t)30 * 1000 * 1000 * 1000;
}

/* ---- commands to other cores ---- */

static void give(coreid_t core, enum command command, const uint64_t words[WORDS])
{
    volatile struct page *out = cores_page(0, core);

    for (unsigned i = 0; i < WORDS; i++) {
        out->words[i] = words[i];
    }
    out->command = command;
    out->request = ++asked[core];
    assert_ok(cap_notify_core(core));
}

static enum err_code answer(coreid_t core, uint64_t words[WORDS])
{
    const volatile struct page *in = cores_page(core, 0);

    assert_true(cores_await(&in->request, asked[core], soon()));
    for (unsigned i = 0; i < WORDS; i++) {
        words[i] = in->words[i];
    }
    return (enum err_code)in->error;
}

static enum err_code ask(coreid_t core, enum command command, uint64_t words[WORDS])
{
    give(core, command, words);
    return answer(core, words);
}

/* With one word, or none, each way. */
static enum err_code ask_word(coreid_t core, enum command command, uint64_t *word)
{
    uint64_t words[WORDS] = {word != NULL ? *word : 0};
    enum err_code e = ask(core, command, words);

    if (word != NULL) {
        *word = words[0];
    }
    return e;
}

static enum err_code tell(coreid_t core, enum command command, uint64_t word)
{
    return ask_word(core, command, &word);
}

/* ---- what each core has ---- */

static void every_core_has_its_own(void)
{
    uint64_t base[CAP_NOTIFY_CORES];
    uint64_t bytes[CAP_NOTIFY_CORES];

    for (coreid_t core = 1; core < cores_count(); core++) {
        uint64_t words[WORDS] = {0};

        assert_int_equal(ask(core, COMMAND_WHO, words), ERR_OK);
        assert_int_equal(words[0], core);
        assert_int_equal(words[1], 1 + core);
        base[core] = words[2];
        bytes[core] = words[3];
        assert_true(bytes[core] >= PAGE_SIZE);
        for (coreid_t other = 1; other < core; other++) {
            assert_true(base[core] >= base[other] + bytes[other] || base[other] >= base[core] + bytes[core]);
        }
    }
}

/* Memory of another core cannot be had through the PhysAddr of everything. */
static void shares_are_kept_apart(void)
{
    uint64_t words[WORDS] = {0};
    cptr_t to;

    assert_ok(slot_alloc(&to));
    assert_int_equal(ask(1, COMMAND_WHO, words), ERR_OK);
    assert_error(cap_retype(SLOT_PHYS, words[2], CAP_TYPE_RAM, PAGE_SIZE, 1, to), CAP_WRONG_MEMORY);
    assert_error(cap_retype(SLOT_PHYS, words[2], CAP_TYPE_DEV_FRAME, PAGE_SIZE, 1, to), CAP_WRONG_MEMORY);
    slot_free(to);
}

/* ---- waking each other ---- */

static void wakes_and_sleeps(void)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        coreid_t core = 1 + round % (cores_count() - 1);
        uint64_t words[WORDS];

        for (unsigned i = 0; i < WORDS; i++) {
            words[i] = round + i;
        }
        assert_int_equal(ask(core, COMMAND_ECHO, words), ERR_OK);
        for (unsigned i = 0; i < WORDS; i++) {
            assert_int_equal(words[i], round + i + 1);
        }
    }
}

/* Many signals from all sides that fall together, and every last one is noticed. */
static void many_at_once(void)
{
    uint64_t counted[CAP_NOTIFY_CORES];

    for (coreid_t core = 1; core < cores_count(); core++) {
        counted[core] = cores_page(core, 0)->count;
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint64_t words[WORDS] = {1 + round % 7};

        for (coreid_t core = 1; core < cores_count(); core++) {
            give(core, COMMAND_SIGNALS, words);
        }
        for (coreid_t core = 1; core < cores_count(); core++) {
            counted[core] += 1 + round % 7;
            assert_true(cores_await(&cores_page(core, 0)->count, counted[core], soon()));
        }
        for (coreid_t core = 1; core < cores_count(); core++) {
            assert_int_equal(answer(core, words), ERR_OK);
        }
    }
}

static void token_goes_round(void)
{
    uint64_t words[WORDS] = {ROUNDS};
    coreid_t last = cores_count() - 1;
    uint64_t first = cores_page(0, 1)->token;

    for (coreid_t core = 1; core <= last; core++) {
        give(core, COMMAND_RING, words);
    }
    for (unsigned round = 1; round <= ROUNDS; round++) {
        cores_page(0, 1)->token = first + round;
        assert_ok(cap_notify_core(1));
        assert_true(cores_await(&cores_page(last, 0)->token, first + round, soon()));
    }
    for (coreid_t core = 1; core <= last; core++) {
        assert_int_equal(answer(core, words), ERR_OK);
    }
}

static void notify_refusals(void)
{
    cptr_t notify;
    cptr_t reader;

    assert_ok(slot_alloc(&notify));
    assert_ok(slot_alloc(&reader));
    assert_error(cap_notify_core(cores_count()), OUT_OF_RANGE);
    assert_error(cap_notify_core(UINT32_MAX), OUT_OF_RANGE);
    assert_error(cap_notify_make(CAP_NOTIFY_CHANNELS, notify), CAP_RETYPE_OFFSET);
    assert_error(cap_notify_make(0, notify), CAP_REVOKE_FIRST); /* the one we listen to */
    assert_ok(cap_notify_make(CHANNEL, notify));
    assert_ok(cap_notify_signal(notify)); /* nobody is told */
    assert_error(cap_notify_unbind(notify), NOT_FOUND);
    assert_error(cap_notify_bind(notify, SLOT_ROOT, 0), CAP_WRONG_TYPE);
    assert_error(cap_notify_bind(notify, SLOT_DISPATCHER, 64 * DISPATCHER_NOTIFY_WORDS), BAD_ARGUMENT);
    assert_ok(cap_narrow(notify, reader, CAP_READ));
    assert_error(cap_notify_signal(reader), CAP_MISSING_RIGHT);
    assert_ok(cap_notify_bind(reader, SLOT_DISPATCHER, 0));
    assert_error(cap_notify_bind(notify, SLOT_DISPATCHER, 0), EXISTS);
    assert_ok(cap_notify_unbind(notify));
    assert_ok(cap_delete(reader));
    assert_ok(cap_narrow(notify, reader, CAP_WRITE));
    assert_error(cap_notify_bind(reader, SLOT_DISPATCHER, 0), CAP_MISSING_RIGHT);
    slot_delete(reader);
    slot_delete(notify);
}

/* ---- capabilities of several cores ---- */

/* Shares what is in `slot` with a core and has it adopted there. */
static void hand_over(cptr_t slot, coreid_t core)
{
    struct cap_across what;
    uint64_t words[WORDS] = {0};

    assert_ok(cap_share(slot, core, &what));
    for (unsigned i = 0; i < CAP_ACROSS_WORDS; i++) {
        words[i] = what.words[i];
    }
    assert_int_equal(ask(core, COMMAND_ADOPT, words), ERR_OK);
}

static void take_back(cptr_t slot, coreid_t core)
{
    assert_int_equal(tell(core, COMMAND_GIVE_UP, 0), ERR_OK);
    assert_ok(cap_unshare(slot, core));
}

static void notify_crosses(void)
{
    struct notification n;
    cptr_t notify;

    assert_ok(slot_alloc(&notify));
    assert_ok(notification_open(&n));
    assert_ok(cap_notify_make(CHANNEL, notify));
    assert_ok(cap_notify_bind(notify, SLOT_DISPATCHER, n.bit));
    hand_over(notify, 1);
    assert_int_equal(tell(1, COMMAND_BIND, 0), ERR_CAP_FOREIGN);
    for (unsigned i = 0; i < ROUNDS; i++) {
        assert_int_equal(tell(1, COMMAND_SIGNAL, 0), ERR_OK);
        assert_true(notification_wait(&n, soon()));
    }
    assert_error(cap_revoke(notify), CAP_SHARED);
    assert_error(cap_delete(notify), CAP_SHARED);
    take_back(notify, 1);
    assert_int_equal(tell(1, COMMAND_SIGNAL, 0), ERR_CAP_EMPTY_SLOT);
    slot_delete(notify);
    notification_close(&n);
}

/* One page of ours, seen by two others. */
static void frame_crosses(void)
{
    cptr_t ram;
    cptr_t frame;
    uint64_t word;
    void *at;

    assert_ok(source_ram(PAGE_SIZE, &ram));
    assert_ok(slot_alloc(&frame));
    assert_ok(cap_retype(ram, 0, CAP_TYPE_FRAME, PAGE_SIZE, 1, frame));
    assert_ok(self_map(frame, 0, PAGE_SIZE, CAP_READ | CAP_WRITE, &at));
    *(volatile uint64_t *)at = 100;
    for (coreid_t core = 1; core < cores_count(); core++) {
        hand_over(frame, core);
        word = 100 + core;
        assert_int_equal(ask_word(core, COMMAND_MAP, &word), ERR_OK);
        assert_int_equal(word, 99 + core);
        assert_int_equal(*(volatile uint64_t *)at, 100 + core);
        assert_int_equal(tell(core, COMMAND_RETYPE, 0), ERR_CAP_FOREIGN);
        assert_int_equal(tell(core, COMMAND_SHARE_ADOPTED, 0), ERR_CAP_FOREIGN);
    }
    for (coreid_t core = 1; core < cores_count(); core++) {
        assert_error(cap_revoke(ram), CAP_SHARED);
        take_back(frame, core);
    }
    assert_ok(cap_revoke(ram));
    slot_delete(ram);
    slot_free(frame);
}

static void handle_crosses(void)
{
    cptr_t service;
    cptr_t handle;

    assert_ok(slot_alloc(&service));
    assert_ok(slot_alloc(&handle));
    assert_ok(cap_service(SLOT_ENDPOINT, 3, service));
    assert_ok(cap_handle(service, 4, handle));
    hand_over(handle, 1);
    assert_int_equal(tell(1, COMMAND_SEND, 0), ERR_CAP_FOREIGN);
    assert_error(cap_revoke(service), CAP_SHARED);
    take_back(handle, 1);
    assert_ok(cap_revoke(service));
    slot_delete(service);
    slot_free(handle);
}

/* What belongs to another core comes here, goes to a third, and home. */
static void comes_home(void)
{
    uint64_t words[WORDS] = {0};
    struct cap_across what;
    struct cap_identity seen;
    cptr_t here;

    assert_ok(slot_alloc(&here));
    assert_int_equal(ask(1, COMMAND_SHARE, words), ERR_OK);
    for (unsigned i = 0; i < CAP_ACROSS_WORDS; i++) {
        what.words[i] = words[i];
    }
    assert_ok(cap_adopt(&what, here));
    assert_ok(cap_identify(here, &seen));
    assert_int_equal(seen.owner, 1);
    assert_error(cap_share(here, 2, &what), CAP_FOREIGN);
    assert_int_equal(tell(1, COMMAND_REVOKE, 0), ERR_CAP_SHARED);
    assert_int_equal(ask(1, COMMAND_FIND, words), ERR_OK);
    assert_int_equal(tell(1, COMMAND_GIVE_UP, 0), ERR_BAD_ARGUMENT); /* it is its own */
    assert_ok(cap_revoke_foreign(here));
    assert_ok(cap_delete(here));
    assert_int_equal(tell(1, COMMAND_UNSHARE, 0), ERR_OK);
    assert_int_equal(tell(1, COMMAND_UNSHARE, 0), ERR_NOT_FOUND);
    assert_int_equal(tell(1, COMMAND_REVOKE, 0), ERR_OK);
    slot_free(here);
}

static struct cap_across forged(unsigned type, coreid_t owner, uint64_t base, uint64_t bytes)
{
    return (struct cap_across){
        {type | (uint64_t)CAP_ALL_RIGHTS << 8 | (uint64_t)owner << 24, base, bytes, 0, 0}};
}

static void forgeries(void)
{
    uint64_t words[WORDS] = {0};
    struct cap_identity own;
    struct cap_across what;
    cptr_t to;

    assert_ok(slot_alloc(&to));
    assert_ok(cap_identify(CPTR(2, 0), &own));
    assert_int_equal(ask(1, COMMAND_WHO, words), ERR_OK);
    what = forged(CAP_TYPE_FRAME, 0, own.base, PAGE_SIZE);
    assert_error(cap_adopt(&what, to), BAD_ARGUMENT);
    what = forged(CAP_TYPE_FRAME, 1, own.base, PAGE_SIZE);
    assert_error(cap_adopt(&what, to), CAP_FOREIGN);
    what = forged(CAP_TYPE_FRAME, 2, words[2], PAGE_SIZE);
    assert_error(cap_adopt(&what, to), CAP_FOREIGN);
    what = forged(CAP_TYPE_FRAME, 1, words[2] + words[3] - PAGE_SIZE, 2 * PAGE_SIZE);
    assert_error(cap_adopt(&what, to), BAD_ARGUMENT); /* reaches into another share */
    what = forged(CAP_TYPE_L1_CNODE, 1, words[2], PAGE_SIZE);
    assert_error(cap_adopt(&what, to), CAP_MAY_NOT_CROSS);
    what = forged(CAP_TYPE_KERNEL, 1, CAP_KERNEL_BASE(1), CAP_KERNEL_SIZE);
    assert_error(cap_adopt(&what, to), CAP_MAY_NOT_CROSS);
    what = forged(CAP_TYPE_NOTIFY, 1, CAP_KERNEL_BASE(1) + CAP_KERNEL_NOTIFY + CAP_NOTIFY_CHANNELS, 1);
    assert_error(cap_adopt(&what, to), BAD_ARGUMENT);
    what = forged(CAP_TYPE_NOTIFY, 1, CAP_KERNEL_BASE(200) + CAP_KERNEL_NOTIFY, 1);
    assert_error(cap_adopt(&what, to), BAD_ARGUMENT);
    what = forged(CAP_TYPE_FRAME, 1, words[2], PAGE_SIZE);
    assert_error(cap_adopt(&what, SLOT_ROOT), CAP_SLOT_IN_USE);
    assert_error(cap_find(&what, to), NOT_FOUND);
    assert_error(cap_share(SLOT_ROOT, 1, &what), CAP_MAY_NOT_CROSS);
    assert_error(cap_share(SLOT_PEERS, cores_count(), &what), OUT_OF_RANGE);
    assert_error(cap_revoke_foreign(SLOT_PEERS), BAD_ARGUMENT);
    slot_free(to);
}

static int run_suite(void)
{
    static const struct suite_test tests[] = {
        {"CORES-INIT-001", "every core runs a program of its own, in memory of its own",
         every_core_has_its_own},
        {"CORES-INIT-002", "no memory of one core can be made of the PhysAddr of everything",
         shares_are_kept_apart},
        {"CORES-WAKE-001", "cores sleep and wake each other, many times", wakes_and_sleeps},
        {"CORES-WAKE-002", "of many signals from all sides at once every last one is noticed", many_at_once},
        {"CORES-WAKE-003", "a token goes round all cores, each asleep until it comes", token_goes_round},
        {"CORES-NOTIFY-001", "each way a Notify can be used wrongly has its own error", notify_refusals},
        {"CORES-NOTIFY-002", "a Notify wakes its owner from another core, until it is revoked there",
         notify_crosses},
        {"CORES-FRAME-001", "a Frame is the same memory on all cores, and stays its owner's", frame_crosses},
        {"CORES-HANDLE-001", "a Handle of another core is kept, not called", handle_crosses},
        {"CORES-HOME-001", "what comes home is what it was", comes_home},
        {"CORES-FORGED-001", "an identity that nobody can have been told is refused", forgeries},
    };

    return suite_run(tests, ARRAY_LENGTH(tests));
}

int main(void)
{
    cores_begin();
    if (rt_self()->core != 0) {
        helper_run();
    }
    return run_suite();
}
