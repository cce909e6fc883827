// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who shall have it, by hash: maglev and source choose the same backend for a client
 * each time, on every balancer that has the same key, and spread clients by weight.
 */
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rig/expect.h"
#include "rig/process.h"
#include "rig/test_env.h"

#define CLIENTS 300
#define MAGLEV	1
#define SOURCE	2

static struct stage stage;
static char key_file[64];

/* Into memory that lbctl can open as a file: nothing to be cleaned up. */
static void write_key(const char *digits)
{
	int file = memfd_create("key", 0);

	if (file < 0 || dprintf(file, "%s\n", digits) < 0)
		process_bail("no memory for a key");
	snprintf(key_file, sizeof(key_file), "/proc/%d/fd/%d", getpid(), file);
}

static void add(const char *name, unsigned int number, bool v6, const char *scheduler,
		bool backwards)
{
	static const unsigned int weights[] = {5, 3, 1};
	char flags[64];

	snprintf(flags, sizeof(flags), "--scheduler %s", scheduler);
	stage_service(&stage, name, number, v6, IPPROTO_TCP, flags);
	for (unsigned int i = 0; i < 3; i++) {
		unsigned int host = backwards ? 2 - i : i;

		snprintf(flags, sizeof(flags), "--weight %u", weights[host]);
		stage_backend(&stage, name, v6, 2, RIG_BACKEND_FIRST + host, flags);
	}
}

/* A balancer of its own with the key, and the same services, added in one order or the other. */
static void open_balancer(const char *key, bool backwards)
{
	char flags[128];

	write_key(key);
	snprintf(flags, sizeof(flags), "--max-flows 65536 --hash-key %s", key_file);
	stage_open(&stage, flags);
	for (int v6 = 0; v6 < 2; v6++) {
		add(v6 ? "m6" : "m4", MAGLEV, v6, "maglev", backwards);
		add(v6 ? "s6" : "s4", SOURCE, v6, "source", backwards);
	}
}

/* The backend that a flow is given, by its host's number; -1 for none. */
static int choice(const struct talk *flow)
{
	struct talk talk = *flow;
	struct verdict verdict;

	if (!talk_ask(&talk, TCP_SYN, &verdict) || verdict.gained.count[LB_FORWARDED] != 1)
		return -1;
	return talk.backend.address.s6_addr[15] - RIG_BACKEND_FIRST;
}

static int client_choice(unsigned int service, bool v6, __u32 client)
{
	struct talk talk = stage_talk(&stage, service, v6, IPPROTO_TCP, client);

	return choice(&talk);
}

static void choose_all(int choices[2][2][CLIENTS])
{
	for (int v6 = 0; v6 < 2; v6++)
		for (__u32 i = 0; i < CLIENTS; i++) {
			choices[v6][0][i] = client_choice(MAGLEV, v6, 4099 * i);
			choices[v6][1][i] = client_choice(SOURCE, v6, 4099 * i);
		}
}

/* Of 300, binomial; five standard deviations are 43, 41 and 27. */
static void shares_are_right(const int *choices, const char *what)
{
	int held[3] = {0}, lost = 0;

	for (int i = 0; i < CLIENTS; i++) {
		if (choices[i] < 0)
			lost++;
		else
			held[choices[i]]++;
	}
	diag("%s: %d/%d/%d", what, held[0], held[1], held[2]);
	ok(!lost && abs(held[0] - 167) <= 43 && abs(held[1] - 100) <= 41 && abs(held[2] - 33) <= 27,
	   "%s spreads clients by weight", what);
}

static void chosen_again(void)
{
	int first[2][2][CLIENTS], again[2][2][CLIENTS];

	choose_all(first);
	shares_are_right(first[0][0], "maglev, IPv4");
	shares_are_right(first[1][0], "maglev, IPv6");
	balancer_do(&stage.balancer, "flow flush --force");
	choose_all(again);
	ok(!memcmp(first, again, sizeof(first)), "forgotten flows are given the same backends");
}

/* A source's flows stay together, a maglev service's do not. */
static void ports_of_one_client(bool v6)
{
	unsigned int together = 0, kinds = 0;
	int first = -1;

	for (unsigned int i = 0; i < 100; i++) {
		struct talk source = stage_talk(&stage, SOURCE, v6, IPPROTO_TCP, 77);
		struct talk flow = stage_talk(&stage, MAGLEV, v6, IPPROTO_TCP, 77);
		int backend;

		source.client.port = flow.client.port = 20000 + i;
		backend = choice(&source);
		first = i ? first : backend;
		together += backend >= 0 && backend == first;
		kinds |= 1U << choice(&flow);
	}
	is_int(together, 100, "source, %s: one client's flows have one backend",
	       v6 ? "IPv6" : "IPv4");
	is_int(kinds, 7, "maglev, %s: they are spread over all", v6 ? "IPv6" : "IPv4");
}

static unsigned int differences(int a[2][2][CLIENTS], int b[2][2][CLIENTS])
{
	unsigned int count = 0;

	for (int i = 0; i < 4 * CLIENTS; i++)
		count += (&a[0][0][0])[i] != (&b[0][0][0])[i];
	return count;
}

static void balancers_agree(void)
{
	static int one[2][2][CLIENTS], other[2][2][CLIENTS];

	open_balancer("00112233445566778899aabbccddeeff", false);
	chosen_again();
	ports_of_one_client(false);
	ports_of_one_client(true);
	choose_all(one);
	open_balancer("00112233445566778899AABBCCDDEEFF", true);
	choose_all(other);
	is_int(differences(one, other), 0, "another balancer with the key chooses the same");
	open_balancer("00112233445566778899aabbccddeefe", false);
	choose_all(other);
	ok(differences(one, other) > CLIENTS, "one with another key does not");
}

int main(void)
{
	balancers_agree();
	return tap_done();
}
