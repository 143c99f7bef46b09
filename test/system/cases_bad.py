# SPDX-License-Identifier: GPL-2.0-or-later
"""cases_bad: system tests of bad input: each gets a clear message, nothing is lost, nothing moves."""
import contextlib
import os
import random
import re
import time

import cases_lost
from cases import case, need, quiet, same, serve
from hardware import header
from lab import NODES, wait_for
from pair import CONF, other

TESTS = {}


def case_here(**attributes):
    def add(f):
        case(**attributes)(f)
        TESTS[f.__name__] = f
        return f
    return add


def check_conf(pair, text):
    """yoked --check on that file: its exit code and what it said."""
    pair.nodes['db1'].power_on()
    pair.write_conf(['db1'], text)
    r = pair.nodes['db1'].run(pair.sbin + '/yoked', '-c', CONF, '-n', 'db1', '--check', check=False)
    return r.returncode, r.stdout + r.stderr


def stranger(pair, prepare):
    """db1 serves; db2 starts with something wrong. Nothing may happen to db1's services."""
    pair.nodes['db1'].power_on()
    pair.nodes['db2'].power_on()
    pair.write_conf()
    pair.write_key()
    for n in NODES:
        pair.daemon_start(n)
    pair.wait_together()
    node = serve_again(pair)
    away = other(node)
    pair.cli(away, 'cluster', 'stop', check=False)
    wait_for('yoked of %s ends' % away, lambda: pair.daemon_pid(away) is None, 15)
    prepare(away)
    mark = time.monotonic_ns()
    pair.daemon_start(away)
    time.sleep(3)
    same(pair.acts(mark, ('ip', 'tiny')), [], 'starts and stops')
    same(pair.where('tiny', node), node, 'place')
    need(not pair.together(), 'it must not be a member')
    return node, away


def serve_again(pair):
    from probe import crm
    pair.load(crm(pair.lab))
    return pair.wait_where('tiny')


@case_here()
def wrong_key(pair):
    """A node with another key is not let in, and both sides say so."""
    node, away = stranger(pair, lambda n: pair.write_key([n]))
    bad = [x for x in pair.status_links(node) if x['bad']['key'] > 0]
    need(bad, 'frames with another key are counted: %r' % pair.status_links(node))
    need(pair.logged(node, r'(?i)key'), 'the journal of %s names the key' % node)
    # Not "check the cable": who looks at the status is told what is wrong.
    for n in (node, away):
        said = pair.cli(n, 'status', check=False).stdout
        need(said.count('wrong key') == 3 and 'check cable' not in said, 'the status names the key: ' + said)


@case_here()
def other_cluster(pair):
    """A node of another cluster on the same wires is counted as foreign and ignored."""
    node, _ = stranger(pair, lambda n: pair.write_conf([n], name='elsewhere'))
    need([x for x in pair.status_links(node) if x['bad']['foreign'] > 0], 'foreign frames are counted')
    need(pair.logged(node, r'(?i)(cluster|foreign)'), 'the journal names it')


@case_here()
def same_id(pair):
    """Two nodes that claim the same number: told, and nothing happens."""
    node, _ = stranger(pair, lambda n: pair.write_conf([n], id={n: 1 if other(n) == 'db1' else 2,
                                                               other(n): 2 if other(n) == 'db1' else 1}))
    need(pair.logged(node, r'(?i)\bid\b|number|foreign'), 'the journal names the id')
    code, said = check_conf(pair, pair.conf(id={'db1': 1, 'db2': 1}))
    same(code, 3, 'exit code with one id twice in the file')
    need('id' in said, said)


