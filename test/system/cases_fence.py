# SPDX-License-Identifier: GPL-2.0-or-later
"""cases_fence: system tests of fencing: levels, tests of devices, devices and resources that misbehave.

Each test is a function of a Pair that is not started yet; see cases.py.
"""
import os

from cases import SERVICE, need, quiet, same
from lab import wait_for
from pair import other
from probe import crm

TESTS = {}

# A fence agent that answers every action by one line of shell.
AGENT = """#!/bin/sh
while IFS= read -r line; do case $line in action=*) action=${line#*=} ;; esac; done
case $action in
monitor) exit 0 ;;
%s
esac
"""


def case(limit=120, **attributes):
    def add(f):
        f.limit = limit
        for name, value in attributes.items():
            setattr(f, name, value)
        TESTS[f.__name__] = f
        return f
    return add


def agent(pair, name, body):
    path = pair.lab.top + '/fence/' + name
    with open(path, 'w', encoding='ascii') as f:
        f.write(AGENT % body)
    os.chmod(path, 0o755)


def serve(pair, more):
    pair.start()
    pair.load(crm(pair.lab, more))
    return pair.wait_where('tiny')


@case()
def fence_levels(pair):
    """The first level has no agent, the second needs two devices: the takeover waits for both."""
    node = serve(pair, '''
primitive gone stonith:fence_nonesuch
primitive second stonith:fence_lab params switch=%s/power
fencing_topology gone power,second
''' % pair.lab.top)
    alive = other(node)
    pair.nodes[node].power_off()
    pair.wait_where('tiny', alive)
    said = pair.logged(alive)
    need('device gone failed' in said and 'not installed' in said, 'the first level is told')
    need('fenced by device second' in said, 'the second level is told')
    r = pair.cli(alive, 'fence', 'history')
    need('gone failed' in r.stdout and 'was fenced by second' in r.stdout, r.stdout)
    shown = pair.cli(alive, 'configure', 'show', 'fencing_topology').stdout
    same(shown.split(), ['fencing_topology', 'gone', 'power,second'], 'shown')


@case()
def fence_test(pair):
    """yoke fence test tells which device works; the broken one is an alarm and a line of status."""
    node = serve(pair, 'primitive bad stonith:fence_bad\n')
    agent(pair, 'fence_bad', '*) echo "no route to the board" >&2; exit 1 ;;')
    with open(pair.lab.top + '/fence/fence_bad', 'r+', encoding='ascii') as f:
        text = f.read().replace('monitor) exit 0', 'monitor) echo "no route to the board" >&2; exit 1')
        f.seek(0)
        f.write(text)
    same(pair.cli(node, 'fence', 'test', 'power').returncode, 0, 'exit code')
    r = pair.cli(node, 'fence', 'test', check=False)
    need(r.returncode != 0 and 'no route to the board' in r.stdout, r.stdout)
    need('power (fence_lab)' in r.stdout and 'works' in r.stdout, r.stdout)
    need('no route to the board' in pair.cli(node, 'status').stdout, 'status')
    need('fence device bad does not work' in pair.logged(node), 'alarm')
    need(pair.cli(node, 'fence', 'test', 'nonesuch', check=False).returncode != 0, 'no such device')
    same(pair.lab.power.served, [], 'fenced')


def rogue(pair, body, expect, more=''):
    """A device that cannot be believed: no takeover, until a human says that the node is off."""
    if body:
        agent(pair, 'fence_rogue', body)
    pair.start()
    pair.load(crm(pair.lab, 'primitive rogue stonith:fence_rogue\nfencing_topology rogue\n' + more))
    node = pair.wait_where('tiny')
    alive = other(node)
    pair.nodes[node].power_off()
    wait_for('it says what is wrong', lambda: expect in pair.logged(alive), 30)
    wait_for('it says what to type', lambda: 'confirm-dead ' + node in pair.cli(alive, 'status').stdout, 20, 0.1)
    same(pair.nodes[alive].pids('tinyserver'), [], 'the service without proof')
    pair.cli(alive, 'node', 'confirm-dead', node, node)
    pair.wait_where('tiny', alive)


@case()
def fence_liar(pair):
    """A device that says off while its status says on."""
    rogue(pair, 'off) exit 0 ;;\nstatus) exit 0 ;;', 'its status says on')


@case()
def fence_hangs(pair):
    """A device that never answers."""
    rogue(pair, '*) sleep 3605 ;;', 'timed out', 'property stonith-timeout=2s\n')


@case()
def fence_missing(pair):
    """A device whose agent is not installed."""
    rogue(pair, None, 'not installed')


@case()
def fence_floods(pair):
    """A device that writes megabytes and fails."""
    rogue(pair, "*) yes 'a line of a flood' | head -c 4000000 >&2; exit 1 ;;", 'device rogue failed')


@case()
def stop_by_kill(pair):
    """What cannot be stopped, not by force either, is killed; nobody is fenced for it."""
    node = serve(pair, 'primitive stay ocf:lab:rascal params how=stay\n')
    there = pair.wait_where('stay')
    pair.cli(there, 'resource', 'stop', 'stay')
    wait_for('stay is stopped', lambda: 'stay is stopped on' in pair.logged(there), 30)
    said = pair.nodes[there].run('cat', '/run/rascal-stay.stops').stdout.split()
    same(said, ['force=no', 'force=yes'], 'its stops')
    need('its processes are killed' in pair.logged(there), 'journal')
    quiet(pair, 1, SERVICE)
    same(pair.lab.power.served, [], 'fenced')
    same(pair.where('tiny'), node, 'place')
