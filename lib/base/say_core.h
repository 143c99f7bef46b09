/* SPDX-License-Identifier: GPL-2.0-or-later
 * say_core: what a node tells: links, peers, views, guard, resources, requests. Numbers 1-299.
 * Included with SAY_ROW(name, number, level, text) defined; no include guard on purpose. */

/* the node itself */
SAY_ROW(STARTED, 1, NOTICE, "yoked starts on %1 (cluster %2, boot %3, start %4 of the daemon)")
SAY_ROW(STALLED, 2, WARN,
        "this machine did not let yoked run for %1 ms; the silence of others in that time does not "
        "count: look for overload, a paused virtual machine or a suspend")
SAY_ROW(KEEP_FAILED, 3, ALERT,
        "state cannot be written to disk (%1): nothing new is started until it can; free space or "
        "repair the disk that holds the state directory")
SAY_ROW(KEEP_WORKS, 4, NOTICE, "state can be written to disk again")
SAY_ROW(FENCED_SELF, 5, ALERT,
        "%1 says that this node was fenced (epoch %2) and its services were taken over: this node "
        "resets itself now")
SAY_ROW(LEFT, 6, NOTICE, "%1 has left the cluster: nothing runs here any more")
SAY_ROW(LEFT_EARLY, 7, NOTICE, "%1 leaves before it met anyone: nothing was started")
SAY_ROW(LEFT_RUNNING, 8, WARN,
        "%1 leaves while resources that nobody manages go on running here; the other node will "
        "treat this one as lost")
SAY_ROW(
    EXEC_FAILS, 9, ALERT,
    "%1 cannot start processes: nothing can be started, stopped or looked at here; free memory or "
    "processes, or look at the system disk")
SAY_ROW(EXEC_WORKS, 10, NOTICE, "%1 can start processes again")

SAY_ROW(LEFT_AWAY, 11, NOTICE,
        "%1 leaves while resources that nobody manages go on running here; the other node knows, "
        "and leaves them alone until this daemon is back")

SAY_ROW(UNSAFE, 13, WARN,
        "guard is none: when %1 falls silent its services are started here without any proof that "
        "it is stopped, and both may write the same data (UNSAFE); configure a fence device and "
        "[guard] use = fence")
SAY_ROW(STARTS_OVER, 12, NOTICE,
        "the daemon on %1 starts over in place; what runs here goes on running")

/* links */
SAY_ROW(LINK_UP, 20, NOTICE, "link %1 to %2 is up")
SAY_ROW(LINK_SILENT, 21, WARN,
        "link %1: nothing heard from %2 for %3 ms; check cable, address and whether %2 runs")
SAY_ROW(LINK_ONE_WAY, 22, WARN,
        "link %1 carries one way only: %2 is heard but does not hear us; check the cable's send "
        "line or the firewall on %2")
SAY_ROW(LINK_UNUSABLE, 23, WARN, "link %1 cannot be used here: %2")
SAY_ROW(LINK_WRONG_KEY, 24, ERROR,
        "link %1: frames with a wrong key are dropped; the key file must be the same on both nodes")
SAY_ROW(LINK_FOREIGN_CLUSTER, 25, ERROR,
        "link %1: frames of another cluster are dropped (ours is %2); give each cluster its own "
        "name, key and addresses")
SAY_ROW(LINK_SAME_ID, 26, ERROR,
        "link %1: another machine uses the id of this node (%2); give every node an id of its own "
        "in yoke.conf")
SAY_ROW(LINK_FOREIGN_NODE, 27, ERROR,
        "link %1: frames from or for a node that is not in yoke.conf are dropped; the file must be "
        "the same on all nodes of %2")
SAY_ROW(
    LINK_NOISE, 28, WARN,
    "link %1: %2 damaged frames so far; check the cable, its length and screening, and that both "
    "ends use the same baud rate")

