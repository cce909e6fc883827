/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fixture: an instance in a network namespace of its own, with the services that the benchmark
 * sends packets to, each for IPv4 and IPv6, with four backends. The backends are on the
 * clients' side, so that packets leave on the ingress device (XDP_TX), as in the baselines;
 * those of FIXTURE_OTHER_DEVICE are behind the other device (redirect).
 */
#ifndef BENCH_FIXTURE_H
#define BENCH_FIXTURE_H

#include "harness/exchange.h"
#include "harness/replay.h"

#define FIXTURE_BACKENDS 4

/* Services, by the last byte of their VIPs. */
enum fixture_service {
	FIXTURE_WRR = 10,
	FIXTURE_RR,
	FIXTURE_RANDOM,
	FIXTURE_P2C,
	FIXTURE_LC,
	FIXTURE_LRT,
	FIXTURE_MAGLEV,
	FIXTURE_OTHER_DEVICE,
	FIXTURE_IPIP, /* wrr */
	FIXTURE_IPIP_MAGLEV,
	FIXTURE_SAMPLED, /* wrr, with sampled requests */
	FIXTURE_NO_SERVICE, /* an address that is no VIP */
};

struct fixture {
	unsigned int max_flows;
	struct testnet testnet;
	struct instance instance;
};

void fixture_open(struct fixture *fixture, unsigned int max_flows);

/* Makes half-open flows outlast the run, as in a continuous flood. */
void fixture_keep_half_open(const struct fixture *fixture);

/* Packets between client 0 and a service. */
struct exchange fixture_exchange(const struct fixture *fixture, bool v6,
				 enum fixture_service service);

/* A replay of requests with these TCP flags through the fixture's program. */
struct replay *fixture_requests(const struct fixture *fixture, bool v6,
				enum fixture_service service, __u8 tcp_flags);

/* A replay of replies of the service's first backend. */
struct replay *fixture_replies(const struct fixture *fixture, bool v6,
			       enum fixture_service service);

/* Establishes a flow of each client with a service through the program. */
void fixture_establish(const struct fixture *fixture, bool v6, enum fixture_service service,
		       const struct replay_clients *clients);

/* The same until the flow table is full; returns the number of established flows. */
unsigned long fixture_fill(const struct fixture *fixture, enum fixture_service service);

#endif
