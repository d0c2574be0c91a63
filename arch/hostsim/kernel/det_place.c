/* SPDX-License-Identifier: MIT */
#include "det_place.h"
#include "det.h"
#include "det_random.h"
#include "faults.h"

/* Of places, one is drawn of ONE_IN_LEAST to eight times as many: of few in one run, of many in another. */
#define ONE_IN_LEAST 8u
#define ONE_IN_STEPS 4u

/* A place is passed up to 1, 2, 4 ... 128 times before the core stops there for the first time: a quarter of
 * them stops it at once, for what is hardly ever done. The next time within twice as many, and so on. */
#define FIRST_RANGES 8u
#define LAST_RANGE   16u

CLAIM(counts_lie_below_the_page, DET_PLACES + DET_PLACES_COUNT * sizeof(uint16_t) == DET_PAGE);

struct places {
    uint16_t *left;                  /* passes until it comes; 0 counts as 65,536 */
    uint8_t range[DET_PLACES_COUNT]; /* r: it comes within 1 << (r - 1) passes; 0: the place was not drawn */
};

static uint16_t of_kernel[DET_PLACES_COUNT];
static struct places programs = {.left = (uint16_t *)DET_PLACES};
static struct places kernel = {.left = of_kernel};
static struct det_random chance;
static bool lingers;

static void draw_passes(struct places *p, unsigned place)
{
    p->left[place] = (uint16_t)(1 + det_draw(&chance, 1u << (p->range[place] - 1)));
}

static void begin(struct places *p, unsigned one_in)
{
    for (unsigned i = 0; i < DET_PLACES_COUNT; i++) {
        if (det_one_in(&chance, one_in)) {
            p->range[i] = (uint8_t)(1 + det_draw(&chance, FIRST_RANGES));
            draw_passes(p, i);
        }
    }
}

void det_places_begin(bool wanted)
{
    lingers = wanted;
    chance = det_stream(sim.options->seed, 1 + SIM_FAULT_LINGER);
    if (wanted) {
        unsigned one_in = ONE_IN_LEAST << det_draw(&chance, ONE_IN_STEPS);

        begin(&programs, one_in);
        begin(&kernel, one_in);
    }
}

static bool came(struct places *p, unsigned place)
{
    if (p->range[place] == 0) {
        return false;
    }
    p->range[place] += p->range[place] < LAST_RANGE;
    draw_passes(p, place);
    return true;
}

bool det_place_of_program(uintptr_t block)
{
    return came(&programs, (unsigned)(block % DET_PLACES_COUNT));
}

/* The kernel lies elsewhere in every process of the host. */
bool det_place_of_kernel(uintptr_t access)
{
    unsigned place = (unsigned)((access - (uintptr_t)det_places_begin) % DET_PLACES_COUNT);

    return lingers && --kernel.left[place] == 0 && came(&kernel, place);
}
