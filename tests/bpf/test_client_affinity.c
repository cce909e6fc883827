// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clients that stay with a backend: all flows of an address go where its first went,
 * whatever weights say, for as long as it comes back in time and the backend may be had.
 */
#include <linux/bpf.h>
#include <stdio.h>

#include "harness/expect.h"
#include "harness/pins.h"
#include "harness/test_env.h"

#define ADDRESS(n) ((n) << 15) /* of a talk's client; its port is what is added */

static struct env env;
static __u32 port = 1;
static struct lb_client *clients;

/* The host that a packet of a flow that is not known is given to; 0 = none. */
static unsigned int send_from(unsigned int service, bool v6, __u32 address, __u8 flags)
{
	struct exchange exchange =
		env_exchange(&env, service, v6, IPPROTO_TCP, ADDRESS(address) + port++);
	struct verdict verdict;

	return exchange_send_request(&exchange, flags, &verdict) ? exchange_host(&exchange) : 0;
}

static unsigned int new_flow(unsigned int service, bool v6, __u32 address)
{
	return send_from(service, v6, address, TCP_SYN);
}

/* How many of 30 new flows of a client go to a host. */
static unsigned int flows_to(unsigned int host, unsigned int service, bool v6, __u32 address)
{
	unsigned int count = 0;

	for (int i = 0; i < 30; i++)
		count += new_flow(service, v6, address) == host;
	return count;
}

/* How many clients are remembered, and the place of the last of them. */
static unsigned int tracked_clients(struct lb_client **last)
{
	unsigned int count = 0;

	for (__u32 i = 0; i < env.instance.control->client_buckets * LB_BUCKET_CLIENTS; i++) {
		if (!clients[i].data)
			continue;
		count++;
		if (last)
			*last = &clients[i];
	}
	return count;
}

static void open_service(const char *name, unsigned int number, bool v6, const char *flags)
{
	env_add_service(&env, name, number, v6, IPPROTO_TCP, flags);
	for (unsigned int host = 11; host <= 13; host++)
		env_add_backend(&env, name, v6, 2, host, "");
}

static void stays(bool v6, unsigned int number)
{
	unsigned int tally[3] = {0}, stayed = 0;
	unsigned int first = new_flow(number, v6, 1);

	is_int(flows_to(first, number, v6, 1), 30,
	       "IPv%u: a client's flows go where its first went", v6 ? 6 : 4);
	for (__u32 i = 0; i < 30; i++)
		tally[new_flow(number, v6, 100 + i) - 11]++;
	ok(tally[0] == 10 && tally[1] == 10 && tally[2] == 10, "other clients are spread in turn");
	for (__u32 i = 0; i < 30; i++)
		stayed += new_flow(number, v6, 100 + i) == 11 + (first - 11 + 1 + i) % 3;
	is_int(stayed, 30, "and each of them stays");
}

static void weights_move_no_client(void)
{
	unsigned int first = new_flow(10, false, 2), others = 0;

	instance_must_run(&env.instance, "backend weight four 10.2.0.%u:8080 0", first);
	is_int(flows_to(first, 10, false, 2), 30, "a client stays when its backend's weight is 0");
	for (__u32 i = 0; i < 30; i++)
		others += new_flow(10, false, 200 + i) != first;
	is_int(others, 30, "others do not come");
	instance_must_run(&env.instance, "backend weight four 10.2.0.%u:8080 100%%", first);
}

static void leaves_backend(const char *state)
{
	unsigned int first = new_flow(10, false, 3), second;

	instance_must_run(&env.instance, "backend %s four 10.2.0.%u:8080", state, first);
	second = new_flow(10, false, 3);
	ok(second && second != first, "%s: a client has to leave", state);
	is_int(flows_to(second, 10, false, 3), 30, "it stays with another");
	instance_must_run(&env.instance, "backend ready four 10.2.0.%u:8080", first);
	is_int(flows_to(second, 10, false, 3), 30, "and does not go back");
}

static void stays_through_drain(void)
{
	unsigned int first = new_flow(10, false, 4), others = 0;

	instance_must_run(&env.instance, "service set four --persist-through-drain on");
	instance_must_run(&env.instance, "backend drain four 10.2.0.%u:8080", first);
	is_int(flows_to(first, 10, false, 4), 30, "through a drain clients stay if so wanted");
	for (__u32 i = 0; i < 30; i++)
		others += new_flow(10, false, 300 + i) != first;
	is_int(others, 30, "new ones do not come");
	instance_must_run(&env.instance, "backend drain four 10.2.0.11:8080");
	instance_must_run(&env.instance, "backend drain four 10.2.0.12:8080");
	instance_must_run(&env.instance, "backend drain four 10.2.0.13:8080");
	is_int(flows_to(first, 10, false, 4), 30, "even when all are drained");
	is_int(new_flow(10, false, 399), 0, "and newcomers find nobody");
	instance_must_run(&env.instance, "service set four --persist-through-drain off");
	for (unsigned int host = 11; host <= 13; host++)
		instance_must_run(&env.instance, "backend ready four 10.2.0.%u:8080", host);
}

