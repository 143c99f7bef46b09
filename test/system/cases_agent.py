# SPDX-License-Identifier: GPL-2.0-or-later
"""cases_agent: system tests of agents: ours alone, and the distribution's, unmodified, under yoke."""
import os

from cases import Skip, case, need, quiet, same, serve
from lab import HERE, NETS, LabError, run, wait_for
from pair import ADDRESS, DATA, Database, other

TESTS = {}


def case_here(**attributes):
    def add(f):
        case(**attributes)(f)
        TESTS[f.__name__] = f
        return f
    return add


def heartbeat():
    if not os.path.isdir('/usr/lib/ocf/resource.d/heartbeat'):
        raise Skip('the package resource-agents is not installed')


@case_here(limit=30)
def agents_without_conf(pair):
    """Before there is a yoke.conf, agents are looked for where they are by default."""
    heartbeat()
    pair.nodes['db1'].power_on()
    said = pair.cli('db1', '-c', '/nonexistent', 'ra', 'list', 'ocf', 'heartbeat', conf=False).stdout
    need('IPaddr2' in said.split(), said)


@case_here(limit=180)
def heartbeat_agents(pair):
    """ocf:heartbeat:Dummy and IPaddr2 of the distribution run unmodified, move and stop."""
    heartbeat()
    pair.start()
    pair.load('''
primitive power stonith:fence_lab params switch=%s/power pcmk_host_list="db1 db2"
primitive dummy ocf:heartbeat:Dummy op monitor interval=2s
primitive vip ocf:heartbeat:IPaddr2 params ip=%s cidr_netmask=24 arp_bg=true op monitor interval=2s
group svc dummy vip
''' % (pair.lab.top, ADDRESS))
    node = pair.wait_where('vip')
    run(*pair.lab.client.enter('ping', '-c', '1', '-W', '2', ADDRESS))
    pair.cli(node, 'resource', 'move', 'svc', other(node))
    pair.wait_where('vip', other(node))
    run(*pair.lab.client.enter('ping', '-c', '1', '-W', '2', ADDRESS))
    pair.cli(node, 'resource', 'stop', 'svc')
    wait_for('the address is gone', lambda: not any(
        ADDRESS in x.run('ip', '-o', 'addr').stdout for x in pair.nodes.values()), 20)
    same([f for f in pair.status(node)['failures']], [], 'failures')


@case_here(limit=240, disk_mb=256)
def heartbeat_pgsql(pair):
    """ocf:heartbeat:Filesystem and pgsql of the distribution: start, takeover."""
    heartbeat()
    db = Database(pair.lab)
    db.make()
    pair.start()
    pair.load('''
primitive power stonith:fence_lab params switch=%s/power pcmk_host_list="db1 db2"
primitive disk ocf:heartbeat:Filesystem params device=%s directory=%s fstype=ext4 op start timeout=60s op stop timeout=60s
primitive vip ocf:heartbeat:IPaddr2 params ip=%s cidr_netmask=24 arp_bg=true
primitive db ocf:heartbeat:pgsql params pgctl=%s/pg_ctl psql=%s/psql pgdata=%s/pgdata socketdir=/run/postgresql \\
    op start timeout=60s op stop timeout=60s op monitor interval=10s timeout=30s
group svc disk vip db
''' % (pair.lab.top, pair.lab.disk.device, DATA, ADDRESS, db.bin, db.bin, DATA))
    node = pair.wait_where('db', timeout=40)
    db.client_start()
    db.wait_commits(0)
    at = pair.nodes[node].power_off()
    pair.wait_where('db', other(node), 60)
    db.wait_commits(at + 0.1)
    need(db.client_stop()[0] > 0, 'commits were acknowledged')
    same(db.lost(), [], 'lost rows')
    # Negative control: rows that are lost are noticed.
    gone = sorted(n for _, n in db.acks())[5:8]
    db.ask('delete from rows where n in (%s)' % ','.join(str(n) for n in gone))
    same(sorted(db.lost()), gone, 'lost rows on purpose')


