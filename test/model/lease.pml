/* SPDX-License-Identifier: GPL-2.0-or-later
 * lease: one lease, two ways to renew it, and a watchdog behind it.
 *
 * Node A runs a guarded resource, node B counts. Time is whole ticks; ages and dates are kept as
 * distances, so that the states are finite. Nothing says that a link is up: any frame may be lost or
 * late at any moment, which is every way in which links fail, one way or wholly. A's clock may be
 * slower than B's by one tick in SPACING + 1. Left out because it is worse for nobody but B: a beat
 * that B hears late (its echo may be late instead), a write whose landing A learns late.
 *
 * Happy path: A sends, B hears (and counts from then), B's echo or a completed disk write moves A's
 * date to the time of *sending* + L; the keeper feeds the watchdog to that date. Property: B runs the
 * resource only when A cannot write. Each define of the table in run takes one rule away or adds one
 * fault; without any it holds. */

#ifndef L
#define L 5 /* lease, ticks of A's clock */
#endif
#define W 4       /* watchdog time-out, ticks */
#define SPACING 3 /* A's clock loses one tick in this many and one */
#define DRIFT 2   /* what that can be over L */
#ifndef BOUND     /* B calls A dead so long after A's newest sign */
#define BOUND (L + W + DRIFT)
#endif
#define OLD L /* an age that renews nothing any more */
#define NONE 15


/* Node A. */
bool up = 1;
bool frozen;    /* the whole machine */
bool loaded;    /* it froze with its keeper between the look at the date and the ping */
bool acts = 1;  /* the daemon lives and is not stuck */
bool runs = 1;  /* the resource's processes live, and write if the machine goes */
bool owned = 1; /* A may start the resource again without asking anybody */
byte left = L;  /* ticks of A's clock to the date that core and keeper know */
byte since = SPACING;

/* Keeper and device. */
bool keeper = 1; /* holds the descriptor */
bool armed = 1;
byte wd = W; /* ticks until the device resets the machine */

/* What is under way. Ages are of A's clock, since A sent. */
byte heard = OLD;  /* the newest frame that B has and A has no echo of */
byte wrote = NONE; /* the disk write that is under way */
bool changed;      /* the block on the disk differs from B's last reading */

/* Node B. */
byte quiet;       /* ticks since the newest sign of A */
byte reading;     /* 0 no, 1 the block was as before, 2 it was new */
bool reading_due; /* this reading began when A's time was out */
bool unchanged;   /* such a reading ended and found nothing new */
bool taken;       /* B runs the resource */

/* A virtual watchdog and the guest's clocks stop with their machine; a hardware one does not, and
 * with -DSUSPEND the clock alone stops. */
#ifdef VIRTUAL
#define TIMER_STOPS frozen
#else
#define TIMER_STOPS 0
#endif
#if defined(VIRTUAL) || defined(SUSPEND)
#define CLOCK_STOPS frozen
#else
#define CLOCK_STOPS 0
#endif

#ifdef NO_DISK
#define LOOKED 1
#else
#define LOOKED unchanged
#endif
#define can_write (up && runs && !frozen)
#define can_act (up && acts && !frozen)

#ifdef REACH
#define CHECK assert(!taken)
#elif defined(REACH_ALIVE)
#define CHECK assert(!(taken && up && !armed))
#else
#define CHECK assert(!(taken && can_write))
#endif

/* Nothing of a machine that is off matters but what is on the disk or on its way there. */
inline power_off() {
    up = 0; runs = 0; owned = 0; frozen = 0; loaded = 0; left = 0; acts = 0; since = SPACING;
    keeper = 0; armed = 0; wd = 0; heard = OLD; wrote = (wrote == NONE -> NONE : OLD)
}

/* What is not stopped at the date is reset; what is stopped is no longer ours to start. */
inline look_at_date() {
    if
    :: can_act && left == 0 && runs -> printf("A resets itself: its date has passed\n"); power_off()
#ifndef LAPSED_OWNS
    :: can_act && left == 0 && !runs && owned -> owned = 0
#endif
    :: else
    fi
}

/* The keeper feeds to one tick before the date, then closes, which pings once more. If it comes so
 * late that the date has passed, any ping is one too many, also that of its own death: it resets. */
inline keeper_looks() {
    if
    :: up && !frozen && keeper && armed ->
        if
#ifdef NO_WATCHDOG
        :: wd = W
#elif defined(DAEMON_FEEDS)
        :: acts && left > 0 -> wd = W
#else
        :: left > 1 -> wd = W
        :: left == 1 ->
            printf("the keeper closes the device uncleanly, one tick before the date\n"); wd = W; keeper = 0
#ifndef KEEPER_WAITS
        :: left == 0 -> printf("the keeper comes after the date and resets A\n"); power_off()
#endif
#endif
        :: else
        fi
    :: else
    fi
}

inline confirm(age) {
    if
    :: owned && age < L && L - (age) > left -> left = L - (age)
    :: else
    fi
}

#define older(age) (age < OLD -> age + 1 : age)

