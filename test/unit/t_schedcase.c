/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_schedcase: runs every test/golden/sched/NAME.case and compares the plan with what it expects.
 *
 * Happy path: each case is printed as it should be; "N cases" and exit 0. On a difference both
 * texts are shown and the exit is 1. "--update" writes what came out into the files instead; read
 * the difference before it is kept. Arguments name single cases. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "test/unit/schedtext.h"

enum { TEXT_MAX = 64 * 1024, ARENA_MAX = 8 * 1024 * 1024, CASES_MAX = 1000, CASES_MIN = 70 };

static char *arena_at;
static struct sched_case test; /* large */

static bool file_read(const char *path, char *text)
{
    FILE *f = fopen(path, "r");
    if (!f)
        return false;
    size_t n = fread(text, 1, TEXT_MAX - 1, f);
    text[n] = 0;
    fclose(f);
    return true;
}

static bool file_update(const char *path, const char *text, const char *plan)
{
    const char *expect = strstr(text, "\nexpect:\n");
    size_t keep = expect ? (size_t)(expect - text) + 1 : strlen(text);
    FILE *f = fopen(path, "w");
    if (!f)
        return false;
    fprintf(f, "%.*sexpect:\n%s", (int)keep, text, plan);
    return fclose(f) == 0;
}

/* The plan as text in out; the same again must give the same. */
static bool case_run(char *text, struct str *out, struct str *error)
{
    static char again[TEXT_MAX];
    struct arena arena;
    struct plan plan;
    struct str twice;
    arena_init(&arena, arena_at, ARENA_MAX);
    str_init(&twice, again, sizeof(again));
    if (!sched_text_read(&test, text, &arena, error))
        return false;
    for (int i = 0; i < 2; i++) {
        enum err err = sched_run(&test.in, &arena, &plan);
        if (err) {
            str_addf(error, "sched_run: %s\n", err_text(err));
            return false;
        }
        sched_text_plan(&test.in, &plan, i ? &twice : out);
    }
    if (!str_eq(out->at, again)) {
        str_add(error, "not the same plan twice\n");
        return false;
    }
    return sched_text_check(&test.in, &plan, error);
}

static bool case_test(const char *path, bool update)
{
    static char text[TEXT_MAX], kept[TEXT_MAX], plan[TEXT_MAX], errors[4096];
    struct str out, error;
    str_init(&out, plan, sizeof(plan));
    str_init(&error, errors, sizeof(errors));
    if (!file_read(path, text)) {
        printf("%s: cannot be read\n", path);
        return false;
    }
    memcpy(kept, text, sizeof(kept));
    bool good = case_run(text, &out, &error);
    if (!good)
        printf("%s: %s%s", path, errors, plan);
    if (update)
        return file_update(path, kept, plan) && good;
    if (good && !str_eq(test.expect ? test.expect : "", plan)) {
        printf("%s differs.\n--- expected\n%s--- came out\n%s", path,
               test.expect ? test.expect : "", plan);
        good = false;
    }
    return good;
}

static int name_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int main(int argc, char **argv)
{
    const char *srcdir = getenv("srcdir");
    char folder[4096], path[8192];
    char *name[CASES_MAX];
    int n = 0, failed = 0, first = 1;
    bool update = argc > 1 && str_eq(argv[1], "--update");
    first += update;
    arena_at = malloc(ARENA_MAX);
    snprintf(folder, sizeof(folder), "%s/test/golden/sched", srcdir ? srcdir : ".");
    DIR *dir = opendir(folder);
    if (!dir || !arena_at) {
        printf("%s: cannot be opened\n", folder);
        return 1;
    }
    for (struct dirent *e; (e = readdir(dir)) && n < CASES_MAX;) {
        size_t len = strlen(e->d_name);
        if (len > 5 && str_eq(e->d_name + len - 5, ".case"))
            name[n++] = strdup(e->d_name);
    }
    closedir(dir);
    qsort(name, (size_t)n, sizeof(*name), name_compare);
    for (int i = 0; i < n; i++) {
        bool asked = first >= argc;
        for (int k = first; k < argc; k++)
            asked = asked || str_starts(name[i], argv[k]);
        snprintf(path, sizeof(path), "%s/%s", folder, name[i]);
        if (asked && !case_test(path, update))
            failed++;
        free(name[i]);
    }
    free(arena_at);
    printf("%d cases, %d failed\n", n, failed);
    return failed || n < CASES_MIN;
}