@case_here()
def unknown_option(pair):
    """Every mistake in yoke.conf is told at once, with its line and what was probably meant."""
    text = pair.conf().replace('deadtime =', 'deadtme =').replace('type = serial', 'type = cereal')
    code, said = check_conf(pair, text)
    same(code, 3, 'exit code')
    need(re.search(r'deadtme.*deadtime', said, re.S), 'did you mean deadtime: ' + said)
    # yoke looks for a daemon where it would be without that file, and says so.
    r = pair.nodes['db1'].run(pair.yoke, '-c', CONF, 'status', check=False)
    same((r.returncode, r.stdout), (3, ''), 'exit code of yoke status')
    same([CONF in x for x in r.stderr.strip().split('\n')], [False, True], 'lines of yoke status: ' + r.stderr)
    need('cereal' in said and len(re.findall(r':\d+:|line \d+', said)) >= 2, 'both lines are told: ' + said)


@case_here()
def unreadable_key(pair):
    """A key that others can read is refused, with what to type."""
    pair.nodes['db1'].power_on()
    pair.write_conf(['db1'])
    pair.write_key(['db1'])
    pair.nodes['db1'].run('chmod', '644', '/etc/yoke/key')
    pair.daemon_start('db1')
    wait_for('it refuses', lambda: pair.logged('db1', 'exit code 3'), 10)
    need(pair.logged('db1', 'chmod 600'), 'what to type is said')


@case_here()
def impossible_deadtime(pair):
    """A deadtime that the serial line cannot keep is refused with the smallest that it can."""
    code, said = check_conf(pair, pair.conf(deadtime='100ms', baud=1200))
    same(code, 3, 'exit code')
    need(re.search(r'\d+ ?m?s', said), 'the smallest value is named: ' + said)


@case_here(limit=180)
def serial_garbage(pair):
    """Garbage, bit errors and lost bytes on the serial line: counted, survived, nothing moves."""
    node = serve(pair)
    for n in NODES:
        pair.nodes[n].cut()
    wait_for('only the line is left', lambda: pair.links(node) ==
             {'lan': 'down', 'san': 'down', 'com': 'up'}, 10)
    gap = random.Random(1)
    for _ in range(20):
        pair.lab.cable.tell('garbage', 200, 'a')
        pair.lab.cable.tell('garbage', 200, 'b')
        time.sleep(gap.uniform(0.02, 0.12))  # bursts in step with the beats would hit each of them
    pair.lab.cable.tell('noise', 300)
    pair.lab.cable.tell('loss', 300)
    quiet(pair, 4)
    pair.lab.cable.tell('noise', 0)
    pair.lab.cable.tell('loss', 0)
    need(pair.together(), 'still together')
    bad = [x['bad'] for x in pair.status_links(node) if x['name'] == 'com'][0]
    need(sum(bad.values()) > 0, 'what was broken is counted: %r' % bad)
    for n in NODES:
        pair.nodes[n].cut(False)
        pair.lab.cable.tell('garbage', 5000, 'a')
    pair.wait_links(20)


@case_here()
def full_disk(pair):
    """No room under /var/lib/yoke: a change is refused and says why; what runs goes on."""
    for n in NODES:
        boot = '%s/node/%s/boot' % (pair.lab.top, n)
        with open(boot, 'w', encoding='ascii') as f:
            f.write('#!/bin/sh\nmount -t tmpfs -o size=256k tmpfs /var/lib/yoke\n')
        os.chmod(boot, 0o755)
    node = serve(pair)
    for n in NODES:
        pair.nodes[n].run('sh', '-c', 'head -c 1000000 /dev/zero >/var/lib/yoke/filler', check=False)
    before = pair.cli(node, 'configure', 'show').stdout
    mark = time.monotonic_ns()
    r = pair.cli(node, 'configure', 'primitive', 'extra', 'ocf:yoke:Dummy', check=False)
    need(r.returncode != 0, 'the change is refused')
    need(r.stderr.strip(), 'and why is said')
    need(pair.logged(node, r'(?i)no space|disk|/var/lib/yoke'), 'the journal names the disk')
    time.sleep(1)
    same(pair.acts(mark, ('ip', 'tiny')), [], 'starts and stops')
    same(pair.cli(node, 'configure', 'show').stdout, before, 'configuration')
    for n in NODES:
        pair.nodes[n].run('rm', '/var/lib/yoke/filler')
    wait_for('with room it is taken',
             lambda: pair.cli(node, 'configure', 'primitive', 'extra', 'ocf:yoke:Dummy',
                              check=False).returncode == 0, 15, 0.2)


