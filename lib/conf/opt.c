/* SPDX-License-Identifier: GPL-2.0-or-later
 * opt: the option table, its look-ups, and values in and out of their fields. A new option is a new
 * row here and nothing else.
 *
 * Happy path: opt_find gives the row of a key, opt_set fills its field. Fails: NULL for what is not
 * in the table, an enum err for a text that the row does not allow. */
#include "lib/conf/opt.h"

#include <assert.h>
#include <string.h>
#include "lib/base/num.h"
#include "lib/conf/timing.h"

#define N_(text) text /* marked for translation, done by the caller's gettext */

enum { MIN = 60 * 1000, OPT_LIST_MAX = 9 /* bits, and the places of up to eight words */ };

static const char *const engines[] = {"pair", "corosync", NULL}; /* enum conf_engine */
static const char *const link_types[] = {"udp", "tcp", "serial", NULL};
static const char *const bauds[] = {
    "1200",    "1800",    "2400",    "4800",    "9600",    "19200",   "38400",   "57600",
    "115200",  "230400",  "460800",  "500000",  "576000",  "921600",  "1000000", "1152000",
    "1500000", "2000000", "2500000", "3000000", "3500000", "4000000", NULL};
static const char *const guards[] = {"fence", "lease", "reservation", NULL}; /* enum conf_guard */
static const char *const auths[] = {"hmac-sha256", "hmac-sm3", NULL};
static const char *const ciphers[] = {"none", NULL};
static const char *const ciphers_later[] = {"aes-256-gcm", "sm4-ctr", "sm4-cbc", "sm4-gcm", NULL};
static const char *const levels[] = {"debug", "info", "notice", "warning", "error", "alert", NULL};
static const char *const ends[] = {"reset", "poweroff", NULL}; /* of switch_off_on_fenced */

enum { ON_IP = 1 << LINK_UDP | 1 << LINK_TCP, ON_SERIAL = 1 << LINK_SERIAL };
#define FIELD(type, name)                                                                          \
    .offset = (uint16_t)offsetof(struct type, name),                                               \
    .size = (uint16_t)sizeof(((struct type *)NULL)->name)
#define NAME_ROOM .min = 1, .max = CONF_NAME_LEN - 1
#define PATH_ROOM .min = 1, .max = CONF_PATH_LEN - 1

