/* SPDX-License-Identifier: MIT */
/* "mudskipper,hostcon": the simulator's console as a device. One page of registers with two byte rings,
 * shared by the driver and the machine's other side, which reads the host's standard input and writes its
 * standard output.
 *
 *   0x000  registers
 *   0x400  received bytes     1 KiB
 *   0x800  bytes to send      2 KiB
 *
 * Counters run freely; the place of byte n is n modulo the ring's size. Each side writes its own counters
 * only:
 *
 *   receive   machine: received_head, then the interrupt      driver: received_tail when it took bytes
 *   send      driver:  sent_head                              machine: sent_tail when it wrote them
 *
 * The interrupt is active while bytes wait (head != tail) unless the driver said HOSTCON_HOLD, and while
 * there is room to send and the driver said HOSTCON_TELL_ROOM; the end of the input raises it once. The
 * machine looks at the driver's counters when a program of any core enters the kernel: no doorbell is needed,
 * a driver that has written only has to block. */
#ifndef MUDSKIPPER_ABI_HOSTCON_H
#define MUDSKIPPER_ABI_HOSTCON_H

#include <mudskipper/abi/types.h>

#define HOSTCON_COMPATIBLE "mudskipper,hostcon"
#define HOSTCON_MAGIC      0x4e4f4348u /* "HCON" */

#define HOSTCON_RECEIVED 1024u
#define HOSTCON_SENT     2048u

enum hostcon_control {
    HOSTCON_LISTENING = 1u << 0, /* somebody reads: Ctrl-C is a byte like any other */
    HOSTCON_TELL_ROOM = 1u << 1,
    HOSTCON_HOLD = 1u << 2, /* the driver takes no bytes for now: they wait in the ring, then at the host */
};

enum hostcon_status {
    HOSTCON_END = 1u << 0,         /* nothing more will be received: the host's input is at its end */
    HOSTCON_INTERACTIVE = 1u << 1, /* a person sits there */
};

struct hostcon {
    uint32_t magic;
    uint32_t version;         /* 1 */
    _Atomic uint32_t control; /* driver: enum hostcon_control */
    _Atomic uint32_t status;  /* machine: enum hostcon_status */
    uint32_t reserved0[12];
    _Atomic uint32_t received_head; /* 0x40: machine */
    _Atomic uint32_t sent_tail;     /* machine */
    uint32_t reserved1[14];
    _Atomic uint32_t received_tail; /* 0x80: driver */
    _Atomic uint32_t sent_head;     /* driver */
    uint32_t reserved2[222];
    uint8_t received[HOSTCON_RECEIVED]; /* 0x400 */
    uint8_t sent[HOSTCON_SENT];         /* 0x800 */
};

CLAIM(hostcon_is_one_page, sizeof(struct hostcon) == PAGE_SIZE);
CLAIM(hostcon_received_at_0x400, offsetof(struct hostcon, received) == 0x400);
CLAIM(hostcon_sent_at_0x800, offsetof(struct hostcon, sent) == 0x800);

#endif
