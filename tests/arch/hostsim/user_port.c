/* SPDX-License-Identifier: MIT */
/* The user side of the port is ordinary code of this processor: tested as a program of the host. */
#include <stdio.h>
#include <stdint.h>
#include <mudskipper/rt/port.h>

extern const char test_gate[];
void test_scribble(uintptr_t *save, uintptr_t load);
uint64_t test_switch(uintptr_t *save, uintptr_t load);

static unsigned number;
static unsigned failures;

static void report(bool good, const char *text)
{
    failures += !good;
    printf("%s %u - %s\n", good ? "ok" : "not ok", ++number, text);
}

static bool syscall_carries_all(void)
{
    struct start_block start = {.gate = (vaddr_t)test_gate};
    uint64_t args[SYS_ARGS];
    bool good = true;

    rt_port_init(&start);
    for (unsigned i = 0; i < SYS_ARGS; i++) {
        args[i] = 1000 * i;
    }
    rt_syscall(args);
    for (unsigned i = 0; i < SYS_ARGS; i++) {
        good = good && args[i] == 1000 * i + i + 1;
    }
    return good;
}

static uintptr_t here, there;
static void *seen;
static bool aligned;

static void first_thread(void *argument)
{
    seen = argument;
    aligned = ((uintptr_t)__builtin_frame_address(0) & 15) == 0;
    test_scribble(&there, here);
}

static _Alignas(64) uint8_t stack[16384];

static bool switch_keeps_registers(void)
{
    there = rt_switch_prepare((uintptr_t)stack + sizeof(stack), first_thread, &number);
    return test_switch(&here, there) == 0;
}

static bool save_area_accessors(void)
{
    struct save_area area = {.rip = 1, .rsp = 2, .rbp = 3};
    bool good = rt_save_area_pc(&area) == 1 && rt_save_area_sp(&area) == 2 && rt_save_area_fp(&area) == 3;

    rt_save_area_set_pc(&area, 4);
    return good && rt_save_area_pc(&area) == 4;
}

int main(void)
{
    bool kept;

    printf("TAP version 13\n1..5\n");
    report(syscall_carries_all(),
           "RT-PORT-001 a system call carries 14 words both ways and preserves what C needs");
    kept = switch_keeps_registers();
    report(kept, "RT-PORT-002 a switch to another stack and back preserves what C needs");
    report(seen == &number, "RT-PORT-003 a prepared stack starts its function with its argument");
    report(aligned, "RT-PORT-004 a prepared stack is aligned");
    report(save_area_accessors(), "RT-PORT-005 save areas give and take pc, sp and frame pointer");
    return failures == 0 ? 0 : 1;
}
