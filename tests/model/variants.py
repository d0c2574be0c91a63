# SPDX-License-Identifier: MIT
"""What is checked: the code as it is, and what it might be instead."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Variant:
    id: str
    model: str
    memory: str
    says: str            # one sentence: what holds, or what breaks it
    changed: dict = field(default_factory=dict)
    violates: str = None  # the property; None: all hold


USUAL = {
    'ring': {
        'memory_kind': 'sc', 'lines': 2, 'messages': 4, 'keeps': 0, 'spare': 0,
        'control_stored': 'release', 'control_loaded': 'acquire',    # line_write, line_look
        'progress_stored': 'release', 'progress_loaded': 'acquire',  # tell_progress, look_at_progress
        'changed': 'acq_rel',                                        # line_change
        'no_exchange': 0, 'flag_stored': 'release', 'flag_loaded': 'acquire', 'clears_late': 0,
        'reader_looks_once': 0, 'writer_looks_once': 0, 'payload_last': 0, 'tells_early': 0, 'tells_ahead': 0,
        'keeps_asleep': 0, 'rings_late': 0, 'turn_ignored': 0, 'batch_silent': 0, 'bell_forgets': 0, 'bell_waits': 0,
    },
    'calls': {
        'memory_kind': 'sc', 'lines': 2, 'calls': 4,
        'control_stored': 'release', 'control_loaded': 'acquire', 'changed': 'acq_rel',
        'no_exchange': 0, 'flag_stored': 'release', 'flag_loaded': 'acquire',
        'caller_looks_once': 0, 'callee_looks_once': 0, 'line_ignored': 0, 'turn_ignored': 0, 'keeps_last': 0,
    },
    'wakeup': {
        'memory_kind': 'sc', 'signals': 2, 'shape': 0,
        'changed': 'seq_cst', 'pending_stored': 'seq_cst', 'up_stored': 'seq_cst', 'up_loaded': 'seq_cst',
        'clears_late': 0, 'summary_first': 0, 'takes_first': 0,
    },
}

# Dekker's way: stores and loads that are all sequentially consistent, in place of the exchange.
DEKKER = {'no_exchange': 1, **dict.fromkeys(
    ('flag_stored', 'flag_loaded', 'control_stored', 'control_loaded', 'progress_stored', 'progress_loaded'), 'seq_cst')}


def ring(number, memory, says, violates=None, **changed):
    # On weak memory a state has many more successors; three lines still go round the ring.
    size = {'messages': 3} if memory == 'weak' else {}
    return Variant(f'MODEL-RING-{number:03}', 'ring', memory, says, {'memory_kind': memory, **size, **changed}, violates)


def calls(number, memory, says, violates=None, **changed):
    size = {'calls': 2} if memory == 'weak' else {}
    return Variant(f'MODEL-CALLS-{number:03}', 'calls', memory, says, {'memory_kind': memory, **size, **changed}, violates)


def wakeup(number, memory, says, violates=None, **changed):
    size = {'signals': 1} if memory == 'weak' else {}
    return Variant(f'MODEL-WAKEUP-{number:03}', 'wakeup', memory, says, {'memory_kind': memory, **size, **changed}, violates)


LINE, ROOM, REQUEST, LEFT = 'line_slept_over', 'room_slept_over', 'request_slept_over', 'signal_left'

VARIANTS = (
    ring(1, 'sc', 'the code holds', messages=5),
    ring(2, 'tso', 'the code holds', messages=5),
    ring(3, 'weak', 'the code holds', messages=4),
    ring(4, 'weak', 'the code holds, one line', messages=4, lines=1),
    ring(5, 'sc', 'the code holds as RPC waits: for as many as can be free untold', messages=5, lines=4, keeps=1, spare=3),
    ring(6, 'tso', 'the code holds, four lines, progress told of every third', messages=5, lines=4, keeps=2),
    ring(7, 'weak', 'the code holds, progress told of every second', keeps=1),

    ring(10, 'sc', 'acquire and release in place of the exchange: nothing is lost where nothing waits', no_exchange=1),
    ring(11, 'tso', 'acquire and release in place of the exchange', LINE, no_exchange=1),
    ring(12, 'weak', 'acquire and release in place of the exchange', LINE, no_exchange=1),
    ring(13, 'tso', 'sequentially consistent stores and loads in place of the exchange hold', **DEKKER),
    ring(14, 'weak', 'the same: a flag that the writer clears arrives after it has rung', LINE, lines=1,
         **DEKKER),
    ring(15, 'weak', 'the same holds when ringing waits for what was stored', lines=1, bell_waits=1, **DEKKER),
    ring(16, 'sc', 'the same, cleared after ringing', LINE, clears_late=1, **DEKKER),
    ring(20, 'tso', 'a relaxed exchange holds', changed='relaxed'),
    ring(21, 'weak', 'a relaxed exchange', LINE, changed='relaxed'),
    ring(22, 'weak', 'an exchange that acquires only', LINE, changed='acquire'),
    ring(23, 'weak', 'an exchange that releases only', LINE, changed='release'),

    ring(30, 'sc', 'the reader says that it sleeps, and does not look again', LINE, reader_looks_once=1),
    ring(31, 'sc', 'the writer says that it waits, and does not look again', ROOM, writer_looks_once=1),
    ring(32, 'sc', 'no line of a batch looks whether the reader sleeps', LINE, batch_silent=1),
    ring(33, 'sc', 'a bell that is rung before its owner sleeps is forgotten', LINE, bell_forgets=1),
    ring(34, 'sc', 'the reader sleeps without telling what it has read', ROOM, keeps=1, keeps_asleep=1),
    ring(35, 'sc', 'the reader tells, sleeps, and rings when it has woken', ROOM, keeps=1, rings_late=1),
    ring(36, 'sc', 'the same holds as RPC waits: for as many as can be free untold', messages=5, lines=4, keeps=1, spare=3,
         rings_late=1),
    ring(37, 'sc', 'a writer that waits for more room than there is', 'stands_still', spare=3),

    ring(40, 'sc', 'the control word before the payload', 'misread', payload_last=1),
    ring(41, 'tso', 'a relaxed store of the control word holds', control_stored='relaxed'),
    ring(42, 'weak', 'a relaxed store of the control word', 'misread', control_stored='relaxed'),
    ring(43, 'tso', 'a relaxed load of the control word holds', control_loaded='relaxed'),
    ring(44, 'weak', 'a relaxed load of the control word', 'misread', control_loaded='relaxed'),
    ring(45, 'sc', 'any control word that is not zero is a line', 'misread', turn_ignored=1),
    ring(50, 'sc', 'progress told before the payload is copied', 'overwritten', tells_early=1),
    ring(51, 'tso', 'a relaxed store of the progress holds', progress_stored='relaxed'),
    ring(52, 'weak', 'a relaxed store of the progress', 'overwritten', progress_stored='relaxed'),
    ring(53, 'weak', 'a relaxed load of the progress holds: no store is made before what it depends on', progress_loaded='relaxed'),
    ring(54, 'sc', 'one line too many is told', 'lied', tells_ahead=1),

    calls(1, 'sc', 'the code holds'),
    calls(2, 'tso', 'the code holds'),
    calls(3, 'weak', 'the code holds', calls=3),
    calls(4, 'weak', 'the code holds, one line', calls=3, lines=1),
    calls(10, 'tso', 'acquire and release in place of the exchange', REQUEST, no_exchange=1),
    calls(11, 'weak', 'acquire and release in place of the exchange', REQUEST, no_exchange=1),
    calls(12, 'weak', 'a relaxed exchange', REQUEST, changed='relaxed'),
    calls(13, 'weak', 'an exchange that acquires only', REQUEST, changed='acquire'),
    calls(14, 'weak', 'an exchange that releases only', REQUEST, changed='release'),
    calls(20, 'sc', 'the callee says that it sleeps, and does not look again', REQUEST, callee_looks_once=1),
    calls(21, 'sc', 'the caller says that it sleeps, and does not look again', 'answer_slept_over', caller_looks_once=1),
    calls(22, 'sc', 'a call that is never answered', 'stands_still', keeps_last=1),
    calls(30, 'weak', 'a relaxed store of the control word', 'misread', control_stored='relaxed'),
    calls(31, 'weak', 'a relaxed load of the control word', 'misread', control_loaded='relaxed'),
    calls(32, 'sc', 'any control word that is not zero is a request', 'misread', turn_ignored=1),
    calls(33, 'sc', 'a call is made into a line that waits for an answer', 'misread', line_ignored=1),
    calls(34, 'weak', 'the same, while the callee still reads', 'overwritten', lines=1, line_ignored=1),

    wakeup(1, 'sc', 'the code holds: two words'),
    wakeup(2, 'sc', 'the code holds: two channels of a word', shape=1),
    wakeup(3, 'sc', 'the code holds: one channel', shape=2),
    wakeup(4, 'tso', 'the code holds: two words'),
    wakeup(5, 'weak', 'the code holds: two words'),
    wakeup(6, 'weak', 'the code holds: two channels of a word', shape=1),
    wakeup(7, 'weak', 'the code holds: one channel', shape=2),
    wakeup(10, 'sc', 'pending is cleared when all has been taken', LEFT, clears_late=1),
    wakeup(11, 'sc', 'the summary before the bit', LEFT, summary_first=1),
    wakeup(12, 'sc', 'a core takes what is there, and says then that it takes interrupts', LEFT, takes_first=1),
    wakeup(20, 'tso', 'relaxed changes hold', changed='relaxed'),
    wakeup(21, 'weak', 'relaxed changes', LEFT, changed='relaxed', shape=2),
    wakeup(22, 'weak', 'changes that acquire only', LEFT, changed='acquire', shape=2),
    wakeup(23, 'weak', 'changes that release only: what was written before the signal is not seen', 'signal_lost',
           changed='release', shape=2),
    wakeup(24, 'weak', 'a relaxed store of pending arrives before `up`', LEFT, pending_stored='relaxed'),
    wakeup(25, 'weak', 'changes that acquire and release hold', changed='acq_rel'),
)
