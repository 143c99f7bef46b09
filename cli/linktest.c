/* SPDX-License-Identifier: GPL-2.0-or-later
 * linktest: `yoke link test`: runs the cable test and says what its figures mean. Exit code 1 when
 * anything was lost or damaged, or nothing was heard. */
#include <string.h>
#include "cli/cable.h"
#include "daemon/tty.h"
#include "lib/base/crc32c.h"
#include "lib/base/num.h"

enum { RUN_MS = 10000, RUN_MAX_MS = 3600000, WAIT_MS = 60000 };

static unsigned link_index(const struct conf *c, const char *name)
{
    for (unsigned i = 0; i < c->n_links; i++)
        if (str_eq(c->link[i].name, name))
            return i;
    return CONF_LINKS_MAX;
}

static unsigned per_second(uint64_t bytes, uint64_t us)
{
    return us ? (unsigned)(bytes * 1000000 / us) : 0;
}

static void result_json(const char *link, const struct cable_result *r)
{
    json_t *mean = r->rtt_n ? json_integer((json_int_t)(r->rtt_sum_us / r->rtt_n)) : json_null();
    json_show(json_pack(
        "{s:b,s:s,s:I,s:I,s:I,s:I,s:I,s:{s:I,s:I,s:I},s:I,s:{s:I,s:o,s:I},s:I,s:I,s:I}", "ok",
        cable_ok(r), "link", link, "sent", (json_int_t)r->sent, "received",
        (json_int_t)r->here.heard, "lost", (json_int_t)cable_lost_here(r), "damaged",
        (json_int_t)r->here.damaged, "noise_bytes", (json_int_t)r->here.noise, "peer", "received",
        (json_int_t)r->there.heard, "lost", (json_int_t)cable_lost_there(r), "damaged",
        (json_int_t)r->there.damaged, "bytes_per_s",
        (json_int_t)per_second(r->bytes_heard, r->span_us), "rtt_us", "min",
        (json_int_t)r->rtt_min_us, "mean", mean, "max", (json_int_t)r->rtt_max_us, "echoes",
        (json_int_t)r->echoes, "twins", (json_int_t)r->twins, "foreign", (json_int_t)r->foreign));
}

static void figures(const struct cable_result *r, const struct cable_plan *plan, const char *peer)
{
    printf(_("  sent %u frames; heard %u of %s's, %u lost, %u damaged, %u bytes of noise\n"),
           r->sent, r->here.heard, peer, cable_lost_here(r), r->here.damaged, r->here.noise);
    if (r->there_known)
        printf(_("  %s says: heard %u of ours, %u lost, %u damaged, %u bytes of noise\n"), peer,
               r->there.heard, cable_lost_there(r), r->there.damaged, r->there.noise);
    if (r->span_us)
        printf(_("  %u bytes/s came in, half of the line's %u is meant\n"),
               per_second(r->bytes_heard, r->span_us), plan->baud / 10);
    if (r->rtt_n)
        printf(_("  round trip %u us (least %u, greatest %u)\n"),
               (unsigned)(r->rtt_sum_us / r->rtt_n), r->rtt_min_us, r->rtt_max_us);
}

/* What to do about it, one complaint a cause. */
static int judge(const struct cable_result *r, const struct cable_plan *plan, const char *device,
                 const char *peer)
{
    if (r->echoes)
        complain(_("our own frames come back on %s: a loop-back plug, or a console or modem that "
                   "echoes, is at the other end of the cable"),
                 device);
    if (r->twins)
        complain(_("the machine at the other end says that it is this node: both use the same name "
                   "or id; look at yoke.conf and host names (or use -N NAME)"));
    if (r->foreign)
        complain(_("frames for another link, node or cluster come in: is this cable plugged into "
                   "the right port, is yoke.conf the same on both machines?"));
    if (!r->bytes_any)
        complain(_("nothing was heard on %s: run the same command on %s at the same time; check "
                   "that the cable is a null-modem (crossed) cable and is plugged into this port "
                   "(dmesg | grep tty lists them)"),
                 device, peer);
    else if (!r->here.heard && !r->echoes && !r->twins && !r->foreign)
        complain(
            _("bytes come in on %s, but no whole frame: does %s use another baud rate than %u, "
              "or does a console (getty, kernel messages) write on that line?"),
            device, peer, plan->baud);
    else if (r->there_known && !r->there.heard)
        complain(
            _("%s is heard but does not hear us: the cable's send line is broken, or the cable "
              "is not a null-modem cable"),
            peer);
    else if (cable_lost_here(r) || r->here.damaged || cable_lost_there(r) || r->there.damaged)
        complain(_("the line loses or damages frames: use a shorter or shielded cable, connect the "
                   "machines' grounds, or set a lower baud rate on both nodes"));
    return cable_ok(r) ? EXIT_OK : EXIT_FAIL;
}

/* Fills in who we are and who is at the other end; false: told. */
static bool plan_make(struct ctx *x, const char *name, struct cable_plan *plan, unsigned *self)
{
    const char *node = node_or_self(x, 0, NULL);
    unsigned link = link_index(&x->conf, name);
    if (!node)
        return false;
    *self = conf_node_index(&x->conf, node);
    if (link == CONF_LINKS_MAX) {
        complain(_("there is no link %s in %s"), name, x->conf_path);
        return false;
    }
    if (x->conf.link[link].type != LINK_SERIAL) {
        complain(_("%s is not a serial link: an IP link is tested by ping"), name);
        return false;
    }
    if (x->conf.n_nodes != 2) {
        complain(_("a serial link has two ends, and %s has %u nodes"), x->conf_path,
                 x->conf.n_nodes);
        return false;
    }
    plan->baud = x->conf.link[link].baud;
    plan->self = x->conf.node[*self].id;
    plan->peer = x->conf.node[1 - *self].id;
    plan->link = (uint8_t)link;
    plan->cluster = crc32c(0, x->conf.cluster, strlen(x->conf.cluster));
    plan->wait_ms = WAIT_MS;
    return true;
}

int link_test_run(struct ctx *x, int argc, char **argv)
{
    struct cable_plan plan = {.fd = -1};
    struct cable_result r;
    char reason[512];
    struct str why;
    uint64_t ms = RUN_MS;
    unsigned self;
    if (argc > 1 && (num_ms(argv[1], RUN_MAX_MS, &ms) || ms < 100))
        return fail_with(EXIT_USAGE, _("not a time: %s"), argv[1]);
    if (!conf_need(x) || !plan_make(x, argv[0], &plan, &self))
        return EXIT_FAIL;
    const char *device = x->conf.link[plan.link].addr[self];
    const char *peer = x->conf.node[1 - self].name;
    str_init(&why, reason, sizeof(reason));
    plan.run_ms = (uint32_t)ms;
    plan.wait_ms = x->timeout_ms < WAIT_MS ? (uint32_t)x->timeout_ms : WAIT_MS;
    plan.fd = tty_open(device, plan.baud, &why);
    if (plan.fd < 0)
        return fail_with(EXIT_FAIL, "%s", reason);
    if (!x->json && !x->quiet)
        printf(_("link %s: %s here (%s) to %s, %u baud, %u s; type the same on %s now\n"), argv[0],
               device, x->conf.node[self].name, peer, plan.baud, plan.run_ms / 1000, peer);
    fflush(stdout);
    cable_run(&plan, &r);
    tty_close(plan.fd);
    if (x->json)
        result_json(argv[0], &r);
    else
        figures(&r, &plan, peer);
    int code = judge(&r, &plan, device, peer);
    if (code == EXIT_OK && !x->json)
        printf("%s\n", _("the cable is good"));
    return code;
}
