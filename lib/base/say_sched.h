/* SPDX-License-Identifier: GPL-2.0-or-later
 * say_sched: why a resource is, or is not, where it is: sentences of the scheduler, 300-399.
 * Included with SAY_ROW(name, number, level, text) defined; no include guard on purpose. */
