/* SPDX-License-Identifier: MIT */
/* The simulator's: flags and the XSAVE image. The processor itself is asked whether it takes the image: it
 * refuses one that is malformed by a fault, which would be one of the kernel. */
#include <stdlib.h>
#include "../../arch/hostsim/kernel/isa.h"
#include "fuzz.h"
#include "save_area.h"

#define RFLAGS_CHOOSABLE 0xcd5u
#define MXCSR_AT         24u
#define STATE_AT         512u
#define HEADER_END       576u

void save_area_begin(void)
{
    static bool begun;

    if (!begun) {
        FUZZ_MUST(isa_init() == NULL);
        begun = true;
    }
}

static void restore(const uint8_t *image)
{
    _Alignas(64) uint8_t own[SAVE_AREA_XSAVE] = {0};

    __asm__ volatile("xsave64 %0" : "+m"(own) : "a"(7), "d"(0) : "memory");
    __asm__ volatile("xrstor64 %0"
                     :
                     : "m"(*(const uint8_t(*)[SAVE_AREA_XSAVE])image), "a"(7), "d"(0)
                     : "memory");
    __asm__ volatile("fninit\n\txrstor64 %0" : : "m"(own), "a"(7), "d"(0) : "memory");
}

void save_area_check(const struct save_area *from, struct hal_context *c)
{
    const struct save_area *r = &c->registers;

    for (unsigned i = 0; i < SAVE_AREA_ARGUMENTS; i++) {
        FUZZ_MUST(r->argument[i] == from->argument[i] && hal_context_arg(c, i) == from->argument[i]);
    }
    FUZZ_MUST(r->rbp == from->rbp && r->rsp == from->rsp && r->rip == from->rip);
    FUZZ_MUST((r->rflags & ~(uint64_t)RFLAGS_CHOOSABLE) == X86_RFLAGS_USER);
    FUZZ_MUST(((r->rflags ^ from->rflags) & RFLAGS_CHOOSABLE) == 0);
    FUZZ_MUST(mem_is_zero(r->reserved, sizeof(r->reserved)));
    FUZZ_MUST((mem_get32(r->xsave + STATE_AT) & ~7u) == 0);
    FUZZ_MUST(mem_is_zero(r->xsave + STATE_AT + 4, HEADER_END - STATE_AT - 4));
    FUZZ_MUST(c->fp == HAL_CONTEXT_FP_FULL && !c->interrupted);
    restore(r->xsave);
}

/* The rest of the port wants a kernel; none of it runs. */

struct hal_next kernel_boot(const struct boot_info *info)
{
    (void)info;
    abort();
}

struct hal_next kernel_core_main(void)
{
    abort();
}

struct hal_next kernel_enter(const struct hal_trap *trap)
{
    (void)trap;
    abort();
}

void kernel_tell_waits(const void *core, void (*line)(const char *text, size_t count))
{
    (void)core;
    (void)line;
}

const char *kernel_check_at_rest(const void *core)
{
    (void)core;
    return NULL;
}

void kernel_panic(const char *format, ...)
{
    (void)format;
    abort();
}
