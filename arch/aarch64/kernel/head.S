/* SPDX-License-Identifier: MIT */
/* The first page of the image: boot header, the entries of the first core and of the others, and the way from
 * there to the kernel's addresses. It is mapped at its own physical address as well, for the step at which
 * the MMU goes on.
 *
 * Boot protocol (Linux arm64 "Image"): x0 = physical address of the device tree; MMU and data cache off; EL2
 * or EL1; loaded at any multiple of 2 MiB; the image, but not the memory behind it, is clean to the point of
 * coherency. */
#include "asm.h"
#include "layout.h"
#include "offsets.h"

#define SCTLR_RES1   0x30d00800
#define SCTLR_MMU    (1 << 0)
#define SCTLR_DATA   (1 << 2)  /* data cache */
#define SCTLR_SA     (1 << 3)  /* SP alignment, kernel */
#define SCTLR_SA0    (1 << 4)  /* and programs */
#define SCTLR_CODE   (1 << 12) /* instruction cache */
#define SCTLR_DZE    (1 << 14) /* programs may dc zva */
#define SCTLR_UCT    (1 << 15) /* and read CTR_EL0 */
#define SCTLR_NTWI   (1 << 16) /* and wfi */
#define SCTLR_NTWE   (1 << 18) /* and wfe */
#define SCTLR_WXN    (1 << 19) /* writable is never executable */
#define SCTLR_SPAN   (1 << 23) /* clear: where PAN exists, the kernel cannot touch programs' memory */
#define SCTLR_KERNEL (SCTLR_RES1 & ~SCTLR_SPAN | SCTLR_MMU | SCTLR_DATA | SCTLR_SA | SCTLR_SA0 | SCTLR_CODE | \
                      SCTLR_DZE | SCTLR_UCT | SCTLR_NTWI | SCTLR_NTWE | SCTLR_WXN)

/* Both halves: 48 bits, 4 KiB pages, walks through the caches. The size of physical addresses and ASIDs is
 * added. */
#define TCR_HALF   (16 | 1 << 8 | 1 << 10 | 3 << 12)
#define TCR_KERNEL (TCR_HALF | TCR_HALF << 16 | 2 << 30)

    .section .head, "ax"
GLOBAL(image_header)
    b first_core
    nop
    .quad 0              // text_offset
    .quad image_bytes    // with everything that starts as zero
    .quad 0xa            // little-endian, 4 KiB pages, anywhere in memory
    .quad 0, 0, 0
    .ascii "ARM\x64"
    .word 0

.macro letter character
    mov w0, #\character
    bl early_uart_letter
.endm

first_core:
    msr daifset, #0xf
    mov x19, x0
    adrp x20, image_header                  // physical address of the image
    bl to_el1
    adrp x0, aarch64_boot_block
    add x0, x0, :lo12:aarch64_boot_block
    add x0, x0, #CORE_BLOCK_BYTES
    mov sp, x0
    mov x29, xzr

    /* Cache rule C1: memory behind the image may have lines in the caches, even dirty ones: out with them before
     * zeros are written past the caches. */
    adrp x0, zero_start
    add x0, x0, :lo12:zero_start
    adrp x1, image_end
    bl clean_invalidate
    letter 'A'

    adrp x0, zero_start
    add x0, x0, :lo12:zero_start
    adrp x1, image_end
1:  stp xzr, xzr, [x0], #16
    cmp x0, x1
    b.lo 1b

    /* Relocations: pointers to where the kernel will run. */
    adrp x0, rela_start
    add x0, x0, :lo12:rela_start
    adrp x1, rela_end
    add x1, x1, :lo12:rela_end
    mov x2, #KERNEL_DIRECT_MAP
    add x2, x2, x20
2:  cmp x0, x1
    b.hs 3f
    ldp x3, x4, [x0], #16
    ldr x5, [x0], #8
    cbz x4, 2b                              // R_AARCH64_NONE: room the linker did not need
    cmp x4, #1027                           // R_AARCH64_RELATIVE
    b.ne stop
    add x5, x5, x2
    str x5, [x20, x3]
    b 2b
3:  letter 'B'

    mov x0, x19
    bl early_map
    cbz w0, stop
    letter 'C'

    /* Cache rule C2: everything written so far went past the caches; lines that instruction fetch may have
     * brought in meanwhile are stale. The image itself has no dirty ones (boot protocol). */
    adrp x0, image_header
    adrp x1, image_end
    bl invalidate
    bl mmu_on
    ldr x1, =first_core_high
    br x1

/* Another core: x0 = its struct aarch64_core, at its virtual address.
 *
 * Cache rule C3: with the MMU off this reads nothing but this page, which was written with the caches off. Page
 * tables are read by the walker, through the caches; the rest after the MMU is on. */
GLOBAL(other_core)
    msr daifset, #0xf
    mov x19, x0
    bl to_el1
    bl mmu_on
    ldr x1, =other_core_high
    br x1

stop:
    wfi
    b stop

