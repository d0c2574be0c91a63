/* SPDX-License-Identifier: MIT */
/* A ring of core/msg/ump.c: one writer, one reader, both of which sleep when there is nothing to do. Each access to
 * shared memory is a step, in the order of the C functions, which the comments name; so are ringing, sleeping and waking,
 * which RPC does with them (core/rpc/ump_line.c, ump_client.c, ump_server.c). check.py says how each switch stands;
 * README.md lists the variants. */

#define READER 0
#define WRITER 1
#define CORES  2

#ifdef COMPILED
#define MOST_LINES 4 /* what is visited exhaustively is small */
#define LOCATIONS  11
#else
#define MOST_LINES 16
#define LOCATIONS  35 /* 3 + 2 * MOST_LINES */
#endif
#define BUFFER 4

#define PROGRESS   0
#define WAITING    1
#define SLEEPING   2
#define PAYLOAD(n) (3 + 2 * ((n) % lines))
#define CONTROL(n) (4 + 2 * ((n) % lines))

local byte lines;    /* of the ring */
local byte messages; /* lines that are sent in all */
local byte keeps;    /* lines that the reader may have read untold: lines / 8 in C, but any number will do */
local byte spare;    /* lines that the writer waits for; 0: as many as it wants to send */

/* Orders. */
local byte control_stored, control_loaded, progress_stored, progress_loaded;
local byte changed; /* the exchanges of `sleeping` and `waiting` */

/* What may be wrong. */
local bool no_exchange;       /* `sleeping` and `waiting` are stored and loaded, in these orders: */
local byte flag_stored, flag_loaded;
local bool clears_late;       /* and the writer clears `sleeping` after it has rung */
local bool reader_looks_once; /* says that it sleeps, and does not look again */
local bool writer_looks_once;
local bool payload_last;      /* the control word first */
local bool tells_early;       /* progress before the payload has been copied */
local bool tells_ahead;       /* one line too many */
local bool keeps_asleep;      /* sleeps without telling what it has read */
local bool rings_late;        /* tells before it sleeps, and rings after it */
local bool turn_ignored;      /* any control word that is not zero is a line */
local bool batch_silent;      /* the last line of a batch does not look either */
local bool bell_forgets;      /* ringing who is still awake is nothing */
local bool bell_waits;        /* no mistake: ringing waits until what was stored has arrived. The code does not rely on it. */

byte r_position, r_told, w_position, w_limit, wanted;
bool owes; /* r->wake_writer */
bool bell[2], asleep[2];
byte got;  /* lines whose payload the reader has got */

/* ---- what must never be */

bool line_slept_over; /* the reader sleeps, and a line is there */
bool room_slept_over; /* the writer sleeps, and there is the room that it wants */
bool stands_still;    /* nothing happens any more, and not all has come */
bool overwritten;     /* a line, before it was read */
bool misread;         /* a payload that is not the next */
bool lied;            /* the writer takes the reader for a liar */

#define WRITTEN(l, v) \
    overwritten = l >= 3 && l % 2 == 1 && v > got + lines; \
    assert(!overwritten)
#define CAME_LATE(c, v) \
    got++; \
    misread = v != got; \
    assert(!misread)

/* A load before its turn is worth a step only where nothing else makes it as early: an acquire right before it undoes it. */
#define NO_ACQUIRE(c) (no_exchange || !ACQUIRES(changed) || before[c].exclusive != NOWHERE)
#define EARLY_FIRST(c) \
    (c == READER -> (NO_ACQUIRE(c) -> CONTROL(r_position) : NOWHERE) \
                  : (w_limit - w_position < wanted -> PROGRESS : NOWHERE))
#define EARLY_SECOND(c) \
    (c == READER -> (ACQUIRES(control_loaded) -> NOWHERE : PAYLOAD(r_position)) : (no_exchange -> SLEEPING : NOWHERE))

/* ---- the trace */

