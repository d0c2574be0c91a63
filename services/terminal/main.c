/* SPDX-License-Identifier: MIT */
/* The terminal: a device driven from user space, and the service on top of it. Started as a driver, it is
 * given
 *
 *    registers   DevFrame: the device's registers; DEVICE_OFFSET in the environment: where in it they begin
 *    irq         IRQ: its interrupt line
 *    memory      RAM for page tables
 *    DEVICE      in the environment: the name that the boot file calls it by
 *
 * One thread serves the calls, another the device; struct terminal_service has the lock between them. */
#include <mudskipper/heap/heap.h>
#include <mudskipper/pure/error_text.h>
#include <mudskipper/rpc/lmp.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/given.h>
#include <mudskipper/rt/irq.h>
#include <mudskipper/rt/out.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/vspace/self.h>
#include "calls.h"
#include "terminal_rpc.h"

#define HEAP_BYTES    (256u << 10) /* for calls that wait: 64 of the longest writes */
#define STACK_BYTES   (16u << 10)
#define LOOK_AGAIN_NS 1000000u /* while the last bytes leave the device */

static struct terminal_service service;
static struct irq irq;

/* ---- memory */

static struct heap heap;
static struct mutex heap_mutex;
static _Alignas(PAGE_SIZE) unsigned char heap_memory[HEAP_BYTES];

static void lock_heap(void *context)
{
    (void)context;
    mutex_lock(&heap_mutex);
}

static void unlock_heap(void *context)
{
    (void)context;
    mutex_unlock(&heap_mutex);
}

static const struct heap_ops heap_operations = {.lock = lock_heap, .unlock = unlock_heap};

static void *allocate(void *context, size_t bytes)
{
    (void)context;
    return heap_malloc(&heap, bytes);
}

static void release(void *context, void *block, size_t bytes)
{
    (void)context;
    (void)bytes;
    heap_free(&heap, block);
}

static const struct rpc_memory memory = {allocate, release, NULL};

/* Page tables come from the RAM that was given for them, one behind the other. */
static err_t table_ram(void *context, uint64_t bytes, cptr_t *slot)
{
    static uint64_t used;
    cptr_t ram = rt_given("memory");
    err_t e = slot_alloc(slot);

    (void)context;
    if (!err_ok(e)) {
        return e;
    }
    e = ram != CPTR_NULL ? cap_retype(ram, used, CAP_TYPE_RAM, bytes, 1, *slot)
                         : err_make(ERR_NO_MEMORY, bytes);
    if (!err_ok(e)) {
        slot_free(*slot);
        return e;
    }
    used += bytes;
    return OK;
}

static const struct space_ops space_ops = {.ram = table_ram, .slots_elsewhere = true};

/* ---- device */

static err_t open_device(struct device *device)
{
    const char *compatible = rt_environment("DEVICE");
    const char *offset_text = rt_environment("DEVICE_OFFSET");
    struct cap_identity frame;
    uint64_t offset = 0;
    void *registers;
    err_t e;

    device->driver = compatible != NULL ? driver_find(compatible) : NULL;
    if (device->driver == NULL || (offset_text != NULL && !text_number(text_of(offset_text), &offset))) {
        return err_make(ERR_NOT_SUPPORTED, 0);
    }
    e = cap_identify(rt_given("registers"), &frame);
    if (err_ok(e) && offset >= frame.bytes) {
        e = err_make(ERR_OUT_OF_RANGE, offset);
    }
    if (err_ok(e)) {
        e = self_map(rt_given("registers"), 0, frame.bytes, CAP_READ | CAP_WRITE, &registers);
    }
    if (!err_ok(e)) {
        return e;
    }
    device->mmio = &mmio_memory;
    device->registers = (char *)registers + offset;
    return device->driver->start(device) ? irq_open(&irq, rt_given("irq"), 0) : err_make(ERR_IO, 0);
}

/* ---- threads */

static void look_again(void)
{
    notification_set(&irq.notification);
}

static void serve_device(void *unused)
{
    bool fired = true;

    (void)unused;
    for (;;) {
        bool again = terminal_service_run(&service);

        if (fired) {
            err_t e = irq_ack(&irq);

            if (!err_ok(e)) {
                rt_exit(1); /* the interrupt was taken away: whoever did wants no driver here */
            }
        }
        fired = irq_wait(&irq, again ? rt_now() + LOOK_AGAIN_NS : NANOS_NEVER);
    }
}

static err_t start(void)
{
    struct device device;
    err_t e = self_init(&space_ops, NULL);

    if (err_ok(e)) {
        e = heap_init(&heap, &heap_operations, NULL, NULL, heap_memory, sizeof(heap_memory));
    }
    if (err_ok(e)) {
        e = open_device(&device);
    }
    if (err_ok(e)) {
        terminal_service_init(&service, &device, &memory, look_again);
    }
    return e;
}

static err_t serve(void)
{
    static struct rpc_lmp_server server;
    static struct rpc_service terminal = {.interface = &terminal_interface,
                                          .ops = &terminal_service_ops,
                                          .context = &service,
                                          .number = RT_STREAM_SERVICE};
    static struct thread device_thread;
    static _Alignas(16) unsigned char stack[STACK_BYTES];
    err_t e;

    rpc_lmp_server_init(&server, &memory, &rpc_own_slots);
    e = rpc_server_add(&server.server, &terminal);
    if (err_ok(e)) {
        thread_start(&device_thread, "device", stack, sizeof(stack), serve_device, NULL);
        e = rpc_lmp_serve(&server, NANOS_NEVER);
    }
    return e;
}

int main(void)
{
    char text[200];
    err_t e = start();

    if (err_ok(e)) {
        e = serve();
    }
    err_print(text, sizeof(text), e);
    rt_log("terminal: %s\n", text);
    return 1;
}
