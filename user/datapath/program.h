/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The program before it is loaded: of the size and with the constants of an instance, for
 * the datapath, and for the twin that explains it.
 */
#ifndef DATAPATH_PROGRAM_H
#define DATAPATH_PROGRAM_H

struct balancer;
struct lb_control;

/* NULL with errno set if it could not be opened; the caller destroys it. */
struct balancer *program_open(const struct lb_control *control);

/* 0 or a negative errno. */
int program_load(struct balancer *balancer);

#endif
