/* SPDX-License-Identifier: GPL-2.0-or-later
 * story: a named scenario and its trace. See story.h.
 *
 * Happy path: the file is read, its lines become items of the world, the world runs exactly
 * (everything lasts its mean, wires lose nothing), its trace is compared line by line. Ways to
 * fail: a line that cannot be read is told with its number; the first line that differs is shown
 * with what was expected. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/num.h"
#include "test/sim/mishap.h"
#include "test/sim/host.h"
#include "test/sim/net.h"
#include "test/sim/operator.h"
#include "test/sim/oracle.h"
#include "test/sim/simagent.h"
#include "test/sim/simlun.h"
#include "test/sim/simreserve.h"
#include "test/sim/simkeeper.h"
#include "test/sim/simtrace.h"
#include "test/sim/story.h"
#include "test/sim/swarm.h"

enum { LINES_MAX = 128, WORDS_MAX = 10, LINE_LEN = 256, FILE_MAX = 256 * 1024, KEPT_FRAMES = 64 };

static struct script {
    const char *path;
    unsigned n, line;
    struct {
        uint64_t at_us;
        unsigned n;
        char text[LINE_LEN];
        char *word[WORDS_MAX];
    } at[LINES_MAX];
    uint64_t until_us;
    unsigned watch; /* 1 + host whose frames are kept */
    unsigned n_frames;
    struct {
        unsigned link, from;
        size_t len;
        uint8_t at[PARCEL_BYTES];
    } frame[KEPT_FRAMES];
} script;

static void fail(const char *why, const char *word)
{
    fprintf(stderr, "%s:%u: %s: %s\n", script.path, script.line, why, word);
    exit(2);
}

static unsigned long number(const char *word)
{
    uint64_t v;
    if (num_u64(word, 0, UINT32_MAX, &v))
        fail("not a number", word);
    return v;
}

static uint32_t millis(const char *word)
{
    uint64_t ms;
    if (num_ms(word, UINT32_MAX, &ms))
        fail("not a duration", word);
    return (uint32_t)ms;
}

static struct host *host_of(struct world *w, const char *word)
{
    for (unsigned i = 0; i < SIM_NODES; i++)
        if (str_eq(host_name(w, i), word))
            return &w->host[i];
    fail("no such node", word);
    return NULL;
}

static unsigned link_of(const struct world *w, const char *word)
{
    for (unsigned l = 0; l < w->conf.n_links; l++)
        if (str_eq(w->conf.link[l].name, word))
            return l;
    fail("no such link", word);
    return 0;
}

/* ---- commands: (world, host named by word 1, words)
 * ------------------------------------------------- */

static void do_power(struct world *w, struct host *h, char *const *word, unsigned n)
{
    (void)n;
    if (str_eq(word[0], "boot"))
        host_power_on(w, h, MSEC(100));
    else if (str_eq(word[0], "boot-bare"))
        host_power_on(w, h, NEVER);
    else
        host_power_off(w, h, "power cut");
}

static void do_daemon(struct world *w, struct host *h, char *const *word, unsigned n)
{
    (void)n;
    if (str_eq(word[0], "daemon-start"))
        host_daemon_start(w, h);
    else if (str_eq(word[0], "daemon-kill"))
        host_daemon_kill(w, h, "killed");
    else
        host_daemon_stop(w, h);
}

static void do_freeze(struct world *w, struct host *h, char *const *word, unsigned n)
{
    enum host_freeze kind = n > 3 && str_eq(word[3], "machine") ? FROZEN_MACHINE
                            : n > 3 && str_eq(word[3], "clock") ? FROZEN_CLOCK
                                                                : FROZEN_SHELL;
    host_freeze(w, h, kind, MSEC(number(word[2])));
}

/* disk NODE broken|works, exec NODE broken|works */
static void do_broken(struct world *w, struct host *h, char *const *word, unsigned n)
{
    bool broken = n > 2 && str_eq(word[2], "broken");
    if (str_eq(word[0], "disk"))
        h->no_keep = broken;
    else
        h->no_exec = broken;
    trace_note(w, h, "%s %s", word[0], broken ? "broken" : "works");
}

static void do_admin(struct world *w, struct host *h, char *const *word, unsigned n)
{
    if (!operator_asks(w, h, word + 2, n - 2))
        fail("no such request", word[2]);
}

/* die NODE RSC */
static void do_die(struct world *w, struct host *h, char *const *word, unsigned n)
{
    (void)n;
    service_dies(w, service_get(w, word[2]), h->self);
}