/* clang-format off */
static const struct opt rows[] = {
    {OPT_CLUSTER, "name", .type = OPT_NAME, NAME_ROOM, FIELD(conf, cluster),
     .brief = N_("name of the cluster"),
     .text = N_("Nodes of another cluster on the same network are ignored, so each cluster "
                "needs a name of its own.")},
    {OPT_CLUSTER, "engine", .type = OPT_WORD, .words = engines,
     .value = "pair", FIELD(conf, engine),
     .brief = N_("who tells the nodes about each other"),
     .text = N_("With pair, two nodes find and hear each other over their own links and "
                "nothing else need be installed. With corosync, membership, messages and "
                "quorum of two to sixteen nodes come from a running corosync 3 (yoke corosync "
                "write makes its configuration); the links that are written here are then "
                "evidence beside it, and the addresses of the first two are corosync's.")},
    {OPT_CLUSTER, "takeover", .type = OPT_MS, .min = 100, .max = 10 * MIN, .value = "10s",
     .unit = "ms", FIELD(conf, takeover_ms),
     .brief = N_("the one timing knob"),
     .text = N_("How long the services of a dead peer may wait before they begin to start "
                "here; all intervals and time-outs are derived from it and shown by yoke "
                "timing.")},
    {OPT_CLUSTER, "deadtime", .type = OPT_MS, .min = 100, .max = 5 * MIN, .value = "derived",
     .zero = "derived", .unit = "ms", FIELD(conf, deadtime_ms),
     .brief = N_("silence after which a peer is lost"),
     .text = N_("Needed only to overrule what follows from takeover; a value that one of the "
                "links cannot keep is refused with the smallest that can be kept.")},
    {OPT_CLUSTER, "join-wait", .old = "initdead", .type = OPT_MS, .min = 100, .max = 60 * MIN,
     .value = "derived", .zero = "derived", .unit = "ms", FIELD(conf, join_wait_ms),
     .brief = N_("patience at a cold start"),
     .text = N_("How long a node that starts alone waits for its peer before it says that it "
                "waits, and for what; derived means the same as takeover, and less than "
                "deadtime is never waited.")},

    {OPT_NODE, "id", .old = "nodeid", .type = OPT_NUMBER, .min = 1, .max = 255,
     FIELD(conf_node, id),
     .brief = N_("number of the node"),
     .text = N_("It travels in every frame, must differ from node to node and must never "
                "change while the cluster runs.")},

    {OPT_LINK, "type", .type = OPT_WORD, .words = link_types, FIELD(conf_link, type),
     .brief = N_("kind of the link"),
     .text = N_("Take udp for networks, serial for a null-modem cable between the two servers, "
                "and tcp only where a firewall lets no UDP pass.")},
    {OPT_LINK, "NODE", .type = OPT_ADDR, .min = 1, .max = CONF_ADDR_LEN - 1,
     FIELD(conf_link, addr[0]), .per_node = true,
     .brief = N_("a node's end of the link"),
     .text = N_("The key is the name of a node; the value is the IPv4 or IPv6 address of that "
                "node on this network or, for a serial link, its device such as /dev/ttyS0.")},
    {OPT_LINK, "port", .old = "udpport", .type = OPT_NUMBER, .min = 1, .max = 65535,
     .value = "5410", FIELD(conf_link, port), .links = ON_IP,
     .brief = N_("UDP or TCP port"),
     .text = N_("All links may share one port, because no two of them share an address.")},
    {OPT_LINK, "baud", .type = OPT_NUMBER, .min = 1200, .max = 4000000, .words = bauds,
     .value = "115200", .unit = "bit/s", FIELD(conf_link, baud), .links = ON_SERIAL,
     .brief = N_("speed of the serial line"),
     .text = N_("Both ends use this rate with 8 data bits, no parity and one stop bit; a slow "
                "line needs a longer deadtime.")},
    {OPT_LINK, "interval", .old = "keepalive", .type = OPT_MS, .min = 10, .max = MIN,
     .value = "derived", .zero = "derived", .unit = "ms", FIELD(conf_link, interval_ms),
     .brief = N_("time between two heartbeats"),
     .text = N_("Needed only for a link that must be spared, such as a metered line; derived "
                "means a fifth of deadtime, or what a serial line can carry.")},

    {OPT_DISK, "device", .type = OPT_PATH, .min = 1, .max = CONF_ADDR_LEN - 1, .value = "none",
     .zero = "none", FIELD(conf_link, device),
     .brief = N_("the disk on all nodes"),
     .text = N_("A small shared LUN or partition of its own, 1 MiB is enough, prepared by yoke "
                "disk init; take a name that stays, such as /dev/disk/by-id/wwn-0x6001.")},
    {OPT_DISK, "NODE", .type = OPT_ADDR, .min = 1, .max = CONF_ADDR_LEN - 1,
     FIELD(conf_link, addr[0]), .per_node = true,
     .brief = N_("the disk on one node"),
     .text = N_("The key is the name of a node; the value is the path of the disk on that node, "
                "where it differs from device.")},
    {OPT_DISK, "interval", .type = OPT_MS, .min = TIMING_DISK_INTERVAL_MIN_MS, .max = 1000,
     .value = "derived", .zero = "derived", .unit = "ms", FIELD(conf_link, interval_ms),
     .brief = N_("time between two heartbeats"),
     .text = N_("Each beat is one write and one read of 4 KiB on each node; derived means a fifth "
                "of deadtime.")},

    {OPT_GUARD, "use", .type = OPT_BITS, .words = guards, .value = "fence, lease, reservation",
     .offset = (uint16_t)offsetof(struct conf, guard), .size = 1 + GUARD_KINDS,
     .brief = N_("proof that a silent peer is stopped"),
     .text = N_("The services of a silent peer are taken over only after a proof: fence, a fence "
                "device confirms that it is off; lease, its right to run has ended by the clock "
                "and its watchdog has reset it; reservation, its keys were taken off every shared "
                "disk of the services. All that are written are sought at the same time, the "
                "first one decides, and the order says which is preferred; what is not configured "
                "is simply not there: fence needs a stonith: resource, lease a [disk NAME] and a "
                "[watchdog], reservation disks that can do SCSI-3 persistent reservations. With "
                "none they are "
                "taken over on silence alone, which is UNSAFE for data on shared disks and for "
                "tests only.")},
    {OPT_GUARD, "on-fenced", .type = OPT_WORD, .words = ends, .value = "poweroff",
     FIELD(conf, switch_off_on_fenced),
     .brief = N_("what a node does when told that it was fenced"),
     .text = N_("A node whose services were taken over must not go on; it ends at once and "
                "either stays off or starts anew.")},

    {OPT_WATCHDOG, "device", .type = OPT_PATH, PATH_ROOM, .value = "none", .zero = "none",
     FIELD(conf, watchdog_device),
     .brief = N_("the watchdog"),
     .text = N_("A device such as /dev/watchdog that resets this machine when nobody feeds it; "
                "best a hardware one. A regular file or a socket is for tests only and is shown "
                "as UNSAFE.")},
    {OPT_WATCHDOG, "timeout", .type = OPT_MS, .min = 1000, .max = 5 * MIN, .value = "derived",
     .zero = "derived", .unit = "ms", FIELD(conf, watchdog_ms),
     .brief = N_("time from the last feeding to the reset"),
     .text = N_("Set on the device and read back; most devices count in whole seconds. Derived "
                "means what follows from takeover.")},
    {OPT_WATCHDOG, "accept-weak-watchdog", .type = OPT_BOOL, .value = "no",
     FIELD(conf, accept_weak_watchdog),
     .brief = N_("believe a watchdog that shares the fate of the machine"),
     .text = N_("A paused virtual machine takes its virtual watchdog with it, and a hung kernel "
                "its software watchdog; with yes, a lease that ran out is proof even so, and "
                "status says WEAK.")},

    {OPT_SECURITY, "keyfile", .type = OPT_PATH, PATH_ROOM, .value = SYSCONFDIR "/yoke/key",
     FIELD(conf, keyfile),
     .brief = N_("file with the key that all nodes share"),
     .text = N_("Made by yoke key new, the same on all nodes and readable by root only.")},
    {OPT_SECURITY, "auth", .type = OPT_WORD, .words = auths, .value = "hmac-sha256",
     FIELD(conf, auth),
     .brief = N_("how frames are authenticated"),
     .text = N_("Take hmac-sm3 where the Chinese national algorithms are required.")},
    {OPT_SECURITY, "encrypt", .type = OPT_WORD, .words = ciphers, .later = ciphers_later,
     .value = "none",
     .brief = N_("how frames are encrypted"),
     .text = N_("Frames are authenticated in any case; this version does not encrypt them.")},

    {OPT_DAEMON, "state-dir", .type = OPT_PATH, PATH_ROOM, .value = LOCALSTATEDIR "/lib/yoke",
     FIELD(conf, state_dir),
     .brief = N_("what must survive a reboot"),
     .text = N_("The replicated configuration and the little that a node must not forget are "
                "kept here.")},
    {OPT_DAEMON, "run-dir", .type = OPT_PATH, PATH_ROOM, .value = RUNSTATEDIR "/yoke",
     FIELD(conf, run_dir),
     .brief = N_("what must not survive a reboot"),
     .text = N_("The boot id and the state of agents live here.")},
    {OPT_DAEMON, "agent-dirs", .type = OPT_DIRS, PATH_ROOM, .value = OCFROOT ":/usr/lib/ocf",
     FIELD(conf, agent_dirs),
     .brief = N_("where OCF agents are"),
     .text = N_("Directories that hold resource.d, separated by colons and searched in this "
                "order.")},
    {OPT_DAEMON, "fence-dirs", .type = OPT_DIRS, PATH_ROOM, .value = SBINDIR ":/usr/sbin",
     FIELD(conf, fence_dirs),
     .brief = N_("where fence agents are"),
     .text = N_("Directories that hold fence_* programs, separated by colons and searched in "
                "this order.")},
    {OPT_DAEMON, "group", .type = OPT_NAME, NAME_ROOM, .value = "yoke", FIELD(conf, group),
     .brief = N_("who may command the daemon"),
     .text = N_("Members of this group may use yoke as root may.")},
    {OPT_DAEMON, "realtime", .type = OPT_BOOL, .value = "yes", FIELD(conf, realtime),
     .brief = N_("real-time priority"),
     .text = N_("Heartbeats then go out in time however busy the machine is.")},
    {OPT_DAEMON, "lock-memory", .type = OPT_BOOL, .value = "yes", FIELD(conf, lock_memory),
     .brief = N_("keep the daemon in memory"),
     .text = N_("The daemon then never waits for the swap device, and a node short of memory "
                "still beats.")},
    {OPT_DAEMON, "log-level", .type = OPT_WORD, .words = levels, .value = "info",
     FIELD(conf, log_level),
     .brief = N_("least that goes to the journal"),
     .text = N_("From debug, which is everything, to alert, which is only what needs a human "
                "now.")},
};

