/* SPDX-License-Identifier: GPL-2.0-or-later
 * blocktree: see blocktree.h. */
#include "daemon/blocktree.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "daemon/journal.h"

enum { PATH_BYTES = 320, TEXT_BYTES = 256, DEPTH_MAX = 8 };

static bool sys_path(char out[PATH_BYTES], const struct blocktree *t, struct block_number n,
                     const char *file)
{
    struct str s;
    str_init(&s, out, PATH_BYTES);
    str_addf(&s, "%s/dev/block/%u:%u%s%s", t->sys, n.major, n.minor, *file ? "/" : "", file);
    return !s.cut;
}

/* First line of a file; false: it is not there, or empty. */
static bool line_read(const char *path, char out[TEXT_BYTES])
{
    out[0] = '\0';
    FILE *f = fopen(path, "re");
    if (!f)
        return false;
    bool ok = fgets(out, TEXT_BYTES, f) != NULL;
    fclose(f);
    out[strcspn(out, "\n")] = '\0';
    return ok && out[0];
}

static bool file_read(const struct blocktree *t, struct block_number n, const char *file,
                      char out[TEXT_BYTES])
{
    char path[PATH_BYTES];
    out[0] = '\0';
    return sys_path(path, t, n, file) && line_read(path, out);
}

static bool number_read(const char *path, struct block_number *out)
{
    char text[TEXT_BYTES];
    return line_read(path, text) && sscanf(text, "%u:%u", &out->major, &out->minor) == 2;
}

/* The kernel's name: "sdb1". False: no such device any more. */
static bool kernel_name(const struct blocktree *t, struct block_number n,
                        char out[BLOCKTREE_DEV_LEN])
{
    char path[PATH_BYTES], to[PATH_BYTES];
    if (!sys_path(path, t, n, ""))
        return false;
    ssize_t len = readlink(path, to, sizeof to - 1);
    if (len <= 0)
        return false;
    to[len] = '\0';
    const char *last = strrchr(to, '/');
    return str_copy(out, BLOCKTREE_DEV_LEN, last ? last + 1 : to);
}

static enum err class_number(const struct blocktree *t, const char *name, struct block_number *out)
{
    char path[PATH_BYTES];
    struct str s;
    str_init(&s, path, sizeof path);
    str_addf(&s, "%s/class/block/%s/dev", t->sys, name);
    return !s.cut && number_read(path, out) ? ERR_OK : ERR_MISSING;
}

enum err blocktree_number(const struct blocktree *t, const char *path, struct block_number *out)
{
    char whole[PATH_BYTES], *real;
    struct stat st;
    struct str s;
    str_init(&s, whole, sizeof whole);
    str_add(&s, t->dev);
    str_add(&s, str_starts(path, "/dev/") ? path + 4 : path);
    if (s.cut || stat(whole, &st) != 0)
        return ERR_MISSING;
    if (S_ISBLK(st.st_mode)) {
        *out = (struct block_number){major(st.st_rdev), minor(st.st_rdev)};
        return ERR_OK;
    }
    real = realpath(whole, NULL); /* a tree of a test holds plain files for devices */
    if (!real)
        return ERR_MISSING;
    enum err err = class_number(t, strrchr(real, '/') + 1, out);
    free(real);
    return err ? ERR_UNKNOWN : ERR_OK;
}

void blocktree_name(const struct blocktree *t, struct block_number path, char name[SCSI_NAME_LEN])
{
    char text[TEXT_BYTES];
    struct str s;
    str_init(&s, name, SCSI_NAME_LEN);
    if (!file_read(t, path, "device/wwid", text))
        return;
    for (const char *c = text; *c; c++)
        if (*c != ' ')
            str_add_char(&s, *c);
        else if (c[1] && c[1] != ' ')
            str_add_char(&s, '_');
}

/* ---- down the tree --------------------------------------------------------------------------- */

struct walk {
    const struct blocktree *t;
    struct disk_set *set;
};

typedef enum err member_fn(struct walk *w, struct block_number member, unsigned depth,
                           struct shared_disk *disk);

/* Calls fn for each device in the folder `slaves`; *n: how many. */
static enum err slaves_each(struct walk *w, struct block_number of, unsigned depth, member_fn *fn,
                            struct shared_disk *disk, unsigned *n)
{
    char path[PATH_BYTES], file[PATH_BYTES];
    struct block_number member;
    enum err err = ERR_OK;
    *n = 0;
    if (!sys_path(path, w->t, of, "slaves"))
        return ERR_FULL;
    DIR *dir = opendir(path);
    if (!dir)
        return ERR_OK;
    for (struct dirent *e; !err && (e = readdir(dir));) {
        struct str s;
        if (e->d_name[0] == '.')
            continue;
        str_init(&s, file, sizeof file);
        str_addf(&s, "%s/%s/dev", path, e->d_name);
        if (s.cut || !number_read(file, &member))
            continue; /* gone meanwhile */
        ++*n;
        err = fn(w, member, depth, disk);
    }
    closedir(dir);
    return err;
}

static enum err path_add(struct walk *w, struct block_number member, unsigned depth,
                         struct shared_disk *disk)
{
    (void)depth;
    if (disk->n_paths == BLOCKTREE_PATHS_MAX)
        return ERR_FULL;
    struct disk_path *p = &disk->path[disk->n_paths];
    p->number = member;
    if (!kernel_name(w->t, member, p->dev))
        return ERR_OK; /* went away meanwhile */
    disk->n_paths++;
    if (!disk->name[0])
        blocktree_name(w->t, member, disk->name);
    return ERR_OK;
}