/* fail NODE ACTION RSC rc RC [times N], hang NODE ACTION RSC [times N] */
static void do_fail(struct world *w, struct host *h, char *const *word, unsigned n)
{
    struct service *s = service_get(w, word[3]);
    bool hang = str_eq(word[0], "hang");
    str_copy(s->script[h->self].action, sizeof(s->script[0].action), word[2]);
    s->script[h->self].hang = hang;
    s->script[h->self].rc = hang ? -1 : n > 5 ? (int)number(word[5]) : 1;
    unsigned times = hang ? 4 : 6;
    s->script[h->self].times = n > times + 1 ? (uint32_t)number(word[times + 1]) : 1;
}

/* watch-frames NODE, play-frames NODE: the frames that it sent then, and much later once more */
static void do_frames(struct world *w, struct host *h, char *const *word, unsigned n)
{
    (void)n;
    if (str_eq(word[0], "watch-frames")) {
        script.watch = 1 + h->self;
        script.n_frames = 0;
        return;
    }
    trace_note(w, h, "%u old frames are played again to %s", script.n_frames,
               host_name(w, other(h->self)));
    for (unsigned i = 0; i < script.n_frames; i++)
        net_inject(w, script.frame[i].link, other(script.frame[i].from), script.frame[i].at,
                   script.frame[i].len, w->now_us + MSEC(i));
}

/* twist NODE version N | cluster | none */
static void do_twist(struct world *w, struct host *h, char *const *word, unsigned n)
{
    h->twist_version = n > 3 ? (uint8_t)number(word[3]) : 0;
    h->twist_cluster = str_eq(word[2], "cluster");
    trace_note(w, h, "its frames are of %s",
               h->twist_version   ? "another version"
               : h->twist_cluster ? "another cluster"
                                  : "this cluster and version");
}

/* cut LINK|all [from NODE], heal [LINK|all] */
static void do_cut(struct world *w, struct host *h, char *const *word, unsigned n)
{
    (void)h;
    bool cut = str_eq(word[0], "cut"), all = n < 2 || str_eq(word[1], "all");
    unsigned only = all ? CONF_LINKS_MAX : link_of(w, word[1]);
    unsigned from = n > 3 ? host_of(w, word[3])->self : SIM_NODES;
    trace_note(w, NULL, "%s %s%s%s", all ? "all links" : word[1], cut ? "cut" : "whole again",
               from < SIM_NODES ? " from " : "", from < SIM_NODES ? word[3] : "");
    for (unsigned l = 0; l < w->conf.n_links; l++)
        for (unsigned i = 0; i < SIM_NODES; i++)
            if ((all || l == only) && (from == SIM_NODES || i == from))
                net_cut(w, l, i, cut);
}

/* carrier LINK NODE on|off, noise LINK NODE COUNT */
static void do_link(struct world *w, struct host *h, char *const *word, unsigned n)
{
    unsigned link = link_of(w, word[1]), host = host_of(w, word[2])->self;
    (void)h;
    trace_note(w, &w->host[host], "%s %s %s", word[0], word[1], n > 3 ? word[3] : "");
    if (str_eq(word[0], "carrier"))
        net_carrier(w, link, host, n > 3 && str_eq(word[3], "on"));
    else
        for (unsigned long i = 0; i < number(word[3]); i++)
            net_noise(w, link, host, i % 2 ? ERR_CRC : ERR_SYNTAX, 1);
}

/* fence works | hangs [DEVICE] | dead [DEVICE] | lies [DEVICE] (its status, too) | half-lies
 * [DEVICE] | stays-off | fails N [DEVICE] */
static void do_fence(struct world *w, struct host *h, char *const *word, unsigned n)
{
    (void)h;
    w->box.dead = str_eq(word[1], "dead") || str_eq(word[1], "hangs");
    w->box.mute = str_eq(word[1], "hangs") ? 1000000 : 0;
    w->box.lies_on = str_eq(word[1], "lies");
    w->box.lies = w->box.lies_on || str_eq(word[1], "half-lies");
    w->box.stays_off = str_eq(word[1], "stays-off");
    unsigned device = str_eq(word[1], "fails") ? 3 : 2;
    str_copy(w->box.only, sizeof(w->box.only), n > device ? word[device] : "");
    if (str_eq(word[1], "fails")) {
        w->box.script_rc = 1;
        w->box.script_times = n > 2 ? (uint32_t)number(word[2]) : 1;
    }
    trace_note(w, NULL, "fence device: %s %s", word[1], n > 2 ? word[2] : "");
}

