/* SPDX-License-Identifier: MIT */
/* core/kernel/wakeup.c: cores that signal another one. Each writes something, and signals its channel; the core that is
 * signalled tells each channel to who waits for it, who then looks. Nothing that was written may stay unseen. */

#define TAKER 0 /* cores 1 and 2 signal */
#define CORES 3

#define LOCATIONS 7
#define BUFFER    4

#define PENDING 0
#define SUMMARY 1
#define UP      2
#define WORD(n) (3 + n)
#define DATA(c) (4 + c) /* what core c writes */

local byte signals; /* of each core */
local byte shape;   /* channels of cores 1 and 2: 0 two words, 1 one word, 2 one channel */

/* Orders. */
local byte changed;        /* of bits, summary and pending */
local byte pending_stored; /* pending := 0 */
local byte up_stored, up_loaded;

/* What may be wrong. */
local bool clears_late;    /* pending := 0 when all has been taken */
local bool summary_first;  /* before the bit */
local bool takes_first;    /* a core that comes up takes what is there, and takes interrupts then */

bool interrupt;  /* is to come */
byte seen[CORES]; /* of what the cores have written */

bool signal_lost; /* something stays unseen, and its signal is nowhere any more */
bool signal_left; /* it is still where it was left */

#define WRITTEN(l, v)   skip
#define CAME_LATE(c, v) skip
#define EARLY_FIRST(c) \
    (c == TAKER -> (!ACQUIRES(changed) || before[c].exclusive != NOWHERE -> DATA(1) : NOWHERE) \
                 : (up_loaded != seq_cst -> UP : NOWHERE))
#define EARLY_SECOND(c) \
    (c == TAKER && (!ACQUIRES(changed) || before[c].exclusive != NOWHERE) -> DATA(2) : NOWHERE)

/* What is no access to memory. */
#define INTERRUPTS 3
#define TAKES      4
#define SHOW_STATE \
    printf(" interrupt %d pending %d summary %d up %d words %d %d", interrupt, memory[PENDING], memory[SUMMARY], memory[UP], \
           memory[WORD(0)], memory[WORD(1)]); \
    printf(" data %d %d seen %d %d\n", memory[DATA(1)], memory[DATA(2)], seen[1], seen[2])

#include "memory.pml"

/* wakeup_signal */
proctype signaller(byte c)
{
    byte sent, got;
    byte word, its, sum; /* of the channel */

    d_step {
        word = WORD((shape == 0 && c == 2 -> 1 : 0));
        its = (shape == 1 && c == 2 -> 2 : 1);
        sum = (shape == 0 && c == 2 -> 2 : 1)
    };
    do
    :: sent == signals -> break
    :: else ->
        sent++;
        store(c, DATA(c), sent, relaxed);
        if
        :: summary_first -> change(c, SUMMARY, 255, sum, changed, got)
        :: else
        fi;
        change(c, word, 255, its, changed, got);
        if
        :: (got & its) != 0
        :: else ->
            if
            :: !summary_first -> change(c, SUMMARY, 255, sum, changed, got)
            :: else
            fi;
            exchange(c, PENDING, 1, changed, got);
            if
            :: got == 0 ->
                load(c, UP, up_loaded, got);
                if
                :: got == 1 -> d_step { interrupt = true; SHOW(c, INTERRUPTS, 0, 0, 0, 0) }
                :: else
                fi
            :: else
            fi
        fi;
        got = 0
    od
}

/* Who waits for the channel of core c looks at what it is about. */
inline tell(c)
{
    load(TAKER, DATA(c), relaxed, got);
    d_step { seen[c] = got; got = 0 }
}

/* take_word */
inline take_word(n)
{
    exchange(TAKER, WORD(n), 0, changed, bits);
    if
    :: shape == 0 ->
        if
        :: bits == 1 -> tell(n + 1)
        :: else
        fi
    :: else ->
        if
        :: shape == 2 && bits == 1 -> tell(1); tell(2)
        :: shape == 1 && (bits & 1) != 0 -> tell(1)
        :: else
        fi;
        if
        :: shape == 1 && (bits & 2) != 0 -> tell(2)
        :: else
        fi
    fi;
    bits = 0
}

/* wakeup_take */
inline take()
{
    if
    :: !clears_late -> store(TAKER, PENDING, 0, pending_stored)
    :: else
    fi;
    exchange(TAKER, SUMMARY, 0, changed, words);
    if
    :: (words & 1) != 0 -> take_word(0)
    :: else
    fi;
    if
    :: (words & 2) != 0 -> take_word(1)
    :: else
    fi;
    if
    :: clears_late -> store(TAKER, PENDING, 0, pending_stored)
    :: else
    fi;
    words = 0
}

proctype taker()
{
    byte words, bits, got;
    bool is_up;

    if
    :: takes_first -> is_up = false
    :: else -> store(TAKER, UP, 1, up_stored); is_up = true
    fi;
end_waits:
    do
    :: take();
        if
        :: !is_up -> store(TAKER, UP, 1, up_stored); is_up = true
        :: else
        fi;
end_sleeps:
        if
        :: d_step { interrupt -> interrupt = false; SHOW(TAKER, TAKES, 0, 0, 0, 0) }
        fi
    od
}

/* ---- when nothing can happen any more */

proctype judge()
{
    timeout;
    atomic {
        signal_left = (seen[1] != signals || seen[2] != signals) && (memory[WORD(0)] != 0 || memory[WORD(1)] != 0);
        assert(!signal_left);
        signal_lost = seen[1] != signals || seen[2] != signals;
        assert(!signal_lost)
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
        SWITCH(signals);
        SWITCH(shape);
        SWITCH(changed);
        SWITCH(pending_stored);
        SWITCH(up_stored);
        SWITCH(up_loaded);
        SWITCH(clears_late);
        SWITCH(summary_first);
        SWITCH(takes_first)
    };
    atomic {
        run taker();
        run signaller(1);
        run signaller(2);
        run memory_of(0);
        run memory_of(1);
        run memory_of(2);
        run judge()
    }
}
