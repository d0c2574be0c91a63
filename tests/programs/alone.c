/* SPDX-License-Identifier: MIT */
#include "alone.h"
#include <mudskipper/pure/error_text.h>
#include <mudskipper/rt/given.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/vspace/heap.h>
#include <mudskipper/vspace/self.h>

#define MACHINE_RAM CPTR(2, 0) /* the memory that the kernel left */
#define HEAP_BYTES  (4u << 20)

static cptr_t ram; /* where memory comes from, */
static uint64_t ram_used;
static struct self_heap heap;

void alone_insist(const char *what, err_t e)
{
    if (!err_ok(e)) {
        char why[128];

        err_print(why, sizeof(why), e);
        rt_log("cannot %s: %s\n", what, why);
        rt_exit(2);
    }
}

static err_t take(enum cap_type type, uint64_t bytes, cptr_t slot)
{
    err_t e = cap_retype(ram, ram_used, type, bytes, 1, slot);

    if (err_ok(e)) {
        ram_used += bytes;
    }
    return e;
}

cptr_t alone_object(enum cap_type type, uint64_t bytes)
{
    cptr_t slot;

    alone_insist("find a slot", slot_alloc(&slot));
    alone_insist("take memory", take(type, bytes, slot));
    return slot;
}

static err_t table_ram(void *context, uint64_t bytes, cptr_t *slot)
{
    (void)context;
    *slot = alone_object(CAP_TYPE_RAM, bytes);
    return OK;
}

static const struct space_ops space_ops = {.ram = table_ram};

void alone_begin(void)
{
    ram = rt_given("ram");
    if (ram == CPTR_NULL) {
        ram = MACHINE_RAM;
    }
    alone_insist("take over the address space", self_init(&space_ops, NULL));
}

static err_t heap_ram(void *context, uint64_t bytes, cptr_t slot)
{
    (void)context;
    return take(CAP_TYPE_RAM, bytes, slot);
}

struct heap *alone_heap(void)
{
    static bool made;

    if (!made) {
        made = true;
        alone_insist("make a heap", self_heap_init(&heap, HEAP_BYTES, heap_ram, NULL));
    }
    return &heap.heap;
}
