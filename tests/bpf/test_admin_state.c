// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an operator says of a backend: `drain` keeps its flows and gives it no
 * new ones, `maint` gives its flows to others, `ready` takes both back.
 */
#include <linux/bpf.h>

#include "rig/expect.h"
#include "rig/test_env.h"

#define FLOWS 40

static struct stage stage;
static __u32 client = 1;

static bool is_host(const struct talk *talk, unsigned int host)
{
	return talk->backend.address.s6_addr[15] == host;
}

/* Begins flows and returns how many of them were given to a host. */
static unsigned int begin(struct talk talks[FLOWS], bool v6, unsigned int host)
{
	unsigned int given = 0;

	for (unsigned int i = 0; i < FLOWS; i++) {
		talks[i] = stage_talk(&stage, 10, v6, IPPROTO_TCP, client++);
		given += talk_establish(&talks[i]) && is_host(&talks[i], host);
	}
	return given;
}

/* Has every flow speak again; counts those that are where they were, and those at a host. */
static void speak(struct talk talks[FLOWS], unsigned int host, unsigned int *stayed,
		  unsigned int *at_host)
{
	*stayed = *at_host = 0;
	for (unsigned int i = 0; i < FLOWS; i++) {
		struct endpoint before = talks[i].backend;
		struct verdict verdict;

		if (!talk_ask(&talks[i], TCP_ACK, &verdict))
			continue;
		*stayed += endpoint_same(&before, &talks[i].backend);
		*at_host += is_host(&talks[i], host);
	}
}

static void drained(const char *service, const char *backend, bool v6)
{
	struct talk old[FLOWS], fresh[FLOWS];
	unsigned int stayed, at_host;

	is_int(begin(old, v6, 11), FLOWS / 2, "half of the flows go to one of two backends");
	balancer_do(&stage.balancer, "backend drain %s %s", service, backend);
	is_int(begin(fresh, v6, 11), 0, "drained, it is given no new flow");
	speak(old, 11, &stayed, &at_host);
	is_int(stayed, FLOWS, "and every old one stays");
	balancer_do(&stage.balancer, "backend ready %s %s", service, backend);
	is_int(begin(fresh, v6, 11), FLOWS / 2, "ready, it is given new flows again");
}

static void in_maintenance(const char *service, const char *backend, bool v6)
{
	struct talk old[FLOWS], fresh[FLOWS];
	unsigned int stayed, at_host;

	begin(old, v6, 11);
	balancer_do(&stage.balancer, "backend maint %s %s", service, backend);
	is_int(begin(fresh, v6, 11), 0, "in maintenance, it is given no new flow");
	speak(old, 11, &stayed, &at_host);
	is_int(at_host, 0, "and its old ones are with another");
	is_int(stayed, FLOWS / 2, "who keeps its own");
	speak(old, 11, &stayed, &at_host);
	is_int(stayed, FLOWS, "and so they stay");
	balancer_do(&stage.balancer, "backend ready %s %s", service, backend);
	speak(old, 11, &stayed, &at_host);
	is_int(stayed, FLOWS, "ready again, it gets none of them back");
	is_int(begin(fresh, v6, 11), FLOWS / 2, "but new ones");
}

/* All drained: nobody for new flows, everybody for old ones. */
static void all_drained(void)
{
	struct talk old[FLOWS], fresh;
	struct verdict verdict;
	unsigned int stayed, at_host;

	begin(old, false, 11);
	balancer_do(&stage.balancer, "backend drain web 10.2.0.11:8080");
	balancer_do(&stage.balancer, "backend drain web 10.2.0.12:8080");
	fresh = stage_talk(&stage, 10, false, IPPROTO_TCP, client++);
	talk_ask(&fresh, TCP_SYN, &verdict);
	is_int(verdict.gained.count[LB_NO_BACKEND], 1, "all drained: a new flow finds nobody");
	speak(old, 11, &stayed, &at_host);
	is_int(stayed, FLOWS, "and every old one stays");
}

int main(void)
{
	stage_open(&stage, "--max-flows 65536");
	stage_service(&stage, "web", 10, false, IPPROTO_TCP, "--scheduler rr");
	stage_service(&stage, "web6", 10, true, IPPROTO_TCP, "--scheduler rr");
	for (unsigned int host = 11; host <= 12; host++) {
		stage_backend(&stage, "web", false, 2, host, "");
		stage_backend(&stage, "web6", true, 2, host, "");
	}
	drained("web", "10.2.0.11:8080", false);
	drained("web6", "[fd02::b]:8080", true);
	in_maintenance("web", "10.2.0.11:8080", false);
	in_maintenance("web6", "[fd02::b]:8080", true);
	all_drained();
	return tap_done();
}
