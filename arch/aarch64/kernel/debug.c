/* SPDX-License-Identifier: MIT */
#include <mudskipper/hal/debug.h>
#include "core.h"
#include "image.h"
#include "layout.h"

uintptr_t hal_image_offset(uintptr_t address)
{
    return address - (uintptr_t)image_start;
}

/* A frame record of the kernel: {caller's frame, return address}. */
static bool on_stack(uintptr_t frame, uintptr_t top, uintptr_t bytes)
{
    return frame % 16 == 0 && frame >= top - bytes && frame <= top - 16;
}

static bool is_frame(const struct aarch64_core *core, uintptr_t frame)
{
    return on_stack(frame, core->stack_top, CORE_STACK_BYTES) ||
           on_stack(frame, core->emergency_top, CORE_EMERGENCY_BYTES);
}

static bool is_text(uintptr_t address)
{
    return address >= (uintptr_t)image_start && address < (uintptr_t)image_rodata;
}

unsigned hal_backtrace(uintptr_t *addresses, unsigned room)
{
    const struct aarch64_core *core = this_aarch64_core();
    uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
    unsigned count = 0;

    while (count < room && is_frame(core, frame)) {
        const uintptr_t *record = (const uintptr_t *)frame;

        if (!is_text(record[1])) {
            break;
        }
        addresses[count++] = hal_image_offset(record[1]);
        /* Frames go upwards, also from the emergency stack to the kernel stack above it: no loop can be made.
         */
        if (record[0] <= frame) {
            break;
        }
        frame = record[0];
    }
    return count;
}

void hal_note_program(const char *name, vaddr_t base, uint64_t bytes)
{
    (void)name;
    (void)base;
    (void)bytes;
}
