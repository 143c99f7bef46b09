/* SPDX-License-Identifier: GPL-2.0-or-later
 * ini: yoke.conf by inih, in three passes: first the [node] sections, so that their names are known
 * as keys, then all others but [disk], whose links come behind those of [link]. inih is fed line by
 * line: so each fault has its line, section heads may be long and empty, and an indented line is
 * never taken for more of the value above it.
 *
 * Happy path: three passes, what must be given is there, conf_check and timing_solve agree. Fails:
 * ERR_SYNTAX with sentences in faults; reading goes on after each, so that all are seen at once. */
#include "lib/conf/ini.h"

#include <assert.h>
#include <ini.h>
#include <string.h>
#include "lib/conf/audit.h"
#include "lib/conf/timing.h"

#define N_(text) text /* marked for translation, done in conf_fault_add */

/* Before the first head, and below a head that was refused: keys there are not looked at. */
enum { BEFORE_ALL = OPT_SECTIONS, REFUSED };
enum { SHOWN = 48, LIST_LEN = 160 }; /* bytes of the user's words, of a list, in a fault */

struct reading {
    const char *next; /* text not yet read */
    unsigned line;
    unsigned pass;    /* of the text: 0 [node], 1 most, 2 [disk], which come behind all links */
    bool open;        /* the line is with inih, which must make a key of it */
    unsigned section; /* enum opt_section, BEFORE_ALL or REFUSED */
    unsigned index;   /* of the [node] or [link] */
    struct conf *c;
    struct conf_origin *origin;
    struct conf_faults *f;
};

/* Control characters, which could play tricks with a terminal, go. */
static void clean(char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == '\x7f')
            *text = '?';
}

void conf_fault_add(struct conf_faults *f, unsigned line, bool warning, const char *format, ...)
{
    struct str s;
    va_list ap;
    assert(f != NULL && format != NULL);
    if (!warning)
        f->n_errors++;
    if (f->n >= CONF_FAULTS_MAX)
        return;
    struct conf_fault *fault = &f->at[f->n++];
    fault->line = line;
    fault->warning = warning;
    str_init(&s, fault->text, sizeof fault->text);
    va_start(ap, format);
    str_addv(&s, f->translate != NULL ? f->translate(format) : format, ap);
    va_end(ap);
    clean(fault->text);
}

#define FAULT(r, ...) conf_fault_add((r)->f, (r)->line, false, __VA_ARGS__)

/* Does this pass look at the section? */
static bool mine(const struct reading *r)
{
    unsigned pass = r->section == OPT_NODE ? 0 : r->section == OPT_DISK ? 2 : 1;
    return pass == r->pass && r->section != REFUSED;
}

/* A [node] or [link]: its place, made new unless that name was there before. */
static bool head_named(struct reading *r, const char *name)
{
    bool node = r->section == OPT_NODE;
    unsigned *n = node ? &r->c->n_nodes : &r->c->n_links;
    bool disk = r->section == OPT_DISK;
    unsigned max = node ? NODE_MAX : CONF_LINKS_MAX;
    const char *word = opt_kind(r->section)->word;

    if (!opt_name_ok(name)) {
        FAULT(r, N_("[%s %.*s]: a name has letters, digits, - _ and . (at most 63)"), word, SHOWN,
              name);
        return false;
    }
    for (r->index = 0; r->index < *n; r->index++)
        if (str_eq(node ? r->c->node[r->index].name : r->c->link[r->index].name, name))
            break;
    unsigned *head = &r->origin->head[conf_place(r->section, r->index < max ? r->index : 0)];
    if (r->index < *n) {
        FAULT(r, N_("[%s %s] is there twice, first in line %u: put all its keys into one section"),
              word, name, *head);
        return true;
    }
    if (disk && conf_disks(r->c) >= CONF_DISKS_MAX)
        max = CONF_DISKS_MAX;
    if (*n >= max) {
        FAULT(r, N_("[%s %s] is one too many: at most %u such sections can be"), word, name, max);
        return false;
    }
    (void)str_copy(node ? r->c->node[r->index].name : r->c->link[r->index].name, CONF_NAME_LEN,
                   name);
    opt_defaults(r->section, r->c, r->index);
    if (disk)
        r->c->link[r->index].type = LINK_DISK;
    *head = r->line;
    (*n)++;
    return true;
}

