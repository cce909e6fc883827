/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The configuration under random packets: services and backends, defined once for the program in
 * the kernel (tests/bpf) and for its native build (tests/fuzz). Backends are hosts of the test
 * network (harness/testnet.h).
 */
#ifndef TEST_LIB_RANDOM_FIXTURE_CONFIG_H
#define TEST_LIB_RANDOM_FIXTURE_CONFIG_H

#include "lb/abi.h"
#include "packets/packet_builder.h"

/* MTU on the clients' side and on the backends' side. */
#define FIXTURE_MTU_FRONT 1500
#define FIXTURE_MTU_BACK  1280

/* Source prefixes towards backends (--source), one per IP version. */
struct fixture_source {
	const char *text; /* argument of --source; NULL = not given: the default prefixes */
	struct endpoint first4, first6;
	__u8 bits4, bits6;
};

struct fixture_service {
	const char *name;
	struct endpoint endpoint; /* port 0: all ports */
	__u8 protocol;
	enum lb_scheduler scheduler;
	__u32 timeout_ms; /* timeout in every flow state */
	enum lb_forward forward;
	enum lb_forward forward_alternate; /* the test switches to this mode and back */
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

/* SNAT pool: every address of the pool is used by snat services only. */
extern const struct fixture_source fixture_snat_source;
#define FIXTURE_SNAT_SOURCES 4

/* Net of the test network that a backend is in: 1 = front, 2 = back. */
unsigned int fixture_backend_net(const struct fixture_backend *backend);

/* Flow limit of a backend; 0 = no limit. */
__u32 fixture_backend_max_flows(const struct fixture_backend *backend);

/* Latency feedback is on for every second service. */
enum lb_feedback fixture_service_feedback(const struct fixture_service *service);

/* Returns the service with this name, which must exist. */
const struct fixture_service *fixture_service_by_name(const char *name);

/*
 * Returns the service of a packet to this endpoint, or NULL. A service on the port precedes one on
 * all ports.
 */
const struct fixture_service *fixture_service_by_endpoint(const struct endpoint *requested,
							  __u8 protocol);

/* True if the endpoint belongs to the service. */
bool fixture_service_matches(const struct fixture_service *service,
			     const struct endpoint *requested, __u8 protocol);

/* True if the service has a backend that receives requests to port `requested` at this endpoint. */
bool fixture_service_has_backend(const struct fixture_service *service,
				 const struct endpoint *backend, __u16 requested);

/* True if the service has a backend with this address. */
bool fixture_service_has_host(const struct fixture_service *service,
			      const struct endpoint *backend);

/* True if the prefixes contain the address. */
bool fixture_source_contains(const struct fixture_source *source, const struct endpoint *address);

/* True if the service uses this mode, now or after the switch. */
bool fixture_service_forwards(const struct fixture_service *service, enum lb_forward forward);

/* True if a backend at this endpoint may send replies of a service at `vip`. */
bool fixture_backend_replies_for(const struct endpoint *backend, const struct endpoint *vip,
				 __u8 protocol, enum lb_forward forward);

#endif