/* peers and views */
SAY_ROW(PEER_UNMET, 40, INFO, "%1 was not heard yet")
SAY_ROW(PEER_MET, 41, NOTICE, "%1 is heard both ways: agreeing on a common view")
SAY_ROW(PEER_MEMBER, 42, NOTICE, "%1 is a member (epoch %2, coordinator %3)")
SAY_ROW(PEER_LOST, 43, ERROR, "%1 is lost: silent on all links for %2 s")
SAY_ROW(PEER_LOST_AGAIN, 44, WARN, "%1 fell silent again before it was a member (%2 s)")
SAY_ROW(PEER_RESTARTED, 45, NOTICE,
        "the daemon on %1 began anew: meeting it again, its services go on")
SAY_ROW(PEER_REBOOTED, 46, WARN, "%1 has booted anew: what it ran before is over")
SAY_ROW(PEER_INCOMPATIBLE, 47, ERROR,
        "%1 speaks version %2 of the protocol, this node speaks %3: bring both to neighbouring "
        "versions of yoke")
SAY_ROW(PEER_LEFT, 48, NOTICE, "%1 has left the cluster in good order")
SAY_ROW(PEER_STOPPED, 49, NOTICE, "%1 is known to be stopped (proof: %2)")
SAY_ROW(PEER_FENCED, 50, ERROR, "%1 was fenced")
SAY_ROW(PEER_TWIN, 51, ALERT,
        "two machines say that they are %1 (id %2), seen on link %3: only one is listened to; give "
        "each machine its own id and its own yoke.conf name")
SAY_ROW(VIEW_ALONE, 52, NOTICE, "%1 acts alone (epoch %2)")
SAY_ROW(PEER_AWAY, 54, NOTICE,
        "%1 has ended its daemon while nobody manages what runs there: its services are left alone "
        "until its daemon is back")
SAY_ROW(AWAY_OVER, 201, ALERT,
        "the daemon on %1 is not back in the time for which it asked that its services be left "
        "alone: from now on its silence counts as its death, and a fence device is used")
SAY_ROW(CMD_AWAY_RUNS, 202, ERROR,
        "the daemon on %1 was ended on purpose and its services run on: nothing was done; if you "
        "have seen that the machine is off, not only its daemon, type: yoke node confirm-dead %1 "
        "--force")
SAY_ROW(PEER_DEAF, 53, ERROR,
        "%1 is lost: it is still heard, but does not hear this node on any link; check this node's "
        "side of the links")

/* lease and watchdog */
SAY_ROW(LEASE_LAPSED, 56, ALERT,
        "the lease of %1 ran out: nobody confirmed it in time; what is known of the other node "
        "counts no more")
SAY_ROW(LEASE_RESET, 57, ALERT,
        "the lease of %1 ends and not everything that needs it is stopped: this node resets itself")
SAY_ROW(WATCHDOG_WORKS, 58, NOTICE, "the watchdog works (%1, resets after %2 ms)")
SAY_ROW(WATCHDOG_FAILS, 59, ALERT,
        "the watchdog does not work (%1): the lease of this node is no proof for the other one, "
        "which takes over by another proof only; mend it: yoke watchdog")

/* guard */
SAY_ROW(GUARD_MEMBER, 70, INFO, "%1 is a member of the view: what it runs is known")
SAY_ROW(GUARD_JOINING, 71, INFO, "%1 is joining: waiting for its report of what it runs")
SAY_ROW(GUARD_STOPPED, 72, INFO, "%1 is known to be stopped (proof: %2)")
SAY_ROW(GUARD_UNCLEAN, 73, WARN,
        "%1 is silent on all links for %2 s and not known to be stopped: waiting for a fence "
        "device; if you have switched %1 off yourself, type: yoke node confirm-dead %1")
SAY_ROW(GUARD_UNMET, 74, WARN,
        "%1 was not met since this node booted and may be running: waiting for it; if it is "
        "switched off, type: yoke node confirm-dead %1")