static void head_unknown(struct reading *r, const char *word)
{
    const char *words[OPT_SECTIONS];
    for (unsigned s = 0; s < OPT_SECTIONS; s++)
        words[s] = opt_kind((enum opt_section)s)->word;
    const char *near = str_nearest(word, words, OPT_SECTIONS);
    if (near != NULL)
        FAULT(r, N_("there is no section [%.*s]; did you mean [%s]?"), SHOWN, word, near);
    else
        FAULT(r,
              N_("there is no section [%.*s]; the sections are cluster, node NAME, link NAME, "
                 "disk NAME, guard, watchdog, security, daemon"),
              SHOWN, word);
}

/* A line that begins with '['. Sets the section that follows. */
static void head(struct reading *r, const char *at, size_t len)
{
    char word[128], *name, *end;
    (void)str_copy(word, sizeof word, "");
    if (len < sizeof word) {
        memcpy(word, at + 1, len - 1);
        word[len - 1] = '\0';
    }
    end = strchr(word, ']');
    const char *rest = end != NULL ? end + 1 + strspn(end + 1, " \t\r") : "";
    r->section = REFUSED;
    if (end == NULL || (*rest != '\0' && *rest != ';' && *rest != '#')) {
        if (r->pass == 1)
            FAULT(r, N_("a section head is [cluster] or [node NAME], alone on its line"));
        return;
    }
    *end = '\0';
    char *kind = word + strspn(word, " \t");
    name = kind + strcspn(kind, " \t");
    if (*name != '\0')
        *name++ = '\0';
    name += strspn(name, " \t");
    for (end = name + strlen(name); end > name && (end[-1] == ' ' || end[-1] == '\t');)
        *--end = '\0';

    unsigned s = opt_section_find(kind);
    r->section = s < OPT_SECTIONS ? s : REFUSED;
    r->index = 0;
    if (s == OPT_SECTIONS && r->pass == 1)
        head_unknown(r, kind);
    if (s == OPT_SECTIONS || !mine(r))
        return;
    unsigned *first = &r->origin->section[s];
    if (opt_kind(s)->named && *name == '\0') {
        FAULT(r, N_("[%s] needs a name: [%s NAME]"), kind, kind);
        r->section = REFUSED;
    } else if (!opt_kind(s)->named && *name != '\0') {
        FAULT(r, N_("[%s] takes no name, there is only one"), kind);
    } else if (!opt_kind(s)->named && *first != 0) {
        FAULT(r, N_("[%s] is there twice, first in line %u: put all its keys into one section"),
              kind, *first);
    } else if (opt_kind(s)->named && !head_named(r, name)) {
        r->section = REFUSED;
    }
    if (*first == 0)
        *first = r->line;
}

/* inih asks for the next line (ini_reader). Heads are taken here and reach it as empty lines. */
static char *feed(char *to, int size, void *stream)
{
    struct reading *r = stream;
    if (r->open)
        FAULT(r, N_("this is neither [section] nor key = value"));
    r->open = false;
    if (*r->next == '\0')
        return NULL;
    const char *at = r->next;
    size_t len = strcspn(at, "\n");
    r->next = at + len + (at[len] == '\n');
    r->line++;
    if (r->line == 1 && len >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0) {
        at += 3;
        len -= 3;
    }
    while (len > 0 && strchr(" \t\r\f\v", at[len - 1]) != NULL)
        len--;
    for (; len > 0 && (*at == ' ' || *at == '\t'); at++)
        len--;
    assert(size >= 2);
    to[0] = '\n';
    to[1] = '\0';
    if (len == 0 || *at == ';' || *at == '#')
        return to;
    if (*at == '[') {
        head(r, at, len);
        return to;
    }
    if (!mine(r))
        return to;
    if (r->section == BEFORE_ALL) {
        FAULT(r, N_("a key before the first section: begin with [cluster]"));
        return to;
    }
    if (len + 2 > (size_t)size) {
        FAULT(r, N_("the line is too long: at most %d bytes"), size - 2);
        return to;
    }
    memcpy(to, at, len);
    to[len] = '\n';
    to[len + 1] = '\0';
    r->open = true;
    return to;
}

