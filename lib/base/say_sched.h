/* SPDX-License-Identifier: GPL-2.0-or-later
 * say_sched: why a resource is, or is not, where it is: sentences of the scheduler, 300-399.
 * Included with SAY_ROW(name, number, level, text) defined; no include guard on purpose. */
/* Wanted nowhere. */
SAY_ROW(WHY_ROLE, 300, NOTICE, "%1 is stopped: target-role is Stopped (yoke resource start %2)")
SAY_ROW(WHY_STOP_ALL, 301, NOTICE,
        "%1 is stopped: stop-all-resources is set "
        "(yoke configure property stop-all-resources=false)")
SAY_ROW(WHY_QUORUM, 302, WARN,
        "%1 is stopped: this part of the cluster has no quorum (no-quorum-policy)")
SAY_ROW(WHY_LAPSED, 305, ERROR,
        "%1 is stopped: this node's lease could not be renewed, because neither the other node nor "
        "a quorum disk confirms it; it goes on when one of them does")
SAY_ROW(WHY_FAIL_STOP, 303, ERROR,
        "%1 is stopped because it failed on %2: %3 (on-fail); "
        "when it is put right: yoke resource cleanup %1")
SAY_ROW(WHY_MULTIPLE_STOP, 304, ERROR,
        "%1 is stopped: it was active on several nodes, and multiple-active is stop_only")
/* Left alone. */
SAY_ROW(WHY_UNMANAGED, 310, NOTICE,
        "%1 is not managed: is-managed is false (yoke resource manage %2)")
SAY_ROW(WHY_MAINTENANCE, 311, NOTICE,
        "%1 is not managed: it is in maintenance (yoke resource maintenance %2 off)")
SAY_ROW(WHY_MAINTENANCE_NODE, 312, NOTICE,
        "%1 is not managed: %2 is in maintenance (yoke node ready %2)")
SAY_ROW(WHY_MAINTENANCE_ALL, 313, NOTICE,
        "%1 is not managed: maintenance-mode is set "
        "(yoke configure property maintenance-mode=false)")
SAY_ROW(WHY_FAIL_BLOCK, 314, ERROR,
        "%1 is left alone because it failed on %2: %3 (on-fail=block); "
        "when it is put right: yoke resource cleanup %1")
SAY_ROW(WHY_STUCK, 315, ERROR,
        "%1 could not be stopped on %2: %3; it waits until somebody stops it there, "
        "then: yoke resource cleanup %1")
SAY_ROW(WHY_MULTIPLE_BLOCK, 316, ERROR,
        "%1 is active on several nodes and left alone (multiple-active=block); "
        "stop it on all but one, then: yoke resource cleanup %1")
SAY_ROW(WHY_HALF_DEAD, 317, ERROR,
        "%1 is left alone: %2 says that it can run no commands "
        "(look after %2, or: yoke node fence %2)")
/* Not to be started now. */
SAY_ROW(WHY_UNCLEAN, 320, ERROR,
        "%1 waits: %2 is silent and not known to be stopped "
        "(make sure that it is off, then: yoke node confirm-dead %2)")
SAY_ROW(WHY_JOINING, 321, INFO, "%1 waits for the report of %2, which is joining")
SAY_ROW(WHY_FREEZE, 322, WARN,
        "%1 waits: this part of the cluster has no quorum (no-quorum-policy=freeze)")
SAY_ROW(WHY_BLIND, 323, ERROR,
        "%1 waits: %2, where it may run, can run no commands "
        "(look after %2, or: yoke node fence %2)")
SAY_ROW(WHY_FENCING, 324, ERROR, "%1 waits until %2, where it may still run, is fenced")
SAY_ROW(WHY_PROBING, 325, INFO, "%1 waits until it is known whether it runs on %2")
SAY_ROW(WHY_STOP_FENCING, 326, ERROR,
        "%1 could not be stopped on %2: %3; it waits until %2 is fenced")
/* Nowhere to run. */
SAY_ROW(WHY_BAN_RETRY, 330, ERROR,
        "%1 is stopped: it failed %3 times on %2, lastly: %4; retry in %5 s, "
        "or now: yoke resource cleanup %1")
SAY_ROW(WHY_BAN_COUNT, 331, ERROR,
        "%1 is stopped: it failed %3 times on %2, lastly: %4; "
        "when it is put right: yoke resource cleanup %1")