SAY_ROW(GUARD_INCOMPATIBLE, 75, WARN,
        "%1 is heard but speaks another version and may run services: bring both nodes to "
        "neighbouring versions of yoke")
SAY_ROW(
    GUARD_NONE, 76, WARN,
    "%1 is silent for %2 s; guard is none: taking over without knowing that it is stopped (UNSAFE)")
SAY_ROW(GUARD_AWAY, 87, WARN,
        "the daemon on %1 was ended on purpose, with services running that nobody manages: they "
        "are left alone until it is back, or the time it asked for is over; if %1 is switched off, "
        "type: yoke node confirm-dead %1 --force")
SAY_ROW(GUARD_UNHEARD, 88, WARN,
        "%1 has not confirmed lately that it hears this node: nothing is started until it does")
SAY_ROW(GUARD_LEASE, 81, WARN,
        "%1 is silent on %2 since %3 s; its lease ends in %4 s: its services are taken over then")
SAY_ROW(GUARD_UNREAD, 82, WARN,
        "%1 is silent on %2 since %3 s and its lease would have ended, but the quorum disk cannot "
        "be read here, which proves nothing: waiting for the disk; if you have switched %1 off "
        "yourself, type: yoke node confirm-dead %1")
SAY_ROW(GUARD_WEAK, 83, WARN,
        "%1 is silent on %2 since %3 s; its lease is no proof (watchdog: %4): waiting for a fence "
        "device; if you have switched %1 off yourself, type: yoke node confirm-dead %1; for next "
        "time have a hardware watchdog, or write accept-weak-watchdog = yes (WEAK)")
SAY_ROW(GUARD_LAPSED, 84, ERROR,
        "the lease of %1 could not be renewed: neither the other node nor a quorum disk confirms "
        "it, so the other node may have taken over; nothing is started here until one of them does")
SAY_ROW(GUARD_WATCHDOG, 85, ERROR,
        "the watchdog of %1 does not work (%2) and the quorum disk does not say so yet: nothing is "
        "started")
SAY_ROW(GUARD_RESET_DUE, 86, ERROR, "%1 is about to be reset by its watchdog: nothing is started")
SAY_ROW(GUARD_NO_VIEW, 77, INFO, "%1 is in no view yet: nothing is started")
SAY_ROW(GUARD_NOT_KEPT, 78, WARN, "the new epoch is not on disk yet: nothing is started")
SAY_ROW(GUARD_RUNS_THERE, 79, WARN, "%1 is not known to be stopped on %2")
SAY_ROW(START_REFUSED, 80, WARN, "start of %1 refused by the guard: %2")

/* reservation */
SAY_ROW(CLAIM_UNABLE, 60, ALERT,
        "the disks of %1 cannot be reserved as seen from %2 (%3): reservation proves nothing about "
        "%1, and another proof is needed to take it over; see yoke reservation")
SAY_ROW(CLAIM_FAILS, 61, ALERT,
        "the reservation of the disks of %1 does not work on %2 (%3): it is tried again; look at "
        "the disk array and its paths, and at yoke reservation")
SAY_ROW(CLAIM_STRANGER, 62, ALERT,
        "a disk of %1 has a key or a reservation of a stranger, as seen from %2 (%3): find out who "
        "uses this disk before anything is started on it; see yoke reservation")
SAY_ROW(CLAIM_WORKS, 63, NOTICE, "the disks of %1 can be reserved from %2")
SAY_ROW(CLAIM_TAKEN, 64, NOTICE,
        "the reservation of %1 was taken from %2, which can no longer write there")
SAY_ROW(CLAIM_STARTS, 65, WARN,
        "reservation of disk %1 preempted: %2 can no longer write to it; starting %3")
SAY_ROW(CLAIM_LOST, 66, ALERT,
        "%2 has taken away the reservation of %1: %3 runs nothing that needs it, and stands down "
        "until %2 is heard again")
