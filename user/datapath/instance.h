/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lifecycle of an instance: create its maps, load its programs, attach them to interfaces by
 * pinned links, replace them by newer programs, remove all.
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
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

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

enum datapath_mode {
	DATAPATH_AUTO, /* native if the driver supports it, else generic */
	DATAPATH_NATIVE,
	DATAPATH_GENERIC,
	DATAPATH_DETACHED, /* the interface is gone, or runs no program */
};

struct datapath_limits {
	__u32 max_services;
	__u32 max_backends;
	__u32 max_flows;
	__u32 max_sources; /* SNAT source addresses */
	__u32 max_clients; /* entries of the client table (--persist source) */
	struct lb_seed key; /* of all hashes */
};

struct datapath_interface {
	char name[IF_NAMESIZE];
	__u32 ifindex; /* 0 = gone */
	enum datapath_mode mode; /* DATAPATH_AUTO: in another network namespace */
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

/*
 * Attaches a program to an interface. `replace` takes a foreign program off, and attaches
 * again in another mode. -EALREADY: this instance is attached there already.
 */
int datapath_attach(const char *instance, int program, const char *interface,
		    enum datapath_mode mode, bool replace);

/* DATAPATH_NO_INTERFACE: this instance is not attached there. */
int datapath_detach(const char *instance, const char *interface);

/*
 * Makes all links of an instance run another program, and unless `sweep` is negative, pins
 * the program that starts the next sweep. On failure, links keep or get back the old program.
 */
int datapath_switch(const char *instance, int program, int sweep);

/* The interfaces that an instance is attached to. The caller frees *interfaces. */
int datapath_interfaces(const char *instance, struct datapath_interface **interfaces,
			size_t *count);

/* A file descriptor of the attached program, which the caller closes, or a negative errno. */
int datapath_program(const char *instance, const char *interface);

/* The id of an XDP program on the interface that is not this instance's. 0 = none. */
__u32 datapath_foreign_program(const char *instance, const char *interface);

/* "native", "generic" ... */
const char *mode_name(enum datapath_mode mode);

#endif