/* killable SERVICE: where its processes are killed, nothing is left of it */
/* starve NODE [in-vain] */
static void do_starve(struct world *w, struct host *h, char *const *word, unsigned n)
{
    bool bites = n < 3 || !str_eq(word[2], "in-vain");
    trace_note(w, h, "its watchdog is fed no more%s", bites ? "" : ", and does not bite");
    keeper_starve(w, h, bites);
}

static void do_killable(struct world *w, struct host *h, char *const *word, unsigned n)
{
    (void)h;
    (void)n;
    service_get(w, word[1])->is.killable = 1000000;
}

static struct unit *unit_of(struct world *w, const char *word)
{
    struct unit *u = unit_find(w, word);
    if (!u)
        fail("no such disk", word);
    return u;
}

/* path NODE DISK [0|1] up|down|bare: bare: it comes back by another port, unregistered */
static void do_path(struct world *w, struct host *h, char *const *word, unsigned n)
{
    struct unit *u = unit_of(w, word[2]);
    const char *how = word[n - 1];
    for (unsigned p = 0; p < UNIT_PATHS; p++)
        if (n < 5 || number(word[3]) == p)
            unit_path(w, u, h->self, p, !str_eq(how, "down"), str_eq(how, "bare"));
}

/* array DISK reset | power | forgets | stranger | stranger-leaves; forgets: power, and keeps
 * nothing */
static void do_array(struct world *w, struct host *h, char *const *word, unsigned n)
{
    struct unit *u = unit_of(w, word[1]);
    (void)h;
    (void)n;
    if (str_eq(word[2], "reset"))
        unit_reset(w, u);
    else if (str_eq(word[2], "power"))
        unit_power_cycle(w, u);
    else if (str_eq(word[2], "forgets")) {
        u->lun.aptpl = false;
        unit_power_cycle(w, u);
    } else
        unit_stranger(w, u, str_eq(word[2], "stranger"));
}

/* reserve NODE find|register|hold|preempt|read|clear RESOURCE|LINK: by hand, as a core would ask;
 * the core has forgotten such an operation when its answer comes */
static void do_reserve(struct world *w, struct host *h, char *const *word, unsigned n)
{
    static uint32_t op = 4000000000u;
    struct act_reserve a = {.op = op++, .id = word[3], .disk = CONF_LINKS_MAX, .slot = 999};
    (void)n;
    while (a.verb < RESERVE_VERB_COUNT && !str_eq(word[2], trace_reserve_verb(a.verb)))
        a.verb++;
    if (a.verb == RESERVE_VERB_COUNT)
        fail("no such verb", word[2]);
    for (unsigned l = 0; l < w->conf.n_links; l++)
        if (str_eq(w->conf.link[l].name, word[3])) {
            a.disk = (uint8_t)l;
            a.id = NULL;
        }
    a.key = pr_key_make(w->conf.uuid, w->conf.node[h->self].id);
    a.victim_key = pr_key_make(w->conf.uuid, w->conf.node[other(h->self)].id);
    if (h->node)
        reserve_run(w, h, &a);
}

static const struct verb {
    const char *word;
    unsigned least; /* words, itself included */
    bool host;      /* word 1 is a node */
    void (*run)(struct world *w, struct host *h, char *const *word, unsigned n);
} verb_table[] = {
    {"boot", 2, true, do_power},
    {"boot-bare", 2, true, do_power},
    {"kill", 2, true, do_power},
    {"daemon-start", 2, true, do_daemon},
    {"daemon-kill", 2, true, do_daemon},
    {"stop", 2, true, do_daemon},
    {"freeze", 3, true, do_freeze},
    {"disk", 3, true, do_broken},
    {"exec", 3, true, do_broken},
    {"admin", 3, true, do_admin},
    {"die", 3, true, do_die},
    {"fail", 4, true, do_fail},
    {"hang", 4, true, do_fail},
    {"watch-frames", 2, true, do_frames},
    {"play-frames", 2, true, do_frames},
    {"twist", 3, true, do_twist},
    {"cut", 2, false, do_cut},
    {"heal", 1, false, do_cut},
    {"carrier", 4, false, do_link},
    {"noise", 4, false, do_link},
    {"fence", 2, false, do_fence},
    {"killable", 2, false, do_killable},
    {"starve", 2, true, do_starve},
    {"path", 4, true, do_path},
    {"array", 3, false, do_array},
    {"reserve", 4, true, do_reserve},
};

