// SPDX-License-Identifier: GPL-2.0-only
/* Whom a change concerns, who is asked for when, and of whom it is told. */
#include "netlink/nexthop_set.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/address.h"
#include "rig/tap.h"

#define MAC 0x665544332211ULL

static struct nexthop_set nexthop_set;

/* Addresses by their text, separated by blanks. */
static void follow(const char *texts)
{
	__u64 addresses[64][2];
	char text[64];
	size_t count = 0;
	int length;

	for (; sscanf(texts, "%63s%n", text, &length) == 1; texts += length)
		address_parse(text, addresses[count++]);
	ok(!nexthop_set_update(&nexthop_set, addresses, count), "follows %zu addresses", count);
}

static struct route way_by(const char *neighbour, __u32 ifindex)
{
	struct route route = {.ifindex = ifindex};

	address_parse(neighbour, route.neighbour);
	return route;
}

/* Everybody who is due goes by this neighbour; by none: each is a neighbour itself, of interface 1. */
static size_t examine(const char *neighbour, __u32 ifindex)
{
	struct nexthop_set_target *target;
	size_t count = 0;
	struct route route;
	bool is_new;

	for (; (target = nexthop_set_next_due(&nexthop_set)); count++) {
		route = (struct route){{target->address[0], target->address[1]}, 1, 0, false};
		if (neighbour)
			route = way_by(neighbour, ifindex);
		nexthop_set_route_result(&nexthop_set, target, &route, &is_new);
	}
	return count;
}

static void route_changes(const char *prefix, unsigned int bits)
{
	__u64 address[2];

	address_parse(prefix, address);
	nexthop_set_route_changed(&nexthop_set, address, bits);
}

static void neighbour_is(const char *address, __u64 mac, bool is_reachable)
{
	struct nexthop_neighbour neighbour = {
		.mac = mac, .ifindex = 1, .is_reachable = is_reachable};

	address_parse(address, neighbour.address);
	nexthop_set_neighbour_changed(&nexthop_set, &neighbour);
}

static size_t told(void)
{
	size_t count = 0;

	while (nexthop_set_next_changed(&nexthop_set))
		count++;
	return count;
}

/* What is ordered at a time, as text: "resolve", "confirm", "repeat", "doubt", "-"; and of how many. */
static const char *orders(__u64 now_ms, size_t *count)
{
	static const char *const names[] = {"resolve", "confirm", "repeat", "doubt"};
	const char *name = "-";
	enum neighbour_command order;

	for (*count = 0; nexthop_set_next_command(&nexthop_set, now_ms, &order); ++*count)
		name = names[order];
	return name;
}

static void order_is(__u64 now_ms, const char *wanted, const char *what)
{
	size_t count;

	is_str(orders(now_ms, &count), wanted, "%s", what);
}

static void concerns(void)
{
	follow("10.0.0.11 10.0.0.12 10.0.1.11 2001:db8::11 10.0.0.11 2001:db8:1::1");
	is_int(examine(NULL, 0), 5, "all of them are due at first, each once");
	is_int(examine(NULL, 0), 0, "and then nobody");
	route_changes("10.0.0.0", 96 + 24);
	is_int(examine(NULL, 0), 2, "a route concerns who is in its prefix");
	route_changes("10.0.0.0", 96 + 23);
	is_int(examine(NULL, 0), 3, "whatever its length");
	route_changes("10.0.0.12", 128);
	is_int(examine(NULL, 0), 1, "a single one");
	route_changes("0.0.0.0", 96);
	is_int(examine(NULL, 0), 3, "IPv4's default all of IPv4");
	route_changes("2001:db8::", 48);
	is_int(examine(NULL, 0), 1, "an IPv6 prefix its own");
	route_changes("172.16.0.0", 96 + 12);
	is_int(examine(NULL, 0), 0, "and a foreign one nobody");
	nexthop_set_all_changed(&nexthop_set);
	is_int(examine(NULL, 0), 5, "what may concern everybody does");
}

