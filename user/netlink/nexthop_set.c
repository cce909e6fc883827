// SPDX-License-Identifier: GPL-2.0-only
#include "netlink/nexthop_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void nexthop_set_free(struct nexthop_set *nexthop_set)
{
	free(nexthop_set->targets);
	free(nexthop_set->nexthops);
	*nexthop_set = (struct nexthop_set){0};
}

/* --- next hops ---------------------------------------------------------------- */

static int compare_nexthop(const struct tracked_nexthop *nexthop, const __u64 address[2],
			   __u32 ifindex)
{
	int order = memcmp(nexthop->neighbour.address, address, 16);

	if (order)
		return order;
	return nexthop->neighbour.ifindex < ifindex ? -1 : nexthop->neighbour.ifindex > ifindex;
}

/* Where it stands, or would. */
static size_t nexthop_index(const struct nexthop_set *nexthop_set, const __u64 address[2],
			    __u32 ifindex)
{
	size_t low = 0, high = nexthop_set->nexthop_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (compare_nexthop(&nexthop_set->nexthops[middle], address, ifindex) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct tracked_nexthop *find_nexthop(const struct nexthop_set *nexthop_set,
					    const __u64 address[2], __u32 ifindex)
{
	size_t index = nexthop_index(nexthop_set, address, ifindex);

	if (index == nexthop_set->nexthop_count ||
	    compare_nexthop(&nexthop_set->nexthops[index], address, ifindex))
		return NULL;
	return &nexthop_set->nexthops[index];
}

static int insert_nexthop(struct nexthop_set *nexthop_set, const struct route *route)
{
	size_t index = nexthop_index(nexthop_set, route->neighbour, route->ifindex);
	struct tracked_nexthop *nexthops = nexthop_set->nexthops;

	if (nexthop_set->nexthop_count == nexthop_set->nexthop_capacity) {
		size_t capacity = 2 * nexthop_set->nexthop_capacity + 16;

		nexthops = realloc(nexthops, capacity * sizeof(*nexthops));
		if (!nexthops)
			return -ENOMEM;
		nexthop_set->nexthops = nexthops;
		nexthop_set->nexthop_capacity = capacity;
	}
	memmove(&nexthops[index + 1], &nexthops[index],
		(nexthop_set->nexthop_count - index) * sizeof(*nexthops));
	nexthops[index] = (struct tracked_nexthop){
		.neighbour.address = {route->neighbour[0], route->neighbour[1]},
		.neighbour.ifindex = route->ifindex,
	};
	nexthop_set->nexthop_count++;
	return 0;
}

/* One address less that it is the way to. */
static void release_nexthop(struct nexthop_set *nexthop_set, const struct route *route)
{
	struct tracked_nexthop *nexthop = NULL;

	if (route->ifindex)
		nexthop = find_nexthop(nexthop_set, route->neighbour, route->ifindex);
	if (!nexthop || --nexthop->users)
		return;
	nexthop_set->nexthop_count--;
	memmove(nexthop, nexthop + 1,
		(char *)&nexthop_set->nexthops[nexthop_set->nexthop_count] - (char *)nexthop);
}

/* --- addresses ---------------------------------------------------------------- */

static int compare_targets(const void *a, const void *b)
{
	return memcmp(((const struct nexthop_set_target *)a)->address,
		      ((const struct nexthop_set_target *)b)->address, 16);
}

/* The first that is not before the address. */
static size_t target_index(const struct nexthop_set *nexthop_set, const __u64 address[2])
{
	size_t low = 0, high = nexthop_set->target_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (memcmp(nexthop_set->targets[middle].address, address, 16) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct nexthop_set_target *find_target(const struct nexthop_set *nexthop_set,
					      const __u64 address[2])
{
	size_t index = target_index(nexthop_set, address);

	if (index == nexthop_set->target_count ||
	    memcmp(nexthop_set->targets[index].address, address, 16))
		return NULL;
	return &nexthop_set->targets[index];
}

static size_t remove_duplicates(struct nexthop_set_target *targets, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (!kept || compare_targets(&targets[kept - 1], &targets[i]))
			targets[kept++] = targets[i];
	return kept;
}

/* Those that stay are what they were; of the others, next hops are let go. */
static void carry_over(struct nexthop_set *nexthop_set, struct nexthop_set_target *targets,
		       size_t count)
{
	struct nexthop_set next = {.targets = targets, .target_count = count};

	for (size_t i = 0; i < nexthop_set->target_count; i++) {
		struct nexthop_set_target *old = &nexthop_set->targets[i];
		struct nexthop_set_target *kept = find_target(&next, old->address);

		if (kept)
			*kept = *old;
		else
			release_nexthop(nexthop_set, &old->route);
	}
}

int nexthop_set_update(struct nexthop_set *nexthop_set, const __u64 (*addresses)[2], size_t count)
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
	carry_over(nexthop_set, targets, count);
	free(nexthop_set->targets);
	nexthop_set->targets = targets;
	nexthop_set->target_count = count;
	nexthop_set->due_left = nexthop_set->changed_left = count;
	return 0;
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

/* --- what changed ------------------------------------------------------------- */

static bool has_prefix(const __u64 address[2], const __u64 prefix[2], unsigned int bits)
{
	const unsigned char *a = (const unsigned char *)address, *p = (const unsigned char *)prefix;
	unsigned int bytes = bits / 8;

	if (memcmp(a, p, bytes))
		return false;
	return bits % 8 == 0 || (a[bytes] ^ p[bytes]) >> (8 - bits % 8) == 0;
}

void nexthop_set_route_changed(struct nexthop_set *nexthop_set, const __u64 prefix[2],
			       unsigned int bits)
{
	for (size_t i = target_index(nexthop_set, prefix);
	     i < nexthop_set->target_count &&
	     has_prefix(nexthop_set->targets[i].address, prefix, bits);
	     i++) {
		nexthop_set->targets[i].is_due = true;
		nexthop_set->due_left = nexthop_set->target_count;
	}
}

void nexthop_set_all_changed(struct nexthop_set *nexthop_set)
{
	for (size_t i = 0; i < nexthop_set->target_count; i++)
		nexthop_set->targets[i].is_due = true;
	nexthop_set->due_left = nexthop_set->target_count;
}

void nexthop_set_link_changed(struct nexthop_set *nexthop_set, __u32 ifindex,
			      const struct nexthop_link *link)
{
	for (size_t i = 0; i < nexthop_set->nexthop_count; i++) {
		struct tracked_nexthop *nexthop = &nexthop_set->nexthops[i];

		if (nexthop->neighbour.ifindex != ifindex || is_same_link(&nexthop->link, link))
			continue;
		nexthop->link = *link;
		nexthop_set->changed_left = nexthop_set->target_count;
	}
}

void nexthop_set_neighbour_changed(struct nexthop_set *nexthop_set,
				   const struct nexthop_neighbour *neighbour)
{
	struct tracked_nexthop *nexthop =
		find_nexthop(nexthop_set, neighbour->address, neighbour->ifindex);

	if (!nexthop)
		return;
	if (nexthop->neighbour.mac != neighbour->mac)
		nexthop_set->changed_left = nexthop_set->target_count;
	if (nexthop->unanswered && neighbour->is_reachable)
		nexthop->confirm_ms += NEXTHOP_CONFIRM_MS - NEXTHOP_CONFIRM_TIMEOUT_MS;
	if (neighbour->is_reachable || !neighbour->mac)
		nexthop->unanswered = 0;
	nexthop->neighbour = *neighbour;
}

/* --- what is to be done ------------------------------------------------------- */

struct nexthop_set_target *nexthop_set_next_due(struct nexthop_set *nexthop_set)
{
	while (nexthop_set->due_left) {
		size_t next = nexthop_set->due_next++ % nexthop_set->target_count;

		nexthop_set->due_left--;
		nexthop_set->due_next = next + 1;
		if (nexthop_set->targets[next].is_due)
			return &nexthop_set->targets[next];
	}
	return NULL;
}

int nexthop_set_route_result(struct nexthop_set *nexthop_set, struct nexthop_set_target *target,
			     const struct route *route, bool *is_new)
{
	const struct route before = target->route;
	int error;

	*is_new = route->ifindex && !find_nexthop(nexthop_set, route->neighbour, route->ifindex);
	if (*is_new) {
		error = insert_nexthop(nexthop_set, route);
		if (error)
			return error;
	}
	if (route->ifindex)
		find_nexthop(nexthop_set, route->neighbour, route->ifindex)->users++;
	target->route = *route;
	target->is_due = false;
	release_nexthop(nexthop_set, &before);
	nexthop_set->changed_left = nexthop_set->target_count;
	return 0;
}

/* Has the time come? Then sets the next. */
static bool timer_expired(__u64 *expires_ms, __u64 now_ms, __u64 interval_ms)
{
	if (now_ms < *expires_ms)
		return false;
	*expires_ms = now_ms + interval_ms;
	return true;
}

/* What one that is known, but might not be there any more, is to be given. */
static bool needs_confirm(struct tracked_nexthop *nexthop, __u64 now_ms,
			  enum neighbour_command *order)
{
	bool is_last = nexthop->unanswered == NEXTHOP_CONFIRM_ATTEMPTS;

	if (!timer_expired(&nexthop->confirm_ms, now_ms,
			   is_last ? NEXTHOP_CONFIRM_MS : NEXTHOP_CONFIRM_TIMEOUT_MS))
		return false;
	if (is_last) {
		*order = NEIGHBOUR_INVALIDATE;
		nexthop->unanswered = 0;
		nexthop->resolve_ms = now_ms + NEXTHOP_RESOLVE_MS;
	} else {
		*order = nexthop->unanswered++ ? NEIGHBOUR_RECONFIRM : NEIGHBOUR_CONFIRM;
	}
	return true;
}

static bool needs_command(struct tracked_nexthop *nexthop, __u64 now_ms,
			  enum neighbour_command *order)
{
	if (nexthop->neighbour.is_fixed)
		return false;
	if (nexthop->neighbour.mac)
		return needs_confirm(nexthop, now_ms, order);
	*order = NEIGHBOUR_RESOLVE;
	return timer_expired(&nexthop->resolve_ms, now_ms, NEXTHOP_RESOLVE_MS);
}

const struct tracked_nexthop *nexthop_set_next_command(struct nexthop_set *nexthop_set,
						       __u64 now_ms, enum neighbour_command *order)
{
	for (size_t i = 0; i < nexthop_set->nexthop_count; i++) {
		size_t next = nexthop_set->command_next % nexthop_set->nexthop_count;

		nexthop_set->command_next = next + 1;
		if (needs_command(&nexthop_set->nexthops[next], now_ms, order))
			return &nexthop_set->nexthops[next];
	}
	return NULL;
}

/* Takes note of what is known now. Was something else known before? */
static bool record_change(const struct nexthop_set *nexthop_set, struct nexthop_set_target *target)
{
	const struct route before = target->known_route;
	const struct tracked_nexthop *nexthop;
	bool differs;

	target->known_route = target->route;
	if (!target->route.ifindex)
		return before.ifindex;
	nexthop = find_nexthop(nexthop_set, target->route.neighbour, target->route.ifindex);
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

const struct nexthop_set_target *nexthop_set_next_changed(struct nexthop_set *nexthop_set)
{
	while (nexthop_set->changed_left) {
		struct nexthop_set_target *target =
			&nexthop_set->targets[--nexthop_set->changed_left];

		if (!target->is_due && record_change(nexthop_set, target))
			return target;
	}
	return NULL;
}
