# SPDX-License-Identifier: GPL-2.0-or-later
"""cases_watchdog: system tests of lease and keeper. The watchdog is a file: yoke-keeper plays it, and
resets its node (the PID namespace), which is what a watchdog of the kernel would do.

Each test is a function of a Pair that is not started yet; see cases.py.
"""
import time

from cases import need, quiet, same
from hardware import DISK
from lab import NODES, wait_for
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
