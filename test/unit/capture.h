/* SPDX-License-Identifier: GPL-2.0-or-later
 * capture: what a piece of code writes to standard output or standard error, as a text. */
#ifndef YOKE_TEST_CAPTURE_H
#define YOKE_TEST_CAPTURE_H

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char captured[65536];
static struct {
    FILE *file;
    int was, fd;
} capture;

static void capture_begin(int fd)
{
    fflush(NULL);
    capture.fd = fd;
    capture.was = dup(fd);
    capture.file = tmpfile();
    ck_assert_ptr_nonnull(capture.file);
    ck_assert_int_ge(dup2(fileno(capture.file), fd), 0);
}

static const char *capture_end(void)
{
    fflush(NULL);
    ck_assert_int_ge(dup2(capture.was, capture.fd), 0);
    close(capture.was);
    rewind(capture.file);
    size_t n = fread(captured, 1, sizeof(captured) - 1, capture.file);
    captured[n] = '\0';
    fclose(capture.file);
    return captured;
}

#endif
