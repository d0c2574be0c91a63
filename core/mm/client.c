/* SPDX-License-Identifier: MIT */
/* Accounts: what each client has, and how much it may have. */
#include "internal.h"

static struct mm_client *client_of(const struct tree_node *n)
{
    return CONTAINER_OF((struct tree_node *)n, struct mm_client, node);
}

static int compare(const struct tree_node *a, const struct tree_node *b)
{
    mm_client_t x = client_of(a)->number;
    mm_client_t y = client_of(b)->number;
    return (x > y) - (x < y);
}

static int compare_number(const void *key, const struct tree_node *n)
{
    mm_client_t x = *(const mm_client_t *)key;
    mm_client_t y = client_of(n)->number;
    return (x > y) - (x < y);
}

struct mm_client *mm_client_find(const struct mm *mm, mm_client_t number)
{
    struct tree_node *n = tree_find(&mm->clients, &number, compare_number);
    return n ? client_of(n) : NULL;
}

err_t mm_client_add(struct mm *mm, mm_client_t client, uint64_t quota)
{
    if (mm->in_callback) {
        return err_make(ERR_BUSY, 0);
    }
    if (!mm_own_refill(mm, 1)) {
        return err_make(ERR_NO_MEMORY, 0);
    }
    if (mm_client_find(mm, client)) {
        return err_make(ERR_EXISTS, client);
    }
    struct mm_client *c = slab_take(&mm->own);
    c->number = client;
    c->quota = quota;
    tree_insert(&mm->clients, &c->node, compare);
    mm->client_count++;
    return OK;
}

err_t mm_client_remove(struct mm *mm, mm_client_t client)
{
    struct mm_client *c = mm_client_find(mm, client);
    if (mm->in_callback) {
        return err_make(ERR_BUSY, 0);
    }
    if (!c) {
        return err_make(ERR_NOT_FOUND, client);
    }
    if (c->used != 0) {
        return err_make(ERR_BUSY, c->used);
    }
    tree_remove(&mm->clients, &c->node);
    mm->client_count--;
    slab_put(&mm->own, c);
    mm_own_trim(mm);
    return OK;
}

err_t mm_client_set_quota(struct mm *mm, mm_client_t client, uint64_t quota)
{
    struct mm_client *c = mm_client_find(mm, client);
    if (!c) {
        return err_make(ERR_NOT_FOUND, client);
    }
    if (quota < c->used) {
        return err_make(ERR_MM_QUOTA, c->used);
    }
    c->quota = quota;
    return OK;
}

err_t mm_client_move_quota(struct mm *mm, mm_client_t from, mm_client_t to, uint64_t bytes)
{
    struct mm_client *giver = mm_client_find(mm, from);
    struct mm_client *taker = mm_client_find(mm, to);
    if (!giver || !taker) {
        return err_make(ERR_NOT_FOUND, giver ? to : from);
    }
    if (giver->quota == MM_NO_QUOTA || giver->quota - giver->used < bytes) {
        return err_make(ERR_MM_QUOTA, giver->quota == MM_NO_QUOTA ? 0 : giver->quota - giver->used);
    }
    if (taker->quota >= MM_NO_QUOTA - bytes) {
        return err_make(ERR_OUT_OF_RANGE, bytes);
    }
    giver->quota -= bytes;
    taker->quota += bytes;
    return OK;
}

err_t mm_client_account(const struct mm *mm, mm_client_t client, struct mm_account *account)
{
    const struct mm_client *c = mm_client_find(mm, client);
    if (!c) {
        return err_make(ERR_NOT_FOUND, client);
    }
    *account = (struct mm_account){.quota = c->quota, .used = c->used};
    return OK;
}
