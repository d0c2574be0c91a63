/* SPDX-License-Identifier: MIT */
/* Looking at the manager: walks, figures, text. */
#include "internal.h"

static void extent_of(const struct run *run, struct mm_extent *extent)
{
    *extent = (struct mm_extent){
        .base = address_of(run->begin),
        .bytes = address_of(run->end - run->begin),
        .state = run->state,
        .client = run->client,
    };
}

bool mm_next(const struct mm *mm, paddr_t address, struct mm_extent *extent)
{
    const struct mm_region *r = mm_region_after(mm, page_of(address));
    if (!r) {
        return false;
    }
    page_t page = page_of(address);
    struct run run = mm_region_run(r, page > r->first ? page : r->first);
    extent_of(&run, extent);
    return true;
}

bool mm_next_of(const struct mm *mm, mm_client_t client, paddr_t address, struct mm_extent *extent)
{
    for (paddr_t at = address; mm_next(mm, at, extent); at = extent->base + extent->bytes) {
        if (extent->state == MM_OUT && extent->client == client) {
            return true;
        }
    }
    return false;
}

void mm_stats(const struct mm *mm, struct mm_stats *stats)
{
    const struct tree_node *top = mm->regions.root;
    uint64_t longest = top ? CONTAINER_OF((struct tree_node *)top, struct mm_region, node)->longest_below : 0;
    *stats = (struct mm_stats){
        .managed = address_of(mm->pages_free + mm->pages_out + mm->pages_revoking),
        .free = address_of(mm->pages_free),
        .out = address_of(mm->pages_out),
        .revoking = address_of(mm->pages_revoking),
        .largest = address_of(longest),
        .own = mm->table_bytes + mm->own.pages * PAGE_SIZE,
        .regions = mm->region_count,
        .clients = mm->client_count,
        .spare = mm->own.free_objects,
    };
}

static const char *const state_names[] = {[MM_FREE] = "free", [MM_OUT] = "out", [MM_REVOKING] = "revoking"};

static void dump_region(const struct mm_region *r, format_sink_t sink, void *context)
{
    format(sink, context, "region 0x%llx..0x%llx: %llu KiB, %llu KiB free\n",
           (unsigned long long)address_of(r->first), (unsigned long long)address_of(r->end) - 1,
           (unsigned long long)address_of(r->end - r->first) >> 10,
           (unsigned long long)address_of(r->pages_free) >> 10);
    for (page_t at = r->first; at < r->end;) {
        struct run run = mm_region_run(r, at);
        format(sink, context, "  0x%llx %llu KiB %s", (unsigned long long)address_of(run.begin),
               (unsigned long long)address_of(run.end - run.begin) >> 10, state_names[run.state]);
        if (run.state == MM_OUT) {
            format(sink, context, " client %u", (unsigned)run.client);
        }
        format(sink, context, "\n");
        at = run.end;
    }
}

static void dump_client(const struct mm_client *c, format_sink_t sink, void *context)
{
    format(sink, context, "client %u: %llu KiB of ", (unsigned)c->number, (unsigned long long)c->used >> 10);
    if (c->quota == MM_NO_QUOTA) {
        format(sink, context, "any\n");
    } else {
        format(sink, context, "%llu KiB\n", (unsigned long long)c->quota >> 10);
    }
}

void mm_dump(const struct mm *mm, format_sink_t sink, void *context)
{
    TREE_FOREACH(n, &mm->regions)
    {
        dump_region(CONTAINER_OF(n, struct mm_region, node), sink, context);
    }
    TREE_FOREACH(n, &mm->clients)
    {
        dump_client(CONTAINER_OF(n, struct mm_client, node), sink, context);
    }
    struct mm_stats s;
    mm_stats(mm, &s);
    format(sink, context,
           "all: %llu KiB = %llu free + %llu out + %llu revoking; largest %llu; own data %llu bytes\n",
           (unsigned long long)s.managed >> 10, (unsigned long long)s.free >> 10,
           (unsigned long long)s.out >> 10, (unsigned long long)s.revoking >> 10,
           (unsigned long long)s.largest >> 10, (unsigned long long)s.own);
}
