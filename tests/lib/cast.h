/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The cast: the services and backends that mutated packets meet, told once for the
 * program in the kernel and for the one that is built natively. Backends are hosts
 * of the rig (rig.h).
 */
#ifndef CAST_H
#define CAST_H

#include "lb/abi.h"
#include "packet.h"

struct cast_service {
	const char *name;
	struct endpoint endpoint;
	__u8 protocol;
	enum lb_scheduler scheduler;
	__u32 timeout_ms; /* of whatever state */
};

struct cast_backend {
	unsigned int service; /* index in cast_services */
	struct endpoint endpoint;
	__u16 weight;
	enum lb_state state;
};

extern const struct cast_service cast_services[];
extern const struct cast_backend cast_backends[];
extern const unsigned int cast_service_count;
extern const unsigned int cast_backend_count;

/* The net of the rig that a backend is in: 1 is in front, 2 is behind. */
unsigned int cast_net(const struct cast_backend *backend);

/* Has a service with this endpoint a backend with that one? */
bool cast_has(const struct endpoint *service, __u8 protocol, const struct endpoint *backend);

#endif
