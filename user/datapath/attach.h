/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * XDP links of an instance: attaches programs to interfaces, lists what is attached, and
 * replaces the program of all links.
 *
 * Functions return 0, a negative errno, or a datapath_condition (datapath/instance.h), except
 * where described otherwise.
 */
#ifndef DATAPATH_ATTACH_H
#define DATAPATH_ATTACH_H

#include <linux/types.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

enum datapath_mode {
	DATAPATH_AUTO, /* native if the driver supports it, else generic */
	DATAPATH_NATIVE,
	DATAPATH_GENERIC,
	DATAPATH_DETACHED, /* the interface is gone, or runs no program */
};

struct datapath_interface {
	char name[IF_NAMESIZE];
	__u32 ifindex; /* 0 = gone */
	enum datapath_mode mode; /* DATAPATH_AUTO: in another network namespace */
};

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
