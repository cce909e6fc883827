// SPDX-License-Identifier: GPL-2.0-only
/* Next-hop set: which targets a change makes due, probe timers, which changes are reported. */
#include "netlink/nexthop_set.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/address.h"
#include "core/tap.h"

#define MAC 0x665544332211ULL

static struct nexthop_set set;
static size_t due_cursor, command_cursor;

/* Addresses as text, separated by blanks. */
static void track(const char *texts)
{
	__u64 addresses[64][2];
	char text[64];
	size_t count = 0;
	int length;

	for (; sscanf(texts, "%63s%n", text, &length) == 1; texts += length)
		address_parse(text, addresses[count++]);
	ok(!nexthop_set_update(&set, addresses, count), "%zu addresses are tracked", count);
}

static struct route route_via(const char *neighbour, __u32 ifindex)
{
	struct route route = {.ifindex = ifindex};

	address_parse(neighbour, route.neighbour);
	return route;
}

/*
 * Records a route via this neighbour for all due targets; NULL: each is a neighbour itself,
 * on interface 1. Returns their number.
 */
static size_t query_due(const char *neighbour, __u32 ifindex)
{
	struct nexthop_set_target *target;
	size_t count = 0;
	struct route route;
	bool is_new;

	for (; (target = nexthop_set_next_due(&set, &due_cursor)); count++) {
		route = (struct route){{target->address[0], target->address[1]}, 1, 0, false};
		if (neighbour)
			route = route_via(neighbour, ifindex);
		nexthop_set_route_result(&set, target, &route, &is_new);
	}
	return count;
}

static void change_route(const char *prefix, unsigned int bits)
{
	__u64 address[2];

	address_parse(prefix, address);
	nexthop_set_route_changed(&set, address, bits);
}

static void change_neighbour(const char *address, __u64 mac, bool is_reachable)
{
	struct nexthop_neighbour neighbour = {
		.mac = mac, .ifindex = 1, .is_reachable = is_reachable};

	address_parse(address, neighbour.address);
	nexthop_set_neighbour_changed(&set, &neighbour);
}

static size_t count_changes(void)
{
	size_t cursor = 0, count = 0;

	while (nexthop_set_take_change(&set, &cursor))
		count++;
	return count;
}

/* The last of all commands that are due: "resolve", "confirm", "reconfirm", "invalidate"; "-". */
static const char *take_commands(__u64 now_ms)
{
	static const char *const names[] = {"resolve", "confirm", "reconfirm", "invalidate"};
	enum neighbour_command command;
	const char *name = "-";

	while (nexthop_set_take_command(&set, &command_cursor, now_ms, &command))
		name = names[command];
	return name;
}

static void test_due(void)
{
	track("10.0.0.11 10.0.0.12 10.0.1.11 2001:db8::11 10.0.0.11 2001:db8:1::1");
	is_int(query_due(NULL, 0), 5, "a new target is due, once");
	is_int(query_due(NULL, 0), 0, "a target with a result is not due");
	change_route("10.0.0.0", 96 + 24);
	is_int(query_due(NULL, 0), 2, "a changed /24 makes its addresses due");
	change_route("10.0.0.0", 96 + 23);
	is_int(query_due(NULL, 0), 3, "a changed /23 makes its addresses due");
	change_route("10.0.0.12", 128);
	is_int(query_due(NULL, 0), 1, "a host route makes one address due");
	change_route("0.0.0.0", 96);
	is_int(query_due(NULL, 0), 3, "the IPv4 default route makes all IPv4 due");
	change_route("2001:db8::", 48);
	is_int(query_due(NULL, 0), 1, "an IPv6 route makes its addresses due");
	change_route("172.16.0.0", 96 + 12);
	is_int(query_due(NULL, 0), 0, "a foreign route makes nothing due");
	nexthop_set_all_changed(&set);
	nexthop_set_all_changed(&set);
	is_int(set.due_count, 5, "due targets are counted once");
	is_int(query_due(NULL, 0), 5, "a global change makes all due");
	is_int(set.due_count, 0, "no target is due after that");
}

