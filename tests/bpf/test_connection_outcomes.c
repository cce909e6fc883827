// SPDX-License-Identifier: GPL-2.0-only
/*
 * Passive checks: connection attempts are counted for every backend of a service with a check, and
 * nothing else is counted.
 */
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include "harness/expect.h"
#include "harness/single_backend.h"

static struct env env;

/* Sends the backend's reply, if it passes through the balancer. */
static void send_reply(struct single *single, __u8 flags)
{
	if (!single->is_one_way)
		single_send_reply(single, flags, 0);
}

/* One of three connections is answered. One is refused, where the datapath can see refusals. */
static void outcomes_are_counted(struct single *single)
{
	const struct lb_latency *latency = &env.instance.responses[single->backend];
	struct lb_latency wanted = {.begun = 3, .answered = 1, .refused = !single->is_one_way};

	single_begin(single);
	single_begin(single);
	send_reply(single, TCP_RST | TCP_ACK);
	single_begin(single);
	send_reply(single, TCP_SYN | TCP_ACK);
	single_send_request(single, TCP_ACK, 0);
	single_send_request(single, TCP_ACK, 0);
	send_reply(single, TCP_ACK);
	if (strncmp(single->what, "snat", 4)) /* snat flows have no such entry */
		is_int(single_flow_state(single), LB_FLOW_ESTABLISHED, "the flow is established");
	send_reply(single, TCP_RST);
	single_send_request(single, TCP_FIN | TCP_ACK, 0);
	is_int(latency->begun, wanted.begun, "%s: connection attempts are counted", single->what);
	is_int(latency->answered, wanted.answered, "%s: answers are counted", single->what);
	is_int(latency->refused, wanted.refused, "%s: refusals are counted", single->what);
	ok(!memcmp(latency, &wanted, sizeof(wanted)), "%s: nothing else is counted", single->what);
	instance_must_run(&env.instance, "service set %s --check none", single->name);
	single_begin(single);
	send_reply(single, TCP_RST | TCP_ACK);
	ok(!memcmp(latency, &wanted, sizeof(wanted)), "%s: nothing is counted without a check",
	   single->what);
}

static void udp_outcomes(const char *forward, __u32 wanted)
{
	const struct lb_latency *latency;
	struct single single;

	single_open(&single, &env, forward, false, IPPROTO_UDP, "--check ping");
	latency = &env.instance.responses[single.backend];
	single_begin(&single);
	single_begin(&single);
	send_reply(&single, 0);
	send_reply(&single, 0);
	ok(latency->begun == 2 * wanted && latency->answered == wanted,
	   "%s, UDP: %u of %u flows are answered", forward, wanted, 2 * wanted);
}

int main(void)
{
	static const char *const forwards[] = {"nat", "snat", "dsr", "ipip"};
	struct single single;

	env_open(&env, "--max-flows 65536");
	for (unsigned int i = 0; i < 8; i++) {
		single_open(&single, &env, forwards[i / 2], i % 2, IPPROTO_TCP, "--check tcp");
		outcomes_are_counted(&single);
	}
	udp_outcomes("nat", 1);
	udp_outcomes("snat", 1);
	udp_outcomes("dsr", 0);
	return tap_done();
}
