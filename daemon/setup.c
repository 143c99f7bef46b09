/* SPDX-License-Identifier: GPL-2.0-or-later
 * setup: reads yoke.conf and the key file, and finds the node's own name.
 *
 * A key that others can read is refused: whoever has it can order both nodes about. */
#include "daemon/setup.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/conf/ini.h"

enum { KEY_TEXT_MAX = 4096, HOST_LEN = 256 };

/* Whole text of a file, NUL-terminated; NULL with errno (EFBIG when longer than max). */
static char *file_text(int fd, size_t max)
{
    char *text = malloc(max + 1);
    size_t used = 0;
    ssize_t n = 1;
    while (text && used < max && n > 0) {
        n = read(fd, text + used, max - used);
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n > 0)
            used += (size_t)n;
    }
    if (text && (n < 0 || used == max)) {
        if (n >= 0)
            errno = EFBIG;
        free(text);
        return NULL;
    }
    if (text)
        text[used] = '\0';
    return text;
}

static void tell_faults(const struct setup *s, struct journal *j, const struct conf_faults *f)
{
    for (unsigned i = 0; i < f->n; i++) {
        const struct conf_fault *c = &f->at[i];
        enum say_level level = c->warning ? SAY_WARN : SAY_ERROR;
        if (c->line)
            journal_note(j, level, JOURNAL_CONFIG, "%s:%u: %s", s->path, c->line, c->text);
        else
            journal_note(j, level, JOURNAL_CONFIG, "%s: %s", s->path, c->text);
    }
    if (f->n_errors > f->n)
        journal_note(j, SAY_ERROR, JOURNAL_CONFIG, _("%s: and %u errors more"), s->path,
                     f->n_errors - f->n);
}

static enum err conf_read(struct setup *s, struct journal *j)
{
    char why[512];
    struct str str;
    int fd = open(s->path, O_RDONLY | O_CLOEXEC);
    s->conf_text = fd >= 0 ? file_text(fd, CONF_TEXT_MAX) : NULL;
    if (!s->conf_text)
        journal_note(j, SAY_ERROR, JOURNAL_CONFIG,
                     _("cannot read %s: %s; see yoke.conf(5), or say -c FILE"), s->path,
                     strerror(errno));
    if (fd >= 0)
        close(fd);
    if (!s->conf_text)
        return ERR_MISSING;
    struct conf_faults *faults = calloc(1, sizeof *faults);
    if (!faults)
        return ERR_FULL;
    enum err err = conf_parse_origin(s->conf_text, &s->conf, NULL,
                                     (const char *(*)(const char *))gettext, faults);
    tell_faults(s, j, faults);
    free(faults);
    if (err)
        return err;
    str_init(&str, why, sizeof why);
    err = timing_derive(&s->conf, &s->timing, &str);
    if (err)
        journal_note(j, SAY_ERROR, JOURNAL_CONFIG, "%s: %s", s->path, why);
    return err;
}

/* -n NAME, else the host's name, whole or up to its first dot. */
static enum err self_find(struct setup *s, struct journal *j)
{
    char host[HOST_LEN] = "", names[512];
    struct str str;
    if (!s->node_name && gethostname(host, sizeof host - 1) != 0)
        host[0] = '\0';
    const char *name = s->node_name ? s->node_name : host;
    s->self = conf_node_index(&s->conf, name);
    if (s->self == NODE_NONE && !s->node_name) {
        host[strcspn(host, ".")] = '\0';
        s->self = conf_node_index(&s->conf, host);
    }
    if (s->self != NODE_NONE)
        return ERR_OK;
    str_init(&str, names, sizeof names);
    for (unsigned i = 0; i < s->conf.n_nodes; i++)
        str_addf(&str, "%s%s", i ? ", " : "", s->conf.node[i].name);
    journal_note(j, SAY_ERROR, JOURNAL_CONFIG,
                 s->node_name
                     ? _("%s knows no node '%s': it names %s")
                     : _("%s knows no node '%s', which is this machine's name (uname -n): "
                         "it names %s; rename the node there, or start yoked with -n NAME"),
                 s->path, name, names);
    return ERR_UNKNOWN;
}

