/* SPDX-License-Identifier: MIT */
#include "driver.h"

/* Functions of their own, so that the compiler has no loop to fold an address update into: a hypervisor
 * cannot emulate loads and stores with write-back. */
static uint32_t read(void *registers, uint32_t offset)
{
    return *(volatile uint32_t *)((char *)registers + offset);
}

static void write(void *registers, uint32_t offset, uint32_t value)
{
    *(volatile uint32_t *)((char *)registers + offset) = value;
}

const struct mmio mmio_memory = {read, write};
