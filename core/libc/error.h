/* SPDX-License-Identifier: MIT */
/* From err_t to errno. */
#ifndef CORE_LIBC_ERROR_H
#define CORE_LIBC_ERROR_H

#include <mudskipper/abi/error.h>

/* The errno for the cause of `e`: 0 for success, EIO for what POSIX has no word for. */
int libc_errno(err_t e);

#endif
