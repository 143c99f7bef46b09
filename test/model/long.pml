/* SPDX-License-Identifier: GPL-2.0-or-later
 * long: while the peer is stopped, the owner counts a longer lease (schedules 13, 17).
 *
 * A runs the resource. B is off, boots whenever it likes, and has only A's beats and A's block on the
 * quorum disk, of which the newest says how long A's lease is. Ticks as in lease.pml, but the clocks
 * are equal and A's end is one number: the date and the watchdog time-out after it.
 *
 * Happy path: B is off, A says "long" in its block, and counts it when the block is written; B boots,
 * reads, waits by what it read; they hear each other, A says "short" and counts it at once. Property:
 * B takes over only when A is at its end. Each define of the table in run takes one rule away. */
#define SHORT 2
#define LONG 4
#define W 1
#define FREE 14 /* "no watchdog stands behind it": on the disk it counts for ever, and proves nothing */
#define EVER 99
#define TORN 0  /* what a block says that was cut off while it was written */
#define OLD 8 /* ages end here */
#define NONE 15
#ifndef SETTLE
#define SETTLE 2 /* a write that failed lands before this has passed, or never */
#endif
#define last (known + W)

/* Node A. */
byte end = 3;      /* ticks until A cannot write any more: SHORT + W */
byte says = SHORT; /* what it says of its lease */
byte wrote = NONE, wrote_says; /* a write that is under way: its age, what it says */
byte beat = NONE, beat_says;   /* a beat that is under way */
byte failed = NONE, failed_says; /* a write that failed, and may land yet: for so long it has */
byte settled = SETTLE;           /* ticks since a write failed last */
bool sure;                       /* the write under way began when nothing could land over it any more */
bool counts;                     /* such a one has landed since A says long */

/* The block on the disk. */
byte disk = OLD, disk_says = SHORT;
bool changed = 1;

/* Node B. */
bool on, taken;
byte known;         /* A's lease as the newest sign says; 0: no sign seen */
byte sign = OLD;  /* how old that sign is */
byte heard = OLD; /* the newest beat, to be echoed */
byte quiet;
byte reading;     /* 0 no, 1 as it was, 2 new or the first */
bool due, unchanged;

#ifdef REACH
#define CHECK assert(!taken)
#elif defined(REACH_LONG)
#define CHECK assert(!(on && end > SHORT + W && heard < OLD))
#else
#define CHECK assert(!(taken && end > 0))
#endif
#ifdef LANDS_AT_ANY_TIME
#define FOR_EVER 1
#else
#define FOR_EVER 0
#endif
#ifdef TORN_IS_UNCHANGED
#define torn_too 1
#else
#define torn_too 0
#endif
#ifdef UNSETTLED_COUNTS
#define settles 1
#else
#define settles (settled == SETTLE)
#endif
#define older(age) (age < OLD -> age + 1 : age)

inline tick() {
    printf("tick\n");
    end = (end == EVER -> EVER : (end > 0 -> end - 1 : 0));
    settled = (settled < SETTLE -> settled + 1 : settled);
    failed = (failed == NONE || FOR_EVER -> failed : (failed + 1 >= SETTLE -> NONE : failed + 1));
    wrote = older(wrote); beat = older(beat); disk = older(disk); sign = older(sign); heard = older(heard);
    quiet = (quiet < LONG + W -> quiet + 1 : quiet)
}

/* Until its end A's date goes on; after it nothing does. */
inline confirm(age, length) {
    if
    :: end > W && age < length && length - (age) + W > end -> end = length - (age) + W
    :: else
    fi
}

/* B sees a sign of this age that says this: the newer one counts, of two the longer. */
inline see(age, length) {
    if
    :: age < sign || known == 0 -> sign = age; known = length
    :: else -> known = (known > length -> known : length)
    fi;
    quiet = 0; unchanged = 0; due = 0
}