static void test_changes(void)
{
	track("10.0.0.11 10.0.0.12");
	query_due(NULL, 0);
	is_int(count_changes(), 0, "an unresolved next hop is not reported");
	change_neighbour("10.0.0.11", MAC, true);
	is_int(count_changes(), 0, "the first next hop is not reported");
	change_neighbour("10.0.0.11", MAC, false);
	change_neighbour("10.0.0.11", 0, false);
	is_int(count_changes(), 0, "a lost MAC address is not reported");
	change_neighbour("10.0.0.11", MAC, true);
	is_int(count_changes(), 0, "the same MAC address is not reported");
	change_neighbour("10.0.0.11", MAC + 1, true);
	is_int(count_changes(), 1, "another MAC address is reported");
	change_neighbour("10.0.0.99", MAC + 1, true);
	is_int(count_changes(), 0, "a foreign neighbour is not reported");
	nexthop_set_link_changed(&set, 2, &(struct nexthop_link){MAC, 1500});
	is_int(count_changes(), 0, "a foreign link is not reported");
	nexthop_set_link_changed(&set, 1, &(struct nexthop_link){MAC, 1500});
	is_int(count_changes(), 1, "a changed link is reported");
	nexthop_set_all_changed(&set);
	query_due(NULL, 0);
	is_int(count_changes(), 0, "a query with the same result is not reported");
}

static void test_gateway(void)
{
	change_neighbour("10.0.0.12", MAC, true);
	count_changes();
	change_route("10.0.0.0", 96 + 24);
	query_due("10.0.0.1", 1);
	is_int(count_changes(), 0, "an unresolved gateway is not reported");
	is_int(set.nexthop_count, 1, "two targets share a gateway");
	change_neighbour("10.0.0.1", MAC, true);
	is_int(count_changes(), 2, "a resolved gateway is reported");
	change_route("10.0.0.0", 96 + 24);
	query_due("10.0.0.1", 0);
	is_int(count_changes(), 2, "a lost route is reported at once");
	is_int(set.nexthop_count, 0, "an unused next hop is deleted");
	is_int(count_changes(), 0, "a lost route is reported once");
}

static void test_timers(void)
{
	nexthop_set_free(&set);
	track("10.0.0.11");
	query_due(NULL, 0);
	is_str(take_commands(1000), "resolve", "an unknown neighbour is resolved");
	is_str(take_commands(1499), "-", "the kernel has time to resolve it");
	is_str(take_commands(1500), "resolve", "resolving is repeated");
	change_neighbour("10.0.0.11", MAC, true);
	is_str(take_commands(1600), "confirm", "a known neighbour is probed");
	is_str(take_commands(1749), "-", "a neighbour has time to answer");
	is_str(take_commands(1750), "reconfirm", "an unanswered probe is repeated");
	change_neighbour("10.0.0.11", MAC, true);
	is_str(take_commands(2149), "-", "a confirmed neighbour is not probed");
	is_str(take_commands(2150), "confirm", "a probe follows after 400 ms");
	change_neighbour("10.0.0.11", MAC, false);
	is_str(take_commands(2300), "reconfirm", "a state without confirmation is no answer");
	is_str(take_commands(2450), "invalidate", "a silent neighbour is invalidated");
	change_neighbour("10.0.0.11", 0, false);
	is_str(take_commands(2500), "-", "invalidating happens once");
	is_str(take_commands(2950), "resolve", "an invalid neighbour is resolved again");
	nexthop_set_update(&set, NULL, 0);
	is_str(take_commands(9000), "-", "an unused neighbour needs no command");
	is_int(set.nexthop_count, 0, "an unused neighbour is deleted");
}

static void test_fixed_neighbours(void)
{
	struct nexthop_neighbour neighbour = {.mac = MAC, .ifindex = 1, .is_fixed = true};

	track("2001:db8::11");
	query_due(NULL, 0);
	address_parse("2001:db8::11", neighbour.address);
	nexthop_set_neighbour_changed(&set, &neighbour);
	is_str(take_commands(10000), "-", "a permanent entry is not probed");
	neighbour.mac++;
	nexthop_set_neighbour_changed(&set, &neighbour);
	count_changes();
	neighbour.mac++;
	nexthop_set_neighbour_changed(&set, &neighbour);
	is_int(count_changes(), 1, "a changed permanent entry is reported");
}

/* Portions of 100 commands, and of one query, get around to every target. */
static void test_many(void)
{
	static __u64 addresses[5000][2];
	enum neighbour_command command;
	size_t taken = 0;

	for (__u32 i = 0; i < 5000; i++)
		address_from_ipv4(i * 2654435761U, addresses[i]);
	nexthop_set_update(&set, addresses, 5000);
	is_int(query_due(NULL, 0), 5000, "5000 addresses are due");
	for (int poll = 0; poll < 50; poll++)
		for (int i = 0; i < 100; i++)
			taken += nexthop_set_take_command(&set, &command_cursor, 1000, &command) !=
				 NULL;
	is_int(taken, 5000, "each next hop gets a command");
	track("10.0.0.1");
	is_int(set.nexthop_count, 0, "unused next hops are deleted");
	is_int(set.due_count, 1, "only the new target is due");
}

int main(void)
{
	test_due();
	test_changes();
	test_gateway();
	test_timers();
	test_fixed_neighbours();
	test_many();
	nexthop_set_free(&set);
	return tap_done();
}
