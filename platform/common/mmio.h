/* SPDX-License-Identifier: MIT */
/* Device registers at the addresses the port mapped them to. */
#ifndef PLATFORM_COMMON_MMIO_H
#define PLATFORM_COMMON_MMIO_H

#include <mudskipper/abi/types.h>

/* By the plain load and store: forms with write-back cannot be emulated by a hypervisor. */
static inline uint32_t mmio_read32(uintptr_t address)
{
    uint32_t value;

    __asm__ volatile("ldr %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
    return value;
}

static inline uint64_t mmio_read64(uintptr_t address)
{
    uint64_t value;

    __asm__ volatile("ldr %0, [%1]" : "=r"(value) : "r"(address) : "memory");
    return value;
}

static inline void mmio_write8(uintptr_t address, uint8_t value)
{
    __asm__ volatile("strb %w0, [%1]" ::"r"(value), "r"(address) : "memory");
}

static inline uint16_t mmio_read16(uintptr_t address)
{
    uint16_t value;

    __asm__ volatile("ldrh %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
    return value;
}

static inline void mmio_write16(uintptr_t address, uint16_t value)
{
    __asm__ volatile("strh %w0, [%1]" ::"r"(value), "r"(address) : "memory");
}

static inline void mmio_write32(uintptr_t address, uint32_t value)
{
    __asm__ volatile("str %w0, [%1]" ::"r"(value), "r"(address) : "memory");
}

static inline void mmio_write64(uintptr_t address, uint64_t value)
{
    __asm__ volatile("str %0, [%1]" ::"r"(value), "r"(address) : "memory");
}

#endif
