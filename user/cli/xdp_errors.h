/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What attach, detach, upgrade and decap have in common. Instances begin and end one at a
 * time on the whole host.
 */
#ifndef CLI_XDP_ERRORS_H
#define CLI_XDP_ERRORS_H

#include "cli/command.h"
#include "datapath/attach.h"
#include "store/store.h"

/* Locks all instances of the host against beginning and ending, for as long as *root lives. */
int host_lock(struct call *call, int *root);

/* The same for who begins one: the place of all pins is made where it is missing. */
int host_lock_create(struct call *call, int *root);

/* If it can be had: by who has unlocked, and taken away what may have been the last instance. */
void host_relock(const struct call *call, int *root);

/* The lock of a scope that is left; the place of all pins goes if nobody has any. */
void host_unlock(const int *root);
#define _unlock_ __attribute__((cleanup(host_unlock)))

/* A failure of the datapath in words; libbpf's and the kernel's own come along. */
int xdp_problem(struct call *call, int error, const char *what);

/* An interface has been given the program, in all its queues: so many are noted. */
void xdp_update_rx_queues(const struct store *store, const char *name, __u32 ifindex);

/* The value of --mode. */
int xdp_parse_mode(struct call *call, enum datapath_mode *mode);

/* Is `name` among the interfaces of the call? None named: all are. */
bool call_names_interface(const struct call *call, const char *name);

#endif
