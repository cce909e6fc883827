/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The datapath's life: made with an instance's maps, attached to interfaces by
 * pinned links, swapped for a newer program, taken away.
 *
 *     /sys/fs/bpf/lbctl/INSTANCE/control, services, ...   the maps
 *     /sys/fs/bpf/lbctl/INSTANCE/sweep                    what starts the sweep
 *     /sys/fs/bpf/lbctl/INSTANCE/links/IFACE              what keeps it attached
 *     /sys/fs/bpf/lbctl/INSTANCE/controller/              locked by the controller
 *
 * An instance's pins are made in a directory of another name and renamed, so
 * that it exists wholly or not at all. Functions return 0, a negative errno, or a
 * datapath_condition; libbpf_log_message() then has what libbpf and kernel said.
 */
#ifndef DATAPATH_INSTANCE_H
#define DATAPATH_INSTANCE_H

#include <linux/types.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "lb/hash.h"

enum datapath_condition {
	DATAPATH_OTHER_PROGRAM = 1, /* another XDP program is on the interface */
	DATAPATH_OTHER_MODE, /* ours is, in the other mode */
	DATAPATH_NO_INTERFACE,
	DATAPATH_NO_NATIVE, /* the driver cannot */
	DATAPATH_NO_BPFFS, /* /sys/fs/bpf could not be mounted */
	DATAPATH_OTHER_ABI,
};

enum datapath_mode {
	DATAPATH_AUTO, /* native where the driver can, else generic */
	DATAPATH_NATIVE,
	DATAPATH_GENERIC,
	DATAPATH_DETACHED, /* the interface is gone */
};

struct datapath_limits {
	__u32 max_services; /* services, ids from 1 */
	__u32 max_backends;
	__u32 max_flows;
	__u32 max_sources; /* addresses that snat speaks from */
	__u32 max_clients; /* that stay by their address */
	struct lb_seed key; /* of all hashes */
};

struct datapath_interface {
	char name[IF_NAMESIZE];
	__u32 ifindex; /* 0 = gone */
	enum datapath_mode mode;
};

/*
 * Mounts the BPF file system where it is missing, and makes the root of all pins; or only tells
 * whether that could be done.
 */
int datapath_prepare(bool dry_run);

bool datapath_exists(const char *instance);

/* Makes an instance: its maps, and nothing attached yet. */
int datapath_create(const char *instance, const struct datapath_limits *limits);

/* Removes an instance's pins, links included. */
int datapath_remove(const char *instance);

/*
 * A program on the instance's maps; its file descriptor, and in *sweep, unless that is
 * NULL, one of the program that starts the sweep. The caller closes them.
 */
int datapath_load(const char *instance, int *sweep);

int datapath_attach(const char *instance, int program, const char *interface,
		    enum datapath_mode mode, bool replace);
int datapath_detach(const char *instance, const char *interface);

/*
 * Lets all links of the instance run another program, and (unless that is negative) the
 * next sweep be started by another.
 */
int datapath_switch(const char *instance, int program, int sweep);

/* What is attached; the caller frees *interfaces. */
int datapath_interfaces(const char *instance, struct datapath_interface **interfaces,
			size_t *count);

/* The program that is attached to an interface: its file descriptor, which the caller closes. */
int datapath_program(const char *instance, const char *interface);

/* Is an XDP program that is not ours on the interface? Its id, or 0. */
__u32 datapath_foreign_program(const char *instance, const char *interface);

/* What libbpf and the kernel had to say since the last call; "" = nothing. */
const char *libbpf_log_message(void);
void libbpf_log_start(bool verbose);
bool libbpf_log_is_verbose(void);

/* "native", "generic" ... */
const char *mode_name(enum datapath_mode mode);

#endif
