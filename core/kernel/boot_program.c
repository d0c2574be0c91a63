/* SPDX-License-Identifier: MIT */
#include "boot_program.h"
#include <mudskipper/abi/layout.h>
#include <mudskipper/abi/start.h>
#include <mudskipper/hal/debug.h>
#include <mudskipper/hal/memory.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/cpio.h>
#include <mudskipper/pure/elf.h>
#include <mudskipper/pure/format.h>
#include <mudskipper/pure/page_table.h>
#include "core.h"
#include "dispatcher.h"

#define STACK_BYTES (1024u * 1024u)

/* What is being built. */
struct build {
    struct boot_memory *memory;
    struct dispatcher *d;
    vaddr_t base;
};

/* The table below entry `index` of `table`, made when it is missing; 0: out of memory. */
static paddr_t table_below(struct build *b, paddr_t table, unsigned index)
{
    pte_t *entries = hal_p2v(table);
    paddr_t next;

    if (entries[index] != 0) {
        return pte_next_table(entries[index]);
    }
    next = boot_memory_take(b->memory, PAGE_SIZE, PAGE_SIZE);
    if (next != 0) {
        entries[index] = pt_table(next);
    }
    return next;
}

static err_t map_page(struct build *b, uint64_t offset, paddr_t page, unsigned rights)
{
    paddr_t table = b->d->vspace_root;

    for (unsigned level = 0; level < PT_LEVELS - 1; level++) {
        table = table_below(b, table, pt_index(offset, level));
        if (table == 0) {
            return err_make(ERR_NO_MEMORY, 0);
        }
    }
    ((pte_t *)hal_p2v(table))[pt_index(offset, PT_LEVELS - 1)] =
        pt_leaf(PT_LEVELS - 1, page, rights, PT_MEMORY_NORMAL);
    return OK;
}

/* Maps contiguous memory; offsets are relative to the address space. */
static err_t map(struct build *b, uint64_t offset, paddr_t memory, uint64_t bytes, unsigned rights)
{
    for (uint64_t done = 0; done < bytes; done += PAGE_SIZE) {
        err_t e = map_page(b, offset + done, memory + done, rights);

        if (!err_ok(e)) {
            return e;
        }
    }
    hal_vspace_mapped(b->d->vspace, b->base + offset, bytes);
    return OK;
}

/* New zeroed memory mapped at `offset`. */
static err_t map_new(struct build *b, uint64_t offset, uint64_t bytes, unsigned rights, void **memory)
{
    paddr_t pages = boot_memory_take(b->memory, bytes, PAGE_SIZE);

    if (pages == 0) {
        return err_make(ERR_NO_MEMORY, bytes);
    }
    *memory = hal_p2v(pages);
    return map(b, offset, pages, bytes, rights);
}

static void write_word(void *image, uint64_t offset, uint64_t value)
{
    mem_copy((char *)image + offset, &value, sizeof(value));
}

static err_t map_image(struct build *b, const struct elf_image *elf)
{
    paddr_t image = boot_memory_take(b->memory, elf->bytes, PAGE_SIZE);

    if (image == 0) {
        return err_make(ERR_NO_MEMORY, elf->bytes);
    }
    for (unsigned i = 0; i < elf->parts; i++) {
        struct elf_part part = elf_part(elf, i);

        mem_copy((char *)hal_p2v(image) + part.data_offset, part.data, part.data_bytes);
    }
    elf_relocate(elf, b->base + LAYOUT_IMAGE, write_word, hal_p2v(image));
    hal_sync_code(image, elf->bytes);
    for (unsigned i = 0; i < elf->parts; i++) {
        struct elf_part part = elf_part(elf, i);
        err_t e = map(b, LAYOUT_IMAGE + part.offset, image + part.offset, part.bytes, part.rights);

        if (!err_ok(e)) {
            return e;
        }
    }
    return OK;
}

