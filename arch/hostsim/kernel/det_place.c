/* SPDX-License-Identifier: MIT */
#include "det_place.h"
#include "det.h"
#include "det_random.h"
#include "faults.h"

#define ONE_IN     32u /* places */
#define FIRST_LOG2 8u  /* it is passed up to so often before the core stops there for the first time */
#define LAST_LOG2  15u

CLAIM(counts_lie_below_the_page, DET_PLACES + DET_PLACES_COUNT * sizeof(uint16_t) == DET_PAGE);

struct places {
    uint16_t *left;                 /* passes until it comes; 0 counts as 65,536 */
    uint8_t log2[DET_PLACES_COUNT]; /* about how many passes the next time; 0: the place was not drawn */
};

static uint16_t of_kernel[DET_PLACES_COUNT];
static struct places programs = {.left = (uint16_t *)DET_PLACES};
static struct places kernel = {.left = of_kernel};
static struct det_random chance;
static bool lingers;

static void begin(struct places *p)
{
    for (unsigned i = 0; i < DET_PLACES_COUNT; i++) {
        if (det_one_in(&chance, ONE_IN)) {
            p->log2[i] = (uint8_t)(1 + det_draw(&chance, FIRST_LOG2));
            p->left[i] = (uint16_t)(1 + det_draw(&chance, 1u << p->log2[i]));
        }
    }
}

void det_places_begin(bool wanted)
{
    lingers = wanted;
    chance = det_stream(sim.options->seed, 1 + SIM_FAULT_LINGER);
    if (wanted) {
        begin(&programs);
        begin(&kernel);
    }
}

static bool came(struct places *p, unsigned place)
{
    if (p->log2[place] == 0) {
        return false;
    }
    p->log2[place] += p->log2[place] < LAST_LOG2;
    p->left[place] = (uint16_t)(1 + det_draw(&chance, 1u << p->log2[place]));
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
