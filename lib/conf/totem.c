/* SPDX-License-Identifier: GPL-2.0-or-later
 * totem: corosync.conf.
 *
 * Happy path: totem_print writes one, and totem_check finds nothing in it. The text is read as
 * corosync does: sections in braces, "key: value", comments; what yoke has no opinion of is left
 * alone. Ways to fail: each disagreement is one sentence with its line, what is there, what is
 * needed and why; a text that is no corosync.conf is one error; what nests or counts beyond any
 * real file is cut off with an error, too. */
#include "lib/conf/totem.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>
#include "lib/base/num.h"

#define N_(text) text /* marked for translation, done in conf_fault_add */

enum { DEPTH_MAX = 4, WORD_LEN = 128, TOKEN_DEFAULT_MS = 3000, COEFFICIENT_DEFAULT_MS = 650 };
enum { PORT_DEFAULT = 5405 }; /* of corosync's first link; the next has the next */

/* ---- writing --------------------------------------------------------------------------------- */

unsigned totem_links(const struct conf *c, unsigned at[TOTEM_LINKS])
{
    unsigned n = 0;
    for (unsigned l = 0; l < c->n_links && n < TOTEM_LINKS; l++)
        if (c->link[l].type == LINK_UDP || c->link[l].type == LINK_TCP)
            at[n++] = l;
    return n;
}

/* Corosync's own, unless a link of ours has it: of two on one address the second would get none. */
static unsigned port_of(const struct conf *c, unsigned number)
{
    unsigned port = PORT_DEFAULT + number, l = 0;
    while (l < c->n_links)
        if (c->link[l].type == LINK_UDP && c->link[l].port == port) {
            port += TOTEM_LINKS; /* stays clear of the other link's */
            l = 0;
        } else {
            l++;
        }
    return port;
}

static void ports_print(const struct conf *c, unsigned links, struct str *out)
{
    for (unsigned l = 0; l < links; l++)
        if (port_of(c, l) != PORT_DEFAULT + l)
            str_addf(out, "    interface {\n        linknumber: %u\n        mcastport: %u\n    }\n",
                     l, port_of(c, l));
}

void totem_print(const struct conf *c, const struct timing *t, const char *keyfile, struct str *out)
{
    unsigned at[TOTEM_LINKS], links = totem_links(c, at);
    uint32_t token = timing_token_ms(t->settle_ms);
    assert(links > 0 && t->settle_ms > 0);
    str_addf(
        out,
        "# Written by yoke corosync write, from yoke.conf; the same on all nodes.\n"
        "# token and consensus follow from takeover (yoke timing): with others, yoke corosync\n"
        "# check says whether they fit.\n"
        "totem {\n"
        "    version: 2\n"
        "    cluster_name: %s\n"
        "    transport: knet\n",
        c->cluster);
    if (links > 1) /* a link that is lost while it is young would break the ring of passive ones */
        str_add(out, "    link_mode: active\n");
    str_addf(out,
             "    crypto_cipher: aes256\n"
             "    crypto_hash: sha256\n"
             "    keyfile: %s\n"
             "    token: %u\n"
             "    token_coefficient: 0\n"
             "    consensus: %u\n",
             keyfile, token, timing_consensus_ms(token));
    ports_print(c, links, out);
    str_add(out, "}\nnodelist {\n");
    for (unsigned n = 0; n < c->n_nodes; n++) {
        str_addf(out, "    node {\n        name: %s\n        nodeid: %u\n", c->node[n].name,
                 c->node[n].id);
        for (unsigned l = 0; l < links; l++)
            str_addf(out, "        ring%u_addr: %s\n", l, c->link[at[l]].addr[n]);
        str_add(out, "    }\n");
    }
    str_add(out, "}\nquorum {\n    provider: corosync_votequorum\n");
    if (c->n_nodes == 2) /* each has the quorum alone, once it has seen the other */
        str_add(out, "    two_node: 1\n");
    str_add(out, "}\nlogging {\n    to_syslog: yes\n}\n");
}

/* ---- reading --------------------------------------------------------------------------------- */

