/* SPDX-License-Identifier: GPL-2.0-or-later
 * show: a conf, its timing and the option table for readers. Everything about an option comes from
 * its row; formulas in words stand here, beside the names of their figures.
 *
 * Happy path: text is added to the caller's str. Fails only by its .cut. */
#include "lib/conf/show.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#define N_(text) text /* marked for translation */

enum { WIDTH = 44, VALUE_LEN = CONF_PATH_LEN };

static const char *words(opt_translate translate, const char *text)
{
    return translate != NULL ? translate(text) : text;
}

/* Does the row say anything about this section? A baud rate says nothing about a network. */
static bool shown(const struct opt *o, const struct conf *c, enum opt_section section,
                  unsigned index)
{
    return o->section == section &&
           (section != OPT_LINK || o->links == 0 || (o->links >> c->link[index].type & 1));
}

static void value_text(const struct opt *o, const struct conf *c, unsigned index, unsigned node,
                       char *out, size_t size)
{
    struct str s;
    str_init(&s, out, size);
    opt_get(o, opt_field_of(o, c, index, node), &s);
}

static unsigned value_line(const struct opt *o, const struct conf_origin *origin, unsigned index,
                           unsigned node)
{
    if (origin == NULL)
        return 0;
    return o->per_node ? origin->addr[index][node]
                       : origin->row[conf_place(o->section, index)][opt_index(o)];
}

static void line_print(const struct opt *o, const struct conf *c, const struct conf_origin *origin,
                       opt_translate translate, unsigned index, unsigned node, struct str *out)
{
    char value[VALUE_LEN];
    size_t begin = out->len;
    unsigned line = value_line(o, origin, index, node);
    value_text(o, c, index, node, value, sizeof value);
    str_addf(out, "%s = %s", o->per_node ? c->node[node].name : o->key, value);
    if (origin != NULL) {
        do
            str_add_char(out, ' ');
        while (out->len - begin < WIDTH && !out->cut);
        if (line != 0)
            str_addf(out, words(translate, N_("; line %u")), line);
        else
            str_add(out, words(translate, N_("; default")));
    }
    str_add_char(out, '\n');
}

void conf_print(const struct conf *c, const struct conf_origin *origin, opt_translate translate,
                struct str *out)
{
    const struct opt *o;
    assert(c != NULL && out != NULL);
    for (unsigned s = 0; s < OPT_SECTIONS; s++) {
        enum opt_section section = (enum opt_section)s;
        const struct opt_kind *kind = opt_kind(section);
        unsigned first, end;
        opt_instances(section, c, &first, &end);
        for (unsigned k = first; k < end; k++) {
            str_addf(out, s > 0 || k > first ? "\n[%s" : "[%s", kind->word);
            if (kind->named)
                str_addf(out, " %s", opt_instance_name(section, c, k));
            str_add(out, "]\n");
            for (unsigned i = 0; (o = opt_at(i)) != NULL; i++)
                for (unsigned n = 0; shown(o, c, section, k) && n < (o->per_node ? c->n_nodes : 1);
                     n++)
                    line_print(o, c, origin, translate, k, n, out);
        }
    }
}

static void section_json(const struct conf *c, const struct conf_origin *origin,
                         enum opt_section section, unsigned index, struct json *j)
{
    char value[VALUE_LEN];
    const struct opt *o;
    for (unsigned i = 0; (o = opt_at(i)) != NULL; i++)
        for (unsigned n = 0; shown(o, c, section, index) && n < (o->per_node ? c->n_nodes : 1);
             n++) {
            unsigned line = value_line(o, origin, index, n);
            value_text(o, c, index, n, value, sizeof value);
            json_open(j, o->per_node ? c->node[n].name : o->key, '{');
            json_text(j, "value", value);
            if (line != 0)
                json_u64(j, "line", line);
            else
                json_text(j, "line", NULL);
            json_close(j, '}');
        }
}

void conf_print_json(const struct conf *c, const struct conf_origin *origin, struct json *j)
{
    assert(c != NULL && j != NULL);
    for (unsigned s = 0; s < OPT_SECTIONS; s++) {
        enum opt_section section = (enum opt_section)s;
        bool named = opt_kind(section)->named;
        json_open(j, opt_kind(section)->word, named ? '[' : '{');
        if (!named)
            section_json(c, origin, section, 0, j);
        unsigned first, end;
        opt_instances(section, c, &first, &end);
        for (unsigned k = first; named && k < end; k++) {
            json_open(j, NULL, '{');
            json_text(j, "name", opt_instance_name(section, c, k));
            json_open(j, "keys", '{');
            section_json(c, origin, section, k, j);
            json_close(j, '}');
            json_close(j, '}');
        }
        json_close(j, named ? ']' : '}');
    }
}

