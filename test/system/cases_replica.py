# SPDX-License-Identifier: GPL-2.0-or-later
"""cases_replica: system tests of two PostgreSQL servers that replicate, each on its node's own disk."""
import time

from cases import case, need, same
from cases_clone import FENCE, wait_promoted
from lab import wait_for
from pair import ADDRESS, DATA, Database, other

TESTS = {}


def case_here(**attributes):
    def add(f):
        case(**attributes)(f)
        TESTS[f.__name__] = f
        return f
    return add


class Replicas(Database):
    """The same data on both nodes; who is promoted has the address."""
    OWNER = ('setpriv', '--reuid', 'postgres', '--regid', 'postgres', '--clear-groups', '--')

    def make_on(self, nodes):
        at = DATA + '/pgdata'
        for n in nodes.values():
            n.run('install', '-d', '-o', 'postgres', '-m', '700', DATA, at)
        first, second = nodes.values()
        first.run(*self.OWNER, self.bin + '/initdb', '-D', at, '-A', 'trust', '--wal-segsize=4', '-N', '-k', timeout=60)
        for name, text in (('postgresql.conf', self.CONF),
                           ('pg_hba.conf', 'host all all 10.77.0.0/16 trust\nhost replication all 10.77.1.0/24 trust\n')):
            first.run('sh', '-c', 'cat >>%s/%s' % (at, name), input=text)
        first.run(*self.OWNER, self.bin + '/postgres', '--single', '-D', at, 'postgres',
                  input='create table rows (n bigint primary key);\n')
        copy = self.lab.top + '/copy.tar'
        first.run('tar', '-cf', copy, '-C', at, '.')
        second.run('tar', '-xpf', copy, '-C', at)

    def crm(self, group='treasury'):
        return FENCE % self.lab.top + '''
primitive ip ocf:yoke:ip params ip=%s cidr_netmask=24 op monitor interval=10s timeout=20s
primitive db ocf:yoke:pgsql params pgdata=%s/pgdata bindir=%s replication=sync replication_user=postgres rewind_user=postgres \\
    replication_nodes="db1=10.77.1.1 db2=10.77.1.2" \\
    op start timeout=60s op stop timeout=60s op promote timeout=60s op demote timeout=60s \\
    op monitor interval=2s timeout=30s op monitor interval=1s role=Promoted timeout=30s
ms k-db db meta notify=true resource-stickiness=100
colocation ip-db inf: ip k-db:Promoted
order db-ip Mandatory: k-db:promote ip:start
''' % (ADDRESS, DATA, self.bin)

    def wait_shared(self, pair, node):
        """The other has evidence that it has all data."""
        spare = pair.nodes[other(node)]
        # Evidence of before is none of now.
        spare.run('rm', '-f', '/run/resource-agents/yoke-pgsql-db.grant')
        wait_for(lambda: 'the standby on %s has evidence\n%s\n%s' % (other(node), pair.describe(), pair.logged(other(node))[-3000:]),
                 lambda: spare.run('test', '-e', '/run/resource-agents/yoke-pgsql-db.grant', check=False).returncode == 0,
                 40, 0.1)


@case_here(limit=150)
def replica_takeover(pair):
    """Power is lost under the primary: its standby is promoted with every acknowledged commit; the old one follows it."""
    db = Replicas(pair.lab)
    pair.clones = {'db'}
    pair.start()
    db.make_on(pair.nodes)
    pair.load(db.crm())
    node = wait_promoted(pair, timeout=60)
    pair.wait_where('ip', node)
    db.wait_shared(pair, node)
    db.client_start()
    db.wait_commits(0)
    time.sleep(1)
    # What is acknowledged while the standby receives nothing would be lost.
    for n in pair.nodes.values():
        n.cut(nets=[1])
    time.sleep(0.3)
    at = pair.nodes[node].power_off()
    wait_promoted(pair, other(node))
    db.wait_commits(at + 0.1)
    print('outage %.2f s' % db.outage(at))
    pair.boot(node)
    pair.nodes[other(node)].cut(False, nets=[1])
    pair.wait_together()
    db.wait_shared(pair, other(node))
    # Back by command, under load; the standby was the old primary.
    pair.cli(node, 'resource', 'move', 'k-db', node, '--wait')
    wait_promoted(pair, node)
    db.wait_commits(db.last_ack())
    # The server is killed, its node lives: wherever it is promoted then, nothing is lost.
    db.wait_shared(pair, node)
    at = db.kill(pair.nodes[node])
    db.wait_commits(at + 0.5)
    print('server killed %.2f s' % db.outage(at))
    node = wait_promoted(pair)
    # A standby that dies costs the primary no more than its proof.
    db.wait_shared(pair, node)
    at = pair.nodes[other(node)].power_off()
    db.wait_commits(at + 1.5)
    print('without the standby %.2f s' % db.outage(at))
    need(db.client_stop()[0] > 50, 'commits were acknowledged')
    same(db.lost(), [], 'lost rows')
    # Negative control: rows that are lost are noticed.
    gone = sorted(n for _, n in db.acks())[5:8]
    db.ask('delete from rows where n in (%s)' % ','.join(str(n) for n in gone))
    same(sorted(db.lost()), gone, 'lost rows on purpose')
