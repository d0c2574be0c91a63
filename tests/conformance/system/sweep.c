/* SPDX-License-Identifier: MIT */
#include "sweep.h"
#include <mudskipper/pure/error_text.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/out.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include "core_rpc.h"

#define LARGE_MAX 256u  /* pieces, of halving sizes: there are fewer */
#define PAGES_MAX 1024u /* single ones, which are given back and taken again */

static const struct rpc_channel *core;

static struct piece {
    uint64_t base;
    uint64_t bytes;
} large[LARGE_MAX];
static unsigned larges;
static uint64_t pages[PAGES_MAX];
static unsigned held;

/* It stays accounted to us without its capability. */
static bool take(uint64_t bytes, uint64_t *base)
{
    struct cap_identity ram;
    cptr_t slot;
    err_t e = core_alloc(core, bytes, &slot);

    if (!err_ok(e)) {
        assert_error(e, NO_MEMORY);
        return false;
    }
    e = cap_identify(slot, &ram);
    slot_delete(slot);
    assert_ok(e);
    *base = ram.base;
    return true;
}

/* What has come back meanwhile, too: all there is. */
static void take_pages(void)
{
    while (held < PAGES_MAX && take(PAGE_SIZE, &pages[held])) {
        held++;
    }
}

static void take_large(void)
{
    for (uint64_t bytes = (uint64_t)1 << 40; bytes >= PAGE_SIZE; bytes /= 2) {
        while (larges < LARGE_MAX && take(bytes, &large[larges].base)) {
            large[larges++].bytes = bytes;
        }
    }
}

void sweep_begin(const struct rpc_channel *core_server)
{
    core = core_server;
    while (held < PAGES_MAX / 2) {
        assert_true(take(PAGE_SIZE, &pages[held]));
        held++;
    }
    take_large();
}

void sweep_end(void)
{
    while (larges > 0) {
        larges--;
        assert_ok(core_free(core, large[larges].base, large[larges].bytes));
    }
    while (held > 0) {
        held--;
        assert_ok(core_free(core, pages[held], PAGE_SIZE));
    }
}

static void give_pages(unsigned count)
{
    take_pages();
    assert_true(held >= count);
    while (count-- > 0) {
        held--;
        assert_ok(core_free(core, pages[held], PAGE_SIZE));
    }
}

static void books_are_right(const char *what, unsigned count)
{
    uint64_t mistakes;

    assert_ok(core_check(core, rt_self()->core, &mistakes));
    if (mistakes != 0) {
        fail_msg("%s with %u pages: %lu mistakes in the books", what, count, mistakes);
    }
}

unsigned sweep(const char *what, err_t (*operation)(void), void (*undo)(void), unsigned most)
{
    char why[128];

    for (unsigned count = 0; count <= most; count++) {
        err_t e;

        give_pages(count);
        e = operation();
        books_are_right(what, count);
        if (err_ok(e)) {
            if (undo != NULL) {
                undo();
            }
            rt_print("# %s takes %u pages\n", what, count);
            return count;
        }
        if (!err_is_shortage(e)) {
            err_print(why, sizeof(why), e);
            fail_msg("%s with %u pages: %s", what, count, why);
        }
    }
    fail_msg("%s: %u pages are not enough", what, most);
}
