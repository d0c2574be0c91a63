/* SPDX-License-Identifier: MIT */
/* Two programs change one word without telling each other: what a race checker is for. */
#include "twins.h"

static void step(struct twin_page *page)
{
    page->plain++;
    __asm__ volatile("" ::: "memory");
}

int main(int argc, char **argv)
{
    unsigned self;
    struct twin_page *page = twins_begin(argc, argv, &self);

    twins_meet(page, self, self == 0 ? 4 : UINT32_MAX, step);
    return 0;
}
