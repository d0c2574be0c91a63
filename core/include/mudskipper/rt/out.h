/* SPDX-License-Identifier: MIT */
/* Standard streams without a C library. A stream is a capability to a service whose first two methods are
 *
 *    write(bytes data<4096>) -> (u32 written)      returns when all of it is queued, in order
 *    read(u32 max) -> (bytes data<4096>)           blocks until there is something; nothing: the end
 *
 * such as the terminal. The run-time stands below the RPC library and speaks its wire format by hand
 * (rpc/wire.h); the terminal's build claims that both mean the same. */
#ifndef MUDSKIPPER_RT_OUT_H
#define MUDSKIPPER_RT_OUT_H

#include <mudskipper/abi/cap.h>
#include <mudskipper/abi/error.h>

#define RT_STREAM_WRITE 1u /* method numbers */
#define RT_STREAM_READ  2u
#define RT_STREAM_INFO  3u /* of a terminal: () -> (bool interactive, u32 columns, u32 rows) */
#define RT_STREAM_FLUSH 4u /* of the console only: () -> (), when all has left the machine */
#define RT_STREAM_SERVICE                                                                                    \
    1u /* in badges: who holds the endpoint makes RPC_BADGE(RT_STREAM_SERVICE, client) */
#define RT_STREAM_WRITE_MAX 4096u /* bytes of one write; they stay together */

/* To SLOT_STDOUT, or to the log when that is empty. Blocks while the stream is full. Pieces of up to
 * RT_STREAM_WRITE_MAX bytes do not mix with what others write. PEER_GONE: who drew on the stream has ended.
 */
MUST_USE err_t rt_out_write(const void *bytes, size_t count);

/* The same to another stream: SLOT_STDERR. */
MUST_USE err_t rt_stream_write(cptr_t stream, const void *bytes, size_t count);

/* From SLOT_STDIN: up to `room` bytes. Blocks until there is one; *count 0: the input is at its end, or there
 * is none. */
MUST_USE err_t rt_in_read(void *to, size_t room, size_t *count);

/* The same for programs that read lines. From a person at a terminal: a line with its '\n', or as much of it
 * as fits; it is shown while it is typed and can be corrected, and Ctrl-D in an empty line is the end. One
 * thread at a time. */
MUST_USE err_t rt_in_read_line(void *to, size_t room, size_t *count);

/* printf-like by rt_out_write; a text of up to 256 bytes stays together. What cannot be written goes to the
 * log. */
void rt_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Whether a well-known slot holds a stream. */
bool rt_has_stream(cptr_t slot);

#endif