static const struct opt_kind kinds[OPT_SECTIONS] = {
    [OPT_CLUSTER] = {"cluster", false,
        N_("What concerns the cluster as a whole.")},
    [OPT_NODE] = {"node", true,
        N_("One section for each node; NAME is the name that uname -n prints there.")},
    [OPT_LINK] = {"link", true,
        N_("One section for each way on which the nodes hear each other; NAME is free. Have at "
           "least two that cannot fail together, best a network and a serial cable.")},
    [OPT_DISK] = {"disk", true,
        N_("One section for each quorum disk: a small shared disk on which the nodes also hear "
           "each other when all networks are cut; NAME is free. Have one or three of them.")},
    [OPT_GUARD] = {"guard", false, N_("What keeps a service from running on both nodes.")},
    [OPT_WATCHDOG] = {"watchdog", false,
        N_("What resets a node that can no longer tell whether it may run its services.")},
    [OPT_SECURITY] = {"security", false, N_("What keeps strangers out.")},
    [OPT_DAEMON] = {"daemon", false,
        N_("What concerns the daemon on this machine; rarely needed.")},
};
/* clang-format on */

_Static_assert(ARRAY_LEN(rows) <= OPT_ROWS_MAX, "conf_origin has a place for every row");

const struct opt *opt_at(unsigned i)
{
    return i < ARRAY_LEN(rows) ? &rows[i] : NULL;
}

