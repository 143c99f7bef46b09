/* SPDX-License-Identifier: GPL-2.0-or-later
 * reserve: SCSI-3 reservations as proof (schedules 3, 4, 5, 8, 9, 11).
 *
 * Two nodes, an arbiter disk (0) and two data disks (1, 2), each reserved "write exclusive, registrants
 * only": who is registered may write, who is not is refused. A command that the array has accepted is
 * done some time later, unless it is aborted. Paths fail and come back with what their host has
 * queued; machines freeze and go on, for any time and with no watchdog; no clocks at all.
 *
 * Happy path: node 0 owns the resource, both are registered; they part; who is first on the arbiter
 * takes the other's keys from the data disks, reads that they are gone, and runs the resource.
 * Property: what was taken over never writes again before it is readmitted, nothing without a disk
 * runs twice, and never does each node win something. Each define of the table in run takes one rule
 * away. That the owner is the *first* on the arbiter is a matter of time, and of the simulator. */
#define ARBITER 0

bool up[2] = 1, frozen[2];
bool runs[2];     /* processes live that write */
bool serves[2];   /* the address, which no disk holds */
bool key[6] = 1;  /* of node n on disk d: key[n * 3 + d] */
bool held[3] = 1; /* the disk is reserved */
bool accepted[2]; /* a write to disk 1 is in the array, not done yet */
bool queued[2];   /* one waits in the host for its path */
bool path[2] = 1; /* to disk 1 */
byte won[2];      /* disks from which this node took the other's key: bits */
bool lost[2];     /* it saw itself refused: it never registers before it is readmitted */
bool taken[2];    /* it took the other's services over */
bool parted;
bool gone;        /* node 0 has lost power, and is no member since */
bool clean;       /* node 0 said that it has stopped the resource */

#define K(n, d) key[(n) * 3 + (d)]
#define allowed(n) (!held[1] || K(n, 1))
#if defined(IDLE_KEY_STAYS) || defined(TAKES_WITHOUT_PREEMPT)
#define NOTICED 1
#else
#define NOTICED (!runs[1] || !K(0, 1))
#endif
#define acts(n) (up[n] && !frozen[n])
#ifdef REACH
#define CHECK assert(!(taken[1] && up[0] && frozen[0] && runs[0]))
#elif defined(REACH_CLEAN)
#define CHECK assert(!(clean && runs[1]))
#else
#define CHECK assert(!(serves[0] && up[0] && taken[1] && serves[1])); \
    assert(!(taken[1] && acts(0) && runs[0] && allowed(0))); \
    assert(!(clean && runs[1] && acts(0) && runs[0] && allowed(0))); \
    assert(!((won[0] & 6) && (won[1] & 6)))
#endif

inline power_off(n) {
    gone = (gone || n == 0); up[n] = 0; frozen[n] = 0; runs[n] = 0; serves[n] = 0; taken[n] = 0; queued[n] = 0; lost[n] = 0; path[n] = 1
}

inline preempt(n, d) {
    printf("node %d takes the other's key from disk %d\n", n, d);
    K(1 - n, d) = 0; held[d] = 1; won[n] = won[n] | (1 << d);
#ifndef PREEMPT_WITHOUT_ABORT
    accepted[1 - n] = (d == 1 -> 0 : accepted[1 - n])
#endif
}

