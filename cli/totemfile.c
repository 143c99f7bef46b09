/* SPDX-License-Identifier: GPL-2.0-or-later
<<<<<<<< HEAD:cli/ringfile.c
 * ringfile: `yoke corosync`: writes the corosync.conf that yoke.conf asks for, shows it, and checks
 * one that is there. Needs no daemon and no corosync.
========
 * totemfile: `yoke corosync`: writes the corosync.conf that yoke.conf asks for, shows it, and
 * checks one that is there. Needs no daemon and no corosync.
>>>>>>>> coroconf-rest:cli/totemfile.c
 *
 * Happy path: write puts corosync.conf and a key beside it, and says what to copy. Fails: yoke.conf
 * is not right, has no IP link or a takeover that no corosync can keep; a file that is there
 * already and another one (with --force it is kept as .bak); a check that finds an error. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli/cli.h"
#include "lib/base/num.h"
#include "lib/conf/totem.h"

#define COROSYNC_DIR  "/etc/corosync"
#define COROSYNC_CONF COROSYNC_DIR "/corosync.conf"

enum { KEY_BYTES = 256, PATH_LEN = 4096 };

/* yoke.conf and its timing as engine corosync has them, also while the engine is still pair: who is
 * about to change writes corosync.conf before. */
static bool ring_need(struct ctx *x, struct conf *c, struct timing *t)
{
    unsigned at[TOTEM_LINKS];
    struct timing_refusal no;
    char why[512];
    struct str s;
    if (!conf_need(x))
        return false;
    *c = x->conf;
    if (c->engine == ENGINE_PAIR) {
        c->engine = ENGINE_COROSYNC;
        if (c->n_links == CONF_LINKS_MAX) {
            complain(_("there are %u links and disks; beside corosync there is room for %u"),
                     c->n_links, CONF_LINKS_MAX - 1);
            return false;
        }
        conf_ring_add(c);
        if (!x->quiet && !x->json)
            complain(_("note: yoke.conf says engine = pair; this is for engine = corosync"));
    }
    if (totem_links(c, at) == 0) {
        complain(
            _("corosync needs an IP network: write a [link NAME] with type = udp and an address "
              "of each node in %s"),
            x->conf_path);
        return false;
    }
    if (timing_solve(c, t, &no)) {
        str_init(&s, why, sizeof(why));
        timing_refusal_words(c, &no, translate, &s);
        complain("%s", why);
        return false;
    }
    return true;
}

/* The key lies beside the file. */
static bool key_path(const char *conf, char *path, size_t size)
{
    struct str s;
    const char *slash = strrchr(conf, '/');
    str_init(&s, path, size);
    str_addf(&s, "%.*sauthkey", slash ? (int)(slash - conf + 1) : 0, conf);
    return !s.cut;
}

static bool text_make(struct ctx *x, const char *key, char *text, size_t size)
{
    struct conf c;
    struct timing t;
    struct str s;
    if (!ring_need(x, &c, &t))
        return false;
    str_init(&s, text, size);
    totem_print(&c, &t, key, &s);
    return !s.cut;
}

int corosync_show_run(struct ctx *x, int argc, char **argv)
{
    char text[TOTEM_WRITTEN_MAX];
    (void)argc;
    (void)argv;
    if (!text_make(x, COROSYNC_DIR "/authkey", text, sizeof(text)))
        return EXIT_FAIL;
    if (x->json)
        json_show(json_pack("{s:b,s:s}", "ok", 1, "text", text));
    else
        fputs(text, stdout);
    return EXIT_OK;
}

/* ---- write ----------------------------------------------------------------------------------- */

/* What a package puts there so that something is there: one node that talks to itself. */
static bool is_example(const char *text)
{
    return strstr(text, "127.0.0.1") && !strstr(text, "nodeid: 2");
}

/* Another one is copied beside it, so that at any moment one of the two is in place. */
static int old_keep(struct ctx *x, const char *path, const char *old)
{
    char why[512], backup[PATH_LEN];
    struct str s;
    if (!x->force && !is_example(old))
        return fail_with(
            EXIT_FAIL,
            _("%s is there and is another one: see yoke corosync check; with --force it "
              "is kept as %s.bak, and written anew"),
            path, path);
    str_init(&s, backup, sizeof(backup));
    str_addf(&s, "%s.bak", path);
    if (s.cut)
        return fail_with(EXIT_FAIL, _("cannot write %s"), backup);
    if (!x->dry_run && !file_write(backup, 0644, old, strlen(old), why, sizeof(why)))
        return fail_with(EXIT_FAIL, _("cannot write %s"), why);
    return EXIT_OK;
}

