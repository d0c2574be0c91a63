/* SPDX-License-Identifier: MIT */
/* The driver against a model of the registers, FIFOs off as U-Boot leaves them: one byte each way. It refuses
 * accesses it does not know, such as those to speed and FIFOs. QEMU has no such device: this is all that has
 * run it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "../../../services/terminal/driver.h"
#include "../../../services/terminal/lpuart_registers.h"

#define STAT_SETTINGS  (1u << 29 | 1u << 26) /* bits of STAT that are settings */
#define STAT_READ_ONLY (1u << 24 | LPUART_STAT_TDRE | LPUART_STAT_TC | LPUART_STAT_RDRF)
#define CTRL_SETTINGS  (1u << 4 | 1u << 1) /* 9 bits, parity */

struct model {
    uint32_t stat; /* settings and flags */
    uint32_t ctrl;
    bool full;     /* DATA has a byte */
    uint32_t data; /* with its errors */
    uint8_t sent[64];
    unsigned sent_count;
    bool sending; /* a byte is in the transmitter's buffer */
    bool shifting;
    const char *between; /* comes between a look at STAT and taking what is there */
    bool gone;           /* all registers read as ones */
};

static struct model model;

/* A byte from the line. */
static void arrive(struct model *m, uint32_t data)
{
    if (!(m->ctrl & LPUART_CTRL_RE) || (m->stat & LPUART_STAT_OR)) {
        return; /* the receiver stands still */
    }
    if (m->full) {
        m->stat |= LPUART_STAT_OR;
        return;
    }
    m->full = true;
    m->data = data;
    if (data & LPUART_DATA_FRAMING) {
        m->stat |= 1u << 17;
    }
}

static void type(struct model *m, const char *text)
{
    for (; *text != '\0'; text++) {
        arrive(m, (uint8_t)*text);
    }
}

static uint32_t model_read(void *registers, uint32_t offset)
{
    struct model *m = registers;

    if (m->gone) {
        return UINT32_MAX;
    }
    switch (offset) {
    case LPUART_STAT:
        return m->stat | (m->full ? LPUART_STAT_RDRF : 0) | (m->sending ? 0 : LPUART_STAT_TDRE) |
               (m->sending || m->shifting ? 0 : LPUART_STAT_TC);
    case LPUART_CTRL:
        return m->ctrl;
    case LPUART_DATA:
        assert_true(m->full);
        if (m->between != NULL) {
            type(m, m->between);
            m->between = NULL;
        }
        m->full = false;
        return m->data;
    default:
        fail_msg("read of offset 0x%x", offset);
        return 0;
    }
}

static void model_write(void *registers, uint32_t offset, uint32_t value)
{
    struct model *m = registers;

    if (m->gone) {
        return;
    }
    switch (offset) {
    case LPUART_STAT:
        assert_int_equal(value & ~LPUART_STAT_FLAGS & ~STAT_READ_ONLY, STAT_SETTINGS);
        m->stat &= ~(value & LPUART_STAT_FLAGS);
        break;
    case LPUART_CTRL:
        m->ctrl = value;
        break;
    case LPUART_DATA:
        assert_true(m->ctrl & LPUART_CTRL_TE);
        assert_false(m->sending);
        m->sent[m->sent_count++] = (uint8_t)value;
        m->sending = true;
        break;
    default:
        fail_msg("write to offset 0x%x", offset);
    }
}

/* What the interrupt line would be. */
static bool line(struct model *m)
{
    uint32_t stat = model_read(m, LPUART_STAT);

    return ((m->ctrl & LPUART_CTRL_RIE) && (stat & LPUART_STAT_RDRF)) ||
           ((m->ctrl & LPUART_CTRL_TIE) && (stat & LPUART_STAT_TDRE)) ||
           ((m->ctrl & LPUART_CTRL_ORIE) && (stat & LPUART_STAT_OR)) || (m->ctrl & 0x07500000u) != 0;
}

static const struct mmio model_mmio = {model_read, model_write};
static const struct device device = {&driver_lpuart, &model_mmio, &model};

static int fresh(void **state)
{
    (void)state;
    model = (struct model){.stat = STAT_SETTINGS, .ctrl = LPUART_CTRL_RE | LPUART_CTRL_TE | CTRL_SETTINGS};
    return 0;
}

static int started(void **state)
{
    fresh(state);
    assert_true(driver_lpuart.start(&device));
    return 0;
}

static void found_by_its_names(void **state)
{
    (void)state;
    assert_ptr_equal(driver_find("fsl,imx8qxp-lpuart"), &driver_lpuart);
    assert_ptr_equal(driver_find("fsl,imx7ulp-lpuart"), &driver_lpuart);
    assert_ptr_equal(driver_find("fsl,imx8qm-lpuart"), &driver_lpuart);
    assert_null(driver_find("fsl,vf610-lpuart")); /* other registers */
}

static void start_keeps_settings_and_ends_an_old_overrun(void **state)
{
    uint8_t byte;

    (void)state;
    model.ctrl |= LPUART_CTRL_INTERRUPTS;
    model.stat |= LPUART_STAT_OR | 1u << 18 | 1u << 20; /* noise, idle */
    assert_true(driver_lpuart.start(&device));
    assert_int_equal(model.ctrl, LPUART_CTRL_RE | LPUART_CTRL_TE | CTRL_SETTINGS);
    assert_int_equal(model.stat, STAT_SETTINGS);
    type(&model, "a");
    assert_int_equal(driver_lpuart.receive(&device, &byte, 1), 1);
    assert_int_equal(byte, 'a');
}

