/* SPDX-License-Identifier: MIT */
/* What only this port has: the processor's peculiarities, its privileged state, ASIDs, a device with a level.
 */
#include <mudskipper/rt/port.h>
#include "../suite.h"
#include "../../../arch/aarch64/kernel/core.h"
#include "../../../arch/aarch64/kernel/fp.h"
#include "../../../arch/aarch64/kernel/layout.h"
#include "../../../platform/common/mmio.h"
#include "../../../platform/imx8/imx_uart_registers.h"
#include "../../../platform/virt/pl011_registers.h"

#define RET 0xd65f03c0u

#define PSTATE_FLAGS 0xf0000000u
#define PTE_UXN      ((pte_t)1 << 54)

static struct program p, q;
static paddr_t code;

/* A program that calls a function of these instructions, which the kernel may rewrite between runs. */
static void make(uint32_t first)
{
    program_make(&p, user_jump);
    code = page_take();
    ((uint32_t *)hal_p2v(code))[0] = first;
    ((uint32_t *)hal_p2v(code))[1] = RET;
    space_map(&p.space, PROGRAM_FREE, code, RX);
    p.data->address = space_at(&p.space, PROGRAM_FREE);
}

#define CHECK_FAULT(wanted_kind)                                                                             \
    do {                                                                                                     \
        RUN(program_next(&p));                                                                               \
        CHECK_EQUAL(t->trap.cause, HAL_FAULT);                                                               \
        CHECK_EQUAL(t->trap.kind, wanted_kind);                                                              \
    } while (0)

#define CHECK_MEMORY_FAULT(wanted_address, wanted_access)                                                    \
    do {                                                                                                     \
        CHECK_FAULT(FAULT_MEMORY);                                                                           \
        CHECK_EQUAL(t->trap.address, wanted_address);                                                        \
        CHECK_EQUAL(t->trap.access, wanted_access);                                                          \
    } while (0)

#define CHECK_CALL(program)                                                                                  \
    do {                                                                                                     \
        RUN(program_next(program));                                                                          \
        CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);                                                             \
    } while (0)

static const uint32_t privileged[] = {
    0xd5381000, /* mrs x0, sctlr_el1 */
    0xd5181000, /* msr sctlr_el1, x0 */
    0xd5182000, /* msr ttbr0_el1, x0 */
    0xd518c000, /* msr vbar_el1, x0 */
    0xd538d080, /* mrs x0, tpidr_el1 */
    0xd5384240, /* mrs x0, CurrentEL */
    0xd53b4220, /* mrs x0, daif */
    0xd50342df, /* msr daifset, #2 */
    0xd50342ff, /* msr daifclr, #2 */
    0xd508871f, /* tlbi vmalle1 */
    0xd508751f, /* ic iallu */
    0xd5087640, /* dc isw, x0 */
    0xd5087800, /* at s1e1r, x0 */
    0xd53be020, /* mrs x0, cntpct_el0 */
    0xd51be320, /* msr cntv_ctl_el0, x0 */
    0xd53b9d00, /* mrs x0, pmccntr_el0 */
    0xd51bd060, /* msr tpidrro_el0, x0 */
    0xd4000002, /* hvc #0 */
    0xd4000003, /* smc #0 */
    0xd4400000, /* hlt #0 */
    0xd69f03e0, /* eret */
    0x00000000, /* udf #0 */
};

TEST(privileged_is_illegal)
{
    BEGIN;
    for (t->round = 0; t->round < ARRAY_LENGTH(privileged); t->round++) {
        make(privileged[t->round]);
        CHECK_FAULT(FAULT_ILLEGAL);
        CHECK_EQUAL(t->trap.address, space_at(&p.space, PROGRAM_FREE));
        CHECK_EQUAL(hal_context_pc(&p.context), space_at(&p.space, PROGRAM_FREE));
        space_destroy(&p.space);
    }
    END;
}

static const uint32_t allowed[] = {
    0xd53be040, /* mrs x0, cntvct_el0 */
    0xd53be000, /* mrs x0, cntfrq_el0 */
    0xd53b0020, /* mrs x0, ctr_el0 */
    0xd53b00e0, /* mrs x0, dczid_el0 */
    0xd53bd040, /* mrs x0, tpidr_el0 */
    0xd503207f, /* wfi */
    0xd503205f, /* wfe */
    0xd503203f, /* yield */
    0xd5033fdf, /* isb */
    0xd5033f9f, /* dsb sy */
};

