/* SPDX-License-Identifier: GPL-2.0-or-later
 * diskparam: see diskparam.h. */
#include "daemon/diskparam.h"

#include <string.h>
#include "daemon/journal.h"
#include "daemon/program.h"

enum { WORD_LEN = 256, PVS_BYTES = 8192 };

struct finding {
    const struct blocktree *t;
    const char *dirs;
    struct disk_set *set;
    struct str *why;
};

static const struct {
    const char *tag, *folder;
} tags[] = {{"UUID=", "/dev/disk/by-uuid/"},
            {"LABEL=", "/dev/disk/by-label/"},
            {"PARTUUID=", "/dev/disk/by-partuuid/"},
            {"PARTLABEL=", "/dev/disk/by-partlabel/"}};

static enum err missing(struct finding *f, const char *what)
{
    str_addf(f->why,
             _("%s is not there: is the disk connected and mapped to this node (ls -l "
               "/dev/disk/by-id)?"),
             what);
    return ERR_MISSING;
}

/* ---- volume groups --------------------------------------------------------------------------- */

/* A volume group that is not active: LVM reads the disks to tell where it lies. */
static enum err group_read(struct finding *f, const char *group)
{
    char text[PVS_BYTES], select[WORD_LEN + 16], *save = NULL;
    /* Without --foreign a group whose system id is the other node's is not there at all. */
    char *const argv[] = {"pvs", "--noheadings", "--readonly", "-o", "pv_name",
                          "-S",  select,         "--foreign",  NULL};
    struct block_number n;
    struct str out, s;
    unsigned found = 0;
    str_init(&s, select, sizeof select);
    str_addf(&s, "vg_name=%s", group);
    str_init(&out, text, sizeof text);
    if (s.cut || program_run(f->dirs, argv, NULL, DISKPARAM_PVS_MS, &out) != 0 || out.cut)
        return ERR_MISSING;
    for (char *pv = strtok_r(text, " \t\n", &save); pv; pv = strtok_r(NULL, " \t\n", &save)) {
        enum err err = blocktree_number(f->t, pv, &n); /* "[unknown]" when one is not there */
        if (!err)
            err = blocktree_disks(f->t, n, f->set);
        if (err)
            return err;
        found++;
    }
    return found ? ERR_OK : ERR_MISSING;
}

static enum err group_find(struct finding *f, const char *group)
{
    enum err err = blocktree_group(f->t, group, f->set);
    return err == ERR_MISSING ? group_read(f, group) : err;
}

/* The group in /dev/GROUP/VOLUME or /dev/mapper/GROUP-VOLUME; false: the name is not such a one. */
static bool group_of(const char *device, char group[WORD_LEN])
{
    static const char mapper[] = "/dev/mapper/";
    struct str s;
    str_init(&s, group, WORD_LEN);
    if (str_starts(device, mapper)) {
        const char *c = device + strlen(mapper);
        for (; *c && (*c != '-' || c[1] == '-'); c++) {
            str_add_char(&s, *c);
            c += *c == '-';
        }
        return *c == '-' && s.len > 0;
    }
    const char *name = device + strlen("/dev/"), *end = strchr(name, '/');
    if (!end || strchr(end + 1, '/') || str_starts(name, "disk/"))
        return false;
    str_add_n(&s, name, (size_t)(end - name));
    return s.len > 0;
}

/* ---- software RAID --------------------------------------------------------------------------- */

static const char md_prefix[] = "/dev/md";

/* What is left of /dev/md/data, /dev/md0: "data", "0". */
static const char *array_name(const char *device)
{
    const char *name = device + strlen(md_prefix);
    return *name == '/' ? name + 1 : name;
}

/* "devices=/dev/sdb,/dev/sdc" */
static enum err members_add(struct finding *f, char *word)
{
    char *save = NULL, *m;
    enum err err = ERR_OK;
    (void)strtok_r(word, "=,", &save); /* the word before the = */
    while (!err && (m = strtok_r(NULL, "=,", &save)) != NULL) {
        struct block_number n;
        err = blocktree_number(f->t, m, &n);
        if (!err)
            err = blocktree_disks(f->t, n, f->set);
    }
    return err;
}