SAY_ROW(CLAIM_RESET, 67, ALERT,
        "%2 has taken away the reservation of %1, and services still run on %3: this node resets "
        "itself")
SAY_ROW(GUARD_TAKEN, 68, WARN,
        "%1 is silent on all links for %3 s; reservation of %2 preempted: that is started here; "
        "what has no disk waits until %1 is known to be stopped; if you have switched %1 off "
        "yourself, type: yoke node confirm-dead %1")
SAY_ROW(GUARD_TAKING, 203, WARN,
        "%1 is silent on all links for %3 s: its key is being taken from the disks of %2; if you "
        "have switched %1 off yourself, type: yoke node confirm-dead %1")
SAY_ROW(GUARD_CLAIM_LOST, 69, WARN,
        "%1 holds the reservation of %2 and this node's key is not there: nothing is started here "
        "until %1 is heard again; if you have switched %1 off yourself, type: yoke node "
        "confirm-dead %1")
SAY_ROW(GUARD_UNHELD, 89, WARN, "the disks of %1 could not be reserved (%2): it is not started")
SAY_ROW(GUARD_UNTAKEN, 55, WARN,
        "%1 is known to be stopped, but its key could not be taken from the disks of %2 (%3): it "
        "is not started before that")

/* which proofs there would be */
SAY_ROW(PROOF_FENCE, 190, INFO, "a fence device reaches it: its word that %1 is off")
SAY_ROW(PROOF_FENCE_NONE, 191, WARN,
        "no fence device reaches %1: if its management board can switch it off, type: yoke "
        "configure primitive NAME stonith:AGENT ...")
SAY_ROW(PROOF_LEASE, 192, INFO,
        "the lease of %1 runs out, and its watchdog (%2) has reset it, %3 s after its last sign")
SAY_ROW(PROOF_LEASE_UNKNOWN, 193, INFO,
        "the lease of %1, when its beats have told of it: it must have a watchdog that counts")
SAY_ROW(PROOF_LEASE_WEAK, 194, WARN,
        "the lease of %1 is no proof (watchdog: %2): have a hardware watchdog there, or write "
        "accept-weak-watchdog = yes (WEAK)")
SAY_ROW(PROOF_LEASE_NONE, 195, WARN,
        "no lease: for one, have a quorum disk and a watchdog ([disk NAME] and [watchdog] in "
        "yoke.conf)")
SAY_ROW(
    PROOF_CLAIM, 188, INFO,
    "a reservation: the keys of %1 are taken from the disks of %2, first of all from those of %3")
SAY_ROW(
    WIRE_LOST, 241, WARN,
    "corosync's link %1 to %2 is down, another one carries on: look at its cable, its switch and "
    "its addresses (ring%1_addr in corosync.conf) before that one breaks as well")
SAY_ROW(WIRE_BACK, 242, NOTICE, "corosync's link %1 to %2 works again")
SAY_ROW(PROOF_CLAIM_QUORUM, 240, INFO,
        "a reservation: the nodes that have the quorum take the keys of %1 from the disks of %2")
SAY_ROW(PROOF_CLAIM_NONE, 189, WARN,
        "no reservation: no disk of a resource that is configured can be reserved by all nodes "
        "(SCSI-3 persistent reservations); see yoke reservation")
SAY_ROW(PROOF_NOTHING, 196, WARN,
        "nothing here can prove that %1 is stopped: if it falls silent, its services stay where "
        "they are until you type: yoke node confirm-dead %1")

/* fencing */
SAY_ROW(FENCE_BEGINS, 90, WARN, "fencing %1 with device %2, attempt %3")
SAY_ROW(FENCE_DONE, 91, NOTICE,
        "%1 was fenced by device %2 at attempt %3: switched off, and its status says so")
SAY_ROW(RESET_ASKED, 199, WARN,
        "no fence device reaches %1, so it was asked to reset itself: its services are taken over "
        "when it has booted anew, or its lease has run out; if you have switched it off yourself, "
        "type: yoke node confirm-dead %1")