proctype node(byte n) {
    byte o = 1 - n;
    do
    /* The world. */
    :: d_step { !parted -> parted = 1; printf("all links are cut\n") }
    :: d_step { acts(n) -> frozen[n] = 1; printf("node %d freezes\n", n) }
    :: d_step { frozen[n] -> frozen[n] = 0; printf("node %d goes on\n", n); CHECK }
    :: d_step { path[n] && up[n] -> path[n] = 0; printf("node %d loses its path to disk 1\n", n) }
    :: d_step { !path[n] && up[n] -> path[n] = 1;
#ifdef PATH_REGISTERS
           K(n, 1) = 1;
#endif
           printf("node %d has its path to disk 1 again\n", n); CHECK }
    :: d_step { up[n] -> printf("node %d loses power\n", n); power_off(n) }
    /* The machine's own start looks at the disks before our daemon does: fsck, LVM, mdadm. It takes
     * longer than its loss takes to be noticed. */
    :: d_step { !up[n] && n == 0 && won[0] == 0 && NOTICED -> up[0] = 1; runs[0] = 1;
           printf("node 0 boots, and repairs the file system before the daemon runs\n"); CHECK }
    :: d_step { n == 1 && acts(1) && clean && gone && K(1, 1) && K(0, 1) ->
           printf("node 1 takes the keys of the lost node 0 away, from which it has the resource\n");
           K(0, 0) = 0; K(0, 1) = 0; K(0, 2) = 0; accepted[0] = 0 }
#ifdef KEYS_ARE_LOST
    :: d_step { n == 0 && held[1] && parted -> held[1] = 0; K(0, 1) = 0; K(1, 1) = 0;
           printf("the array loses power, and with it keys and reservation\n"); CHECK }
#endif

    /* Writes: from the machine to the host's queue, to the array, to the disk. */
    :: d_step { acts(n) && runs[n] && !queued[n] -> queued[n] = 1 }
    :: d_step { acts(n) && queued[n] && path[n] && allowed(n) && !accepted[n] -> queued[n] = 0; accepted[n] = 1;
           printf("node %d: the array accepts a write\n", n) }
    :: d_step { acts(n) && queued[n] && path[n] && !allowed(n) -> queued[n] = 0; lost[n] = 1;
           printf("node %d: a write is refused\n", n) }
    :: d_step { accepted[n] -> accepted[n] = 0; printf("a write of node %d is done\n", n);
#ifndef REACH
           assert(!(taken[o] && n == 0));
           assert(!(clean && n == 0 && runs[1]))
#endif
       }

    /* The race: the arbiter first, and only its winner goes on. */
    :: d_step { acts(n) && parted && K(n, ARBITER) && K(o, ARBITER) -> preempt(n, ARBITER) }
#ifdef NO_ARBITER
    :: d_step { acts(n) && parted && K(n, 1 + n) && K(o, 1 + n) -> preempt(n, 1 + n); CHECK }
    :: d_step { acts(n) && parted && K(n, 2 - n) && K(o, 2 - n) -> preempt(n, 2 - n); CHECK }
#else
    :: d_step { acts(n) && (won[n] & 1) && K(n, 1) && K(o, 1) && K(n, ARBITER) && !(won[o] & 6) -> preempt(n, 1); CHECK }
    :: d_step { acts(n) && (won[n] & 1) && K(n, 2) && K(o, 2) && K(n, ARBITER) && !(won[o] & 6) -> preempt(n, 2); CHECK }
#endif
#ifdef LOSER_REGISTERS
    :: d_step { acts(n) && parted && !K(n, ARBITER) -> K(n, 0) = 1; K(n, 1) = 1; K(n, 2) = 1;
           printf("node %d registers again\n", n); CHECK }
#endif
    :: d_step { n == 1 && acts(1) && !taken[1] && !clean && won[1] == 7 && !K(0, 1) && !K(0, 2) ->
           printf("node 1 has read the keys, and runs the resource on its disks\n");
           taken[1] = 1; runs[1] = 1; CHECK }
#ifdef TAKES_WITHOUT_PREEMPT
    :: d_step { n == 1 && acts(1) && !taken[1] && !clean && !up[0] && parted ->
           printf("node 1 knows node 0 to be off, and takes over\n"); taken[1] = 1; runs[1] = 1; CHECK }
#else
    :: d_step { n == 1 && acts(1) && !taken[1] && !clean && !up[0] && parted && !K(0, 1) && !K(0, 2) ->
           printf("node 1 knows node 0 to be off, and takes over\n"); taken[1] = 1; runs[1] = 1; CHECK }
#endif
    /* What no disk holds waits for "stopped". */
#ifdef FENCED_IS_STOPPED
    :: d_step { n == 1 && acts(1) && taken[1] && !serves[1] ->
#else
    :: d_step { n == 1 && acts(1) && taken[1] && !serves[1] && !up[0] ->
#endif
           printf("node 1 runs the address\n"); serves[1] = 1; CHECK }
    :: d_step { acts(n) && lost[n] -> printf("node %d was refused, and resets itself\n", n); power_off(n) }

    /* A clean stop, and what it may count on. */
    :: d_step { n == 0 && acts(0) && runs[0] && !queued[0] && !accepted[0] && !parted && !clean ->
           printf("node 0 has stopped the resource, and says so\n"); runs[0] = 0; clean = 1 }
#ifdef LAZY_UNMOUNT
    :: d_step { n == 0 && acts(0) && runs[0] && !parted && !clean ->
           printf("node 0 has detached the file system, and calls that stopped\n"); clean = 1 }
#endif
    :: d_step { n == 1 && acts(1) && clean && !runs[1] && !parted && K(1, 1) && !(gone && K(0, 1)) ->
           printf("node 1 starts the resource\n"); runs[1] = 1; CHECK }
#ifdef HOLDER_UNREGISTERS
    :: d_step { n == 1 && acts(1) && taken[1] && held[1] -> runs[1] = 0; K(1, 1) = 0; held[1] = 0;
           printf("node 1 stops the resource and takes its own key away: the reservation ends\n"); CHECK }
#else
    :: d_step { n == 1 && acts(1) && taken[1] && runs[1] -> runs[1] = 0;
           printf("node 1 stops the resource, its key and the reservation stay\n") }
#endif
    od
}

init {
    atomic { runs[0] = 1; serves[0] = 1; run node(0); run node(1) }
}
