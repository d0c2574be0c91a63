/* SPDX-License-Identifier: MIT */
/* The driver against a model of the registers: it refuses accesses it does not know, such as those to the
 * speed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../services/terminal/driver.h"
#include "../../../services/terminal/imx_uart_registers.h"

#define FIFO     32u
#define DIVIDER  (5u << 7) /* of the clock, in UFCR */
#define SETTINGS (1u << 2) /* of UCR3: the receiver's pin */

struct model {
    uint32_t ucr1, ucr2, ucr3, ucr4, ufcr;
    uint16_t received[64]; /* what the FIFO would give, errors included */
    unsigned received_count, received_at;
    uint8_t sent[64];
    unsigned sent_count;
    unsigned in_fifo; /* bytes that have not left */
    bool gone;        /* all registers read as ones */
};

static struct model model;

static uint32_t take(struct model *m)
{
    assert_true(m->ucr2 & IMX_UART_UCR2_RXEN);
    assert_true(m->received_at < m->received_count);
    return m->received[m->received_at++] | IMX_UART_URXD_CHARRDY;
}

static uint32_t model_read(void *registers, uint32_t offset)
{
    struct model *m = registers;

    if (m->gone) {
        return UINT32_MAX;
    }
    switch (offset) {
    case IMX_UART_URXD:
        return take(m);
    case IMX_UART_UCR2:
        return m->ucr2;
    case IMX_UART_UCR3:
        return m->ucr3;
    case IMX_UART_UCR4:
        return m->ucr4;
    case IMX_UART_UFCR:
        return m->ufcr;
    case IMX_UART_USR2:
        return (m->received_at < m->received_count ? IMX_UART_USR2_RDR : 0) |
               (m->in_fifo == 0 ? IMX_UART_USR2_TXDC : 0);
    case IMX_UART_UTS:
        return m->in_fifo == FIFO ? IMX_UART_UTS_TXFULL : 0;
    default:
        fail_msg("read of offset 0x%x", offset);
        return 0;
    }
}

static void model_write(void *registers, uint32_t offset, uint32_t value)
{
    struct model *m = registers;

    switch (offset) {
    case IMX_UART_UTXD:
        assert_true((m->ucr1 & IMX_UART_UCR1_UARTEN) && (m->ucr2 & IMX_UART_UCR2_TXEN));
        assert_true(m->in_fifo < FIFO);
        m->sent[m->sent_count++] = (uint8_t)value;
        m->in_fifo++;
        break;
    case IMX_UART_UCR1:
        m->ucr1 = value;
        break;
    case IMX_UART_UCR2:
        assert_true(value & IMX_UART_UCR2_SRST); /* 0 resets the port, speed and all */
        m->ucr2 = value;
        break;
    case IMX_UART_UCR3:
        m->ucr3 = value;
        break;
    case IMX_UART_UCR4:
        m->ucr4 = value;
        break;
    case IMX_UART_UFCR:
        m->ufcr = value;
        break;
    default:
        fail_msg("write to offset 0x%x", offset);
    }
}

/* What the interrupt line would be. */
static bool line(const struct model *m)
{
    unsigned received = m->received_count - m->received_at, receive_mark = m->ufcr & 0x3f;
    unsigned send_mark = m->ufcr >> 10 & 0x3f;

    assert_int_equal(m->ucr2 & IMX_UART_UCR2_INTERRUPTS, 0);
    assert_int_equal(m->ucr3 & IMX_UART_UCR3_INTERRUPTS, 0);
    assert_int_equal(m->ucr4 & IMX_UART_UCR4_INTERRUPTS, 0);
    assert_true(receive_mark >= 1 && send_mark >= 2 && send_mark <= FIFO); /* the device's own limits */
    return ((m->ucr1 & IMX_UART_UCR1_RRDYEN) && received >= receive_mark) ||
           ((m->ucr1 & IMX_UART_UCR1_TRDYEN) && m->in_fifo < send_mark);
}

static const struct mmio model_mmio = {model_read, model_write};
static const struct device device = {&driver_imx_uart, &model_mmio, &model};

/* As the kernel leaves it. */
static int fresh(void **state)
{
    (void)state;
    model = (struct model){.ucr1 = 1, .ucr2 = 0x4027, .ucr3 = SETTINGS, .ufcr = DIVIDER};
    return 0;
}

static int started(void **state)
{
    fresh(state);
    assert_true(driver_imx_uart.start(&device));
    return 0;
}

static void found_by_its_names(void **state)
{
    (void)state;
    assert_ptr_equal(driver_find("fsl,imx6q-uart"), &driver_imx_uart);
}

