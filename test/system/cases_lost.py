# SPDX-License-Identifier: GPL-2.0-or-later
"""cases_lost: system tests of nodes that lose everything: links, disk, power, or their own mind.

The lease is the only proof here, and beside each machine stands a watchdog (hardware.py) that resets
it. Each test is a function of a Pair that is not started yet; see cases.py.
"""
import contextlib
import os
import signal
import time

from cases import SERVICE, need, quiet, same
from hardware import all_cut
from lab import NODES, doubly_active, now, wait_for
from pair import ADDRESS, other
from probe import crm

TESTS = {}
TIMES = {'deadtime': '1s', 'takeover': '6s'}
# A start is seen by the witness a moment after it was decided.
SLACK = 0.05


def case(limit=120):
    def add(f):
        f.limit = limit
        TESTS[f.__name__] = f
        return f
    return add


def begin(pair, more='', **options):
    """Both nodes up, disk, lease and watchdog at work, the small service running: the node."""
    pair.use_lease(**dict(TIMES, **options))
    pair.start()
    node = serve(pair, more)
    wait_for('the watchdog of %s is armed' % node, lambda: pair.lab.dogs[node].seen('armed'), 20)
    return node


def serve(pair, more=''):
    """The small service, with a power switch only where one is sought as proof; the node it runs on."""
    text = crm(pair.lab, more)
    if 'fence' not in pair.options['guard']:
        text = '\n'.join(x for x in text.split('\n') if not x.startswith('primitive power'))
    pair.load(text)
    return pair.wait_where('tiny')


def first_start(pair, node, since, resource='ip', timeout=20):
    """When the node began to start it, after that moment, in seconds."""
    def found():
        with contextlib.suppress(FileNotFoundError), \
                open(pair.lab.top + '/witness.log', encoding='utf-8') as f:
            for line in f:
                at, name, rsc, action, what, _ = line.split()
                if int(at) / 1e9 > since and (name, rsc, action, what) == (node, resource, 'start', 'begin'):
                    return int(at) / 1e9
        return 0
    return wait_for('%s starts %s\n%s' % (node, resource, pair.logged(node)[-2000:]), found, timeout)


def bound(pair, node):
    """(not before, not after): seconds from the cut to the first start elsewhere."""
    t = pair.timing(node)
    # Its newest sign may be an interval older than the cut.
    return ((t['lease_dead_ms'] - t['beat_ms']) / 1e3 - SLACK, t['lease_sum_ms'] / 1e3 + 2)


def taken_in_time(pair, node, cut, limits):
    """The other took over, not before its bound and not long after. When."""
    at = first_start(pair, other(node), cut)
    need(limits[0] <= at - cut <= limits[1],
         'taken over after %.2f s, but %.2f s to %.2f s are right' % (at - cut, *limits))
    need('proof: lease' in pair.logged(other(node)), 'the lease is what proves it')
    pair.wait_where('tiny', other(node), seen_from=other(node))
    return at


def stop_machine(node, *names):
    """Those processes run no more, and do not know it; all of the machine when none is named."""
    for pid in node.pids(*names):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)


@case()
def lost_owner_stops(pair):
    """All links and the disk are cut from the owner: it stops its services before its date and lives;
    the other waits for the bound. Mended, the owner learns that it was taken over, and starts anew."""
    node = begin(pair, deadtime='3s', takeover='20s')
    limits = bound(pair, node)
    boots = pair.nodes[node].boots
    cut = all_cut(pair, disk_of=node)
    wait_for('it stops its services', lambda: not pair.nodes[node].pids('tinyserver'), 20)
    stopped = now()
    need(pair.nodes[node].is_on(), 'it need not be reset: ' + pair.logged(node)[-1000:])
    wait_for('its watchdog is stopped', lambda: pair.lab.dogs[node].seen('stopped', cut), 5)
    at = taken_in_time(pair, node, cut, limits)
    need(stopped < at, 'it stops before the other starts')
    same((pair.nodes[node].resets, pair.lab.dogs[node].seen('bite')), ([], []), 'resets')
    all_cut(pair, False, disk_of=node)
    wait_for('it resets itself', lambda: pair.nodes[node].resets, 20)
    need('was fenced' in pair.logged(node), 'and says why')
    pair.boot(node)
    pair.wait_together()
    quiet(pair, 1)
    same((pair.where('tiny'), pair.nodes[node].boots), (other(node), boots + 1), 'place, boots')


