/* SPDX-License-Identifier: MIT */
/* What a process says about its regions to who looks at it: behind struct dispatcher_user, in what is left of
 * the same Frame, as many as fit, ascending. The core server believes it for what people read and nothing
 * else: what is mapped it knows from the Mappings.
 *
 *   +----------------------+---------+-------+--------+--------+-- … --+
 *   | dispatcher_user      | changes | count | note 0 | note 1 |       |
 *   +----------------------+---------+-------+--------+--------+-- … --+
 */
#ifndef MUDSKIPPER_ABI_REGIONS_H
#define MUDSKIPPER_ABI_REGIONS_H

#include <mudskipper/abi/dispatcher.h>

#define REGION_NAME_BYTES 17u

struct region_note {
    vaddr_t base; /* of the body */
    uint64_t bytes;
    uint32_t guard; /* pages below it that nothing is mapped at */
    uint8_t rights; /* CAP_READ | CAP_WRITE | CAP_EXECUTE */
    uint8_t on_demand;
    char name[REGION_NAME_BYTES + 1];
};

struct region_notes {
    _Atomic uint32_t changes; /* odd while it is written */
    uint32_t count;
    struct region_note note[];
};

CLAIM(a_note_has_40_bytes, sizeof(struct region_note) == 40);

#define REGION_NOTES_OFFSET ((sizeof(struct dispatcher_user) + 63) & ~(size_t)63)
#define REGION_NOTES_MAX                                                                                     \
    ((unsigned)(((-REGION_NOTES_OFFSET & PAGE_MASK) - sizeof(struct region_notes)) /                         \
                sizeof(struct region_note)))

CLAIM(there_is_room_for_some, (-REGION_NOTES_OFFSET & PAGE_MASK) >= 1024);

#endif
