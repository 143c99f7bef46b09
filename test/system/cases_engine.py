# SPDX-License-Identifier: GPL-2.0-or-later
"""cases_engine: system tests of yoked on three nodes, with corosync as its engine.

Each test is a function of a Pair that is not started yet; see cases.py. Those of ALWAYS run in ./check, the
others when they are named.
"""
import os
import signal
import time

import cases_lost
from cases import SERVICE, need, quiet, same
from cases_agent import heartbeat
from lab import now, wait_for
from probe import Probe

TESTS = {}
ALWAYS = ('engine_kill_one', 'engine_kill_two', 'engine_part_owner', 'engine_coordinator_dies',
          'engine_rolling_restart', 'engine_wire_lost', 'engine_configured_while_parted', 'engine_corosync_dies', 'engine_move')
# So many seconds after its cause anything that is going to happen, happens: deadtime, lease, watchdog.
SETTLED = 8


def case(limit=180, nodes=3, deadtime='2s'):
    """deadtime: more than the ring needs to settle, which Pair.start makes sure of."""
    def add(f):
        f.limit, f.nodes, f.deadtime = limit, nodes, deadtime
        TESTS[f.__name__] = f
        return f
    return add


def begin(pair, guard='fence', more=''):
    """All nodes up, corosync and yoked on each, the small service running; the node it runs on."""
    pair.use_ring()
    if 'lease' in guard:
        pair.use_lease(guard, takeover='20s')
    else:
        pair.options.update(guard=guard)
    pair.start()
    node = cases_lost.serve(pair, more)
    pair.wait_idle()
    return node


def whole_again(pair, timeout=60):
    """Who reset itself is booted, as its owner would: in the end all are members, of corosync as well, and
    nothing is pending."""
    def whole():
        for n in pair.names:
            if not pair.nodes[n].is_on():
                pair.boot(n)
        return pair.together()
    wait_for(lambda: 'all are members again\n' + pair.describe(), whole, timeout, 0.2)
    pair.ring.wait_members(pair.names)
    pair.wait_idle()


def coordinator(pair, seen_from):
    return wait_for('there is a coordinator', lambda: (pair.status(seen_from) or {}).get('coordinator'), 20, 0.1)


def taken_over(pair, node):
    """One of the others runs the service, as they both see it; which."""
    heir = wait_for('it runs on another node than ' + node,
                    lambda: next(iter({pair.where('tiny', pair.others(node)[0])} - {None, node}), None), 30, 0.1)
    pair.wait_where('tiny', heir, seen_from=pair.others(node)[1])
    return heir


def wait_stopped(pair, node, seen_from):
    """Its death is proven. Whoever boots a node before that may see it fenced while it starts."""
    def stopped():
        s = pair.status(seen_from)
        return s and any(x['name'] == node and x['life'] == 'stopped' for x in s['nodes'])
    wait_for(lambda: '%s is known to be stopped\n%s' % (node, pair.describe()), stopped, 30, 0.1)


def nowhere(pair, nodes, seconds):
    """For so long none of those runs the service."""
    end = now() + seconds
    while now() < end:
        for n in nodes:
            same(pair.nodes[n].pids('tinyserver'), [], 'the service on ' + n)
        time.sleep(0.1)


def nothing_moved(pair, mark, node):
    same(pair.acts(mark, SERVICE), [], 'starts and stops')
    same((pair.where('tiny'), [x.resets for x in pair.nodes.values()]), (node, [[] for _ in pair.names]), 'place, resets')


@case()
def engine_forms(pair):
    """Three nodes: one coordinator, one configuration, one service; it moves by command to each of them."""
    begin(pair)
    same(len({pair.status(n)['coordinator'] for n in pair.names}), 1, 'coordinators')
    same(len({pair.cli(n, 'configure', 'show').stdout for n in pair.names}), 1, 'configurations')
    for n in pair.names:
        pair.cli('db1', 'resource', 'move', 'svc', n, '--wait')
        for seen_from in pair.names:
            pair.wait_where('tiny', n, seen_from=seen_from)
    pair.wait_idle()
    quiet(pair, 1)


