// SPDX-License-Identifier: GPL-2.0-only
#include "netlink/nexthop_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void vicinity_free(struct vicinity *vicinity)
{
	free(vicinity->targets);
	free(vicinity->hops);
	*vicinity = (struct vicinity){0};
}

/* --- next hops ---------------------------------------------------------------- */

static int compare_hop(const struct vicinity_hop *hop, const __u64 address[2], __u32 ifindex)
{
	int order = memcmp(hop->neighbour.address, address, 16);

	if (order)
		return order;
	return hop->neighbour.ifindex < ifindex ? -1 : hop->neighbour.ifindex > ifindex;
}

/* Where it stands, or would. */
static size_t hop_place(const struct vicinity *vicinity, const __u64 address[2], __u32 ifindex)
{
	size_t low = 0, high = vicinity->hop_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (compare_hop(&vicinity->hops[middle], address, ifindex) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct vicinity_hop *hop_find(const struct vicinity *vicinity, const __u64 address[2],
				     __u32 ifindex)
{
	size_t place = hop_place(vicinity, address, ifindex);

	if (place == vicinity->hop_count || compare_hop(&vicinity->hops[place], address, ifindex))
		return NULL;
	return &vicinity->hops[place];
}

static int hop_insert(struct vicinity *vicinity, const struct way *way)
{
	size_t place = hop_place(vicinity, way->neighbour, way->ifindex);
	struct vicinity_hop *hops = vicinity->hops;

	if (vicinity->hop_count == vicinity->hop_room) {
		size_t room = 2 * vicinity->hop_room + 16;

		hops = realloc(hops, room * sizeof(*hops));
		if (!hops)
			return -ENOMEM;
		vicinity->hops = hops;
		vicinity->hop_room = room;
	}
	memmove(&hops[place + 1], &hops[place], (vicinity->hop_count - place) * sizeof(*hops));
	hops[place] = (struct vicinity_hop){
		.neighbour.address = {way->neighbour[0], way->neighbour[1]},
		.neighbour.ifindex = way->ifindex,
	};
	vicinity->hop_count++;
	return 0;
}

/* One address less that it is the way to. */
static void hop_release(struct vicinity *vicinity, const struct way *way)
{
	struct vicinity_hop *hop = NULL;

	if (way->ifindex)
		hop = hop_find(vicinity, way->neighbour, way->ifindex);
	if (!hop || --hop->users)
		return;
	vicinity->hop_count--;
	memmove(hop, hop + 1, (char *)&vicinity->hops[vicinity->hop_count] - (char *)hop);
}

/* --- addresses ---------------------------------------------------------------- */

static int compare_targets(const void *a, const void *b)
{
	return memcmp(((const struct vicinity_target *)a)->address,
		      ((const struct vicinity_target *)b)->address, 16);
}

/* The first that is not before the address. */
static size_t target_place(const struct vicinity *vicinity, const __u64 address[2])
{
	size_t low = 0, high = vicinity->target_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (memcmp(vicinity->targets[middle].address, address, 16) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct vicinity_target *target_find(const struct vicinity *vicinity, const __u64 address[2])
{
	size_t place = target_place(vicinity, address);

	if (place == vicinity->target_count ||
	    memcmp(vicinity->targets[place].address, address, 16))
		return NULL;
	return &vicinity->targets[place];
}

static size_t drop_repeated(struct vicinity_target *targets, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (!kept || compare_targets(&targets[kept - 1], &targets[i]))
			targets[kept++] = targets[i];
	return kept;
}

/* Those that stay are what they were; of the others, next hops are let go. */
static void take_over(struct vicinity *vicinity, struct vicinity_target *targets, size_t count)
{
	struct vicinity next = {.targets = targets, .target_count = count};

	for (size_t i = 0; i < vicinity->target_count; i++) {
		struct vicinity_target *old = &vicinity->targets[i];
		struct vicinity_target *kept = target_find(&next, old->address);

		if (kept)
			*kept = *old;
		else
			hop_release(vicinity, &old->way);
	}
}

int vicinity_follow(struct vicinity *vicinity, const __u64 (*addresses)[2], size_t count)
{
	struct vicinity_target *targets = calloc(count ? count : 1, sizeof(*targets));

	if (!targets)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		memcpy(targets[i].address, addresses[i], 16);
		targets[i].is_due = true;
	}
	qsort(targets, count, sizeof(*targets), compare_targets);
	count = drop_repeated(targets, count);
	take_over(vicinity, targets, count);
	free(vicinity->targets);
	vicinity->targets = targets;
	vicinity->target_count = count;
	vicinity->due_left = vicinity->told_left = count;
	return 0;
}

static bool way_same(const struct way *a, const struct way *b)
{
	return a->ifindex == b->ifindex && a->mtu == b->mtu && a->is_routed == b->is_routed &&
	       a->neighbour[0] == b->neighbour[0] && a->neighbour[1] == b->neighbour[1];
}

static bool link_same(const struct way_link *a, const struct way_link *b)
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

void vicinity_route_changed(struct vicinity *vicinity, const __u64 prefix[2], unsigned int bits)
{
	for (size_t i = target_place(vicinity, prefix);
	     i < vicinity->target_count && has_prefix(vicinity->targets[i].address, prefix, bits);
	     i++) {
		vicinity->targets[i].is_due = true;
		vicinity->due_left = vicinity->target_count;
	}
}

void vicinity_changed(struct vicinity *vicinity)
{
	for (size_t i = 0; i < vicinity->target_count; i++)
		vicinity->targets[i].is_due = true;
	vicinity->due_left = vicinity->target_count;
}

void vicinity_link_changed(struct vicinity *vicinity, __u32 ifindex, const struct way_link *link)
{
	for (size_t i = 0; i < vicinity->hop_count; i++) {
		struct vicinity_hop *hop = &vicinity->hops[i];

		if (hop->neighbour.ifindex != ifindex || link_same(&hop->link, link))
			continue;
		hop->link = *link;
		vicinity->told_left = vicinity->target_count;
	}
}

void vicinity_neighbour_changed(struct vicinity *vicinity, const struct way_neighbour *neighbour)
{
	struct vicinity_hop *hop = hop_find(vicinity, neighbour->address, neighbour->ifindex);

	if (!hop)
		return;
	if (hop->neighbour.mac != neighbour->mac)
		vicinity->told_left = vicinity->target_count;
	if (hop->unanswered && neighbour->is_reachable)
		hop->confirm_ms += VICINITY_CONFIRM_MS - VICINITY_PATIENCE_MS;
	if (neighbour->is_reachable || !neighbour->mac)
		hop->unanswered = 0;
	hop->neighbour = *neighbour;
}

/* --- what is to be done ------------------------------------------------------- */

struct vicinity_target *vicinity_next_due(struct vicinity *vicinity)
{
	while (vicinity->due_left) {
		size_t next = vicinity->due_next++ % vicinity->target_count;

		vicinity->due_left--;
		vicinity->due_next = next + 1;
		if (vicinity->targets[next].is_due)
			return &vicinity->targets[next];
	}
	return NULL;
}

int vicinity_examined(struct vicinity *vicinity, struct vicinity_target *target,
		      const struct way *way, bool *is_new)
{
	const struct way before = target->way;
	int error;

	*is_new = way->ifindex && !hop_find(vicinity, way->neighbour, way->ifindex);
	if (*is_new) {
		error = hop_insert(vicinity, way);
		if (error)
			return error;
	}
	if (way->ifindex)
		hop_find(vicinity, way->neighbour, way->ifindex)->users++;
	target->way = *way;
	target->is_due = false;
	hop_release(vicinity, &before);
	vicinity->told_left = vicinity->target_count;
	return 0;
}

/* Has the time come? Then sets the next. */
static bool is_time(__u64 *when_ms, __u64 now_ms, __u64 again_ms)
{
	if (now_ms < *when_ms)
		return false;
	*when_ms = now_ms + again_ms;
	return true;
}

/* What one that is known, but might not be there any more, is to be given. */
static bool has_doubt(struct vicinity_hop *hop, __u64 now_ms, enum way_order *order)
{
	bool is_last = hop->unanswered == VICINITY_ATTEMPTS;

	if (!is_time(&hop->confirm_ms, now_ms,
		     is_last ? VICINITY_CONFIRM_MS : VICINITY_PATIENCE_MS))
		return false;
	if (is_last) {
		*order = WAY_DOUBT;
		hop->unanswered = 0;
		hop->resolve_ms = now_ms + VICINITY_RESOLVE_MS;
	} else {
		*order = hop->unanswered++ ? WAY_REPEAT : WAY_CONFIRM;
	}
	return true;
}

static bool has_need(struct vicinity_hop *hop, __u64 now_ms, enum way_order *order)
{
	if (hop->neighbour.is_fixed)
		return false;
	if (hop->neighbour.mac)
		return has_doubt(hop, now_ms, order);
	*order = WAY_RESOLVE;
	return is_time(&hop->resolve_ms, now_ms, VICINITY_RESOLVE_MS);
}

const struct vicinity_hop *vicinity_next_need(struct vicinity *vicinity, __u64 now_ms,
					      enum way_order *order)
{
	for (size_t i = 0; i < vicinity->hop_count; i++) {
		size_t next = vicinity->need_next % vicinity->hop_count;

		vicinity->need_next = next + 1;
		if (has_need(&vicinity->hops[next], now_ms, order))
			return &vicinity->hops[next];
	}
	return NULL;
}

/* Takes note of what is known now. Was something else known before? */
static bool is_to_tell(const struct vicinity *vicinity, struct vicinity_target *target)
{
	const struct way before = target->known_way;
	const struct vicinity_hop *hop;
	bool differs;

	target->known_way = target->way;
	if (!target->way.ifindex)
		return before.ifindex;
	hop = hop_find(vicinity, target->way.neighbour, target->way.ifindex);
	if (!hop->neighbour.mac && !hop->neighbour.is_fixed) {
		target->known_way = before;
		return false;
	}
	differs = !way_same(&target->way, &before) || hop->neighbour.mac != target->known_mac ||
		  !link_same(&hop->link, &target->known_link);
	target->known_mac = hop->neighbour.mac;
	target->known_link = hop->link;
	return before.ifindex && differs;
}

const struct vicinity_target *vicinity_next_told(struct vicinity *vicinity)
{
	while (vicinity->told_left) {
		struct vicinity_target *target = &vicinity->targets[--vicinity->told_left];

		if (!target->is_due && is_to_tell(vicinity, target))
			return target;
	}
	return NULL;
}
