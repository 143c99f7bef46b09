# SPDX-License-Identifier: GPL-2.0-or-later
"""cases_clone: system tests of clones: copies on both nodes, one of them promoted, never two."""
import os

from cases import case, need, same
from cases_agent import heartbeat
from lab import wait_for
from pair import other

TESTS = {}


def case_here(**attributes):
    def add(f):
        case(**attributes)(f)
        TESTS[f.__name__] = f
        return f
    return add


def promoted(pair, rsc='db'):
    """Node of the promoted copy while both copies run and nothing is under way, else None."""
    for n in pair.nodes:
        s = pair.nodes[n].is_on() and pair.status(n)
        for clone in s['resources'] if s else []:
            if clone['kind'] != 'clone' or clone['rsc'] != rsc:
                continue
            role = [m for m in clone['members'] if m['id'] == rsc + ':promoted'][0]
            copies = [m for m in clone['members'] if m.get('for') and pair.nodes[m['for']].is_on()]
            if role['state'] == 'Promoted' and not role['pending'] and \
                    all(m['state'] == 'Started' and not m['pending'] for m in copies):
                return role['node']
    return None


def wait_promoted(pair, node=None, timeout=30):
    found = []

    def is_so():
        found[:] = [promoted(pair)]
        return found[0] and node in (None, found[0])
    wait_for(lambda: 'db is promoted%s\n%s' % (' on ' + node if node else '', pair.describe()), is_so, timeout, 0.05)
    return found[0]


FENCE = 'primitive power stonith:fence_lab params switch=%s/power pcmk_host_list="db1 db2"\n'
TIED = '''
primitive beside ocf:lab:rascal
colocation beside-db inf: beside k-db:Promoted
order db-beside Mandatory: k-db:promote beside:start
'''


@case_here(limit=120)
def clone_stateful(pair):
    """The distribution's promotable agent, unmodified: promoted once, moved, taken over, back as a spare."""
    heartbeat()
    pair.clones = {'db'}
    pair.start()
    pair.load((FENCE + '''
primitive db ocf:heartbeat:Stateful op monitor interval=10s op monitor interval=9s role=Promoted
ms k-db db meta resource-stickiness=100
''' + TIED) % pair.lab.top)
    node = wait_promoted(pair)
    same(pair.wait_where('beside'), node, 'what stands beside it')
    pair.cli(node, 'resource', 'move', 'k-db', other(node), '--wait')
    node = wait_promoted(pair, other(node))
    pair.wait_where('beside', node)
    pair.nodes[node].power_off()
    wait_promoted(pair, other(node))
    pair.wait_where('beside', other(node))
    pair.boot(node)
    pair.wait_together()
    pair.wait_idle()
    same(wait_promoted(pair), other(node), 'the promoted node after the other is back')
    same(pair.status(node)['failures'], [], 'failures')


def log_lines(path):
    with open(path, encoding='utf-8') as f:
        return f.read().splitlines()


def before_and_after(lines, node, does, did, nodes):
    """Everybody heard of it before it began, and after it had ended."""
    operation = does
    begin, end = lines.index('%s %s' % (node, does)), lines.index('%s %s' % (node, did))
    for n in nodes:
        heard = '%s pre %s of %s' % (n, operation, node)
        need(heard in lines[:begin], '%r before %r: %r' % (heard, lines[begin], lines))
        heard = '%s post %s of %s' % (n, operation, node)
        need(heard in lines[end:], '%r after %r: %r' % (heard, lines[end], lines))


@case_here(limit=120)
def clone_notify(pair):
    """Copies that want to be told hear of everything before and after, also who is slow; never two promoted."""
    log = pair.lab.top + '/role.log'
    pair.clones = {'db'}
    pair.start()
    pair.load((FENCE + '''
primitive db ocf:lab:role params log=%s op monitor interval=10s op monitor interval=9s role=Promoted
ms k-db db meta notify=true resource-stickiness=100
''') % (pair.lab.top, log))
    node = wait_promoted(pair)
    before_and_after(log_lines(log), node, 'promote', 'promoted', pair.nodes)
    with open('%s.%s.slow' % (log, other(node)), 'w', encoding='utf-8'):
        pass
    mark = len(log_lines(log))
    pair.cli(node, 'resource', 'move', 'k-db', other(node), '--wait')
    wait_promoted(pair, other(node))
    wait_for('the last copy was told', lambda: any(
        x.startswith('%s post promote' % other(node)) for x in log_lines(log)[mark:]), 10)
    lines = log_lines(log)[mark:]
    before_and_after(lines, node, 'demote', 'demoted', pair.nodes)
    before_and_after(lines, other(node), 'promote', 'promoted', pair.nodes)
    mark = len(log_lines(log))
    pair.nodes[other(node)].power_off()
    os.unlink('%s.promoted.%s' % (log, other(node)))
    wait_promoted(pair, node)
    wait_for('it was told', lambda: '%s post promote of %s' % (node, node) in log_lines(log)[mark:], 10)
    lines = log_lines(log)[mark:]
    gone = [lines.index('%s post %s of %s' % (node, what, other(node))) for what in ('demote', 'stop')]
    need(gone[0] < gone[1] < lines.index('%s promote' % node), 'told that the other is gone: %r' % lines)
    need(not [x for x in log_lines(log) if 'DOUBLE' in x], 'never two')