#define WITH_LINE(n) memory[4 + 2 * ((n) % MOST_LINES)], memory[3 + 2 * ((n) % MOST_LINES)]
#define SHOW_STATE \
    printf(" %d %d %d %d %d %d %d %d", r_position, r_told, owes, w_position, w_limit, memory[PROGRESS], memory[WAITING], \
           memory[SLEEPING]); \
    printf(" %d:%d %d:%d %d:%d %d:%d %d:%d %d:%d %d:%d %d:%d", WITH_LINE(0), WITH_LINE(1), WITH_LINE(2), WITH_LINE(3), \
           WITH_LINE(4), WITH_LINE(5), WITH_LINE(6), WITH_LINE(7)); \
    printf(" %d:%d %d:%d %d:%d %d:%d %d:%d %d:%d %d:%d %d:%d\n", WITH_LINE(8), WITH_LINE(9), WITH_LINE(10), WITH_LINE(11), \
           WITH_LINE(12), WITH_LINE(13), WITH_LINE(14), WITH_LINE(15))
/* What is no access to memory. */
#define RINGS  3
#define SLEEPS 4
#define WAKES  5
#define BEGINS 6

#include "memory.pml"

inline ring_bell(c)
{
    if
    :: d_step {
        !bell_waits || before[c].count == 0 ->
        bell[1 - c] = !bell_forgets || asleep[1 - c];
        SHOW(c, RINGS, 0, 0, 0, 0)
    }
    fi
}

/* Until it is rung, or was since the last time. */
inline sleep(c)
{
    d_step { asleep[c] = true; SHOW(c, SLEEPS, 0, 0, 0, 0) };
    if
    :: d_step { bell[c] -> bell[c] = false; asleep[c] = false; SHOW(c, WAKES, 0, 0, 0, 0) }
    fi
}

/* ---- the words of the handshake: line_change */

inline set_own(c, word)
{
    if
    :: no_exchange -> store(c, word, 1, flag_stored)
    :: else -> exchange(c, word, 1, changed, x)
    fi
}

inline clear_own(c, word)
{
    if
    :: no_exchange -> store(c, word, 0, flag_stored)
    :: else -> exchange(c, word, 0, changed, x)
    fi
}

/* x: whether it was set. */
inline clear_others(c, word)
{
    if
    :: no_exchange ->
        load(c, word, flag_loaded, x);
        if
        :: x == 1 && !(clears_late && c == WRITER) -> store(c, word, 0, flag_stored)
        :: else
        fi
    :: else -> exchange(c, word, 0, changed, x)
    fi
}

/* ---- reader */

#define IS_EXPECTED(c) (turn_ignored -> c != 0 : c == r_position + 1)

/* tell_progress */
inline tell_progress()
{
    r_told = r_position;
    store(READER, PROGRESS, r_position + tells_ahead, progress_stored);
    clear_others(READER, WAITING);
    owes = owes || x == 1
}

/* ump_receive, when the line is there */
inline take_line()
{
    if
    :: !tells_early -> load_data(READER, PAYLOAD(r_position))
    :: else
    fi;
    r_position++;
    if
    :: r_position - r_told > keeps -> tell_progress()
    :: else
    fi;
    if
    :: tells_early -> load_data(READER, PAYLOAD(r_position - 1))
    :: else
    fi
}

/* ump_wake_writer, and what its caller does then */
inline wake_writer()
{
    if
    :: owes -> d_step { owes = false; x = 0 }; ring_bell(READER)
    :: else
    fi
}

/* ump_prepare_sleep: whether it sleeps */
inline prepare_sleep(sleeps)
{
    if
    :: r_told != r_position && !keeps_asleep -> tell_progress()
    :: else
    fi;
    set_own(READER, SLEEPING);
    sleeps = true;
    if
    :: !reader_looks_once ->
        load(READER, CONTROL(r_position), control_loaded, x);
        if
        :: IS_EXPECTED(x) -> clear_own(READER, SLEEPING); sleeps = false
        :: else
        fi
    :: else
    fi
}

proctype reader()
{
    byte x;
    bool sleeps;

    do
    :: r_position == messages -> break
    :: else ->
        load(READER, CONTROL(r_position), control_loaded, x);
        if
        :: IS_EXPECTED(x) -> take_line(); wake_writer()
        :: else ->
            prepare_sleep(sleeps);
            if
            :: !rings_late -> wake_writer()
            :: else
            fi;
            if
            :: sleeps -> sleep(READER); clear_own(READER, SLEEPING)
            :: else
            fi;
            if
            :: rings_late -> wake_writer()
            :: else
            fi
        fi;
        d_step { x = 0; sleeps = false }
    od
}

