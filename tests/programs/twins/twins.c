/* SPDX-License-Identifier: MIT */
#include "twins.h"
#include <mudskipper/rt/given.h>
#include <mudskipper/spawn/spawn.h>
#include <mudskipper/vspace/self.h>
#include "../../../services/init/archive.h"
#include "../alone.h"

#define TABLE_BYTES (64u * 1024u)
#define PRIORITY    16u
#define SECOND      2u /* its number */

static void start_second(const char *name, cptr_t shared)
{
    struct spawn_grant grants[] = {
        {.name = "shared", .from = shared},
        {.name = "ram", .from = alone_object(CAP_TYPE_RAM, TABLE_BYTES)},
        {.from = SLOT_LOG, .to = SLOT_LOG},
    };
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

    alone_insist("open the archive", archive_open(&archive));
    alone_insist("find the program", archive_program(&archive, name, &request.elf, &request.elf_bytes));
    alone_insist("measure the second", spawn_bytes(&request, &bytes));
    alone_insist("start the second", spawn(&request, alone_object(CAP_TYPE_RAM, bytes), &spawned));
}

struct twin_page *twins_begin(int argc, char **argv, unsigned *self)
{
    cptr_t shared = rt_given("shared");
    void *page;

    *self = argc > 1;
    alone_begin();
    if (*self == 0) {
        shared = alone_object(CAP_TYPE_FRAME, PAGE_SIZE);
    }
    alone_insist("map the page", self_map(shared, 0, PAGE_SIZE, CAP_READ | CAP_WRITE, &page));
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