unsigned opt_index(const struct opt *o)
{
    assert(o >= rows && o < rows + ARRAY_LEN(rows));
    return (unsigned)(o - rows);
}

const struct opt *opt_find(enum opt_section section, const char *key, bool *by_old)
{
    assert(key != NULL);
    for (unsigned old = 0; old < 2; old++) {
        for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
            const struct opt *o = &rows[i];
            if (o->section != section || o->per_node || !str_eq(old ? o->old : o->key, key))
                continue;
            if (by_old != NULL)
                *by_old = old != 0;
            return o;
        }
    }
    return NULL;
}

const struct opt *opt_elsewhere(enum opt_section section, const char *key)
{
    for (unsigned s = 0; s < OPT_SECTIONS; s++) {
        const struct opt *o = s == section ? NULL : opt_find((enum opt_section)s, key, NULL);
        if (o != NULL)
            return o;
    }
    return NULL;
}

const struct opt *opt_per_node(enum opt_section section)
{
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].per_node && rows[i].section == section)
            return &rows[i];
    assert(!"the table has a per-node row");
    return NULL;
}

const struct opt_kind *opt_kind(enum opt_section section)
{
    assert((unsigned)section < OPT_SECTIONS);
    return &kinds[section];
}

enum opt_section opt_section_find(const char *word)
{
    unsigned s = 0;
    while (s < OPT_SECTIONS && !str_eq(kinds[s].word, word))
        s++;
    return (enum opt_section)s;
}

