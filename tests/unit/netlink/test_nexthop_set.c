// SPDX-License-Identifier: GPL-2.0-only
/* Whom a change concerns, who is asked for when, and of whom it is told. */
#include "netlink/nexthop_set.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/address.h"
#include "core/tap.h"

#define MAC 0x665544332211ULL

static struct nexthop_set nexthop_set;

/* Addresses by their text, separated by blanks. */
static void set_targets(const char *texts)
{
	__u64 addresses[64][2];
	char text[64];
	size_t count = 0;
	int length;

	for (; sscanf(texts, "%63s%n", text, &length) == 1; texts += length)
		address_parse(text, addresses[count++]);
	ok(!nexthop_set_update(&nexthop_set, addresses, count), "follows %zu addresses", count);
}

static struct route nexthop_via(const char *neighbour, __u32 ifindex)
{
	struct route route = {.ifindex = ifindex};

	address_parse(neighbour, route.neighbour);
	return route;
}

/* Everybody who is due goes by this neighbour; by none: each is a neighbour itself, of interface 1. */
static size_t resolve_due(const char *neighbour, __u32 ifindex)
{
	struct nexthop_set_target *target;
	size_t count = 0;
	struct route route;
	bool is_new;

	for (; (target = nexthop_set_next_due(&nexthop_set)); count++) {
		route = (struct route){{target->address[0], target->address[1]}, 1, 0, false};
		if (neighbour)
			route = nexthop_via(neighbour, ifindex);
		nexthop_set_route_result(&nexthop_set, target, &route, &is_new);
	}
	return count;
}

static void change_route(const char *prefix, unsigned int bits)
{
	__u64 address[2];

	address_parse(prefix, address);
	nexthop_set_route_changed(&nexthop_set, address, bits);
}

static void set_neighbour(const char *address, __u64 mac, bool is_reachable)
{
	struct nexthop_neighbour neighbour = {
		.mac = mac, .ifindex = 1, .is_reachable = is_reachable};

	address_parse(address, neighbour.address);
	nexthop_set_neighbour_changed(&nexthop_set, &neighbour);
}

static size_t count_changed(void)
{
	size_t count = 0;

	while (nexthop_set_next_changed(&nexthop_set))
		count++;
	return count;
}

/* What is ordered at a time, as text: "resolve", "confirm", "repeat", "doubt", "-"; and of how many. */
static const char *requests_at(__u64 now_ms, size_t *count)
{
	static const char *const names[] = {"resolve", "confirm", "repeat", "doubt"};
	const char *name = "-";
	enum neighbour_command order;

	for (*count = 0; nexthop_set_next_command(&nexthop_set, now_ms, &order); ++*count)
		name = names[order];
	return name;
}

static void request_is(__u64 now_ms, const char *wanted, const char *what)
{
	size_t count;

	is_str(requests_at(now_ms, &count), wanted, "%s", what);
}

static void test_affected_targets(void)
{
	set_targets("10.0.0.11 10.0.0.12 10.0.1.11 2001:db8::11 10.0.0.11 2001:db8:1::1");
	is_int(resolve_due(NULL, 0), 5, "all of them are due at first, each once");
	is_int(resolve_due(NULL, 0), 0, "and then nobody");
	change_route("10.0.0.0", 96 + 24);
	is_int(resolve_due(NULL, 0), 2, "a route concerns who is in its prefix");
	change_route("10.0.0.0", 96 + 23);
	is_int(resolve_due(NULL, 0), 3, "whatever its length");
	change_route("10.0.0.12", 128);
	is_int(resolve_due(NULL, 0), 1, "a single one");
	change_route("0.0.0.0", 96);
	is_int(resolve_due(NULL, 0), 3, "IPv4's default all of IPv4");
	change_route("2001:db8::", 48);
	is_int(resolve_due(NULL, 0), 1, "an IPv6 prefix its own");
	change_route("172.16.0.0", 96 + 12);
	is_int(resolve_due(NULL, 0), 0, "and a foreign one nobody");
	nexthop_set_all_changed(&nexthop_set);
	is_int(resolve_due(NULL, 0), 5, "what may concern everybody does");
}