SAY_ROW(WHY_BAN_HARD, 332, ERROR,
        "%1 is stopped: it cannot run on %2: %3; when that is put right: yoke resource cleanup %1")
SAY_ROW(WHY_BAN_FATAL, 333, ERROR,
        "%1 is stopped: its configuration is wrong, as seen on %2: %3; "
        "when it is put right: yoke resource cleanup %1")
SAY_ROW(WHY_NOWHERE, 334, WARN,
        "%1 is stopped: no node that is there may run it (yoke resource scores)")
SAY_ROW(WHY_STANDBY, 335, NOTICE,
        "%1 is stopped: %2 is on standby, and no other node can run it (yoke node online %2)")
SAY_ROW(WHY_STANDBY_FAILED, 336, ERROR,
        "%1 is stopped: %2 is on standby because %3 failed there (on-fail=standby), and no other "
        "node can run it; when it is put right: yoke resource cleanup %3")
SAY_ROW(WHY_LEAVING, 337, NOTICE, "%1 is stopped: %2 is leaving, and no other node can run it")
SAY_ROW(WHY_NO_NODE, 338, ERROR, "%1 is stopped: no node is there that can run it")
/* Because of another resource. */
SAY_ROW(WHY_WAITS, 340, NOTICE, "%1 waits for %2, which does not run yet")
SAY_ROW(WHY_WAITS_FAILED, 341, ERROR, "%1 waits for %2, which failed on %3: %4")
SAY_ROW(WHY_WAITS_ROLE, 342, NOTICE,
        "%1 waits for %2, which is stopped: target-role is Stopped (yoke resource start %3)")
SAY_ROW(WHY_WAITS_UNMANAGED, 343, NOTICE, "%1 waits for %2, which is not managed and not running")
SAY_ROW(WHY_FROZEN, 344, ERROR, "%1 waits: it cannot be stopped before %2, which is left alone")
SAY_ROW(WHY_WAITS_FAULT, 345, NOTICE, "%1 waits until %2 is well again")
SAY_ROW(WHY_FROZEN_FENCING, 346, ERROR,
        "%1 waits: it cannot be stopped before %2, whose node is to be fenced")
SAY_ROW(WHY_COPY, 347, INFO, "%1 is for %2, which is not there")
SAY_ROW(WHY_UNFIT, 348, NOTICE,
        "%1: of no copy the agent says that it is fit to be promoted (yoke resource scores)")
SAY_ROW(WHY_HEARD, 349, INFO, "%1 waits until %2, which is being started, says how fit it is")
/* Being changed. */
SAY_ROW(WHY_START, 360, INFO, "%1 is being started on %2")
SAY_ROW(WHY_MOVE, 361, INFO, "%1 moves from %2 to %3, which scores higher (yoke resource scores)")
SAY_ROW(WHY_MOVE_ASKED, 362, INFO, "%1 moves from %2 to %3, as asked")
SAY_ROW(WHY_MOVE_STANDBY, 363, INFO, "%1 moves from %2, which is on standby, to %3")
SAY_ROW(WHY_MOVE_LEAVING, 364, INFO, "%1 moves from %2, which is leaving, to %3")
SAY_ROW(WHY_MOVE_FAILED, 365, WARN, "%1 moves from %2, where it failed (%4), to %3")
SAY_ROW(WHY_RESTART_FAILED, 366, WARN, "%1 failed on %2: %3; it is restarted there")
SAY_ROW(WHY_RESTART_OUTDATED, 367, INFO, "%1 is restarted on %2: its definition has changed")
SAY_ROW(WHY_RESTART_ASKED, 368, INFO, "%1 is restarted on %2, as asked")
SAY_ROW(WHY_RESTART_FIRST, 369, INFO, "%1 is restarted on %2, because %3, which it needs, is")
SAY_ROW(WHY_RESTART_MULTIPLE, 370, ERROR,
        "%1 was active on several nodes: it is stopped everywhere, then started on %2")
SAY_ROW(WHY_STOP_EXTRA, 371, WARN, "%1 is being stopped on %2: it is to run on %3 only")
SAY_ROW(WHY_RESTART_GONE, 372, WARN, "%1 is stopped, because %2, which it needs, does not run")
SAY_ROW(WHY_MOVE_WITH, 374, WARN, "%1 moves from %2 to %3 together with %4, which failed on %2")
SAY_ROW(WHY_STAYS, 373, NOTICE, "%1 stays on %2: it cannot run on %3 now (yoke resource scores)")