void opt_instances(enum opt_section section, const struct conf *c, unsigned *first, unsigned *end)
{
    unsigned links = c->n_links - conf_disks(c);
    *first = section == OPT_DISK ? links : 0;
    *end = section == OPT_NODE   ? c->n_nodes
           : section == OPT_LINK ? links - (conf_ring(c) < links)
           : section == OPT_DISK ? c->n_links
                                 : 1;
}

const char *opt_instance_name(enum opt_section section, const struct conf *c, unsigned index)
{
    assert(section == OPT_NODE || opt_is_link(section));
    return section == OPT_NODE ? c->node[index].name : c->link[index].name;
}

const void *opt_field_of(const struct opt *o, const struct conf *c, unsigned index, unsigned node)
{
    const char *base = (const char *)c;
    if (o->size == 0)
        return NULL;
    if (o->section == OPT_NODE) {
        assert(index < NODE_MAX);
        base = (const char *)&c->node[index];
    } else if (opt_is_link(o->section)) {
        assert(index < CONF_LINKS_MAX && node < NODE_MAX);
        base = (const char *)&c->link[index];
        if (o->per_node)
            base += (size_t)node * o->size;
    }
    return base + o->offset;
}

void *opt_field(const struct opt *o, struct conf *c, unsigned index, unsigned node)
{
    return (void *)(uintptr_t)opt_field_of(o, c, index, node);
}

/* Values. Fields are read and written by memcpy: their size stands in the row. */

static void number_put(const struct opt *o, void *field, uint64_t v)
{
    uint8_t v8 = (uint8_t)v;
    uint16_t v16 = (uint16_t)v;
    uint32_t v32 = (uint32_t)v;
    if (field == NULL)
        return;
    assert(o->size == 1 || o->size == 2 || o->size == 4);
    memcpy(field, o->size == 1 ? (void *)&v8 : o->size == 2 ? (void *)&v16 : (void *)&v32, o->size);
}

static uint64_t number_get(const struct opt *o, const void *field)
{
    uint8_t v8 = 0;
    uint16_t v16 = 0;
    uint32_t v32 = 0;
    assert(o->size == 1 || o->size == 2 || o->size == 4);
    memcpy(o->size == 1 ? (void *)&v8 : o->size == 2 ? (void *)&v16 : (void *)&v32, field, o->size);
    return o->size == 1 ? v8 : o->size == 2 ? v16 : v32;
}

/* Place of word[0..len) in words, which may be NULL; -1 when it is not there. */
static int word_place(const char *const *words, const char *word, size_t len)
{
    for (int i = 0; words != NULL && words[i] != NULL; i++)
        if (strlen(words[i]) == len && memcmp(words[i], word, len) == 0)
            return i;
    return -1;
}

static enum err word_find(const struct opt *o, const char *word, size_t len, int *place)
{
    *place = word_place(o->words, word, len);
    if (*place >= 0)
        return ERR_OK;
    return word_place(o->later, word, len) >= 0 ? ERR_REFUSED : ERR_UNKNOWN;
}

/* Into list[0] the bits, behind it the order. */
static enum err bits_read(const struct opt *o, const char *value, uint8_t list[OPT_LIST_MAX])
{
    enum err worst = ERR_OK;
    unsigned n = 1;
    if (str_eq(value, "none"))
        return ERR_OK;
    for (const char *at = value;; at++) {
        at += strspn(at, " \t");
        size_t len = strcspn(at, ", \t");
        int place = -1;
        enum err err = word_find(o, at, len, &place);
        if (err == ERR_OK && !(list[0] >> place & 1)) {
            list[0] |= (uint8_t)(1 << place);
            list[n++] = (uint8_t)(place + 1);
        } else if (err != ERR_OK && worst != ERR_UNKNOWN) {
            worst = err;
        }
        at += len;
        at += strspn(at, " \t");
        if (*at == '\0')
            return worst;
        if (*at != ',')
            return ERR_UNKNOWN;
    }
}

bool opt_name_ok(const char *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789-_.";
    size_t len = strlen(name);
    return len > 0 && len < CONF_NAME_LEN && strspn(name, letters) == len;
}

/* An absolute path without what would need quoting: control characters, or the '%' and '"' that
 * printf and systemd take for themselves, are never part of a sensible one. */
