/* SPDX-License-Identifier: MIT */
/* What newlib keeps per thread. */
#ifndef CORE_LIBC_THREAD_H
#define CORE_LIBC_THREAD_H

/* Called by a thread other than the first when it ends: returns what newlib allocated for it. */
void libc_thread_end(void *memory);

#endif