static void telling(void)
{
	follow("10.0.0.11 10.0.0.12");
	examine(NULL, 0);
	is_int(told(), 0, "nothing is told before a next hop is known");
	neighbour_is("10.0.0.11", MAC, true);
	is_int(told(), 0, "nor of the first that is");
	neighbour_is("10.0.0.11", MAC, false);
	neighbour_is("10.0.0.11", 0, false);
	is_int(told(), 0, "nor that it is lost: it may be found again");
	neighbour_is("10.0.0.11", MAC, true);
	is_int(told(), 0, "the same as it was");
	neighbour_is("10.0.0.11", MAC + 1, true);
	is_int(told(), 1, "another hardware address is told of");
	neighbour_is("10.0.0.99", MAC + 1, true);
	is_int(told(), 0, "a foreign neighbour is not");
	nexthop_set_link_changed(&nexthop_set, 2, &(struct nexthop_link){MAC, 1500});
	is_int(told(), 0, "nor a foreign interface");
	nexthop_set_link_changed(&nexthop_set, 1, &(struct nexthop_link){MAC, 1500});
	is_int(told(), 1, "its own interface is");
	nexthop_set_all_changed(&nexthop_set);
	examine(NULL, 0);
	is_int(told(), 0, "what may concern everybody, but changed nothing, is not");
}

static void moving(void)
{
	neighbour_is("10.0.0.12", MAC, true);
	told();
	route_changes("10.0.0.0", 96 + 24);
	examine("10.0.0.1", 1);
	is_int(told(), 0, "a route by a gateway that is not known yet is kept to oneself");
	is_int(nexthop_set.nexthop_count, 1, "and the two have one next hop now");
	neighbour_is("10.0.0.1", MAC, true);
	is_int(told(), 2, "until it is found");
	route_changes("10.0.0.0", 96 + 24);
	examine("10.0.0.1", 0);
	is_int(told(), 2, "that there is no way is told at once");
	is_int(nexthop_set.nexthop_count, 0, "and its next hop is followed no more");
	is_int(told(), 0, "once");
}

static void keeping_alive(void)
{
	nexthop_set_free(&nexthop_set);
	follow("10.0.0.11");
	examine(NULL, 0);
	order_is(1000, "resolve", "an unknown neighbour is searched for");
	order_is(1499, "-", "not all the time");
	order_is(1500, "resolve", "but again");
	neighbour_is("10.0.0.11", MAC, true);
	order_is(1600, "confirm", "a known one is asked whether it is there");
	order_is(1749, "-", "and given time");
	order_is(1750, "repeat", "it is asked twice");
	neighbour_is("10.0.0.11", MAC, true);
	order_is(2149, "-", "if it answers, it has peace");
	order_is(2150, "confirm", "until it is asked again");
	neighbour_is("10.0.0.11", MAC, false);
	order_is(2300, "repeat", "what is not an answer");
	order_is(2450, "doubt", "does not help: it is searched for anew");
	neighbour_is("10.0.0.11", 0, false);
	order_is(2500, "-", "once");
	order_is(2950, "resolve", "and again if it is not found");
	nexthop_set_update(&nexthop_set, NULL, 0);
	order_is(9000, "-", "nobody is asked who is not needed");
	is_int(nexthop_set.nexthop_count, 0, "or known");
}

static void somebodys_word(void)
{
	struct nexthop_neighbour neighbour = {.mac = MAC, .ifindex = 1, .is_fixed = true};

	follow("2001:db8::11");
	examine(NULL, 0);
	address_parse("2001:db8::11", neighbour.address);
	nexthop_set_neighbour_changed(&nexthop_set, &neighbour);
	order_is(10000, "-", "an entry that is somebody's word is left alone");
	neighbour.mac++;
	nexthop_set_neighbour_changed(&nexthop_set, &neighbour);
	told();
	neighbour.mac++;
	nexthop_set_neighbour_changed(&nexthop_set, &neighbour);
	is_int(told(), 1, "but followed");
}

/* Of many, each is asked, however few at a time. */
static void many(void)
{
	static __u64 addresses[5000][2];
	enum neighbour_command order;
	size_t asked = 0;

	for (__u32 i = 0; i < 5000; i++)
		address_from_ipv4(i * 2654435761U, addresses[i]);
	nexthop_set_update(&nexthop_set, addresses, 5000);
	is_int(examine(NULL, 0), 5000, "5000 addresses");
	for (int turn = 0; turn < 50; turn++)
		for (int i = 0; i < 100; i++)
			asked += nexthop_set_next_command(&nexthop_set, 1000, &order) != NULL;
	is_int(asked, 5000, "each is asked once");
	follow("10.0.0.1");
	is_int(nexthop_set.nexthop_count, 0, "and let go");
}

int main(void)
{
	concerns();
	telling();
	moving();
	keeping_alive();
	somebodys_word();
	many();
	nexthop_set_free(&nexthop_set);
	return tap_done();
}
