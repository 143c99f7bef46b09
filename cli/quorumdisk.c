/* SPDX-License-Identifier: GPL-2.0-or-later
 * quorumdisk: `yoke disk`: a quorum disk is prepared, shown and checked, without yoked.
 *
 * Happy path: init finds nothing on the device, asks, wipes the blocks and writes the header last;
 * show and check read. Fails: a device that holds anything else, or that anything of this machine
 * uses, is not touched; blocks that are not as they should be make exit code 1. */
#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "cli/cli.h"
#include "cli/runout.h"
#include "daemon/blockdev.h"
#include "lib/base/num.h"
#include "lib/wire/auth.h"
#include "lib/wire/frame.h"

enum {
    WHY_LEN = 512,
    KEY_TEXT_MAX = 4096,
    PROBE_BYTES = 1024 * 1024, /* where signatures of anything else may stand */
    BLKID_MS = 10000,
    TRIES = 16, /* reads and writes that are timed */
    SPARE_NODE = BLOCK_SLOTS
};

struct target {       /* one disk */
    const char *name; /* as typed, or [disk NAME] */
    const char *path;
    uint8_t uuid[AUTH_KEYS_MAX][BLOCK_UUID];
    unsigned n_uuid;
    struct blockdev dev;
    uint8_t *at; /* all its blocks */
    struct block_header header;
};

/* ---- which disk ----------------------------------------------------------------------------- */

/* The k-th [disk] of yoke.conf on this machine; false: told. */
static bool target_of_conf(struct ctx *x, unsigned link, struct target *t)
{
    const char *node = node_or_self(x, 0, NULL);
    if (!node)
        return false;
    t->name = x->conf.link[link].name;
    t->path = x->conf.link[link].addr[conf_node_index(&x->conf, node)];
    return true;
}

static bool target_find(struct ctx *x, const char *word, struct target *t)
{
    unsigned first = x->conf.n_links - conf_disks(&x->conf);
    *t = (struct target){.name = word, .path = word, .dev = {.fd = -1}};
    if (word[0] == '/')
        return true;
    for (unsigned l = first; l < x->conf.n_links; l++)
        if (str_eq(x->conf.link[l].name, word))
            return target_of_conf(x, l, t);
    complain(_("there is no [disk %s] in %s; a device is named by its path, such as "
               "/dev/disk/by-id/wwn-0x6001"),
             word, x->conf_path);
    return false;
}

/* The marks that the cluster's keys make; false: told. */
static bool marks_make(struct ctx *x, struct target *t)
{
    char why[WHY_LEN];
    struct auth *auth = NULL;
    char *text = file_read(x->conf.keyfile, KEY_TEXT_MAX, why, sizeof(why));
    if (!text) {
        complain(_("cannot read the key file: %s; make one by 'yoke key new', or take the other "
                   "node's"),
                 why);
        return false;
    }
    enum err err =
        auth_new(x->conf.auth == AUTH_HMAC_SM3 ? AUTH_KIND_SM3 : AUTH_KIND_SHA256, text, &auth);
    explicit_bzero(text, strlen(text));
    free(text);
    while (!err && t->n_uuid < AUTH_KEYS_MAX &&
           auth_mark(auth, t->n_uuid, x->conf.cluster, t->uuid[t->n_uuid]) == ERR_OK)
        t->n_uuid++;
    auth_free(auth);
    if (err || t->n_uuid == 0)
        complain(_("the key file %s holds no usable key: %s"), x->conf.keyfile,
                 translate(err_text(err)));
    return !err && t->n_uuid > 0;
}

static void target_close(struct target *t)
{
    blockdev_close(&t->dev);
    free(t->at);
    t->at = NULL;
}

/* Opens it and reads all blocks; false: told. */
static bool target_open(struct target *t, enum blockdev_use use)
{
    char why[WHY_LEN];
    struct str s;
    str_init(&s, why, sizeof(why));
    if (blockdev_open(&t->dev, t->path, use, &s)) {
        complain("%s", why);
        return false;
    }
    t->at = need(blockdev_memory(BLOCK_COUNT));
    int code = blockdev_read(&t->dev, 0, BLOCK_COUNT, t->at);
    if (code)
        complain(_("cannot read %s: %s: look at paths, array and 'dmesg'"), t->path,
                 strerror(code));
    return code == 0;
}

/* Is the header that of our cluster? false: told. */
static bool header_ours(struct ctx *x, struct target *t)
{
    char why[WHY_LEN];
    struct str s;
    str_init(&s, why, sizeof(why));
    if (blockdev_header_ok(t->at, t->name, x->conf.cluster, (const uint8_t(*)[BLOCK_UUID])t->uuid,
                           t->n_uuid, &t->header, &s))
        return true;
    complain("%s", why);
    return false;
}