SAY_ROW(RESET_OBEYED, 200, ALERT,
        "%2 asks %1 to reset itself, because something here can be neither stopped nor looked "
        "after: done at once")
SAY_ROW(FENCE_BESIDE, 198, WARN,
        "device %2 does not answer: the next level of fencing %1 is begun beside it")
SAY_ROW(FENCE_FAILED, 92, ERROR,
        "fencing %1 with device %2 failed (attempt %3: %4); it will be tried again; if %1 is "
        "switched off, type: yoke node confirm-dead %1")
SAY_ROW(FENCE_NO_DEVICE, 93, ERROR,
        "no fence device can reach %1: its services stay where they are; configure a stonith "
        "resource, or, if %1 is switched off, type: yoke node confirm-dead %1")
SAY_ROW(FENCE_WAITS, 94, WARN,
        "%1 runs what matters more, so this node waits %2 ms before it fences it "
        "(priority-fencing-delay)")

SAY_ROW(
    FENCE_WAITS_AUTO, 95, WARN,
    "%1 may be alive and cut off: its links fell silent one after the other, or there is one link "
    "only. As it runs services, "
    "this node waits %2 ms before it fences it, so that %1 can be first (another time: property "
    "priority-fencing-delay)")
SAY_ROW(FENCE_DELAYED, 96, WARN,
        "device %2 waits %3 ms before it fences %1 (pcmk_delay_base, pcmk_delay_max)")
SAY_ROW(
    FENCE_DONE_RESET, 97, NOTICE,
    "%1 was reset by device %2 at attempt %3: by the device's own reboot, as pcmk_reboot_action "
    "asks; nobody has seen it off")
SAY_ROW(FENCE_DONE_UNSEEN, 98, NOTICE,
        "%1 was fenced by device %2 at attempt %3: switched off on the word of the device")
SAY_ROW(FENCE_UNSEEN, 99, WARN,
        "device %2 says that it switched %1 off, and its status cannot be asked (%3): its word is "
        "taken")
SAY_ROW(FENCE_NOT_ON, 100, WARN,
        "%1 is off, and device %2 could not switch it on again (%3): switch it on by hand")
SAY_ROW(
    DEVICE_BROKEN, 101, ALERT,
    "fence device %1 does not work from %2 (%3): if the other node fails now, %2 may not be able "
    "to take over; look at its network, power and password, then type: yoke fence test %1")
SAY_ROW(DEVICE_WORKS, 102, NOTICE, "fence device %1 works from %2 again")

/* resources */
SAY_ROW(RSC_STARTED, 110, NOTICE, "%1 runs on %2")
SAY_ROW(RSC_STOPPED, 111, NOTICE, "%1 is stopped on %2")
SAY_ROW(RSC_PROMOTED, 204, NOTICE, "%1 is promoted on %2")
SAY_ROW(RSC_DEMOTED, 205, NOTICE, "%1 is demoted on %2")
SAY_ROW(RSC_FAILED, 112, ERROR, "%1: %2 failed on %3 (exit code %4) %5")
SAY_ROW(RSC_GONE, 113, WARN, "%1: %2; looking at it now")
SAY_ROW(PLAN_FAILED, 114, ALERT,
        "no plan can be made (%1): the configuration is too large for this daemon")

SAY_ROW(
    STOP_FORCED, 115, WARN,
    "%1 could not be stopped on %2 (exit code %3 %4): its agent is asked once more, to stop it by "
    "force")
SAY_ROW(
    STOP_KILLED, 116, ERROR,
    "%1 could not be stopped by force on %2 either (exit code %3 %4): its processes are killed, "
    "then it is looked at; if it is still there, the stop has failed")