/* ---- writer */

/* look_at_progress */
inline look_at_progress()
{
    load(WRITER, PROGRESS, progress_loaded, x);
    d_step {
        lied = x + lines - w_limit > w_position + lines - w_limit;
        assert(!lied);
        w_limit = x + lines;
        x = 0
    }
}

/* ump_has_room; ump_prepare_wait */
inline await_room()
{
    if
    :: w_limit - w_position < wanted -> look_at_progress()
    :: else
    fi;
    do
    :: w_limit - w_position >= wanted -> break
    :: else ->
        set_own(WRITER, WAITING);
        if
        :: !writer_looks_once -> look_at_progress()
        :: else
        fi;
        if
        :: w_limit - w_position >= wanted -> clear_own(WRITER, WAITING)
        :: else -> sleep(WRITER); look_at_progress()
        fi
    od
}

/* ump_send; the writer rings */
inline send_line(is_last)
{
    w_position++;
    if
    :: payload_last ->
        store(WRITER, CONTROL(w_position - 1), w_position, control_stored);
        store(WRITER, PAYLOAD(w_position - 1), w_position, relaxed)
    :: else ->
        store(WRITER, PAYLOAD(w_position - 1), w_position, relaxed);
        store(WRITER, CONTROL(w_position - 1), w_position, control_stored)
    fi;
    if
    :: is_last ->
        clear_others(WRITER, SLEEPING);
        if
        :: x == 1 ->
            ring_bell(WRITER);
            if
            :: clears_late -> store(WRITER, SLEEPING, 0, flag_stored)
            :: else
            fi
        :: else
        fi;
        x = 0
    :: else
    fi
}

proctype writer()
{
    byte x;
    byte batch;

    do
    :: w_position == messages -> break
    :: else ->
        if
        :: batch = 1
        :: messages - w_position >= 2 && lines >= 2 -> batch = 2
        fi;
        d_step {
            wanted = (spare == 0 -> batch : spare);
            SHOW(WRITER, BEGINS, batch, wanted, 0, 0)
        };
        await_room();
        if
        :: batch == 2 -> send_line(false); send_line(!batch_silent)
        :: else -> send_line(true)
        fi;
        d_step { batch = 0; wanted = 0 }
    od
}

/* ---- when nothing can happen any more */

proctype judge()
{
    timeout;
    atomic {
        line_slept_over = asleep[READER] && memory[CONTROL(r_position)] == r_position + 1;
        assert(!line_slept_over);
        room_slept_over = asleep[WRITER] && lines - (w_position - r_position) >= wanted;
        assert(!room_slept_over);
        stands_still = r_position != messages || w_position != messages || got != messages;
        assert(!stands_still)
    }
}

#ifdef COMPILED
c_decl { \#include <stdlib.h> }
#define SWITCH(name) c_code { now.name = (unsigned char)atoi(getenv(#name)); }
#else
#define SWITCH(name) name = name##_IS
#endif

init
{
    d_step {
        memory_begin();
        SWITCH(memory_kind);
        SWITCH(lines);
        SWITCH(messages);
        SWITCH(keeps);
        SWITCH(spare);
        SWITCH(control_stored);
        SWITCH(control_loaded);
        SWITCH(progress_stored);
        SWITCH(progress_loaded);
        SWITCH(changed);
        SWITCH(no_exchange);
        SWITCH(flag_stored);
        SWITCH(flag_loaded);
        SWITCH(clears_late);
        SWITCH(reader_looks_once);
        SWITCH(writer_looks_once);
        SWITCH(payload_last);
        SWITCH(tells_early);
        SWITCH(tells_ahead);
        SWITCH(keeps_asleep);
        SWITCH(rings_late);
        SWITCH(turn_ignored);
        SWITCH(batch_silent);
        SWITCH(bell_forgets);
        SWITCH(bell_waits);
        w_limit = lines
    };
    atomic {
        run reader();
        run writer();
        run memory_of(READER);
        run memory_of(WRITER);
        run judge()
    }
}