struct figure {
    const char *name;
    size_t offset;
    bool bytes;
    const char *text;
};
#define TIME(name) #name, offsetof(struct timing, name##_ms), false
#define LINK(name) #name, offsetof(struct timing_link, name##_ms), false

static const struct figure cluster_figures[] = {
    {TIME(takeover), N_("as configured: the promise")},
    {TIME(deadtime), N_("as configured, or takeover less proof (half of it) and margin")},
    {TIME(beat), N_("a fifth of deadtime, 10 ms to 1 s")},
    {TIME(lost), N_("the longest limit of the links: a peer is lost then")},
    {TIME(proof), N_("what is left of takeover, at least 500 ms; 0 without a guard")},
    {TIME(margin), N_("a twentieth of takeover, 25 ms to 500 ms: transit, planning, keeping")},
    {TIME(join_wait), N_("as configured, or takeover; at least lost")},
    {TIME(stall), N_("half of deadtime: frozen for longer, silence is counted anew")},
    {TIME(order), N_("the least limit less interval, less 1 %: an order to start is void then")},
    {TIME(resend), N_("a tenth of deadtime, 20 ms to 200 ms; doubles to 8 times")},
};
/* Only with corosync. */
static const struct figure ring_figures[] = {
    {TIME(settle),
     N_("the limit of corosync less interval: token 1/2.2 of it, consensus the rest")},
};
/* Only where a lease is asked for. */
static const struct figure lease_figures[] = {
    {TIME(lease),
     N_("lost, the slowest interval and lease-stop: how long a confirmed beat is good")},
    {TIME(lease_stop), N_("a third of deadtime: so long before its end services begin to stop")},
    {TIME(lease_reset), N_("an eighth of lease-stop, at least 250 ms: what runs then is reset")},
    {TIME(lease_long), N_("ten leases, 2 min to 10 min: while the peer is known to be stopped")},
    {TIME(watchdog), N_("as configured, or half of deadtime in whole seconds, 2 s to 60 s")},
    {TIME(lease_dead), N_("lease and watchdog, and what clocks may differ: a silent peer is dead")},
    {TIME(lease_sum), N_("with the lease as the only proof services begin to start after that")},
};
static const struct figure link_figures[] = {
    {LINK(interval), N_("beat, or what the line carries, or as configured")},
    {LINK(limit), N_("deadtime, or three intervals and a frame: silent for longer is down")},
    {LINK(warn), N_("half of limit: a later beat counts as late")},
    {LINK(frame), N_("100 bytes of 10 bits on the line")},
    {LINK(ack), N_("a full queue, a control frame and its answer on the line")},
    {"queue", offsetof(struct timing_link, queue_bytes), true,
     N_("control bytes that delay a beat by at most an interval")},
};

static const struct figure disk_figures[] = {
    {LINK(interval), N_("beat, at least 50 ms, or as configured: a write and a read so often")},
    {LINK(limit), N_("deadtime, or four intervals, a write and a read: silent for longer is down")},
    {LINK(warn), N_("half of limit: a later beat counts as late")},
    {LINK(frame), N_("what one write or one read may take on a healthy disk")},
    {LINK(ack), N_("a message written, read, answered and the answer read")},
};

static uint32_t figure_value(const struct figure *f, const void *base)
{
    uint32_t v;
    memcpy(&v, (const char *)base + f->offset, sizeof v);
    return v;
}

/* The name as users know it: join-wait, not join_wait. */
static void figure_name(const struct figure *f, struct str *out)
{
    for (const char *at = f->name; *at != '\0'; at++)
        str_add_char(out, *at == '_' ? '-' : *at);
}

static void figure_print(const struct figure *f, const void *base, opt_translate translate,
                         struct str *out)
{
    char name[24], value[24];
    struct str n, v;
    str_init(&n, name, sizeof name);
    str_init(&v, value, sizeof value);
    figure_name(f, &n);
    if (f->bytes)
        str_addf(&v, "%u B", figure_value(f, base));
    else
        opt_ms(figure_value(f, base), &v);
    str_addf(out, "  %-11s %9s   %s\n", name, value, words(translate, f->text));
}

