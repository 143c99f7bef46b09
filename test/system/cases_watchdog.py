# SPDX-License-Identifier: GPL-2.0-or-later
"""cases_watchdog: system tests of lease and keeper: what a daemon or a keeper that dies makes of its
machine. The watchdog is a file (yoke-keeper plays it, and resets its node, the PID namespace), or,
where the keeper itself dies, the program resetter beside the machine (hardware.py).

Each test is a function of a Pair that is not started yet; see cases.py.
"""
import os
import signal
import time

import cases_lost
from cases import need, quiet, same
from hardware import DISK
from lab import NODES, now, wait_for
from pair import other
from probe import crm

TESTS = {}
DOG = '/var/lib/dog'
WATCHDOG = '[watchdog]\ndevice = %s\naccept-weak-watchdog = yes\n' % DOG


def case(limit=120):
    def add(f):
        f.limit = limit
        TESTS[f.__name__] = f
        return f
    return add


def begin(pair):
    """Both nodes up with a quorum disk and a watchdog, guard lease alone, the small service running."""
    pair.use_lease(deadtime='2s', takeover='20s')
    pair.options['more'] = DISK + WATCHDOG
    for n in NODES:
        pair.nodes[n].power_on()
        pair.nodes[n].run('sh', '-c', ': >' + DOG)
    pair.start()
    pair.load(crm(pair.lab, ''))
    node = pair.wait_where('tiny')
    wait_for('the watchdog of %s is armed' % node, lambda: state(pair, node) == 'armed', 20, 0.1)
    return node


def state(pair, node):
    """The word in RUN_DIR/feed, '' when there is none."""
    text = pair.nodes[node].run('sh', '-c', 'cat /run/yoke/feed 2>/dev/null || :').stdout.split()
    return text[0] if text else ''


@case()
def watchdog_daemon_killed(pair):
    """A daemon that is killed and started again finds its keeper: nobody is reset, nothing moves."""
    node = begin(pair)
    keepers = pair.nodes[node].pids('yoke-keeper')
    same(len(keepers), 1, 'keepers of ' + node)
    mark = time.monotonic_ns()
    pair.daemon_kill(node)
    pair.daemon_start(node)
    pair.wait_together()
    quiet(pair, 4)
    same(pair.nodes[node].pids('yoke-keeper'), keepers, 'the keeper is the same process')
    same(state(pair, node), 'armed', 'what it does')
    need(pair.nodes[node].is_on(), 'nobody is reset')
    same(pair.acts(mark, ['tiny']), [], 'starts and stops')
    # idle nodes keep theirs stopped, and so does this one when the service has gone
    same(state(pair, other(node)), 'idle', 'the watchdog of the idle node')
    pair.cli(node, 'resource', 'stop', 'svc')
    wait_for('it is stopped', lambda: state(pair, node) == 'idle', 20, 0.1)


def date(pair, node):
    """Until when it is fed, as RUN_DIR/feed had it at the last feeding, by the clock of now()."""
    raw = now() - time.clock_gettime(time.CLOCK_MONOTONIC_RAW)
    return int(pair.nodes[node].run('cat', '/run/yoke/feed').stdout.split()[2]) / 1e6 + raw


@case()
def watchdog_daemon_gone(pair):
    """A daemon that is killed and not started again: its keeper feeds until the date that it was given
    last, and no longer; the machine is reset before the other, by its own clock, takes over."""
    node = cases_lost.begin(pair)
    limits = cases_lost.bound(pair, node)
    lease = pair.timing(node)['lease_ms'] / 1e3
    keepers = pair.nodes[node].pids('yoke-keeper')
    cut = now()
    pair.daemon_kill(node)
    need(pair.nodes[node].pids('tinyserver'), 'the service runs on without the daemon')
    same(pair.nodes[node].pids('yoke-keeper'), keepers, 'the keeper is the same process')
    wait_for('its keeper lets the reset come', lambda: state(pair, node) == 'pending', 20, 0.002)
    until = date(pair, node)
    bite = pair.lab.dogs[node].wait_bite(cut, 20)
    fed = pair.lab.dogs[node].told[-1][2] / 1e9
    need(fed > cut, 'it was fed on without the daemon')
    need(until <= cut + lease and fed <= until + cases_lost.SLACK and bite > until,
         'fed until %.2f s, the date was %.2f s, reset %.2f s after the kill' % (fed - cut, until - cut, bite - cut))
    at = cases_lost.taken_in_time(pair, node, cut, limits)
    need(bite < at, 'reset %.2f s after the kill, taken over after %.2f s' % (bite - cut, at - cut))
    pair.boot(node)
    pair.wait_together()
    same(pair.where('tiny'), other(node), 'place')


