/* SPDX-License-Identifier: GPL-2.0-or-later
 * tty: the serial device by the kernel's own interface (termios2), because the C library's knows a
 * fixed list of rates only. <termios.h> cannot be included beside <asm/termbits.h>. */
#include "daemon/tty.h"

#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "daemon/journal.h"

enum { RATE_ERROR_PART = 33 }; /* 3 %: more, and the tenth bit is sampled in its neighbour */

static int fault(int fd, struct str *why, const char *device, const char *what)
{
    int code = errno;
    str_addf(why, _("cannot %s %s: %s"), what, device, strerror(code));
    if (fd >= 0)
        close(fd);
    return -1;
}

static int make_raw(int fd, uint32_t baud)
{
    struct termios2 t;
    if (ioctl(fd, TCGETS2, &t) != 0)
        return -1;
    t.c_iflag = IGNBRK | IGNPAR;
    t.c_oflag = 0;
    t.c_lflag = 0;
    t.c_cflag &=
        ~(tcflag_t)(CSIZE | PARENB | CSTOPB | CRTSCTS | HUPCL | CBAUD | (CBAUD << IBSHIFT));
    t.c_cflag |= CS8 | CREAD | CLOCAL | BOTHER | (BOTHER << IBSHIFT);
    t.c_ispeed = t.c_ospeed = baud;
    memset(t.c_cc, 0, sizeof t.c_cc);
    t.c_cc[VMIN] = 1;
    return ioctl(fd, TCSETS2, &t);
}

int tty_open(const char *device, uint32_t baud, struct str *why)
{
    struct termios2 t;
    unsigned lines = TIOCM_DTR | TIOCM_RTS;
    int fd = open(device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return fault(fd, why, device, _("open"));
    if (!isatty(fd)) {
        str_addf(why, _("%s is not a serial device"), device);
        close(fd);
        return -1;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        str_addf(why,
                 _("%s is used by another program: a getty, a modem manager or a second yoked"),
                 device);
        close(fd);
        return -1;
    }
    (void)ioctl(fd, TIOCEXCL);
    if (make_raw(fd, baud) != 0 || ioctl(fd, TCGETS2, &t) != 0)
        return fault(fd, why, device, _("set up"));
    if (t.c_ospeed > baud + baud / RATE_ERROR_PART || t.c_ospeed + baud / RATE_ERROR_PART < baud) {
        str_addf(why, _("%s cannot do %u baud (%u is the nearest): set another baud on both nodes"),
                 device, baud, (unsigned)t.c_ospeed);
        close(fd);
        return -1;
    }
    (void)ioctl(fd, TIOCMBIS, &lines); /* ENOTTY on a pseudo terminal */
    (void)ioctl(fd, TCFLSH, TCIOFLUSH);
    return fd;
}

void tty_close(int fd)
{
    (void)ioctl(fd, TCFLSH, TCIOFLUSH); /* else close would wait for output that nobody takes */
    (void)ioctl(fd, TIOCNXCL);
    close(fd);
}

size_t tty_queued(int fd)
{
    int n = 0;
    return ioctl(fd, TIOCOUTQ, &n) == 0 && n > 0 ? (size_t)n : 0;
}

void tty_drop_output(int fd)
{
    (void)ioctl(fd, TCFLSH, TCOFLUSH);
}