inline tick(a) {
    printf("tick\n"); /* the words of a trail are numbered by these */
    since = (a -> (since < SPACING -> since + 1 : SPACING) : 0);
    quiet = (quiet < BOUND -> quiet + 1 : BOUND);
    if
    :: !a || CLOCK_STOPS
    :: else ->
        left = (left > 0 -> left - 1 : 0);
        heard = older(heard);
        wrote = older(wrote)
    fi;
    if
    :: armed && !TIMER_STOPS ->
        wd--;
        if
        :: wd == 0 -> printf("the watchdog resets A\n"); power_off()
        :: else
        fi
    :: else
    fi;
    keeper_looks();
    look_at_date()
}

active proctype guard_run() {
    do
    :: d_step { tick(1); CHECK }
    :: d_step { up && since == SPACING -> tick(0); CHECK }

    /* Frames. */
    :: d_step { can_act && !taken && (heard > 0 || quiet > 0) -> printf("B hears a beat of A\n");
           heard = 0; quiet = 0; unchanged = 0; reading_due = 0 }
    :: d_step { can_act && !taken && heard < OLD ->
           printf("A gets the echo of a beat that it sent %d ago\n", heard);
#ifdef DATE_FROM_RECEIPT
           confirm(0);
#else
           confirm(heard);
#endif
           heard = OLD }
#ifdef HEARING_RENEWS
    :: d_step { can_act && !taken && left < L -> printf("A hears B, without an echo\n"); confirm(0) }
#endif

#ifndef NO_DISK
    /* The quorum disk: what is read and written at once, and what hangs on the way. */
    :: d_step { can_act && wrote == NONE -> printf("A begins to write its block\n"); wrote = 0 }
    :: d_step { wrote != NONE -> printf("A's block of %d ago lands\n", wrote);
           changed = 1;
           if
           :: can_act -> confirm(wrote)
           :: else
           fi;
           wrote = NONE }
    :: d_step { wrote != NONE -> printf("A's write of %d ago fails, or lands and A does not learn it\n", wrote);
#ifdef FAILED_WRITE_COUNTS
           if
           :: can_act -> confirm(wrote)
           :: else
           fi;
#endif
           wrote = NONE }
    :: d_step { reading == 0 && !taken -> reading = (changed -> 2 : 1);
           printf("B begins to read, the block is %d (1 as it was, 2 new)\n", reading);
           changed = 0; reading_due = (quiet >= BOUND) }
    :: d_step { reading != 0 && !taken -> printf("B has read\n");
#ifdef READING_COUNTS_AT_END
           reading_due = (quiet >= BOUND);
#endif
           unchanged = (reading == 1 && (reading_due || unchanged));
           quiet = (reading == 2 -> 0 : quiet);
           reading = 0; reading_due = 0 }
    :: d_step { reading != 0 && !taken -> printf("B's reading fails\n");
           changed = (changed || reading == 2); reading = 0; reading_due = 0;
#ifdef UNREADABLE_IS_UNCHANGED
           unchanged = (quiet >= BOUND)
#endif
       }
#endif

    /* Faults of A. */
    :: d_step { can_act -> printf("A's daemon is killed or hangs\n"); acts = 0 }
#ifdef DAEMON_FEEDS
    :: d_step { up && !acts && !frozen && keeper && armed ->
           printf("A's daemon, which owns the device, is killed: the close pings\n");
           wd = W; keeper = 0 }
#else
    :: d_step { up && !frozen && keeper && armed ->
           printf("A's keeper is killed: the close pings\n"); wd = W; keeper = 0 }
#endif
    :: d_step { up && !acts && !frozen -> printf("A's daemon goes on, or is started again\n");
           acts = 1; look_at_date() }
    :: d_step { up && !frozen -> printf("A freezes\n"); frozen = 1 }
    :: d_step { up && !frozen && keeper && armed && left > 1 ->
           printf("A freezes, its keeper between look and ping\n"); frozen = 1; loaded = 1 }
    :: d_step { frozen -> printf("A goes on\n"); frozen = 0;
           wd = (loaded && armed -> W : wd);
           loaded = 0;
#if defined(SUSPEND) && !defined(SUSPEND_UNNOTICED)
           left = 0;
#endif
           CHECK;
#ifndef KILLED_AT_THAW
           if
           :: left == 0 -> keeper_looks()
           :: else
           fi;
#endif
           look_at_date() }
    :: d_step { up -> printf("A loses power\n"); power_off() }

    /* What A does with the resource. */
    :: d_step { can_act && runs && left > 0 -> printf("A has stopped the resource\n"); runs = 0 }
    :: d_step { can_act && !runs && armed && keeper ->
           printf("A disarms the watchdog, nothing runs\n"); armed = 0; wd = 0 }
    :: d_step { can_act && !runs && owned && left > 0 && keeper ->
           printf("A starts the resource that it owns\n");
           wd = (armed -> wd : W); armed = 1; runs = 1; CHECK }

    /* What B does. */
    :: d_step { !taken && quiet >= BOUND && LOOKED -> printf("B takes A's lease for run out and starts the resource\n");
           taken = 1; heard = OLD; reading = 0; reading_due = 0; unchanged = 0; CHECK }
    od
}