UNIT = """[Unit]
Description=a service
[Service]
Type=notify
NotifyAccess=all
ExecStart=/bin/sh -c 'sleep 0.2; systemd-notify --ready; exec sleep 1000'
Restart=always
[Install]
WantedBy=multi-user.target
"""
# As the specification has it: 3 from status when it does not run, 1 with a pid file left behind.
SCRIPT = """#!/bin/sh
pid=$(cat /run/old.pid 2>/dev/null)
case $1 in
start) kill -0 "$pid" 2>/dev/null && exit 0; sleep 1000 </dev/null >/dev/null 2>&1 & echo $! >/run/old.pid ;;
stop) [ -z "$pid" ] || kill "$pid"; rm -f /run/old.pid ;;
status) [ "$pid" ] || exit 3; kill -0 "$pid" 2>/dev/null || exit 1 ;;
*) exit 2 ;;
esac
"""


def systemd_on(node):
    """A manager of systemd in the node, though not as its process 1."""
    if not node.lab.cgroup:
        raise Skip('there is no cgroup v2 here')
    node.run('sh', '-c', 'mkdir -p /run/units && cat >/run/units/web.service', input=UNIT)
    node.run('sh', '-c', 'mkdir -p /etc/init.d && cat >/etc/init.d/old && chmod 755 /etc/init.d/old', input=SCRIPT)
    node.spawn('setsid %s/agent/nest /sys/fs/cgroup/nest /run/units here >/run/nest.log 2>&1 </dev/null &'
               % os.path.dirname(HERE))
    try:
        wait_for('systemd is up', lambda: node.run(
            'systemctl', 'is-active', 'default.target', check=False).stdout.strip() == 'active', 15)
    except LabError as e:
        raise Skip('systemd does not come up in a node: '
                   + node.run('cat', '/run/nest.log', check=False).stdout.replace('\n', ' ')) from e


@case_here(limit=180)
def units(pair):
    """A unit of systemd and an init script: started, started anew when they die, moved, taken over."""
    for n in pair.nodes.values():
        n.power_on()
        systemd_on(n)
    pair.start()
    pair.load('''
primitive power stonith:fence_lab params switch=%s/power pcmk_host_list="db1 db2"
primitive web systemd:web op monitor interval=2s
primitive old lsb:old op monitor interval=2s
group svc web old
''' % pair.lab.top)
    active = lambda n: pair.nodes[n].run('systemctl', 'is-active', 'web', check=False).stdout.strip()
    node = pair.wait_where('old')
    same((active(node), active(other(node))), ('active', 'inactive'), 'active')
    pair.nodes[node].run('systemctl', 'kill', '-s', 'KILL', 'web')
    wait_for('its death is told', lambda: [f for f in pair.status(node)['failures'] if f['rsc'] == 'web'], 20)
    pair.wait_where('old', node)
    same(active(node), 'active', 'started anew')
    pair.nodes[node].run('sh', '-c', 'kill $(cat /run/old.pid)')
    wait_for('its death is told', lambda: [f for f in pair.status(node)['failures'] if f['rsc'] == 'old'], 20)
    pair.wait_where('old', node)
    pair.nodes[node].run('systemctl', 'enable', 'web')
    wait_for('the danger is shown', lambda: 'systemctl disable web.service' in pair.cli(
        node, 'status', check=False).stdout, 20)
    pair.nodes[node].run('systemctl', 'disable', 'web')
    wants = '/etc/systemd/system/multi-user.target.wants'
    pair.nodes[node].run('sh', '-c', 'mkdir -p %s && ln -s /nonesuch %s/web.service' % (wants, wants))
    said = pair.cli(node, 'configure', 'verify', check=False)
    need('web: this machine starts it at boot by itself' in said.stdout + said.stderr, said.stdout + said.stderr)
    pair.cli(node, 'resource', 'move', 'svc', other(node))
    pair.wait_where('old', other(node))
    same((active(node), active(other(node))), ('inactive', 'active'), 'active')
    pair.nodes[other(node)].power_off()
    pair.wait_where('old', node, 60)
    same(active(node), 'active', 'taken over')


