/* SPDX-License-Identifier: MIT */
/* When the kernel itself is at fault: say what the processor said, then kernel_panic. */
#include <mudskipper/hal/debug.h>
#include <mudskipper/pure/format.h>
#include "trap.h"

static const char *const vector_names[16] = {
    "exception on the wrong stack",
    "interrupt on the wrong stack",
    "FIQ on the wrong stack",
    "SError on the wrong stack",
    "exception in the kernel",
    "interrupt in the kernel",
    "FIQ in the kernel",
    "SError in the kernel",
    "exception of a program",
    "interrupt of a program",
    "FIQ of a program",
    "SError of a program",
    "exception of AArch32",
    "interrupt of AArch32",
    "FIQ of AArch32",
    "SError of AArch32",
};

static const char *class_name(uint64_t esr)
{
    switch ((esr >> 26) & 0x3f) {
    case 0x00:
        return "unknown instruction";
    case 0x07:
        return "vector instruction";
    case 0x0e:
        return "illegal state";
    case 0x18:
        return "system register";
    case 0x21:
        return "instruction abort";
    case 0x22:
        return "misaligned PC";
    case 0x25:
        return (esr & 1u << 6) ? "write abort" : "read abort";
    case 0x26:
        return "misaligned SP";
    case 0x2f:
        return "SError";
    case 0x3c:
        return "brk instruction";
    default:
        return "exception";
    }
}

static void out(void *context, const char *bytes, size_t count)
{
    (void)context;
    hal_console_write(bytes, count);
}

static void print_registers(const struct kernel_fault *f)
{
    format(out, NULL, "\n");
    for (unsigned i = 0; i < 31; i++) {
        format(out, NULL, "%sx%-2u %016lx%s", i % 4 == 0 ? "  " : " ", i, (unsigned long)f->x[i],
               i % 4 == 3 ? "\n" : "");
    }
    format(out, NULL, "\n  sp %016lx  pc %016lx (image + 0x%lx)  pstate %08lx\n", (unsigned long)f->sp,
           (unsigned long)f->pc, (unsigned long)hal_image_offset(f->pc), (unsigned long)f->pstate);
    format(out, NULL, "  esr %08lx  far %016lx\n", (unsigned long)f->esr, (unsigned long)f->far);
}

void trap_kernel_fault(uint64_t vector, const struct kernel_fault *fault)
{
    struct aarch64_core *core = this_aarch64_core();

    if (core->faulted) { /* while reporting a fault: no more attempts */
        format(out, NULL, "\ncore %u: fault while reporting a fault, pc image + 0x%lx, far %lx\n",
               hal_core_id(), (unsigned long)hal_image_offset(fault->pc), (unsigned long)fault->far);
        hal_power_off(134);
    }
    core->faulted = true;
    print_registers(fault);
    kernel_panic("%s: %s at image + 0x%lx, address 0x%lx", vector_names[vector & 15], class_name(fault->esr),
                 (unsigned long)hal_image_offset(fault->pc), (unsigned long)fault->far);
}

void trap_serror(uint64_t esr, vaddr_t far)
{
    kernel_panic("SError while a program ran: ESR 0x%lx, FAR 0x%lx", (unsigned long)esr, (unsigned long)far);
}
