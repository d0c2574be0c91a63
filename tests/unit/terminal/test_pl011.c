/* SPDX-License-Identifier: MIT */
/* The driver against a model of the registers (DDI 0183): it refuses accesses it does not know. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../services/terminal/driver.h"
#include "../../../services/terminal/pl011_registers.h"

#define FIFO 16u

struct model {
    uint32_t lcrh, cr, imsc;
    uint16_t received[64]; /* what the FIFO would give, errors included */
    unsigned received_count, received_at;
    uint8_t sent[64];
    unsigned sent_count;
    unsigned in_fifo; /* bytes that have not left */
    bool fifo_reset;
};

static struct model model;

static uint32_t model_read(void *registers, uint32_t offset)
{
    struct model *m = registers;

    switch (offset) {
    case PL011_DR:
        assert_true(m->received_at < m->received_count);
        return m->received[m->received_at++];
    case PL011_FR:
        return (m->received_at == m->received_count ? PL011_FR_RXFE : 0) |
               (m->in_fifo == FIFO ? PL011_FR_TXFF : 0) | (m->in_fifo > 0 ? PL011_FR_BUSY : 0);
    case PL011_LCRH:
        return m->lcrh;
    case PL011_CR:
        return m->cr;
    case PL011_IMSC:
        return m->imsc;
    default:
        fail_msg("read of offset 0x%x", offset);
        return 0;
    }
}

static void model_write(void *registers, uint32_t offset, uint32_t value)
{
    struct model *m = registers;

    switch (offset) {
    case PL011_DR:
        assert_true(m->in_fifo < FIFO);
        m->sent[m->sent_count++] = (uint8_t)value;
        m->in_fifo++;
        break;
    case PL011_LCRH:
        m->fifo_reset |= ((m->lcrh ^ value) & PL011_LCRH_FIFO) != 0;
        m->lcrh = value;
        break;
    case PL011_CR:
        m->cr = value;
        break;
    case PL011_IMSC:
        m->imsc = value;
        break;
    case PL011_ICR:
        assert_int_equal(value & (PL011_INT_RECEIVE | PL011_INT_TIMEOUT), 0); /* would lose what waits */
        break;
    default:
        fail_msg("write to offset 0x%x", offset);
    }
}

static const struct mmio model_mmio = {model_read, model_write};
static const struct device device = {&driver_pl011, &model_mmio, &model};

static int fresh(void **state)
{
    (void)state;
    model = (struct model){.lcrh = 0x70, .cr = 0x301};
    return 0;
}

static void found_by_its_names(void **state)
{
    (void)state;
    assert_ptr_equal(driver_find("arm,pl011"), &driver_pl011);
    assert_ptr_equal(driver_find("arm,sbsa-uart"), &driver_pl011);
    assert_ptr_equal(driver_find("mudskipper,hostcon"), &driver_hostcon);
    assert_null(driver_find("arm,pl01"));
}

static void start_keeps_what_the_kernel_set_up(void **state)
{
    (void)state;
    model.imsc = 0x7ff;
    assert_true(driver_pl011.start(&device));
    assert_int_equal(model.imsc, 0);
    assert_int_equal(model.cr, 0x301);
    assert_false(model.fifo_reset);
}

static void start_switches_on_what_is_off(void **state)
{
    (void)state;
    model.lcrh = 0x60;
    model.cr = 0;
    assert_true(driver_pl011.start(&device));
    assert_int_equal(model.lcrh, 0x70);
    assert_int_equal(model.cr, 0x301);
}

static void sends_until_the_fifo_is_full(void **state)
{
    uint8_t bytes[40] = "0123456789abcdefghijklmnopqrstuvwxyz";

    (void)state;
    assert_int_equal(driver_pl011.send(&device, bytes, 36), FIFO);
    assert_memory_equal(model.sent, bytes, FIFO);
    assert_false(driver_pl011.sent(&device));
    assert_int_equal(driver_pl011.send(&device, bytes, 36), 0);
    model.in_fifo = 0;
    assert_true(driver_pl011.sent(&device));
    assert_int_equal(driver_pl011.send(&device, bytes, 3), 3);
}

static void receives_without_noise(void **state)
{
    uint8_t bytes[8];

    (void)state;
    model.received[0] = 'a';
    model.received[1] = PL011_DR_BREAK | PL011_DR_FRAMING;
    model.received[2] = PL011_DR_PARITY | 'x';
    model.received[3] = PL011_DR_OVERRUN | 'b';
    model.received_count = 4;
    assert_int_equal(driver_pl011.receive(&device, bytes, sizeof(bytes)), 2);
    assert_memory_equal(bytes, "ab", 2);
    assert_int_equal(driver_pl011.receive(&device, bytes, sizeof(bytes)), 0);
}

static void takes_no_more_than_there_is_room_for(void **state)
{
    uint8_t bytes[2];

    (void)state;
    model.received[0] = 'a';
    model.received[1] = 'b';
    model.received[2] = 'c';
    model.received_count = 3;
    assert_int_equal(driver_pl011.receive(&device, bytes, 2), 2);
    assert_int_equal(model.received_at, 2);
}

static void asks_for_the_interrupts_it_wants(void **state)
{
    (void)state;
    driver_pl011.want(&device, true, false);
    assert_int_equal(model.imsc, PL011_INT_TRANSMIT);
    driver_pl011.want(&device, false, true);
    assert_int_equal(model.imsc, PL011_INT_RECEIVE | PL011_INT_TIMEOUT);
    driver_pl011.want(&device, false, false);
    assert_int_equal(model.imsc, 0);
}

static void a_line_has_no_end(void **state)
{
    (void)state;
    assert_false(driver_pl011.ended(&device));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(found_by_its_names, fresh),
        cmocka_unit_test_setup(start_keeps_what_the_kernel_set_up, fresh),
        cmocka_unit_test_setup(start_switches_on_what_is_off, fresh),
        cmocka_unit_test_setup(sends_until_the_fifo_is_full, fresh),
        cmocka_unit_test_setup(receives_without_noise, fresh),
        cmocka_unit_test_setup(takes_no_more_than_there_is_room_for, fresh),
        cmocka_unit_test_setup(asks_for_the_interrupts_it_wants, fresh),
        cmocka_unit_test_setup(a_line_has_no_end, fresh),
    };

    return cmocka_run_group_tests_name("TERMINAL-PL011", tests, NULL, NULL);
}
