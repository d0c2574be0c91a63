/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include "error.h"

static const struct {
    enum err_code cause;
    int number;
} table[] = {
    {ERR_OK, 0},
    {ERR_NO_MEMORY, ENOMEM},
    {ERR_BAD_ARGUMENT, EINVAL},
    {ERR_BAD_SYSCALL, ENOSYS},
    {ERR_TIMEOUT, ETIMEDOUT},
    {ERR_CANCELLED, EINTR},
    {ERR_NOT_SUPPORTED, ENOTSUP},
    {ERR_BUSY, EAGAIN},
    {ERR_BAD_BUFFER, EFAULT},
    {ERR_OUT_OF_RANGE, EINVAL},
    {ERR_EXISTS, EEXIST},
    {ERR_NOT_FOUND, ENOENT},
    {ERR_LIMIT, ENFILE},
    {ERR_UNALIGNED, EINVAL},
    {ERR_CAP_EMPTY_SLOT, EBADF}, /* the process was not given this stream */
    {ERR_CAP_WRONG_TYPE, EBADF},
    {ERR_CAP_MISSING_RIGHT, EACCES},
    {ERR_CAP_SLOTS_EXHAUSTED, ENFILE},
    {ERR_MSG_NO_TARGET, EPIPE},
    {ERR_MSG_FULL, EAGAIN},
    {ERR_MSG_TOO_LONG, EMSGSIZE},
    {ERR_PEER_GONE, EPIPE},
    {ERR_STALE, ESTALE},
    {ERR_PROC_NOT_FOUND, ESRCH},
    {ERR_CPIO_NOT_FOUND, ENOENT},
    {ERR_MM_QUOTA, EDQUOT},
};

int libc_errno(err_t e)
{
    for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
        if (err_is(e, table[i].cause)) {
            return table[i].number;
        }
    }
    return EIO;
}