struct totem_node {
    unsigned line, id;
    char name[WORD_LEN];
    char addr[TOTEM_LINKS][WORD_LEN];
    unsigned addr_line[TOTEM_LINKS];
};

/* A number and where it stands; line 0: it is not written. */
struct totem_number {
    unsigned line;
    uint64_t value;
};

struct totem {
    struct conf_faults *f;
    char section[DEPTH_MAX][WORD_LEN];
    unsigned depth, line;
    bool strange; /* a text that is none of corosync's */
    char cluster[WORD_LEN], transport[WORD_LEN], provider[WORD_LEN];
    char hash[WORD_LEN], secauth[WORD_LEN];
    unsigned cluster_line, transport_line, hash_line;
    struct totem_number token, coefficient, consensus, two_node, expected;
    struct totem_number number, mcastport; /* of the interface that is being read */
    struct totem_number port[TOTEM_LINKS];
    bool device;
    struct totem_node node[NODE_MAX];
    unsigned n_nodes;
};

/* The next line, without blanks around it and without its end; NULL at the end of the text. */
static const char *line_next(const char *text, char *line, size_t size)
{
    size_t len = strcspn(text, "\n"), from = 0, to = len;
    if (!*text)
        return NULL;
    while (from < to && strchr(" \t\r", text[from]))
        from++;
    while (to > from && strchr(" \t\r", text[to - 1]))
        to--;
    struct str s;
    str_init(&s, line, size);
    str_addf(&s, "%.*s", (int)(to - from), text + from);
    return text + len + (text[len] == '\n');
}

static void number_take(const struct totem *x, const char *value, struct totem_number *out)
{
    out->line = x->line;
    if (num_u64(value, 0, UINT32_MAX, &out->value))
        conf_fault_add(x->f, x->line, false, N_("%s is no number"), value);
}

static void word_take(const struct totem *x, const char *value, char out[WORD_LEN], unsigned *line)
{
    (void)str_copy(out, WORD_LEN, value);
    if (line)
        *line = x->line;
}

static void totem_key(struct totem *x, const char *key, const char *value)
{
    if (str_eq(key, "cluster_name"))
        word_take(x, value, x->cluster, &x->cluster_line);
    else if (str_eq(key, "transport"))
        word_take(x, value, x->transport, &x->transport_line);
    else if (str_eq(key, "crypto_hash"))
        word_take(x, value, x->hash, &x->hash_line);
    else if (str_eq(key, "secauth"))
        word_take(x, value, x->secauth, NULL);
    else if (str_eq(key, "token"))
        number_take(x, value, &x->token);
    else if (str_eq(key, "token_coefficient"))
        number_take(x, value, &x->coefficient);
    else if (str_eq(key, "consensus"))
        number_take(x, value, &x->consensus);
}

static void node_key(struct totem *x, const char *key, const char *value)
{
    struct totem_node *n = &x->node[x->n_nodes - 1];
    struct totem_number id = {0};
    if (str_eq(key, "nodeid")) {
        number_take(x, value, &id);
        n->id = (unsigned)id.value;
    } else if (str_eq(key, "name")) {
        word_take(x, value, n->name, NULL);
    } else if (str_eq(key, "ring0_addr")) {
        word_take(x, value, n->addr[0], &n->addr_line[0]);
    } else if (str_eq(key, "ring1_addr")) {
        word_take(x, value, n->addr[1], &n->addr_line[1]);
    }
}

/* linknumber may stand behind mcastport: both count when the section ends. */
static void interface_key(struct totem *x, const char *key, const char *value)
{
    if (str_eq(key, "linknumber") || str_eq(key, "ringnumber"))
        number_take(x, value, &x->number);
    else if (str_eq(key, "mcastport"))
        number_take(x, value, &x->mcastport);
}

static bool in_interface(const struct totem *x)
{
    return x->depth == 2 && str_eq(x->section[0], "totem") && str_eq(x->section[1], "interface");
}

