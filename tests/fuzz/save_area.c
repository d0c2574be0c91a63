/* SPDX-License-Identifier: MIT */
/* Save areas that programs write and resume from (SYS_RESUME): any bit pattern is taken, and what a program
 * may not choose is forced. One program per port: save_area_hostsim.c, save_area_aarch64.c. */
#include "save_area.h"
#include <stdlib.h>
#include "fuzz.h"

enum { WHOLE, PARTLY };

const struct fuzz_outcome fuzz_outcomes[] = {{WHOLE, "all of it"}, {PARTLY, "zeros behind"}, {0, NULL}};

/* Loaded, saved and loaded again: the second time changes nothing. */
static void check_again(struct hal_context *c, struct save_area *area)
{
    struct hal_context *again = aligned_alloc(64, sizeof(*again));
    struct save_area *second = aligned_alloc(64, sizeof(*second));

    hal_context_save(c, area);
    mem_set(again, 0xa5, sizeof(*again));
    hal_context_load(again, area);
    hal_context_save(again, second);
    FUZZ_MUST(mem_equal(area, second, sizeof(*area)));
    free(again);
    free(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hal_context *c = aligned_alloc(64, (sizeof(*c) + 63) & ~(size_t)63);
    struct save_area *area = aligned_alloc(64, sizeof(*area));

    save_area_begin();
    mem_set(area, 0, sizeof(*area));
    mem_copy(area, data, size < sizeof(*area) ? size : sizeof(*area));
    hal_context_init(c, 0x400000, 0x30000000, 7);
    hal_context_load(c, area);
    save_area_check(area, c);
    check_again(c, area);
    free(area);
    free(c);
    fuzz_saw(size >= sizeof(*area) ? WHOLE : PARTLY);
    return 0;
}
