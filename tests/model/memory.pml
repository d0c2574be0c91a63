/* SPDX-License-Identifier: MIT */
/* Memory as cores see it: locations, and before each core what it has stored and others do not see yet. README.md
 * has the drawing. A model that includes this defines CORES, LOCATIONS, BUFFER (stores that a core may have waiting),
 *
 *    WRITTEN(l, v)        what the model wants to know, or assert, when v arrives in location l
 *    CAME_LATE(c, v)      a load of core c that was left behind has got v
 *    EARLY_FIRST(c), EARLY_SECOND(c)   locations that core c may load before its turn, or NOWHERE
 *    SHOW_STATE                        prints what stands behind each access in a trace
 *
 * and says for each access which order it asks for, as C does. What that means depends on `memory_kind`:
 *
 *    sc     every access takes place at once
 *    tso    x86: stores wait in line; a load looks there first; an exchange, and a sequentially consistent store, wait
 *           until the line is empty
 *    weak   aarch64: what waits arrives in any order, but for stores to one location, and for a release, before which
 *           all earlier accesses take place. A load may take place before its turn, as early as the last acquire
 *           before it, or be left behind, as long as the next release. An exchange is a pair of exclusive accesses:
 *           between the two, accesses behind it may take place.
 *           An acquire is LDAPR, which is all that C asks for: only what is seq_cst waits for the core's releases. */

#define relaxed 0
#define acquire 1
#define release 2
#define acq_rel 3
#define seq_cst 4

#define sc   0
#define tso  1
#define weak 2

#define ACQUIRES(o) (o == acquire || o == acq_rel || o == seq_cst)
#define RELEASES(o) (o == release || o == acq_rel || o == seq_cst)
#define NOWHERE     255

typedef front {
    byte count;          /* stores that wait, the oldest first */
    byte place[BUFFER];
    byte value[BUFFER];
    byte holds[BUFFER];  /* 0: nothing; 1: earlier stores go first; 2: a load that was left behind, too */
    byte early;          /* location that was loaded before its turn */
    byte early_value;
    byte late;           /* location whose load was left behind */
    byte exclusive       /* location between the halves of an exchange */
}

front before[CORES];
byte memory[LOCATIONS];
local byte memory_kind;

byte at, look; /* of steps that nothing interrupts */
byte found;

inline memory_begin()
{
    for (at : 0 .. CORES - 1) {
        before[at].early = NOWHERE;
        before[at].late = NOWHERE;
        before[at].exclusive = NOWHERE
    }
    at = 0
}

/* ---- the trace: a line for each access, in numbers that check.py puts into words */

#define LOAD     0
#define STORE    1
#define EXCHANGE 2
#define SHOW(c, what, l, v, o, got) \
    printf("@ %d %d %d %d %d %d", c, what, l, v, o, got); \
    SHOW_STATE

/* ---- inside steps */

/* v arrives in location l. */
#define ARRIVES(l, v) \
    memory[l] = v; \
    look = 0; \
    do \
    :: look < CORES -> \
        if \
        :: before[look].exclusive == l -> before[look].exclusive = NOWHERE \
        :: else \
        fi; \
        look++ \
    :: else -> break \
    od; \
    WRITTEN(l, v)

#define FORGET_EARLY(c) \
    before[c].early = NOWHERE; \
    before[c].early_value = 0

#define FORGET_EARLY_OF(c, l) \
    if \
    :: before[c].early == l -> FORGET_EARLY(c) \
    :: else \
    fi

/* found: what core c sees in location l without asking others, NOWHERE if it has to ask. */
#define OWN(c, l) \
    found = NOWHERE; \
    look = 0; \
    do \
    :: look < before[c].count -> \
        if \
        :: before[c].place[look] == l -> found = before[c].value[look] \
        :: else \
        fi; \
        look++ \
    :: else -> break \
    od

/* Store number n of core c arrives. */
#define ARRIVE(c, n) \
    at = before[c].place[n]; \
    found = before[c].value[n]; \
    look = n; \
    do \
    :: look + 1 < before[c].count -> \
        before[c].place[look] = before[c].place[look + 1]; \
        before[c].value[look] = before[c].value[look + 1]; \
        before[c].holds[look] = before[c].holds[look + 1]; \
        look++ \
    :: else -> break \
    od; \
    before[c].place[look] = 0; \
    before[c].value[look] = 0; \
    before[c].holds[look] = 0; \
    before[c].count--; \
    ARRIVES(at, found); \
    at = 0; \
    found = 0; \
    look = 0

#define PLACE(c, n) before[c].place[n]
#define MAY_ARRIVE_0(c) (before[c].count > 0 && before[c].holds[0] != 2)
#define MAY_PASS(c, n) (memory_kind == weak && before[c].count > n && before[c].holds[n] == 0)
#define MAY_ARRIVE_1(c) (MAY_PASS(c, 1) && PLACE(c, 1) != PLACE(c, 0))
#define MAY_ARRIVE_2(c) (MAY_PASS(c, 2) && PLACE(c, 2) != PLACE(c, 0) && PLACE(c, 2) != PLACE(c, 1))
#define MAY_ARRIVE_3(c) \
    (MAY_PASS(c, 3) && PLACE(c, 3) != PLACE(c, 0) && PLACE(c, 3) != PLACE(c, 1) && PLACE(c, 3) != PLACE(c, 2))

#define IS_RELEASE(c, n) (before[c].count > n && before[c].holds[n] != 0)
#define NO_RELEASE_WAITS(c) (!IS_RELEASE(c, 0) && !IS_RELEASE(c, 1) && !IS_RELEASE(c, 2) && !IS_RELEASE(c, 3))

