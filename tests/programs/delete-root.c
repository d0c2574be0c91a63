/* SPDX-License-Identifier: MIT */
/* Deletes the root of its own capability space, and goes on as if it had one. */
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/process.h>

int main(void)
{
    err_t e;

    rt_log("delete-root: about to delete\n");
    e = cap_revoke(SLOT_ROOT);
    if (err_ok(e)) {
        e = cap_delete(SLOT_ROOT);
    }
    return err_ok(e) ? 0 : 1;
}
