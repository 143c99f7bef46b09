/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_render: answers of the daemon as people see them: every test/golden/status/NAME.json must give
 * NAME.txt. YOKE_GOLDEN_WRITE=1 writes the texts anew. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "cli/cli.h"
#include "test/unit/capture.h"
#include "test/unit/unit.h"

static char dir[512];

static void one(const char *name)
{
    char path[1024], why[256], wanted_path[1024];
    snprintf(path, sizeof(path), "%s/%s.json", dir, name);
    snprintf(wanted_path, sizeof(wanted_path), "%s/%s.txt", dir, name);
    char *text = file_read(path, 1 << 20, why, sizeof(why));
    ck_assert_msg(text != NULL, "%s", why);
    json_t *answer = json_loads(text, 0, NULL);
    ck_assert_msg(answer != NULL, "%s is no JSON", path);
    capture_begin(STDOUT_FILENO);
    status_show(answer);
    capture_end();
    if (getenv("YOKE_GOLDEN_WRITE"))
        ck_assert(file_write(wanted_path, 0644, captured, strlen(captured), why, sizeof(why)));
    char *wanted = file_read(wanted_path, 1 << 20, why, sizeof(why));
    ck_assert_msg(wanted != NULL, "%s", why);
    ck_assert_msg(str_eq(captured, wanted), "%s: shown is\n%s\nnot\n%s", name, captured, wanted);
    json_decref(answer);
    free(text);
    free(wanted);
}

START_TEST(test_goldens)
{
    const char *top = getenv("srcdir");
    const struct dirent *e;
    unsigned n = 0;
    setenv("TZ", "UTC", 1);
    tzset();
    snprintf(dir, sizeof(dir), "%s/test/golden/status", top ? top : ".");
    DIR *d = opendir(dir);
    ck_assert_msg(d != NULL, "there is no %s", dir);
    while ((e = readdir(d)) != NULL) {
        char name[256];
        size_t len = strlen(e->d_name);
        if (len < 6 || strcmp(e->d_name + len - 5, ".json") != 0)
            continue;
        snprintf(name, sizeof(name), "%.*s", (int)(len - 5), e->d_name);
        one(name);
        n++;
    }
    closedir(d);
    ck_assert_uint_ge(n, 3);
}
END_TEST

/* Nothing that an answer may lack, or have of another kind, does harm. */
START_TEST(test_nonsense)
{
    static const char odd[] = "{\"resources\":[{\"kind\":\"primitive\",\"why\":{\"id\":-1}},"
                              "{\"why\":{\"id\":340,\"args\":[1,null]}}]}";
    static const char *const answer[] = {
        "{}",
        "{\"nodes\":7,\"resources\":{},\"links\":[1,null,\"x\"]}",
        "{\"nodes\":[{}],\"resources\":[{}],\"links\":[{}],\"failures\":[{}],\"fencing\":[{}]}",
        odd,
    };
    for (unsigned i = 0; i < ARRAY_LEN(answer); i++) {
        json_t *a = json_loads(answer[i], 0, NULL);
        ck_assert_ptr_nonnull(a);
        capture_begin(STDOUT_FILENO);
        status_show(a);
        capture_end();
        ck_assert_ptr_nonnull(strstr(captured, "Cluster Summary:"));
        json_decref(a);
    }
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("render");
    tcase_add_test(t, test_goldens);
    tcase_add_test(t, test_nonsense);
    return unit_end();
}