/* ---- init ----------------------------------------------------------------------------------- */

/* What blkid finds there ("ext4", "LVM2_member", "dos"), "" when nothing; false: it cannot be
 * asked. */
static bool signature_find(const char *path, char *what, size_t size)
{
    static const char *const places[] = {"/usr/sbin/blkid", "/sbin/blkid"};
    char reason[WHY_LEN];
    struct str s;
    size_t len;
    str_init(&s, reason, sizeof(reason));
    what[0] = '\0';
    const char *blkid = access(places[0], X_OK) == 0 ? places[0] : places[1];
    if (access(blkid, X_OK) != 0)
        return false;
    char *argv[] = {(char *)(uintptr_t)blkid, "-p", "-o", "export", "--",
                    (char *)(uintptr_t)path,  NULL};
    char *envp[] = {"LC_ALL=C", NULL};
    char *text = runout(argv, envp, BLKID_MS, 65536, &len, &s);
    for (char *save = NULL, *line = text ? strtok_r(text, "\n", &save) : NULL; line;
         line = strtok_r(NULL, "\n", &save))
        if (strncmp(line, "TYPE=", 5) == 0 || strncmp(line, "PTTYPE=", 7) == 0)
            (void)str_copy(what, size, strchr(line, '=') + 1);
    free(text);
    return true;
}

/* Anything but zeroes in the first MiB? */
static bool any_bytes(const struct target *t)
{
    uint64_t left = num_min(t->dev.bytes, PROBE_BYTES) / BLOCK_BYTES * BLOCK_BYTES;
    uint8_t *at = need(blockdev_memory(1));
    bool any = false;
    for (uint64_t pos = 0; pos < left && !any; pos += BLOCK_BYTES) {
        if (pread(t->dev.fd, at, BLOCK_BYTES, (off_t)pos) != BLOCK_BYTES)
            any = true;
        for (unsigned i = 0; i < BLOCK_BYTES && !any; i++)
            any = at[i] != 0;
    }
    free(at);
    return any;
}

/* Does anything speak against it? Told; true: it may be written to. */
static bool target_free(struct ctx *x, struct target *t)
{
    char what[64];
    struct block_header h;
    enum block_state state = block_get_header(t->at, &h);
    if (state == BLOCK_WHOLE && !str_eq(h.cluster, x->conf.cluster)) {
        complain(_("%s is a quorum disk of the cluster %s"), t->path, h.cluster);
    } else if (state == BLOCK_WHOLE) {
        complain(_("%s is a quorum disk of this cluster (or of another one of its name) already"),
                 t->path);
    } else if (!signature_find(t->path, what, sizeof(what))) {
        complain(_("blkid is not there to tell what %s holds: install util-linux"), t->path);
    } else if (*what) {
        complain(_("%s holds something: %s"), t->path, what);
    } else if (any_bytes(t)) {
        complain(_("%s is not empty: something was written to its first MiB"), t->path);
    } else {
        return true;
    }
    if (!x->force)
        complain(_("nothing was done; if all that is on it may be lost, type 'yoke disk init "
                   "--force %s'"),
                 t->name);
    return x->force;
}

/* Slots first, then the header: half done, it is no quorum disk. */
static int target_write(struct ctx *x, struct target *t)
{
    struct block_header h = {.made_s = (uint64_t)time(NULL)};
    uint8_t *read = need(blockdev_memory(BLOCK_COUNT));
    memcpy(h.uuid, t->uuid[0], BLOCK_UUID);
    (void)str_copy(h.cluster, sizeof(h.cluster), x->conf.cluster);
    memset(t->at, 0, (size_t)BLOCK_COUNT * BLOCK_BYTES);
    int code = blockdev_write(&t->dev, 0, BLOCK_COUNT, t->at);
    block_put_header(t->at, &h);
    if (!code)
        code = blockdev_write(&t->dev, 0, 1, t->at);
    if (!code)
        code = blockdev_read(&t->dev, 0, BLOCK_COUNT, read);
    bool same = !code && memcmp(read, t->at, (size_t)BLOCK_COUNT * BLOCK_BYTES) == 0;
    free(read);
    if (code)
        return fail_with(EXIT_FAIL, _("cannot write %s: %s: look at paths, array and 'dmesg'"),
                         t->path, strerror(code));
    if (!same)
        return fail_with(EXIT_FAIL,
                         _("%s does not give back what was written: it is no disk for this, or a "
                           "node that runs wrote to it (stop yoked on both nodes)"),
                         t->path);
    return EXIT_OK;
}