static enum disk_kind kind_of(const struct shared_disk *d)
{
    return str_starts(d->used, "nvme")                      ? DISK_NVME
           : d->name[0] || str_starts(d->path[0].dev, "sd") ? DISK_SCSI
                                                            : DISK_OTHER;
}

static bool is_map(const struct blocktree *t, struct block_number n)
{
    char uuid[TEXT_BYTES];
    return file_read(t, n, "dm/uuid", uuid) && str_starts(uuid, "mpath-");
}

/* A disk itself, or a multipath map. */
static enum err leaf_add(struct walk *w, struct block_number n, bool map)
{
    struct disk_set *set = w->set;
    char text[TEXT_BYTES];
    unsigned slaves;
    enum err err;
    if (set->n == BLOCKTREE_DISKS_MAX)
        return ERR_FULL;
    struct shared_disk *d = &set->at[set->n];
    *d = (struct shared_disk){.n_paths = 0};
    if (!kernel_name(w->t, n, d->used))
        return ERR_MISSING;
    if (map) {
        (void)(file_read(w->t, n, "dm/name", text) && str_copy(d->map, sizeof d->map, text));
        err = slaves_each(w, n, 0, path_add, d, &slaves);
    } else {
        err = path_add(w, n, 0, d);
    }
    d->kind = (uint8_t)kind_of(d);
    set->n += !err;
    return err;
}

static enum err descend(struct walk *w, struct block_number n, unsigned depth,
                        struct shared_disk *disk)
{
    char path[PATH_BYTES], text[TEXT_BYTES];
    struct block_number whole;
    unsigned slaves;
    if (depth == DEPTH_MAX)
        return ERR_FULL;
    if (!sys_path(path, w->t, n, "") || access(path, F_OK) != 0)
        return ERR_MISSING;
    if (is_map(w->t, n))
        return leaf_add(w, n, true);
    if (file_read(w->t, n, "partition", text)) {
        if (!sys_path(path, w->t, n, "../dev") || !number_read(path, &whole))
            return ERR_MISSING;
        return descend(w, whole, depth + 1, disk);
    }
    enum err err = slaves_each(w, n, depth + 1, descend, disk, &slaves);
    return err || slaves ? err : leaf_add(w, n, false);
}

enum err blocktree_disks(const struct blocktree *t, struct block_number device,
                         struct disk_set *set)
{
    struct walk w = {t, set};
    enum err err = descend(&w, device, 0, NULL);
    disk_set_sort(set);
    return err;
}

/* ---- volume groups --------------------------------------------------------------------------- */

/* Device mapper calls a logical volume GROUP-VOLUME, with each "-" in a name doubled. */
static bool volume_of(const char *mapped, const char *group)
{
    for (; *group; group++, mapped++) {
        if (*mapped != *group || (*group == '-' && *++mapped != '-'))
            return false;
    }
    return mapped[0] == '-' && mapped[1] && mapped[1] != '-';
}

enum err blocktree_group(const struct blocktree *t, const char *group, struct disk_set *set)
{
    char path[PATH_BYTES], text[TEXT_BYTES];
    struct block_number n;
    bool any = false;
    enum err err = ERR_OK;
    struct str s;
    str_init(&s, path, sizeof path);
    str_addf(&s, "%s/class/block", t->sys);
    DIR *dir = s.cut ? NULL : opendir(path);
    if (!dir)
        return ERR_MISSING;
    for (struct dirent *e; !err && (e = readdir(dir));) {
        if (!str_starts(e->d_name, "dm-") || class_number(t, e->d_name, &n) ||
            !file_read(t, n, "dm/uuid", text) || !str_starts(text, "LVM-") ||
            !file_read(t, n, "dm/name", text) || !volume_of(text, group))
            continue;
        any = true;
        err = blocktree_disks(t, n, set);
    }
    closedir(dir);
    return err ? err : any ? ERR_OK : ERR_MISSING;
}

/* ---- sets ------------------------------------------------------------------------------------ */

static int disk_order(const void *a, const void *b)
{
    const struct shared_disk *x = a, *y = b;
    int by_name = strcmp(x->name, y->name);
    return by_name ? by_name : strcmp(x->used, y->used);
}

void disk_set_sort(struct disk_set *set)
{
    unsigned n = 0;
    qsort(set->at, set->n, sizeof set->at[0], disk_order);
    for (unsigned i = 0; i < set->n; i++) {
        const struct shared_disk *last = n ? &set->at[n - 1] : NULL;
        if (last && str_eq(last->used, set->at[i].used))
            continue;
        if (n != i)
            set->at[n] = set->at[i];
        n++;
    }
    set->n = n;
}

const char *disk_kind_text(const struct shared_disk *d)
{
    if (d->kind == DISK_NVME)
        return _("an NVMe disk, whose reservations yoke does not use");
    if (str_starts(d->used, "loop"))
        return _("a loop device, which is a file of this machine");
    if (str_starts(d->used, "vd"))
        return _("a virtio disk, which takes no SCSI commands: attach it by virtio-scsi");
    if (str_starts(d->used, "drbd"))
        return _("a DRBD device, of which each node has its own copy");
    if (str_starts(d->used, "md"))
        return _("a software RAID without members");
    return _("not a SCSI disk");
}
