/* SPDX-License-Identifier: MIT */
#include "share.h"
#include <mudskipper/pure/command_line.h>

static const struct boot_memory_range *range_at(const struct boot_info *info, uint32_t i)
{
    return (const struct boot_memory_range *)(const void *)((const char *)info + info->memory) + i;
}

/* The whole pages of a free range, without the common ones; none of another range. */
static struct share_part free_pages(const struct share *s, uint32_t i)
{
    const struct boot_memory_range *r = range_at(s->info, i);
    paddr_t start = (r->base + PAGE_MASK) & ~PAGE_MASK;
    paddr_t end = (r->base + r->bytes) & ~PAGE_MASK;

    if (r->kind != BOOT_MEMORY_FREE || start >= end) {
        return (struct share_part){0, 0};
    }
    start += start == s->common ? s->common_bytes : 0;
    return (struct share_part){start, end - start};
}

/* The first pages of the largest range. */
static void take_common(struct share *s)
{
    uint64_t bytes = s->cores > 1 ? (uint64_t)s->cores * s->cores * PAGE_SIZE : 0;
    struct share_part largest = {0, 0};

    for (uint32_t i = 0; i < s->info->memory_count; i++) {
        struct share_part range = free_pages(s, i);

        largest = range.bytes > largest.bytes ? range : largest;
    }
    if (bytes <= largest.bytes) {
        s->common = largest.base;
        s->common_bytes = bytes;
    }
}

struct share share_of_machine(const struct boot_info *info)
{
    struct share s = {.info = info, .cores = info->cores};

    if (command_line_has((const char *)info + info->command_line, "init")) {
        s.cores = 1;
    }
    take_common(&s);
    for (uint32_t i = 0; i < info->memory_count; i++) {
        s.pages += free_pages(&s, i).bytes / PAGE_SIZE;
    }
    return s;
}

/* The first page of a core's run, counted over all free memory. */
static uint64_t first_page(const struct share *s, coreid_t core)
{
    return s->pages * core / s->cores;
}

bool share_part(const struct share *s, coreid_t core, uint32_t i, struct share_part *part)
{
    uint64_t from = first_page(s, core);
    uint64_t to = first_page(s, core + 1);
    uint64_t before = 0; /* pages of the ranges passed */

    for (uint32_t r = 0; r < s->info->memory_count; r++) {
        struct share_part range = free_pages(s, r);
        uint64_t pages = range.bytes / PAGE_SIZE;
        uint64_t begin = from > before ? from - before : 0;
        uint64_t end = to > before ? to - before : 0;

        before += pages;
        end = end < pages ? end : pages;
        if (begin < end && i-- == 0) {
            *part = (struct share_part){range.base + begin * PAGE_SIZE, (end - begin) * PAGE_SIZE};
            return true;
        }
    }
    return false;
}

struct share_part share_largest(const struct share *s, coreid_t core)
{
    struct share_part largest = {0, 0};
    struct share_part part;

    for (uint32_t i = 0; share_part(s, core, i, &part); i++) {
        if (part.bytes > largest.bytes) {
            largest = part;
        }
    }
    return largest;
}

static bool lies_in(const struct share_part *part, paddr_t base, uint64_t bytes)
{
    return base >= part->base && bytes <= part->bytes && base - part->base <= part->bytes - bytes;
}

/* Whose run of pages, all within one, these bytes of a range of free memory are. `before`: pages of the
 * ranges in front of it. */
static coreid_t owner_within(const struct share *s, const struct share_part *range, uint64_t before,
                             paddr_t base, uint64_t bytes)
{
    uint64_t first = before + (base - range->base) / PAGE_SIZE;
    uint64_t end = base - range->base + bytes;

    for (coreid_t core = 0; core < s->cores; core++) {
        uint64_t to = first_page(s, core + 1);

        if (first < to) {
            return end <= (to - before) * PAGE_SIZE ? core : SHARE_NOBODY;
        }
    }
    return SHARE_NOBODY;
}

bool share_is_memory(const struct share *s, paddr_t base, uint64_t bytes)
{
    for (uint32_t i = 0; i < s->info->memory_count; i++) {
        const struct boot_memory_range *r = range_at(s->info, i);

        if (base < r->base + r->bytes && r->base < base + bytes) {
            return true;
        }
    }
    return false;
}

static bool lies_in_archive(const struct share *s, paddr_t base, uint64_t bytes)
{
    for (uint32_t i = 0; i < s->info->memory_count; i++) {
        const struct boot_memory_range *r = range_at(s->info, i);
        struct share_part all = {r->base, r->bytes};

        if (r->kind == BOOT_MEMORY_ARCHIVE && lies_in(&all, base, bytes)) {
            return true;
        }
    }
    return false;
}

coreid_t share_owner(const struct share *s, paddr_t base, uint64_t bytes)
{
    uint64_t before = 0;

    if (!share_is_memory(s, base, bytes) || lies_in_archive(s, base, bytes)) {
        return 0;
    }
    for (uint32_t i = 0; i < s->info->memory_count; i++) {
        struct share_part range = free_pages(s, i);

        if (lies_in(&range, base, bytes)) {
            return owner_within(s, &range, before, base, bytes);
        }
        before += range.bytes / PAGE_SIZE;
    }
    return SHARE_NOBODY;
}
