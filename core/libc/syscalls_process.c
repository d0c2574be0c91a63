/* SPDX-License-Identifier: MIT */
/* What newlib calls for memory and processes. There is no fork: programs start others through spawn. */
#include <errno.h>
#include <reent.h>
#include <signal.h>
#include <unistd.h>
#include <mudskipper/libc/backend.h>

int _getpid_r(struct _reent *reent)
{
    (void)reent;
    return (int)libc_backend_process();
}

/* Reached by raise() and abort() for a signal without a handler: it ends the process, with the exit code that
 * shells use. Signal 0 asks whether the process exists. */
int _kill_r(struct _reent *reent, int process, int signal)
{
    if (process != (int)libc_backend_process()) {
        reent->_errno = ESRCH;
        return -1;
    }
    if (signal == 0) {
        return 0;
    }
    libc_backend_exit(128 + signal);
}

int _wait_r(struct _reent *reent, int *status)
{
    (void)status;
    reent->_errno = ECHILD;
    return -1;
}
