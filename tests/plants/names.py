# SPDX-License-Identifier: MIT
"""Plants in the nameserver's tables and in what the nameserver knows besides."""

from plant import Plant

SUBSYSTEM = 'names'

PLANTS = (
    Plant('old-revision', 'N1', 'a name that changes stays where it was in the index of changes', 'core/ns/hold.c',
          '    e->revision = ++t->revision;\n    tree_insert(&t->changes',
          '    ++t->revision;\n    tree_insert(&t->changes',
          'ns_validate', 'the index of changes is broken', 'ns_table'),
    Plant('no-generation', 'N1', 'who takes a name over has the generation of its predecessor', 'core/ns/hold.c',
          '    o->generation = e->generation;', '    o->generation = e->generation - 1;',
          'ns_validate', 'the holder does not hold', 'ns_table'),
    Plant('queue-count', 'N1', 'who leaves a queue is still counted', 'core/ns/end.c',
          '        o->entry->queued--;', '        ;',
          'ns_validate', 'a queue is counted wrong', 'ns_table'),
    Plant('owner-of-nothing', 'N1', 'the record of an owner outlives what it owned', 'core/ns/end.c',
          '    ns_owner_release(t, o->owner);', '    ;',
          'ns_validate', 'an owner of nothing', 'ns_table'),
    Plant('below-nothing', 'N4', 'a grant may be made for what its parent does not cover', 'core/ns/grant.c',
          '    if (!ns_name_below(ns_grant_prefix(p), prefix)) {',
          '    if (!ns_name_below(ns_grant_prefix(p), prefix) && !prefix.length) {',
          'ns_validate', 'N4 a grant is not below its parent', 'ns_table'),
    Plant('any-name', 'N4', 'a service may be registered outside its grant', 'core/ns/grant.c',
          '    return g && ns_name_below(ns_grant_prefix(g), name) ? OK : err_make(ERR_NAME_PREFIX, 0);',
          '    return g ? OK : err_make(ERR_NAME_PREFIX, 0);',
          'ns_validate', 'N4 a service is not below its grant', 'ns_table'),
    Plant('not-woken', 'N1', 'nobody is woken when a name comes to be held', 'core/ns/hold.c',
          '    ns_wake_name(t, ns_entry_name(e));', '    ;',
          'ns_validate', 'somebody waits for a held name', 'ns_table'),
    Plant('ended-service', 'N1', 'a service that has ended still belongs to its name', 'core/ns/end.c',
          '    o->entry = NULL;\n    o->owner = NULL;', '    ;\n    o->owner = NULL;',
          'ns_validate', 'an ended service belongs to something', 'ns_table'),
    Plant('still-vacant', 'N1', 'a name that is held again is still counted as vacant', 'core/ns/hold.c',
          '        t->vacant_count--;\n    }\n    e->holder = o;', '        ;\n    }\n    e->holder = o;',
          'ns_validate', 'vacant names are counted wrong', 'ns_table'),
    Plant('nobody-waits', 'N1', 'who waits for a name stands among those who wait, and among those who are to be told',
          'core/ns/wait.c',
          '    w->state = state;\n    list_push_back', '    w->state = WAITING;\n    list_push_back',
          'ns_validate', 'a waiter waits and is woken, or neither', 'ns_table'),
)