TEST(harmless_is_allowed)
{
    BEGIN;
    for (t->round = 0; t->round < ARRAY_LENGTH(allowed); t->round++) {
        make(allowed[t->round]);
        do {
            hal_timer_set(hal_now() + MILLISECOND); /* ends wfi, which may come long after the last one */
            RUN(program_next(&p));
        } while (t->trap.cause == HAL_TIMER);
        hal_timer_set(NANOS_NEVER);
        CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
        space_destroy(&p.space);
    }
    END;
}

TEST(counter_of_programs)
{
    static uint64_t before;

    BEGIN;
    make(0xd53be040); /* mrs x0, cntvct_el0 */
    CHECK_CALL(&p);
    before = p.data->result;
    hal_context_init(&p.context, program_entry(&p, user_jump),
                     space_at(&p.space, PROGRAM_STACK + PROGRAM_STACK_SIZE),
                     space_at(&p.space, PROGRAM_DATA));
    CHECK_CALL(&p);
    CHECK(p.data->result > before);
    END;
}

/* The stack pointer's alignment is checked by hardware, but not by QEMU. */
TEST(misaligned_pc)
{
    BEGIN;
    make(RET);
    p.data->address += 2;
    CHECK_FAULT(FAULT_ALIGNMENT);
    CHECK_EQUAL(t->trap.address, space_at(&p.space, PROGRAM_FREE) + 2);
    END;
}

TEST(misaligned_exclusive)
{
    BEGIN;
    make(0xc85f7c00); /* ldxr x0, [x0] */
    hal_context_init(&p.context, space_at(&p.space, PROGRAM_FREE), 0, space_at(&p.space, PROGRAM_DATA) + 4);
    CHECK_FAULT(FAULT_ALIGNMENT);
    CHECK_EQUAL(t->trap.address, space_at(&p.space, PROGRAM_DATA) + 4);
    END;
}

/* Cache operations report themselves as writes; what they miss is a right to read. */
TEST(cache_operation_is_a_read)
{
    BEGIN;
    make(0xd50b7a20); /* dc cvac, x0: not for programs here */
    CHECK_FAULT(FAULT_ILLEGAL);
    space_destroy(&p.space);

    make(0xd50b7420); /* dc zva, x0: a real write */
    hal_context_init(&p.context, space_at(&p.space, PROGRAM_FREE), 0,
                     space_at(&p.space, PROGRAM_FREE) + 0x8000);
    CHECK_MEMORY_FAULT(space_at(&p.space, PROGRAM_FREE) + 0x8000, ACCESS_WRITE);
    END;
}

TEST(writable_never_executes)
{
    BEGIN;
    make(RET);
    space_unmap(&p.space, PROGRAM_FREE);
    /* A descriptor that our encoder refuses to make: writable, and executable by programs. */
    space_write(&p.space, PROGRAM_FREE, pt_leaf(PT_LEVELS - 1, code, RW, PT_MEMORY_NORMAL) & ~PTE_UXN);
    hal_vspace_mapped(&p.space.vs, space_at(&p.space, PROGRAM_FREE), PAGE_SIZE);
    CHECK_MEMORY_FAULT(space_at(&p.space, PROGRAM_FREE), ACCESS_EXECUTE);
    END;
}

TEST(kernel_half_is_closed)
{
    static const uint64_t places[] = {
        KERNEL_DIRECT_MAP, KERNEL_DEVICES, KERNEL_TREE, ~UINT64_C(7), UINT64_C(1) << 48, UINT64_C(1) << 63,
    };
    static uint64_t image;

    BEGIN;
    for (t->round = 0; t->round <= ARRAY_LENGTH(places); t->round++) {
        image = t->round < ARRAY_LENGTH(places) ? places[t->round] : (uint64_t)(uintptr_t)&kernel_boot;
        program_make(&p, user_read);
        p.data->address = image;
        CHECK_MEMORY_FAULT(image, ACCESS_READ);
        space_destroy(&p.space);

        program_make(&p, user_write);
        p.data->address = image;
        CHECK_MEMORY_FAULT(image, ACCESS_WRITE);
        space_destroy(&p.space);

        program_make(&p, user_jump);
        p.data->address = image & ~UINT64_C(3);
        CHECK_MEMORY_FAULT(image & ~UINT64_C(3), ACCESS_EXECUTE);
        space_destroy(&p.space);
    }
    END;
}

