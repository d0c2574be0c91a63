/* SPDX-License-Identifier: MIT */
/* Between the files of the mapping database. */
#ifndef MUDSKIPPER_CAP_MDB_PRIV_H
#define MUDSKIPPER_CAP_MDB_PRIV_H

#include <mudskipper/cap/mdb.h>

/* Hangs `s`, whose neighbour links are set, under `parent` at its empty `link`. */
void mdb_attach(struct mdb *db, struct cap_slot *parent, struct cap_slot **link, struct cap_slot *s);

#endif
