// SPDX-License-Identifier: GPL-2.0-only
/*
* The endpoint table wraps around: endpoints with a hash of its last entry are displaced to its
 * first ones, and found there, in both copies of the table.
 */
#include <linux/bpf.h>
#include <stdio.h>

#include "harness/expect.h"
#include "harness/test_env.h"

#define SERVICES 3

/* A hash that begins with six ones selects the last entry of any table of up to 64 entries. */
#define LAST_BITS 6

static struct env env;
static __u16 ports[SERVICES];

static void choose_ports(void)
{
	struct endpoint vip = endpoint("192.0.2.1", 0);
	unsigned int count = 0;
	__u64 address[2];

	instance_address_words(&vip, address);
	for (__u32 port = 1; port < 65536 && count < SERVICES; port++) {
		__u32 selector = lb_selector(htons(port), IPPROTO_TCP, LB_ROLE_SERVICE, true);

		if (lb_endpoint_hash(address, selector) >> (64 - LAST_BITS) == (1 << LAST_BITS) - 1)
			ports[count++] = port;
	}
	is_int(count, SERVICES, "there are ports that select the last entry");
}

static unsigned int count_found(void)
{
	unsigned int found = 0;

	for (unsigned int i = 0; i < SERVICES; i++) {
		struct exchange exchange = env_exchange(&env, 1, false, IPPROTO_TCP, i);
		struct verdict verdict;

		exchange.service = endpoint("192.0.2.1", ports[i]);
		found += exchange_send_request(&exchange, TCP_SYN, &verdict);
	}
	return found;
}

int main(void)
{
	env_open(&env, "--max-flows 4096");
	choose_ports();
	for (unsigned int i = 0; i < SERVICES; i++) {
		instance_must_run(&env.instance, "service add s%u 192.0.2.1:%u/tcp", i, ports[i]);
		instance_must_run(&env.instance, "backend add s%u 10.2.0.11:80", i);
	}
	for (unsigned int copy = 0; copy < 2; copy++) {
		is_int(env.instance.control->endpoints & 63, 58, "the table has 64 entries");
		is_int(count_found(), SERVICES, "endpoints behind the table's end are found");
		instance_must_run(&env.instance, "service add other%u 192.0.2.1:%u/udp", copy,
				  1 + copy);
	}
	return tap_done();
}