/* An array that is not assembled: mdadm reads the disks to tell where it lies, in two lines:
 * ARRAY /dev/md/data level=... and, indented, devices=... */
static enum err array_read(struct finding *f, const char *device)
{
    char text[PVS_BYTES], *save = NULL;
    char *const argv[] = {"mdadm", "--examine", "--scan", "--verbose", NULL};
    bool ours = false, found = false;
    enum err err = ERR_OK;
    struct str out;
    str_init(&out, text, sizeof text);
    if (program_run(f->dirs, argv, NULL, DISKPARAM_PVS_MS, &out) != 0 || out.cut)
        return ERR_MISSING;
    for (char *w = strtok_r(text, " \t\n", &save); !err && w; w = strtok_r(NULL, " \t\n", &save)) {
        if (str_starts(w, md_prefix)) {
            ours = str_eq(array_name(w), array_name(device));
        } else if (ours && str_starts(w, "devices=")) {
            err = members_add(f, w);
            found = true;
        }
    }
    return err ? err : found ? ERR_OK : ERR_MISSING;
}

/* ---- parameters ------------------------------------------------------------------------------ */

static enum err device_add(struct finding *f, const char *device)
{
    char group[WORD_LEN];
    struct block_number n;
    enum err err = blocktree_number(f->t, device, &n);
    if (err == ERR_UNKNOWN)
        return ERR_OK; /* a terminal, a folder: no disk */
    if (!err)
        err = blocktree_disks(f->t, n, f->set);
    if (err == ERR_MISSING && str_starts(device, md_prefix))
        err = array_read(f, device);
    else if (err == ERR_MISSING && group_of(device, group))
        err = group_find(f, group);
    return err == ERR_MISSING ? missing(f, device) : err;
}

static enum err word_take(struct finding *f, const char *word)
{
    char device[2 * WORD_LEN];
    struct str s;
    if (str_starts(word, "/dev/"))
        return device_add(f, word);
    for (unsigned i = 0; i < ARRAY_LEN(tags); i++) {
        if (!str_starts(word, tags[i].tag))
            continue;
        str_init(&s, device, sizeof device);
        str_addf(&s, "%s%s", tags[i].folder, word + strlen(tags[i].tag));
        return s.cut ? ERR_FULL : device_add(f, device);
    }
    return ERR_OK;
}

static bool names_group(const char *name, size_t len)
{
    static const char *const names[] = {"OCF_RESKEY_vgname", "OCF_RESKEY_volgrpname"};
    for (unsigned i = 0; i < ARRAY_LEN(names); i++)
        if (strlen(names[i]) == len && memcmp(name, names[i], len) == 0)
            return true;
    return false;
}

static enum err value_take(struct finding *f, const char *name, size_t name_len, const char *value)
{
    char word[WORD_LEN];
    enum err err = ERR_OK;
    while (!err && *value) {
        size_t len = strcspn(value, " \t,");
        struct str s;
        str_init(&s, word, sizeof word);
        str_add_n(&s, value, len);
        value += len + (value[len] != '\0');
        if (s.cut || len == 0)
            continue; /* no device has so long a name */
        if (!names_group(name, name_len))
            err = word_take(f, word);
        else if ((err = group_find(f, word)) == ERR_MISSING)
            str_addf(f->why,
                     _("the volume group %s is not there: are its disks connected and mapped to "
                       "this node (pvs)?"),
                     word);
    }
    return err;
}

enum err diskparam_find(const struct blocktree *t, const char *dirs, const char *env,
                        size_t env_len, struct disk_set *set, struct str *why)
{
    static const char prefix[] = "OCF_RESKEY_", meta[] = "OCF_RESKEY_CRM_meta_";
    struct finding f = {t, dirs, set, why};
    enum err err = ERR_OK;
    for (size_t at = 0; !err && env && at < env_len && env[at]; at += strlen(env + at) + 1) {
        const char *value = strchr(env + at, '=');
        if (value && str_starts(env + at, prefix) && !str_starts(env + at, meta))
            err = value_take(&f, env + at, (size_t)(value - (env + at)), value + 1);
    }
    if (err == ERR_FULL)
        str_addf(why, _("more than %d disks, or paths of a disk, are used: too many"),
                 BLOCKTREE_DISKS_MAX);
    return err;
}
