/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scenes: a balancer in a testnet of its own, with the services that the benchmark
 * sends packets to. Each exists in IPv4 and IPv6 and has four backends, which
 * stand on the clients' side, so that packets leave by the device they came by,
 * as those of the floors do; FIXTURE_OTHER_DEVICE's stand behind the other device.
 */
#ifndef BENCH_FIXTURE_H
#define BENCH_FIXTURE_H

#include "harness/exchange.h"
#include "harness/replay.h"

#define FIXTURE_BACKENDS 4

/* Services, by the last number of their addresses. */
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
	FIXTURE_SAMPLED, /* wrr, and answers are timed */
	FIXTURE_NO_SERVICE, /* an address that is no service's */
};

struct fixture {
	unsigned int max_flows;
	struct testnet testnet;
	struct instance instance;
};

void fixture_open(struct fixture *fixture, unsigned int max_flows);

/* Half-open flows outlast the run, as in a flood that does not end. */
void fixture_keep_half_open(const struct fixture *fixture);

/* A talk of client 0 with a service. */
struct exchange fixture_exchange(const struct fixture *fixture, bool v6,
				 enum fixture_service service);

/* A replay of requests with these TCP flags to the scene's program. */
struct replay *fixture_requests(const struct fixture *fixture, bool v6,
				enum fixture_service service, __u8 tcp_flags);

/* A replay of replies of the service's first backend. */
struct replay *fixture_replies(const struct fixture *fixture, bool v6,
			       enum fixture_service service);

/* Has clients shake hands with a service, through the program, and stay. */
void fixture_establish(const struct fixture *fixture, bool v6, enum fixture_service service,
		       const struct replay_clients *clients);

/* As above, until the flow memory is full of established flows; returns how many. */
unsigned long fixture_fill(const struct fixture *fixture, enum fixture_service service);

#endif
