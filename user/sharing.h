/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sharing: backends of several services that have one endpoint.
 */
#ifndef SHARING_H
#define SHARING_H

#include <stddef.h>

#include "lb/abi.h"

struct store;

/* The backends of any service that have the endpoint. */
size_t sharing_count(const struct store *store, const __u64 address[2], __be16 port, __u8 protocol);

/* The other service that knows a backend's replies by their source alone; 0 = none. */
__u32 sharing_rival(const struct store *store, __u32 backend);

#endif
