/* SPDX-License-Identifier: MIT */
/* HAL: cores. */
#ifndef MUDSKIPPER_HAL_CPU_H
#define MUDSKIPPER_HAL_CPU_H

#include <mudskipper/abi/types.h>
#include <mudskipper/arch/hal_types.h>

/* The core this code runs on. */
coreid_t hal_core_id(void);

/* One pointer per core for the neutral kernel; NULL until set on that core. */
void *hal_core_data(void);
void hal_set_core_data(void *data);

enum hal_start_result {
    HAL_START_OK,
    HAL_START_NO_SUCH_CORE,
    HAL_START_ALREADY_ON,
    HAL_START_REFUSED, /* firmware or host said no, or the core did not come up in time */
};

/* Starts core `core`, which calls kernel_core_main(). Called by the boot core, never twice for one core.
 * Returns when the core was accepted, not when it runs. All memory written before is visible to the new core.
 */
enum hal_start_result hal_core_start(coreid_t core);

/* Ends this core; its memory is not touched by it afterwards. */
_Noreturn void hal_core_stop(void);

/* Interrupts another core (or this one): it calls kernel_enter with HAL_IPI at the next chance. Several calls
 * may become one interrupt; none is lost. Everything written before is visible to the handler. */
void hal_ipi(coreid_t core);

/* In a loop that waits for another core: lets the others progress. */
void hal_relax(void);

/* Ends the machine: flushes the console, tells the world `code` (0..255) where the world can be told. Every
 * core stops. */
_Noreturn void hal_power_off(unsigned code);

/* Restarts the machine; on the simulator this ends the process with the status for a reset. */
_Noreturn void hal_reset(void);

#endif
