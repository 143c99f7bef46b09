/* SPDX-License-Identifier: GPL-2.0-or-later
 * scratchdir: a directory for one test, and its end. */
#ifndef YOKE_TEST_SCRATCHDIR_H
#define YOKE_TEST_SCRATCHDIR_H

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char scratch[64];

static void scratch_make(void)
{
    strcpy(scratch, "/tmp/yoke-unit-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(scratch));
}

/* Its files, not what might lie deeper. */
static inline void scratch_empty(void)
{
    DIR *d = opendir(scratch);
    const struct dirent *e;
    while (d && (e = readdir(d)) != NULL)
        if (e->d_name[0] != '.')
            unlinkat(dirfd(d), e->d_name, 0);
    if (d)
        closedir(d);
}

static inline void scratch_remove(void)
{
    scratch_empty();
    rmdir(scratch);
}

static inline void scratch_path(char path[256], const char *name)
{
    snprintf(path, 256, "%s/%s", scratch, name);
}

/* Turns the bits of one byte. */
static inline void scratch_damage(const char *name, off_t at)
{
    char path[256];
    unsigned char byte;
    scratch_path(path, name);
    int fd = open(path, O_RDWR);
    ck_assert_int_eq(pread(fd, &byte, 1, at), 1);
    byte ^= 0xff;
    ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

static inline void scratch_write(const char *name, const char *text)
{
    char path[256];
    scratch_path(path, name);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
}

#endif
