/* SPDX-License-Identifier: MIT */
/* Tells who looks at this process what its regions are (abi/regions.h). */
#include <stdatomic.h>
#include <mudskipper/abi/regions.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/process.h>
#include "self_internal.h"

static void tell(struct region_note *note, const struct vregion *r)
{
    *note = (struct region_note){.base = r->base,
                                 .bytes = r->bytes,
                                 .guard = (uint32_t)(r->guard_low / PAGE_SIZE),
                                 .rights = (uint8_t)r->rights,
                                 .on_demand = r->fault == VREGION_ZERO};
    str_copy(note->name, sizeof(note->name), r->name != NULL ? r->name : "");
}

void self_tell(vaddr_t user_part)
{
    struct region_notes *notes = (struct region_notes *)(user_part + REGION_NOTES_OFFSET);
    unsigned count = 0;

    atomic_fetch_add(&notes->changes, 1);
    for (struct vregion *r = vregion_next(&self_all, self_all.base); r != NULL && count < REGION_NOTES_MAX;
         r = vregion_next(&self_all, r->base + r->bytes)) {
        tell(&notes->note[count++], r);
    }
    notes->count = count;
    atomic_fetch_add(&notes->changes, 1);
}
