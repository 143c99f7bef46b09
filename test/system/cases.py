# SPDX-License-Identifier: GPL-2.0-or-later
"""cases: system tests of the main job: taking over, coming back, moving, restarting, holding together.

Each test is a function of a Pair that is not started yet; its first line says what must hold. It
raises LabError when it does not, Skip when it cannot be tried here.
"""
import os
import re
import signal
import time

from lab import LabError, NODES, doubly_active, now, wait_for
from pair import ADDRESS, other
from probe import Probe, crm

TESTS = {}
SERVICE = ('ip', 'tiny')
# An outage that ends within so many seconds has not waited for a time-out or a monitor; how short it
# is depends on the machine and is a figure of test/bench.
SOON = 8


class Skip(Exception):
    """The test cannot be tried on this machine; the text says why."""


def case(limit=120, **attributes):
    def add(f):
        f.limit = limit
        for name, value in attributes.items():
            setattr(f, name, value)
        TESTS[f.__name__] = f
        return f
    return add


def need(truth, text):
    if not truth:
        raise LabError(text)


def same(got, wanted, what):
    need(got == wanted, '%s: got %r, wanted %r' % (what, got, wanted))


def serve(pair, more=''):
    """Both nodes up, the small service running; the node it runs on."""
    pair.start()
    pair.load(crm(pair.lab, more))
    return pair.wait_where('tiny')


def quiet(pair, seconds, resources=SERVICE):
    """Nothing is started or stopped for so long."""
    mark = time.monotonic_ns()
    time.sleep(seconds)
    same(pair.acts(mark, resources), [], 'starts and stops')


@case()
def takeover(pair):
    """A killed node's services run on the other soon after deadtime, fenced before."""
    node = serve(pair)
    probe = Probe(pair.lab)
    probe.wait_first()
    at = pair.nodes[node].power_off()
    gap = probe.wait_gap(at, other(node))
    need(0.4 < gap[1] - at < SOON, 'outage of %.0f ms' % ((gap[1] - at) * 1e3))
    served = [x for x in pair.lab.power.served if x[0] > at]
    need(served and served[0][0] < gap[1] and served[0][1] == node, 'fenced first: %r' % served)
    probe.close()


@case()
def rejoin(pair):
    """A node that comes back is a member again, and nothing moves."""
    node = serve(pair)
    pair.nodes[node].power_off()
    pair.wait_where('tiny', other(node))
    mark = time.monotonic_ns()
    pair.boot(node)
    pair.wait_together()
    time.sleep(2)
    pair.wait_idle()
    same(pair.acts(mark, SERVICE), [], 'starts and stops')
    same(pair.where('tiny'), other(node), 'place')


@case()
def switchover(pair):
    """A move by command: short, one-shot, leaves no constraint behind; from either node."""
    node = serve(pair)
    before = pair.cli('db1', 'configure', 'show').stdout
    probe = Probe(pair.lab)
    probe.wait_first()
    for asked_on in NODES:
        at = now()
        pair.cli(asked_on, 'resource', 'move', 'svc', other(node), '--wait')
        gap = probe.wait_gap(at, other(node))
        need(gap[1] - gap[0] < SOON, 'outage of %.0f ms' % ((gap[1] - gap[0]) * 1e3))
        node = pair.wait_where('tiny', other(node))
        pair.wait_idle()
    quiet(pair, 1)
    same(pair.cli('db1', 'configure', 'show').stdout, before, 'configuration')
    probe.close()


@case()
def local_restart(pair):
    """A killed service process is back at once on its node, whatever the monitor's interval."""
    node = serve(pair)
    probe = Probe(pair.lab)
    probe.wait_first()
    at = now()
    for pid in pair.nodes[node].pids('tinyserver'):
        os.kill(pid, signal.SIGKILL)
    gap = probe.wait_gap(at, node)
    # Its monitor comes each 10 s: sooner than that, the kernel has told.
    need(gap[1] - at < SOON, 'back after %.0f ms' % ((gap[1] - at) * 1e3))
    same(pair.wait_where('tiny'), node, 'place')
    need(any(node in str(f) and 'tiny' in str(f) for f in pair.status(node)['failures']),
         'the failure is shown')
    pair.cli(node, 'resource', 'cleanup', 'tiny')
    wait_for('cleanup forgets it', lambda: not pair.status(node)['failures'], 5)
    probe.close()


