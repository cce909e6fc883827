// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an operator says of a backend: `drain` keeps its flows and gives it no
 * new ones, `maint` gives its flows to others, `ready` takes both back.
 */
#include <linux/bpf.h>

#include "harness/expect.h"
#include "harness/test_env.h"

#define FLOWS 40

static struct env env;
static __u32 client = 1;

/* Begins flows and returns how many of them were given to a host. */
static unsigned int begin_flows(struct exchange exchanges[FLOWS], bool v6, unsigned int host)
{
	unsigned int given = 0;

	for (unsigned int i = 0; i < FLOWS; i++) {
		exchanges[i] = env_exchange(&env, 10, v6, IPPROTO_TCP, client++);
		given += exchange_establish(&exchanges[i]) && exchange_host(&exchanges[i]) == host;
	}
	return given;
}

/* Has every flow speak again; counts those that are where they were, and those at a host. */
static void send_all(struct exchange exchanges[FLOWS], unsigned int host, unsigned int *stayed,
		     unsigned int *at_host)
{
	*stayed = *at_host = 0;
	for (unsigned int i = 0; i < FLOWS; i++) {
		struct endpoint before = exchanges[i].backend;
		struct verdict verdict;

		if (!exchange_send_request(&exchanges[i], TCP_ACK, &verdict))
			continue;
		*stayed += endpoint_same(&before, &exchanges[i].backend);
		*at_host += exchange_host(&exchanges[i]) == host;
	}
}

static void drained(const char *service, const char *backend, bool v6)
{
	struct exchange established[FLOWS], new[FLOWS];
	unsigned int stayed, at_host;

	is_int(begin_flows(established, v6, 11), FLOWS / 2,
	       "half of the flows go to one of two backends");
	instance_must_run(&env.instance, "backend drain %s %s", service, backend);
	is_int(begin_flows(new, v6, 11), 0, "drained, it is given no new flow");
	send_all(established, 11, &stayed, &at_host);
	is_int(stayed, FLOWS, "and every old one stays");
	instance_must_run(&env.instance, "backend ready %s %s", service, backend);
	is_int(begin_flows(new, v6, 11), FLOWS / 2, "ready, it is given new flows again");
}

static void in_maintenance(const char *service, const char *backend, bool v6)
{
	struct exchange established[FLOWS], new[FLOWS];
	unsigned int stayed, at_host;

	begin_flows(established, v6, 11);
	instance_must_run(&env.instance, "backend maint %s %s", service, backend);
	is_int(begin_flows(new, v6, 11), 0, "in maintenance, it is given no new flow");
	send_all(established, 11, &stayed, &at_host);
	is_int(at_host, 0, "and its old ones are with another");
	is_int(stayed, FLOWS / 2, "who keeps its own");
	send_all(established, 11, &stayed, &at_host);
	is_int(stayed, FLOWS, "and so they stay");
	instance_must_run(&env.instance, "backend ready %s %s", service, backend);
	send_all(established, 11, &stayed, &at_host);
	is_int(stayed, FLOWS, "ready again, it gets none of them back");
	is_int(begin_flows(new, v6, 11), FLOWS / 2, "but new ones");
}

/* All drained: nobody for new flows, everybody for old ones. */
static void all_drained(void)
{
	struct exchange established[FLOWS], new;
	struct verdict verdict;
	unsigned int stayed, at_host;

	begin_flows(established, false, 11);
	instance_must_run(&env.instance, "backend drain web 10.2.0.11:8080");
	instance_must_run(&env.instance, "backend drain web 10.2.0.12:8080");
	new = env_exchange(&env, 10, false, IPPROTO_TCP, client++);
	exchange_send_request(&new, TCP_SYN, &verdict);
	is_int(verdict.increments.count[LB_NO_BACKEND], 1, "all drained: a new flow finds nobody");
	send_all(established, 11, &stayed, &at_host);
	is_int(stayed, FLOWS, "and every old one stays");
}

int main(void)
{
	env_open(&env, "--max-flows 65536");
	env_add_service(&env, "web", 10, false, IPPROTO_TCP, "--scheduler rr");
	env_add_service(&env, "web6", 10, true, IPPROTO_TCP, "--scheduler rr");
	for (unsigned int host = 11; host <= 12; host++) {
		env_add_backend(&env, "web", false, 2, host, "");
		env_add_backend(&env, "web6", true, 2, host, "");
	}
	drained("web", "10.2.0.11:8080", false);
	drained("web6", "[fd02::b]:8080", true);
	in_maintenance("web", "10.2.0.11:8080", false);
	in_maintenance("web6", "[fd02::b]:8080", true);
	all_drained();
	return tap_done();
}