/* A file that is there and says the same is left alone. */
static int old_make_way(struct ctx *x, const char *path, const char *text, bool *same)
{
    char why[512];
    *same = false;
    if (access(path, F_OK) != 0)
        return EXIT_OK;
    char *old = file_read(path, TOTEM_TEXT_MAX, why, sizeof(why));
    if (!old)
        return fail_with(EXIT_FAIL, _("cannot read %s"), why);
    *same = str_eq(old, text);
    int code = *same ? EXIT_OK : old_keep(x, path, old);
    free(old);
    return code;
}

static int key_make(const char *path, bool *made)
{
    uint8_t key[KEY_BYTES];
    char why[512];
    *made = false;
    if (access(path, F_OK) == 0)
        return EXIT_OK;
    if (getrandom(key, sizeof(key), 0) != (ssize_t)sizeof(key))
        return fail_with(EXIT_FAIL, _("no random numbers: %s"), strerror(errno));
    bool good = file_write(path, 0400, (const char *)key, sizeof(key), why, sizeof(why));
    explicit_bzero(key, sizeof(key));
    *made = good;
    return good ? EXIT_OK : fail_with(EXIT_FAIL, _("cannot write %s"), why);
}

static void write_tell(struct ctx *x, const char *path, const char *key, bool made, bool same)
{
    char self[256] = "";
    if (x->node)
        (void)str_copy(self, sizeof(self), x->node);
    else if (gethostname(self, sizeof(self) - 1) != 0)
        self[0] = '\0';
    if (x->json) {
        json_show(json_pack("{s:b,s:s,s:s,s:b,s:b}", "ok", 1, "file", path, "key", key, "written",
                            !same, "key_written", made));
        return;
    }
    if (x->quiet)
        return;
    printf(same ? _("%s says so already\n") : _("%s is written\n"), path);
    if (made)
        printf(_("%s holds a new key\n"), key);
    printf("%s\n", _("Both must be the same on all nodes, the key with mode 0400:"));
    for (unsigned n = 0; n < x->conf.n_nodes; n++)
        if (!str_eq(x->conf.node[n].name, self))
            printf("    scp -p %s %s %s:%.*s/\n", path, key, x->conf.node[n].name,
                   (int)(strrchr(path, '/') ? strrchr(path, '/') - path : 1),
                   strrchr(path, '/') ? path : ".");
    printf("%s\n", _("Then, on each node: systemctl enable --now corosync"));
}

int corosync_write_run(struct ctx *x, int argc, char **argv)
{
    const char *path = argc ? argv[0] : COROSYNC_CONF;
    char text[TOTEM_WRITTEN_MAX], key[PATH_LEN], why[512];
    bool same, made = false;
    if (str_eq(path, "-")) /* no place for a key */
        return corosync_show_run(x, 0, NULL);
    if (!key_path(path, key, sizeof(key)))
        return fail_with(EXIT_FAIL, _("cannot write %s"), path);
    if (!text_make(x, key, text, sizeof(text)))
        return EXIT_FAIL;
    int code = old_make_way(x, path, text, &same);
    if (code)
        return code;
    if (x->dry_run) {
        if (!x->json)
            printf(same ? _("%s says so already\n") : _("would write %s\n"), path);
        return EXIT_OK;
    }
    code = key_make(key, &made);
    if (!code && !same && !file_write(path, 0644, text, strlen(text), why, sizeof(why)))
        code = fail_with(EXIT_FAIL, _("cannot write %s"), why);
    if (!code)
        write_tell(x, path, key, made, same);
    return code;
}

/* ---- check ----------------------------------------------------------------------------------- */

int corosync_check_run(struct ctx *x, int argc, char **argv)
{
    const char *path = argc ? argv[0] : COROSYNC_CONF;
    struct conf c;
    struct timing t;
    struct conf_faults *faults = need(malloc(sizeof(*faults)));
    char why[512];
    int code = EXIT_FAIL;
    char *text = ring_need(x, &c, &t) ? file_read(path, TOTEM_TEXT_MAX, why, sizeof(why)) : NULL;
    if (text) {
        code = totem_check(text, &c, &t, translate, faults) ? EXIT_FAIL : EXIT_OK;
        json_t *list = json_array();
        for (unsigned i = 0; i < faults->n; i++) {
            const struct conf_fault *f = &faults->at[i];
            if (x->json)
                json_array_append_new(list, json_pack("{s:i,s:b,s:s}", "line", (int)f->line,
                                                      "warning", f->warning, "text", f->text));
            else
                fault_tell(path, f->line, f->warning, f->text);
        }
        if (x->json)
            json_show(
                json_pack("{s:b,s:s,s:O}", "ok", code == EXIT_OK, "file", path, "faults", list));
        else if (code == EXIT_OK && !x->quiet)
            printf(_("%s fits %s: %u nodes, settled after at most %u ms\n"), path, x->conf_path,
                   c.n_nodes, t.settle_ms);
        json_decref(list);
    } else if (x->conf_loaded && access(path, R_OK) != 0) {
        code = fail_with(EXIT_FAIL, _("%s: yoke corosync write makes one"), why);
    }
    free(text);
    free(faults);
    return code;
}
