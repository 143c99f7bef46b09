/* SPDX-License-Identifier: GPL-2.0-or-later
 * trait: see trait.h. */
#include "daemon/trait.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/program.h"
#include "lib/core/event.h"

enum { META_BYTES = 256 * 1024, NAME_LEN = 128, ENV_LEN = 320 };

struct known {
    char name[NAME_LEN];
    uint16_t traits;
};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* for the following */
static struct known types[TRAIT_TYPES_MAX];
static unsigned n_types;

/* Is there <?TRAIT VALUE?> */
static bool says(const char *text, const char *trait, const char *value)
{
    size_t trait_len = strlen(trait), len = strlen(value);
    for (const char *at = strstr(text, "<?"); at; at = strstr(at + 2, "<?")) {
        if (strncmp(at + 2, trait, trait_len) != 0)
            continue;
        const char *said = at + 2 + trait_len;
        size_t blank = strspn(said, " \t\n");
        if (blank && strncmp(said + blank, value, len) == 0 &&
            str_starts(said + blank + len + strspn(said + blank + len, " \t\n"), "?>"))
            return true;
    }
    return false;
}

uint16_t trait_get(const char *meta_data)
{
    unsigned traits = says(meta_data, "yoke-twice", "harmless") ? RESERVE_HARMLESS : 0;
    return (uint16_t)(traits | (says(meta_data, "yoke-data", "disk") ? RESERVE_ONDISK : 0));
}

static bool known_get(const char *name, uint16_t *out)
{
    bool found = false;
    pthread_mutex_lock(&lock);
    for (unsigned i = 0; i < n_types && !found; i++)
        if (str_eq(types[i].name, name)) {
            *out = types[i].traits;
            found = true;
        }
    pthread_mutex_unlock(&lock);
    return found;
}

static void known_put(const char *name, uint16_t traits)
{
    pthread_mutex_lock(&lock);
    if (n_types < TRAIT_TYPES_MAX && str_copy(types[n_types].name, NAME_LEN, name))
        types[n_types++].traits = traits;
    pthread_mutex_unlock(&lock);
}

/* Runs DIR/resource.d/PROVIDER/TYPE meta-data of the first DIR that has it. */
static int meta_run(const char *dir, size_t dir_len, const char *name, struct str *out)
{
    char program[NAME_LEN + 16], root[ENV_LEN], folder[ENV_LEN], own[NAME_LEN + 32];
    struct str s;
    str_init(&s, folder, sizeof folder);
    str_add_n(&s, dir, dir_len);
    str_init(&s, root, sizeof root);
    str_add(&s, "OCF_ROOT=");
    str_add_n(&s, dir, dir_len);
    str_init(&s, own, sizeof own);
    str_addf(&s, "OCF_RESOURCE_TYPE=%s", strchr(name, '/') + 1);
    str_init(&s, program, sizeof program);
    str_addf(&s, "resource.d/%s", name);
    char path[] = "PATH=" PROGRAM_DIRS;
    char *const argv[] = {program, "meta-data", NULL};
    char *const envp[] = {
        path, "LC_ALL=C", "OCF_RA_VERSION_MAJOR=1",          "OCF_RA_VERSION_MINOR=1",
        root, own,        "OCF_RESOURCE_INSTANCE=meta-data", NULL};
    return s.cut ? -1 : program_run(folder, argv, envp, TRAIT_LIMIT_MS, out);
}

uint16_t trait_find(const char *dirs, const char *provider, const char *type)
{
    char name[NAME_LEN];
    uint16_t traits = 0;
    int rc = -1;
    struct str s, out;
    str_init(&s, name, sizeof name);
    str_addf(&s, "%s/%s", provider, type);
    if (s.cut || type[0] == '.' || provider[0] == '.' || strchr(type, '/') || strchr(provider, '/'))
        return 0;
    if (known_get(name, &traits))
        return traits;
    char *text = malloc(META_BYTES);
    if (!text)
        return 0;
    for (const char *at = dirs; *at && rc < 0; at += at[0] == ':') {
        size_t len = strcspn(at, ":");
        str_init(&out, text, META_BYTES);
        if (len)
            rc = meta_run(at, len, name, &out);
        at += len;
    }
    if (rc == 0) { /* else it is asked again */
        traits = trait_get(text);
        known_put(name, traits);
    }
    free(text);
    return traits;
}
