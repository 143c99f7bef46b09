/* SPDX-License-Identifier: GPL-2.0-or-later
 * local: what needs no daemon: yoke.conf and its timing, the key, versions, the event recording. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli/cli.h"
#include "config.h"
#include "lib/conf/show.h"
#include "lib/wire/auth.h"

enum { RECORD_MAX = 64 * 1024 * 1024 };

/* Room for what lib/conf writes; freed by tell_room. */
static struct str *room(struct str *s)
{
    str_init(s, need(malloc(CONF_PRINT_MAX)), CONF_PRINT_MAX);
    return s;
}

/* Prints and frees; as JSON, what is in it is parsed first, so that it is certainly well formed. */
static int room_show(struct ctx *x, struct str *s)
{
    json_error_t error;
    json_t *o = x->json ? json_loads(s->at, 0, &error) : NULL;
    int code = EXIT_OK;
    if (s->cut || (x->json && !o))
        code = fail_with(EXIT_FAIL, _("too long"));
    else if (x->json)
        json_show(o);
    else
        fputs(s->at, stdout);
    free(s->at);
    return code;
}

int timing_run(struct ctx *x, int argc, char **argv)
{
    struct timing t;
    struct timing_refusal no;
    char why[512];
    struct str s;
    struct json j;
    (void)argc;
    (void)argv;
    if (!conf_need(x))
        return EXIT_FAIL;
    if (timing_solve(&x->conf, &t, &no)) {
        str_init(&s, why, sizeof(why));
        timing_refusal_words(&x->conf, &no, translate, &s);
        return fail_with(EXIT_FAIL, "%s", why);
    }
    room(&s);
    if (x->json) {
        json_init(&j, &s);
        json_open(&j, NULL, '{');
        json_bool(&j, "ok", true);
        timing_print_json(&x->conf, &t, &j);
        json_close(&j, '}');
    } else {
        timing_print(&x->conf, &t, translate, &s);
    }
    return room_show(x, &s);
}

int config_show_run(struct ctx *x, int argc, char **argv)
{
    struct str s;
    struct json j;
    (void)argc;
    (void)argv;
    if (!conf_need(x))
        return EXIT_FAIL;
    room(&s);
    if (x->json) {
        json_init(&j, &s);
        json_open(&j, NULL, '{');
        json_bool(&j, "ok", true);
        json_text(&j, "file", x->conf_path);
        conf_print_json(&x->conf, &x->origin, &j);
        json_close(&j, '}');
    } else {
        conf_print(&x->conf, &x->origin, translate, &s);
    }
    return room_show(x, &s);
}

int config_check_run(struct ctx *x, int argc, char **argv)
{
    if (argc) {
        x->conf_path = argv[0];
        x->conf_loaded = false;
    }
    x->verbose = true; /* warnings are what is asked for */
    if (!conf_need(x))
        return EXIT_FAIL;
    struct str s;
    if (!x->quiet && !x->json) {
        printf(_("%s is right: cluster %s, %u nodes, %u links\n"), x->conf_path, x->conf.cluster,
               x->conf.n_nodes, x->conf.n_links);
        room(&s);
        proofs_print(&x->conf, translate, &s);
        return room_show(x, &s);
    }
    return EXIT_OK;
}

/* ---- the key -------------------------------------------------------------------------------- */

static void key_path(struct ctx *x, char *path, size_t size)
{
    str_copy(path, size, conf_try(x) ? x->conf.keyfile : SYSCONFDIR "/yoke/key");
}

int key_new_run(struct ctx *x, int argc, char **argv)
{
    uint8_t key[AUTH_KEY_BYTES];
    char text[2 * AUTH_KEY_BYTES + 2], path[CONF_PATH_LEN], why[512];
    if (argc)
        str_copy(path, sizeof(path), argv[0]);
    else
        key_path(x, path, sizeof(path));
    if (!x->force && access(path, F_OK) == 0)
        return fail_with(
            EXIT_FAIL,
            _("%s is there already; with --force it gets a new key, which must then be "
              "copied to the other node before yoked is started again"),
            path);
    if (getrandom(key, sizeof(key), 0) != (ssize_t)sizeof(key))
        return fail_with(EXIT_FAIL, _("no random numbers: %s"), strerror(errno));
    auth_key_line(key, text);
    if (x->dry_run) {
        if (!x->json)
            printf(_("would write a new key to %s\n"), path);
        return EXIT_OK;
    }
    if (!file_write(path, 0600, text, strlen(text), why, sizeof(why)))
        return fail_with(EXIT_FAIL, _("cannot write %s"), why);
    explicit_bzero(key, sizeof(key));
    explicit_bzero(text, sizeof(text));
    if (x->json)
        json_show(json_pack("{s:b,s:s}", "ok", 1, "file", path));
    else if (!x->quiet)
        printf(_("%s holds a new key: copy it to the other node, same name, mode 0600\n"), path);
    return EXIT_OK;
}