TEST(pstate_is_cleaned)
{
    static const uint64_t states[] = {
        0x5,                       /* EL1 with its own stack pointer */
        0x4,        0x9,      0xd, /* EL1, EL2, EL3 */
        0x10,       0x1d3,         /* AArch32 */
        0x3c0,                     /* everything masked */
        1u << 20,   1u << 21,      /* illegal state, single step */
        1u << 22,   1u << 23,      /* PAN, UAO */
        UINT64_MAX,
    };
    static struct save_area area;

    BEGIN;
    for (t->round = 0; t->round < ARRAY_LENGTH(states); t->round++) {
        program_make(&p, user_call);
        hal_context_save(&p.context, &area);
        area.pstate = states[t->round];
        hal_context_load(&p.context, &area);
        CHECK_CALL(&p);
        CHECK_EQUAL(p.context.regs.pstate & ~(uint64_t)PSTATE_FLAGS, 0);
        hal_timer_set(hal_now()); /* and is not masked */
        RUN(program_next(&p));
        while (t->trap.cause == HAL_SYSCALL) {
            RUN(program_next(&p));
        }
        CHECK_EQUAL(t->trap.cause, HAL_TIMER);
        space_destroy(&p.space);
    }
    END;
}

TEST(vectors_follow_their_owner)
{
    static struct save_area area;

    BEGIN;
    make(0x9eae0000); /* fmov x0, v0.d[1]: makes p the owner */
    hal_context_save(&p.context, &area);
    area.q[0][1] = 0x1111;
    hal_context_load(&p.context, &area);
    CHECK_CALL(&p);
    CHECK_EQUAL(p.data->result, 0x1111);
    CHECK(this_aarch64_core()->fp_owner == &p.context);

    /* Saved while in the processor, loaded over it. */
    hal_context_save(&p.context, &area);
    CHECK_EQUAL(area.q[0][1], 0x1111);
    hal_context_init(&p.context, program_entry(&p, user_jump),
                     space_at(&p.space, PROGRAM_STACK + PROGRAM_STACK_SIZE),
                     space_at(&p.space, PROGRAM_DATA));
    hal_context_save(&p.context, &area);
    area.q[0][1] = 0x2222;
    hal_context_load(&p.context, &area);
    CHECK_CALL(&p);
    CHECK_EQUAL(p.data->result, 0x2222);

    /* The owner goes away. */
    hal_context_forget(&p.context);
    CHECK(this_aarch64_core()->fp_owner == NULL);
    mem_set(&p.context, 0x5a, sizeof(p.context));
    program_make(&q, user_call);
    CHECK_CALL(&q);
    space_destroy(&p.space);
    make(0x9eae0000);
    CHECK_CALL(&p);
    CHECK_EQUAL(p.data->result, 0);
    END;
}

/* More address spaces than there are ASIDs, one after another, beside one that stays. */
TEST(asids_start_over)
{
    static uint64_t generation, sum;

    BEGIN;
    program_make(&p, user_touch);
    p.data->address = space_at(&p.space, PROGRAM_DATA) + offsetof(struct user_data, in);
    p.data->count = 1;
    CHECK_CALL(&p);
    program_make(&q, user_call);
    generation = this_aarch64_core()->generation;
    sum = 0;
    for (t->round = 0; t->round < 140000 && this_aarch64_core()->generation < generation + 2; t->round++) {
        hal_vspace_destroy(&q.space.vs);
        CHECK(hal_vspace_init(&q.space.vs, q.space.root));
        CHECK_CALL(&q);
        CHECK(q.space.vs.ttbr >> 48 != 0);
        sum +=
            q.space.vs.ttbr >> 48 == p.space.vs.ttbr >> 48 && q.space.vs.generation == p.space.vs.generation;
    }
    CHECK_EQUAL(this_aarch64_core()->generation, generation + 2);
    CHECK_EQUAL(sum, 0);
    CHECK_CALL(&p);
    CHECK_EQUAL(p.space.vs.generation, generation + 2);
    CHECK(p.space.vs.ttbr >> 48 != q.space.vs.ttbr >> 48);
    END;
}

/* Consoles whose transmitter can be told to want to be fed, and to be quiet. */
static const struct transmitter {
    const char *compatible;
    uint32_t control; /* the register that says so */
    uint32_t wants;
    uint32_t quiet;
    uint32_t data;
} transmitters[] = {
    {"arm,pl011", PL011_IMSC, 1u << 5, 0, PL011_DR},
    {"fsl,imx8mp-uart", IMX_UART_UCR1, IMX_UART_UCR1_UARTEN | 1u << 13, IMX_UART_UCR1_UARTEN, IMX_UART_UTXD},
};

