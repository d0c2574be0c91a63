# SPDX-License-Identifier: MIT
"""Plants in calls between processes: core/rpc."""

from plant import Plant

SUBSYSTEM = 'rpc'

PLANTS = (
    Plant('freed-bytes', 'M5', 'what a client left and was freed stays in its account', 'core/rpc/calls.c',
          '    client->bytes -= stored->object_bytes;', '    ;',
          'rpc_server_check', 'the memory of a client is counted wrong', 'rpc_calls'),
    Plant('server-bytes', 'M5', 'the server does not count what it frees', 'core/rpc/calls.c',
          '    server->figures.bytes -= stored->object_bytes;', '    ;',
          'rpc_server_check', "the server's memory is counted wrong", 'rpc_calls'),
    Plant('empty-client', 'R2', 'a client of whom nothing is left is kept', 'core/rpc/calls.c',
          '    if (client->objects == 0) {\n        free_client(server, client);\n    }\n}',
          '    if (client->objects > client->bytes) {\n        free_client(server, client);\n    }\n}',
          'rpc_server_check', 'a client of whom nothing is left', 'rpc_calls'),
    Plant('too-many-parts', 'R1', 'more parts are under way than the ring has room for', 'core/rpc/ump_client.c',
          '        !end_is_over(end) && end->parts_out < end->parts_max && list_first(&end->want_credit) == &p->in_line;',
          '        !end_is_over(end) && end->parts_out <= end->parts_max;',
          'rpc_ump_check', 'more parts are under way than may be', 'rpc_ump'),
    Plant('kept-nowhere', 'R2', 'a call that is kept is in no list of its client', 'core/rpc/calls.c',
          '        list_push_back(&client->kept, &s->kept_node);', '        ;',
          'rpc_server_check', 'a call is kept and not in the list', 'rpc_calls'),
    Plant('untold', 'R1', 'a reader tells how far it is when it has read all', 'core/msg/ump.c',
          '    if (r->position - r->told > r->mask / 8) {', '    if (r->position - r->told > r->mask) {',
          'rpc_ump_check', 'much was read and the other end does not know', 'rpc_ump'),
    Plant('no-room', 'R1', 'a writer begins with a line more than there are', 'core/msg/ump.c',
          '.mask = lines - 1, .limit = lines, .broken', '.mask = lines - 1, .limit = lines + 1, .broken',
          'rpc_ump_check', 'more lines may be written than the other end has room for', 'rpc_ump'),
)