/* ---- versions ------------------------------------------------------------------------------- */

int version_run(struct ctx *x, int argc, char **argv)
{
    int code = EXIT_OK;
    (void)argc;
    (void)argv;
    struct yoke_client *client = NULL;
    enum yoke_fault e = daemon_open(x, &client);
    yoke_client_close(client);
    if (e == YOKE_NOT_RUNNING) {
        if (x->json)
            json_show(json_pack("{s:b,s:s,s:n}", "ok", 1, "yoke", PACKAGE_VERSION, "daemon"));
        else
            printf("yoke %s\n%s\n", PACKAGE_VERSION, _("yoked is not running on this machine"));
        return EXIT_OK;
    }
    x->silent = true;
    json_t *answer = ask(x, ask_cmd(CMD_VERSION, 0), &code);
    x->silent = false;
    if (!answer)
        return code;
    if (x->json)
        json_show(json_pack("{s:b,s:s,s:O}", "ok", 1, "yoke", PACKAGE_VERSION, "daemon", answer));
    else
        printf(_("yoke %s\nyoked on %s: protocol %lld, configuration %s\n"), PACKAGE_VERSION,
               json_str(answer, "node"), json_num(answer, "protocol"), json_str(answer, "version"));
    json_decref(answer);
    return code;
}

/* ---- the event recording -------------------------------------------------------------------- */

/* Copies run_dir/NAME to path; false when that file is not there (not told) or cannot be copied
 * (told, *bad set). */
static bool record_copy(struct ctx *x, const char *name, const char *path, bool *bad)
{
    char from[CONF_PATH_LEN + 32], block[65536];
    size_t n, all = 0;
    snprintf(from, sizeof(from), "%s/%s", x->conf.run_dir, name);
    FILE *in = fopen(from, "re");
    if (!in && errno == ENOENT)
        return false;
    int fd = in ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
    bool good = out != NULL;
    while (good && all < RECORD_MAX && (n = fread(block, 1, sizeof(block), in)) > 0) {
        good = fwrite(block, 1, n, out) == n;
        all += n;
    }
    good = good && !ferror(in) && fflush(out) == 0;
    if (!good)
        complain(_("cannot copy %s to %s: %s"), from, path, strerror(errno));
    *bad = *bad || !good;
    if (in)
        fclose(in);
    if (out)
        fclose(out);
    if (good && !x->quiet && !x->json)
        printf(_("%s: %zu bytes from %s\n"), path, all, from);
    return good;
}

/* FILE gets what replays; FILE.1, FILE.2 and FILE.old what else there is. */
int record_run(struct ctx *x, int argc, char **argv)
{
    static const char *const suffix[] = {"", ".old", ".1", ".2"};
    char path[4096], name[16];
    bool bad = false;
    json_t *list = json_array();
    (void)argc;
    if (!conf_need(x)) {
        json_decref(list);
        return EXIT_FAIL;
    }
    for (unsigned i = 0; i < ARRAY_LEN(suffix); i++) {
        snprintf(name, sizeof(name), "record%s", suffix[i]);
        snprintf(path, sizeof(path), "%s%s", argv[0], suffix[i]);
        if (record_copy(x, name, path, &bad))
            json_array_append_new(list, json_string(path));
    }
    size_t n = json_array_size(list);
    if (!n && !bad)
        complain(_("there is no recording in %s: did yoked ever run here?"), x->conf.run_dir);
    if (x->json && n && !bad)
        json_show(json_pack("{s:b,s:O}", "ok", 1, "files", list));
    json_decref(list);
    return n && !bad ? EXIT_OK : EXIT_FAIL;
}
