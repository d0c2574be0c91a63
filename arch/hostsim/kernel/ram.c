/* SPDX-License-Identifier: MIT */
/* Memory of the machine: one memory file, RAM first, pages of devices behind it.
 *
 *   file offset  0 ................. ram_bytes | ram_bytes ........ + device_bytes
 *   physical     SIM_RAM_BASE ...              | SIM_DEVICE_BASE ...
 *   host         ram_view, the kernel's view   | device_view, the device models' view
 *
 * Programs see pieces of the same file in their windows (window.c). */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>
#include "sim.h"
#include "tools.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

static int file = -1;
static uint64_t ram_bytes;
static uint64_t device_bytes;
static uint8_t *ram_view;
static uint8_t *device_view;

static void *view(uintptr_t wish, uint64_t bytes, uint64_t offset)
{
    void *at = MAP_FAILED;

    if (wish != 0) {
        at = mmap((void *)wish, bytes, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_NORESERVE | MAP_FIXED_NOREPLACE, file, (off_t)offset);
    }
    if (at == MAP_FAILED) {
        at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, file, (off_t)offset);
    }
    return at == MAP_FAILED ? NULL : at;
}

bool sim_ram_create(uint64_t bytes, uint64_t devices)
{
    ram_bytes = bytes;
    device_bytes = devices;
    file = memfd_create("mudskipper-ram", MFD_CLOEXEC);
    if (file < 0 || ftruncate(file, (off_t)(ram_bytes + device_bytes)) != 0) {
        return false;
    }
    ram_view = view(SIM_PLACES, ram_bytes, 0);
    device_view = view(0, device_bytes, ram_bytes);
    return ram_view != NULL && device_view != NULL;
}

void sim_ram_destroy(void)
{
    if (ram_view != NULL) {
#if TOOL_ASAN
        __asan_unpoison_memory_region(ram_view, ram_bytes);
#endif
        munmap(ram_view, ram_bytes);
        ram_view = NULL;
    }
    if (device_view != NULL) {
        munmap(device_view, device_bytes);
        device_view = NULL;
    }
    if (file >= 0) {
        close(file);
        file = -1;
    }
}

uint64_t sim_ram_bytes(void)
{
    return ram_bytes;
}

int sim_ram_fd(void)
{
    return file;
}

uintptr_t sim_ram_end(void)
{
    return (uintptr_t)ram_view + ram_bytes;
}

void *sim_device_memory(paddr_t address)
{
    return device_view + (address - SIM_DEVICE_BASE);
}

void *sim_host_address(paddr_t address)
{
    uint64_t offset;

    if (!sim_ram_offset(address & ~PAGE_MASK, PAGE_SIZE, &offset)) {
        return NULL;
    }
    return address >= SIM_RAM_BASE ? hal_p2v(address) : sim_device_memory(address);
}

bool sim_ram_offset(paddr_t address, uint64_t bytes, uint64_t *offset)
{
    if (address >= SIM_RAM_BASE && bytes <= ram_bytes && address - SIM_RAM_BASE <= ram_bytes - bytes) {
        *offset = address - SIM_RAM_BASE;
        return true;
    }
    if (address >= SIM_DEVICE_BASE && bytes <= device_bytes &&
        address - SIM_DEVICE_BASE <= device_bytes - bytes) {
        *offset = ram_bytes + (address - SIM_DEVICE_BASE);
        return true;
    }
    return false;
}

void *hal_p2v(paddr_t address)
{
    return ram_view + (address - SIM_RAM_BASE);
}

paddr_t hal_v2p(const void *address)
{
    return (paddr_t)((const uint8_t *)address - ram_view) + SIM_RAM_BASE;
}

void hal_note_memory(paddr_t address, uint64_t bytes, enum hal_memory_state state)
{
    void *at = hal_p2v(address);

    switch (state) {
    case HAL_MEMORY_FREE:
        VALGRIND_MAKE_MEM_NOACCESS(at, bytes);
        break;
    case HAL_MEMORY_UNDEFINED:
        VALGRIND_MAKE_MEM_UNDEFINED(at, bytes);
        break;
    case HAL_MEMORY_DEFINED:
        VALGRIND_MAKE_MEM_DEFINED(at, bytes);
        break;
    }
#if TOOL_ASAN
    if (state == HAL_MEMORY_FREE) {
        __asan_poison_memory_region(at, bytes);
    } else {
        __asan_unpoison_memory_region(at, bytes);
    }
#endif
}
