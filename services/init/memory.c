/* SPDX-License-Identifier: MIT */
#include "memory.h"
#include "check.h"
#include <mudskipper/pure/page_table.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/rt/thread.h>
#include <mudskipper/vspace/heap.h>
#include <mudskipper/vspace/self.h>

#define L1_RAM 2u /* where the kernel puts the RAM it leaves */

/* The manager begins with memory of the image, grows with pages it hands out itself. */
static struct mm manager;
static _Alignas(PAGE_SIZE) unsigned char first_memory[2 * PAGE_SIZE];

/* The manager has one user at a time. Threads take it below the heap's lock and above that of the address
 * space, which the manager's own refill needs. */
static struct mutex manager_lock = MUTEX_INITIAL(manager_lock);

/* The address space is locked: the manager may not map pages for itself now. */
static bool making_table;

/* Region cookies are the slots of their RAM capabilities. */
static err_t retype(void *context, uint64_t region, uint64_t offset, uint64_t bytes, void *into)
{
    (void)context;
    return cap_retype((cptr_t)region, offset, CAP_TYPE_RAM, bytes, 1, *(const cptr_t *)into);
}

static err_t revoke(void *context, uint64_t region, uint64_t offset, uint64_t bytes, bool *pending)
{
    (void)context;
    *pending = false;
    return cap_revoke_range((cptr_t)region, offset, bytes);
}

static bool unused(void *context, uint64_t region, uint64_t from, uint64_t *offset, uint64_t *bytes)
{
    (void)context;
    return err_ok(cap_unused((cptr_t)region, from, offset, bytes)) && *bytes != 0;
}

/* A zeroed page of init's own, mapped for good. The manager's lock is held. */
static err_t own_page(void **page)
{
    cptr_t ram;
    cptr_t frame;
    paddr_t base;
    err_t e = slot_alloc_run(2, &ram);

    if (!err_ok(e)) {
        return e;
    }
    frame = ram + 1;
    e = mm_alloc(&manager, MEMORY_CLIENT_INIT, PAGE_SIZE, PAGE_SIZE, &ram, &base);
    if (!err_ok(e)) {
        slot_free(ram);
        slot_free(frame);
        return e;
    }
    e = cap_retype(ram, 0, CAP_TYPE_FRAME, PAGE_SIZE, 1, frame);
    if (err_ok(e)) {
        e = self_map(frame, 0, PAGE_SIZE, CAP_READ | CAP_WRITE, page);
    }
    /* The RAM capability may go: the block says whose the page is. The Frame has to stay, its Mapping ends
     * with it. */
    slot_delete(ram);
    if (!err_ok(e)) {
        err_t ignored = mm_free(&manager, MEMORY_CLIENT_INIT, base, PAGE_SIZE); /* just handed out */

        (void)ignored;
        slot_delete(frame);
    }
    return e;
}

err_t memory_own_endpoint(cptr_t *endpoint)
{
    cptr_t ram;
    paddr_t base;
    err_t e = slot_alloc_run(2, &ram);

    if (!err_ok(e)) {
        return e;
    }
    e = memory_alloc(MEMORY_CLIENT_INIT, PAGE_SIZE, ram, &base);
    if (err_ok(e)) {
        e = cap_retype(ram, 0, CAP_TYPE_ENDPOINT_LMP, PAGE_SIZE, 1, ram + 1);
    }
    slot_delete(ram);
    if (!err_ok(e)) {
        slot_free(ram + 1);
        return e;
    }
    *endpoint = ram + 1;
    return OK;
}

/* The manager's own memory. */
static bool refill(void *context)
{
    void *page;

    (void)context;
    if (making_table || !err_ok(own_page(&page))) {
        return false;
    }
    mm_give(&manager, page);
    return true;
}

static void release(void *context, void *page)
{
    err_t ignored = self_unmap(page);

    (void)context;
    (void)ignored; /* its frame goes with the mapping; the block is found unused by the next mm_reclaim */
}

static const struct mm_ops ops = {
    .retype = retype, .revoke = revoke, .unused = unused, .refill = refill, .release = release};

/* ---- before there is a manager ---- */

#define EARLY_TABLES (32u * PAGE_SIZE) /* page tables that map what the manager needs to begin */

/* Those, and what the archive will need: a table for 2 MiB of it. */
static uint64_t early_tables(void)
{
    struct cap_identity archive;
    err_t e = cap_identify(SLOT_ARCHIVE, &archive);

    return EARLY_TABLES + (err_ok(e) ? archive.bytes / (512 * PAGE_SIZE) * PAGE_SIZE : 0);
}

/* The first piece of a RAM capability stays out of the manager's hands: its own table lies there, and in the
 * very first one page tables of init, behind it. */
static struct {
    struct mutex mutex; /* below all other locks */
    cptr_t ram;
    uint64_t next;
    uint64_t bytes;
} early = {.mutex = MUTEX_INITIAL(early.mutex)};