/* What goes by hash looks at what is remembered, and changes nothing of it. */
static void hash_uses_client_table(void)
{
	unsigned int first = new_flow(10, false, 5), before = tracked_clients(NULL), same = 0;
	unsigned int new_client = send_from(10, false, 6, TCP_ACK);

	for (int i = 0; i < 30; i++)
		same += send_from(10, false, 5, TCP_ACK) == first;
	is_int(same, 30, "unknown flows of a known client go where it is");
	for (int i = same = 0; i < 30; i++)
		same += send_from(10, false, 6, TCP_ACK) == new_client;
	is_int(same, 30, "those of an unknown one stay together, by the hash of its address");
	is_int(tracked_clients(NULL), before, "and are not remembered");
}

static void prefix_is_one_client(void)
{
	unsigned int first = new_flow(12, false, 0), same = 0, elsewhere = 0;

	for (__u32 i = 1; i < 256; i++)
		same += new_flow(12, false, i) == first;
	is_int(same, 255, "with /24 all of 198.18.0.0/24 is one client");
	for (__u32 i = 1; i < 30; i++)
		elsewhere += new_flow(12, false, i << 8) != first;
	is_int(elsewhere, 20, "and 29 other prefixes take their turns");
	first = new_flow(13, true, 0);
	for (__u32 i = same = 1; i < 256; i++)
		same += new_flow(13, true, i) == first;
	is_int(same, 256, "so is a /120 of IPv6");
	is_int(new_flow(13, true, 256) == first, 0, "and not the next one");
}

/* Time is moved by hand: the only client's stay is made to end. */
static void stays_until_timeout(void)
{
	unsigned int first, second, third;
	struct lb_client *client = NULL;
	__u32 expiry;

	env_add_service(&env, "brief", 14, false, IPPROTO_TCP,
			"--scheduler rr --persist source=1h");
	for (unsigned int host = 11; host <= 13; host++)
		env_add_backend(&env, "brief", false, 2, host, "");
	for (__u32 i = 0; i < env.instance.control->client_buckets * LB_BUCKET_CLIENTS; i++)
		clients[i].data = 0;
	first = new_flow(14, false, 7);
	is_int(tracked_clients(&client), 1, "a client is remembered");
	expiry = client->data;
	client->data -= 1000;
	second = new_flow(14, false, 7);
	is_int(second, first, "before its time is over it stays");
	ok((__u32)client->data - expiry < 8, "and begins its hour anew with each new flow");
	client->data -= (3600000000000ULL >> LB_TICK_SHIFT) + 20;
	third = new_flow(14, false, 7);
	ok(third && third != first, "when it is over, the client is given to the next in turn");
	is_int(tracked_clients(NULL), 1, "and remembered in the same place");
	instance_must_run(&env.instance, "backend del brief 10.2.0.%u:8080 --force", third);
	is_int(tracked_clients(NULL), 0, "a deleted backend's clients are forgotten");
	new_flow(14, false, 7);
	is_int(tracked_clients(NULL), 1, "remembered again");
	instance_must_run(&env.instance, "service set brief --persist flow");
	is_int(tracked_clients(NULL), 0, "they are forgotten when they need not stay any more");
}

/* Eight places: who has one keeps it, the others find the same backend by hash. */
static void full_table(void)
{
	struct env small;
	unsigned int first[20], kept = 0;

	env_open(&small, "--max-clients 8");
	env = small;
	clients = pins_mmap_writable(env.instance.full_name, "clients");
	open_service("full", 10, false, "--scheduler rr --persist source");
	for (__u32 i = 0; i < 20; i++)
		first[i] = new_flow(10, false, i);
	is_int(tracked_clients(NULL), 8, "there is room for 8 clients");
	for (__u32 round = 0; round < 10; round++)
		for (__u32 i = 0; i < 20; i++)
			kept += new_flow(10, false, i) == first[i];
	is_int(kept, 200, "each of 20 stays where it was");
}

int main(void)
{
	env_open(&env, "--max-flows 65536 --max-clients 4096");
	clients = pins_mmap_writable(env.instance.full_name, "clients");
	open_service("four", 10, false, "--scheduler rr --persist source");
	open_service("six", 11, true, "--scheduler rr --persist source");
	open_service("prefix4", 12, false, "--scheduler rr --persist source=1m/24");
	open_service("prefix6", 13, true, "--scheduler rr --persist source=1m/120");
	stays(false, 10);
	stays(true, 11);
	weights_move_no_client();
	leaves_backend("drain");
	leaves_backend("maint");
	stays_through_drain();
	hash_uses_client_table();
	prefix_is_one_client();
	stays_until_timeout();
	full_table();
	return tap_done();
}
