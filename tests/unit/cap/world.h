/* SPDX-License-Identifier: MIT */
/* A core without a kernel: memory, devices, and callbacks that write down what they were told. */
#ifndef CAP_TEST_WORLD_H
#define CAP_TEST_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <mudskipper/cap/check.h>
#include <mudskipper/cap/invoke.h>
#include <mudskipper/cap/map.h>
#include <mudskipper/cap/operations.h>

/* Physical memory:   RAM at 1 GiB, not all of it 2 MiB aligned at its end; devices behind it. */
#define RAM_BASE   ((paddr_t)0x40000000)
#define RAM_BYTES  ((uint64_t)0x800000)
#define DEV_BASE   (RAM_BASE + RAM_BYTES)
#define DEV_BYTES  ((uint64_t)0x200000)
#define PHYS_BYTES (RAM_BYTES + DEV_BYTES)
#define VSPACE_SIZE                                                                                          \
    ((uint64_t)0x8000000000 + 0x40000000) /* one level-1 table and the first entry of the next */

/* The machine's other cores, and what is theirs: the tests' own is core 0. */
#define WORLD_CORES     4u
#define AWAY_BYTES      ((uint64_t)0x1000000)
#define AWAY_BASE(core) ((paddr_t)0x100000000 + (core)*AWAY_BYTES)

#define HELD_SLOTS 8u /* of a dispatcher */

#define OUTSIDE_SLOTS 8u
enum outside { OUTSIDE_ROOT, OUTSIDE_PHYS, OUTSIDE_SPARE };

struct world {
    struct cap_core core;
    uint8_t *memory; /* RAM */
    struct cap_slot outside[OUTSIDE_SLOTS];
    /* What the callbacks saw. */
    uint64_t zeroed; /* pages */
    uint64_t mapped; /* calls */
    uint64_t unmapped;
    uint64_t executable; /* pages */
    uint64_t created;
    uint64_t ended;
    uint64_t placed;
    uint64_t reclaimed;
    struct cap_slot last_ended;
    uint64_t last_offset; /* of mapped, unmapped */
    uint64_t last_bytes;
    uint64_t again; /* how often world_invoke had to call again */
    int budget;     /* for each call of an act */
    bool check;     /* all walkers after every step */
};

/* Root L1CNode (32 slots) in outside[OUTSIDE_ROOT], an L2CNode in its slot 0, and in that: */
enum {
    AT_ROOT = SLOT_ROOT,
    AT_PHYS = SLOT_PHYS,
    AT_RAM = SLOT_MEMORY, /* all RAM not used by the two CNodes */
    AT_KERNEL = SLOT_KERNEL,
    AT_IRQ = SLOT_IRQ,
    AT_NAMES = SLOT_NAME_PREFIX,
    AT_FREE = 64,
};

struct world *world_create(void);
void world_destroy(struct world *w);

/* An invocation by the owner of outside[OUTSIDE_ROOT], until it is done; results in args. The target is a
 * slot address. */
err_t world_invoke(struct world *w, cptr_t target, unsigned operation, uint64_t args[SYS_ARGS]);

/* Runs the work list to its end. */
void world_drain(struct world *w);

/* All walkers; fails the test when they find something. */
void world_check(const struct world *w, bool at_rest);

/* The slot at an address. */
struct cap_slot *world_slot(struct world *w, cptr_t address);
struct cap_ref world_ref(struct world *w, cptr_t address);

/* Short forms with the own root for everything; `to` and `from` are slot addresses. */
err_t do_copy(struct world *w, cptr_t from, cptr_t to);
err_t do_move(struct world *w, cptr_t from, cptr_t to);
err_t do_mint(struct world *w, cptr_t from, cptr_t to, uint64_t rights, uint64_t badge);
err_t do_retype(struct world *w, cptr_t from, cptr_t to, unsigned type, uint64_t offset, uint64_t size,
                uint64_t count);
err_t do_delete(struct world *w, cptr_t slot);
err_t do_revoke(struct world *w, cptr_t slot);
err_t do_map(struct world *w, cptr_t table, cptr_t object, unsigned first, unsigned count, uint64_t offset,
             unsigned rights, cptr_t to);

/* SplitMix64: the same numbers everywhere. */
static inline uint64_t random_next(uint64_t *seed)
{
    uint64_t z = (*seed += 0x9e3779b97f4a7c15ull);

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static inline uint64_t random_below(uint64_t *seed, uint64_t limit)
{
    return random_next(seed) % limit;
}

#define TEST(name, function)                                                                                 \
    {                                                                                                        \
        (name), (function), NULL, NULL, NULL                                                                 \
    }

#define assert_ok(e) assert_error_code(e, ERR_OK)

#define assert_error_code(e, cause)                                                                          \
    do {                                                                                                     \
        err_t error_ = (e);                                                                                  \
        assert_int_equal(error_.code[0], (cause));                                                           \
    } while (0)

#define assert_error(e, cause, with)                                                                         \
    do {                                                                                                     \
        err_t error_ = (e);                                                                                  \
        assert_int_equal(error_.code[0], (cause));                                                           \
        assert_int_equal(error_.detail, (uint64_t)(with));                                                   \
    } while (0)

#endif