@case()
def lost_owner_hangs(pair):
    """The same, but a service does not stop: the owner resets itself before its date."""
    node = begin(pair, 'primitive slow ocf:lab:rascal params how=slow\ncolocation near inf: slow svc\n')
    pair.wait_where('slow', node)
    limits = bound(pair, node)
    cut = all_cut(pair, disk_of=node)
    wait_for('it resets itself', lambda: pair.nodes[node].resets, 20, 0.002)
    reset = pair.nodes[node].resets[0]
    need('resets itself' in pair.logged(node), 'and says so')
    same(pair.lab.dogs[node].seen('bite'), [], 'the watchdog was not needed')
    lease = pair.timing(other(node))['lease_ms'] / 1e3
    need(reset - cut < lease + SLACK, 'reset after %.2f s of a lease of %.2f s' % (reset - cut, lease))
    taken_in_time(pair, node, cut, limits)
    # It comes back while all is cut still: nothing proves to it that the other is dead.
    pair.nodes[node].power_on()
    all_cut(pair, disk_of=node)
    pair.daemon_start(node)
    wait_for('it says what it waits for', lambda: 'nothing is started here until' in
             pair.cli(node, 'status', check=False).stdout, 30, 0.2)
    time.sleep(limits[1])
    same(pair.nodes[node].pids('tinyserver'), [], 'the service without proof')
    all_cut(pair, False, disk_of=node)
    pair.wait_together()
    same(pair.where('tiny'), other(node), 'place')


@case()
def lost_machine_hangs(pair):
    """The same, but the whole machine hangs, keeper and services: the watchdog resets it in time."""
    node = begin(pair)
    limits = bound(pair, node)
    cut = all_cut(pair, disk_of=node)
    stop_machine(pair.nodes[node])
    bite = pair.lab.dogs[node].wait_bite(cut, 20)
    at = taken_in_time(pair, node, cut, limits)
    need(bite < at, 'reset %.2f s after the cut, taken over after %.2f s' % (bite - cut, at - cut))
    all_cut(pair, False, disk_of=node)
    pair.boot(node)
    pair.wait_together()
    quiet(pair, 1)
    same(pair.where('tiny'), other(node), 'place')


@case()
def lost_watchdog_broken(pair):
    """Negative control: with a watchdog that does not bite, both witnesses see the service run twice."""
    node = begin(pair)
    pair.lab.dogs[node].tell('broken')
    cut = all_cut(pair, disk_of=node)
    stop_machine(pair.nodes[node])
    first_start(pair, other(node), cut, 'tiny')
    for what in ('ip on', 'tiny on', 'the address ' + ADDRESS):
        wait_for('%s is seen to run twice' % what,
                 lambda what=what: what in ' '.join(doubly_active(pair.lab.top)), 10)
    same(pair.nodes[node].resets, [], 'resets')
    os.unlink(pair.lab.top + '/witness.log')
    for n in NODES:
        os.unlink('%s/log/%s.addresses' % (pair.lab.top, n))


@case()
def lost_daemon_hangs(pair):
    """Nothing is cut, but yoked hangs: its keeper feeds until the date, then lets the machine be reset."""
    node = begin(pair)
    limits = bound(pair, node)
    cut = now()
    stop_machine(pair.nodes[node], 'yoked')
    bite = pair.lab.dogs[node].wait_bite(cut, 20)
    at = taken_in_time(pair, node, cut, limits)
    need(bite < at, 'reset %.2f s after it hung, taken over after %.2f s' % (bite - cut, at - cut))
    pair.boot(node)
    pair.wait_together()
    same(pair.where('tiny'), other(node), 'place')


@case()
def lost_links_only(pair):
    """Networks and serial line are cut, the disk stays: for much longer than the bound nothing moves."""
    node = begin(pair, guard='lease, fence')
    cut = all_cut(pair)
    for n in NODES:
        wait_for(lambda n=n: 'the cut is noticed: %r' % pair.links(n), lambda n=n: pair.links(n) ==
                 {'lan': 'down', 'san': 'down', 'com': 'down', 'quorum': 'up'}, 20)
    quiet(pair, 2 * bound(pair, node)[1])
    need(pair.together(), 'both are members\n' + pair.describe())
    same((pair.lab.power.served, [n.resets for n in pair.nodes.values()]), ([], [[], []]), 'resets')
    need(not pair.lab.dogs[node].seen('stopped', cut), 'the watchdog is armed')
    all_cut(pair, False)
    pair.wait_links(20)