/* The start block with one argument, behind the header: the offset of argv[0], then its bytes. */
static err_t map_start(struct build *b, const struct elf_image *elf, struct core *core)
{
    struct start_block *start;
    uint32_t *argv;
    size_t name_bytes = format_to(NULL, 0, "%s", b->d->name) + 1;
    err_t e = map_new(b, LAYOUT_START, PAGE_SIZE, CAP_READ, (void **)&start);

    if (!err_ok(e)) {
        return e;
    }
    argv = (uint32_t *)(start + 1);
    *argv = sizeof(*start) + sizeof(*argv);
    mem_copy(argv + 1, b->d->name, name_bytes);
    *start = (struct start_block){
        .magic = START_MAGIC,
        .version = ABI_VERSION,
        .bytes = (uint32_t)(*argv + name_bytes),
        .gate = hal_gate(),
        .vspace_base = b->base,
        .vspace_size = hal_vspace_size(b->d->vspace),
        .image = b->base + LAYOUT_IMAGE,
        .image_size = elf->bytes,
        .dispatcher_user = b->base + LAYOUT_DISPATCHER_USER,
        .stack_top = b->base + LAYOUT_STACK_TOP,
        .stack_size = STACK_BYTES,
        .core = core->id,
        .process = b->d->process,
        .argc = 1,
        .argv = sizeof(*start),
        .envp = (uint32_t)(*argv + name_bytes),
        .caps = (uint32_t)(*argv + name_bytes),
    };
    return OK;
}

static err_t map_user_part(struct build *b)
{
    err_t e = map_new(b, LAYOUT_DISPATCHER_USER, (sizeof(struct dispatcher_user) + PAGE_MASK) & ~PAGE_MASK,
                      CAP_READ | CAP_WRITE, (void **)&b->d->user);

    if (err_ok(e)) {
        b->d->user->version = ABI_VERSION;
        b->d->user->disabled = 1; /* until the program says otherwise */
    }
    return e;
}

/* The empty dispatcher and address space. */
static err_t make_process(struct build *b, const char *name, uint32_t process)
{
    paddr_t object = boot_memory_take(b->memory, CAP_DISPATCHER_BYTES, PAGE_SIZE);
    paddr_t root = boot_memory_take(b->memory, CAP_VNODE_L0_BYTES, PAGE_SIZE);

    if (object == 0 || root == 0) {
        return err_make(ERR_NO_MEMORY, 0);
    }
    b->d = hal_p2v(object);
    dispatcher_init(b->d, CAP_DISPATCHER_BYTES, name, process);
    b->d->vspace_root = root;
    b->d->vspace = hal_p2v(root + PAGE_SIZE); /* the record behind the table: docs/decisions/0002 */
    if (!hal_vspace_init(b->d->vspace, root)) {
        return err_make(ERR_NO_MEMORY, 0);
    }
    b->base = hal_vspace_base(b->d->vspace);
    b->d->image = b->base + LAYOUT_IMAGE;
    return OK;
}

static err_t build(struct build *b, struct core *core, const struct elf_image *elf)
{
    void *stack;
    err_t e = map_image(b, elf);

    if (err_ok(e)) {
        e = map_new(b, LAYOUT_STACK_TOP - STACK_BYTES, STACK_BYTES, CAP_READ | CAP_WRITE, &stack);
    }
    if (err_ok(e)) {
        e = map_user_part(b);
    }
    if (err_ok(e)) {
        e = map_start(b, elf, core);
    }
    return e;
}

err_t boot_program(struct core *core, const char *name, uint32_t process)
{
    const void *archive = hal_p2v(core->info->archive);
    struct build b = {.memory = &core->memory};
    struct cpio_entry file;
    struct elf_image elf;
    char path[DISPATCHER_NAME_BYTES + 8];
    err_t e;

    if (format_to(path, sizeof(path), "bin/%s", name) >= sizeof(path)) {
        return err_make(ERR_CPIO_NOT_FOUND, 0);
    }
    e = cpio_find(archive, core->info->archive_bytes, path, &file);
    if (err_ok(e)) {
        e = elf_check(file.data, file.bytes, HAL_ELF_MACHINE, &elf);
    }
    if (err_ok(e) && elf.bytes > LAYOUT_IMAGE_MAX) {
        e = err_make(ERR_OUT_OF_RANGE, elf.bytes);
    }
    if (err_ok(e)) {
        e = make_process(&b, name, process);
    }
    if (err_ok(e)) {
        b.d->image_bytes = elf.bytes;
        e = build(&b, core, &elf);
    }
    if (!err_ok(e)) {
        return e;
    }
    hal_note_program(name, b.base + LAYOUT_IMAGE, elf.bytes);
    hal_context_init(&b.d->context, b.base + LAYOUT_IMAGE + elf.entry, b.base + LAYOUT_STACK_TOP,
                     b.base + LAYOUT_START);
    dispatcher_make_ready(core, b.d);
    return OK;
}