static void quorum_key(struct totem *x, const char *key, const char *value)
{
    if (str_eq(key, "provider"))
        word_take(x, value, x->provider, NULL);
    else if (str_eq(key, "two_node"))
        number_take(x, value, &x->two_node);
    else if (str_eq(key, "expected_votes"))
        number_take(x, value, &x->expected);
}

static void key_take(struct totem *x, const char *key, const char *value)
{
    const char *top = x->depth > 0 ? x->section[0] : "";
    if (x->depth == 1 && str_eq(top, "totem"))
        totem_key(x, key, value);
    else if (in_interface(x))
        interface_key(x, key, value);
    else if (x->depth == 2 && str_eq(top, "nodelist") && str_eq(x->section[1], "node") &&
             x->n_nodes > 0)
        node_key(x, key, value);
    else if (x->depth == 1 && str_eq(top, "quorum"))
        quorum_key(x, key, value);
}

static void section_open(struct totem *x, char *line)
{
    size_t len = strlen(line) - 1;
    while (len > 0 && strchr(" \t", line[len - 1]))
        len--;
    line[len] = '\0';
    if (x->depth == DEPTH_MAX || len == 0 || len >= WORD_LEN) {
        x->strange = true;
        return;
    }
    (void)str_copy(x->section[x->depth++], WORD_LEN, line);
    if (x->depth == 2 && str_eq(x->section[0], "nodelist") && str_eq(line, "node")) {
        if (x->n_nodes == NODE_MAX) {
            conf_fault_add(x->f, x->line, false, N_("more than %d nodes: yoke has no more"),
                           NODE_MAX);
            x->strange = true;
            return;
        }
        x->node[x->n_nodes++] = (struct totem_node){.line = x->line};
    }
    if (x->depth == 2 && str_eq(x->section[0], "quorum") && str_eq(line, "device"))
        x->device = true;
    if (in_interface(x))
        x->number = x->mcastport = (struct totem_number){0};
}

static void section_close(struct totem *x)
{
    if (in_interface(x) && x->mcastport.line != 0 && x->number.value < TOTEM_LINKS)
        x->port[x->number.value] = x->mcastport;
    x->strange = x->strange || x->depth == 0;
    x->depth -= x->depth > 0;
}

static void line_take(struct totem *x, char *line)
{
    size_t len = strlen(line);
    char *colon = strchr(line, ':');
    if (len == 0 || line[0] == '#')
        return;
    if (line[len - 1] == '{') {
        section_open(x, line);
    } else if (str_eq(line, "}")) {
        section_close(x);
    } else if (colon == NULL) {
        x->strange = true;
    } else {
        char *end = colon;
        while (end > line && strchr(" \t", end[-1]))
            end--;
        *end = '\0';
        key_take(x, line, colon + 1 + strspn(colon + 1, " \t"));
    }
}

static bool text_read(const char *text, struct totem *x)
{
    char line[2 * WORD_LEN];
    for (const char *at = text; !x->strange && (at = line_next(at, line, sizeof line)) != NULL;) {
        x->line++;
        line_take(x, line);
    }
    if (x->strange || x->depth > 0) {
        conf_fault_add(x->f, x->line, false,
                       N_("this is no corosync.conf: sections in braces, and key: value"));
        return false;
    }
    return true;
}

/* ---- comparing ------------------------------------------------------------------------------- */

static const struct totem_node *node_find(const struct totem *x, unsigned id)
{
    for (unsigned i = 0; i < x->n_nodes; i++)
        if (x->node[i].id == id)
            return &x->node[i];
    return NULL;
}

/* Its family, 0 when it is a name: "db1" could be read as hexadecimal, and is none. */
static int address(const char *text, uint8_t at[16])
{
    memset(at, 0, 16);
    return inet_pton(AF_INET, text, at) == 1    ? AF_INET
           : inet_pton(AF_INET6, text, at) == 1 ? AF_INET6
                                                : 0;
}

/* However they are written. */
static bool same_address(const char *a, const char *b)
{
    uint8_t x[16], y[16];
    int family = address(a, x);
    return family != 0 && address(b, y) == family && memcmp(x, y, sizeof x) == 0;
}