@case()
def engine_kill_one(pair):
    """The node that serves is killed, then the coordinator: one of the others serves; they come back, and
    nothing moves."""
    node = begin(pair)
    probe = Probe(pair.lab)
    probe.wait_first()
    for victim in (node, None):
        victim = victim or coordinator(pair, node)
        at = pair.nodes[victim].power_off()
        pair.wait_together(names=pair.others(victim))
        if victim == node:
            node = taken_over(pair, victim)
            probe.wait_gap(at, node)
            same([x[1] for x in pair.lab.power.served if x[0] > at], [victim], 'fenced')
        need(coordinator(pair, node) != victim, 'another coordinator')
        pair.wait_where('tiny', node, seen_from=node)
        wait_stopped(pair, victim, node)
        mark = time.monotonic_ns()
        pair.boot(victim)
        pair.wait_together()
        quiet(pair, 2)
        same((pair.where('tiny'), pair.acts(mark, SERVICE)), (node, []), 'place, starts and stops')
    probe.close()


@case()
def engine_wire_lost(pair):
    """One of corosync's two links to a node is cut: nothing moves, no membership changes, both ends say which
    one it is, and say so when it is back."""
    node = begin(pair)
    idle = pair.others(node)[0]
    before = {n: pair.ring.memberships(n) for n in pair.names}

    def state(seen_from, peer):
        s = pair.status(seen_from) or {'links': []}
        return [(x['name'], x['state']) for x in s['links'] if x['type'] == 'knet' and x['peer'] == peer]

    up = [('knet0', 'up'), ('knet1', 'up')]
    wait_for('all wires are up: %r' % state(node, idle), lambda: state(node, idle) == state(idle, node) == up, 20, 0.1)
    mark = time.monotonic_ns()
    pair.lab.part([[idle]], nets=[1])
    for here, there in ((node, idle), (idle, node)):
        wait_for('%s says that link 1 to %s is down' % (here, there), lambda here=here, there=there:
                 "corosync's link 1 to %s is down" % there in pair.logged(here), 20, 0.1)
        same(state(here, there), [('knet0', 'up'), ('knet1', 'down')], 'wires')
        need('knet1' in pair.cli(here, 'status').stdout, 'status names it')
    pair.lab.heal()
    for here, there in ((node, idle), (idle, node)):
        wait_for('%s says that link 1 to %s is back' % (here, there), lambda here=here, there=there:
                 "corosync's link 1 to %s works again" % there in pair.logged(here), 20, 0.1)
    same(len([n for n in pair.names if "link 0" in pair.logged(n)]), 0, 'nodes that speak of link 0')
    same({n: pair.ring.memberships(n) for n in pair.names}, before, 'memberships')
    nothing_moved(pair, mark, node)


@case(limit=300, nodes=5, deadtime='3s')
def engine_five(pair):
    """Five nodes: the one that serves and another lose power at once; they come back. Then two are cut off from
    three, the one that serves among the two: the three serve, and in the end all five are members again."""
    node = begin(pair)
    victims = [node, pair.others(node)[0]]
    rest = pair.others(*victims)
    for n in victims:
        pair.nodes[n].power_off()
    pair.wait_together(names=rest)
    heir = wait_for('one of the three serves', lambda: next((n for n in rest if pair.where('tiny', n) == n), None), 40, 0.1)
    for n in victims:
        wait_stopped(pair, n, heir)
    mark = time.monotonic_ns()
    for n in victims:
        pair.boot(n)
    pair.wait_together(60)
    quiet(pair, 2)
    same((pair.where('tiny'), pair.acts(mark, SERVICE)), (heir, []), 'place, starts and stops')
    cut = [heir, victims[0]]
    three = pair.others(*cut)
    pair.lab.part([cut, three])
    wait_for('one of the three serves', lambda: next((n for n in three if pair.where('tiny', n) == n), None), 60, 0.1)
    pair.lab.heal()
    whole_again(pair, 90)


