/* SPDX-License-Identifier: MIT */
/* Decodes what core servers do to capabilities of several cores: operations on a Kernel. Slots are cptr_t in
 * the invoker's own space. */
#include "invoke_priv.h"
#include "priv.h"

static err_t check_right(const struct cap_invocation *i)
{
    return i->target.slot->rights & CAP_WRITE ? OK : err_make(ERR_CAP_MISSING_RIGHT, CAP_WRITE);
}

/* Operand 1: a capability. */
static err_t find_operand(const struct cap_core *core, const struct cap_invocation *i, struct cap_ref *out)
{
    err_t e = check_right(i);

    return err_ok(e) ? invoke_find_source(core, i->root, CAP_PLACE_SLOT(i->args[1]), out) : e;
}

/* Operand 1: where one goes. */
static err_t find_dest(const struct cap_core *core, const struct cap_invocation *i, struct cap_ref *out)
{
    err_t e = check_right(i);

    if (err_ok(e)) {
        e = err_push(cap_lookup(core, i->root, (cptr_t)i->args[1], CAP_LEVEL_SLOT, CAP_WRITE, out),
                     ERR_WHILE_DEST);
    }
    return e;
}

static err_t take_identity(const struct cap_invocation *i, struct cap_identity *what)
{
    const uint64_t *args = &i->args[CAP_ACROSS_FIRST];

    *what = (struct cap_identity){.type = CAP_IDENTITY_TYPE(args[0]),
                                  .rights = CAP_IDENTITY_RIGHTS(args[0]),
                                  .owner = CAP_IDENTITY_OWNER(args[0]),
                                  .generation = (uint32_t)(args[0] >> 32),
                                  .base = args[1],
                                  .size = args[2],
                                  .word = {args[3], args[4]}};
    return CAP_IDENTITY_FLAGS(args[0]) == 0 ? OK : err_make(ERR_BAD_ARGUMENT, CAP_ACROSS_FIRST);
}

static void give_identity(struct cap_invocation *i, const struct cap_identity *what)
{
    uint64_t *args = &i->args[CAP_ACROSS_FIRST];

    args[0] = (uint64_t)what->type | (uint64_t)what->rights << 8 | (uint64_t)what->owner << 24 |
              (uint64_t)what->generation << 32;
    args[1] = what->base;
    args[2] = what->size;
    args[3] = what->word[0];
    args[4] = what->word[1];
}

err_t invoke_share(struct cap_core *core, struct cap_invocation *i, bool *again)
{
    struct cap_share s = {.core = i->args[2]};
    struct cap_identity what;
    err_t e = find_operand(core, i, &s.slot);

    (void)again;
    if (err_ok(e)) {
        e = cap_share_check(core, &s);
    }
    if (err_ok(e)) {
        cap_share_act(core, &s, &what);
        give_identity(i, &what);
    }
    return e;
}

err_t invoke_unshare(struct cap_core *core, struct cap_invocation *i, bool *again)
{
    struct cap_share s = {.core = i->args[2]};
    err_t e = find_operand(core, i, &s.slot);

    (void)again;
    if (err_ok(e)) {
        e = cap_unshare_check(core, &s);
    }
    if (err_ok(e)) {
        cap_unshare_act(core, &s);
    }
    return e;
}

err_t invoke_adopt(struct cap_core *core, struct cap_invocation *i, bool *again)
{
    struct cap_adopt a;
    err_t e = find_dest(core, i, &a.dest);

    (void)again;
    if (err_ok(e)) {
        e = take_identity(i, &a.what);
    }
    if (err_ok(e)) {
        e = cap_adopt_check(core, &a);
    }
    if (err_ok(e)) {
        cap_adopt_act(core, &a);
    }
    return e;
}

err_t invoke_find(struct cap_core *core, struct cap_invocation *i, bool *again)
{
    struct cap_adopt a;
    err_t e = find_dest(core, i, &a.dest);

    (void)again;
    if (err_ok(e)) {
        e = take_identity(i, &a.what);
    }
    if (err_ok(e)) {
        e = cap_find_check(core, &a);
    }
    if (err_ok(e)) {
        cap_find_act(core, &a);
    }
    return e;
}

err_t invoke_revoke_foreign(struct cap_core *core, struct cap_invocation *i, bool *again)
{
    struct cap_ref ref;
    err_t e = find_operand(core, i, &ref);

    if (err_ok(e)) {
        e = cap_revoke_foreign_check(core, &ref);
    }
    if (err_ok(e)) {
        *again = cap_revoke_act(core, ref.slot, &i->budget) == CAP_AGAIN;
    }
    return e;
}
