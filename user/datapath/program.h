/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The balancer program: opened with the map sizes and constants of an instance, and loaded.
 */
#ifndef DATAPATH_PROGRAM_H
#define DATAPATH_PROGRAM_H

struct balancer;
struct lb_control;

/* Returns a skeleton, which the caller destroys, or NULL with errno set. */
struct balancer *program_open(const struct lb_control *control);

/* Returns 0 or a negative errno. */
int program_load(struct balancer *balancer);

#endif
