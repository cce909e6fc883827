/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What attach, detach and upgrade have in common: they change how the whole host
 * is attached, one at a time.
 */
#ifndef HOST_H
#define HOST_H

#include "datapath.h"
#include "verb.h"

/* Locks all instances of the host against beginning and ending, for as long as *root lives. */
int host_lock(struct call *call, int *root);

/* The same for who begins one: the place of all pins is made where it is missing. */
int host_prepare(struct call *call, int *root);

/* The lock of a scope that is left; the place of all pins goes if nobody has any. */
void host_unlock(const int *root);
#define _unlock_ __attribute__((cleanup(host_unlock)))

/* A failure of the datapath in words; libbpf's and the kernel's own come along. */
int host_problem(struct call *call, int error, const char *what);

/* The value of --mode. */
int host_parse_mode(struct call *call, enum datapath_mode *mode);

/* Is `name` among the interfaces of the call? None named: all are. */
bool host_is_named(const struct call *call, const char *name);

#endif
