/* SPDX-License-Identifier: MIT */
#include <mudskipper/pure/bitmap.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/rt/thread.h>

/* A root of 4 KiB has 32 L1 slots; who grows the root brings memory for this table, too. */
#define CNODES_MAX 32u

struct cnode {
    bool present;
    unsigned free;
    uint64_t used[BITMAP_WORDS(CPTR_L2_SLOTS)];
};

static struct cnode cnodes[CNODES_MAX];
static struct mutex lock;
static bool ready;

/* The well-known CNode is there from the start. Locked. */
static void prepare(void)
{
    if (!ready) {
        ready = true;
        cnodes[0].present = true;
        cnodes[0].free = CPTR_L2_SLOTS - SLOT_FIRST_FREE;
        bitmap_set_range(cnodes[0].used, 0, SLOT_FIRST_FREE);
    }
}

err_t slot_add_cnode(uint32_t l1, unsigned used)
{
    err_t e = OK;

    if (l1 >= CNODES_MAX || used > CPTR_L2_SLOTS) {
        return err_make(ERR_OUT_OF_RANGE, l1);
    }
    mutex_lock(&lock);
    prepare();
    if (cnodes[l1].present) {
        e = err_make(ERR_EXISTS, 0);
    } else {
        cnodes[l1].present = true;
        cnodes[l1].free = CPTR_L2_SLOTS - used;
        bitmap_set_range(cnodes[l1].used, 0, used);
    }
    mutex_unlock(&lock);
    return e;
}

static err_t alloc(unsigned count, cptr_t *first)
{
    prepare();
    for (uint32_t l1 = 0; l1 < CNODES_MAX; l1++) {
        struct cnode *c = &cnodes[l1];
        size_t bit;

        if (!c->present || c->free < count) {
            continue;
        }
        bit = bitmap_find_clear_range(c->used, CPTR_L2_SLOTS, 0, count, 1);
        if (bit != BITMAP_NONE) {
            bitmap_set_range(c->used, bit, count);
            c->free -= count;
            *first = CPTR(l1, bit);
            return OK;
        }
    }
    return err_make(ERR_CAP_SLOTS_EXHAUSTED, 0);
}

err_t slot_alloc_run(unsigned count, cptr_t *first)
{
    err_t e;

    if (count == 0 || count > CPTR_L2_SLOTS) {
        return err_make(ERR_OUT_OF_RANGE, count);
    }
    mutex_lock(&lock);
    e = alloc(count, first);
    mutex_unlock(&lock);
    return e;
}

err_t slot_alloc(cptr_t *slot)
{
    return slot_alloc_run(1, slot);
}

void slot_free(cptr_t slot)
{
    uint32_t l1 = slot >> CPTR_L2_BITS;
    unsigned bit = slot & (CPTR_L2_SLOTS - 1);

    mutex_lock(&lock);
    if (l1 < CNODES_MAX && cnodes[l1].present && bitmap_test(cnodes[l1].used, bit)) {
        bitmap_clear(cnodes[l1].used, bit);
        cnodes[l1].free++;
    }
    mutex_unlock(&lock);
}

void slot_delete(cptr_t slot)
{
    err_t e = cap_delete(slot);

    /* An empty slot is as good; anything else stays taken rather than be handed out in use. */
    if (err_ok(e) || err_is(e, ERR_CAP_EMPTY_SLOT)) {
        slot_free(slot);
    }
}

unsigned slot_free_count(void)
{
    unsigned count = 0;

    mutex_lock(&lock);
    prepare();
    for (uint32_t l1 = 0; l1 < CNODES_MAX; l1++) {
        count += cnodes[l1].free;
    }
    mutex_unlock(&lock);
    return count;
}
