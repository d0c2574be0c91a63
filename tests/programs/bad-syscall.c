/* SPDX-License-Identifier: MIT */
/* Makes system calls that mean nothing: each is refused with its own error, none harms. */
#include <mudskipper/abi/error.h>
#include <mudskipper/abi/syscall.h>
#include <mudskipper/rt/out.h>
#include <mudskipper/rt/port.h>
#include <mudskipper/rt/process.h>

static unsigned cause_of(uint64_t number, uint64_t target, uint64_t operand)
{
    uint64_t args[SYS_ARGS] = {[0] = target, [1] = operand, [SYS_ARG_NUMBER] = number};

    rt_syscall(args);
    return (unsigned)args[SYS_ARG_ERR_CODES];
}

int main(void)
{
    unsigned unknown = cause_of(SYS_COUNT, 0, 0);
    unsigned huge = cause_of(UINT64_MAX, 0, 0);
    unsigned empty = cause_of(SYS_INVOKE, SYS_TARGET(CPTR(0, 255), 0), 0);
    unsigned operation = cause_of(SYS_INVOKE, SYS_TARGET(SLOT_LOG, 99), 0);
    unsigned length = cause_of(SYS_INVOKE, SYS_TARGET(SLOT_LOG, LOG_WRITE), 65);

    rt_print("bad-syscall: %u %u %u %u %u\n", unknown, huge, empty, operation, length);
    return 0;
}
