/* SPDX-License-Identifier: MIT */
#include "twins.h"
#include <mudskipper/pure/error_text.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/given.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/spawn/spawn.h>
#include <mudskipper/vspace/self.h>
#include "../../../services/init/archive.h"

#define MACHINE_RAM CPTR(2, 0) /* the memory that the kernel left */
#define TABLE_BYTES (64u * 1024u)
#define PRIORITY    16u
#define SECOND      2u /* its number */

static cptr_t ram = MACHINE_RAM; /* where memory comes from */
static uint64_t ram_used;

static void insist(const char *what, err_t e)
{
    if (!err_ok(e)) {
        char why[128];

        err_print(why, sizeof(why), e);
        rt_log("twins: cannot %s: %s\n", what, why);
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

static cptr_t new_object(enum cap_type type, uint64_t bytes)
{
    cptr_t slot;

    insist("find a slot", slot_alloc(&slot));
    insist("take memory", take(type, bytes, slot));
    return slot;
}

static err_t table_ram(void *context, uint64_t bytes, cptr_t *slot)
{
    (void)context;
    *slot = new_object(CAP_TYPE_RAM, bytes);
    return OK;
}

static const struct space_ops space_ops = {.ram = table_ram};

static void start_second(const char *name, cptr_t shared)
{
    struct spawn_grant grants[] = {{"shared", shared, CPTR_NULL},
                                   {"ram", new_object(CAP_TYPE_RAM, TABLE_BYTES), CPTR_NULL},
                                   {NULL, SLOT_LOG, SLOT_LOG}};
    const char *const argv[] = {name, "second"};
    struct spawn_request request = {.name = name,
                                    .argc = ARRAY_LENGTH(argv),
                                    .argv = argv,
                                    .grants_count = ARRAY_LENGTH(grants),
                                    .grants = grants,
                                    .process = SECOND,
                                    .priority = PRIORITY};
    struct archive archive;
    struct spawned spawned;
    uint64_t bytes;

    insist("open the archive", archive_open(&archive));
    insist("find the program", archive_program(&archive, name, &request.elf, &request.elf_bytes));
    insist("measure the second", spawn_bytes(&request, &bytes));
    insist("start the second", spawn(&request, new_object(CAP_TYPE_RAM, bytes), &spawned));
}

struct twin_page *twins_begin(int argc, char **argv, unsigned *self)
{
    cptr_t shared = rt_given("shared");
    void *page;

    *self = argc > 1;
    if (*self == 1) {
        ram = rt_given("ram");
    }
    insist("take over the address space", self_init(&space_ops, NULL));
    if (*self == 0) {
        shared = new_object(CAP_TYPE_FRAME, PAGE_SIZE);
    }
    insist("map the page", self_map(shared, 0, PAGE_SIZE, CAP_READ | CAP_WRITE, &page));
    if (*self == 0) {
        start_second(argv[0], shared);
    }
    return page;
}

void twins_meet(struct twin_page *page, unsigned self, unsigned times, void (*step)(struct twin_page *))
{
    uint64_t last = page->here[!self];

    while (times > 0) {
        uint64_t now = page->here[!self];

        step(page);
        page->here[self]++;
        if (now != last) { /* it has run since: we were away */
            last = now;
            times--;
        }
    }
}
