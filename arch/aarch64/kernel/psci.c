/* SPDX-License-Identifier: MIT */
#include "psci.h"

static enum psci_method method;

void psci_init(enum psci_method m)
{
    method = m;
}

bool psci_usable(void)
{
    return method != PSCI_NONE;
}

/* By the SMC calling convention x0 .. x17 may come back changed. */
#define CLOBBERED                                                                                            \
    "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory"

int32_t psci_call(enum psci_function function, uint64_t a, uint64_t b, uint64_t c)
{
    register uint64_t x0 __asm__("x0") = (uint32_t)function;
    register uint64_t x1 __asm__("x1") = a;
    register uint64_t x2 __asm__("x2") = b;
    register uint64_t x3 __asm__("x3") = c;

    if (method == PSCI_SMC) {
        __asm__ volatile("smc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)::CLOBBERED);
    } else if (method == PSCI_HVC) {
        __asm__ volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)::CLOBBERED);
    } else {
        return PSCI_NOT_SUPPORTED;
    }
    return (int32_t)x0;
}
