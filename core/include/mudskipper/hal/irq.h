/* SPDX-License-Identifier: MIT */
/* HAL: device interrupt lines, numbered as in boot_info. All are masked at start. */
#ifndef MUDSKIPPER_HAL_IRQ_H
#define MUDSKIPPER_HAL_IRQ_H

#include <mudskipper/abi/types.h>

/* Number of lines: valid ones are below it. */
uint32_t hal_irq_lines(void);

/* Delivers the line to this core: kernel_enter with HAL_IRQ. The port masks it before that call;
 * hal_irq_unmask lets the next one through. A level that is still active fires again at once. */
void hal_irq_unmask(uint32_t line);
void hal_irq_mask(uint32_t line);

#endif