/* Leaves EL2 for good. Uses x8, x9. */
to_el1:
    mrs x9, CurrentEL
    cmp x9, #(2 << 2)
    b.lo 2f
    b.hi stop                               // EL3: not by this protocol
    mov x9, #(1 << 31)                      // HCR_EL2.RW: EL1 is AArch64; nothing else
    msr hcr_el2, x9
    mov x9, #3                              // EL1 may use counter and timer
    msr cnthctl_el2, x9
    msr cntvoff_el2, xzr
    mov x9, #0x33ff                         // RES1; no traps of FP
    msr cptr_el2, x9
    msr hstr_el2, xzr
    msr vttbr_el2, xzr
    mrs x9, midr_el1
    msr vpidr_el2, x9
    mrs x9, mpidr_el1
    msr vmpidr_el2, x9
    mrs x9, id_aa64dfr0_el1
    ubfx x9, x9, #8, #4                     // PMU version; 0: none, 15: not Arm's
    sub x8, x9, #1
    cmp x8, #13
    mov x9, #0
    b.hi 0f
    mrs x9, pmcr_el0
    ubfx x9, x9, #11, #5                    // all counters are EL1's
0:  msr mdcr_el2, x9
    mrs x9, id_aa64pfr0_el1
    ubfx x9, x9, #24, #4                    // GIC system registers
    cbz x9, 1f
    mrs x9, S3_4_C12_C9_5                   // ICC_SRE_EL2
    orr x9, x9, #(1 << 0)                   // SRE
    orr x9, x9, #(1 << 3)                   // Enable: EL1 may use them
    msr S3_4_C12_C9_5, x9
    isb
    msr S3_4_C12_C11_0, xzr                 // ICH_HCR_EL2
1:  ldr x9, =0x30c50830                     // EL2's own MMU and caches off
    msr sctlr_el2, x9
    ldr x9, =SCTLR_RES1
    msr sctlr_el1, x9
    mov x9, #0x3c5                          // EL1h, all masked
    msr spsr_el2, x9
    msr elr_el2, x30
    eret
2:  ldr x9, =SCTLR_RES1                     // written whole: what the boot loader left is not ours
    msr sctlr_el1, x9
    isb
    ret

/* Data cache lines of [x0, x1), to the point of coherency. Uses x2, x3. */
.macro cache_lines operation
    mrs x3, ctr_el0
    ubfx x3, x3, #16, #4
    mov x2, #4
    lsl x3, x2, x3                          // bytes in the smallest line
    sub x2, x3, #1
    bic x0, x0, x2
1:  dc \operation, x0
    add x0, x0, x3
    cmp x0, x1
    b.lo 1b
    dsb sy
    ret
.endm

clean_invalidate:
    cache_lines civac
invalidate:
    cache_lines ivac

/* Switches MMU and caches on. Runs at the identity map; uses x0 .. x4. */
mmu_on:
    ldr x0, =0x4404ff04                     // see mmu_memory_attributes
    msr mair_el1, x0
    ldr x0, =TCR_KERNEL
    mrs x1, id_aa64mmfr0_el1
    and x2, x1, #0xf                        // physical address size
    mov x3, #5                              // 48 bits are enough
    cmp x2, x3
    csel x2, x2, x3, lo
    bfi x0, x2, #32, #3
    ubfx x2, x1, #4, #4                     // ASID size
    cmp x2, #2
    cset x2, eq
    bfi x0, x2, #36, #1
    msr tcr_el1, x0
    adrp x0, mmu_identity_root
    msr ttbr0_el1, x0
    adrp x0, mmu_kernel_root
    msr ttbr1_el1, x0
    tlbi vmalle1
    ic iallu
    dsb nsh
    isb
    ldr x0, =SCTLR_KERNEL
    msr sctlr_el1, x0
    isb
    ret

    .ltorg

    .text
first_core_high:
    adrp x0, aarch64_boot_block
    add x0, x0, :lo12:aarch64_boot_block
    add x1, x0, #CORE_EMERGENCY_TOP
    add x0, x0, #CORE_BLOCK_BYTES
    mov sp, x0
    adrp x2, aarch64_boot_core
    add x2, x2, :lo12:aarch64_boot_core
    str x0, [x2, #CORE_STACK]
    str x1, [x2, #CORE_EMERGENCY]
    bl high
    mov x0, x19
    bl boot_main                            // does not return
    brk #0

other_core_high:
    mov x2, x19
    ldr x0, [x2, #CORE_STACK]
    mov sp, x0
    bl high
    mov x0, x19
    bl secondary_main                       // does not return
    brk #0

/* x2 = the core's structure. From here on the kernel's own faults are reported; programs' table is the empty
 * one. */
high:
    msr tpidr_el1, x2
    adrp x0, aarch64_vectors
    add x0, x0, :lo12:aarch64_vectors
    msr vbar_el1, x0
    adrp x0, mmu_empty_root
    add x0, x0, :lo12:mmu_empty_root
    mov x1, #KERNEL_DIRECT_MAP
    sub x0, x0, x1
    msr ttbr0_el1, x0
    mov x1, #(1 << 20)                      // CPACR_PROGRAMS_TRAP
    msr cpacr_el1, x1
    msr mdscr_el1, xzr
    msr tpidr_el0, xzr
    msr tpidrro_el0, xzr
    isb
    tlbi vmalle1
    dsb nsh
    isb
    mov x29, xzr
    ret
