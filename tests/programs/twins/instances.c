/* SPDX-License-Identifier: MIT */
/* Two processes of one program: one symbol, a value in each. */
#include <mudskipper/rt/process.h>
#include "twins.h"

static uint64_t symbol = 1;
static unsigned self;

static void show(struct twin_page *page)
{
    page->places[self] = (uint64_t)(uintptr_t)&symbol - rt_self()->image;
    page->values[self] = symbol;
}

int main(int argc, char **argv)
{
    struct twin_page *page = twins_begin(argc, argv, &self);

    symbol = self == 0 ? 111 : 222;
    twins_meet(page, self, self == 0 ? 2 : UINT32_MAX, show);
    rt_log("here %lu, there %lu, %s\n", symbol, page->values[1],
           page->places[0] == page->places[1] ? "in one symbol" : "in two symbols");
    return 0;
}
