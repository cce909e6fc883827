// SPDX-License-Identifier: GPL-2.0-only
#include "source.h"

#include <endian.h>
#include <string.h>

#include "address.h"

/* Addresses, as one number after the other; of IPv6 the last 64 bits. */
struct range {
	bool is_ipv4;
	__u64 high;
	__u64 first, count;
};

static struct range range_of(const struct lb_service_config *service)
{
	struct range range = {.is_ipv4 = address_is_ipv4(service->address)};
	__u8 bits = range.is_ipv4 ? service->source4_bits : service->source6_bits;
	__u8 whole = range.is_ipv4 ? 32 : 128;
	__u64 address[2];

	if (!bits)
		return range;
	if (range.is_ipv4)
		address_from_ipv4(service->source4, address);
	else
		memcpy(address, service->source6, sizeof(address));
	range.high = address[0];
	range.first = be64toh(address[1]);
	range.count = whole - bits >= 4 ? SOURCE_SERVICE_MAX : 1U << (whole - bits);
	return range;
}

static bool ranges_same(const struct range *a, const struct range *b)
{
	return a->high == b->high && a->first == b->first && a->count == b->count;
}

static bool ranges_overlap(const struct range *a, const struct range *b)
{
	return a->high == b->high && a->first < b->first + b->count &&
	       b->first < a->first + a->count;
}

static bool range_has(const struct range *range, const __u64 address[2])
{
	return range->high == address[0] && be64toh(address[1]) - range->first < range->count;
}

/* Is the place used by what the configuration was, or is to be? */
static bool place_is_taken(const struct store *store, __u32 place)
{
	for (__u32 i = 1; i < 2 * store->control->max_services; i++) {
		const struct lb_service_config *service = &store->service_config[i];

		if (place - service->first_source < service->source_count)
			return true;
	}
	return false;
}

static int find_places(const struct store *store, __u32 count, __u16 *first)
{
	__u32 run = 0;

	for (__u32 i = 0; i < store->control->max_sources; i++) {
		run = place_is_taken(store, i) ? 0 : run + 1;
		if (run < count)
			continue;
		*first = i + 1 - count;
		return 0;
	}
	return SOURCE_FULL;
}

/* Does the service's VIP lie among others' sources, or theirs among its own? */
static bool vips_collide(const struct store *store, __u32 id,
			 const struct lb_service_config *service, const struct range *range)
{
	bool collides = service->forward == LB_FORWARD_SNAT && range_has(range, service->address);

	for (__u32 i = 1; i < store->control->max_services; i++) {
		const struct lb_service_config *other = &store->service[i];
		struct range others = range_of(other);

		if (i == id || !other->name[0])
			continue;
		collides |= service->forward == LB_FORWARD_SNAT && range_has(range, other->address);
		collides |= other->source_count && range_has(&others, service->address);
	}
	return collides;
}

int source_assign(const struct store *store, __u32 id, struct lb_service_config *service)
{
	const struct lb_service_config *before = &store->service[id];
	struct range range = range_of(service);

	if (vips_collide(store, id, service, &range))
		return SOURCE_OVERLAP;
	if (id && before->source_count && !source_changes(before, service))
		return 0;
	service->first_source = service->source_count = 0;
	if (service->forward != LB_FORWARD_SNAT)
		return 0;
	if (!range.count)
		return SOURCE_MISSING;
	for (__u32 i = 1; i < store->control->max_services; i++) {
		const struct lb_service_config *other = &store->service[i];
		struct range others = range_of(other);

		if (i == id || !other->source_count || !ranges_overlap(&range, &others))
			continue;
		if (!ranges_same(&range, &others))
			return SOURCE_OVERLAP;
		service->first_source = other->first_source;
		service->source_count = other->source_count;
		return 0;
	}
	service->source_count = range.count;
	return find_places(store, range.count, &service->first_source);
}

bool source_changes(const struct lb_service_config *before, const struct lb_service_config *after)
{
	struct range old = range_of(before), new = range_of(after);

	return before->source_count && !ranges_same(&old, &new);
}