/* configuration */
SAY_ROW(CIB_CHANGED, 130, NOTICE, "configuration %1 is in force (%2 resources)")
SAY_ROW(CIB_UNREADABLE, 131, ALERT,
        "the kept configuration cannot be read (%1): starting without one; the other node's copy "
        "is used when it is met")
SAY_ROW(CIB_LOST, 132, WARN,
        "two configurations grew apart: %2 is used, this node's own %1 was saved beside it in the "
        "state directory")
SAY_ROW(CIB_NOT_KEPT, 133, ERROR,
        "the configuration cannot be written to disk (%1): the change is not made")
SAY_ROW(CIB_NOT_KEPT_THERE, 134, ERROR,
        "%1 cannot keep the configuration (%2): the change is not made")

/* requests */
SAY_ROW(CMD_TAKEN, 150, NOTICE, "%1 asks for: %2 %3 %4")
SAY_ROW(
    CMD_BAD, 151, ERROR,
    "the request was not understood (%1: %2); command line and daemon may be of different versions")
SAY_ROW(CMD_BUSY, 152, ERROR,
        "another change is just being made, or a node is just joining: try again in a moment")
SAY_ROW(CMD_TOO_LONG, 153, ERROR, "the answer to %1 is too long")
SAY_ROW(CMD_NO_COORDINATOR, 154, ERROR,
        "this node is not in a view yet: try again in a moment, or see yoke status")
SAY_ROW(CMD_COORDINATOR_LOST, 155, ERROR,
        "%1 was lost while it worked on this request: the outcome is unknown, see yoke status")
SAY_ROW(CMD_CIB_FAULTS, 156, ERROR, "the configuration has errors: %1")
SAY_ROW(CMD_CIB_CHANGED, 157, ERROR,
        "the configuration was changed meanwhile (now %1): load it again and repeat the change")
SAY_ROW(CMD_CIB_NOT_KEPT, 158, ERROR,
        "the configuration could not be kept (%2): nothing was changed")
SAY_ROW(CMD_CIB_NO_LINK, 159, ERROR,
        "only a serial line is up and the configuration is too long for it: the change needs an IP "
        "link")
SAY_ROW(CMD_PART, 217, ERROR,
        "%1 is one part of a clone, and all its parts have one definition: name the clone, or the "
        "resource that it is of (yoke configure show)")
SAY_ROW(CMD_NO_RSC, 160, ERROR, "there is no resource %1: see yoke status")
SAY_ROW(CMD_STILL_NAMED, 161, ERROR,
        "%1 is still named by a group or a constraint: remove that first, or use --force")
SAY_ROW(CMD_NO_NODE, 162, ERROR, "there is no node %1 in yoke.conf")
SAY_ROW(CMD_NODE_NOT_THERE, 163, ERROR, "%1 is not a member now: nothing can be moved there")
SAY_ROW(CMD_NOT_SELF, 164, ERROR,
        "a node cannot fence itself: type it on the other node, or use yoke cluster stop")
SAY_ROW(CMD_NOT_FENCED, 165, ERROR, "%1 could not be fenced: see yoke status")
SAY_ROW(CMD_TYPE_NAME, 166, ERROR,
        "the node's name must be typed again to confirm that %1 is switched off")
SAY_ROW(CMD_STILL_HEARD, 167, ERROR, "%1 is still heard, so it is not dead: nothing was done")
SAY_ROW(
    CMD_UNMANAGED_RUNS, 168, ERROR,
    "%1 runs here and is not managed: stop it yourself first, or use --force to leave it running")
SAY_ROW(CMD_NO_DRY_RUN, 169, ERROR, "%1 cannot be tried out: nothing was done")
SAY_ROW(CMD_LEAVING, 180, ERROR, "%1 is leaving the cluster: nothing was done")
SAY_ROW(CMD_NOT_AGAIN, 181, ERROR,
        "yoke.conf, key or name of this node could not be used by a daemon that starts over, or "
        "changes what a running node cannot change: nothing was done; see the journal, and yoke "
        "config check")