static int target_init(struct ctx *x, struct target *t)
{
    char question[WHY_LEN], typed[16];
    if (!marks_make(x, t) || !target_open(t, BLOCKDEV_OWN) || !target_free(x, t))
        return EXIT_FAIL;
    if (x->dry_run) {
        if (x->json)
            json_show(json_pack("{s:b,s:s}", "ok", 1, "device", t->path));
        else
            printf(_("would prepare %s (%llu KiB) as quorum disk of %s\n"), t->path,
                   (unsigned long long)t->dev.bytes / 1024, x->conf.cluster);
        return EXIT_OK;
    }
    snprintf(question, sizeof(question),
             _("%s (%llu KiB) becomes a quorum disk of %s; what is on it is lost. Type "
               "yes:"),
             t->path, (unsigned long long)t->dev.bytes / 1024, x->conf.cluster);
    if (!confirm_typed(x, question, "yes", typed, sizeof(typed)))
        return fail_with(EXIT_FAIL, _("not confirmed: nothing was done"));
    int code = target_write(x, t);
    if (code == EXIT_OK && x->json)
        json_show(json_pack("{s:b,s:s}", "ok", 1, "device", t->path));
    else if (code == EXIT_OK && !x->quiet)
        printf(_("%s is a quorum disk of %s now; on the other node type 'yoke disk show %s'\n"),
               t->path, x->conf.cluster, t->name);
    return code;
}

int disk_init_run(struct ctx *x, int argc, char **argv)
{
    struct target t;
    (void)argc;
    if (!conf_need(x) || !target_find(x, argv[0], &t))
        return EXIT_FAIL;
    int code = target_init(x, &t);
    target_close(&t);
    return code;
}

/* ---- show ----------------------------------------------------------------------------------- */

