/* Which bridge a room lives on, in a cluster: that it never has two homes, whatever is cut, killed, paused or slow, and that it has
 * one again soon after its bridge died. `make model` checks it by spin; docs/scale.md says what the rules are for.
 *
 * One room. A bridge that serves it renews a row in the database; another may take the row over only where the holder is proven
 * dead, or has not renewed for longer than it may go on without the database. Time passes in ticks: in each, every bridge that
 * runs takes a step, in any order; a paused one takes none and sends nothing either, and looks at the clock when it wakes.
 */

#define BRIDGES 2
#define NOBODY 255

#ifndef GRACE
#define GRACE 2            /* ticks for which a holder goes on without the database */
#endif
#ifndef PATIENCE
#define PATIENCE (GRACE + 2) /* ticks for which a taker must have seen no renewal, itself */
#endif
#ifndef FAULTS
#define FAULTS 5
#endif
#define LAST (PATIENCE + 2)

/* The database's row. */
byte home = NOBODY;
byte instance;             /* of the bridge that took it */
byte epoch;
byte renewals;             /* counts, modulo; never a time of day */
bool databaseUp = true;

/* Bridges. */
bool running[BRIDGES] = true;
bool paused[BRIDGES];
bool reaches[BRIDGES] = true;      /* the database */
bool seesPeer = true;              /* bridges each other */
byte me[BRIDGES];                  /* which of its lives a bridge is in */
bool serves[BRIDGES];
byte servesEpoch[BRIDGES];
byte unrenewed[BRIDGES];           /* ticks since the last renewal that came through */
byte seenRenewals[BRIDGES];
byte seenEpoch[BRIDGES];
byte unchanged[BRIDGES];           /* ticks of contact without a renewal of the holder's */
bool stepped[BRIDGES];
byte faults;

/* What is checked. */
byte unserved;                     /* ticks without a home while one bridge could be it */
byte disturbed;                    /* ticks since anything was cut, killed or paused */

#define isServing(b) (running[b] && !paused[b] && serves[b])
#define contact(b) (databaseUp && reaches[b])
/* A connection is refused, or answered by another life: only the holder's own machine can say so. */
#define provenDead(b) (seesPeer && home != NOBODY && home != b && (!running[home] || me[home] != instance))

inline forget(b) {
    serves[b] = false; servesEpoch[b] = 0; unrenewed[b] = 0; unchanged[b] = 0; seenEpoch[b] = NOBODY; seenRenewals[b] = 0
}

inline take(b) {
    epoch = (epoch + 1) % 4; home = b; instance = me[b]; renewals = (renewals + 1) % 4;
    serves[b] = true; servesEpoch[b] = epoch; unrenewed[b] = 0; unchanged[b] = 0
}

/* What a bridge does in a tick. */
inline step(b) {
    if
    :: serves[b] && unrenewed[b] >= GRACE -> forget(b)      /* too long without the database: before anything else */
    :: else
    fi;
    if
    :: contact(b) ->
        if
        :: serves[b] && home == b && epoch == servesEpoch[b] -> renewals = (renewals + 1) % 4; unrenewed[b] = 0
        :: serves[b] && !(home == b && epoch == servesEpoch[b]) -> forget(b)   /* stale: somebody has it */
        :: !serves[b] && home == NOBODY -> take(b)
        :: !serves[b] && home == b -> take(b)                                  /* its own, from before */
        :: !serves[b] && home != NOBODY && home != b ->
            if
            :: seenEpoch[b] == epoch && seenRenewals[b] == renewals -> if :: unchanged[b] < LAST -> unchanged[b]++ :: else fi
            :: else -> unchanged[b] = 0; seenEpoch[b] = epoch; seenRenewals[b] = renewals
            fi;
            if
            :: provenDead(b) || unchanged[b] >= PATIENCE -> take(b)
            :: else
            fi
        fi
    :: !contact(b) -> unchanged[b] = 0; seenEpoch[b] = NOBODY
    fi
}

#ifdef AGAIN
inline disturb() { faults++; disturbed = 0 }
#else
inline disturb() { faults++ }
#endif

/* What it saw before it slept says nothing of now. */
inline wake(b) {
    paused[b] = false; unchanged[b] = 0; seenEpoch[b] = NOBODY;
    if :: unrenewed[b] >= GRACE -> forget(b) :: else fi
}

active proctype world() {
    byte b;
    do
    /* Faults and their ends, at any time, in any order, FAULTS of them. */
    :: atomic { faults < FAULTS && databaseUp -> databaseUp = false; disturb() }
    :: atomic { faults < FAULTS && !databaseUp -> databaseUp = true; disturb() }
    :: atomic { faults < FAULTS && seesPeer -> seesPeer = false; disturb() }
    :: atomic { faults < FAULTS && !seesPeer -> seesPeer = true; disturb() }
    :: atomic { faults < FAULTS && reaches[0] -> reaches[0] = false; disturb() }
    :: atomic { faults < FAULTS && !reaches[0] -> reaches[0] = true; disturb() }
    :: atomic { faults < FAULTS && reaches[1] -> reaches[1] = false; disturb() }
    :: atomic { faults < FAULTS && !reaches[1] -> reaches[1] = true; disturb() }
    :: atomic { faults < FAULTS && running[0] -> running[0] = false; paused[0] = false; forget(0); disturb() }
    :: atomic { faults < FAULTS && !running[0] -> running[0] = true; me[0] = 1 - me[0]; disturb() }
    :: atomic { faults < FAULTS && running[1] -> running[1] = false; paused[1] = false; forget(1); disturb() }
    :: atomic { faults < FAULTS && !running[1] -> running[1] = true; me[1] = 1 - me[1]; disturb() }
    :: atomic { faults < FAULTS && running[0] && !paused[0] -> paused[0] = true; disturb() }
    :: atomic { faults < FAULTS && paused[0] -> wake(0); disturb() }
    :: atomic { faults < FAULTS && running[1] && !paused[1] -> paused[1] = true; disturb() }
    :: atomic { faults < FAULTS && paused[1] -> wake(1); disturb() }
    /* Steps. */
    :: atomic { running[0] && !paused[0] && !stepped[0] -> step(0); stepped[0] = true }
    :: atomic { running[1] && !paused[1] && !stepped[1] -> step(1); stepped[1] = true }
    /* A tick is over when every bridge that runs has taken its step. */
    :: atomic {
        (!running[0] || paused[0] || stepped[0]) && (!running[1] || paused[1] || stepped[1]) ->
        b = 0;
        do
        :: b < BRIDGES ->
            stepped[b] = false;
            if :: serves[b] && unrenewed[b] <= LAST -> unrenewed[b]++ :: else fi;
            b++
        :: else -> break
        od;
#ifdef AGAIN
        if :: disturbed < LAST + 1 -> disturbed++ :: else fi;
        if
        :: isServing(0) || isServing(1) -> unserved = 0
        :: !(isServing(0) || isServing(1)) && ((running[0] && !paused[0] && contact(0)) || (running[1] && !paused[1] && contact(1))) ->
            if :: unserved < LAST + 1 -> unserved++ :: else fi
        :: else -> unserved = 0
        fi;
#endif
        b = 0
      }
    od
}

#ifdef AGAIN
/* A home again, where one can be: within PATIENCE ticks and two of calm. */
ltl homeAgain { [] !(unserved > PATIENCE + 1 && disturbed > PATIENCE + 1) }
#else
/* Never two homes. */
ltl oneHome { [] !(isServing(0) && isServing(1)) }
#endif
