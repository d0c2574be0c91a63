/* SPDX-License-Identifier: MIT */
/* AddressSanitizer's hooks for programs. What may be touched is noted at the kernel's addresses: by the
 * kernel for whole ranges of RAM (hal_note_memory), by a program's heap for its blocks. */
#include "bridge.h"
#include "isa.h"
#include "tools.h"

#define HOOK(name)                                                                                           \
    static UNINSTRUMENTED struct bridge_answer name(uint64_t a, uint64_t b, uint64_t c, uint64_t d,          \
                                                    uint64_t e, uintptr_t pc)
#define UNUSED_ARGUMENTS ((void)a, (void)b, (void)c, (void)d, (void)e, (void)pc)

/* A piece of a range that lies in one page, at the kernel's address. */
struct piece {
    vaddr_t at;
    uint64_t bytes;
    uintptr_t there; /* 0: nowhere */
};

static UNINSTRUMENTED struct piece first_piece(vaddr_t at, uint64_t bytes)
{
    uint64_t left = PAGE_SIZE - (at & PAGE_MASK);

    return (struct piece){at, bytes < left ? bytes : left, bridge_address(at)};
}

/* `frame` is the hook's: the program's frame pointer is saved there, so that the report has its callers. */
static UNINSTRUMENTED struct bridge_answer check(vaddr_t at, uint64_t bytes, uint32_t access, uintptr_t pc,
                                                 const uintptr_t *frame)
{
    struct piece p;

    for (uint64_t done = 0; done < bytes; done += p.bytes) {
        void *bad;

        p = first_piece(at + done, bytes - done);
        if (p.there == 0) {
            return bridge_missing(p.at, access);
        }
        bad = __asan_region_is_poisoned((void *)p.there, p.bytes);
        if (bad != NULL) {
            bridge_name(pc, access == ACCESS_WRITE ? "a wrong write" : "a wrong read");
            __asan_report_error((void *)pc, (void *)frame[0], (void *)frame, bad, access == ACCESS_WRITE,
                                bytes);
        }
    }
    return BRIDGE_GO_ON;
}

#define CHECK_HOOK(name, size, access)                                                                       \
    HOOK(on_##name##_noabort)                                                                                \
    {                                                                                                        \
        UNUSED_ARGUMENTS;                                                                                    \
        return check(a, size, access, pc, __builtin_frame_address(0));                                       \
    }

CHECK_HOOK(load1, 1, ACCESS_READ)
CHECK_HOOK(load2, 2, ACCESS_READ)
CHECK_HOOK(load4, 4, ACCESS_READ)
CHECK_HOOK(load8, 8, ACCESS_READ)
CHECK_HOOK(load16, 16, ACCESS_READ)
CHECK_HOOK(loadN, b, ACCESS_READ)
CHECK_HOOK(store1, 1, ACCESS_WRITE)
CHECK_HOOK(store2, 2, ACCESS_WRITE)
CHECK_HOOK(store4, 4, ACCESS_WRITE)
CHECK_HOOK(store8, 8, ACCESS_WRITE)
CHECK_HOOK(store16, 16, ACCESS_WRITE)
CHECK_HOOK(storeN, b, ACCESS_WRITE)

typedef void note_t(const volatile void *at, size_t bytes);

/* Pages that are not there yet are noted by nobody: they come as the kernel made them. */
static UNINSTRUMENTED struct bridge_answer note(vaddr_t at, uint64_t bytes, note_t *how)
{
    struct piece p;

    for (uint64_t done = 0; done < bytes; done += p.bytes) {
        p = first_piece(at + done, bytes - done);
        if (p.there != 0) {
            how((void *)p.there, p.bytes);
        }
    }
    return BRIDGE_GO_ON;
}

HOOK(on_poison_memory_region)
{
    UNUSED_ARGUMENTS;
    return note(a, b, __asan_poison_memory_region);
}

HOOK(on_unpoison_memory_region)
{
    UNUSED_ARGUMENTS;
    return note(a, b, __asan_unpoison_memory_region);
}

#define ENTRY(name, touch) on_##name,

/* Known to assembly. */
extern bridge_hook_t *const bridge_hooks[];
bridge_hook_t *const bridge_hooks[] = {BRIDGE_ASAN_HOOKS(ENTRY)};

const struct bridge bridge = {
    .tool = BRIDGE_ASAN,
    .hooks = ARRAY_LENGTH(bridge_hooks),
    .enter = (vaddr_t)isa_bridge,
};
