/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tunnel decapsulation on a backend: loads and configures the program bpf/decap.bpf.c.
 *
 * The program uses no maps of an instance. Its links are pinned as those of an instance are,
 * in a directory with a name that no instance can have.
 */
#ifndef DATAPATH_DECAP_H
#define DATAPATH_DECAP_H

#include <linux/types.h>
#include <stddef.h>

#define DECAP_ADDRESSES_MAX  256
#define DECAP_INSTANCE_BYTES 72

/* The name of the pin directory, for functions of datapath/instance.h. */
void decap_instance(const char *instance, char name[DECAP_INSTANCE_BYTES]);

/* Makes the pin directory, unless it exists. Returns 0 or a negative errno. */
int decap_prepare(const char *name);

/*
 * Loads a program that decapsulates packets to these addresses. Returns its file descriptor,
 * which the caller closes, or a negative errno.
 */
int decap_load(const __u64 (*addresses)[2], size_t count);

#endif
