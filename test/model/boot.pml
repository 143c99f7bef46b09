/* SPDX-License-Identifier: GPL-2.0-or-later
 * boot: incarnations, goodbyes, the right to start alone, and proofs that come late (rule 5).
 *
 * Two nodes with one resource between them. No clocks: any message and any result may be late by any
 * time, and links are cut for as long as nobody meets. An incarnation is a boot of the machine; the
 * daemon may also end and begin anew within it. That a view forms is one step here: lib/core/view.c
 * and the simulator have its messages. Late orders are in order.pml.
 *
 * Happy path: both boot, meet, the coordinator starts the resource on one; that one dies, the other
 * finds a proof and takes over. Property: no two can write at once. Each define of the table in run
 * takes one rule away. */
#ifndef BOOTS
#define BOOTS 2 /* so many boots of each node */
#endif

/* What a node thinks of the other: not met since its daemon began; in a view; lost; stopped. */
#define UNMET 0
#define TOGETHER 1
#define LOST 2
#define STOPPED 3
#define EPOCHS 4

bool up[2];     /* the machine */
bool here[2];   /* its daemon, and it has not left */
bool runs[2];
bool owned[2];  /* it may start the resource again without asking */
bool access[2]; /* its key is on the disk: its writes are not refused */
byte boot[2];
byte think[2];  /* of the other, see above */
byte met[2];    /* the other's boot that this daemon met last; 0 none */
byte dead[2];   /* kept: the newest boot of the other that was taken over */
bool right[2];  /* kept: the right to start alone */
byte bye[2];    /* the other's boot whose goodbye this one has heard */
bool theirs[2]; /* as it was told: the other runs the resource */
byte epoch[2];  /* kept */

byte bye_sent[2]; /* a goodbye of this node that is under way */
byte seen_off[2]; /* the operator saw this boot of it off, and has not typed it yet */
byte shot[2];     /* the device turned this boot of it off, and has not said so yet */

#define can_write(n) (up[n] && runs[n] && access[n])
#define in_view(n) (think[n] == TOGETHER)
#ifdef REACH
#define CHECK assert(!(can_write(0) && think[0] == STOPPED && dead[0] == 1 && up[1] && boot[1] == 2))
#elif defined(REACH_RIGHT)
#define CHECK assert(!(think[1] == STOPPED && dead[1] == 0 && bye[1] == 0 && can_write(1)))
#else
#define CHECK assert(!(can_write(0) && can_write(1)))
#endif
/* The operator confirms a machine that is off; or one that is on, whose daemon has ended and left
 * nothing running; or one whose services go on, which nothing can mend. */
#ifdef CONFIRM_WHEN_DAEMON_GONE
#define looks_off(n) (!here[n] && !runs[n])
#elif defined(CONFIRM_WHEN_DAEMON_DEAD)
#define looks_off(n) (!here[n])
#else
#define looks_off(n) (!up[n])
#endif
#ifdef IDLE_HAS_RIGHT
#define idle_right 1
#else
#define idle_right 0
#endif
#ifdef FENCED_COMES_BACK
#define nobody_fenced 1
#else
#define nobody_fenced (dead[0] < boot[1] && dead[1] < boot[0])
#endif
#ifdef LOWEST_ID
#define DIRECTS_1 0
#else
#define DIRECTS_1 (epoch[1] > epoch[0] || (epoch[1] == epoch[0] && think[1] != UNMET && think[0] == UNMET))
#endif
/* Is a proof about boot b of the other still about whom we know? Who has met nobody has only the
 * operator's word for it, and it must be true when it is typed. */
#ifdef CONFIRM_LATE
#define word_is_true 1
#else
#if defined(CONFIRM_WHEN_DAEMON_GONE) || defined(CONFIRM_WHEN_DAEMON_DEAD)
#define word_is_true looks_off(j)
#else
#define word_is_true (met[i] > 0 || looks_off(j))
#endif
#endif
#ifdef PROOF_OF_ANY_BOOT
#define holds(b) (think[i] != TOGETHER)
#else
#define holds(b) (think[i] != TOGETHER && met[i] <= (b))
#endif

inline forget() {
    think[i] = UNMET; met[i] = 0; owned[i] = 0; theirs[i] = 0
}

inline power_off(n) {
    up[n] = 0; here[n] = 0; runs[n] = 0; think[n] = UNMET; met[n] = 0; owned[n] = 0; theirs[n] = 0;
#ifndef BYE_OUTLIVES_BOOT
    bye[n] = 0;
#endif
#ifndef RIGHT_OUTLIVES_BOOT
    right[n] = 0
#endif
}

inline proven(b) {
    think[i] = STOPPED; theirs[i] = 0; right[i] = 1; dead[i] = ((b) > dead[i] -> (b) : dead[i]);
    epoch[i] = (epoch[i] < EPOCHS -> epoch[i] + 1 : EPOCHS)
}

/* Node i and j form a view: the coordinator's word holds where the resource runs. */
inline meet(c, o) {
    printf("nodes %d and %d meet, %d coordinates\n", i, j, c);
    think[0] = TOGETHER; think[1] = TOGETHER; met[i] = boot[j]; met[j] = boot[i];
    access[0] = 1; access[1] = 1; right[0] = 0; right[1] = 0;
#ifndef GOODBYE_OF_BOOT
    bye_sent[0] = 0; bye_sent[1] = 0; /* a goodbye holds for one life of the daemon: one session */
#endif
    epoch[c] = (epoch[c] > epoch[o] -> epoch[c] : epoch[o]);
    epoch[c] = (epoch[c] < EPOCHS -> epoch[c] + 1 : EPOCHS);
    epoch[o] = epoch[c];
#ifdef COORDINATOR_REMEMBERS
    theirs[o] = runs[c]; /* what the other says is asked for when there is time */
#else
    theirs[o] = runs[c]; theirs[c] = runs[o];
#endif
    owned[0] = runs[0]; owned[1] = runs[1]
}