static void key_unknown(const struct reading *r, const char *name)
{
    const char *names[OPT_KEYS_MAX];
    unsigned n = 0;
    const struct opt_kind *kind = opt_kind(r->section);
    for (unsigned i = 0; opt_at(i) != NULL && n < OPT_KEYS_MAX - NODE_MAX; i++)
        if (opt_at(i)->section == r->section && !opt_at(i)->per_node)
            names[n++] = opt_at(i)->key;
    for (unsigned i = 0; opt_is_link(r->section) && i < r->c->n_nodes; i++)
        names[n++] = r->c->node[i].name;
    const struct opt *other = opt_elsewhere(r->section, name);
    const char *near = str_nearest(name, names, n);

    if (other != NULL)
        FAULT(r, N_("%s belongs into [%s], not into [%s]"), name, opt_kind(other->section)->word,
              kind->word);
    else if (near != NULL)
        FAULT(r, N_("[%s] has no key %.*s; did you mean %s?"), kind->word, SHOWN, name, near);
    else if (opt_is_link(r->section))
        FAULT(r, N_("[%s] has no key %.*s, and there is no [node %.*s]; see yoke.conf(5)"),
              kind->word, SHOWN, name, SHOWN, name);
    else
        FAULT(r, N_("[%s] has no key %.*s; see yoke.conf(5)"), kind->word, SHOWN, name);
}

static void value_bad(const struct reading *r, const struct opt *o, const char *key,
                      const char *value, enum err err)
{
    char list[LIST_LEN];
    struct str s;
    unsigned n = 0;
    while (o->words != NULL && o->words[n] != NULL)
        n++;
    const char *near = n > 0 && err == ERR_UNKNOWN ? str_nearest(value, o->words, n) : NULL;
    str_init(&s, list, sizeof list);
    opt_allowed(o, r->f->translate, &s);

    if (*value == '\0')
        FAULT(r, N_("%s has no value; allowed: %s"), key, list);
    else if (strstr(value, " #") != NULL)
        FAULT(r, N_("%s = %.*s: a comment behind a value begins with a semicolon, not with #"), key,
              SHOWN, value);
    else if (err == ERR_REFUSED)
        FAULT(r, N_("%s = %.*s: this version cannot do that yet; allowed: %s"), key, SHOWN, value,
              list);
    else if (near != NULL)
        FAULT(r, N_("%s = %.*s is not known; did you mean %s?"), key, SHOWN, value, near);
    else if (err == ERR_RANGE)
        FAULT(r, N_("%s = %.*s is out of bounds; allowed: %s"), key, SHOWN, value, list);
    else if (o->type == OPT_MS)
        FAULT(r, N_("%s = %.*s is not a time such as 500ms, 10s or 2min; allowed: %s"), key, SHOWN,
              value, list);
    else
        FAULT(r, N_("%s = %.*s cannot be; allowed: %s"), key, SHOWN, value, list);
}