static enum err key_check(const char *path, int fd, struct journal *j)
{
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        journal_note(j, SAY_ERROR, JOURNAL_CONFIG,
                     _("cannot read the key file %s: %s; make it on one node by 'yoke key new' and "
                       "copy it to the other"),
                     path, strerror(errno));
        return ERR_MISSING;
    }
    if (!S_ISREG(st.st_mode)) {
        journal_note(j, SAY_ERROR, JOURNAL_CONFIG, _("the key file %s is no regular file"), path);
        return ERR_SYNTAX;
    }
    if (st.st_uid != 0 && st.st_uid != geteuid()) {
        journal_note(j, SAY_ERROR, JOURNAL_CONFIG,
                     _("the key file %s belongs to another user, who can read the key: type 'chown "
                       "root: %s', and make a new key if that user should not have had it"),
                     path, path);
        return ERR_DENIED;
    }
    if (st.st_mode & (S_IRWXG | S_IRWXO)) {
        journal_note(
            j, SAY_ERROR, JOURNAL_CONFIG,
            _("the key file %s may be read by others (mode %04o): type 'chmod 600 %s', and "
              "make a new key if somebody may have read it"),
            path, (unsigned)(st.st_mode & 07777), path);
        return ERR_DENIED;
    }
    return ERR_OK;
}

static enum err key_read(struct setup *s, struct journal *j)
{
    const char *path = s->conf.keyfile;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    enum err err = key_check(path, fd, j);
    char *text = err ? NULL : file_text(fd, KEY_TEXT_MAX);
    if (!err && !text) {
        journal_note(j, SAY_ERROR, JOURNAL_CONFIG, _("cannot read the key file %s: %s"), path,
                     strerror(errno));
        err = ERR_IO;
    }
    if (!err) {
        err = auth_new(s->conf.auth == AUTH_HMAC_SM3 ? AUTH_KIND_SM3 : AUTH_KIND_SHA256, text,
                       &s->auth);
        if (err == ERR_UNKNOWN)
            journal_note(j, SAY_ERROR, JOURNAL_CONFIG,
                         _("this machine's libcrypto lacks %s: choose another auth in yoke.conf"),
                         s->conf.auth == AUTH_HMAC_SM3 ? "SM3" : "SHA-256");
        else if (err)
            journal_note(j, SAY_ERROR, JOURNAL_CONFIG,
                         _("the key file %s holds no usable key (%s): each line is 64 hexadecimal "
                           "digits, at most %d lines; make one by 'yoke key new'"),
                         path, err_text(err), AUTH_KEYS_MAX);
    }
    if (text) {
        explicit_bzero(text, strlen(text));
        free(text);
    }
    if (fd >= 0)
        close(fd);
    return err;
}

enum err setup_read(struct setup *s, struct journal *j)
{
    assert(s->path);
    enum err err = conf_read(s, j);
    if (err)
        return err;
    /* Both are looked at, so that both faults are told at once. */
    enum err self = self_find(s, j);
    enum err key = key_read(s, j);
    return self ? self : key;
}

/* What must be as it is: by another run-dir, say, the peer would think that this machine had booted
 * anew and that nothing of it runs any more. Its name in yoke.conf, or NULL. */
static const char *unchangeable(const struct setup *s, const struct setup *next)
{
    if (strcmp(s->conf.cluster, next->conf.cluster) != 0)
        return "[cluster] name";
    if (s->conf.node[s->self].id != next->conf.node[next->self].id)
        return "id";
    if (strcmp(s->conf.run_dir, next->conf.run_dir) != 0)
        return "run-dir";
    if (strcmp(s->conf.state_dir, next->conf.state_dir) != 0)
        return "state-dir";
    return NULL;
}

bool setup_holds(const struct setup *s, struct journal *j)
{
    struct setup *next = calloc(1, sizeof *next);
    if (!next)
        return false;
    next->path = s->path;
    next->node_name = s->node_name;
    const char *changed = NULL;
    bool good = !setup_read(next, j);
    if (good)
        changed = unchangeable(s, next);
    if (changed)
        journal_note(j, SAY_ERROR, JOURNAL_CONFIG,
                     _("%s: %s was changed, which a running node cannot take over: put it back, or "
                       "stop yoked on this node first (yoke cluster stop)"),
                     s->path, changed);
    setup_free(next);
    free(next);
    return good && !changed;
}

void setup_free(struct setup *s)
{
    auth_free(s->auth);
    free(s->conf_text);
    s->auth = NULL;
    s->conf_text = NULL;
}