active proctype long_run() {
    do
    :: d_step { tick(); CHECK }
    :: d_step { end > W && beat != 0 && on -> beat = 0; beat_says = says; printf("A sends a beat: %d\n", says) }
    :: d_step { beat != NONE && on && !taken -> printf("B hears a beat %d old: %d\n", beat, beat_says);
           see(beat, beat_says); heard = (beat < heard -> beat : heard); beat = NONE }
#ifdef WATCHDOG_FAILS
    :: d_step { end > W && says != FREE -> says = FREE; counts = 0; printf("A's watchdog fails, and A says so\n") }
#endif
    :: d_step { on && heard < SHORT && end > W && !taken && says != FREE ->
           printf("A gets the echo of a beat %d old, and says short\n", heard); confirm(heard, SHORT);
#ifndef SHORT_COUNTS_LATER
           end = (end > SHORT + W -> SHORT + W : end);
#endif
           says = SHORT; heard = OLD; counts = 0 }
    :: d_step { !on && says == SHORT && end > W -> says = LONG; printf("A knows B to be stopped, and says long\n");
#ifdef LONG_AT_ONCE
           end = LONG + W
#endif
       }
    :: d_step { end > W && wrote == NONE -> wrote = 0; wrote_says = says; sure = settles; printf("A begins to write: %d\n", says) }
    :: d_step { wrote != NONE -> printf("A's block of %d ago lands: %d\n", wrote, wrote_says);
           disk = wrote; disk_says = wrote_says; changed = 1;
           if
           :: wrote_says == FREE && says == FREE && (sure || counts) -> counts = 1; end = (end > W -> EVER : end)
           :: wrote_says == LONG && says == LONG && (sure || counts) -> counts = 1; confirm(wrote, LONG)
           :: else -> confirm(wrote, SHORT)
           fi;
           wrote = NONE; sure = 0 }
    :: d_step { wrote != NONE -> printf("A's write fails\n");
#ifndef FAILED_IS_GONE
           if
           :: failed != NONE && failed_says == SHORT /* of two that may land, the worse */
           :: else -> failed_says = wrote_says
           fi;
           failed = 0; settled = 0;
#endif
#ifdef WRITES_ARE_TORN
           if
           :: disk_says = TORN; disk = OLD; changed = 1; printf("the block is torn\n")
           :: skip
           fi;
#endif
           wrote = NONE; sure = 0 }
    :: d_step { failed != NONE -> printf("a write that failed lands over a newer one: %d\n", failed_says);
           disk = OLD; disk_says = failed_says; changed = 1; failed = NONE }
    :: d_step { !on && !taken -> on = 1; quiet = 0; printf("B boots\n");
#ifdef FIRST_READING_IS_OLD
           known = SHORT; quiet = SHORT + W; changed = 0
#endif
       }
    :: d_step { on && !taken -> on = 0; known = 0; sign = OLD; heard = OLD; beat = NONE; quiet = 0; reading = 0; due = 0; unchanged = 0;
           changed = 1; printf("B loses power\n") }
    :: d_step { on && !taken && reading == 0 -> reading = (changed -> 2 : (disk_says == TORN && !torn_too -> 0 : 1)); changed = 0; due = (known > 0 && known != FREE && quiet >= last);
           printf("B begins to read\n");
           if
           :: reading == 2 && disk_says == TORN -> reading = 0; due = 0; printf("B has read: torn\n");
#ifdef TORN_IS_UNCHANGED
              quiet = 0; unchanged = 0 /* a sign of now; what A's lease is, B knows from before */
#endif
           :: reading == 2 && disk_says != TORN -> see(disk, disk_says); reading = 0; printf("B has read: %d\n", disk_says)
           :: else
           fi }
    :: d_step { reading == 1 && !taken -> unchanged = unchanged || due; reading = 0; due = 0; printf("B has read, nothing new\n") }
    :: d_step { on && !taken && known > 0 && known != FREE && quiet >= last && unchanged ->
           printf("B takes A's lease for run out and starts the resource\n"); taken = 1; CHECK }
    od
}