@case_here(limit=120)
def duplicate_address(pair):
    """An address that somebody else has is not taken; the reason names it."""
    run(*pair.lab.client.enter('ip', 'addr', 'add', ADDRESS + '/24', 'dev', 'eth0'))
    pair.start()
    pair.load('''
primitive power stonith:fence_lab params switch=%s/power pcmk_host_list="db1 db2"
primitive ip ocf:yoke:ip params ip=%s cidr_netmask=24
''' % (pair.lab.top, ADDRESS))
    wait_for('the reason is shown', lambda: any(
        'already in use' in f['reason'] for f in pair.status('db1')['failures']), 20)
    wait_for('the why line says it too', lambda: any(
        'already in use' in str(r['why']) for r in pair.primitives(pair.status('db1')) if r.get('why')), 20)
    for n in pair.nodes.values():
        need(ADDRESS + '/' not in n.run('ip', '-o', 'addr').stdout, 'nobody has it')


def client(pair, *words):
    run(*pair.lab.client.enter('ip', *words))


@case_here(limit=120)
def gateway_in_group(pair):
    """A gateway that nobody reaches moves nothing; a cable pulled from the active node moves its group."""
    pair.start()
    pair.load('''
primitive power stonith:fence_lab params switch=%s/power pcmk_host_list="db1 db2"
primitive gw ocf:yoke:gateway params targets=%s peers="%s.1 %s.2" wait=500 start_wait=1 op monitor interval=1s
primitive ip ocf:yoke:ip params ip=%s cidr_netmask=24 check_link_status=false
group svc gw ip
''' % (pair.lab.top, pair.lab.client.ADDRESS, NETS[0], NETS[0], ADDRESS))
    node = pair.wait_where('ip')
    client(pair, 'link', 'set', 'eth0', 'down')
    quiet(pair, 4)
    same(pair.where('ip'), node, 'where the address is')
    same([f for f in pair.status(node)['failures']], [], 'failures')
    client(pair, 'link', 'set', 'eth0', 'up')
    pair.nodes[node].cut(nets=[0], carrier=True)
    pair.wait_where('ip', other(node), 30)


@case_here(limit=120)
def fence_agent(pair):
    """The lab's fence agent keeps to the fence-agent API; off is true only when the node is dead."""
    for n in pair.nodes.values():
        n.power_on()
    db1 = pair.nodes['db1']

    def ask(text):
        r = db1.run(pair.lab.top + '/fence/fence_lab', check=False,
                    input='%s\nswitch=%s/power\n' % (text, pair.lab.top))
        return r.returncode, r.stdout
    same(ask('action=monitor'), (0, ''), 'monitor')
    same(ask('action=list'), (0, 'db1,\ndb2,\n'), 'list')
    same(ask('action=status\nplug=db2')[0], 0, 'status of a node that is on')
    same(ask('action=off\nplug=nonesuch')[0], 1, 'off of a node that is not there')
    same(ask('# a comment\naction=off\nplug=db2')[0], 0, 'off')
    need(not pair.nodes['db2'].is_on(), 'db2 is off')
    same(ask('action=status\nplug=db2')[0], 2, 'status of a node that is off')
    same(ask('action=off\nplug=db2')[0], 0, 'off again')
    same(ask('action=dance')[0], 1, 'an action that there is not')
    pair.lab.power.refuse = True
    same(ask('action=off\nplug=db2')[0], 1, 'off with a switch that fails')
    metadata = ask('action=metadata')[1]
    need('<action name="off"' in metadata and '<parameter name="plug"' in metadata, 'meta-data')


@case_here(limit=120)
def agent_language(pair):
    """What an agent says in Chinese meta-data and reasons survives on its way to the status."""
    node = serve(pair)
    r = pair.nodes[node].run('env', 'LC_ALL=zh_CN.UTF-8',
                             pair.lab.make_value('ocfroot') + '/resource.d/yoke/ip', 'meta-data')
    need('服务地址' in r.stdout, 'Chinese meta-data')