@case()
def network_cut(pair):
    """With both networks cut the serial line holds the pair together, and nothing moves."""
    node = serve(pair)
    for n in NODES:
        pair.nodes[n].cut()
    wait_for('the cut is noticed', lambda: pair.links(node).get('lan') == 'down', 10)
    quiet(pair, 3)
    need(pair.together(), 'both are members still')
    same(pair.links(node), {'lan': 'down', 'san': 'down', 'com': 'up'}, 'links')
    # By the serial line alone: a command and a local restart.
    for pid in pair.nodes[node].pids('tinyserver'):
        os.kill(pid, signal.SIGKILL)
    pair.wait_where('tiny', node)
    pair.cli(other(node), 'resource', 'move', 'svc', other(node))
    pair.wait_where('tiny', other(node))
    for n in NODES:
        pair.nodes[n].cut(False)
    pair.wait_links(20)


@case()
def all_cut(pair):
    """With every link cut exactly one node survives, by fencing: the one that serves."""
    node = serve(pair)
    # Longer than a busy machine may take to run the first one's fence agent.
    pair.cli(node, 'configure', 'property', 'priority-fencing-delay=3s')
    pair.lab.cable.tell('cut')
    for n in NODES:
        pair.nodes[n].cut()
    wait_for('one of them is fenced', lambda: any(not x.is_on() for x in pair.nodes.values()), 20)
    time.sleep(1.5)
    same([n for n in NODES if pair.nodes[n].is_on()], [node], 'survivors')
    same(pair.where('tiny'), node, 'place')


@case()
def liar_is_caught(pair):
    """Negative control: with a power switch that lies, both witnesses see the service run twice."""
    node = serve(pair)
    pair.lab.power.lie = True
    pair.lab.cable.tell('cut')
    for n in NODES:
        pair.nodes[n].cut()
    wait_for('it runs on both', lambda: all(x.pids('tinyserver') for x in pair.nodes.values()), 20)
    for what in ('ip on', 'tiny on', 'the address ' + ADDRESS):
        wait_for('%s is seen to run twice' % what,
                 lambda what=what: what in ' '.join(doubly_active(pair.lab.top)), 10)
    need(pair.nodes[node].is_on(), 'nobody was really switched off')
    os.unlink(pair.lab.top + '/witness.log')
    for n in NODES:
        os.unlink('%s/log/%s.addresses' % (pair.lab.top, n))


@case(deadtime='5s')  # a daemon must be back within it, on a busy machine too
def daemons_killed(pair):
    """yoked of both nodes dies and starts again: what runs is found again and not disturbed."""
    node = serve(pair)
    pids = pair.nodes[node].pids('tinyserver')
    mark = time.monotonic_ns()
    for n in (node, other(node)):
        pair.daemon_kill(n)
        pair.daemon_start(n)
    pair.wait_together()
    pair.wait_where('tiny', node)
    time.sleep(1)
    same(pair.acts(mark, SERVICE), [], 'starts and stops')
    same(pair.nodes[node].pids('tinyserver'), pids, 'processes of the service')
    same([x for x in pair.lab.power.served if x[0] * 1e9 > mark], [], 'fencing')
    # And it is still watched.
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    wait_for('a killed service is back', lambda: pair.nodes[node].pids('tinyserver'), 5)


