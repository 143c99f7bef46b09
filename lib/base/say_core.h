/* SPDX-License-Identifier: GPL-2.0-or-later
 * say_core: what a node tells: links, peers, views, guard, resources, requests. Numbers 1-299.
 * Included with SAY_ROW(name, number, level, text) defined; no include guard on purpose. */
SAY_ROW(STARTED, 1, NOTICE, "yoked %1 starts on %2 (cluster %3, boot %4, start %5 of the daemon)")
