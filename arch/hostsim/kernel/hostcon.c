/* SPDX-License-Identifier: MIT */
/* The machine's side of hostcon (mudskipper/arch/hostcon.h): a thread of its own, outside the simulated
 * cores, that moves bytes between the host's terminal and the rings. What the driver writes to the page is
 * not believed. */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <mudskipper/arch/hostcon.h>
#include "console.h"
#include "det.h"
#include "tools.h"

#define CTRL_A         1
#define CTRL_C         3
#define CTRL_BACKSLASH 28

static struct hostcon *page;
static pthread_t thread;
static bool thread_made;
static int wake_fd = -1;
static _Atomic uint32_t awake; /* the thread is told already */
static _Atomic uint32_t ending;
static _Atomic uint32_t full;      /* input waits for room in the ring */
static _Atomic uint32_t sent_seen; /* sent_head up to which the thread has written */
static pthread_mutex_t draining = PTHREAD_MUTEX_INITIALIZER;

static uint32_t at_most(uint32_t n, uint32_t limit)
{
    return n < limit ? n : limit;
}

static uint32_t received_count(void)
{
    return at_most(atomic_load(&page->received_head) - atomic_load(&page->received_tail), HOSTCON_RECEIVED);
}

static bool room_to_send(void)
{
    return atomic_load(&page->sent_head) - atomic_load(&page->sent_tail) < HOSTCON_SENT;
}

static bool line_active(void)
{
    uint32_t control = atomic_load(&page->control);

    return (received_count() > 0 && (control & HOSTCON_HOLD) == 0) ||
           ((control & HOSTCON_TELL_ROOM) != 0 && room_to_send());
}

static void wake(void)
{
    uint64_t one = 1;

    if (atomic_exchange(&awake, 1) == 0) {
        (void)!write(wake_fd, &one, sizeof(one));
    }
}

/* What the driver has put into the ring, out to the host. */
static void drain(void)
{
    uint8_t copy[HOSTCON_SENT];
    uint32_t head, tail, count;

    pthread_mutex_lock(&draining);
    head = atomic_load(&page->sent_head);
    tail = atomic_load(&page->sent_tail);
    count = at_most(head - tail, HOSTCON_SENT);
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = page->sent[(head - count + i) % HOSTCON_SENT];
    }
    atomic_store(&page->sent_tail, head);
    atomic_store(&sent_seen, head);
    if (count > 0) {
        sim_console_write_host((const char *)copy, count);
    }
    pthread_mutex_unlock(&draining);
    if (count > 0 && (atomic_load(&page->control) & HOSTCON_TELL_ROOM) != 0) {
        sim_irq_raise(SIM_HOSTCON_LINE);
    }
}

void sim_hostcon_doorbell(void)
{
    if (atomic_load_explicit(&page->sent_head, memory_order_relaxed) !=
            atomic_load_explicit(&sent_seen, memory_order_relaxed) ||
        (atomic_load_explicit(&full, memory_order_relaxed) != 0 && received_count() < HOSTCON_RECEIVED)) {
        if (TOOL_DET) {
            drain();
            return;
        }
        wake();
    }
}

void sim_hostcon_flush(void)
{
    if (page != NULL) {
        drain();
    }
}

static void receive(uint8_t byte)
{
    uint32_t head = atomic_load(&page->received_head);

    page->received[head % HOSTCON_RECEIVED] = byte;
    atomic_store(&page->received_head, head + 1);
}

/* Ctrl-A x leaves, Ctrl-A before another of these keys takes its meaning away; Ctrl-C ends the machine while
 * nobody reads; Ctrl-\ shows who waits, as it does for a process that has left the terminal as it was. */
static void typed(uint8_t byte)
{
    static bool after_ctrl_a;

    if (byte == CTRL_BACKSLASH && !after_ctrl_a) {
        (void)kill(getpid(), SIGQUIT);
        return;
    }
    if (after_ctrl_a) {
        after_ctrl_a = false;
        if (byte == 'x') {
            sim_end(0);
            return;
        }
    } else if (byte == CTRL_A) {
        after_ctrl_a = true;
        return;
    }
    if (byte == CTRL_C && (atomic_load(&page->control) & HOSTCON_LISTENING) == 0) {
        sim_end(SIM_STATUS_INTERRUPT);
        return;
    }
    receive(byte);
}

/* False: the input is at its end. */
static bool take_input(void)
{
    uint8_t bytes[HOSTCON_RECEIVED];
    uint32_t room = HOSTCON_RECEIVED - received_count();
    ssize_t count = read(STDIN_FILENO, bytes, room);

    for (ssize_t i = 0; i < count; i++) {
        if (sim_console_interactive()) {
            typed(bytes[i]);
        } else {
            receive(bytes[i]);
        }
    }
    if (count <= 0) {
        atomic_fetch_or(&page->status, HOSTCON_END);
    }
    sim_irq_raise(SIM_HOSTCON_LINE);
    return count > 0;
}

static void *hostcon_thread(void *argument)
{
    bool open = sim_console_has_input();

    (void)argument;
    while (atomic_load(&ending) == 0) {
        struct pollfd what[2] = {{.fd = wake_fd, .events = POLLIN}, {.fd = -1, .events = POLLIN}};
        uint64_t count;

        atomic_store(&awake, 0);
        drain();
        atomic_store(&full, received_count() == HOSTCON_RECEIVED);
        if (open && received_count() < HOSTCON_RECEIVED) {
            what[1].fd = STDIN_FILENO;
        }
        if (poll(what, 2, -1) > 0) {
            if (what[0].revents != 0) {
                (void)!read(wake_fd, &count, sizeof(count));
            }
            if (what[1].revents != 0) {
                open = take_input();
            }
        }
    }
    return NULL;
}

void sim_hostcon_create(void)
{
    page = sim_device_memory(SIM_DEVICE_BASE);
    page->magic = HOSTCON_MAGIC;
    page->version = 1;
    atomic_store(&page->status, (sim_console_interactive() ? HOSTCON_INTERACTIVE : 0u) |
                                    (sim_console_has_input() ? 0u : HOSTCON_END));
    atomic_store(&ending, 0);
    atomic_store(&sent_seen, 0);
    sim_irq_attach(SIM_HOSTCON_LINE, line_active);
    wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    thread_made = !TOOL_DET && wake_fd >= 0 && pthread_create(&thread, NULL, hostcon_thread, NULL) == 0;
}

void sim_hostcon_destroy(void)
{
    if (page == NULL) {
        return;
    }
    atomic_store(&ending, 1);
    atomic_store(&awake, 0);
    wake();
    if (thread_made) {
        pthread_join(thread, NULL);
        thread_made = false;
    }
    drain();
    close(wake_fd);
    wake_fd = -1;
    page = NULL;
}

/* The kernel as the first driver. */
int hal_console_read(void)
{
    uint32_t tail = atomic_load(&page->received_tail);
    uint8_t byte;

    atomic_fetch_or(&page->control, HOSTCON_LISTENING);
    if (received_count() == 0) {
        return -1;
    }
    byte = page->received[tail % HOSTCON_RECEIVED];
    atomic_store(&page->received_tail, tail + 1);
    sim_hostcon_doorbell();
    return byte;
}
