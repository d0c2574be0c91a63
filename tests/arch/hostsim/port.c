/* SPDX-License-Identifier: MIT */
#include <cpuid.h>
#include <string.h>
#include "../port.h"
#include "../../../arch/hostsim/kernel/sim.h"
#include "../../../arch/hostsim/kernel/tools.h"

#define LINE 7u

unsigned port_lacks(void)
{
    unsigned lacks = NEEDS_CONSOLE_DEVICE;

    lacks |= RUNNING_ON_VALGRIND != 0 ? NEEDS_REAL_PROCESSOR : 0;
    lacks |= tool_programs_use_host_code() ? NEEDS_OWN_CODE_ONLY : 0;
    return lacks;
}

uint64_t port_wide_vectors(void)
{
    unsigned a, b, c, d;

    return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_AVX) != 0;
}

unsigned port_hold_words(void)
{
    return port_wide_vectors() ? 78 : 46;
}

void port_save_area_set(struct save_area *area, uint64_t pc, uint64_t sp, uint64_t argument)
{
    area->rip = pc;
    area->rsp = sp - 8;
    area->argument[0] = argument;
}

/* mov $value, %eax; ret */
unsigned port_function(void *code, unsigned short value)
{
    uint8_t bytes[] = {0xb8, (uint8_t)value, (uint8_t)(value >> 8), 0, 0, 0xc3};

    memcpy(code, bytes, sizeof(bytes));
    return sizeof(bytes);
}

uint32_t port_irq_line(void)
{
    return LINE;
}

void port_irq_raise(void)
{
    sim_irq_raise(LINE);
}

/* Addresses in windows are silent anyway; this is for those outside. */
void port_expect_bad_access(bool expected)
{
    static bool off;

    if (expected != off) {
        off = expected;
        if (expected) {
            VALGRIND_DISABLE_ERROR_REPORTING;
        } else {
            VALGRIND_ENABLE_ERROR_REPORTING;
        }
    }
}
