/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The other end of tunnels, on a backend: a program of its own (bpf/decap.bpf.c), which
 * knows no instance's maps. Its links are pinned like an instance's, in a directory
 * whose name no instance can have.
 */
#ifndef DATAPATH_DECAP_H
#define DATAPATH_DECAP_H

#include <linux/types.h>
#include <stddef.h>

#define DECAP_ADDRESSES_MAX  256
#define DECAP_INSTANCE_BYTES 72

/* The name under which an instance's decapsulation is pinned. */
void decap_instance(const char *instance, char name[DECAP_INSTANCE_BYTES]);

/* Makes the directory of pins; one that is there is fine. 0 or a negative errno. */
int decap_prepare(const char *name);

/* A program that opens tunnels to these addresses: its descriptor, or a negative errno. */
int decap_load(const __u64 (*addresses)[2], size_t count);

#endif
