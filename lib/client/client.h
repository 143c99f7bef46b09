/* SPDX-License-Identifier: GPL-2.0-or-later
 * client: the part of include/yoke/client.h that knows the house's own struct cmd. */
#ifndef YOKE_CLIENT_CLIENT_H
#define YOKE_CLIENT_CLIENT_H

#include "include/yoke/client.h"
#include "lib/wire/cmd.h"

/* As yoke_client_call. */
enum yoke_fault client_call(struct yoke_client *c, const struct cmd *cmd, int timeout_ms,
                            char **json, size_t *len) MUST_CHECK;

#endif
