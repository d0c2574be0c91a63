/* SPDX-License-Identifier: MIT */
/* The other shape, core/msg/ump_call.c: an answer is written into the line of its request. The caller makes as many calls as
 * there are lines and takes answers as they come, the callee answers in any order; both sleep when there is nothing to do. */

#define CALLER 0
#define CALLEE 1
#define CORES  2

#define MOST_LINES 2
#define LOCATIONS  6
#define BUFFER     4

#define CALLEE_SLEEPS 0
#define CALLER_SLEEPS 1
#define PAYLOAD(call) (2 + (call) % lines)
#define CONTROL(call) (2 + MOST_LINES + (call) % lines)

#define REQUEST(call) (2 * (call) + 1)
#define ANSWER(call)  (2 * (call) + 2)

local byte lines, calls;

/* Orders. */
local byte control_stored, control_loaded;
local byte changed;

/* What may be wrong. */
local bool no_exchange; /* the words of the handshake are stored and loaded, in these orders: */
local byte flag_stored, flag_loaded;
local bool caller_looks_once; /* says that it sleeps, and does not look again */
local bool callee_looks_once;
local bool line_ignored; /* a call is made although its line waits for an answer */
local bool turn_ignored; /* what is not zero is a request */
local bool keeps_last;   /* the callee never answers the last call */

byte made, came;      /* `next` of the caller, and of the callee */
bool open[MOST_LINES]; /* of the caller, by line */
bool mine[MOST_LINES]; /* of the callee */
byte answers;         /* taken */
bool bell[2], asleep[2];
byte expected[2];     /* what the load that is under way has to find */

bool request_slept_over; /* the callee sleeps, and a request is there */
bool answer_slept_over;  /* the caller sleeps, and an answer is there */
bool stands_still;       /* nothing happens any more, and not all calls are answered */
bool misread;            /* a payload that is not its call's */
bool overwritten;        /* one that is being read */

#define WRITTEN(l, v) \
    overwritten = before[CALLER].late == l || before[CALLEE].late == l; \
    assert(!overwritten)
#define CAME_LATE(c, v) \
    misread = v != expected[c]; \
    assert(!misread); \
    expected[c] = 0

#define NO_ACQUIRE(c)   (no_exchange || !ACQUIRES(changed) || before[c].exclusive != NOWHERE)
#define LOOKS_AT(c)     CONTROL((c == CALLEE -> came : made + lines - 1))
#define EARLY_FIRST(c)  (NO_ACQUIRE(c) -> LOOKS_AT(c) : NOWHERE)
#define EARLY_SECOND(c) (ACQUIRES(control_loaded) -> NOWHERE : PAYLOAD((c == CALLEE -> came : made + lines - 1)))

/* What is no access to memory. */
#define RINGS  3
#define SLEEPS 4
#define WAKES  5
#define SHOW_STATE \
    printf(" made %d came %d answers %d sleep %d %d", made, came, answers, memory[CALLER_SLEEPS], memory[CALLEE_SLEEPS]); \
    printf(" lines %d:%d %d:%d\n", memory[4], memory[2], memory[5], memory[3])

#include "memory.pml"

inline ring_bell(c)
{
    d_step { bell[1 - c] = true; SHOW(c, RINGS, 0, 0, 0, 0) }
}

inline sleep(c)
{
    d_step { asleep[c] = true; SHOW(c, SLEEPS, 0, 0, 0, 0) };
    if
    :: d_step { bell[c] -> bell[c] = false; asleep[c] = false; SHOW(c, WAKES, 0, 0, 0, 0) }
    fi
}

/* line_change, of one's own word */
inline set_own(c, word, value)
{
    if
    :: no_exchange -> store(c, word, value, flag_stored)
    :: else -> exchange(c, word, value, changed, x)
    fi
}

/* put */
inline put(c, call, turn, word)
{
    store(c, PAYLOAD(call), turn, relaxed);
    store(c, CONTROL(call), turn, control_stored);
    if
    :: no_exchange ->
        load(c, word, flag_loaded, x);
        if
        :: x == 1 -> store(c, word, 0, flag_stored)
        :: else
        fi
    :: else -> exchange(c, word, 0, changed, x)
    fi;
    if
    :: x == 1 -> ring_bell(c)
    :: else
    fi;
    x = 0
}

/* ---- caller */

#define IS_OPEN(call) (open[(call) % lines])
#define FIRST_CALL    (made >= lines -> made - lines : 0)