static err_t early_take(enum cap_type type, uint64_t bytes, cptr_t slot)
{
    err_t e = err_make(ERR_NO_MEMORY, bytes);

    mutex_lock(&early.mutex);
    if (early.bytes - early.next >= bytes) {
        e = cap_retype(early.ram, early.next, type, bytes, 1, slot);
        early.next += err_ok(e) ? bytes : 0;
    }
    mutex_unlock(&early.mutex);
    return e;
}

/* From the manager, unless somebody is using it, who may be waiting for the address space. */
static err_t table_from_manager(uint64_t bytes, cptr_t slot)
{
    paddr_t base;
    err_t e;

    if (!mutex_try_lock(&manager_lock)) {
        return err_make(ERR_NO_MEMORY, bytes);
    }
    making_table = true;
    e = mm_alloc(&manager, MEMORY_CLIENT_INIT, bytes, PAGE_SIZE, &slot, &base);
    making_table = false;
    mutex_unlock(&manager_lock);
    return e;
}

/* Memory for page tables of init itself. memory_tend sees to it that there is enough ahead; only what is
 * large needs more. */
static err_t table_ram(void *context, uint64_t bytes, cptr_t *slot)
{
    err_t e = slot_alloc(slot);

    (void)context;
    if (!err_ok(e)) {
        return e;
    }
    e = early_take(CAP_TYPE_RAM, bytes, *slot);
    if (err_is(e, ERR_NO_MEMORY)) {
        e = table_from_manager(bytes, *slot);
    }
    if (!err_ok(e)) {
        slot_free(*slot);
    }
    return e;
}

static const struct space_ops space_ops = {.ram = table_ram, .slots_elsewhere = true};

/* Cuts [0, first) off a RAM capability: *begin names it, *rest what is behind. */
static err_t cut(cptr_t ram, uint64_t bytes, uint64_t first, cptr_t *begin, cptr_t *rest)
{
    err_t e = slot_alloc_run(2, begin);

    if (!err_ok(e)) {
        return e;
    }
    *rest = *begin + 1;
    e = cap_retype(ram, 0, CAP_TYPE_RAM, first, 1, *begin);
    return err_ok(e) ? cap_retype(ram, first, CAP_TYPE_RAM, bytes - first, 1, *rest) : e;
}

/* ---- init's own heap ---- */

#define OWN_HEAP_BYTES (16u << 20) /* of addresses */

static struct self_heap own_heap;

static err_t heap_ram(void *context, uint64_t bytes, cptr_t slot)
{
    paddr_t base;

    (void)context;
    return memory_alloc(MEMORY_CLIENT_INIT, bytes, slot, &base);
}

struct heap *memory_heap(void)
{
    return &own_heap.heap;
}

/* A region and the table for it, which is mapped for good. */
static err_t add_region(cptr_t ram, const struct cap_identity *r)
{
    uint64_t table_bytes = (mm_table_bytes(r->base, r->bytes) + PAGE_MASK) & ~PAGE_MASK;
    uint64_t first = table_bytes + (early.bytes == 0 ? early_tables() : 0);
    cptr_t begin;
    cptr_t rest;
    cptr_t frame;
    void *table;
    err_t e;

    if (r->bytes <= 2 * first) {
        return OK; /* not worth its table */
    }
    e = cut(ram, r->bytes, first, &begin, &rest);
    if (err_ok(e)) {
        e = slot_alloc(&frame);
    }
    if (err_ok(e)) {
        e = cap_retype(begin, 0, CAP_TYPE_FRAME, table_bytes, 1, frame);
    }
    if (err_ok(e) && early.bytes == 0) {
        early.ram = begin;
        early.next = table_bytes;
        early.bytes = first;
    }
    if (err_ok(e)) {
        e = self_map(frame, 0, table_bytes, CAP_READ | CAP_WRITE, &table);
    }
    return err_ok(e) ? mm_add(&manager, r->base + first, r->bytes - first, rest, table) : e;
}

/* ---- ahead of need ---- */

#define FEW_SLOTS  64u
#define FEW_TABLES (8u * PAGE_SIZE)

static void more_slots(void)
{
    uint32_t next_cnode = slot_next_cnode();
    cptr_t ram;
    paddr_t base;
    err_t e = slot_alloc(&ram);

    if (!err_ok(e)) {
        return;
    }
    e = memory_alloc(MEMORY_CLIENT_INIT, CAP_L2_BYTES, ram, &base);
    if (err_ok(e)) {
        e = cap_retype_to(ram, 0, CAP_TYPE_L2_CNODE, CAP_L2_BYTES, 1, SLOT_ROOT, CAP_PLACE_CNODE(next_cnode));
    }
    slot_delete(ram);
    if (err_ok(e)) {
        e = slot_add_cnode(next_cnode, 0);
    }
}