static bool path_ok(const char *path, size_t len)
{
    if (len == 0 || path[0] != '/')
        return false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)path[i] < ' ' || path[i] == '\x7f' || path[i] == '"' || path[i] == '%')
            return false;
    return true;
}

/* Copies a colon separated list of absolute paths, the first of equal ones only. */
static enum err dirs_read(const char *value, char *out, size_t size)
{
    char kept[CONF_PATH_LEN];
    struct str s;
    str_init(&s, kept, sizeof kept);
    for (const char *at = value;; at++) {
        size_t len = strcspn(at, ":");
        bool seen = false;
        if (!path_ok(at, len))
            return ERR_SYNTAX;
        for (const char *old = kept; !seen && *old != '\0';) {
            size_t old_len = strcspn(old, ":");
            seen = old_len == len && memcmp(old, at, len) == 0;
            old += old_len + (old[old_len] == ':');
        }
        if (!seen) {
            if (s.len > 0)
                str_add_char(&s, ':');
            str_add_n(&s, at, len);
        }
        at += len;
        if (*at == '\0')
            break;
    }
    if (s.cut || s.len >= size)
        return ERR_RANGE;
    return str_copy(out, size, kept) ? ERR_OK : ERR_RANGE;
}

static enum err text_set(const struct opt *o, const char *value, char *field)
{
    char dirs[CONF_PATH_LEN];
    if (o->zero != NULL && str_eq(o->zero, value)) {
        if (field != NULL)
            memset(field, 0, o->size);
        return ERR_OK;
    }
    if (strlen(value) > o->max)
        return ERR_RANGE;
    if (o->type == OPT_NAME && !opt_name_ok(value))
        return ERR_SYNTAX;
    if (o->type == OPT_PATH && !path_ok(value, strlen(value)))
        return ERR_SYNTAX;
    if (o->type == OPT_ADDR && value[strcspn(value, " \t\"%")] != '\0')
        return ERR_SYNTAX;
    if (strlen(value) < o->min)
        return ERR_SYNTAX;
    if (o->type == OPT_DIRS) {
        enum err err = dirs_read(value, dirs, sizeof dirs);
        if (err)
            return err;
        value = dirs;
    }
    if (field == NULL)
        return ERR_OK;
    memset(field, 0, o->size); /* nothing of a longer value stays behind: a conf may be hashed */
    return str_copy(field, o->size, value) ? ERR_OK : ERR_RANGE;
}

enum err opt_set(const struct opt *o, const char *value, void *field)
{
    enum err err = ERR_OK;
    uint64_t v = 0;
    bool yes = false;
    int place = -1;
    uint8_t list[OPT_LIST_MAX] = {0};

    assert(o != NULL && value != NULL);
    switch (o->type) {
    case OPT_NAME:
    case OPT_PATH:
    case OPT_DIRS:
    case OPT_ADDR: return text_set(o, value, field);
    case OPT_MS:
        if (o->zero != NULL && str_eq(o->zero, value))
            break;
        err = num_ms(value, o->max, &v);
        if (err == ERR_OK && v < o->min)
            err = ERR_RANGE;
        break;
    case OPT_NUMBER:
        err = num_u64(value, o->min, o->max, &v);
        if (err == ERR_OK && o->words != NULL)
            err = word_find(o, value, strlen(value), &place);
        break;
    case OPT_WORD:
        err = word_find(o, value, strlen(value), &place);
        v = place >= 0 ? (uint64_t)place : 0;
        break;
    case OPT_BITS:
        err = bits_read(o, value, list);
        if (err == ERR_OK && field != NULL)
            memcpy(field, list, o->size);
        return err;
    case OPT_BOOL:
        err = num_bool(value, &yes);
        v = yes;
        break;
    }
    if (err == ERR_OK)
        number_put(o, field, v);
    return err;
}

void opt_ms(uint64_t ms, struct str *out)
{
    if (ms >= MIN && ms % MIN == 0)
        str_addf(out, "%llumin", (unsigned long long)(ms / MIN));
    else if (ms >= 1000 && ms % 1000 == 0)
        str_addf(out, "%llus", (unsigned long long)(ms / 1000));
    else
        str_addf(out, "%llums", (unsigned long long)ms);
}

