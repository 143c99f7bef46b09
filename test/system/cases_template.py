# SPDX-License-Identifier: GPL-2.0-or-later
"""cases_template: system tests of services made by a template."""
from cases import case, need, same, serve
from lab import wait_for
from pair import ADDRESS, CONF, DATA, Database, other

TESTS = {}


def case_here(**attributes):
    def add(f):
        case(**attributes)(f)
        TESTS[f.__name__] = f
        return f
    return add


@case_here(limit=60)
def template_service(pair):
    """A service made by a template runs, with its address; a second one of the name is refused; a dry
    run and missing or wrong values change nothing; the watch of the gateway is put beside it."""
    node = serve(pair)
    words = ['template', 'apply', 'web-app', 'name=shop', 'ip=10.77.0.77', 'netmask=24', 'start=exec sleep 600']
    before = pair.cli(node, 'configure', 'show').stdout
    for more, code, sentence in (
            (words[:3], 2, 'web-app needs a value for ip, start'),
            (words + ['ip=10.77.0'], 2, 'ip=10.77.0 is not right: it must be an address'),
            (words + ['port=http'], 2, 'port=http is not right'),
            (words + ['name=svc'], 1, 'svc is there already'),
            (words + ['--dry-run'], 0, 'exec sleep 600'),
            (words + ['user=nobody-here', '--dry-run'], 0, 'this machine has no such user')):
        r = pair.cli(node, *more, check=False)
        same(r.returncode, code, 'exit code of %s' % more)
        need(sentence in r.stdout + r.stderr, '%s: %s' % (sentence, r.stdout + r.stderr))
        same(pair.cli(node, 'configure', 'show').stdout, before, 'configuration after ' + sentence)
    said = pair.cli(node, *words).stdout
    need('group shop shop-ip shop-app' in said, said)
    pair.wait_where('shop-app')
    pair.clones = {'shop-gateway-probe'}
    pair.cli(node, 'template', 'apply', 'gateway-watch', 'service=shop', 'targets=' + pair.lab.client.ADDRESS)
    wait_for('the watch is promoted', lambda: 'Promoted: [ db' in pair.cli(node, 'status').stdout, 20)
    pair.wait_where('shop-app')
    shown = pair.cli(node, 'configure', 'show').stdout
    need('ms shop-gateway' in shown or 'clone shop-gateway' in shown, shown)
    need('resource-stickiness=1' in shown.split('group shop')[1].split('\n')[1], shown)
    r = pair.cli(node, 'ra', 'validate', 'shop-app', 'tcp=70000', check=False)
    same(r.returncode, 1, 'exit code of validate')
    need('70000' in r.stderr, r.stderr)
    pair.cli(node, 'ra', 'validate', 'shop-ip')


@case_here(limit=60)
def template_asked(pair):
    """At a terminal it asks for what was not given, again for what is wrong, and last whether to do it."""
    node = serve(pair)
    n = pair.nodes[node]

    def type_in(answers):
        command = '%s -c %s template apply nginx-web name=www' % (pair.yoke, CONF)
        return n.run('script', '-qec', command, '/dev/null', input=''.join(x + '\n' for x in answers), check=False)
    before = pair.cli(node, 'configure', 'show').stdout
    r = type_in(['nonsense', '10.77.0.77', '24', '', '', '', '', '', 'http://127.0.0.1/', 'n'])
    need('Address that clients connect to' in r.stdout and 'It must be an address' in r.stdout, r.stdout)
    need('Put this in force? [Y/n]' in r.stdout and 'nothing was changed' in r.stdout, r.stdout)
    same(r.returncode, 1, 'exit code of no')
    same(pair.cli(node, 'configure', 'show').stdout, before, 'configuration after no')
    r = type_in(['10.77.0.77', '24'])
    same(r.returncode, 1, 'exit code at the end of input')
    same(pair.cli(node, 'configure', 'show').stdout, before, 'configuration after the end of input')
    r = type_in(['10.77.0.77', '24', '', '', '', '', '', 'http://127.0.0.1/', 'y'])
    same(r.returncode, 0, 'exit code of yes: ' + r.stdout)
    need('group www www-ip www-app' in pair.cli(node, 'configure', 'show').stdout, r.stdout)


@case_here(limit=150, disk_mb=256)
def template_database(pair):
    """PostgreSQL on the shared disk as its template makes it, with a watched gateway: it is taken over."""
    db = Database(pair.lab)
    db.make()
    pair.start()
    pair.load('''
primitive power stonith:fence_lab params switch=%s/power pcmk_host_list="db1 db2"
property fencing-action=off
''' % pair.lab.top)
    pair.cli('db1', 'template', 'apply', 'postgresql-shared-disk', 'name=pg', 'ip=' + ADDRESS, 'device=' + pair.lab.disk.device,
             'directory=' + DATA, 'bindir=' + db.bin, 'gateway=' + pair.lab.client.ADDRESS)
    node = pair.wait_where('pg-db', timeout=40)
    db.client_start()
    db.wait_commits(0)
    at = pair.nodes[node].power_off()
    pair.wait_where('pg-db', other(node), 60)
    db.wait_commits(at + 0.1)
    need(db.client_stop()[0] > 0, 'commits were acknowledged')
    same(db.lost(), [], 'lost rows')