def alone(pair, starter):
    """Both lose power at once; one is started alone, and the other comes late."""
    node = begin(pair)
    late = other(starter(node))
    limits = bound(pair, node)
    pair.wait_idle()
    cut = now()
    pair.lab.off()
    pair.boot(other(late))
    at = first_start(pair, other(late), cut, timeout=30)
    need(at - cut >= limits[0], 'it waits for the lease of %s: %.2f s' % (late, at - cut))
    pair.wait_where('tiny', other(late))
    same(pair.lab.power.served, [], 'fencing')
    mark = time.monotonic_ns()
    pair.boot(late)
    pair.wait_together()
    quiet(pair, 2)
    same(pair.acts(mark, SERVICE), [], 'starts and stops')
    same(pair.where('tiny'), other(late), 'place')


@case()
def lost_power_idle_first(pair):
    """After a power cut of both the idle one starts alone, by the record on the disk; the owner late."""
    alone(pair, other)


@case()
def lost_power_owner_first(pair):
    """After a power cut of both the owner starts alone, by the record on the disk; the idle one late."""
    alone(pair, lambda node: node)


@case()
def lost_power_no_disk(pair):
    """The same with the disk out of reach: nothing is taken on a guess; with the disk back it starts."""
    node = begin(pair)
    limits = bound(pair, node)
    pair.lab.off()
    pair.quorum.cut(node)
    mark = time.monotonic_ns()
    pair.boot(node)
    wait_for('it says what it waits for', lambda: 'nothing is started here until' in
             pair.cli(node, 'status', check=False).stdout, 30, 0.2)
    time.sleep(limits[1])
    same(pair.acts(mark, SERVICE), [], 'starts without proof')
    pair.quorum.cut(node, False)
    pair.wait_where('tiny', node)


@case()
def lost_array(pair):
    """The disk array is gone for longer than the lease, networks up: nothing is reset, nothing moves."""
    node = begin(pair)
    mark = time.monotonic_ns()
    for n in NODES:
        pair.quorum.cut(n)
    for n in NODES:
        wait_for(lambda n=n: 'it is noticed: %r' % pair.links(n),
                 lambda n=n: pair.links(n).get('quorum') == 'down', 20)
    quiet(pair, 2 * bound(pair, node)[1])
    need(pair.together(), 'both are members\n' + pair.describe())
    for n in NODES:
        pair.quorum.cut(n, False)
    pair.wait_links(20)
    same((pair.acts(mark, SERVICE), [n.resets for n in pair.nodes.values()]), ([], [[], []]), 'resets')


@case()
def lost_array_alone(pair):
    """The same while the other is known to be stopped: the long lease carries the owner over it."""
    node = begin(pair)
    pair.nodes[other(node)].power_off()
    wait_for('it is known to be stopped', lambda: 'known to be stopped' in pair.logged(node), 30, 0.1)
    time.sleep(2)  # the long lease is told on the disk, then counts
    mark = time.monotonic_ns()
    pair.quorum.cut(node)
    quiet(pair, 2 * bound(pair, node)[1])
    pair.quorum.cut(node, False)
    pair.boot(other(node))
    pair.wait_together()
    same((pair.acts(mark, SERVICE), pair.nodes[node].resets), ([], []), 'starts, stops and resets')


@case()
def lost_paths_flap(pair):
    """Links and disk come and go, never all at once for long: nothing is reset, nothing moves."""
    node = begin(pair)
    mark = time.monotonic_ns()
    for _ in range(6):
        all_cut(pair, disk_of=node)
        time.sleep(0.3)
        pair.quorum.cut(node, False)
        time.sleep(0.7)
        all_cut(pair, False)
        pair.quorum.cut(node)
        time.sleep(0.7)
        pair.quorum.cut(node, False)
    pair.wait_links(20)
    same((pair.acts(mark, SERVICE), [n.resets for n in pair.nodes.values()]), ([], [[], []]), 'resets')
    need(pair.together(), 'both are members')