active [2] proctype node() {
    byte i = _pid, j = 1 - _pid;
    do
    /* Machine and daemon. */
    :: d_step { !up[i] && boot[i] < BOOTS -> up[i] = 1; here[i] = 1; boot[i]++;
           printf("node %d boots, boot %d\n", i, boot[i]) }
    :: d_step { up[i] -> printf("node %d loses power\n", i); power_off(i) }
    :: d_step { here[i] -> here[i] = 0; printf("node %d: its daemon dies\n", i); forget() }
    :: d_step { up[i] && !here[i] -> here[i] = 1; forget(); bye[i] = 0;
           printf("node %d: its daemon comes back in boot %d\n", i, boot[i]) }

    /* Leaving: the resource first, then the right, then the goodbye. Who leaves last keeps the right. */
    :: d_step { here[i] && !runs[i] && in_view(i) ->
           right[i] = 0; bye_sent[i] = boot[i]; here[i] = 0; forget(); printf("node %d says goodbye\n", i) }
    :: d_step { here[i] && !runs[i] && think[i] == STOPPED ->
           here[i] = 0; forget(); printf("node %d leaves, the last\n", i) }

    /* Meeting and losing. */
    :: d_step { i == 0 && here[0] && here[1] && !(in_view(0) && in_view(1)) && nobody_fenced ->
           if
           :: DIRECTS_1 -> meet(1, 0)
           :: else -> meet(0, 1)
           fi;
           CHECK }
    :: d_step { here[i] && in_view(i) -> think[i] = LOST; printf("node %d loses node %d\n", i, j) }
    :: d_step { up[i] && here[j] && dead[j] >= boot[i] && dead[j] > 0 ->
           printf("node %d is told that it was fenced, and resets itself\n", i); power_off(i) }

    /* Proofs. */
    :: d_step { bye_sent[j] > 0 && here[i] ->
           printf("node %d hears the goodbye of boot %d\n", i, bye_sent[j]);
           if
           :: met[i] == bye_sent[j] && think[i] != UNMET -> bye[i] = bye_sent[j]; think[i] = STOPPED; theirs[i] = 0; right[i] = 1
           :: else
           fi;
           bye_sent[j] = 0 }
    :: d_step { bye_sent[i] > 0 -> bye_sent[i] = 0; printf("a goodbye of node %d is lost\n", i) }
#ifdef BYE_OUTLIVES_BOOT
    :: d_step { here[i] && think[i] == UNMET && bye[i] > 0 -> think[i] = STOPPED;
           printf("node %d takes the kept goodbye for good\n", i) }
#endif
    /* Who finds nothing of its own running may have been confirmed dead, and taken over. */
    :: d_step { here[i] && think[i] == UNMET && right[i] && (runs[i] || idle_right) -> think[i] = STOPPED;
           printf("node %d has the right to start alone\n", i) }
    :: d_step { looks_off(j) && boot[j] > 0 && seen_off[j] == 0 -> seen_off[j] = boot[j];
           printf("the operator sees boot %d of node %d off\n", boot[j], j) }
    :: d_step { seen_off[j] > 0 && here[i] ->
           printf("node %d: the operator confirms boot %d of node %d\n", i, seen_off[j], j);
           if
           :: holds(seen_off[j]) && word_is_true -> proven(seen_off[j])
           :: else
           fi;
           seen_off[j] = 0 }
    :: d_step { here[i] && think[i] == LOST && up[j] && shot[j] == 0 ->
           shot[j] = boot[j]; printf("the device turns node %d off\n", j); power_off(j) }
    :: d_step { shot[j] > 0 && here[i] -> printf("node %d learns that boot %d was turned off\n", i, shot[j]);
           if
           :: holds(shot[j]) && met[i] > 0 -> proven(shot[j])
           :: else
           fi;
           shot[j] = 0 }
    :: d_step { shot[j] > 0 -> printf("what became of the shot at node %d is never said\n", j); shot[j] = 0 }
    /* Fenced from the disk: the other may live on, with all that it thinks. */
    :: d_step { here[i] && think[i] == LOST && access[i] ->
           printf("node %d takes the key of node %d from the disk\n", i, j); access[j] = 0; proven(met[i]) }

    /* The resource. */
    :: d_step { here[i] && runs[i] -> runs[i] = 0;
           printf("node %d stops the resource\n", i);
           if
           :: in_view(i) && in_view(j) && met[j] == boot[i] -> theirs[j] = 0; owned[i] = 0
           :: else
           fi }
    :: d_step { here[i] && !runs[i] && (think[i] == STOPPED || (think[i] == LOST && owned[i])) ->
           printf("node %d starts the resource, alone\n", i);
           access[i] = access[i] || think[i] == STOPPED; runs[i] = 1; owned[i] = 1; CHECK }
    :: d_step { here[i] && in_view(i) && in_view(j) && met[j] == boot[i] && met[i] == boot[j] && !runs[i] && !theirs[i] ->
           printf("node %d starts the resource, with leave of node %d\n", i, j);
           runs[i] = 1; owned[i] = 1; theirs[j] = 1; owned[j] = 0; CHECK }
    od
}
