/* SPDX-License-Identifier: MIT */
/* Devices that a terminal stands on. A driver is a few functions on the device's registers; it keeps no
 * state, does not block and knows nothing of interrupts but how the device is told when to raise them. */
#ifndef TERMINAL_DRIVER_H
#define TERMINAL_DRIVER_H

#include <mudskipper/abi/types.h>

/* 32-bit registers, at byte offsets; tests put a model here. */
struct mmio {
    uint32_t (*read)(void *registers, uint32_t offset);
    void (*write)(void *registers, uint32_t offset, uint32_t value);
};

/* Those of a real device, mapped at `registers`. */
extern const struct mmio mmio_memory;

struct device {
    const struct terminal_driver *driver;
    const struct mmio *mmio;
    void *registers;
};

static inline uint32_t device_get(const struct device *d, uint32_t offset)
{
    return d->mmio->read(d->registers, offset);
}

static inline void device_put(const struct device *d, uint32_t offset, uint32_t value)
{
    d->mmio->write(d->registers, offset, value);
}

struct terminal_driver {
    const char *const *compatible; /* device tree names, NULL at the end */

    /* Ready to send and receive, no interrupts. What was received before stays. False: not the device it
     * should be. */
    bool (*start)(const struct device *d);

    /* As many bytes as it takes now; how many. */
    uint32_t (*send)(const struct device *d, const uint8_t *bytes, uint32_t count);

    /* Up to `room` bytes that have come; how many. */
    uint32_t (*receive)(const struct device *d, uint8_t *to, uint32_t room);

    /* From now on an interrupt is wanted while it takes bytes, and while it has bytes, or not. A condition
     * that holds already may raise none: look once more after this. */
    void (*want)(const struct device *d, bool to_send, bool to_receive);

    bool (*sent)(const struct device *d);        /* everything has left */
    bool (*ended)(const struct device *d);       /* nothing will come but what receive gives now */
    bool (*interactive)(const struct device *d); /* a person may sit there */
};

/* Of serial lines: they have no end, and who is at the other one cannot be known. */
bool line_ended(const struct device *d);
bool line_interactive(const struct device *d);

extern const struct terminal_driver driver_hostcon, driver_pl011, driver_imx_uart, driver_lpuart;

/* All of them, NULL at the end. */
extern const struct terminal_driver *const drivers[];

/* The one that names itself `compatible`, or NULL. */
const struct terminal_driver *driver_find(const char *compatible);

#endif