static void more_tables(uint64_t bytes)
{
    cptr_t old;
    cptr_t ram;
    paddr_t base;
    err_t e = slot_alloc(&ram);

    if (!err_ok(e)) {
        return;
    }
    e = memory_alloc(MEMORY_CLIENT_INIT, bytes, ram, &base);
    if (!err_ok(e)) {
        slot_free(ram);
        return;
    }
    mutex_lock(&early.mutex);
    old = early.ram;
    early.ram = ram;
    early.next = 0;
    early.bytes = bytes;
    mutex_unlock(&early.mutex);
    slot_delete(old); /* tables made of it stay */
}

void memory_tend(void)
{
    if (slot_free_count() < FEW_SLOTS) {
        more_slots();
    }
    if (early.bytes - early.next < FEW_TABLES) {
        more_tables(EARLY_TABLES);
    }
}

/* The archive, of any size, is mapped next. */
static void expect_archive(void)
{
    struct cap_identity archive;
    uint64_t bytes;

    if (err_ok(cap_identify(SLOT_ARCHIVE, &archive))) {
        bytes = (archive.bytes / pt_entry_bytes(PT_LEVELS - 2) + 2) * PAGE_SIZE + EARLY_TABLES;
        if (early.bytes - early.next < bytes) {
            more_tables(bytes);
        }
    }
}

err_t memory_init(void)
{
    err_t e = mm_init(&manager, &ops, NULL, first_memory, sizeof(first_memory));

    if (err_ok(e)) {
        e = mm_client_add(&manager, MEMORY_CLIENT_INIT, MM_NO_QUOTA);
    }
    if (err_ok(e)) {
        e = self_init(&space_ops, NULL);
    }
    if (err_ok(e)) {
        e = slot_add_cnode(L1_RAM, CPTR_L2_SLOTS); /* it came full */
    }
    for (unsigned i = 0; i < CPTR_L2_SLOTS && err_ok(e); i++) {
        struct cap_identity r;

        if (!err_ok(cap_identify(CPTR(L1_RAM, i), &r))) {
            break; /* the kernel fills them from the first on */
        }
        e = add_region(CPTR(L1_RAM, i), &r);
    }
    if (err_ok(e)) {
        e = self_heap_init(&own_heap, OWN_HEAP_BYTES, heap_ram, NULL);
    }
    if (err_ok(e)) {
        expect_archive();
    }
    return e;
}

err_t memory_alloc(mm_client_t client, uint64_t bytes, cptr_t slot, paddr_t *base)
{
    err_t e;

    mutex_lock(&manager_lock);
    e = mm_alloc(&manager, client, bytes, PAGE_SIZE, &slot, base);
    mutex_unlock(&manager_lock);
    return e;
}

err_t memory_free(mm_client_t client, paddr_t base, uint64_t bytes)
{
    err_t e;

    mutex_lock(&manager_lock);
    e = mm_free_range(&manager, client, base, bytes);
    mutex_unlock(&manager_lock);
    return e;
}

err_t memory_add_client(mm_client_t client)
{
    err_t e;

    mutex_lock(&manager_lock);
    e = mm_client_add(&manager, client, MM_NO_QUOTA);
    mutex_unlock(&manager_lock);
    return e;
}

err_t memory_end_client(mm_client_t client)
{
    struct mm_extent extent;
    err_t e = OK;

    mutex_lock(&manager_lock);
    while (err_ok(e) && mm_next_of(&manager, client, 0, &extent)) {
        e = mm_free(&manager, client, extent.base, extent.bytes);
    }
    if (err_ok(e)) {
        e = mm_client_remove(&manager, client);
    }
    mutex_unlock(&manager_lock);
    return e;
}

err_t memory_account(mm_client_t client, uint64_t *used, uint64_t *quota)
{
    struct mm_account account;
    err_t e;

    mutex_lock(&manager_lock);
    e = mm_client_account(&manager, client, &account);
    mutex_unlock(&manager_lock);
    if (err_ok(e)) {
        *used = account.used;
        *quota = account.quota;
    }
    return e;
}

void memory_stats(struct mm_stats *stats)
{
    mutex_lock(&manager_lock);
    mm_stats(&manager, stats);
    mutex_unlock(&manager_lock);
}

bool memory_client_of(paddr_t address, mm_client_t *client)
{
    struct mm_extent extent;
    bool found;

    mutex_lock(&manager_lock);
    found = mm_next(&manager, address, &extent) && extent.base <= address && extent.state == MM_OUT;
    mutex_unlock(&manager_lock);
    if (found) {
        *client = extent.client;
    }
    return found;
}

void memory_check(struct walker *books)
{
    mutex_lock(&manager_lock);
    books->faults += mm_validate(&manager, rt_log_sink, NULL);
    mutex_unlock(&manager_lock);
    books->faults += heap_validate(memory_heap(), rt_log_sink, NULL);
}
