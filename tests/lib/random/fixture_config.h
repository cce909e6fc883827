/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The cast: the services and backends that mutated packets meet, told once for the
 * program in the kernel and for the one that is built natively. Backends are hosts
 * of the testnet (harness/testnet.h).
 */
#ifndef TEST_LIB_RANDOM_FIXTURE_CONFIG_H
#define TEST_LIB_RANDOM_FIXTURE_CONFIG_H

#include "lb/abi.h"
#include "packets/packet_builder.h"

/* Packets may be so large in front, and behind. */
#define FIXTURE_MTU_FRONT 1500
#define FIXTURE_MTU_BACK  1280

/* What packets to backends come from: a prefix of each IP version. */
struct fixture_source {
	const char *text; /* as lbctl reads it; NULL = none is set, which are then these */
	struct endpoint first4, first6;
	__u8 bits4, bits6;
};

struct fixture_service {
	const char *name;
	struct endpoint endpoint; /* port 0: all of them */
	__u8 protocol;
	enum lb_scheduler scheduler;
	__u32 timeout_ms; /* of whatever state */
	enum lb_forward forward;
	enum lb_forward forward_alternate; /* set while packets pass, and taken back */
	const struct fixture_source *source;
};

struct fixture_backend {
	unsigned int service; /* index in fixture_services */
	struct endpoint endpoint;
	__u16 weight;
	enum lb_state state;
};

extern const struct fixture_service fixture_services[];
extern const struct fixture_backend fixture_backends[];
extern const unsigned int fixture_service_count;
extern const unsigned int fixture_backend_count;

/* What the services of snat speak from: all of these addresses, and nobody else's. */
extern const struct fixture_source fixture_snat_source;
#define FIXTURE_SNAT_SOURCES 4

/* The net of the testnet that a backend is in: 1 is in front, 2 is behind. */
unsigned int fixture_backend_net(const struct fixture_backend *backend);

/* How many flows a backend may have; 0 = as many as come. */
__u32 fixture_backend_max_flows(const struct fixture_backend *backend);

/* Every second service has its answers timed. */
enum lb_feedback fixture_service_feedback(const struct fixture_service *service);

/* The service of this name, which there is. */
const struct fixture_service *fixture_service_by_name(const char *name);

/* Whose packets to this endpoint are; of a service on that port rather than on all. NULL: nobody's. */
const struct fixture_service *fixture_service_by_endpoint(const struct endpoint *requested,
							  __u8 protocol);

/* Is that one of the endpoints that the service is at? */
bool fixture_service_matches(const struct fixture_service *service,
			     const struct endpoint *requested, __u8 protocol);

/* Has it a backend that has this endpoint for those who ask for a port? */
bool fixture_service_has_backend(const struct fixture_service *service,
				 const struct endpoint *backend, __u16 requested);

/* Has it a backend with this address? */
bool fixture_service_has_host(const struct fixture_service *service,
			      const struct endpoint *backend);

/* Is it one of the source's addresses? */
bool fixture_source_contains(const struct fixture_source *source, const struct endpoint *address);

/* Does the service ever forward so? */
bool fixture_service_forwards(const struct fixture_service *service, enum lb_forward forward);

/* May a backend at this endpoint have said that for a service at that one? */
bool fixture_backend_replies_for(const struct endpoint *backend, const struct endpoint *vip,
				 __u8 protocol, enum lb_forward forward);

#endif