@case(deadtime='5s')
def start_over(pair):
    """yoke cluster reload, as after an upgrade: another binary takes over in place, nothing moves."""
    node = serve(pair)
    pids = {n: (pair.daemon_pid(n), pair.nodes[n].pids('tinyserver')) for n in NODES}
    mark, marks = time.monotonic_ns(), {n: len(pair.logged(n)) for n in NODES}
    for n in NODES:
        # Another file of that name, as a package puts it there.
        pair.nodes[n].run('sh', '-c', 'cp {0} /run/newer && mount --bind /run/newer {0}'.format(pair.sbin + '/yoked'))
        image = os.stat('/proc/%d/exe' % pair.daemon_pid(n)).st_ino
        pair.cli(n, 'cluster', 'reload')
        need(os.stat('/proc/%d/exe' % pair.daemon_pid(n)).st_ino != image, 'the new binary runs on ' + n)
        pair.wait_together()
        pair.wait_links()
        pair.wait_where('tiny', node)
    # As systemctl reload does it.
    os.kill(pair.daemon_pid(node), signal.SIGHUP)
    wait_for('it starts once more', lambda: len(pair.logged(node, 'start 3 of the daemon')) == 1, 20)
    pair.wait_together()
    pair.wait_links()
    quiet(pair, 1)
    same({n: (pair.daemon_pid(n), pair.nodes[n].pids('tinyserver')) for n in NODES}, pids, 'processes')
    same([x for x in pair.lab.power.served if x[0] * 1e9 > mark], [], 'fencing')
    same(pair.acts(mark, SERVICE), [], 'starts and stops')
    for n in NODES:
        said = pair.logged(n)[marks[n]:]
        alarms = [x for x in said.split('\n') if re.search('warning|error|alert', x)]
        same(alarms, [], 'what alarms on ' + n)
    # What it could not start with is refused, and changes nothing.
    conf = pair.conf()
    for bad, told in ((conf.replace('type = udp', 'type = upd', 1), 'upd'),
                      (conf.replace('run-dir = /run/yoke', 'run-dir = /run/other'), 'run-dir was changed')):
        pair.write_conf([node], bad)
        os.kill(pair.daemon_pid(node), signal.SIGHUP)
        wait_for('it says why not: ' + told, lambda told=told: told in pair.logged(node), 10)
        r = pair.cli(node, 'cluster', 'reload', check=False)
        need(r.returncode != 0 and r.stderr, 'it is refused: ' + r.stdout + r.stderr)
    pair.write_conf([node])
    same(len(pair.logged(node, 'start [0-9]* of the daemon')), 3, 'starts of the daemon')
    # And what runs is still watched.
    for pid in pids[node][1]:
        os.kill(pid, signal.SIGKILL)
    wait_for('a killed service is back', lambda: pair.nodes[node].pids('tinyserver'), 20)


@case()
def daemon_leaves(pair):
    """yoke cluster stop hands the services over first; the other needs no fencing."""
    node = serve(pair)
    probe = Probe(pair.lab)
    probe.wait_first()
    at = now()
    pair.cli(node, 'cluster', 'stop', check=False)
    gap = probe.wait_gap(at, other(node))
    need(gap[1] - gap[0] < SOON, 'outage of %.0f ms' % ((gap[1] - gap[0]) * 1e3))
    wait_for('yoked has ended', lambda: pair.daemon_pid(node) is None, 20)
    time.sleep(1.5)
    same([x for x in pair.lab.power.served if x[0] > at], [], 'fencing')
    same(pair.where('tiny'), other(node), 'place')
    pair.daemon_start(node)
    pair.wait_together()
    same(pair.where('tiny'), other(node), 'place after its return')
    probe.close()


@case()
def standby_online(pair):
    """A node in standby runs nothing; online again, nothing moves back."""
    node = serve(pair)
    pair.cli(other(node), 'node', 'standby', node)
    pair.wait_where('tiny', other(node))
    pair.cli(node, 'node', 'online', node)
    pair.wait_idle()
    quiet(pair, 1)
    same(pair.where('tiny'), other(node), 'place')


@case()
def stop_start(pair):
    """resource stop stops it until resource start; maintenance leaves it alone."""
    serve(pair)
    pair.cli('db1', 'resource', 'stop', 'svc')
    wait_for('it is stopped', lambda: not any(x.pids('tinyserver') for x in pair.nodes.values()), 10)
    pair.wait_idle()
    pair.cli('db2', 'resource', 'start', 'svc')
    node = pair.wait_where('tiny')
    pair.cli('db1', 'configure', 'property', 'maintenance-mode=true')
    pids = pair.nodes[node].pids('tinyserver')
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    time.sleep(1.5)
    same(pair.nodes[node].pids('tinyserver'), [], 'processes in maintenance')
    pair.cli('db2', 'configure', 'property', 'maintenance-mode=false')
    wait_for('it runs again', lambda: any(x.pids('tinyserver') for x in pair.nodes.values()), 10)


