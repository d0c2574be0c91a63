/* SPDX-License-Identifier: MIT */
#include <mudskipper/rt/slot.h>
#include <mudskipper/vspace/heap.h>
#include "self_internal.h"

uint64_t self_check(format_sink_t sink, void *context)
{
    uint64_t mistakes;

    self_lock();
    mistakes = vregions_validate(&self_all, sink, context);
    self_unlock();
    return mistakes + process_heap_check(sink, context) + slot_check(sink, context);
}
