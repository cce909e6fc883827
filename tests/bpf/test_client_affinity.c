// SPDX-License-Identifier: GPL-2.0-only
/*
 * Client persistence (affinity). All flows of a client address go to the backend of its first flow,
 * whatever the weights, until the timeout passes or the backend is not available.
 */
#include <linux/bpf.h>
#include <stdio.h>

#include "harness/expect.h"
#include "harness/pins.h"
#include "harness/test_env.h"

#define ADDRESS(n) ((n) << 15) /* exchange client; plus a port */

static struct env env;
static __u32 port = 1;
static struct lb_client *clients;

/* Sends a packet of an untracked flow. Returns the host it was sent to, 0 if none. */
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

/* How many of 30 new flows of a client are sent to host `host`. */
static unsigned int flows_to(unsigned int host, unsigned int service, bool v6, __u32 address)
{
	unsigned int count = 0;

	for (int i = 0; i < 30; i++)
		count += new_flow(service, v6, address) == host;
	return count;
}

/* Counts the entries of the client table. Stores the last one in `last`. */
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

	is_int(flows_to(first, number, v6, 1), 30, "IPv%u: a client's flows go to the same backend",
	       v6 ? 6 : 4);
	for (__u32 i = 0; i < 30; i++)
		tally[new_flow(number, v6, 100 + i) - 11]++;
	ok(tally[0] == 10 && tally[1] == 10 && tally[2] == 10,
	   "new clients are balanced round robin");
	for (__u32 i = 0; i < 30; i++)
		stayed += new_flow(number, v6, 100 + i) == 11 + (first - 11 + 1 + i) % 3;
	is_int(stayed, 30, "every client stays on its backend");
}

static void weights_move_no_client(void)
{
	unsigned int first = new_flow(10, false, 2), others = 0;

	instance_must_run(&env.instance, "backend weight four 10.2.0.%u:8080 0", first);
	is_int(flows_to(first, 10, false, 2), 30, "a client stays on a backend with weight 0");
	for (__u32 i = 0; i < 30; i++)
		others += new_flow(10, false, 200 + i) != first;
	is_int(others, 30, "a backend with weight 0 gets no new client");
	instance_must_run(&env.instance, "backend weight four 10.2.0.%u:8080 100%%", first);
}

static void leaves_backend(const char *state)
{
	unsigned int first = new_flow(10, false, 3), second;

	instance_must_run(&env.instance, "backend %s four 10.2.0.%u:8080", state, first);
	second = new_flow(10, false, 3);
	ok(second && second != first, "%s: a client moves to another backend", state);
	is_int(flows_to(second, 10, false, 3), 30, "a client that moved stays there");
	instance_must_run(&env.instance, "backend ready four 10.2.0.%u:8080", first);
	is_int(flows_to(second, 10, false, 3), 30, "a client does not move back");
}

static void stays_through_drain(void)
{
	unsigned int first = new_flow(10, false, 4), others = 0;

	instance_must_run(&env.instance, "service set four --persist-through-drain on");
	instance_must_run(&env.instance, "backend drain four 10.2.0.%u:8080", first);
	is_int(flows_to(first, 10, false, 4), 30,
	       "persist-through-drain keeps clients on a drained one");
	for (__u32 i = 0; i < 30; i++)
		others += new_flow(10, false, 300 + i) != first;
	is_int(others, 30, "a drained backend gets no new client");
	instance_must_run(&env.instance, "backend drain four 10.2.0.11:8080");
	instance_must_run(&env.instance, "backend drain four 10.2.0.12:8080");
	instance_must_run(&env.instance, "backend drain four 10.2.0.13:8080");
	is_int(flows_to(first, 10, false, 4), 30, "clients stay if all backends are drained");
	is_int(new_flow(10, false, 399), 0, "new clients find no backend");
	instance_must_run(&env.instance, "service set four --persist-through-drain off");
	for (unsigned int host = 11; host <= 13; host++)
		instance_must_run(&env.instance, "backend ready four 10.2.0.%u:8080", host);
}

/* Backend selection by hash reads the client table and does not change it. */
static void hash_uses_client_table(void)
{
	unsigned int first = new_flow(10, false, 5), before = tracked_clients(NULL), same = 0;
	unsigned int new_client = send_from(10, false, 6, TCP_ACK);

	for (int i = 0; i < 30; i++)
		same += send_from(10, false, 5, TCP_ACK) == first;
	is_int(same, 30, "untracked packets follow the client's entry");
	for (int i = same = 0; i < 30; i++)
		same += send_from(10, false, 6, TCP_ACK) == new_client;
	is_int(same, 30, "without an entry, the address is hashed");
	is_int(tracked_clients(NULL), before, "untracked packets add no client entry");
}

static void prefix_is_one_client(void)
{
	unsigned int first = new_flow(12, false, 0), same = 0, elsewhere = 0;

	for (__u32 i = 1; i < 256; i++)
		same += new_flow(12, false, i) == first;
	is_int(same, 255, "with /24, a prefix of 256 addresses is one client");
	for (__u32 i = 1; i < 30; i++)
		elsewhere += new_flow(12, false, i << 8) != first;
	is_int(elsewhere, 20, "29 other prefixes are balanced round robin");
	first = new_flow(13, true, 0);
	for (__u32 i = same = 1; i < 256; i++)
		same += new_flow(13, true, i) == first;
	is_int(same, 256, "with /120, an IPv6 prefix is one client");
	is_int(new_flow(13, true, 256) == first, 0, "the next IPv6 prefix is another client");
}

/* Simulates time: reduces the expiry in the entry of the only client. */
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
	is_int(tracked_clients(&client), 1, "a client gets an entry");
	expiry = client->data;
	client->data -= 1000;
	second = new_flow(14, false, 7);
	is_int(second, first, "a client stays before its timeout");
	ok((__u32)client->data - expiry < 8, "a new flow restarts the timeout");
	client->data -= (3600000000000ULL >> LB_TICK_SHIFT) + 20;
	third = new_flow(14, false, 7);
	ok(third && third != first, "after the timeout the next backend is selected");
	is_int(tracked_clients(NULL), 1, "the expired entry is used again");
	instance_must_run(&env.instance, "backend del brief 10.2.0.%u:8080 --force", third);
	is_int(tracked_clients(NULL), 0, "deleting a backend deletes its clients' entries");
	new_flow(14, false, 7);
	is_int(tracked_clients(NULL), 1, "a new flow adds an entry");
	instance_must_run(&env.instance, "service set brief --persist flow");
	is_int(tracked_clients(NULL), 0, "--persist flow deletes the service's entries");
}

/*
 * A client table with eight entries: clients with an entry keep it, other clients are assigned by
 * hash.
 */
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
	is_int(tracked_clients(NULL), 8, "a full client table has 8 entries");
	for (__u32 round = 0; round < 10; round++)
		for (__u32 i = 0; i < 20; i++)
			kept += new_flow(10, false, i) == first[i];
	is_int(kept, 200, "20 clients stay on their backends");
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
