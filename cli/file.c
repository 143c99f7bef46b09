/* SPDX-License-Identifier: GPL-2.0-or-later
 * file: whole files in and out of memory. Fails with one sentence in why. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli/cli.h"

char *file_read(const char *path, size_t max, char *why, size_t why_size)
{
    FILE *f = str_eq(path, "-") ? stdin : fopen(path, "re");
    struct str s;
    str_init(&s, why, why_size);
    if (!f) {
        str_addf(&s, "%s: %s", path, strerror(errno));
        return NULL;
    }
    char *at = malloc(max + 1);
    size_t len = at ? fread(at, 1, max + 1, f) : 0;
    bool failed = !at || ferror(f);
    if (f != stdin)
        fclose(f);
    if (failed || len > max) {
        str_addf(&s, "%s: %s", path, failed ? strerror(errno) : _("too long"));
        free(at);
        return NULL;
    }
    at[len] = '\0';
    return at;
}

bool file_write(const char *path, unsigned mode, const char *text, size_t len, char *why,
                size_t why_size)
{
    char temp[4096];
    struct str s, t;
    str_init(&s, why, why_size);
    if (str_eq(path, "-"))
        return fwrite(text, 1, len, stdout) == len && fflush(stdout) == 0;
    str_init(&t, temp, sizeof(temp));
    str_addf(&t, "%s.XXXXXX", path);
    int fd = t.cut ? -1 : mkstemp(temp);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
    bool good = f && fchmod(fd, mode) == 0 && fwrite(text, 1, len, f) == len && fflush(f) == 0 &&
                fsync(fd) == 0;
    if (f)
        good = fclose(f) == 0 && good;
    else if (fd >= 0)
        close(fd);
    if (!good || rename(temp, path) != 0) {
        str_addf(&s, "%s: %s", path, strerror(t.cut ? ENAMETOOLONG : errno));
        if (fd >= 0)
            unlink(temp);
        return false;
    }
    return true;
}
