/* SPDX-License-Identifier: MIT */
#include <mudskipper/rt/port.h>

/* As rt_switch leaves it on a stack (switch.S). */
struct switch_frame {
    uint64_t fp;
    void (*resume)(void);
    uint64_t x19_to_x28[10];
    uint64_t d8_to_d15[8];
};

CLAIM(a_switch_frame_is_0xa0_bytes, sizeof(struct switch_frame) == 0xa0);

void rt_switch_begin(void);

uintptr_t rt_switch_prepare(uintptr_t stack_top, void (*entry)(void *), void *argument)
{
    struct switch_frame *frame = (struct switch_frame *)(stack_top & ~(uintptr_t)15) - 1;

    *frame = (struct switch_frame){.resume = rt_switch_begin};
    frame->x19_to_x28[0] = (uintptr_t)entry;
    frame->x19_to_x28[1] = (uintptr_t)argument;
    return (uintptr_t)frame;
}

/* A system call is an instruction: nothing to remember. */
void rt_port_init(const struct start_block *start)
{
    (void)start;
}

vaddr_t rt_save_area_pc(const struct save_area *area)
{
    return area->pc;
}

vaddr_t rt_save_area_sp(const struct save_area *area)
{
    return area->sp;
}

vaddr_t rt_save_area_fp(const struct save_area *area)
{
    return area->x[29];
}

void rt_save_area_set_pc(struct save_area *area, vaddr_t pc)
{
    area->pc = pc;
}

unsigned rt_elf_machine(void)
{
    return 183; /* EM_AARCH64 */
}