@case()
def watchdog_daemon_late(pair):
    """A daemon that is started only after its keeper's date has passed finds a reset that is under way:
    it extends nothing and resets the machine at once, as nobody knows what runs there."""
    node = cases_lost.begin(pair)
    cut = now()
    pair.daemon_kill(node)
    wait_for('its keeper lets the reset come', lambda: state(pair, node) == 'pending', 20, 0.01)
    let_go = now()
    pair.daemon_start(node)
    wait_for('the machine is reset', lambda: pair.nodes[node].resets, 20, 0.002)
    reset = pair.nodes[node].resets[0]
    same(pair.lab.dogs[node].seen('armed', let_go), [], 'openings of the watchdog while its reset was due')
    need(reset - let_go < pair.timing(other(node))['watchdog_ms'] / 1e3 + cases_lost.SLACK,
         'reset %.2f s after it was fed no more' % (reset - let_go))
    need(not pair.acts(int(cut * 1e9)), 'nothing was started or stopped before')
    pair.boot(node)  # its new boot proves that the old one is over
    pair.wait_together()
    pair.wait_where('tiny')


@case()
def watchdog_reload(pair):
    """yoke cluster reload of the owner, again and again: one keeper all the time, that is fed by each
    new daemon; nobody is reset, nothing moves, and the lease stays proof."""
    node = cases_lost.begin(pair)
    keepers = pair.nodes[node].pids('yoke-keeper')
    mark, begun = time.monotonic_ns(), now()
    for _ in range(3):
        pair.cli(node, 'cluster', 'reload')
        pair.wait_together()
    told = date(pair, node)
    wait_for('the new daemon gives dates', lambda: date(pair, node) > told + 1, 20, 0.05)
    same(pair.nodes[node].pids('yoke-keeper'), keepers, 'the keeper is the same process')
    dog = pair.lab.dogs[node]
    same((dog.seen('stopped', begun), dog.seen('left', begun), dog.seen('bite')), ([], [], []),
         'what the watchdog saw')
    same(pair.acts(mark, ['ip', 'tiny']), [], 'starts and stops')
    cases_lost.taken_in_time(pair, node, pair.nodes[node].power_off(), cases_lost.bound(pair, other(node)))


@case()
def watchdog_keeper_killed(pair):
    """Its keeper is killed on the owner: nothing can feed the watchdog any more. The daemon says so and
    opens it no second time; the machine is reset one time-out later, before it is taken over."""
    node = cases_lost.begin(pair)
    timeout, limits = pair.timing(node)['watchdog_ms'] / 1e3, cases_lost.bound(pair, node)
    dog, at = pair.lab.dogs[node], now()
    for pid in pair.nodes[node].pids('yoke-keeper'):
        os.kill(pid, signal.SIGKILL)
    wait_for('the daemon says so', lambda: 'is about to be reset' in pair.logged(node), 5, 0.01)
    bite = dog.wait_bite(at, 20)
    need(bite - at < timeout + cases_lost.SLACK, 'reset %.2f s after the kill' % (bite - at))
    same(dog.seen('armed', at), [], 'openings of the watchdog while its reset was due')
    cases_lost.taken_in_time(pair, node, bite, limits)
    pair.boot(node)
    pair.wait_together()
    same(pair.where('tiny'), other(node), 'place')
    need(dog.seen('bite', bite) == [], 'one reset')


@case()
def watchdog_keeper_killed_idle(pair):
    """Its keeper is killed on the idle node: its watchdog is not armed; another keeper is started."""
    node = other(cases_lost.begin(pair))
    keepers = pair.nodes[node].pids('yoke-keeper')
    same(len(keepers), 1, 'keepers of ' + node)
    os.kill(keepers[0], signal.SIGKILL)
    wait_for('another keeper', lambda: [p for p in pair.nodes[node].pids('yoke-keeper') if p not in keepers], 10)
    wait_for('it is at work', lambda: state(pair, node) == 'idle', 10, 0.1)
    quiet(pair, 2 * pair.timing(node)['watchdog_ms'] / 1e3)
    same((pair.lab.dogs[node].seen('bite'), pair.nodes[node].resets), ([], []), 'resets')
    pair.cli(node, 'resource', 'move', 'svc', node, '--wait')
    wait_for('the new keeper arms it', lambda: state(pair, node) == 'armed', 10, 0.1)