static void start_keeps_speed_and_settings(void **state)
{
    (void)state;
    model.ucr1 = 0x2201;
    model.ucr2 |= IMX_UART_UCR2_ATEN | 1u << 8; /* somebody's interrupt, parity */
    model.ucr3 |= IMX_UART_UCR3_INTERRUPTS;
    model.ucr4 = 0x8000 | IMX_UART_UCR4_INTERRUPTS;
    assert_true(driver_imx_uart.start(&device));
    assert_false(line(&model));
    assert_int_equal(model.ucr1, IMX_UART_UCR1_UARTEN);
    assert_int_equal(model.ucr2, 0x4027 | 1u << 8);
    assert_int_equal(model.ucr3, SETTINGS);
    assert_int_equal(model.ucr4, 0x8000);
    assert_int_equal(model.ufcr & ~IMX_UART_UFCR_MARKS, DIVIDER);
}

static void start_switches_on_what_is_off(void **state)
{
    (void)state;
    model.ucr1 = 0;
    model.ucr2 = IMX_UART_UCR2_SRST;
    assert_true(driver_imx_uart.start(&device));
    assert_int_equal(model.ucr1, IMX_UART_UCR1_UARTEN);
    assert_int_equal(model.ucr2 & 0x7, 0x7);
}

static void sends_until_the_fifo_is_full(void **state)
{
    uint8_t bytes[40] = "0123456789abcdefghijklmnopqrstuvwxyz";

    (void)state;
    assert_int_equal(driver_imx_uart.send(&device, bytes, 36), FIFO);
    assert_memory_equal(model.sent, bytes, FIFO);
    assert_false(driver_imx_uart.sent(&device));
    assert_int_equal(driver_imx_uart.send(&device, bytes, 36), 0);
    driver_imx_uart.want(&device, true, false);
    assert_false(line(&model));
    model.in_fifo = 1;
    assert_true(line(&model));
    assert_false(driver_imx_uart.sent(&device));
    model.in_fifo = 0;
    assert_true(driver_imx_uart.sent(&device));
    assert_int_equal(driver_imx_uart.send(&device, bytes, 3), 3);
}

static void receives_without_noise(void **state)
{
    uint8_t bytes[8];

    (void)state;
    model.received[0] = 'a';
    model.received[1] = IMX_UART_URXD_BREAK | IMX_UART_URXD_FRAMING;
    model.received[2] = IMX_UART_URXD_PARITY | 'x';
    model.received[3] = 1u << 13 | 'b'; /* bytes before this one were lost */
    model.received_count = 4;
    assert_int_equal(driver_imx_uart.receive(&device, bytes, sizeof(bytes)), 2);
    assert_memory_equal(bytes, "ab", 2);
    assert_int_equal(driver_imx_uart.receive(&device, bytes, sizeof(bytes)), 0);
}

static void takes_no_more_than_there_is_room_for(void **state)
{
    uint8_t bytes[2];

    (void)state;
    model.received_count = 3;
    assert_int_equal(driver_imx_uart.receive(&device, bytes, 2), 2);
    assert_int_equal(model.received_at, 2);
}

static void one_byte_raises_the_interrupt(void **state)
{
    uint8_t byte;

    (void)state;
    driver_imx_uart.want(&device, false, true);
    assert_false(line(&model));
    model.received_count = 1;
    assert_true(line(&model));
    assert_int_equal(driver_imx_uart.receive(&device, &byte, 1), 1);
    assert_false(line(&model));
    model.received_at = 0;
    driver_imx_uart.want(&device, false, false);
    assert_false(line(&model));
    driver_imx_uart.want(&device, false, true);
    assert_true(line(&model)); /* what came meanwhile was not forgotten */
}

static void a_port_that_is_gone_gives_nothing(void **state)
{
    uint8_t bytes[8];

    (void)state;
    model.gone = true;
    assert_int_equal(driver_imx_uart.receive(&device, bytes, sizeof(bytes)), 0);
}

static void a_line_has_no_end(void **state)
{
    (void)state;
    assert_false(driver_imx_uart.ended(&device));
    assert_true(driver_imx_uart.interactive(&device));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found_by_its_names),
        cmocka_unit_test_setup(start_keeps_speed_and_settings, fresh),
        cmocka_unit_test_setup(start_switches_on_what_is_off, fresh),
        cmocka_unit_test_setup(sends_until_the_fifo_is_full, started),
        cmocka_unit_test_setup(receives_without_noise, started),
        cmocka_unit_test_setup(takes_no_more_than_there_is_room_for, started),
        cmocka_unit_test_setup(one_byte_raises_the_interrupt, started),
        cmocka_unit_test_setup(a_port_that_is_gone_gives_nothing, started),
        cmocka_unit_test_setup(a_line_has_no_end, started),
    };

    return cmocka_run_group_tests_name("TERMINAL-IMX-UART", tests, NULL, NULL);
}
