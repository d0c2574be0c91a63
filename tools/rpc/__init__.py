# SPDX-License-Identifier: MIT
"""What is behind tools/rpcgen.

  interface.py   services, methods, fields: what an interface is, its sizes and C names
  reader.py      reads interface files, says what is wrong with them
  layout.py      lays out C as clang-format does
  marshal.py     C that builds and reads messages, parameters of functions
  header.py      NAME_rpc.h
  client.py      NAME_client.c
  server.py      NAME_server.c, with the description that a service gives of itself
"""
