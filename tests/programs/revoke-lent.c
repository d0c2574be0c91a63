/* SPDX-License-Identifier: MIT */
/* Tries to take away what others have copies of: everything it was given when it started. */
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/process.h>

int main(void)
{
    static const cptr_t lent[] = {SLOT_LOG,   SLOT_INIT,   SLOT_NAMES,  SLOT_CHANNELS,
                                  SLOT_STDIN, SLOT_STDOUT, SLOT_STDERR, SLOT_DISPATCHER};
    int revoked = 0;

    for (unsigned i = 0; i < ARRAY_LENGTH(lent); i++) {
        revoked += err_ok(cap_revoke(lent[i]));
    }
    return revoked;
}
