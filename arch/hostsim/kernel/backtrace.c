/* SPDX-License-Identifier: MIT */
/* Frame pointers: every file is compiled with them. */
#define _GNU_SOURCE
#include <link.h>
#include "isa.h"
#include "tools.h"

static uintptr_t image_base; /* what the linker's addresses are relative to */

static int first_object(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size;
    *(uintptr_t *)context = (uintptr_t)info->dlpi_addr;
    return 1;
}

void sim_backtrace_init(void)
{
    dl_iterate_phdr(first_object, &image_base);
}

uintptr_t hal_image_offset(uintptr_t address)
{
    return address - image_base;
}

extern const char __executable_start[], etext[];

/* Two words at fp can be read: it lies on the kernel's stack, or on the one for signals and emergencies. */
static UNINSTRUMENTED bool frame_at(const struct sim_core *core, uintptr_t fp)
{
    uintptr_t emergency = (uintptr_t)core->signal_stack;

    return fp % 8 == 0 && ((fp >= core->stack_low && fp + 16 <= core->stack_high) ||
                           (fp >= emergency && fp + 16 <= emergency + SIM_SIGNAL_STACK));
}

UNINSTRUMENTED unsigned sim_walk_frames(const struct sim_core *core, uintptr_t pc, uintptr_t fp,
                                        uintptr_t *frames, unsigned room)
{
    unsigned count = 0;

    while (count < room && pc - (uintptr_t)__executable_start < (uintptr_t)(etext - __executable_start)) {
        frames[count++] = pc;
        if (!frame_at(core, fp)) {
            break;
        }
        pc = ((const uintptr_t *)fp)[1];
        fp = ((const uintptr_t *)fp)[0];
    }
    return count;
}

unsigned hal_backtrace(uintptr_t *addresses, unsigned room)
{
    struct sim_core *core = sim_this_core;
    uintptr_t fp = (uintptr_t)__builtin_frame_address(0);
    uintptr_t pc = (uintptr_t)__builtin_return_address(0);
    unsigned count;

    if (core == NULL) {
        return 0;
    }
    fp = *(const uintptr_t *)fp;
    count = sim_walk_frames(core, pc, fp, addresses, room);
    for (unsigned i = 0; i < count; i++) {
        addresses[i] = hal_image_offset(addresses[i]);
    }
    return count;
}
