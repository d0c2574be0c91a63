/* SPDX-License-Identifier: MIT */
/* The console drivers and the watchdog against models of their registers. What a model does not know is an
 * error: a driver must not touch what it has no business with, such as the speed. */
#include "mmio_model.h"
#include "../pure_test.h"
#include "../../../platform/common/uart.h"
#include "../../../platform/common/watchdog.h"
#include "../../../platform/imx8/imx_uart_registers.h"
#include "../../../platform/imx8/lpuart_registers.h"
#include "../../../platform/virt/pl011_registers.h"

#define BASE 0x5a090000u

/* A model: registers as words, what was sent, what waits to be received. */
static struct {
    uint32_t (*read)(uint32_t offset);
    void (*write)(uint32_t offset, uint32_t value);
    uint32_t reg[256];
    char sent[64];
    unsigned sent_count;
    const char *waiting;
    unsigned busy; /* looks for which the transmitter is full */
    bool overrun;
} m;

unsigned model_width;

uint32_t model_read(uintptr_t address)
{
    assert_true(address >= BASE && address < BASE + 0x400 && address % 2 == 0);
    return m.read((uint32_t)(address - BASE));
}

void model_write(uintptr_t address, uint32_t value)
{
    assert_true(address >= BASE && address < BASE + 0x400 && address % 2 == 0);
    m.write((uint32_t)(address - BASE), value);
}

static void send_one(char c)
{
    assert_int_equal(m.busy, 0); /* the driver asked first */
    m.sent[m.sent_count++] = c;
    m.busy = 3;
}

static bool full(void)
{
    return m.busy > 0 && m.busy-- > 0;
}

static uint32_t take_one(void)
{
    assert_true(m.waiting[0] != '\0');
    return (uint8_t)*m.waiting++;
}

static void start(uint32_t (*read)(uint32_t), void (*write)(uint32_t, uint32_t))
{
    memset(&m, 0, sizeof(m));
    m.read = read;
    m.write = write;
    m.waiting = "";
}

static void talk(const struct uart_driver *d)
{
    d->init(BASE);
    assert_int_equal(d->receive(BASE), -1);
    for (const char *c = "hello\n"; *c != '\0'; c++) {
        while (!d->can_send(BASE)) {
            continue;
        }
        d->send(BASE, (uint8_t)*c);
    }
    while (!d->sent(BASE)) {
        continue;
    }
    assert_string_equal(m.sent, "hello\n");
    assert_int_equal(model_width, 4);
    m.waiting = "ok\xff";
    assert_int_equal(d->receive(BASE), 'o');
    assert_int_equal(d->receive(BASE), 'k');
    assert_int_equal(d->receive(BASE), 0xff);
    assert_int_equal(d->receive(BASE), -1);
}

/* ---- LPUART: reset state as U-Boot leaves it, FIFOs off ---- */

#define LPUART_SETTINGS (1u << 29 | 1u << 26) /* bits of STAT that are settings: as they were, please */

#define LPUART_READ_ONLY (1u << 24 | LPUART_STAT_TDRE | LPUART_STAT_TC | LPUART_STAT_RDRF)

static uint32_t lpuart_read(uint32_t offset)
{
    uint32_t stat = LPUART_SETTINGS;

    switch (offset) {
    case LPUART_STAT:
        stat |= full() ? 0 : LPUART_STAT_TDRE | LPUART_STAT_TC;
        stat |= m.waiting[0] != '\0' && !m.overrun ? LPUART_STAT_RDRF : 0;
        return stat | (m.overrun ? LPUART_STAT_OR : 0) | m.reg[LPUART_STAT];
    case LPUART_CTRL:
        return m.reg[LPUART_CTRL];
    case LPUART_DATA:
        return take_one() | 0x1000; /* flags above the byte */
    default:
        fail_msg("LPUART: read of register 0x%x", offset);
        return 0;
    }
}

static void lpuart_write(uint32_t offset, uint32_t value)
{
    switch (offset) {
    case LPUART_STAT:
        assert_int_equal(value & ~LPUART_STAT_FLAGS & ~LPUART_READ_ONLY, LPUART_SETTINGS);
        m.overrun = m.overrun && !(value & LPUART_STAT_OR);
        m.reg[LPUART_STAT] &= ~value;
        break;
    case LPUART_CTRL:
        m.reg[LPUART_CTRL] = value;
        break;
    case LPUART_DATA:
        assert_true(m.reg[LPUART_CTRL] & LPUART_CTRL_TE);
        send_one((char)value);
        break;
    default:
        fail_msg("LPUART: write to register 0x%x", offset);
    }
}

static void test_lpuart(void **state)
{
    (void)state;
    start(lpuart_read, lpuart_write);
    m.reg[LPUART_CTRL] =
        LPUART_CTRL_RIE | LPUART_CTRL_TIE | 1u << 27 | 1u << 4; /* somebody's interrupts, parity */
    m.reg[LPUART_STAT] = LPUART_STAT_FE | LPUART_STAT_NF;
    talk(&uart_lpuart);
    assert_int_equal(m.reg[LPUART_CTRL], LPUART_CTRL_TE | LPUART_CTRL_RE | 1u << 4);
    assert_int_equal(m.reg[LPUART_STAT], 0);
}

static void test_lpuart_overrun(void **state)
{
    (void)state;
    start(lpuart_read, lpuart_write);
    uart_lpuart.init(BASE);
    m.waiting = "x";
    m.overrun = true;
    assert_int_equal(uart_lpuart.receive(BASE), -1);
    assert_false(m.overrun);
    assert_int_equal(uart_lpuart.receive(BASE), 'x');
}