static void sum_print(const struct conf *c, const struct timing *t, opt_translate translate,
                      struct str *out)
{
    enum { SUM, LOST, PROOF, MARGIN, LEASE, DEAD, CLAIM, WAIT, PARTS };
    const uint32_t ms[PARTS] = {timing_sum_ms(t), t->lost_ms,
                                t->proof_ms,      t->margin_ms,
                                t->lease_sum_ms,  t->lease_dead_ms,
                                t->claim_sum_ms,  t->claim_sum_ms - t->lost_ms - t->margin_ms};
    char part[PARTS][24];
    for (unsigned i = 0; i < PARTS; i++) {
        struct str s;
        str_init(&s, part[i], sizeof part[i]);
        opt_ms(ms[i], &s);
    }
    bool fast = (c->guard & GUARD_FENCE) || conf_reservation(c);
    if (fast)
        str_addf(out,
                 words(translate, N_("A dead peer's services begin to start here after at most %s: "
                                     "silence %s + proof by a fence device or a reservation %s + "
                                     "margin %s.\n")),
                 part[SUM], part[LOST], part[PROOF], part[MARGIN]);
    if (conf_reservation(c))
        str_addf(out,
                 words(translate,
                       c->n_nodes > 2
                           ? N_("What has disks that can be reserved begins to start after at "
                                "most %s: silence %s + the taking of its keys, by one node after "
                                "the other, %s + margin %s.\n")
                           : N_("What has disks that can be reserved begins to start after at "
                                "most %s: silence %s + what a living owner needs to be first %s + "
                                "margin %s.\n")),
                 part[CLAIM], part[LOST], part[WAIT], part[MARGIN]);
    if (fast && conf_lease(c))
        str_addf(out,
                 words(translate, N_("With its lease as the only proof after at most %s: lease and "
                                     "watchdog %s + a reading of the disk + margin %s.\n")),
                 part[LEASE], part[DEAD], part[MARGIN]);
    else if (conf_lease(c))
        str_addf(out,
                 words(translate, N_("A dead peer's services begin to start here after at most %s: "
                                     "its lease and its watchdog %s + a reading of the disk + "
                                     "margin %s.\n")),
                 part[LEASE], part[DEAD], part[MARGIN]);
    else if (!fast)
        str_addf(out,
                 words(translate, N_("A dead peer's services begin to start here after at most %s: "
                                     "silence %s + margin %s. No proof is sought: UNSAFE.\n")),
                 part[SUM], part[LOST], part[MARGIN]);
}

void proofs_print(const struct conf *c, opt_translate translate, struct str *out)
{
    static const char *const sought[GUARD_KINDS] = {
        N_("a fence device, as soon as one is configured (yoke configure primitive NAME "
           "stonith:AGENT ...)"),
        N_("its lease: there is a watchdog, and a quorum disk or the quorum of corosync"),
        N_("a reservation of the disks of its services, where they can do it")};
    static const char *const no_lease =
        N_("not its lease: that needs a quorum disk and a watchdog ([disk NAME], [watchdog])");
    assert(c != NULL && out != NULL);
    if (c->guard == 0)
        return;
    str_add(out, words(translate, N_("What may prove that a silent node is stopped:\n")));
    for (unsigned bit = 0; bit < GUARD_KINDS; bit++)
        if (c->guard >> bit & 1 && (1u << bit != GUARD_RESERVATION || conf_reservation(c)))
            str_addf(out, "  %s\n",
                     words(translate,
                           1u << bit == GUARD_LEASE && !conf_lease(c) ? no_lease : sought[bit]));
}

void timing_print(const struct conf *c, const struct timing *t, opt_translate translate,
                  struct str *out)
{
    assert(c != NULL && t != NULL && out != NULL);
    for (unsigned i = 0; i < ARRAY_LEN(cluster_figures); i++)
        figure_print(&cluster_figures[i], t, translate, out);
    for (unsigned i = 0; i < ARRAY_LEN(lease_figures); i++)
        if (t->lease_ms != 0)
            figure_print(&lease_figures[i], t, translate, out);
    for (unsigned i = 0; i < ARRAY_LEN(ring_figures); i++)
        if (t->settle_ms != 0)
            figure_print(&ring_figures[i], t, translate, out);
    for (unsigned k = 0; k < c->n_links; k++) {
        const struct conf_link *l = &c->link[k];
        if (l->type == LINK_SERIAL)
            str_addf(out, words(translate, N_("link %s (serial, %u bit/s)\n")), l->name, l->baud);
        else if (l->type == LINK_RING)
            str_addf(out, words(translate, N_("engine %s\n")), l->name);
        else
            str_addf(out, words(translate, N_("link %s (%s)\n")), l->name,
                     l->type == LINK_DISK  ? "disk"
                     : l->type == LINK_TCP ? "tcp"
                                           : "udp");
        const struct figure *figures = l->type == LINK_DISK ? disk_figures : link_figures;
        unsigned n = l->type == LINK_DISK ? ARRAY_LEN(disk_figures) : ARRAY_LEN(link_figures);
        for (unsigned i = 0; i < n; i++)
            if (figure_value(&figures[i], &t->link[k]) != 0)
                figure_print(&figures[i], &t->link[k], translate, out);
    }
    sum_print(c, t, translate, out);
}

