/* SPDX-License-Identifier: MIT */
#include "source.h"
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/vspace/self.h>

#define ALL CPTR(2, 0) /* the largest piece of memory that the kernel left */

static uint64_t used;
static uint64_t left = UINT64_MAX; /* calls until it refuses */

void source_refuse_after(uint64_t calls)
{
    left = calls;
}

err_t source_ram(uint64_t bytes, cptr_t *slot)
{
    err_t e = slot_alloc(slot);

    if (err_ok(e)) {
        e = cap_retype(ALL, used, CAP_TYPE_RAM, bytes, 1, *slot);
        if (err_ok(e)) {
            used += bytes;
        } else {
            slot_free(*slot);
        }
    }
    return e;
}

static err_t ram(void *context, uint64_t bytes, cptr_t *slot)
{
    (void)context;
    if (left == 0) {
        return err_make(ERR_NO_MEMORY, bytes);
    }
    left -= left != UINT64_MAX;
    return source_ram(bytes, slot);
}

err_t source_init(void)
{
    static const struct space_ops ops = {.ram = ram};

    return self_init(&ops, NULL);
}
