/* SPDX-License-Identifier: MIT */
/* In place of platform/common/mmio.h, whose include guard it takes: accesses go to the test's model. */
#ifndef PLATFORM_COMMON_MMIO_H
#define PLATFORM_COMMON_MMIO_H

#include <mudskipper/abi/types.h>

/* Their accesses have this many bytes. */
extern unsigned model_width;

uint32_t model_read(uintptr_t address);
void model_write(uintptr_t address, uint32_t value);

static inline uint32_t mmio_read32(uintptr_t address)
{
    model_width = 4;
    return model_read(address);
}

static inline void mmio_write32(uintptr_t address, uint32_t value)
{
    model_width = 4;
    model_write(address, value);
}

static inline uint16_t mmio_read16(uintptr_t address)
{
    model_width = 2;
    return (uint16_t)model_read(address);
}

static inline void mmio_write16(uintptr_t address, uint16_t value)
{
    model_width = 2;
    model_write(address, value);
}

#endif