static void addresses_check(const struct totem *x, const struct conf *c, unsigned n,
                            const struct totem_node *found)
{
    unsigned at[TOTEM_LINKS], links = totem_links(c, at);
    uint8_t bytes[16];
    for (unsigned l = 0; l < links; l++) {
        const char *want = c->link[at[l]].addr[n], *is = found->addr[l];
        if (is[0] == '\0' && l > 0)
            conf_fault_add(x->f, found->line, true,
                           N_("node %s has no ring%u_addr: with one link only, one cable parts the "
                              "cluster; yoke.conf has %s"),
                           c->node[n].name, l, want);
        else if (is[0] == '\0')
            conf_fault_add(x->f, found->line, false, N_("node %s has no ring%u_addr: write %s"),
                           c->node[n].name, l, want);
        else if (address(is, bytes) == 0)
            conf_fault_add(x->f, found->addr_line[l], true,
                           N_("ring%u_addr of node %s is a name, %s: what it stands for is "
                              "not looked at; an address does not depend on a name server"),
                           l, c->node[n].name, is);
        else if (!same_address(is, want))
            conf_fault_add(
                x->f, found->addr_line[l], true,
                N_("ring%u_addr of node %s is %s, yoke.conf has %s: is that on purpose?"), l,
                c->node[n].name, is, want);
    }
}

static void nodes_compare(const struct totem *x, const struct conf *c)
{
    if (x->n_nodes == 0) {
        conf_fault_add(x->f, 0, false,
                       N_("there is no nodelist: yoke needs each node's nodeid and address"));
        return;
    }
    for (unsigned n = 0; n < c->n_nodes; n++) {
        const struct totem_node *found = node_find(x, c->node[n].id);
        if (found == NULL) {
            conf_fault_add(x->f, 0, false,
                           N_("node %s (nodeid %u) is missing: the nodeid is the id in yoke.conf"),
                           c->node[n].name, c->node[n].id);
            continue;
        }
        if (found->name[0] != '\0' && !str_eq(found->name, c->node[n].name))
            conf_fault_add(x->f, found->line, false,
                           N_("nodeid %u is %s here and %s in yoke.conf: each node needs the same "
                              "number in both"),
                           found->id, found->name, c->node[n].name);
        addresses_check(x, c, n, found);
    }
    for (unsigned i = 0; i < x->n_nodes; i++)
        if (x->node[i].id > UINT8_MAX || conf_node_by_id(c, (uint8_t)x->node[i].id) == NODE_NONE)
            conf_fault_add(x->f, x->node[i].line, false,
                           N_("the node with nodeid %u is not in yoke.conf: it would vote, and run "
                              "nothing"),
                           x->node[i].id);
}

/* A port of corosync's on an address where a link of ours has it. */
static void ports_compare(const struct totem *x, const struct conf *c)
{
    const struct totem_node *first = node_find(x, c->node[0].id);
    for (unsigned i = 0; i < TOTEM_LINKS && first != NULL; i++) {
        uint64_t port = x->port[i].line ? x->port[i].value : PORT_DEFAULT + i;
        for (unsigned l = 0; l < c->n_links; l++)
            if (c->link[l].type == LINK_UDP && c->link[l].port == port &&
                same_address(c->link[l].addr[0], first->addr[i]))
                conf_fault_add(
                    x->f, x->port[i].line ? x->port[i].line : first->addr_line[i], false,
                    N_("corosync has port %u on the addresses of [link %s], which wants it too: "
                       "write another port there in yoke.conf"),
                    c->link[l].port, c->link[l].name);
    }
}