/* any_answer; ump_call_answer of what it finds is the same look: at one call after the other, `call` is the one */
inline look_for_answer()
{
    call = FIRST_CALL;
    do
    :: call == made -> break
    :: call < made && !IS_OPEN(call) -> call++
    :: call < made && IS_OPEN(call) ->
        load(CALLER, CONTROL(call), control_loaded, x);
        if
        :: x == ANSWER(call) -> break
        :: else -> call++
        fi
    od;
    x = 0
}

proctype caller()
{
    byte x, call;

    do
    :: answers == calls -> break
    :: made < calls && (!IS_OPEN(made) || line_ignored) ->
        d_step { open[made % lines] = true; made++ };
        put(CALLER, made - 1, REQUEST(made - 1), CALLEE_SLEEPS)
    :: answers < calls && made > answers ->
        look_for_answer();
        if
        :: call < made ->
            atomic { before[CALLER].late == NOWHERE -> expected[CALLER] = ANSWER(call) };
            load_data(CALLER, PAYLOAD(call));
            d_step { open[call % lines] = false; answers++ }
        :: else ->
            set_own(CALLER, CALLER_SLEEPS, 1);
            if
            :: !caller_looks_once -> look_for_answer()
            :: else
            fi;
            if
            :: call < made -> set_own(CALLER, CALLER_SLEEPS, 0)
            :: else -> sleep(CALLER); set_own(CALLER, CALLER_SLEEPS, 0)
            fi
        fi;
        call = 0;
        x = 0
    od
}

/* ---- callee */

#define IS_REQUEST(x) (turn_ignored -> x != 0 : x == REQUEST(came))

proctype callee()
{
    byte x, call;

end_is_done:
    do
    :: (mine[0] || mine[1]) && !(keeps_last && came == calls) ->
        /* ump_call_reply, of any */
        if
        :: mine[0] -> call = 0
        :: mine[1] -> call = 1
        fi;
        mine[call] = false;
        /* the call that is in this line: the last one that came there */
        call = came - 1 - (came - 1 + lines - call) % lines;
        put(CALLEE, call, ANSWER(call), CALLER_SLEEPS);
        call = 0
    :: came < calls && (!mine[came % lines] || turn_ignored) ->
        /* ump_call_next */
        load(CALLEE, CONTROL(came), control_loaded, x);
        if
        :: IS_REQUEST(x) ->
            atomic { before[CALLEE].late == NOWHERE -> expected[CALLEE] = REQUEST(came) };
            load_data(CALLEE, PAYLOAD(came));
            d_step { mine[came % lines] = true; came++ }
        :: else ->
            if
            :: !mine[0] && !mine[1] ->
                set_own(CALLEE, CALLEE_SLEEPS, 1);
                x = 0;
                if
                :: !callee_looks_once -> load(CALLEE, CONTROL(came), control_loaded, x)
                :: else
                fi;
                if
                :: IS_REQUEST(x) -> set_own(CALLEE, CALLEE_SLEEPS, 0)
                :: else -> sleep(CALLEE); set_own(CALLEE, CALLEE_SLEEPS, 0)
                fi
            :: else
            fi
        fi;
        x = 0
    od
}

/* ---- when nothing can happen any more */

proctype judge()
{
    timeout;
    atomic {
        request_slept_over = asleep[CALLEE] && came < calls && memory[CONTROL(came)] == REQUEST(came);
        assert(!request_slept_over);
        answer_slept_over = asleep[CALLER] && made > 0 &&
                            ((IS_OPEN(made - 1) && memory[CONTROL(made - 1)] == ANSWER(made - 1)) ||
                             (made > 1 && lines > 1 && IS_OPEN(made - 2) && memory[CONTROL(made - 2)] == ANSWER(made - 2)));
        assert(!answer_slept_over);
        stands_still = answers != calls;
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
        SWITCH(calls);
        SWITCH(control_stored);
        SWITCH(control_loaded);
        SWITCH(changed);
        SWITCH(no_exchange);
        SWITCH(flag_stored);
        SWITCH(flag_loaded);
        SWITCH(caller_looks_once);
        SWITCH(callee_looks_once);
        SWITCH(line_ignored);
        SWITCH(turn_ignored);
        SWITCH(keeps_last)
    };
    atomic {
        run caller();
        run callee();
        run memory_of(CALLER);
        run memory_of(CALLEE);
        run judge()
    }
}
