/* SPDX-License-Identifier: GPL-2.0-or-later
 * exclusive: the program yoke-exclusive: has this machine let go of a block device?
 *
 *   yoke-exclusive DEVICE
 *
 * Happy path: the device is opened with O_EXCL, which the kernel grants to one user at a time: a
 * mounted file system (in whatever mount namespace, also one that was unmounted lazily and is still
 * written), a volume or a RAID on top of it, swap. Nothing is read, nothing is changed. Exit 0:
 * free. 1: in use, and by which devices, as far as sysfs tells. 2: cannot be told, with the reason.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { FREE = 0, IN_USE = 1, CANNOT = 2 };

/* Devices that are made of this one; a mount has none. */
static void holders_print(const struct stat *st)
{
    char path[64];
    snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/holders", major(st->st_rdev),
             minor(st->st_rdev));
    DIR *d = opendir(path);
    const struct dirent *e;
    while (d && (e = readdir(d)))
        if (e->d_name[0] != '.')
            printf(" %s", e->d_name);
    if (d)
        closedir(d);
}

int main(int argc, char **argv)
{
    struct stat st;
    if (argc != 2) {
        fprintf(stderr, "usage: yoke-exclusive DEVICE\n");
        return CANNOT;
    }
    if (stat(argv[1], &st) != 0) {
        fprintf(stderr, "yoke-exclusive: %s: %s\n", argv[1], strerror(errno));
        return CANNOT;
    }
    if (!S_ISBLK(st.st_mode)) {
        fprintf(stderr, "yoke-exclusive: %s: not a block device\n", argv[1]);
        return CANNOT;
    }
    /* O_NONBLOCK: nobody waits for a medium. */
    int fd = open(argv[1], O_RDONLY | O_EXCL | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0) {
        close(fd);
        return FREE;
    }
    if (errno != EBUSY) {
        fprintf(stderr, "yoke-exclusive: %s: %s\n", argv[1], strerror(errno));
        return CANNOT;
    }
    printf("%s is in use:", argv[1]);
    holders_print(&st);
    printf("\n");
    return IN_USE;
}
