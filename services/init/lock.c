/* SPDX-License-Identifier: MIT */
#include "lock.h"
#include <mudskipper/rt/thread.h>
#include "memory.h"

static struct mutex mutex = MUTEX_INITIAL(mutex);

void core_lock(void)
{
    mutex_lock(&mutex);
}

void core_unlock(void)
{
    memory_tend();
    mutex_unlock(&mutex);
}
