// SPDX-License-Identifier: GPL-2.0-only
/*
 * Administrative states of a backend. `drain`: its flows stay, and it gets no new ones. `maint`:
 * its flows move to other backends. `ready` ends both.
 */
#include <linux/bpf.h>

#include "harness/expect.h"
#include "harness/test_env.h"

#define FLOWS 40

static struct env env;
static __u32 client = 1;

/* Begins flows. Returns how many were sent to host `host`. */
static unsigned int begin_flows(struct exchange exchanges[FLOWS], bool v6, unsigned int host)
{
	unsigned int given = 0;

	for (unsigned int i = 0; i < FLOWS; i++) {
		exchanges[i] = env_exchange(&env, 10, v6, IPPROTO_TCP, client++);
		given += exchange_establish(&exchanges[i]) && exchange_host(&exchanges[i]) == host;
	}
	return given;
}

/*
 * Sends a packet of each flow. Counts the flows that stayed on their backend, and those on host
 * `host`.
 */
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
	       "one of two backends gets half of the flows");
	instance_must_run(&env.instance, "backend drain %s %s", service, backend);
	is_int(begin_flows(new, v6, 11), 0, "a drained backend gets no new flow");
	send_all(established, 11, &stayed, &at_host);
	is_int(stayed, FLOWS, "every flow of a drained backend stays");
	instance_must_run(&env.instance, "backend ready %s %s", service, backend);
	is_int(begin_flows(new, v6, 11), FLOWS / 2, "a backend made ready gets new flows again");
}

static void in_maintenance(const char *service, const char *backend, bool v6)
{
	struct exchange established[FLOWS], new[FLOWS];
	unsigned int stayed, at_host;

	begin_flows(established, v6, 11);
	instance_must_run(&env.instance, "backend maint %s %s", service, backend);
	is_int(begin_flows(new, v6, 11), 0, "a backend in maintenance gets no new flow");
	send_all(established, 11, &stayed, &at_host);
	is_int(at_host, 0, "its flows move to another backend");
	is_int(stayed, FLOWS / 2, "flows of the other backend stay");
	send_all(established, 11, &stayed, &at_host);
	is_int(stayed, FLOWS, "flows that moved stay on their new backend");
	instance_must_run(&env.instance, "backend ready %s %s", service, backend);
	send_all(established, 11, &stayed, &at_host);
	is_int(stayed, FLOWS, "flows do not move back to a backend made ready");
	is_int(begin_flows(new, v6, 11), FLOWS / 2, "a backend made ready gets new flows again");
}

/* All backends drained: new flows find no backend, old flows stay. */
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
	is_int(verdict.increments.count[LB_NO_BACKEND], 1,
	       "a new flow finds no backend if all are drained");
	send_all(established, 11, &stayed, &at_host);
	is_int(stayed, FLOWS, "old flows stay if all backends are drained");
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
