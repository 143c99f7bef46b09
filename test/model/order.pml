/* SPDX-License-Identifier: GPL-2.0-or-later
 * order: a start that is late (schedule 12).
 *
 * A orders B to start the resource, B may freeze anywhere on the way, A loses B and would like the
 * resource back. The order carries a not-after date, counted from a beat that B itself sent; B's lease
 * is held and its watchdog armed before the start leaves the core; the shell looks at the date just
 * before exec. Ticks as in lease.pml.
 *
 * Happy path: order, armed, looked, started. Property: A runs the resource only when B cannot write.
 * Each define of the table in run takes one rule away. */
#define L 4
#define W 3
#define UNTIL 3 /* the order's date: so long after the beat that it answers; at most L */
#define BOUND (L + W + 1)
#define NONE 15

/* Node B, the target. */
bool up = 1, frozen, armed, keeper = 1, pending, looked, runs;
byte left, wd;
bool skipped;
/* Ages of B's clock. */
byte stamp;        /* the newest beat of B that A has heard */
byte order = NONE; /* the beat that the order under way, or in B's hand, answers */
bool in_hand;

/* Node A. */
byte quiet;
bool asked; /* it has ordered the start */
bool taken; /* it runs the resource */

#define can_write (up && runs && !frozen)
#define can_act (up && !frozen)
#ifdef VIRTUAL
#define STOPS frozen
#else
#define STOPS 0
#endif
#if defined(NO_DATE) || defined(NO_DATE_BUT_LEASE)
#define IN_TIME 1
#else
#define IN_TIME (order <= UNTIL)
#endif
/* The lease that a start begins with counts from the beat that was answered, not from the start. */
#ifdef NO_DATE
#define LEASE_LEFT L
#else
#define LEASE_LEFT (order < L -> L - order : 0)
#endif
#ifdef REACH
#define CHECK assert(!runs)
#elif defined(REACH_BACK)
#define CHECK assert(!(taken && asked))
#else
#define CHECK assert(!(taken && can_write))
#endif
#ifdef IDLE_BY_LAST_BEAT
#define MAY_TAKE (quiet > 1)
#else
#define MAY_TAKE (!asked || quiet >= BOUND)
#endif

#define older(age) (age <= L -> age + 1 : age)

inline power_off() {
    up = 0; frozen = 0; armed = 0; keeper = 0; pending = 0; looked = 0; runs = 0; left = 0; wd = 0; in_hand = 0
}

inline look_at_date() {
    if
    :: can_act && armed && left == 0 -> printf("B's date has passed: it resets itself\n"); power_off()
    :: else
    fi
}

inline tick(a) {
    printf("tick\n");
    quiet = (quiet < BOUND -> quiet + 1 : BOUND);
    skipped = !a;
    if
    :: !a || STOPS
    :: else ->
        left = (left > 0 -> left - 1 : 0);
        stamp = older(stamp);
        order = older(order)
    fi;
    if
    :: armed && !STOPS ->
        wd--;
        if
        :: wd == 0 -> printf("the watchdog resets B\n"); power_off()
        :: else
        fi
    :: else
    fi;
    if
    :: can_act && armed && keeper && left > 1 -> wd = W
    :: can_act && armed && keeper && left == 1 -> wd = W; keeper = 0
    :: else
    fi;
    look_at_date()
}

active proctype order_run() {
    do
    :: d_step { tick(1); CHECK }
    :: d_step { up && !skipped && left == L -> tick(0); CHECK }
    :: d_step { can_act && !taken && (quiet > 0 || stamp > 0) -> printf("A hears a beat of B\n"); quiet = 0; stamp = 0 }
    :: d_step { can_act && armed && keeper && stamp < L && L - stamp > left && !taken ->
           printf("B gets the echo of a beat that it sent %d ago\n", stamp); left = L - stamp }
    :: d_step { !taken && !asked && stamp <= L -> printf("A orders B to start\n"); asked = 1; order = stamp }
    :: d_step { can_act && order != NONE && !in_hand && !pending && !looked && !runs ->
           printf("B has the order in hand\n"); in_hand = 1 }
    :: d_step { in_hand && can_act && IN_TIME && LEASE_LEFT > 0 ->
           printf("B arms the watchdog and hands the start to its shell\n");
           in_hand = 0; pending = 1;
#ifndef START_BEFORE_LEASE
           armed = 1; keeper = 1; wd = W; left = LEASE_LEFT
#endif
       }
    :: d_step { in_hand && can_act && !IN_TIME -> printf("B drops the order, it is late\n"); in_hand = 0; order = NONE }
    :: d_step { pending && can_act && IN_TIME -> printf("B's shell looks at the date\n"); pending = 0; looked = 1 }
    :: d_step { pending && can_act && !IN_TIME -> printf("B's shell drops the start\n"); pending = 0; order = NONE }
    :: d_step { looked && can_act -> printf("B starts the resource\n"); looked = 0; order = NONE; runs = 1;
#ifdef START_BEFORE_LEASE
           armed = 1; keeper = 1; wd = W; left = L;
#endif
           CHECK }
    :: d_step { can_act -> printf("B freezes\n"); frozen = 1 }
    :: d_step { frozen -> printf("B goes on\n"); frozen = 0; CHECK; look_at_date() }
    :: d_step { up -> printf("B loses power\n"); power_off() }
    :: d_step { !taken && !(asked && quiet < 2) && MAY_TAKE ->
           printf("A takes the resource back and starts it\n"); taken = 1; CHECK }
    od
}
