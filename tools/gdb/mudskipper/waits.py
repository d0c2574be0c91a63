# SPDX-License-Identifier: MIT
"""Who waits for whom: processes by what the kernel knows (open calls), their threads by what the run-time knows of them
(core/rt: calls, receivers, joins, mutexes)."""

import gdb

from . import circle, elf, kernel, memory, programs, tables, threads

NEVER = threads.NEVER
STATES = 'enum message_state'
UNHEARD, TAKEN = 'MESSAGE_QUEUED', 'MESSAGE_TAKEN'


def open_calls(dispatcher):
    """Token of each call that is not answered yet -> (number of the process it was sent to, whether that has taken it)."""
    states, found = memory.numbers(STATES), {}
    for i in range(int(dispatcher.value['messages_used'])):
        message = dispatcher.value['messages'][i]
        state = int(message['state'])
        if bool(message['is_call']) and state in (states[UNHEARD], states[TAKEN]):
            found[int(message['token'])] = int(message['server']), state == states[TAKEN]
    return found


def called(process, by_number):
    return f'{by_number.get(process, "?")} ({process})'


def _of_process(dispatcher, by_number):
    """What the kernel knows, as kernel_tell_waits (core/kernel/waits.c) says it."""
    calls = open_calls(dispatcher).values()
    words = [f'waits for an answer of {called(server, by_number)}' if taken else
             f'has called, and was not heard yet by {called(server, by_number)}' for server, taken in calls]
    state = dispatcher.state()
    if not words or state != 'waiting':
        closed = 'waits for a notification or an answer' if bool(dispatcher.value['closed']) else 'waits for a message'
        words.append({'waiting': closed, 'ready': 'is ready', 'stopped': 'has not begun',
                      'suspended': 'is suspended'}.get(state, state))
    return words


class RunTime:
    """The lists of a program's run-time, by which its threads wait."""

    def __init__(self, dispatcher, objfile):
        self.reader = tables.reader(dispatcher)
        self.base = dispatcher.image
        self.symbols = elf.symbols(objfile.filename)
        self.calls = self.by_thread('open_calls', 'struct open_call')
        self.receivers = self.by_thread('receivers', 'struct receiver')
        self.kernel_calls = open_calls(dispatcher)

    def by_thread(self, symbol, kind):
        """Thread -> (address, copy) of what it has put into a list of core/rt/wait.c."""
        places = self.symbols.get(symbol, ())
        if len(places) != 1:
            return {}
        place, kind = self.base + places[0], gdb.lookup_type(kind)
        head = self.reader.value(place, gdb.lookup_type('struct list'))
        return {int(copy['thread']): copy for _, copy in self.reader.members(head, place, kind, 'node')}

    def head_of(self, address, nodes):
        """The list that a thread's node is in: the one link of the circle that is no thread's. None: it is in none."""
        node = self.reader.word(address)
        for _ in range(len(nodes) + 1):
            if node not in nodes:
                return node or None
            node = self.reader.word(node)
        return None

    def name_of(self, address):
        """Of a variable of the program's, if it is one."""
        words = gdb.execute(f'info symbol {address:#x}', to_string=True).split()
        return words[0] if 'section' in words else f'{address:#x}'

    def lock_of(self, head, every):
        """A list that threads wait in belongs to a mutex if the word before it names its owner. In front of the list of a
        condition may lie the end of a mutex's list, which names a thread, too: one that waits in it."""
        owner = self.reader.word(head - 8)
        if owner not in every or self.reader.word(owner) == head - 16:
            return None
        return every[owner]


def _of_thread(thread, copy, run_time, every, by_number):
    call = run_time.calls.get(thread.address)
    if call is not None:
        server, taken = run_time.kernel_calls.get(int(call['token']), (None, True))
        if server is None:
            return 'waits to send a call'
        return ('waits for an answer of ' if taken else 'has called, and was not heard yet by ') + called(server, by_number)
    if thread.address in run_time.receivers:
        return 'waits for a message'
    joined = [each for each in every.values() if int(each[1]['joiner']) == thread.address]
    if joined:
        return f'waits for the end of {joined[0][0].name}'
    head = run_time.head_of(thread.address, every)
    if head is None:
        return 'sleeps' if int(copy['deadline']) != NEVER else 'waits'
    owner = run_time.lock_of(head, every)
    if owner is not None:
        return f'waits for {run_time.name_of(head - 8)}, which {owner[0].name} has locked'
    return f'waits to be told by {run_time.name_of(head)}'


def _threads(dispatcher, objfile, in_use, by_number):
    run_time, every = RunTime(dispatcher, objfile), {}
    for thread, copy in threads.with_copies(dispatcher, objfile, in_use):
        every[thread.address] = thread, copy
    waits = dispatcher.state() == 'waiting'
    for thread, copy in every.values():
        words = thread.state
        # The one that came last waits in the kernel for all of them, and for itself.
        if threads.is_blocked(copy) or (waits and thread.address in run_time.calls):
            words = _of_thread(thread, copy, run_time, every, by_number) + threads.until(copy)
        print(f'    {thread.name}: {words}')


def show(dispatchers, in_use):
    everybody = [d for core in kernel.cores() for d in core.dispatchers()]
    by_number = {d.process: d.name for d in everybody}
    for d in dispatchers:
        if d.state() == 'dead':
            continue
        for words in _of_process(d, by_number):
            print(f'core {d.core.id}: {d.name} ({d.process}) {words}')
        path = programs.file_of(d.name)
        if path is None or d.state() == 'stopped':
            continue
        with programs.symbols(path, d.image) as objfile:
            try:
                _threads(d, objfile, in_use, by_number)
            except (gdb.error, KeyError) as error:
                print(f'    its threads cannot be read: {error}')
    found = circle.find({d.process: [server for server, _ in open_calls(d).values()] for d in everybody})
    if found:
        print('circle: ' + ' -> '.join(called(process, by_number) for process in found))