static const struct boot_device *find_console(const struct transmitter **transmitter)
{
    const char *info = (const char *)machine();
    const struct boot_device *d = (const struct boot_device *)(info + machine()->devices);

    for (uint32_t i = 0; i < machine()->device_count; i++) {
        for (unsigned j = 0; d[i].console && j < ARRAY_LENGTH(transmitters); j++) {
            *transmitter = &transmitters[j];
            if (str_equal(info + d[i].compatible, transmitters[j].compatible)) {
                return &d[i];
            }
        }
    }
    return NULL;
}

unsigned port_lacks(void)
{
    const struct transmitter *transmitter;

    return find_console(&transmitter) == NULL ? NEEDS_CONSOLE_DEVICE : 0;
}

/* A transmitter that wants to be fed holds its line until it is told to be quiet. */
TEST(level_stays)
{
    static const struct transmitter *transmitter;
    static const struct boot_device *device;
    static uintptr_t base;

    BEGIN;
    device = find_console(&transmitter);
    base = KERNEL_DEVICES + device->registers;
    hal_irq_unmask(device->irq);
    mmio_write32(base + transmitter->control, transmitter->wants);
    mmio_write32(base + transmitter->data, '#'); /* a comment of TAP */
    for (t->round = 0; t->round < 3; t->round++) {
        RUN(IDLE);
        CHECK_EQUAL(t->trap.cause, HAL_IRQ);
        CHECK_EQUAL(t->trap.irq, device->irq);
        hal_irq_unmask(device->irq);
    }
    RUN(IDLE);
    CHECK_EQUAL(t->trap.cause, HAL_IRQ);
    mmio_write32(base + transmitter->control, transmitter->quiet);
    hal_irq_unmask(device->irq);
    hal_ipi(hal_core_id());
    RUN(IDLE);
    CHECK_EQUAL(t->trap.cause, HAL_IPI);
    hal_irq_mask(device->irq);
    mmio_write32(base + transmitter->data, '\n');
    END;
}

/* The kernel's memcpy and its kin (kernel/memory.S) against loops over bytes. */
#define FIELD 1200u
#define EDGE  64u

static uint8_t memory_is[FIELD + 2 * EDGE], memory_wanted[FIELD + 2 * EDGE], memory_from[FIELD + 2 * EDGE];

static void fill(uint64_t *seed)
{
    for (unsigned i = 0; i < sizeof(memory_is); i++) {
        memory_is[i] = memory_wanted[i] = (uint8_t)random_next(seed);
        memory_from[i] = (uint8_t)random_next(seed);
    }
}

/* Volatile, so that the loops stay loops. */
static void copy_bytes(volatile uint8_t *to, const volatile uint8_t *from, size_t count, bool downwards)
{
    for (size_t i = 0; i < count; i++) {
        size_t at = downwards ? count - 1 - i : i;

        to[at] = from[at];
    }
}

static int compare_bytes(const volatile uint8_t *a, const volatile uint8_t *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (a[i] != b[i]) {
            return a[i] < b[i] ? -1 : 1;
        }
    }
    return 0;
}

static int sign(int x)
{
    return (x > 0) - (x < 0);
}

TEST(memory_functions)
{
    static uint64_t seed;

    BEGIN;
    seed = 4711;
    for (t->round = 0; t->round < 3000; t->round++) {
        size_t count = random_next(&seed) % (t->round % 3 == 0 ? FIELD : t->round % 3 == 1 ? 100 : 20);
        size_t to = EDGE + random_next(&seed) % EDGE, from = EDGE + random_next(&seed) % EDGE;
        uint8_t byte = t->round % 2 == 0 ? 0 : (uint8_t)random_next(&seed);

        count = count > FIELD - EDGE ? FIELD - EDGE : count;
        fill(&seed);
        copy_bytes(memory_wanted + to, memory_from + from, count, false);
        mem_copy(memory_is + to, memory_from + from, count);
        CHECK_EQUAL(compare_bytes(memory_is, memory_wanted, sizeof(memory_is)), 0);
        copy_bytes(memory_wanted + to, memory_wanted + from, count, to > from);
        mem_move(memory_is + to, memory_is + from, count);
        CHECK_EQUAL(compare_bytes(memory_is, memory_wanted, sizeof(memory_is)), 0);
        for (size_t i = 0; i < count; i++) {
            ((volatile uint8_t *)memory_wanted)[to + i] = byte;
        }
        mem_set(memory_is + to, byte, count);
        CHECK_EQUAL(compare_bytes(memory_is, memory_wanted, sizeof(memory_is)), 0);
        if (count > 0) {
            mem_copy(memory_is + to, memory_from + from, count);
            memory_is[to + random_next(&seed) % count] ^= (uint8_t)(random_next(&seed) & 3);
        }
        CHECK_EQUAL(sign(mem_compare(memory_is + to, memory_from + from, count)),
                    compare_bytes(memory_is + to, memory_from + from, count));
    }
    END;
}