@case_here(limit=180, deadtime='5s')
def broken_state(pair):
    """Damaged files under /var/lib/yoke on one node: told, and nothing is lost."""
    node = serve(pair)
    away = other(node)
    before = pair.cli(node, 'configure', 'show').stdout
    for damage in ('for f in $(find /var/lib/yoke -type f -size +0); do head -c 20 "$f" >"$f.x"; '
                   'mv "$f.x" "$f"; done',
                   'for f in $(find /var/lib/yoke -type f); do : >"$f"; done',
                   'for f in $(find /var/lib/yoke -type f); do head -c 3000 /dev/urandom >"$f"; done'):
        mark = time.monotonic_ns()
        refusals = len(pair.logged(away, 'exit code 4'))
        pair.daemon_kill(away)
        pair.nodes[away].run('sh', '-c', damage)
        pair.daemon_start(away)
        # Refusing to start is a right answer too, when what to do is said; and doing it helps.
        wait_for('it starts, or says why not',
                 lambda: pair.together() or len(pair.logged(away, 'exit code 4')) > refusals, 15)
        if not pair.together():
            need(pair.logged(away, 'move all files out of /var/lib/yoke'), 'what to do is said')
            pair.nodes[away].run('sh', '-c', 'rm -rf /var/lib/yoke/*')
            pair.daemon_start(away)
            pair.wait_together(15)
        same(pair.acts(mark, ('ip', 'tiny')), [], 'starts and stops')
        for n in NODES:
            same(pair.cli(n, 'configure', 'show').stdout, before, 'configuration on ' + n)
    need(pair.logged(away, r'(?i)damaged|broken|cannot|not whole|truncated|corrupt'), 'the damage is told')


@case_here()
def crm_typo(pair):
    """A crm line with a typo is refused with its line; the configuration stays as it was."""
    pair.start()
    before = pair.cli('db1', 'configure', 'show').stdout
    r = pair.cli('db1', 'configure', 'load', 'update', '-', check=False,
                 input='primitive a ocf:yoke:Dummy\nprimtive b ocf:yoke:Dummy\ngroup g a nonesuch\n')
    need(r.returncode != 0, 'it is refused')
    need('primtive' in r.stderr, r.stderr)
    same(pair.cli('db1', 'configure', 'show').stdout, before, 'configuration')


@case_here(limit=180)
def rascals(pair):
    """An agent that is missing, hangs, is deaf, floods its output or leaves children."""
    pair.start()
    pair.load('''
primitive power stonith:fence_lab params switch=%s/power pcmk_host_list="db1 db2"
primitive missing ocf:yoke:nonesuch
primitive flood ocf:lab:rascal params how=flood op start timeout=20s
primitive leave ocf:lab:rascal params how=leave op start timeout=20s
primitive hang ocf:lab:rascal params how=hang op start timeout=1s
primitive deaf ocf:lab:rascal params how=deaf op start timeout=1s
primitive fine ocf:yoke:Dummy
''' % pair.lab.top)
    for name in ('flood', 'leave', 'fine'):
        pair.wait_where(name, timeout=40)

    def failed(name):
        return [f for f in pair.status('db1')['failures'] if f['rsc'] == name]
    for name in ('missing', 'hang', 'deaf'):
        wait_for('the failure of %s is shown' % name, lambda name=name: failed(name), 30)
    need(any('not installed' in f['reason'] for f in failed('missing')), 'missing: %r' % failed('missing'))
    pair.cli('db1', 'resource', 'stop', 'hang', 'deaf')

    def hanging():
        sleeps = []
        for x in pair.nodes.values():
            for pid in x.pids('sleep'):
                # It may have ended since it was listed.
                with contextlib.suppress(OSError), open('/proc/%d/cmdline' % pid, 'rb') as f:
                    sleeps += [w for w in f.read().split(b'\0') if w in (b'3602', b'3603')]
        return sleeps
    wait_for('nothing of what hung is left', lambda: not hanging(), 20)
    need(pair.daemon_pid('db1') and pair.daemon_pid('db2'), 'both daemons live')
    need(not [x for x in pair.lab.power.served], 'nobody was fenced')


