/* SPDX-License-Identifier: MIT */
/* EARLY_UART_HEADER, one of early_uart_*.h, and EARLY_UART_ADDRESS come from arch/aarch64/meson.build. */
#include EARLY_UART_HEADER
#include "early_uart.h"
#include "../kernel/mmu.h"
#include "../../../platform/common/uart.h"
#include "../../../platform/common/mmio.h"

/* The driver's table has pointers that are wrong while the MMU is off: this is the little that is needed
 * then. */
void early_uart_letter(char letter)
{
    while ((mmio_read32(EARLY_UART_ADDRESS + EARLY_UART_STATUS) & EARLY_UART_MASK) != EARLY_UART_READY) {
        continue;
    }
    mmio_write32(EARLY_UART_ADDRESS + EARLY_UART_DATA, (uint32_t)letter);
}

bool early_uart_map(void)
{
    return mmu_map_device(EARLY_UART_ADDRESS, PAGE_SIZE) != 0;
}

const struct uart_driver *early_uart(paddr_t *address)
{
    *address = EARLY_UART_ADDRESS;
    return &EARLY_UART_DRIVER;
}