static const struct verb *verb_find(const char *word)
{
    for (unsigned i = 0; i < ARRAY_LEN(verb_table); i++)
        if (str_eq(verb_table[i].word, word))
            return &verb_table[i];
    return NULL;
}

void story_item(struct world *w, const struct item *it)
{
    if (operator_item(w, it))
        return;
    char *const *word = script.at[it->a].word;
    const struct verb *v = verb_find(word[0]);
    assert(v);
    script.line = it->b;
    v->run(w, v->host ? host_of(w, word[1]) : NULL, word, script.at[it->a].n);
}

void story_saw(struct world *w, const struct host *h, unsigned link, const struct parcel *p)
{
    (void)w;
    if (script.watch != 1 + h->self || script.n_frames == KEPT_FRAMES)
        return;
    script.frame[script.n_frames].link = link;
    script.frame[script.n_frames].from = h->self;
    script.frame[script.n_frames].len = p->len;
    memcpy(script.frame[script.n_frames++].at, p->at, p->len);
}

/* ---- reading
 * -------------------------------------------------------------------------------------------- */

static unsigned split(char *text, char **word)
{
    unsigned n = 0;
    char *at = NULL;
    for (char *t = strtok_r(text, " \t\n", &at); t; t = strtok_r(NULL, " \t\n", &at)) {
        if (n == WORDS_MAX)
            fail("too many words", t);
        word[n++] = t;
    }
    return n;
}

static void read_link(struct world *w, char **word, unsigned n)
{
    enum link_type type = str_eq(word[2], "udp")    ? LINK_UDP
                          : str_eq(word[2], "tcp")  ? LINK_TCP
                          : str_eq(word[2], "disk") ? LINK_DISK
                                                    : LINK_SERIAL;
    if (type == LINK_DISK) {
        w->quorum[w->conf.n_links].mean_us = 2000;
        swarm_link(&w->conf, word[1], type, 0);
        return;
    }
    swarm_link(&w->conf, word[1], type, n > 3 ? (uint32_t)number(word[3]) : 115200);
}

static void version(const char *word, uint32_t *epoch, uint32_t *seq)
{
    if (sscanf(word, "%u.%u", epoch, seq) != 2)
        fail("not a version", word);
}

/* The lines up to "end" are kept configuration: of all nodes, or of one with its versions. */
static void read_cib(struct world *w, FILE *f, char **word, unsigned n)
{
    char text[CIB_BYTES], line[LINE_LEN];
    struct str out;
    struct kept kept = {
        .epoch = 1, .cib_epoch = 1, .cib_seq = 1, .common_epoch = 1, .common_seq = 1};
    str_init(&out, text, sizeof(text));
    char *which = n > 1 ? word[1] : NULL;
    if (n > 3) {
        version(word[2], &kept.cib_epoch, &kept.cib_seq);
        version(word[3], &kept.common_epoch, &kept.common_seq);
        kept.epoch = kept.cib_epoch;
    }
    while (fgets(line, sizeof(line), f) && ++script.line && !str_eq(line, "end\n"))
        str_add(&out, line);
    for (unsigned i = 0; i < SIM_NODES; i++) {
        struct host *h = &w->host[i];
        if (which && !str_eq(which, host_name(w, i)))
            continue;
        h->has_kept = true;
        h->kept = kept;
        h->cib_epoch = kept.cib_epoch;
        h->cib_seq = kept.cib_seq;
        str_copy(h->cib, sizeof(h->cib), text);
        str_copy(w->cib_text, sizeof(w->cib_text), text);
    }
}

static void read_at(struct world *w, const char *line)
{
    if (script.n == LINES_MAX)
        fail("too many lines", line);
    str_copy(script.at[script.n].text, LINE_LEN, line);
    char *word[WORDS_MAX];
    unsigned n = split(script.at[script.n].text, word);
    const struct verb *v = n > 2 ? verb_find(word[2]) : NULL;
    if (!v || n - 2 < v->least)
        fail("not a command", line);
    memcpy(script.at[script.n].word, word + 2, (n - 2) * sizeof(*word));
    script.at[script.n].n = n - 2;
    struct item *it = world_add(w, ITEM_SCRIPT, 0, MSEC(number(word[1])));
    it->a = script.n++;
    it->b = script.line;
}

static void forget(struct world *w, const char *which)
{
    for (unsigned i = 0; i < SIM_NODES; i++) {
        struct host *h = &w->host[i];
        if (which && !str_eq(which, host_name(w, i)))
            continue;
        h->has_kept = false;
        h->cib[0] = '\0';
    }
}