static void bits_get(const struct opt *o, const uint8_t *list, struct str *out)
{
    bool any = false;
    unsigned n = 0;
    while (o->words[n] != NULL)
        n++;
    /* A list of bits alone, as a test may set it, goes by the table's order. */
    bool ordered = o->size > 1 && list[1] != 0;
    for (unsigned i = 0; i < n; i++) {
        unsigned place = !ordered ? i : i + 1 < o->size && list[i + 1] != 0 ? list[i + 1] - 1u : n;
        if (place >= n || !(list[0] >> place & 1))
            continue;
        str_add(out, any ? ", " : "");
        str_add(out, o->words[place]);
        any = true;
    }
    if (!any)
        str_add(out, "none");
}

void opt_get(const struct opt *o, const void *field, struct str *out)
{
    char dirs[CONF_PATH_LEN];
    assert(o != NULL && out != NULL);
    if (field == NULL && o->type == OPT_DIRS && dirs_read(o->value, dirs, sizeof dirs) == ERR_OK) {
        str_add(out, dirs);
        return;
    }
    if (field == NULL) {
        str_add(out, o->value != NULL ? o->value : "");
        return;
    }
    switch (o->type) {
    case OPT_PATH:
        if (o->zero != NULL && *(const char *)field == '\0') {
            str_add(out, o->zero);
            break;
        }
        __attribute__((fallthrough));
    case OPT_NAME:
    case OPT_DIRS:
    case OPT_ADDR: str_add(out, field); break;
    case OPT_MS:
        if (number_get(o, field) == 0 && o->zero != NULL)
            str_add(out, o->zero);
        else
            opt_ms(number_get(o, field), out);
        break;
    case OPT_NUMBER: str_addf(out, "%llu", (unsigned long long)number_get(o, field)); break;
    case OPT_WORD:
        for (uint64_t i = 0; o->words[i] != NULL; i++)
            if (i == number_get(o, field))
                str_add(out, o->words[i]);
        break;
    case OPT_BITS: bits_get(o, field, out); break;
    case OPT_BOOL: str_add(out, number_get(o, field) ? "yes" : "no"); break;
    }
}

static void words_add(const char *const *words, struct str *out)
{
    for (unsigned i = 0; words[i] != NULL; i++) {
        str_add(out, i > 0 ? ", " : "");
        str_add(out, words[i]);
    }
}

void opt_allowed(const struct opt *o, opt_translate translate, struct str *out)
{
#define SAY(text) (translate != NULL ? translate(text) : text)
    switch (o->type) {
    case OPT_NAME: str_add(out, SAY(N_("letters, digits, - _ and . (at most 63)"))); return;
    case OPT_PATH: str_add(out, SAY(N_("an absolute path"))); break;
    case OPT_DIRS: str_add(out, SAY(N_("absolute paths, separated by colons"))); return;
    case OPT_ADDR:
        str_add(out, o->section == OPT_DISK
                         ? SAY(N_("an absolute path"))
                         : SAY(N_("an IP address, or the path of a serial device")));
        return;
    case OPT_BOOL: str_add(out, SAY(N_("yes or no"))); return;
    case OPT_MS:
        opt_ms(o->min, out);
        str_add(out, " .. ");
        opt_ms(o->max, out);
        break;
    case OPT_NUMBER:
        if (o->words != NULL)
            words_add(o->words, out);
        else
            str_addf(out, "%llu .. %llu", (unsigned long long)o->min, (unsigned long long)o->max);
        break;
    case OPT_BITS:
        words_add(o->words, out);
        str_add(out, ", none");
        break;
    case OPT_WORD: words_add(o->words, out); break;
    }
    if (o->zero != NULL) {
        str_add(out, ", ");
        str_add(out, o->zero);
    }
#undef SAY
}

void opt_defaults(enum opt_section section, struct conf *c, unsigned index)
{
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        const struct opt *o = &rows[i];
        if (o->section != section || o->value == NULL)
            continue;
        enum err err = opt_set(o, o->value, opt_field(o, c, index, 0));
        assert(err == ERR_OK);
        (void)err;
    }
}
