/* SPDX-License-Identifier: MIT */
#include <mudskipper/rt/port.h>

__attribute__((visibility("hidden"))) vaddr_t rt_gate; /* read by rt_syscall */

__attribute__((visibility("hidden"))) void rt_switch_first(void);

void rt_port_init(const struct start_block *start)
{
    rt_gate = start->gate;
}

/* What rt_switch expects on a stack that waits. */
struct waiting {
    uint32_t mxcsr;
    uint32_t x87_control;
    uint64_t r15, r14;
    void *argument;        /* r13 */
    void (*entry)(void *); /* r12 */
    uint64_t rbx, rbp;
    void (*return_address)(void);
};

uintptr_t rt_switch_prepare(uintptr_t stack_top, void (*entry)(void *), void *argument)
{
    struct waiting *w = (struct waiting *)((stack_top & ~(uintptr_t)15) - sizeof(*w));

    *w = (struct waiting){.mxcsr = 0x1f80,
                          .x87_control = 0x37f,
                          .argument = argument,
                          .entry = entry,
                          .return_address = rt_switch_first};
    return (uintptr_t)w;
}

vaddr_t rt_save_area_pc(const struct save_area *area)
{
    return area->rip;
}

vaddr_t rt_save_area_sp(const struct save_area *area)
{
    return area->rsp;
}

vaddr_t rt_save_area_fp(const struct save_area *area)
{
    return area->rbp;
}

void rt_save_area_set_pc(struct save_area *area, vaddr_t pc)
{
    area->rip = pc;
}

unsigned rt_elf_machine(void)
{
    return 62; /* EM_X86_64 */
}