@case()
def engine_unguarded(pair):
    """guard = none: quorum is all the proof there is. The service of a killed node runs on one of the others."""
    node = begin(pair, 'none')
    pair.nodes[node].power_off()
    # Nobody knows that the dead one runs it no more: the status says both, but the processes tell.
    wait_for('one of the others serves', lambda: any(pair.nodes[n].pids('tinyserver') for n in pair.others(node)), 30)
    pair.boot(node)
    pair.wait_together()
    pair.wait_where('tiny')


def kill_two(pair, left):
    """All but that one are killed: without quorum it stops, and fences nobody."""
    for n in pair.others(left):
        pair.nodes[n].power_off()
    pair.ring.wait_members([left], False)
    wait_for('%s runs nothing without quorum' % left, lambda: not pair.nodes[left].pids('tinyserver'), 20)
    at = now()
    nowhere(pair, [left], SETTLED)
    same([x for x in pair.lab.power.served if x[0] > at], [], 'fencing without quorum')


def two_serve(pair, left, back, gone):
    """One of the killed is back: there is quorum, the third is proven to be stopped, one of the two serves."""
    pair.boot(back)
    pair.wait_together(names=[n for n in pair.names if n != gone])
    wait_stopped(pair, gone, left)
    for seen_from in (left, back):
        wait_for(lambda: 'one of the two serves\n' + pair.describe(),
                 lambda seen_from=seen_from: pair.where('tiny', seen_from) in (left, back), 30, 0.1)
    pair.boot(gone)
    pair.wait_together()
    pair.wait_idle()
    quiet(pair, 1)


@case()
def engine_kill_two(pair):
    """The two nodes that do not serve are killed: the third has no quorum, stops, and fences nobody; with one of
    them back there is quorum, and the service runs."""
    node = begin(pair)
    gone, back = pair.others(node)
    kill_two(pair, node)
    two_serve(pair, node, back, gone)


# Fails as yet where a node that has just booted becomes the coordinator: it has not met the owner, and waits for
# an operator, though a member of its view has met and lost it.
@case()
def engine_owner_stays_dead(pair):
    """The one that serves is killed with another, which comes back: the one that lived knows that it lost the
    owner, so the two have it fenced and serve, whichever of them decides."""
    node = begin(pair)
    back, left = pair.others(node)
    kill_two(pair, left)
    two_serve(pair, left, back, node)


@case()
def engine_part_idle(pair):
    """A node that does not serve is parted from the others: nothing moves, nor when it is back, though it may
    have to start anew, its lease being over; the same with each network alone, which parts nobody."""
    node = begin(pair, 'lease')
    lone = pair.others(node)[0]
    mark = time.monotonic_ns()
    for net in (0, 1):
        pair.lab.part([[lone]], nets=[net])
        quiet(pair, 4)
        need(pair.together(), 'one network is enough\n' + pair.describe())
        pair.lab.heal()
        pair.ring.wait_links()
    pair.lab.part([[lone]])
    pair.wait_together(names=pair.others(lone))
    pair.ring.wait_members([lone], False)
    quiet(pair, SETTLED)
    same(pair.nodes[lone].pids('tinyserver'), [], 'the service on the lone node')
    pair.lab.heal()
    whole_again(pair)
    quiet(pair, 2)
    same((pair.where('tiny'), pair.acts(mark, SERVICE)), (node, []), 'place, starts and stops')


@case(limit=240)
def engine_part_owner(pair):
    """The node that serves is parted, 2 + 1: without quorum its lease is not renewed, it stops before its date;
    only then the two others serve. Mended, it is a member again, and nothing moves."""
    node = begin(pair, 'lease')
    pair.lab.part([[node]])
    wait_for('it stops its services', lambda: not pair.nodes[node].pids('tinyserver'), 30)
    heir = taken_over(pair, node)
    mark = time.monotonic_ns()
    pair.lab.heal()
    whole_again(pair)
    same((pair.where('tiny'), pair.acts(mark, SERVICE)), (heir, []), 'place, starts and stops')