static void start_switches_on_what_is_off(void **state)
{
    (void)state;
    model.ctrl = 0;
    assert_true(driver_lpuart.start(&device));
    assert_int_equal(model.ctrl, LPUART_CTRL_RE | LPUART_CTRL_TE);
}

static void start_keeps_what_was_received(void **state)
{
    uint8_t byte;

    (void)state;
    type(&model, "a");
    assert_true(driver_lpuart.start(&device));
    assert_int_equal(driver_lpuart.receive(&device, &byte, 1), 1);
}

static void sends_a_byte_at_a_time(void **state)
{
    static const uint8_t bytes[] = "xyz";

    (void)state;
    assert_int_equal(driver_lpuart.send(&device, bytes, 3), 1);
    assert_int_equal(driver_lpuart.send(&device, bytes, 3), 0);
    driver_lpuart.want(&device, true, false);
    assert_false(line(&model));
    model.sending = false;
    model.shifting = true;
    assert_true(line(&model));
    assert_false(driver_lpuart.sent(&device)); /* it is on its way */
    assert_int_equal(driver_lpuart.send(&device, bytes + 1, 2), 1);
    model.sending = model.shifting = false;
    assert_true(driver_lpuart.sent(&device));
    assert_memory_equal(model.sent, "xy", 2);
    driver_lpuart.want(&device, false, false);
    assert_false(line(&model)); /* it takes bytes all the time: only asked for while there are some */
}

static void a_byte_raises_the_interrupt(void **state)
{
    uint8_t bytes[8];

    (void)state;
    driver_lpuart.want(&device, false, true);
    assert_false(line(&model));
    type(&model, "a");
    assert_true(line(&model));
    assert_int_equal(driver_lpuart.receive(&device, bytes, sizeof(bytes)), 1);
    assert_int_equal(bytes[0], 'a');
    assert_false(line(&model));
}

static void an_overrun_does_not_end_reception(void **state)
{
    uint8_t bytes[8];

    (void)state;
    driver_lpuart.want(&device, false, true);
    type(&model, "abc");
    assert_int_equal(driver_lpuart.receive(&device, bytes, sizeof(bytes)), 1);
    assert_int_equal(bytes[0], 'a');
    type(&model, "d");
    assert_true(line(&model));
    assert_int_equal(driver_lpuart.receive(&device, bytes, sizeof(bytes)), 1);
    assert_int_equal(bytes[0], 'd');
}

/* The look said "a byte"; before it is taken another one is lost, and no byte will ever raise an interrupt.
 */
static void an_overrun_between_two_looks_is_seen(void **state)
{
    uint8_t bytes[1];

    (void)state;
    driver_lpuart.want(&device, false, true);
    type(&model, "a");
    model.between = "b";
    assert_int_equal(driver_lpuart.receive(&device, bytes, 1), 1);
    assert_true(line(&model));
    assert_int_equal(driver_lpuart.receive(&device, bytes, 1), 0);
    assert_false(line(&model));
    type(&model, "c");
    assert_int_equal(driver_lpuart.receive(&device, bytes, 1), 1);
    assert_int_equal(bytes[0], 'c');
}

static void noise_is_no_byte(void **state)
{
    uint8_t bytes[8];

    (void)state;
    arrive(&model, LPUART_DATA_FRAMING);
    assert_int_equal(driver_lpuart.receive(&device, bytes, sizeof(bytes)), 0);
    arrive(&model, LPUART_DATA_PARITY | 'x');
    assert_int_equal(driver_lpuart.receive(&device, bytes, sizeof(bytes)), 0);
    type(&model, "a");
    assert_int_equal(driver_lpuart.receive(&device, bytes, sizeof(bytes)), 1);
}

static void a_port_that_is_gone_gives_nothing(void **state)
{
    uint8_t bytes[8];

    (void)state;
    model.gone = true;
    assert_int_equal(driver_lpuart.receive(&device, bytes, sizeof(bytes)), 0);
}

static void a_line_has_no_end(void **state)
{
    (void)state;
    assert_false(driver_lpuart.ended(&device));
    assert_true(driver_lpuart.interactive(&device));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found_by_its_names),
        cmocka_unit_test_setup(start_keeps_settings_and_ends_an_old_overrun, fresh),
        cmocka_unit_test_setup(start_switches_on_what_is_off, fresh),
        cmocka_unit_test_setup(start_keeps_what_was_received, fresh),
        cmocka_unit_test_setup(sends_a_byte_at_a_time, started),
        cmocka_unit_test_setup(a_byte_raises_the_interrupt, started),
        cmocka_unit_test_setup(an_overrun_does_not_end_reception, started),
        cmocka_unit_test_setup(an_overrun_between_two_looks_is_seen, started),
        cmocka_unit_test_setup(noise_is_no_byte, started),
        cmocka_unit_test_setup(a_port_that_is_gone_gives_nothing, started),
        cmocka_unit_test_setup(a_line_has_no_end, started),
    };

    return cmocka_run_group_tests_name("TERMINAL-LPUART", tests, NULL, NULL);
}