/* watchdog KIND [MS]: of both hosts */
static void read_watchdog(struct world *w, char **word, unsigned n)
{
    static const char *const kind[] = {"none", "file", "soft", "virtual", "hardware"};
    unsigned k = 0;
    while (k < WATCHDOG_KIND_COUNT && !str_eq(word[1], kind[k]))
        k++;
    if (k == WATCHDOG_KIND_COUNT)
        fail("not a watchdog", word[1]);
    str_copy(w->conf.watchdog_device, sizeof(w->conf.watchdog_device), "/dev/watchdog");
    if (n > 2)
        w->conf.watchdog_ms = millis(word[2]);
    for (unsigned i = 0; i < SIM_NODES; i++)
        w->host[i].keeper.kind = (uint8_t)k;
}

/* fits COPY SCORE [resumes]: what its agent says of being promoted; started again, it is what it
 * was */
static void read_fits(struct world *w, char **word, unsigned n)
{
    struct service *s = service_get(w, word[1]);
    s->fits = true;
    s->fit = (int32_t)number(word[2]);
    s->resumes = n > 3 && str_eq(word[3], "resumes");
}

/* rate NODE PPM: its clock goes faster, or slower, by so much */
static void read_rate(struct world *w, char **word)
{
    bool slow = word[2][0] == '-';
    int32_t ppm = (int32_t)number(word[2] + slow);
    unsigned host = 0;
    while (host < SIM_NODES && !str_eq(host_name(w, host), word[1]))
        host++;
    if (host == SIM_NODES)
        fail("no such node", word[1]);
    w->host[host].ppm = slow ? -ppm : ppm;
}

/* array-disk NAME [no-pr|no-aptpl|no-abort|no-wero|queues]: "LINK" may be a quorum disk's name */
static void read_unit(struct world *w, char **word, unsigned n)
{
    unsigned link = 0;
    while (link < w->conf.n_links && !str_eq(w->conf.link[link].name, word[1]))
        link++;
    struct unit *u = unit_new(w, word[1], link < w->conf.n_links ? link : (unsigned)CONF_LINKS_MAX);
    for (unsigned i = 2; i < n; i++) {
        u->lun.no_pr = u->lun.no_pr || str_eq(word[i], "no-pr");
        u->lun.no_aptpl = u->lun.no_aptpl || str_eq(word[i], "no-aptpl");
        u->lun.no_abort = u->lun.no_abort || str_eq(word[i], "no-abort");
        u->lun.no_wero = u->lun.no_wero || str_eq(word[i], "no-wero");
        u->queues = u->queues || str_eq(word[i], "queues");
    }
}

/* uses RESOURCE DISK... | harmless | ondisk: a resource with disks writes four times a second */
static void read_uses(struct world *w, char **word, unsigned n)
{
    struct service *s = service_get(w, word[1]);
    s->write_ms = 250;
    for (unsigned i = 2; i < n; i++) {
        if (str_eq(word[i], "harmless"))
            s->harmless = true;
        else if (str_eq(word[i], "ondisk"))
            s->ondisk = true;
        else
            unit_give(w, unit_of(w, word[i]), s);
    }
}

static unsigned guard_bits(char *const *word, unsigned n)
{
    unsigned bits = 0;
    char text[LINE_LEN], *at = NULL;
    str_copy(text, sizeof(text), n > 1 ? word[1] : "");
    for (char *t = strtok_r(text, "+,", &at); t; t = strtok_r(NULL, "+,", &at)) {
        if (str_eq(t, "none"))
            return 0;
        bits |= str_eq(t, "lease")         ? GUARD_LEASE
                : str_eq(t, "reservation") ? GUARD_RESERVATION
                                           : GUARD_FENCE;
    }
    return bits;
}

