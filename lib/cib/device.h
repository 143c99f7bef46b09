/* SPDX-License-Identifier: GPL-2.0-or-later
 * device: a fence device: the parameters of a stonith primitive that are for who runs it (pcmk_*),
 * not for its agent. Names and values are checked with the configuration, so that these questions
 * always have an answer. */
#ifndef YOKE_CIB_DEVICE_H
#define YOKE_CIB_DEVICE_H

#include "lib/cib/fault.h"
#include "lib/cib/model.h"

/* Tells what is wrong with its parameters of that kind. */
void device_check(const struct cib_prim *p, struct cib_faults *f, unsigned line);
/* By its host list and map, or without any of them: may it be asked to fence that node? */
bool device_reaches(const struct cib_prim *p, const char *node);
/* The node's name for the device (pcmk_host_map), or the name itself. False: too long. */
bool device_plug(const struct cib_prim *p, const char *node, char *to, size_t size);
/* "off" ... -> the agent's word for it (pcmk_off_action ...), or the same. */
const char *device_action(const struct cib_prim *p, const char *action);
/* Time for that action (pcmk_off_timeout ...), or the fallback. */
uint32_t device_timeout_ms(const struct cib_prim *p, const char *action, uint32_t fallback);
/* How long to wait before it is used on that node: at least *least_ms (pcmk_delay_base, which may
 * be given for each node), at most *most_ms (pcmk_delay_max). */
void device_delay_ms(const struct cib_prim *p, const char *node, uint32_t *least_ms,
                     uint32_t *most_ms);

#endif
