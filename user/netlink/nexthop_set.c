// SPDX-License-Identifier: GPL-2.0-only
#include "netlink/nexthop_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void nexthop_set_free(struct nexthop_set *set)
{
	free(set->targets);
	free(set->nexthops);
	*set = (struct nexthop_set){0};
}

static int compare_nexthop(const struct tracked_nexthop *nexthop, const __u64 address[2],
			   __u32 ifindex)
{
	int order = memcmp(nexthop->neighbour.address, address, 16);

	if (order)
		return order;
	return nexthop->neighbour.ifindex < ifindex ? -1 : nexthop->neighbour.ifindex > ifindex;
}

/* The index of the next hop, or where to insert it. */
static size_t nexthop_index(const struct nexthop_set *set, const __u64 address[2], __u32 ifindex)
{
	size_t low = 0, high = set->nexthop_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (compare_nexthop(&set->nexthops[middle], address, ifindex) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct tracked_nexthop *find_nexthop(const struct nexthop_set *set, const __u64 address[2],
					    __u32 ifindex)
{
	size_t index = nexthop_index(set, address, ifindex);

	if (index == set->nexthop_count || compare_nexthop(&set->nexthops[index], address, ifindex))
		return NULL;
	return &set->nexthops[index];
}

static int insert_nexthop(struct nexthop_set *set, const struct route *route)
{
	size_t index = nexthop_index(set, route->neighbour, route->ifindex);
	struct tracked_nexthop *nexthops = set->nexthops;

	if (set->nexthop_count == set->nexthop_capacity) {
		size_t capacity = 2 * set->nexthop_capacity + 16;

		nexthops = realloc(nexthops, capacity * sizeof(*nexthops));
		if (!nexthops)
			return -ENOMEM;
		set->nexthops = nexthops;
		set->nexthop_capacity = capacity;
	}
	memmove(&nexthops[index + 1], &nexthops[index],
		(set->nexthop_count - index) * sizeof(*nexthops));
	nexthops[index] = (struct tracked_nexthop){
		.neighbour.address = {route->neighbour[0], route->neighbour[1]},
		.neighbour.ifindex = route->ifindex,
	};
	set->nexthop_count++;
	return 0;
}

/* Removes one user; a next hop without users is deleted. */
static void release_nexthop(struct nexthop_set *set, const struct route *route)
{
	struct tracked_nexthop *nexthop = NULL;

	if (route->ifindex)
		nexthop = find_nexthop(set, route->neighbour, route->ifindex);
	if (!nexthop || --nexthop->users)
		return;
	set->nexthop_count--;
	memmove(nexthop, nexthop + 1, (char *)&set->nexthops[set->nexthop_count] - (char *)nexthop);
}

static int compare_targets(const void *a, const void *b)
{
	return memcmp(((const struct nexthop_set_target *)a)->address,
		      ((const struct nexthop_set_target *)b)->address, 16);
}

/* The index of the first target that is not below the address. */
static size_t target_index(const struct nexthop_set *set, const __u64 address[2])
{
	size_t low = 0, high = set->target_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (memcmp(set->targets[middle].address, address, 16) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct nexthop_set_target *find_target(const struct nexthop_set *set, const __u64 address[2])
{
	size_t index = target_index(set, address);

	if (index == set->target_count || memcmp(set->targets[index].address, address, 16))
		return NULL;
	return &set->targets[index];
}

static size_t remove_duplicates(struct nexthop_set_target *targets, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (!kept || compare_targets(&targets[kept - 1], &targets[i]))
			targets[kept++] = targets[i];
	return kept;
}

/* Copies the state of targets that stay; releases the next hops of the others. */
static void carry_over(struct nexthop_set *set, struct nexthop_set_target *targets, size_t count)
{
	struct nexthop_set next = {.targets = targets, .target_count = count};

	for (size_t i = 0; i < set->target_count; i++) {
		struct nexthop_set_target *old = &set->targets[i];
		struct nexthop_set_target *kept = find_target(&next, old->address);

		if (kept)
			*kept = *old;
		else
			release_nexthop(set, &old->route);
	}
}

int nexthop_set_update(struct nexthop_set *set, const __u64 (*addresses)[2], size_t count)
{
	struct nexthop_set_target *targets = calloc(count ? count : 1, sizeof(*targets));

	if (!targets)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		memcpy(targets[i].address, addresses[i], 16);
		targets[i].is_due = true;
	}
	qsort(targets, count, sizeof(*targets), compare_targets);
	count = remove_duplicates(targets, count);
	carry_over(set, targets, count);
	free(set->targets);
	set->targets = targets;
	set->target_count = count;
	set->due_count = 0;
	for (size_t i = 0; i < count; i++)
		set->due_count += targets[i].is_due;
	set->has_changes = true;
	return 0;
}

static void mark_due(struct nexthop_set *set, struct nexthop_set_target *target)
{
	set->due_count += !target->is_due;
	target->is_due = true;
}

static bool is_same_route(const struct route *a, const struct route *b)
{
	return a->ifindex == b->ifindex && a->mtu == b->mtu && a->is_routed == b->is_routed &&
	       a->neighbour[0] == b->neighbour[0] && a->neighbour[1] == b->neighbour[1];
}

static bool is_same_link(const struct nexthop_link *a, const struct nexthop_link *b)
{
	return a->mac == b->mac && a->mtu == b->mtu;
}

static bool has_prefix(const __u64 address[2], const __u64 prefix[2], unsigned int bits)
{
	const unsigned char *a = (const unsigned char *)address, *p = (const unsigned char *)prefix;
	unsigned int bytes = bits / 8;

	if (memcmp(a, p, bytes))
		return false;
	return bits % 8 == 0 || (a[bytes] ^ p[bytes]) >> (8 - bits % 8) == 0;
}

void nexthop_set_route_changed(struct nexthop_set *set, const __u64 prefix[2], unsigned int bits)
{
	for (size_t i = target_index(set, prefix);
	     i < set->target_count && has_prefix(set->targets[i].address, prefix, bits); i++)
		mark_due(set, &set->targets[i]);
}

void nexthop_set_all_changed(struct nexthop_set *set)
{
	for (size_t i = 0; i < set->target_count; i++)
		mark_due(set, &set->targets[i]);
}

void nexthop_set_link_changed(struct nexthop_set *set, __u32 ifindex,
			      const struct nexthop_link *link)
{
	for (size_t i = 0; i < set->nexthop_count; i++) {
		struct tracked_nexthop *nexthop = &set->nexthops[i];

		if (nexthop->neighbour.ifindex != ifindex || is_same_link(&nexthop->link, link))
			continue;
		nexthop->link = *link;
		set->has_changes = true;
	}
}

void nexthop_set_neighbour_changed(struct nexthop_set *set,
				   const struct nexthop_neighbour *neighbour)
{
	struct tracked_nexthop *nexthop = find_nexthop(set, neighbour->address, neighbour->ifindex);

	if (!nexthop)
		return;
	if (nexthop->neighbour.mac != neighbour->mac)
		set->has_changes = true;
	if (nexthop->unanswered && neighbour->is_reachable)
		nexthop->confirm_ms += NEXTHOP_CONFIRM_MS - NEXTHOP_CONFIRM_TIMEOUT_MS;
	if (neighbour->is_reachable || !neighbour->mac)
		nexthop->unanswered = 0;
	nexthop->neighbour = *neighbour;
}

/* Returns the index at a cursor, and advances it around the end. `count` is not 0. */
static size_t advance(size_t *cursor, size_t count)
{
	size_t index = *cursor % count;

	*cursor = index + 1;
	return index;
}

struct nexthop_set_target *nexthop_set_next_due(const struct nexthop_set *set, size_t *cursor)
{
	for (size_t i = 0; set->due_count && i < set->target_count; i++) {
		struct nexthop_set_target *target =
			&set->targets[advance(cursor, set->target_count)];

		if (target->is_due)
			return target;
	}
	return NULL;
}

int nexthop_set_route_result(struct nexthop_set *set, struct nexthop_set_target *target,
			     const struct route *route, bool *is_new)
{
	const struct route before = target->route;
	int error;

	*is_new = route->ifindex && !find_nexthop(set, route->neighbour, route->ifindex);
	if (*is_new) {
		error = insert_nexthop(set, route);
		if (error)
			return error;
	}
	if (route->ifindex)
		find_nexthop(set, route->neighbour, route->ifindex)->users++;
	target->route = *route;
	set->due_count -= target->is_due;
	target->is_due = false;
	release_nexthop(set, &before);
	set->has_changes = true;
	return 0;
}

/* Restarts the timer if it has expired. Returns whether it had. */
static bool restart_if_expired(__u64 *expires_ms, __u64 now_ms, __u64 interval_ms)
{
	if (now_ms < *expires_ms)
		return false;
	*expires_ms = now_ms + interval_ms;
	return true;
}

/* The command for a known neighbour. Returns false if none is needed yet. */
static bool take_confirm_command(struct tracked_nexthop *nexthop, __u64 now_ms,
				 enum neighbour_command *command)
{
	bool is_last = nexthop->unanswered == NEXTHOP_CONFIRM_ATTEMPTS;

	if (!restart_if_expired(&nexthop->confirm_ms, now_ms,
				is_last ? NEXTHOP_CONFIRM_MS : NEXTHOP_CONFIRM_TIMEOUT_MS))
		return false;
	if (is_last) {
		*command = NEIGHBOUR_INVALIDATE;
		nexthop->unanswered = 0;
		nexthop->resolve_ms = now_ms + NEXTHOP_RESOLVE_MS;
	} else {
		*command = nexthop->unanswered++ ? NEIGHBOUR_RECONFIRM : NEIGHBOUR_CONFIRM;
	}
	return true;
}

static bool take_command(struct tracked_nexthop *nexthop, __u64 now_ms,
			 enum neighbour_command *command)
{
	if (nexthop->neighbour.is_fixed)
		return false;
	if (nexthop->neighbour.mac)
		return take_confirm_command(nexthop, now_ms, command);
	*command = NEIGHBOUR_RESOLVE;
	return restart_if_expired(&nexthop->resolve_ms, now_ms, NEXTHOP_RESOLVE_MS);
}

const struct tracked_nexthop *nexthop_set_take_command(struct nexthop_set *set, size_t *cursor,
						       __u64 now_ms,
						       enum neighbour_command *command)
{
	for (size_t i = 0; i < set->nexthop_count; i++) {
		struct tracked_nexthop *nexthop =
			&set->nexthops[advance(cursor, set->nexthop_count)];

		if (take_command(nexthop, now_ms, command))
			return nexthop;
	}
	return NULL;
}

/* Records the current next hop as known. Returns whether another one was known before. */
static bool update_known(const struct nexthop_set *set, struct nexthop_set_target *target)
{
	const struct route before = target->known_route;
	const struct tracked_nexthop *nexthop;
	bool differs;

	target->known_route = target->route;
	if (!target->route.ifindex)
		return before.ifindex;
	nexthop = find_nexthop(set, target->route.neighbour, target->route.ifindex);
	if (!nexthop->neighbour.mac && !nexthop->neighbour.is_fixed) {
		target->known_route = before;
		return false;
	}
	differs = !is_same_route(&target->route, &before) ||
		  nexthop->neighbour.mac != target->known_mac ||
		  !is_same_link(&nexthop->link, &target->known_link);
	target->known_mac = nexthop->neighbour.mac;
	target->known_link = nexthop->link;
	return before.ifindex && differs;
}

const struct nexthop_set_target *nexthop_set_take_change(struct nexthop_set *set, size_t *cursor)
{
	while (set->has_changes && *cursor < set->target_count) {
		struct nexthop_set_target *target = &set->targets[(*cursor)++];

		if (!target->is_due && update_known(set, target))
			return target;
	}
	set->has_changes = false;
	return NULL;
}