static void figures_json(const struct figure *f, size_t n, const void *base, struct json *j)
{
    char key[32];
    for (size_t i = 0; i < n; i++) {
        struct str s;
        str_init(&s, key, sizeof key);
        str_addf(&s, "%s_%s", f[i].name, f[i].bytes ? "bytes" : "ms");
        json_u64(j, key, figure_value(&f[i], base));
    }
}

void timing_print_json(const struct conf *c, const struct timing *t, struct json *j)
{
    assert(c != NULL && t != NULL && j != NULL);
    json_open(j, "timing", '{');
    figures_json(cluster_figures, ARRAY_LEN(cluster_figures), t, j);
    if (t->lease_ms != 0)
        figures_json(lease_figures, ARRAY_LEN(lease_figures), t, j);
    if (t->settle_ms != 0)
        figures_json(ring_figures, ARRAY_LEN(ring_figures), t, j);
    json_u64(j, "sum_ms", timing_sum_ms(t));
    if (t->claim_sum_ms != 0)
        json_u64(j, "reservation_sum_ms", t->claim_sum_ms);
    json_bool(j, "safe", c->guard != 0);
    json_open(j, "link", '[');
    for (unsigned k = 0; k < c->n_links; k++) {
        json_open(j, NULL, '{');
        json_text(j, "name", c->link[k].name);
        figures_json(link_figures, ARRAY_LEN(link_figures), &t->link[k], j);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_close(j, '}');
}

/* Text for troff: a backslash and a leading dot or quote have a meaning there, and a plain minus
 * would become a hyphen that cannot be searched for. */
static void man_text(const char *text, struct str *out)
{
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '\\')
            str_add(out, "\\e");
        else if (*at == '-')
            str_add(out, "\\-");
        else if ((*at == '.' || *at == '\'') && (at == text || at[-1] == '\n'))
            str_addf(out, "\\&%c", *at);
        else
            str_add_char(out, *at);
    }
}

static void option_man(const struct opt *o, struct str *out)
{
    char list[VALUE_LEN], value[VALUE_LEN];
    struct str l, v;
    str_init(&l, list, sizeof list);
    str_init(&v, value, sizeof value);
    opt_allowed(o, NULL, &l);
    opt_get(o, NULL, &v);

    str_add(out, o->per_node ? ".TP\n.IR " : ".TP\n.BR ");
    man_text(o->key, out);
    str_add(out, " \" = ");
    man_text(list, out);
    str_add(out, "\"\n");
    man_text(o->brief, out);
    if (o->value == NULL)
        str_add(out, " (must be given)");
    else {
        str_add(out, " (default ");
        man_text(value, out);
        str_add(out, ")");
    }
    if (o->unit != NULL && !str_eq(o->unit, "ms"))
        str_addf(out, ", in %s", o->unit);
    if (o->links != 0 && o->section == OPT_LINK)
        str_add(out,
                o->links >> LINK_SERIAL & 1 ? ", serial links only" : ", udp and tcp links only");
    str_add(out, ".\n");
    man_text(o->text, out);
    str_add_char(out, '\n');
}

void opt_print_man(struct str *out)
{
    const struct opt *o;
    assert(out != NULL);
    for (unsigned s = 0; s < OPT_SECTIONS; s++) {
        const struct opt_kind *kind = opt_kind((enum opt_section)s);
        str_addf(out, ".SS [%s%s]\n", kind->word, kind->named ? " NAME" : "");
        man_text(kind->text, out);
        str_add_char(out, '\n');
        for (unsigned i = 0; (o = opt_at(i)) != NULL; i++)
            if (o->section == s)
                option_man(o, out);
    }
}