static void uuid_text(const uint8_t *uuid, char *to, size_t size)
{
    struct str s;
    str_init(&s, to, size);
    for (unsigned i = 0; i < BLOCK_UUID; i++)
        str_addf(&s, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", uuid[i]);
}

/* The beat in a block, whose seal is not looked at; false: there is none. */
static bool beat_read(const struct block *b, struct frame_head *head, struct frame_beat *beat)
{
    size_t pos = 0, len = 0;
    const uint8_t *frame = block_frame(b, &pos, &len);
    struct buf buf;
    if (!frame || len < FRAME_HEAD + FRAME_BEAT_BODY + FRAME_TAIL)
        return false;
    buf_read_init(&buf, frame, len - FRAME_TAIL);
    if (frame_get_head(&buf, head) || head->type != FRAME_BEAT)
        return false;
    frame_get_beat(&buf, beat);
    return !buf.bad;
}

static const char *node_of(const struct ctx *x, uint8_t id)
{
    unsigned n = conf_node_by_id(&x->conf, id);
    return n == NODE_NONE ? "" : x->conf.node[n].name;
}

static json_t *slot_json(const struct ctx *x, uint8_t id, enum block_state state,
                         const struct block *b)
{
    struct frame_head head;
    struct frame_beat beat;
    char boot[20];
    json_t *o =
        json_pack("{s:i,s:s,s:s,s:s}", "id", id, "node", node_of(x, id), "block",
                  b->kind == BLOCK_BEAT ? "beat" : "mailbox", "state", block_state_word(state));
    if (state != BLOCK_WHOLE)
        return o;
    snprintf(boot, sizeof(boot), "%016llx", (unsigned long long)b->boot);
    json_object_set_new(o, "sequence", json_integer((json_int_t)b->seq));
    json_object_set_new(o, "boot", json_string(boot));
    json_object_set_new(o, "frames", json_integer(b->n));
    if (b->kind == BLOCK_BEAT && beat_read(b, &head, &beat)) {
        json_object_set_new(o, "life", json_integer(head.life));
        json_object_set_new(o, "epoch", json_integer(beat.epoch));
        json_object_set_new(o, "leaving", json_boolean(beat.flags & BEAT_LEAVING));
        json_object_set_new(o, "runs", json_boolean(beat.flags & BEAT_RUNS));
        bool lease = (beat.flags & BEAT_LEASE) != 0;
        json_object_set_new(o, "lease_ms", lease ? json_integer(10 * beat.lease_cs) : json_null());
        json_object_set_new(o, "watchdog_ms",
                            lease ? json_integer(10 * beat.watchdog_cs) : json_null());
        json_object_set_new(o, "armed", json_boolean(beat.flags & BEAT_ARMED));
    }
    return o;
}

static void slot_text(const struct ctx *x, uint8_t id, enum block_state state,
                      const struct block *b)
{
    struct frame_head head;
    struct frame_beat beat;
    const char *kind = b->kind == BLOCK_BEAT ? _("beat") : _("mailbox");
    printf("  %2u %-12s %-8s ", id, node_of(x, id), kind);
    if (state != BLOCK_WHOLE) {
        printf("%s\n", state == BLOCK_ZERO ? _("never written") : _(block_state_word(state)));
        return;
    }
    printf(_("sequence %llu, boot %016llx"), (unsigned long long)b->seq,
           (unsigned long long)b->boot);
    if (b->kind == BLOCK_MAIL)
        printf(_(", %u frames"), b->n);
    else if (beat_read(b, &head, &beat))
        printf("%s%s%s", beat.flags & BEAT_IN_VIEW ? _(", with its peer") : _(", alone"),
               beat.flags & BEAT_RUNS ? _(", runs services") : "",
               beat.flags & BEAT_LEAVING ? _(", leaving") : "");
    if (b->kind == BLOCK_BEAT && beat_read(b, &head, &beat) && (beat.flags & BEAT_LEASE))
        printf(beat.flags & BEAT_ARMED ? _(", lease %u ms, watchdog of %u ms armed")
                                       : _(", lease %u ms, watchdog of %u ms not armed"),
               10u * beat.lease_cs, 10u * beat.watchdog_cs);
    printf("\n");
}

/* Tells each slot that is a node's, or is not empty. True: all are as they should be. */
static bool slots_tell(const struct ctx *x, const struct target *t, json_t *list)
{
    bool good = true;
    for (uint8_t id = 1; id <= BLOCK_SLOTS; id++)
        for (unsigned kind = BLOCK_BEAT; kind <= BLOCK_MAIL; kind++) {
            struct block b = {0};
            const uint8_t *at =
                t->at + (size_t)block_place((enum block_kind)kind, id) * BLOCK_BYTES;
            enum block_state state = block_get(at, t->header.uuid, (enum block_kind)kind, id, &b);
            b.kind = (enum block_kind)kind;
            if (state == BLOCK_ZERO && !*node_of(x, id))
                continue;
            good = good && (state == BLOCK_WHOLE || state == BLOCK_ZERO);
            if (list)
                json_array_append_new(list, slot_json(x, id, state, &b));
            else
                slot_text(x, id, state, &b);
        }
    return good;
}

static json_t *header_tell(struct ctx *x, const struct target *t)
{
    char uuid[40], made[32] = "?";
    struct tm tm;
    time_t s = (time_t)t->header.made_s;
    uuid_text(t->header.uuid, uuid, sizeof(uuid));
    if (localtime_r(&s, &tm))
        strftime(made, sizeof(made), "%Y-%m-%d %H:%M:%S", &tm);
    if (x->json)
        return json_pack("{s:s,s:s,s:s,s:s,s:I,s:[]}", "name", t->name, "device", t->path,
                         "cluster", t->header.cluster, "uuid", uuid, "made_wall_s",
                         (json_int_t)t->header.made_s, "blocks");
    printf(_("%s (%s): cluster %s, UUID %s, prepared %s\n"), t->name, t->path, t->header.cluster,
           uuid, made);
    return NULL;
}

static int target_show(struct ctx *x, struct target *t, json_t *disks)
{
    if (!marks_make(x, t) || !target_open(t, BLOCKDEV_READ))
        return EXIT_FAIL;
    bool ours = header_ours(x, t);
    if (!ours && block_get_header(t->at, &t->header) != BLOCK_WHOLE)
        return EXIT_FAIL;
    json_t *o = header_tell(x, t);
    bool good = slots_tell(x, t, json_object_get(o, "blocks"));
    if (o)
        json_array_append_new(disks, o);
    return ours && good ? EXIT_OK : EXIT_FAIL;
}

/* ---- check ---------------------------------------------------------------------------------- */

struct times {
    uint64_t min_us, max_us, sum_us;
    unsigned n;
};

static uint64_t clock_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static void times_add(struct times *t, uint64_t us)
{
    t->min_us = t->n == 0 ? us : num_min(t->min_us, us);
    t->max_us = num_max(t->max_us, us);
    t->sum_us += us;
    t->n++;
}

/* Both nodes' blocks are read as the daemon does; an empty block that no node has is written with
 * the zeroes that are in it, so that living blocks are not touched. An errno. */
static int times_take(const struct ctx *x, const struct target *t, struct times *reads,
                      struct times *writes)
{
    unsigned spare = block_place(BLOCK_MAIL, SPARE_NODE);
    struct block b;
    uint8_t *at = need(blockdev_memory(2));
    bool may =
        !*node_of(x, SPARE_NODE) && block_get(t->at + (size_t)spare * BLOCK_BYTES, t->header.uuid,
                                              BLOCK_MAIL, SPARE_NODE, &b) == BLOCK_ZERO;
    int code = 0;
    for (unsigned i = 0; i < TRIES && !code; i++) {
        uint64_t from = clock_us();
        code = blockdev_read(&t->dev, 1, 2, at);
        times_add(reads, clock_us() - from);
        memset(at, 0, BLOCK_BYTES);
        from = clock_us();
        if (!code && may)
            code = blockdev_write(&t->dev, spare, 1, at);
        if (may)
            times_add(writes, clock_us() - from);
    }
    free(at);
    return code;
}

static json_t *times_json(const struct times *t)
{
    if (t->n == 0)
        return json_null();
    return json_pack("{s:I,s:I,s:I}", "min", (json_int_t)t->min_us, "mean",
                     (json_int_t)(t->sum_us / t->n), "max", (json_int_t)t->max_us);
}

static void times_text(const char *what, const struct times *t)
{
    if (t->n > 0)
        printf(_("  %s of 4 KiB: %u us (least %u, greatest %u)\n"), what,
               (unsigned)(t->sum_us / t->n), (unsigned)t->min_us, (unsigned)t->max_us);
}

static int target_check(struct ctx *x, struct target *t, json_t *disks)
{
    struct times reads = {0}, writes = {0};
    if (!marks_make(x, t) || !target_open(t, BLOCKDEV_WRITE) || !header_ours(x, t))
        return EXIT_FAIL;
    json_t *o = header_tell(x, t);
    bool good = slots_tell(x, t, json_object_get(o, "blocks"));
    int code = times_take(x, t, &reads, &writes);
    if (o) {
        json_object_set_new(o, "direct", json_boolean(t->dev.direct));
        json_object_set_new(o, "read_us", times_json(&reads));
        json_object_set_new(o, "write_us", times_json(&writes));
        json_array_append_new(disks, o);
    } else {
        times_text(_("reads"), &reads);
        times_text(_("writes"), &writes);
    }
    if (code)
        return fail_with(EXIT_FAIL,
                         _("cannot read or write %s: %s: look at paths, array and "
                           "'dmesg'"),
                         t->path, strerror(code));
    if (!t->dev.direct)
        complain(_("%s is a plain file without direct I/O: for tests only"), t->path);
    if (num_max(reads.max_us, writes.max_us) > (uint64_t)TIMING_DISK_IO_MS * 1000)
        complain(_("%s is slow: more than %d ms for one read or write, with which the beats' "
                   "rhythm reckons; is the array busy, are all paths whole?"),
                 t->path, TIMING_DISK_IO_MS);
    if (!good)
        complain(_("%s holds blocks that are damaged or not ours: who else writes there? If it "
                   "stays so, stop yoked on both nodes and type 'yoke disk init --force %s'"),
                 t->path, t->name);
    return good ? EXIT_OK : EXIT_FAIL;
}

/* ---- both ----------------------------------------------------------------------------------- */

/* The disk named, or all of yoke.conf. */
static int each(struct ctx *x, int argc, char **argv,
                int (*run)(struct ctx *x, struct target *t, json_t *disks))
{
    struct target t;
    int worst = EXIT_OK;
    if (!conf_need(x))
        return EXIT_FAIL;
    unsigned n = conf_disks(&x->conf), first = x->conf.n_links - n;
    if (argc == 0 && n == 0)
        return fail_with(EXIT_FAIL, _("there is no [disk NAME] in %s: name a device"),
                         x->conf_path);
    json_t *disks = json_array();
    for (unsigned i = 0; i < (argc ? 1 : n); i++) {
        int code = EXIT_FAIL;
        if (target_find(x, argc ? argv[0] : x->conf.link[first + i].name, &t)) {
            code = run(x, &t, disks);
            target_close(&t);
        }
        worst = code > worst ? code : worst;
    }
    if (x->json && json_array_size(disks) > 0)
        json_show(json_pack("{s:b,s:O}", "ok", worst == EXIT_OK, "disks", disks));
    json_decref(disks);
    return worst;
}

int disk_show_run(struct ctx *x, int argc, char **argv)
{
    return each(x, argc, argv, target_show);
}

int disk_check_run(struct ctx *x, int argc, char **argv)
{
    return each(x, argc, argv, target_check);
}