static void read_setting(struct world *w, char **word, unsigned n)
{
    if (str_eq(word[0], "lenient"))
        w->lenient = true;
    else if (str_eq(word[0], "empty"))
        forget(w, n > 1 ? word[1] : NULL);
    else if (n < 2)
        fail("not a setting", word[0]);
    else if (str_eq(word[0], "takeover"))
        w->conf.takeover_ms = millis(word[1]);
    else if (str_eq(word[0], "deadtime"))
        w->conf.deadtime_ms = millis(word[1]);
    else if (str_eq(word[0], "join-wait"))
        w->conf.join_wait_ms = millis(word[1]);
    else if (str_eq(word[0], "guard"))
        swarm_guard(&w->conf, guard_bits(word, n));
    else if (str_eq(word[0], "array-disk"))
        read_unit(w, word, n);
    else if (str_eq(word[0], "uses") && n > 2)
        read_uses(w, word, n);
    else if (str_eq(word[0], "boot-writes"))
        w->boot_writes = str_eq(word[1], "yes");
    else if (str_eq(word[0], "watchdog"))
        read_watchdog(w, word, n);
    else if (str_eq(word[0], "rate") && n > 2)
        read_rate(w, word);
    else if (str_eq(word[0], "accept-weak-watchdog"))
        w->conf.accept_weak_watchdog = str_eq(word[1], "yes");
    else if (str_eq(word[0], "until"))
        script.until_us = MSEC(number(word[1]));
    else if (str_eq(word[0], "link") && n > 2)
        read_link(w, word, n);
    else if (str_eq(word[0], "fits") && n > 2)
        read_fits(w, word, n);
    else if (str_eq(word[0], "service") && n > 4)
        service_get(w, word[1])->is = (struct behaviour){.start_ms = (uint32_t)number(word[2]),
                                                         .stop_ms = (uint32_t)number(word[3]),
                                                         .monitor_ms = (uint32_t)number(word[4])};
    else
        fail("not a setting", word[0]);
}

static void read_story(struct world *w, const char *path)
{
    FILE *f = fopen(path, "r");
    char line[LINE_LEN], copy[LINE_LEN];
    char *word[WORDS_MAX];
    script.path = path;
    script.n = script.line = script.watch = script.n_frames = 0;
    script.until_us = SEC(60);
    if (!f)
        fail("cannot be read", path);
    world_open(w, 1);
    w->exact = w->quiet_wires = true;
    w->box.delay_ms = 1000;
    swarm_conf(&w->conf);
    while (fgets(line, sizeof(line), f)) {
        script.line++;
        str_copy(copy, sizeof(copy), line);
        if (copy[0] == '#')
            continue;
        if (str_starts(copy, "at ")) {
            read_at(w, line);
            continue;
        }
        unsigned n = split(copy, word);
        if (n && str_eq(word[0], "cib"))
            read_cib(w, f, word, n);
        else if (n)
            read_setting(w, word, n);
    }
    fclose(f);
    char why[300];
    struct str out;
    str_init(&out, why, sizeof(why));
    if (timing_derive(&w->conf, &w->timing, &out))
        fail("the timing cannot hold", why);
    for (unsigned i = 0; i < SIM_NODES; i++)
        w->host[i].keeper.timeout_ms = w->timing.watchdog_ms;
    net_open(w);
}

/* ---- comparing
 * -------------------------------------------------------------------------------------------- */

static char *file_text(const char *path)
{
    static char text[FILE_MAX];
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
    if (f)
        fclose(f);
    text[n] = '\0';
    return text;
}

static void show_difference(const char *path, const char *got, const char *want)
{
    unsigned line = 1;
    const char *g = got, *e = want;
    while (*got && *got == *want) {
        if (*got == '\n') {
            line++;
            g = got + 1;
            e = want + 1;
        }
        got++;
        want++;
    }
    printf("%s:%u: the story goes differently\n  expected: %.*s\n  got:      %.*s\n", path, line,
           (int)strcspn(e, "\n"), e, (int)strcspn(g, "\n"), g);
}

bool story_run(struct world *w, const char *path, bool update)
{
    char expect[512];
    size_t len = strlen(path);
    assert(len + 8 < sizeof(expect) && w->trace);
    trace_open(w->trace, TRACE_STORY, NULL);
    read_story(w, path);
    world_run(w, script.until_us);
    const char *stem_end =
        len > 6 && str_eq(path + len - 6, ".story") ? path + len - 6 : path + len;
    snprintf(expect, sizeof(expect), "%.*s.expect", (int)(stem_end - path), path);
    if (w->trace->text.cut)
        fail("the trace is too long", path);
    if (update) {
        FILE *f = fopen(expect, "w");
        if (!f || fputs(w->trace->text.at, f) < 0 || fclose(f))
            fail("cannot be written", expect);
        return true;
    }
    const char *want = file_text(expect);
    if (str_eq(w->trace->text.at, want))
        return true;
    show_difference(expect, w->trace->text.at, want);
    return false;
}

void story_show(struct world *w, const char *path)
{
    trace_open(w->trace, TRACE_ALL, stdout);
    read_story(w, path);
    world_run(w, script.until_us);
}