@case()
def replicated(pair):
    """The configuration is the same on both nodes, also on one that was away while it changed."""
    node = serve(pair)
    for n in NODES:
        need('group svc' in pair.cli(n, 'configure', 'show').stdout, 'shown by ' + n)
    away = other(node)
    pair.nodes[away].power_off()
    wait_for('it is known to be away',
             lambda: any(x['name'] == away and x['life'] == 'stopped' for x in pair.status(node)['nodes']), 20)
    pair.cli(node, 'configure', 'primitive', 'extra', 'ocf:yoke:Dummy')
    pair.boot(away)
    pair.wait_together()
    wait_for('the change reaches it',
             lambda: 'primitive extra' in pair.cli(away, 'configure', 'show').stdout, 10)
    versions = {pair.status(n)['version'] for n in NODES}
    same(len(versions), 1, 'versions %r' % versions)


@case(limit=180)
def cold_start_alone(pair):
    """A node that starts alone after both were off says what it waits for, and starts after proof."""
    serve(pair)
    pair.lab.off()
    pair.lab.power.refuse = True
    pair.boot('db1')
    wait_for('it says what to type', 
             lambda: 'confirm-dead db2' in pair.cli('db1', 'status', check=False).stdout, 30, 0.2)
    same(pair.nodes['db1'].pids('tinyserver'), [], 'it has not started anything')
    # While it still waits for its peer it says "try again in a moment".
    wait_for('the confirmation is taken', lambda: pair.cli(
        'db1', 'node', 'confirm-dead', 'db2', 'db2', check=False).returncode == 0, 20, 0.2)
    pair.wait_where('tiny', 'db1', 20)


@case()
def fence_fails(pair):
    """A power switch that does not answer: no takeover, and what to type is said; that helps."""
    node = serve(pair)
    alive = other(node)
    pair.lab.power.refuse = True
    pair.nodes[node].power_off()
    wait_for('it says what to type', lambda: pair.logged(alive, 'confirm-dead ' + node), 15)
    same(pair.nodes[alive].pids('tinyserver'), [], 'the service without proof')
    pair.cli(alive, 'node', 'confirm-dead', node, node)
    pair.wait_where('tiny', alive)


@case()
def carrier_lost(pair):
    """The public network's cable is pulled from the active node only: its services move."""
    node = serve(pair)
    pair.cli(node, 'configure', 'set', 'ip.migration-threshold', '1')
    pair.nodes[node].cut(nets=[0], carrier=True)
    pair.wait_where('tiny', other(node), 30)
    r = pair.nodes[node].run('ip', '-o', 'addr', 'show')
    need(ADDRESS not in r.stdout, 'the address is gone from ' + node)


@case()
def tcp_and_ipv6(pair):
    """Links over IPv6, one by UDP and one by TCP: they come up, and again after a cut; takeover."""
    pair.options.update(net2='tcp', v6=True)
    node = serve(pair)
    for n in NODES:
        pair.nodes[n].cut(carrier=True, nets=[1])
    wait_for('the TCP link is down', lambda: pair.links(node).get('san') == 'down', 10)
    for n in NODES:
        pair.nodes[n].cut(False, carrier=True, nets=[1])
    pair.wait_links(20)
    pair.nodes[node].power_off()
    pair.wait_where('tiny', other(node))


@case()
def cable_pulled(pair):
    """The serial cable is pulled and put back: reported, nothing moves, the link comes back."""
    node = serve(pair)
    pair.lab.cable.tell('cut')
    wait_for('it is noticed', lambda: pair.links(node).get('com') == 'down', 10)
    quiet(pair, 1)
    pair.lab.cable.tell('heal')
    wait_for('it is up again', lambda: pair.links(node).get('com') == 'up', 10)