/* One key with its value, from inih (ini_handler). inih's own notion of the section is not used. */
static int key_take(void *user, const char *section, const char *key, const char *value)
{
    struct reading *r = user;
    bool old = false;
    unsigned node = 0;
    (void)section;
    assert(r->section < OPT_SECTIONS);
    r->open = false;
    const struct opt *o = opt_find(r->section, key, &old);
    if (o == NULL && opt_is_link(r->section)) {
        node = conf_node_index(r->c, key);
        if (node != NODE_NONE)
            o = opt_per_node(r->section);
    }
    if (o == NULL) {
        key_unknown(r, key);
        return 1;
    }
    unsigned *line = o->per_node ? &r->origin->addr[r->index][node]
                                 : &r->origin->row[conf_place(r->section, r->index)][opt_index(o)];
    if (*line != 0) {
        FAULT(r, N_("%s is set twice, first in line %u: take one out"), key, *line);
        return 1;
    }
    *line = r->line;
    if (old)
        conf_fault_add(r->f, r->line, true, N_("%s is called %s here; write that"), key, o->key);
    enum err err = opt_set(o, value, opt_field(o, r->c, r->index, node));
    if (err)
        value_bad(r, o, key, value, err);
    return 1;
}

static void pass(struct reading *r, const char *text, unsigned number)
{
    r->next = text;
    r->line = 0;
    r->pass = number;
    r->open = false;
    r->section = BEFORE_ALL;
    r->index = 0;
    /* Its result is the first bad line; feed has found them all. */
    (void)ini_parse_stream(feed, r, key_take, r);
}

/* Nodes by id, with their origin; those without a right id keep their order, in front. */
static void nodes_sort(struct conf *c, struct conf_origin *o)
{
    for (unsigned i = 1; i < c->n_nodes; i++)
        for (unsigned j = i; j > 0 && c->node[j].id < c->node[j - 1].id; j--) {
            struct conf_node node = c->node[j];
            unsigned to = conf_place(OPT_NODE, j), from = conf_place(OPT_NODE, j - 1);
            unsigned line = o->head[to], row[OPT_ROWS_MAX];
            c->node[j] = c->node[j - 1];
            c->node[j - 1] = node;
            o->head[to] = o->head[from];
            o->head[from] = line;
            memcpy(row, o->row[to], sizeof row);
            memcpy(o->row[to], o->row[from], sizeof row);
            memcpy(o->row[from], row, sizeof row);
        }
}

/* A disk has the same path on every node that does not say otherwise. */
static void disks_spread(struct conf *c)
{
    for (unsigned l = c->n_links - conf_disks(c); l < c->n_links; l++)
        for (unsigned n = 0; n < c->n_nodes; n++)
            if (c->link[l].addr[n][0] == '\0')
                (void)str_copy(c->link[l].addr[n], CONF_ADDR_LEN, c->link[l].device);
}

/* Corosync takes its place among the links; where the disks were read stands one place further. */
static void ring_add(struct conf *c, struct conf_origin *o)
{
    unsigned at = c->n_links - conf_disks(c);
    for (unsigned l = c->n_links; l > at; l--) {
        unsigned to = conf_place(OPT_DISK, l), from = conf_place(OPT_DISK, l - 1);
        o->head[to] = o->head[from];
        memcpy(o->row[to], o->row[from], sizeof o->row[to]);
        memcpy(o->addr[l], o->addr[l - 1], sizeof o->addr[l]);
    }
    memset(o->addr[at], 0, sizeof o->addr[at]);
    conf_ring_add(c);
}

