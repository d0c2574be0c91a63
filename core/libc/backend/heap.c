/* SPDX-License-Identifier: MIT */
/* The malloc family. newlib's own functions call the forms that take its structure. */
#include <mudskipper/libc/backend.h>
#include <errno.h>
#include <malloc.h>
#include <reent.h>
#include <stdlib.h>

static void *or_error(struct _reent *reent, void *block)
{
    if (block == NULL) {
        reent->_errno = ENOMEM;
    }
    return block;
}

void *_malloc_r(struct _reent *reent, size_t bytes)
{
    return or_error(reent, libc_backend_allocate(1, bytes, false));
}

void *_calloc_r(struct _reent *reent, size_t count, size_t bytes)
{
    size_t all;

    if (__builtin_mul_overflow(count, bytes, &all)) {
        return or_error(reent, NULL);
    }
    return or_error(reent, libc_backend_allocate(1, all, true));
}

void *_realloc_r(struct _reent *reent, void *block, size_t bytes)
{
    if (block == NULL) {
        return _malloc_r(reent, bytes);
    }
    return or_error(reent, libc_backend_resize(block, bytes));
}

void *_memalign_r(struct _reent *reent, size_t alignment, size_t bytes)
{
    return or_error(reent, libc_backend_allocate(alignment, bytes, false));
}

void _free_r(struct _reent *reent, void *block)
{
    (void)reent;
    if (block != NULL) {
        libc_backend_release(block);
    }
}

size_t _malloc_usable_size_r(struct _reent *reent, void *block)
{
    (void)reent;
    return block != NULL ? libc_backend_usable(block) : 0;
}

void *malloc(size_t bytes)
{
    return _malloc_r(_REENT, bytes);
}

void *calloc(size_t count, size_t bytes)
{
    return _calloc_r(_REENT, count, bytes);
}

void *realloc(void *block, size_t bytes)
{
    return _realloc_r(_REENT, block, bytes);
}

void *memalign(size_t alignment, size_t bytes)
{
    return _memalign_r(_REENT, alignment, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
    return _memalign_r(_REENT, alignment, bytes);
}

void free(void *block)
{
    _free_r(_REENT, block);
}

size_t malloc_usable_size(void *block)
{
    return _malloc_usable_size_r(_REENT, block);
}
