// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hash schedulers maglev and source: the same client gets the same backend each time, on every
 * instance with the same hash key. Clients are spread by weight.
 */
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/process.h"
#include "harness/expect.h"
#include "harness/test_env.h"

#define CLIENTS 300
#define MAGLEV	1
#define SOURCE	2

static struct env env;
static char key_file[64];

/* Stores the key in memory that lbctl can open as a file, so that nothing needs cleanup. */
static void write_key(const char *digits)
{
	int file = memfd_create("key", 0);

	if (file < 0 || dprintf(file, "%s\n", digits) < 0)
		process_bail("memfd_create");
	snprintf(key_file, sizeof(key_file), "/proc/%d/fd/%d", getpid(), file);
}

static void add(const char *name, unsigned int number, bool v6, const char *scheduler,
		bool reversed)
{
	static const unsigned int weights[] = {5, 3, 1};
	char flags[64];

	snprintf(flags, sizeof(flags), "--scheduler %s", scheduler);
	env_add_service(&env, name, number, v6, IPPROTO_TCP, flags);
	for (unsigned int i = 0; i < 3; i++) {
		unsigned int host = reversed ? 2 - i : i;

		snprintf(flags, sizeof(flags), "--weight %u", weights[host]);
		env_add_backend(&env, name, v6, 2, TESTNET_BACKEND_FIRST + host, flags);
	}
}

/*
 * Opens an instance with this key and the same services, with backends added in one of two orders.
 */
static void open_instance(const char *key, bool reversed)
{
	char flags[128];

	write_key(key);
	snprintf(flags, sizeof(flags), "--max-flows 65536 --hash-key %s", key_file);
	env_open(&env, flags);
	for (int v6 = 0; v6 < 2; v6++) {
		add(v6 ? "m6" : "m4", MAGLEV, v6, "maglev", reversed);
		add(v6 ? "s6" : "s4", SOURCE, v6, "source", reversed);
	}
}

/*
 * Returns the backend that a new flow is sent to (host number relative to the first), -1 if none.
 */
static int selected_backend(const struct exchange *flow)
{
	struct exchange exchange = *flow;
	struct verdict verdict;

	if (!exchange_send_request(&exchange, TCP_SYN, &verdict) ||
	    verdict.increments.count[LB_FORWARDED] != 1)
		return -1;
	return exchange_host(&exchange) - TESTNET_BACKEND_FIRST;
}

static int client_backend(unsigned int service, bool v6, __u32 client)
{
	struct exchange exchange = env_exchange(&env, service, v6, IPPROTO_TCP, client);

	return selected_backend(&exchange);
}

static void select_all(int selected[2][2][CLIENTS])
{
	for (int v6 = 0; v6 < 2; v6++)
		for (__u32 i = 0; i < CLIENTS; i++) {
			selected[v6][0][i] = client_backend(MAGLEV, v6, 4099 * i);
			selected[v6][1][i] = client_backend(SOURCE, v6, 4099 * i);
		}
}

/* Binomial distribution over 300 clients: 43, 41 and 27 are five standard deviations. */
static void shares_match_weights(const int *selected, const char *what)
{
	int flows_of[3] = {0}, lost = 0;

	for (int i = 0; i < CLIENTS; i++) {
		if (selected[i] < 0)
			lost++;
		else
			flows_of[selected[i]]++;
	}
	diag("%s: %d/%d/%d", what, flows_of[0], flows_of[1], flows_of[2]);
	ok(!lost && abs(flows_of[0] - 167) <= 43 && abs(flows_of[1] - 100) <= 41 &&
		   abs(flows_of[2] - 33) <= 27,
	   "%s: clients are spread by weight", what);
}

static void selection_repeats(void)
{
	int first[2][2][CLIENTS], again[2][2][CLIENTS];

	select_all(first);
	shares_match_weights(first[0][0], "maglev, IPv4");
	shares_match_weights(first[1][0], "maglev, IPv6");
	instance_must_run(&env.instance, "flow flush --force");
	select_all(again);
	ok(!memcmp(first, again, sizeof(first)), "flushed flows get the same backends again");
}

/* All flows of a client have one backend with source, and several with maglev. */
static void ports_of_one_client(bool v6)
{
	unsigned int same_backend = 0, kinds = 0;
	int first = -1;

	for (unsigned int i = 0; i < 100; i++) {
		struct exchange source = env_exchange(&env, SOURCE, v6, IPPROTO_TCP, 77);
		struct exchange flow = env_exchange(&env, MAGLEV, v6, IPPROTO_TCP, 77);
		int backend;

		source.client.port = flow.client.port = 20000 + i;
		backend = selected_backend(&source);
		first = i ? first : backend;
		same_backend += backend >= 0 && backend == first;
		kinds |= 1U << selected_backend(&flow);
	}
	is_int(same_backend, 100, "source, %s: a client's flows have one backend",
	       v6 ? "IPv6" : "IPv4");
	is_int(kinds, 7, "maglev, %s: a client's flows use all backends", v6 ? "IPv6" : "IPv4");
}

static unsigned int differences(int a[2][2][CLIENTS], int b[2][2][CLIENTS])
{
	unsigned int count = 0;

	for (int i = 0; i < 4 * CLIENTS; i++)
		count += (&a[0][0][0])[i] != (&b[0][0][0])[i];
	return count;
}

static void instances_agree(void)
{
	static int one[2][2][CLIENTS], other[2][2][CLIENTS];

	open_instance("00112233445566778899aabbccddeeff", false);
	selection_repeats();
	ports_of_one_client(false);
	ports_of_one_client(true);
	select_all(one);
	open_instance("00112233445566778899AABBCCDDEEFF", true);
	select_all(other);
	is_int(differences(one, other), 0, "an instance with the same key selects the same");
	open_instance("00112233445566778899aabbccddeefe", false);
	select_all(other);
	ok(differences(one, other) > CLIENTS, "an instance with another key selects others");
}

int main(void)
{
	instances_agree();
	return tap_done();
}