/* What has no default must have been given, once for each of its sections. */
static void required_check(const struct conf *c, const struct conf_origin *origin,
                           struct conf_faults *f)
{
    char list[LIST_LEN];
    struct str s;
    const struct opt *o;
    for (unsigned i = 0; (o = opt_at(i)) != NULL; i++) {
        if (o->value != NULL || o->per_node)
            continue;
        const char *word = opt_kind(o->section)->word;
        bool named = opt_kind(o->section)->named;
        unsigned first, end;
        opt_instances(o->section, c, &first, &end);
        str_init(&s, list, sizeof list);
        opt_allowed(o, f->translate, &s);
        for (unsigned k = first; k < end; k++) {
            unsigned place = conf_place(o->section, k);
            if (origin->row[place][i] != 0)
                continue;
            if (named)
                conf_fault_add(f, origin->head[place], false, N_("[%s %s] lacks the key %s: %s"),
                               word, opt_instance_name(o->section, c, k), o->key, list);
            else if (origin->section[o->section] == 0)
                conf_fault_add(f, 0, false, N_("the section [%s] is missing; it needs the key %s"),
                               word, o->key);
            else
                conf_fault_add(f, origin->section[o->section], false,
                               N_("[%s] lacks the key %s: %s"), word, o->key, list);
        }
    }
}

static void timing_check(const struct conf *c, const struct conf_origin *origin,
                         struct conf_faults *f)
{
    char text[CONF_FAULT_LEN];
    struct str s;
    struct timing t;
    struct timing_refusal no;
    static const char *const keys[] = {
        [TIMING_OK] = NULL,
        [TIMING_TAKEOVER_SHORT] = "takeover",
        [TIMING_DEADTIME_SHORT] = "deadtime",
        [TIMING_INTERVAL_SHORT] = "interval",
    };
    if (timing_solve(c, &t, &no) == ERR_OK)
        return;
    enum opt_section section = no.fault == TIMING_INTERVAL_SHORT ? OPT_LINK : OPT_CLUSTER;
    const struct opt *o = opt_find(section, keys[no.fault], NULL);
    assert(o != NULL);
    str_init(&s, text, sizeof text);
    timing_refusal_words(c, &no, f->translate, &s);
    conf_fault_add(f, origin->row[conf_place(section, no.link)][opt_index(o)], false, "%s", text);
}

/* By line, those of the file as a whole last; equal lines keep their order. */
static void faults_sort(struct conf_faults *f)
{
    for (unsigned i = 1; i < f->n; i++)
        for (unsigned j = i; j > 0 && f->at[j].line - 1 < f->at[j - 1].line - 1; j--) {
            struct conf_fault fault = f->at[j];
            f->at[j] = f->at[j - 1];
            f->at[j - 1] = fault;
        }
}

enum err conf_parse_origin(const char *text, struct conf *out, struct conf_origin *origin,
                           opt_translate translate, struct conf_faults *faults)
{
    struct conf_origin own;
    struct reading r;

    assert(text != NULL && out != NULL && faults != NULL);
    if (origin == NULL)
        origin = &own;
    memset(out, 0, sizeof *out);
    memset(origin, 0, sizeof *origin);
    faults->n = faults->n_errors = 0;
    faults->translate = translate;
    for (unsigned s = 0; s < OPT_SECTIONS; s++)
        if (!opt_kind((enum opt_section)s)->named)
            opt_defaults((enum opt_section)s, out, 0);
    if (strnlen(text, CONF_TEXT_MAX + 1) > CONF_TEXT_MAX) {
        conf_fault_add(faults, 0, false,
                       N_("the file is longer than %d bytes; this is no yoke.conf"), CONF_TEXT_MAX);
        return ERR_SYNTAX;
    }
    memset(&r, 0, sizeof r);
    r.c = out;
    r.origin = origin;
    r.f = faults;
    pass(&r, text, 0);
    nodes_sort(out, origin);
    pass(&r, text, 1);
    pass(&r, text, 2);
    disks_spread(out);
    required_check(out, origin, faults);
    conf_check(out, origin, faults);
    if (faults->n_errors == 0 && out->engine == ENGINE_COROSYNC)
        ring_add(out, origin);
    if (faults->n_errors == 0)
        timing_check(out, origin, faults);
    faults_sort(faults);
    return faults->n_errors == 0 ? ERR_OK : ERR_SYNTAX;
}

enum err conf_parse(const char *text, struct conf *out, struct conf_faults *faults)
{
    return conf_parse_origin(text, out, NULL, NULL, faults);
}