static void test_changes(void)
{
	set_targets("10.0.0.11 10.0.0.12");
	resolve_due(NULL, 0);
	is_int(count_changed(), 0, "nothing is told before a next hop is known");
	set_neighbour("10.0.0.11", MAC, true);
	is_int(count_changed(), 0, "nor of the first that is");
	set_neighbour("10.0.0.11", MAC, false);
	set_neighbour("10.0.0.11", 0, false);
	is_int(count_changed(), 0, "nor that it is lost: it may be found again");
	set_neighbour("10.0.0.11", MAC, true);
	is_int(count_changed(), 0, "the same as it was");
	set_neighbour("10.0.0.11", MAC + 1, true);
	is_int(count_changed(), 1, "another hardware address is told of");
	set_neighbour("10.0.0.99", MAC + 1, true);
	is_int(count_changed(), 0, "a foreign neighbour is not");
	nexthop_set_link_changed(&nexthop_set, 2, &(struct nexthop_link){MAC, 1500});
	is_int(count_changed(), 0, "nor a foreign interface");
	nexthop_set_link_changed(&nexthop_set, 1, &(struct nexthop_link){MAC, 1500});
	is_int(count_changed(), 1, "its own interface is");
	nexthop_set_all_changed(&nexthop_set);
	resolve_due(NULL, 0);
	is_int(count_changed(), 0, "what may concern everybody, but changed nothing, is not");
}

static void test_route_moves(void)
{
	set_neighbour("10.0.0.12", MAC, true);
	count_changed();
	change_route("10.0.0.0", 96 + 24);
	resolve_due("10.0.0.1", 1);
	is_int(count_changed(), 0, "a route by a gateway that is not known yet is kept to oneself");
	is_int(nexthop_set.nexthop_count, 1, "and the two have one next hop now");
	set_neighbour("10.0.0.1", MAC, true);
	is_int(count_changed(), 2, "until it is found");
	change_route("10.0.0.0", 96 + 24);
	resolve_due("10.0.0.1", 0);
	is_int(count_changed(), 2, "that there is no way is told at once");
	is_int(nexthop_set.nexthop_count, 0, "and its next hop is followed no more");
	is_int(count_changed(), 0, "once");
}

static void test_confirmation(void)
{
	nexthop_set_free(&nexthop_set);
	set_targets("10.0.0.11");
	resolve_due(NULL, 0);
	request_is(1000, "resolve", "an unknown neighbour is searched for");
	request_is(1499, "-", "not all the time");
	request_is(1500, "resolve", "but again");
	set_neighbour("10.0.0.11", MAC, true);
	request_is(1600, "confirm", "a known one is asked whether it is there");
	request_is(1749, "-", "and given time");
	request_is(1750, "repeat", "it is asked twice");
	set_neighbour("10.0.0.11", MAC, true);
	request_is(2149, "-", "if it answers, it has peace");
	request_is(2150, "confirm", "until it is asked again");
	set_neighbour("10.0.0.11", MAC, false);
	request_is(2300, "repeat", "what is not an answer");
	request_is(2450, "doubt", "does not help: it is searched for anew");
	set_neighbour("10.0.0.11", 0, false);
	request_is(2500, "-", "once");
	request_is(2950, "resolve", "and again if it is not found");
	nexthop_set_update(&nexthop_set, NULL, 0);
	request_is(9000, "-", "nobody is asked who is not needed");
	is_int(nexthop_set.nexthop_count, 0, "or known");
}

static void test_peer_update(void)
{
	struct nexthop_neighbour neighbour = {.mac = MAC, .ifindex = 1, .is_fixed = true};

	set_targets("2001:db8::11");
	resolve_due(NULL, 0);
	address_parse("2001:db8::11", neighbour.address);
	nexthop_set_neighbour_changed(&nexthop_set, &neighbour);
	request_is(10000, "-", "an entry that is somebody's word is left alone");
	neighbour.mac++;
	nexthop_set_neighbour_changed(&nexthop_set, &neighbour);
	count_changed();
	neighbour.mac++;
	nexthop_set_neighbour_changed(&nexthop_set, &neighbour);
	is_int(count_changed(), 1, "but followed");
}

/* Of many, each is asked, however few at a time. */
static void test_many_targets(void)
{
	static __u64 addresses[5000][2];
	enum neighbour_command order;
	size_t requested = 0;

	for (__u32 i = 0; i < 5000; i++)
		address_from_ipv4(i * 2654435761U, addresses[i]);
	nexthop_set_update(&nexthop_set, addresses, 5000);
	is_int(resolve_due(NULL, 0), 5000, "5000 addresses");
	for (int turn = 0; turn < 50; turn++)
		for (int i = 0; i < 100; i++)
			requested += nexthop_set_next_command(&nexthop_set, 1000, &order) != NULL;
	is_int(requested, 5000, "each is asked once");
	set_targets("10.0.0.1");
	is_int(nexthop_set.nexthop_count, 0, "and let go");
}

int main(void)
{
	test_affected_targets();
	test_changes();
	test_route_moves();
	test_confirmation();
	test_peer_update();
	test_many_targets();
	nexthop_set_free(&nexthop_set);
	return tap_done();
}
