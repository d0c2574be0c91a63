/* SPDX-License-Identifier: MIT */
#include "power.h"
#include <mudskipper/hal/cpu.h>
#include <mudskipper/pure/command_line.h>
#include "../boot/console.h"
#include "psci.h"

#define SEMIHOSTING_EXIT    UINT64_C(0x20)    /* SYS_EXIT_EXTENDED */
#define SEMIHOSTING_STOPPED UINT64_C(0x20026) /* ADP_Stopped_ApplicationExit */

static bool semihosting;
static bool driven;
static uint64_t run; /* its number */

void power_init(const char *command_line)
{
    semihosting = command_line_has(command_line, "semihosting");
    driven = command_line_number(command_line, "driven", &run);
}

/* A debugger or emulator ends the machine with `code`. Without one, hlt is an undefined instruction. */
static void semihosting_exit(unsigned code)
{
    const uint64_t block[2] = {SEMIHOSTING_STOPPED, code};
    register uint64_t x0 __asm__("x0") = SEMIHOSTING_EXIT;
    register const uint64_t *x1 __asm__("x1") = block;

    __asm__ volatile("hlt #0xf000" : "+r"(x0) : "r"(x1) : "memory");
}

static _Noreturn void stop_here(void)
{
    for (;;) {
        __asm__ volatile("wfi");
    }
}

void hal_power_off(unsigned code)
{
    if (driven) {
        console_print("mudskipper: run %lu ends with status %u (0x%08x)\n", run, code, code);
    } else if (!semihosting) {
        console_print("mudskipper: power off, status %u\n", code);
    }
    console_flush();
    if (driven) {
        psci_call(PSCI_SYSTEM_RESET, 0, 0, 0);
    } else if (semihosting) {
        semihosting_exit(code);
    }
    psci_call(PSCI_SYSTEM_OFF, 0, 0, 0);
    stop_here();
}

void hal_reset(void)
{
    console_flush();
    psci_call(PSCI_SYSTEM_RESET, 0, 0, 0);
    stop_here();
}
