/* SPDX-License-Identifier: MIT */
/* Physical memory, back-traces, console. */
#include "suite.h"

static const struct boot_memory_range *ranges(void)
{
    return (const void *)((const char *)machine() + machine()->memory);
}

TEST(p2v_round_trip)
{
    BEGIN;
    for (uint32_t i = 0; i < machine()->memory_count; i++) {
        const struct boot_memory_range *m = &ranges()[i];

        CHECK_EQUAL(hal_v2p(hal_p2v(m->base)), m->base);
        CHECK_EQUAL(hal_v2p(hal_p2v(m->base + m->bytes - 1)), m->base + m->bytes - 1);
        CHECK_EQUAL((uintptr_t)hal_p2v(m->base) - m->base,
                    (uintptr_t)hal_p2v(ranges()[0].base) - ranges()[0].base);
    }
    END;
}

TEST(boot_info_is_sane)
{
    BEGIN;
    CHECK_EQUAL(machine()->magic, BOOT_INFO_MAGIC);
    CHECK_EQUAL(machine()->version, BOOT_INFO_VERSION);
    CHECK(machine()->cores >= 1);
    CHECK(machine()->memory_count >= 1);
    for (uint32_t i = 0; i < machine()->memory_count; i++) {
        CHECK_EQUAL(ranges()[i].base & PAGE_MASK, 0);
        CHECK_EQUAL(ranges()[i].bytes & PAGE_MASK, 0);
        CHECK(ranges()[i].bytes > 0);
        CHECK(i == 0 || ranges()[i].base >= ranges()[i - 1].base + ranges()[i - 1].bytes);
    }
    END;
}

TEST(ram_is_ordinary)
{
    static uint64_t *words;

    BEGIN;
    words = hal_p2v(pages_take(4));
    for (unsigned i = 0; i < 4 * PAGE_SIZE / 8; i++) {
        words[i] = i * 0x9e3779b97f4a7c15u;
    }
    for (unsigned i = 0; i < 4 * PAGE_SIZE / 8; i++) {
        CHECK_EQUAL(words[i], i * 0x9e3779b97f4a7c15u);
    }
    END;
}

TEST(noted_memory_is_usable_again)
{
    static paddr_t page;

    BEGIN;
    page = page_take();
    hal_note_memory(page, PAGE_SIZE, HAL_MEMORY_FREE);
    hal_note_memory(page, PAGE_SIZE, HAL_MEMORY_UNDEFINED);
    mem_set(hal_p2v(page), 0x5a, PAGE_SIZE);
    CHECK_EQUAL(*(uint8_t *)hal_p2v(page + PAGE_SIZE - 1), 0x5a);
    hal_note_memory(page, PAGE_SIZE, HAL_MEMORY_DEFINED);
    END;
}

static uintptr_t frames[8];
static unsigned frame_count;

static __attribute__((noinline)) void innermost(void)
{
    frame_count = hal_backtrace(frames, ARRAY_LENGTH(frames));
    __asm__ volatile("" ::: "memory");
}

static __attribute__((noinline)) void middle(void)
{
    innermost();
    __asm__ volatile("" ::: "memory");
}

static bool within(uintptr_t address, void (*function)(void))
{
    uintptr_t start = hal_image_offset((uintptr_t)function);

    return address > start && address - start < 512;
}

TEST(backtrace_names_callers)
{
    BEGIN;
    middle();
    CHECK(frame_count >= 3);
    CHECK(within(frames[0], innermost));
    CHECK(within(frames[1], middle));
    CHECK(hal_backtrace(frames, 1) == 1);
    END;
}

TEST(console_read_does_not_block)
{
    static nanos_t start;

    BEGIN;
    start = hal_now();
    for (unsigned i = 0; i < 1000 && hal_console_read() >= 0; i++) {
    }
    CHECK(hal_now() - start < 5000 * MILLISECOND);
    END;
}

TEST(core_data_is_kept)
{
    static uint64_t here;
    static void *before;

    BEGIN;
    CHECK_EQUAL(hal_core_id(), 0);
    before = hal_core_data();
    hal_set_core_data(&here);
    CHECK(hal_core_data() == &here);
    hal_set_core_data(before);
    END;
}

const struct test memory_tests[] = {
    {"HAL-BOOT-001", "boot info has its magic, ascending disjoint pages of memory and a core", 1,
     boot_info_is_sane},
    {"HAL-MEMORY-001", "hal_p2v and hal_v2p are inverse with one offset for all memory", 1, p2v_round_trip},
    {"HAL-MEMORY-002", "memory keeps what was written", 1, ram_is_ordinary},
    {"HAL-MEMORY-003", "memory noted as free and then as fresh can be used", 1, noted_memory_is_usable_again},
    {"HAL-DEBUG-001", "a back-trace names the callers, innermost first", 1, backtrace_names_callers},
    {"HAL-DEBUG-002", "reading the console does not block", 1, console_read_does_not_block},
    {"HAL-CPU-001", "a core keeps its pointer", 1, core_data_is_kept},
    {0},
};
