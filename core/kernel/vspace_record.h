/* SPDX-License-Identifier: MIT */
/* The kernel's record of an address space: the second page of a level-0 VNode (docs/decisions/0002). */
#ifndef MUDSKIPPER_KERNEL_VSPACE_RECORD_H
#define MUDSKIPPER_KERNEL_VSPACE_RECORD_H

#include <mudskipper/abi/cap.h>
#include <mudskipper/hal/memory.h>
#include <mudskipper/hal/vspace.h>
#include <mudskipper/pure/list.h>

struct vspace_record {
    struct hal_vspace hal;
    struct list users; /* dispatchers that run in it */
    bool usable;       /* the port had a window or an ASID left when it was made */
};

CLAIM(the_record_fits_its_page, sizeof(struct vspace_record) <= CAP_VNODE_L0_BYTES - PAGE_SIZE);

static inline struct vspace_record *vspace_record_of(paddr_t root)
{
    return hal_p2v(root + PAGE_SIZE);
}

/* The level-0 table. The record knows it, whatever becomes of the capabilities of those who run in it. */
static inline paddr_t vspace_root(const struct vspace_record *v)
{
    return hal_v2p(v) - PAGE_SIZE;
}

#endif