#define NOT_OWN(c, n, l) (before[c].count <= n || PLACE(c, n) != l)
#define NONE_OWN(c, l)   (NOT_OWN(c, 0, l) && NOT_OWN(c, 1, l) && NOT_OWN(c, 2, l) && NOT_OWN(c, 3, l))

#define MAY_BE_EARLY(c, l) (memory_kind == weak && before[c].early == NOWHERE && l != NOWHERE && NONE_OWN(c, l))
#define TAKE_EARLY(c, l) \
    before[c].early = l; \
    before[c].early_value = memory[l]

/* ---- what a model's cores do. `found` is not theirs: each has variables for what it got. */

inline store(c, l, v, o)
{
    if
    :: d_step { memory_kind == sc -> ARRIVES(l, v); SHOW(c, STORE, l, v, o, 0); look = 0 }
    :: d_step {
        memory_kind != sc && before[c].count < BUFFER && before[c].late != l ->
        before[c].place[before[c].count] = l;
        before[c].value[before[c].count] = v;
        if
        :: RELEASES(o) -> before[c].holds[before[c].count] = (before[c].late == NOWHERE -> 1 : 2)
        :: else
        fi;
        before[c].count++;
        FORGET_EARLY_OF(c, l);
        SHOW(c, STORE, l, v, o, 0)
    }
    fi;
    if
    :: o == seq_cst && memory_kind == tso -> before[c].count == 0
    :: else
    fi
}

#define LOADED(c, l, o, got) \
    if \
    :: ACQUIRES(o) -> FORGET_EARLY(c) \
    :: else -> FORGET_EARLY_OF(c, l) \
    fi; \
    SHOW(c, LOAD, l, 0, o, got); \
    look = 0; \
    found = 0

inline load(c, l, o, got)
{
    if
    :: d_step {
        memory_kind != weak || o != seq_cst || NO_RELEASE_WAITS(c) ->
        OWN(c, l);
        got = (found == NOWHERE -> memory[l] : found);
        LOADED(c, l, o, got)
    }
    :: d_step { before[c].early == l && o != seq_cst -> got = before[c].early_value; LOADED(c, l, o, got) }
    fi
}

/* A load whose value nothing depends on but the data: it may be left behind. CAME_LATE gets the value in any case. */
inline load_data(c, l)
{
    if
    :: d_step { memory_kind != weak -> found = memory[l]; SHOW(c, LOAD, l, 0, relaxed, found); CAME_LATE(c, found); found = 0 }
    :: d_step { memory_kind == weak && before[c].late == NOWHERE -> before[c].late = l; FORGET_EARLY_OF(c, l) }
    :: d_step {
        memory_kind == weak && before[c].late == NOWHERE && before[c].early == l ->
        found = before[c].early_value;
        FORGET_EARLY(c);
        SHOW(c, LOAD, l, 0, relaxed, found);
        CAME_LATE(c, found);
        found = 0
    }
    fi
}

/* What is in l becomes v, whose bits are added to those of `kept` that are there: exchange is kept 0, fetch_or 255. */
inline change(c, l, kept, v, o, got)
{
    if
    :: d_step {
        memory_kind != weak && before[c].count == 0 ->
        got = memory[l];
        ARRIVES(l, ((got & kept) | v));
        SHOW(c, EXCHANGE, l, v, o, got);
        look = 0
    }
    :: memory_kind == weak ->
        do
        :: d_step {
            before[c].exclusive == NOWHERE && NONE_OWN(c, l) && (o != seq_cst || NO_RELEASE_WAITS(c)) ->
            got = memory[l];
            before[c].exclusive = l;
            if
            :: ACQUIRES(o) -> FORGET_EARLY(c)
            :: else -> FORGET_EARLY_OF(c, l)
            fi
        };
            if
            :: d_step {
                before[c].exclusive == l && (!RELEASES(o) || (before[c].count == 0 && before[c].late == NOWHERE)) ->
                before[c].exclusive = NOWHERE;
                ARRIVES(l, ((got & kept) | v));
                SHOW(c, EXCHANGE, l, v, o, got);
                look = 0
            };
                break
            :: before[c].exclusive != l /* somebody was quicker */
            fi
        od
    fi
}

#define exchange(c, l, v, o, got) change(c, l, 0, v, o, got)

/* What goes on in front of core c meanwhile. */
proctype memory_of(byte c)
{
end_all_is_told:
    do
    :: d_step { MAY_ARRIVE_0(c) -> ARRIVE(c, 0) }
    :: d_step { MAY_ARRIVE_1(c) -> ARRIVE(c, 1) }
    :: d_step { MAY_ARRIVE_2(c) -> ARRIVE(c, 2) }
    :: d_step { MAY_ARRIVE_3(c) -> ARRIVE(c, 3) }
    :: d_step {
        before[c].late != NOWHERE ->
        at = before[c].late;
        found = memory[at];
        before[c].late = NOWHERE;
        look = 0;
        do
        :: look < before[c].count ->
            if
            :: before[c].holds[look] == 2 -> before[c].holds[look] = 1
            :: else
            fi;
            look++
        :: else -> break
        od;
        SHOW(c, LOAD, at, 0, relaxed, found);
        CAME_LATE(c, found);
        at = 0;
        look = 0;
        found = 0
    }
    :: d_step { MAY_BE_EARLY(c, EARLY_FIRST(c)) -> TAKE_EARLY(c, EARLY_FIRST(c)) }
    :: d_step { MAY_BE_EARLY(c, EARLY_SECOND(c)) -> TAKE_EARLY(c, EARLY_SECOND(c)) }
    od
}