static void times_compare(const struct totem *x, const struct conf *c, const struct timing *t)
{
    uint64_t token = x->token.line ? x->token.value : TOKEN_DEFAULT_MS;
    uint64_t each = x->coefficient.line ? x->coefficient.value : COEFFICIENT_DEFAULT_MS;
    uint64_t more = c->n_nodes > 2 ? each * (c->n_nodes - 2) : 0;
    uint64_t real = token + more;
    uint64_t consensus = x->consensus.line ? x->consensus.value : (real * 12 + 9) / 10;
    uint64_t settles = real + consensus;
    unsigned line = x->token.line ? x->token.line : x->consensus.line;
    uint32_t want = timing_token_ms(t->settle_ms);
    if (x->consensus.line && consensus < real * 12 / 10)
        conf_fault_add(
            x->f, x->consensus.line, false,
            N_("consensus: %llu is less than 1.2 times the token (%llu ms for %u nodes): "
               "corosync.conf(5) wants that much, so that no node is lost while they gather"),
            (unsigned long long)consensus, (unsigned long long)real, c->n_nodes);
    else if (settles > t->settle_ms)
        conf_fault_add(
            x->f, line, false,
            N_("corosync settles after %llu ms (token %llu for %u nodes, consensus "
               "%llu), yoke's takeover leaves %u ms: write token: %u, "
               "token_coefficient: 0 and consensus: %u, or a longer takeover in yoke.conf"),
            (unsigned long long)settles, (unsigned long long)real, c->n_nodes,
            (unsigned long long)consensus, t->settle_ms, want, timing_consensus_ms(want));
}

static void quorum_compare(const struct totem *x, const struct conf *c)
{
    bool two = x->two_node.line && x->two_node.value == 1;
    if (!str_eq(x->provider, "corosync_votequorum"))
        conf_fault_add(x->f, 0, false,
                       N_("the quorum has no provider: write quorum { provider: "
                          "corosync_votequorum }, or nobody ever has a quorum"));
    if (x->device)
        conf_fault_add(
            x->f, 0, true,
            N_("a quorum device can give the quorum to less than half of the nodes: have "
               "fence devices then, a lease counts on the majority of the nodes"));
    if (two && c->n_nodes != 2)
        conf_fault_add(x->f, x->two_node.line, false,
                       N_("two_node: 1 is for two nodes, here are %u: take it out"), c->n_nodes);
    if (!two && c->n_nodes == 2 && !x->device)
        conf_fault_add(x->f, x->two_node.line, false,
                       N_("two nodes without two_node: 1 lose the quorum as soon as one of them is "
                          "away, and nothing is taken over: write it"));
    if (x->expected.line && x->expected.value != c->n_nodes && !x->device)
        conf_fault_add(x->f, x->expected.line, false,
                       N_("expected_votes: %llu for %u nodes: take it out, the nodelist says it"),
                       (unsigned long long)x->expected.value, c->n_nodes);
}

enum err totem_check(const char *text, const struct conf *c, const struct timing *t,
                     opt_translate translate, struct conf_faults *faults)
{
    struct totem x = {.f = faults};
    faults->n = faults->n_errors = 0;
    faults->translate = translate;
    if (strnlen(text, TOTEM_TEXT_MAX + 1) > TOTEM_TEXT_MAX) {
        conf_fault_add(faults, 0, false,
                       N_("the file is longer than %d bytes; this is no corosync.conf"),
                       TOTEM_TEXT_MAX);
        return ERR_SYNTAX;
    }
    if (!text_read(text, &x))
        return ERR_SYNTAX;
    if (!str_eq(x.cluster, c->cluster))
        conf_fault_add(
            faults, x.cluster_line, true,
            N_("cluster_name is \"%s\" here and %s in yoke.conf: it works, and confuses"),
            x.cluster, c->cluster);
    if (x.transport_line && !str_eq(x.transport, "knet"))
        conf_fault_add(faults, x.transport_line, true,
                       N_("transport: %s has one link only: knet has two and encrypts"),
                       x.transport);
    if (x.hash_line ? str_eq(x.hash, "none") : !str_eq(x.secauth, "on"))
        conf_fault_add(
            faults, x.hash_line, true,
            N_("nothing is authenticated: whoever is on this network can speak in the "
               "name of a node; write crypto_cipher: aes256 and crypto_hash: sha256, and "
               "make a key"));
    nodes_compare(&x, c);
    ports_compare(&x, c);
    times_compare(&x, c, t);
    quorum_compare(&x, c);
    return faults->n_errors == 0 ? ERR_OK : ERR_SYNTAX;
}