@case()
def engine_part_all(pair):
    """Every node is alone: nobody serves. Two find each other: one of them serves, the third is not needed."""
    node = begin(pair, 'lease')
    pair.lab.part([[n] for n in pair.names])
    wait_for('nobody serves', lambda: not any(x.pids('tinyserver') for x in pair.nodes.values()), 30)
    nowhere(pair, pair.names, SETTLED)
    two = pair.others(node)
    pair.lab.part([two, [node]])
    for n in two:
        if not pair.nodes[n].is_on():
            pair.boot(n)
    pair.wait_together(60, two)
    pair.wait_where('tiny', seen_from=two[0], timeout=60)
    pair.lab.heal()
    whole_again(pair)


@case()
def engine_coordinator_dies(pair):
    """The coordinator is killed while what it ordered is under way, on nodes that live: another goes on from
    there, and the resource ends up on one node, started once."""
    heartbeat()
    begin(pair, more='primitive late ocf:heartbeat:Delay params startdelay=2 stopdelay=2 mondelay=0 '
                     'op start timeout=60s op stop timeout=60s\n')
    dead = coordinator(pair, 'db1')
    source, target = pair.others(dead)
    for n in (source, target):
        pair.cli(n, 'resource', 'move', 'svc', source, check=False)
    pair.wait_where('late')
    pair.cli(source, 'resource', 'move', 'late', source, '--wait', check=False)
    pair.wait_where('late', source)
    pair.wait_idle()
    mark = time.monotonic_ns()
    pair.cli(target, 'resource', 'move', 'late', target)
    wait_for('it is being stopped', lambda: pair.acts(mark, ['late']), 20, 0.005)
    pair.nodes[dead].power_off()
    pair.wait_together(names=[source, target])
    place = pair.wait_where('late', timeout=60, seen_from=source)
    pair.wait_idle(60)
    starts = [a for a in pair.acts(mark, ['late']) if a.startswith('start')]
    same(starts, ['start late on ' + place], 'starts')


@case(limit=240, deadtime='5s')  # a daemon must be back within it, on a busy machine too
def engine_rolling_restart(pair):
    """yoked of each node in turn is started over in place, then killed and started: what runs is found again,
    nothing moves, and it is still watched."""
    node = begin(pair)
    pids, mark = pair.nodes[node].pids('tinyserver'), time.monotonic_ns()
    for n in pair.names:
        pair.cli(n, 'cluster', 'reload')
        pair.wait_together()
    for n in pair.names:
        pair.daemon_kill(n)
        pair.daemon_start(n)
        pair.wait_together()
    pair.wait_where('tiny', node)
    quiet(pair, 2)
    nothing_moved(pair, mark, node)
    same(pair.nodes[node].pids('tinyserver'), pids, 'processes of the service')
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    wait_for('a killed service is back', lambda: pair.nodes[node].pids('tinyserver'), 5)


@case()
def engine_leaves(pair):
    """yoked of the node that serves is stopped by command: its services are handed over, nobody is missed."""
    node = begin(pair)
    pair.cli(node, 'cluster', 'stop', check=False)
    wait_for('yoked has ended', lambda: pair.daemon_pid(node) is None, 30)
    heir = taken_over(pair, node)
    same(pair.ring.corosync_members(heir), (True, pair.names), 'corosync goes on')
    mark = time.monotonic_ns()
    pair.daemon_start(node)
    pair.wait_together()
    quiet(pair, 2)
    same((pair.where('tiny'), pair.acts(mark, SERVICE)), (heir, []), 'place, starts and stops')


@case()
def engine_configured_while_parted(pair):
    """A change is taken by the part that has quorum, and refused by the one that has not; mended, all have it."""
    node = begin(pair, 'lease')
    lone = pair.others(node)[0]
    pair.lab.part([[lone]])
    pair.wait_together(names=pair.others(lone))
    pair.ring.wait_members([lone], False)
    pair.cli(node, 'configure', 'primitive', 'extra', 'ocf:yoke:Dummy')
    r = pair.cli(lone, 'configure', 'primitive', 'other', 'ocf:yoke:Dummy', check=False)
    need(r.returncode != 0 and r.stderr, 'a change without quorum is refused: ' + r.stdout + r.stderr)
    pair.lab.heal()
    pair.wait_together()
    for n in pair.names:
        wait_for('the change reaches ' + n, lambda n=n: 'primitive extra' in pair.cli(n, 'configure', 'show').stdout, 10)
        need('primitive other' not in pair.cli(n, 'configure', 'show').stdout, 'what was refused is nowhere')
    same(len({pair.status(n)['version'] for n in pair.names}), 1, 'versions')