/* ---- i.MX UART ---- */

static uint32_t imx_read(uint32_t offset)
{
    switch (offset) {
    case IMX_UART_UTS:
        return full() ? IMX_UART_UTS_TXFULL : 0;
    case IMX_UART_USR2:
        return m.busy > 0 && m.busy-- > 0 ? 0 : IMX_UART_USR2_TXDC;
    case IMX_UART_URXD:
        return m.waiting[0] != '\0' && m.reg[IMX_UART_UCR2] & IMX_UART_UCR2_RXEN
                   ? take_one() | IMX_UART_URXD_CHARRDY
                   : 0;
    default:
        fail_msg("i.MX UART: read of register 0x%x", offset);
        return 0;
    }
}

static void imx_write(uint32_t offset, uint32_t value)
{
    switch (offset) {
    case IMX_UART_UCR1:
        assert_int_equal(value, IMX_UART_UCR1_UARTEN);
        break;
    case IMX_UART_UCR2:
        assert_true(value & IMX_UART_UCR2_SRST); /* 0 resets the port, speed and all */
        m.reg[IMX_UART_UCR2] = value;
        break;
    case IMX_UART_UTXD:
        assert_true(m.reg[IMX_UART_UCR2] & IMX_UART_UCR2_TXEN);
        send_one((char)value);
        break;
    default:
        fail_msg("i.MX UART: write to register 0x%x", offset);
    }
}

static void test_imx(void **state)
{
    (void)state;
    start(imx_read, imx_write);
    talk(&uart_imx);
}

/* ---- PL011 ---- */

static uint32_t pl011_read(uint32_t offset)
{
    switch (offset) {
    case PL011_FR:
        return (full() ? PL011_FR_TXFF | PL011_FR_BUSY : 0) | (m.waiting[0] == '\0' ? PL011_FR_RXFE : 0);
    case PL011_DR:
        return take_one() | 0x100;
    default:
        fail_msg("PL011: read of register 0x%x", offset);
        return 0;
    }
}

static void pl011_write(uint32_t offset, uint32_t value)
{
    switch (offset) {
    case PL011_DR:
        assert_true(m.reg[PL011_CR] & PL011_CR_UART);
        send_one((char)value);
        break;
    case PL011_CR:
    case PL011_IMSC:
    case PL011_ICR:
    case PL011_LCRH:
        m.reg[offset] = value;
        break;
    default:
        fail_msg("PL011: write to register 0x%x", offset);
    }
}

static void test_pl011(void **state)
{
    (void)state;
    start(pl011_read, pl011_write);
    m.reg[PL011_IMSC] = 0x50;
    talk(&uart_pl011);
    assert_int_equal(m.reg[PL011_IMSC], 0);
}

/* ---- Letters of -Dearly_uart ---- */

void early_letter_pl011(char letter);
void early_letter_imx(char letter);
void early_letter_lpuart(char letter);
uintptr_t mmu_map_device(paddr_t address, uint64_t bytes);

uintptr_t mmu_map_device(paddr_t address, uint64_t bytes)
{
    (void)bytes;
    return address;
}

static void spell(void (*letter)(char))
{
    for (const char *c = "ABC"; *c != '\0'; c++) {
        letter(*c);
    }
    assert_string_equal(m.sent, "ABC");
    assert_int_equal(model_width, 4);
}

static void test_letters(void **state)
{
    (void)state;
    start(pl011_read, pl011_write);
    m.reg[PL011_CR] = PL011_CR_UART;
    spell(early_letter_pl011);
    start(imx_read, imx_write);
    m.reg[IMX_UART_UCR2] = IMX_UART_UCR2_TXEN;
    spell(early_letter_imx);
    start(lpuart_read, lpuart_write);
    m.reg[LPUART_CTRL] = LPUART_CTRL_TE;
    spell(early_letter_lpuart);
}

/* ---- Watchdog ---- */

static unsigned wdog_step, wdog_served;

static uint32_t wdog_read(uint32_t offset)
{
    assert_int_equal(offset, 0);
    assert_int_equal(model_width, 2);
    return m.reg[0];
}

static void wdog_write(uint32_t offset, uint32_t value)
{
    assert_int_equal(offset, 2);
    assert_int_equal(model_width, 2);
    wdog_served += wdog_step == 1 && value == 0xaaaa;
    wdog_step = value == 0x5555;
}

static void test_watchdog(void **state)
{
    (void)state;
    start(wdog_read, wdog_write);
    m.reg[0] = 0x7730; /* 60 s, not enabled */
    assert_int_equal(watchdog_imx.patience(BASE), 0);
    m.reg[0] = 0x773f; /* as U-Boot leaves it */
    assert_int_equal(watchdog_imx.patience(BASE), 60000000000ull);
    m.reg[0] = 0x0004;
    assert_int_equal(watchdog_imx.patience(BASE), 500000000);
    watchdog_imx.serve(BASE);
    watchdog_imx.serve(BASE);
    assert_int_equal(wdog_served, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("UART-LPUART-001 LPUART sends and receives, leaves speed and settings alone", test_lpuart),
        TEST("UART-LPUART-002 an overrun of LPUART does not end reception", test_lpuart_overrun),
        TEST("UART-IMX-001 i.MX UART sends and receives, and is never reset", test_imx),
        TEST("UART-PL011-001 PL011 sends and receives", test_pl011),
        TEST("UART-EARLY-001 letters wait for room, on each type of port", test_letters),
        TEST("WATCHDOG-IMX-001 patience is read, service is the two words in order", test_watchdog),
    };
    return cmocka_run_group_tests_name("uart", tests, NULL, NULL);
}