SAY_ROW(CMD_TOO_MANY, 170, ERROR,
        "%1 requests wait already: end some of them, or try again in a moment")
SAY_ROW(CMD_NO_DEVICE, 171, ERROR,
        "%1 is no fence device that this node can use on another: see yoke fence list")
SAY_ROW(
    CMD_DISK_UNSEEN, 172, ERROR,
    "disk %1 could not be read lately, so it is not known whether %2 still writes to it: look at "
    "the disk first; if you have seen that %2 is off, type: yoke node confirm-dead %2 --force")
SAY_ROW(GAUGE_BEGINS, 210, WARN,
        "%1 feeds its watchdog no more: measured is how long it lives (its time-out: %3 s)")
SAY_ROW(GAUGE_ENDS, 211, NOTICE,
        "%1 was last heard %2 s after its watchdog was last fed (its time-out: %3 s): it was reset "
        "as promised")
SAY_ROW(
    GAUGE_FAILED, 212, ALERT,
    "%1 lives %2 s after its watchdog was last fed (its time-out: %3 s): its watchdog does not "
    "reset it, and its lease proves nothing any more; switch it off, and use another watchdog or "
    "a fence device")

/* ---- warnings of monitors -------------------------------------------------------------------- */

SAY_ROW(RSC_WARNED, 213, WARN, "%1 on %2 works, and needs somebody: %3")
SAY_ROW(RSC_WELL, 214, NOTICE, "%1 on %2 is well again")
SAY_ROW(NOTIFY_PRE_FAILED, 215, WARN,
        "%1: its agent failed (exit code %4) when it was told that %2 on %3 is about to begin: %5")
SAY_ROW(NOTIFY_POST_FAILED, 216, WARN,
        "%1: its agent failed (exit code %4) when it was told that %2 on %3 is done: %5")

/* ---- engine corosync --------------------------------------------------------------------------
 */

SAY_ROW(RING_GONE, 218, ERROR,
        "corosync is not there (%1): this node is in no group; is corosync.service running? yoke "
        "corosync check")
SAY_ROW(RING_THERE, 219, NOTICE, "corosync is there")
SAY_ROW(
    QUORUM_LOST, 220, ERROR,
    "this part of the cluster has no quorum: nothing is started here, and no-quorum-policy says "
    "what becomes of what runs")
SAY_ROW(QUORUM_HAVE, 221, NOTICE, "this part of the cluster has the quorum")
SAY_ROW(RING_VIEW, 222, NOTICE, "%1 act together (epoch %2, coordinator %3)")
SAY_ROW(RING_LEFT, 223, ERROR, "%1 is lost: corosync does not reach it any more")
SAY_ROW(RING_SILENT, 224, ERROR,
        "%1 is lost: its corosync is there, but its yoked has said nothing for %2 ms")
SAY_ROW(RING_APART, 225, ALERT,
        "%1 is lost to corosync but heard on %2: it is alive, so that its services are left alone; "
        "look at corosync and its network there (corosync-cfgtool -n)")
SAY_ROW(GUARD_NO_QUORUM, 226, WARN, "without a quorum nothing is started on %1")
SAY_ROW(GUARD_APART, 227, WARN,
        "%1 is lost to corosync but heard on another link: waiting until it says that nothing runs "
        "there; look at corosync and its network there (corosync-cfgtool -n)")
SAY_ROW(CMD_NO_QUORUM, 228, ERROR,
        "this part of the cluster has no quorum: nothing was done; see yoke status")
SAY_ROW(GUARD_LOST_RING, 229, WARN,
        "%1 is lost to corosync and not known to be stopped: waiting for a fence device or its "
        "lease; if you have switched %1 off yourself, type: yoke node confirm-dead %1")
SAY_ROW(
    QUORUM_FENCES, 230, ALERT,
    "this part of the cluster has lost the quorum and no-quorum-policy is fence: %1 resets itself "
    "now")