def corosync_fails(pair, fault, repair):
    """On an idle node nothing moves by it. On the one that serves, the others serve once that has stopped, or
    it goes on; in any case nowhere twice, which run checks, and all are members when it is repaired."""
    node = begin(pair, 'lease')
    idle, mark = pair.others(node)[0], time.monotonic_ns()
    fault(idle)
    pair.ring.wait_members(pair.others(idle))
    quiet(pair, SETTLED)
    repair(idle)
    whole_again(pair)
    same((pair.where('tiny'), pair.acts(mark, SERVICE)), (node, []), 'place, starts and stops')
    fault(node)
    pair.ring.wait_members(pair.others(node))
    pair.wait_where('tiny', timeout=60, seen_from=pair.others(node)[0])
    time.sleep(SETTLED)
    if pair.nodes[node].is_on():
        repair(node)
    whole_again(pair)
    place, mark = pair.wait_where('tiny'), time.monotonic_ns()
    quiet(pair, 2)
    same((pair.where('tiny'), pair.acts(mark, SERVICE)), (place, []), 'place, starts and stops')


@case(limit=240)
def engine_corosync_dies(pair):
    """corosync is killed and comes back, on a node that does not serve and on the one that does."""
    corosync_fails(pair, lambda n: pair.ring.corosync_kill(n), lambda n: pair.ring.corosync_start(n))


@case(limit=240)
def engine_corosync_frozen(pair):
    """corosync runs no more and does not know it, for longer than its ring waits; then it goes on."""
    corosync_fails(pair, lambda n: pair.ring.corosync_freeze(n), lambda n: pair.ring.corosync_thaw(n))


@case(limit=240)
def engine_daemon_frozen(pair):
    """yoked of the node that serves hangs while its corosync is well: its keeper lets the machine be reset, and
    only then the others serve."""
    node = begin(pair, 'lease')
    cut = now()
    cases_lost.stop_machine(pair.nodes[node], 'yoked')
    bite = pair.lab.dogs[node].wait_bite(cut, 30)
    heir = taken_over(pair, node)
    at = cases_lost.first_start(pair, heir, cut)
    need(bite < at, 'reset %.2f s after it hung, taken over after %.2f s' % (bite - cut, at - cut))
    pair.boot(node)
    pair.wait_together()
    quiet(pair, 2)
    same(pair.where('tiny'), heir, 'place')


def daemons_change(pair, first, between):
    """Everybody's daemon ends, services running; then the nodes are made ready for the other engine."""
    pair.cli(first, 'configure', 'property', 'maintenance-mode=true')
    for n in pair.names:
        pair.cli(n, 'cluster', 'stop', '--force')
        wait_for('yoked of %s ends' % n, lambda n=n: pair.daemon_pid(n) is None, 30, 0.05)
    between()
    pair.write_conf()
    if pair.ring:
        pair.ring.start()
    for n in pair.names:
        pair.daemon_start(n)
    pair.wait_together()
    pair.cli(first, 'configure', 'property', 'maintenance-mode=false')
    pair.wait_idle()


@case(limit=240, nodes=2)
def engine_move(pair):
    """yoked(8), Moving between the engines: from pair to corosync and back, and the service knows nothing of
    it. With either engine it is taken over afterwards."""
    pair.options.update(guard='none')
    pair.start()
    node = cases_lost.serve(pair)
    pair.wait_idle()
    before = dict(pair.options)
    mark = time.monotonic_ns()
    daemons_change(pair, node, pair.use_ring)
    same(pair.acts(mark, SERVICE), [], 'starts and stops')

    def back():
        for n in pair.names:
            pair.ring.corosync_stop(n)
        pair.ring = None
        pair.options.clear()
        pair.options.update(before)

    daemons_change(pair, node, back)
    same(pair.acts(mark, SERVICE), [], 'starts and stops')
    pair.nodes[node].power_off()
    pair.wait_where('tiny', pair.others(node)[0], seen_from=pair.others(node)[0])