/* Programs' switch between stacks; kernel code may run it as well. */
#define KEPT 18u /* x19 .. x28, d8 .. d15 */

static struct {
    uint64_t values[KEPT];
    uintptr_t own, back; /* stack pointers while the other one runs */
    uint64_t turns;
} other;

static _Alignas(16) uint8_t other_stack[2048];

void switch_probe(uint64_t values[KEPT], uintptr_t *save, uintptr_t load);
void switch_scramble(void *argument);

TEST(switch_keeps_registers)
{
    static uint64_t seed, values[KEPT], wanted[KEPT];

    BEGIN;
    seed = 99;
    fp_drop(this_aarch64_core()); /* d8 .. d15 are nobody's now */
    other.own = rt_switch_prepare((uintptr_t)other_stack + sizeof(other_stack), switch_scramble, &other);
    other.turns = 0;
    for (t->round = 0; t->round < 100; t->round++) {
        for (unsigned i = 0; i < KEPT; i++) {
            values[i] = wanted[i] = random_next(&seed);
            other.values[i] = random_next(&seed);
        }
        switch_probe(values, &other.back, other.own);
        CHECK(mem_equal(values, wanted, sizeof(values)));
        CHECK_EQUAL(other.turns, t->round + 1);
        CHECK(other.own > (uintptr_t)other_stack && other.own % 16 == 0);
    }
    END;
}

static uint64_t counter(void)
{
    uint64_t ticks;

    __asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(ticks)::"memory");
    return ticks;
}

/* Seconds apart, so that nothing outgrows 64 bits. */
static uint64_t nanoseconds(uint64_t ticks, uint64_t frequency)
{
    return ticks / frequency * 1000000000 + ticks % frequency * 1000000000 / frequency;
}

TEST(clock_is_exact)
{
    static uint64_t frequency, before, now, after;

    BEGIN;
    __asm__("mrs %0, cntfrq_el0" : "=r"(frequency));
    for (t->round = 0; t->round < 1000; t->round++) {
        before = counter();
        now = hal_now();
        after = counter();
        CHECK(now + 1 >= nanoseconds(before, frequency));
        CHECK(now <= nanoseconds(after, frequency));
    }
    END;
}

const struct test port_tests[] = {
    {"HAL-A64-001", "privileged instructions are illegal, at their address", 1, privileged_is_illegal},
    {"HAL-A64-002", "instructions that harm nobody are allowed", 1, harmless_is_allowed},
    {"HAL-A64-003", "programs read a counter that advances", 1, counter_of_programs},
    {"HAL-A64-004", "a misaligned program counter is an alignment fault", 1, misaligned_pc},
    {"HAL-A64-005", "a misaligned exclusive access is an alignment fault", 1, misaligned_exclusive},
    {"HAL-A64-006", "cache operations by address are no way around rights", 1, cache_operation_is_a_read},
    {"HAL-A64-007", "a writable page does not execute, whatever its descriptor says", 1,
     writable_never_executes},
    {"HAL-A64-008", "no address of the kernel's half can be read, written or executed", 1,
     kernel_half_is_closed},
    {"HAL-A64-009", "a loaded processor state is a program's, with nothing masked", 1, pstate_is_cleaned},
    {"HAL-A64-010", "vector registers follow their owner, and an owner may go away", 1,
     vectors_follow_their_owner},
    {"HAL-A64-011", "ASIDs start over, twice, and are never shared", 1, asids_start_over},
    {"HAL-A64-012", "a level that stays fires again at each unmask", 1 | NEEDS_CONSOLE_DEVICE, level_stays},
    {"HAL-A64-013", "3000 random copies, moves, fills and comparisons are right to the byte", 1,
     memory_functions},
    {"HAL-A64-014", "the clock is the counter in nanoseconds, exactly", 1, clock_is_exact},
    {"HAL-A64-015", "a switch between stacks keeps every register that a call must keep", 1,
     switch_keeps_registers},
    {0},
};
