/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lifecycle of an instance: create its maps, load its programs, remove all. Links to
 * interfaces are in datapath/attach.h.
 *
 *     /sys/fs/bpf/lbctl/INSTANCE/control, services, ...   maps
 *     /sys/fs/bpf/lbctl/INSTANCE/sweep                    program that starts the sweep
 *     /sys/fs/bpf/lbctl/INSTANCE/links/IFACE              XDP link, which keeps the program attached
 *     /sys/fs/bpf/lbctl/INSTANCE/controller/              directory that the controller locks
 *
 * The pins of a new instance are made in a directory of another name, which is then renamed.
 * So an instance exists as a whole or not at all.
 *
 * Functions return 0, a negative errno, or a datapath_condition. After a failure,
 * libbpf_log_message() has the reason that libbpf and the kernel gave.
 */
#ifndef DATAPATH_INSTANCE_H
#define DATAPATH_INSTANCE_H

#include <linux/types.h>
#include <stdbool.h>

#include "base/condition.h"
#include "lb/hash.h"

enum datapath_condition {
	DATAPATH_OTHER_PROGRAM = CONDITION_DATAPATH, /* the interface has a foreign XDP program */
	DATAPATH_OTHER_MODE, /* attached already, in the other mode */
	DATAPATH_NO_INTERFACE,
	DATAPATH_NO_NATIVE, /* the driver has no native XDP */
	DATAPATH_NO_BPFFS, /* /sys/fs/bpf could not be mounted */
	DATAPATH_OTHER_ABI, /* the maps were made by an lbctl of another ABI version */
};

struct datapath_limits {
	__u32 max_services;
	__u32 max_backends;
	__u32 max_flows;
	__u32 max_sources; /* SNAT source addresses */
	__u32 max_clients; /* entries of the client table (--persist source) */
	struct lb_seed key; /* of all hashes */
};

/*
 * Mounts the BPF file system if need be, and makes the root directory of all pins. With
 * `dry_run`, only checks that this is possible.
 */
int datapath_prepare(bool dry_run);

bool datapath_exists(const char *instance);

/* Makes an instance: its maps, without any attached program. */
int datapath_create(const char *instance, const struct datapath_limits *limits);

/* Removes all pins of an instance, links included. 0 if there are none. */
int datapath_remove(const char *instance);

/*
 * Loads the balancer program on the instance's maps. Returns 0, and file descriptors that the
 * caller closes: of the program in *program, and unless `sweep` is NULL, of the program that
 * starts the sweep in *sweep. On failure, both are -1.
 */
int datapath_load(const char *instance, int *program, int *sweep);

#endif