def wait_said(pair, nodes, words):
    """The status of each says it, whatever else it says."""
    for n in nodes:
        wait_for(lambda n=n: '%s says %r\n%s' % (n, words, pair.cli(n, 'status', check=False).stdout),
                 lambda n=n: words in pair.cli(n, 'status', check=False).stdout, 20, 0.1)


@case_here()
def quorum_header(pair):
    """A disk with a header that is not ours is told and left alone; while it lies there, a dead owner's
    services are not taken over on a guess, but after disk init and the operator's word they are."""
    node = cases_lost.begin(pair)
    alive, disk, mark = other(node), pair.quorum, time.monotonic_ns()
    ours = os.pread(disk.fd, 4096, 0)
    damaged = ours[:100] + b'x' + ours[101:]
    for block, words in ((damaged, 'is damaged'),
                         (header('demo', 0), 'earlier version'),
                         (header('demo', 2), 'later version: update yoke on this node'),
                         (header('demo'), 'prepared with another key, or by another cluster of this name'),
                         (b'somebody else'.ljust(4096), "holds something that is not yoke's"),
                         (header(), "is the cluster town's and is left alone")):
        os.pwrite(disk.fd, block, 0)
        wait_said(pair, NODES, words)
        same(os.pread(disk.fd, 4096, 0), block, 'nobody writes there')
    need(pair.together(), 'both are members')
    same(pair.acts(mark, ('ip', 'tiny')), [], 'starts and stops')
    limit = pair.timing(alive)['lease_sum_ms'] / 1e3 + 2
    pair.nodes[node].power_off()
    wait_said(pair, [alive], "goes on when one of them does")
    time.sleep(limit)
    same([x for x in pair.acts(mark, ('ip', 'tiny')) if alive in x], [], 'starts on a guess')
    pair.cli(alive, '--force', 'disk', 'init', 'quorum', input='yes\n')
    # What the dead one wrote last may have been on that disk: for a while its silence proves nothing.
    time.sleep(limit)
    same([x for x in pair.acts(mark, ('ip', 'tiny')) if alive in x], [], 'starts on a guess')
    r = pair.cli(alive, 'node', 'confirm-dead', node, node, check=False)
    need(r.returncode != 0 and 'could not be read lately' in r.stderr and '--force' in r.stderr, r.stderr)
    pair.cli(alive, '--force', 'node', 'confirm-dead', node, node)
    pair.wait_where('tiny', alive)


@case_here()
def watchdog_refuses(pair):
    """A watchdog that does not take the time-out: told with what to do, and its lease is no proof."""
    for dog in pair.lab.dogs.values():
        dog.tell('least', 60000)
    pair.use_lease(deadtime='1s', takeover='6s')
    pair.start()
    for n in NODES:
        need('does not take the time-out: 2 s was set, it says 60 s; set [watchdog] timeout in yoke.conf to what it '
             'can do' in pair.logged(n), 'journal of %s: %s' % (n, pair.logged(n)))
    node = cases_lost.serve(pair)
    alive, mark = other(node), time.monotonic_ns()
    for n in NODES:
        r = pair.cli(n, 'guard').stdout
        need('nothing here can prove that' in r, r)
        r = pair.cli(n, 'watchdog', 'show', check=False).stdout
        need('does not take the time-out' in r, r)
    pair.nodes[node].power_off()
    wait_said(pair, [alive], 'its lease is no proof (watchdog: none)')
    time.sleep(pair.timing(alive)['lease_sum_ms'] / 1e3 + 1)
    same([x for x in pair.acts(mark, ('ip', 'tiny')) if alive in x], [], 'starts on a guess')
    pair.cli(alive, 'node', 'confirm-dead', node, node)
    pair.wait_where('tiny', alive)
