/* SPDX-License-Identifier: MIT */
#include "watchdogs.h"
#include "../../../platform/common/watchdog.h"
#include "../kernel/mmu.h"
#include "../kernel/timer.h"
#include "dt.h"
#include "heap.h"

struct watchdog {
    const struct watchdog_driver *driver;
    uintptr_t base;
    struct watchdog *next;
};

static struct watchdog *watchdogs;

static void serve_all(void)
{
    for (const struct watchdog *w = watchdogs; w != NULL; w = w->next) {
        w->driver->serve(w->base);
    }
}

/* Adds the one at `node` if it runs; its patience, NANOS_NEVER when it does not. */
static bool add(const void *fdt, int node, const struct watchdog_driver *driver, nanos_t *patience)
{
    paddr_t address;
    uint64_t bytes;
    uintptr_t base;
    struct watchdog *w;

    *patience = NANOS_NEVER;
    if (!dt_registers(fdt, node, 0, &address, &bytes)) {
        return true;
    }
    base = mmu_map_device(address, driver->bytes);
    if (base == 0) {
        return false;
    }
    if (driver->patience(base) == 0) {
        return true;
    }
    w = heap_take(sizeof(*w));
    if (w == NULL) {
        return false;
    }
    *w = (struct watchdog){driver, base, watchdogs};
    watchdogs = w;
    *patience = driver->patience(base);
    return true;
}

/* Three services in the time that the least patient one waits. */
bool watchdogs_serve(const void *fdt)
{
    nanos_t shortest = NANOS_NEVER, patience;

    for (const struct watchdog_driver *const *d = watchdog_drivers; *d != NULL; d++) {
        for (int node = dt_compatible(fdt, -1, (*d)->compatible); node >= 0;
             node = dt_compatible(fdt, node, (*d)->compatible)) {
            if (!add(fdt, node, *d, &patience)) {
                return false;
            }
            shortest = patience < shortest ? patience : shortest;
        }
    }
    if (watchdogs != NULL) {
        serve_all();
        timer_set_chore(serve_all, shortest / 3);
    }
    return true;
}
