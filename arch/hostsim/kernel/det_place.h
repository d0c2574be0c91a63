/* SPDX-License-Identifier: MIT */
/* Places at which a core lingers (--faults linger): basic blocks of programs, accesses to memory of the
 * kernel.
 *
 * What is drawn for every instruction alike is drawn for loops: a gap of two instructions that is passed a
 * hundred times is never hit. So places are drawn first, and each of them is as likely as any other: the core
 * stops there after a few times, then after more and more. Other cores, or other threads, go on meanwhile.
 * After the idea of probabilistic concurrency testing (Burckhardt et al., 2010), with places instead of
 * steps. */
#ifndef HOSTSIM_DET_PLACE_H
#define HOSTSIM_DET_PLACE_H

#include "sim.h"

/* The memory at DET_PLACES is there. Without the fault nothing is drawn. */
void det_places_begin(bool wanted);

/* The program stopped because of the place's count, which begins anew. True: it is one of the drawn. */
bool det_place_of_program(uintptr_t block);

/* The kernel is at this place once more. True: it is one of the drawn, and its time has come. */
bool det_place_of_kernel(uintptr_t access);

#endif
