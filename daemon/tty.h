/* SPDX-License-Identifier: GPL-2.0-or-later
 * tty: a serial device, opened raw: 8 data bits, no parity, one stop bit, no flow control, any
 * rate.
 *
 * Happy path: tty_open gives a nonblocking descriptor that nobody else opens meanwhile. Fails with
 * a sentence in why. A pseudo terminal works; what it cannot do (modem lines, rates) is done
 * without. */
#ifndef YOKE_DAEMON_TTY_H
#define YOKE_DAEMON_TTY_H

#include <stddef.h>
#include <stdint.h>
#include "lib/base/str.h"

int tty_open(const char *device, uint32_t baud, struct str *why) MUST_CHECK; /* -1 */
void tty_close(int fd);
size_t tty_queued(int fd); /* bytes not sent yet, as far as the driver tells */
void tty_drop_output(int fd);

#endif
