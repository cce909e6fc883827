// SPDX-License-Identifier: GPL-2.0-only
#include "store/snat_pool.h"

#include <arpa/inet.h>
#include <endian.h>
#include <string.h>

#include "base/address.h"

/* Consecutive addresses; of IPv6, `first` counts the lower 64 bits. */
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
	range.count = whole - bits >= 4 ? SNAT_POOL_SERVICE_MAX : 1U << (whole - bits);
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

static bool has_entry(const struct lb_service_config *service, __u32 entry)
{
	return entry - service->snat_first < service->snat_count;
}

/* True if a service uses the entry in either snapshot. */
static bool entry_is_used(const struct store *store, __u32 entry)
{
	for (__u32 i = 1; i < store->control->max_services; i++)
		if (has_entry(&store->snapshots[0].service[i], entry) ||
		    has_entry(&store->snapshots[1].service[i], entry))
			return true;
	return false;
}

static int find_entries(const struct store *store, __u32 count, __u16 *first)
{
	__u32 run = 0;

	for (__u32 i = 0; i < store->control->max_sources; i++) {
		run = entry_is_used(store, i) ? 0 : run + 1;
		if (run < count)
			continue;
		*first = i + 1 - count;
		return 0;
	}
	return SNAT_POOL_FULL;
}

/* Looks for VIPs in pools, of this service and of all others. Returns 0 or a condition. */
static int check_vips(const struct store *store, __u32 id, const struct lb_service_config *service,
		      const struct range *range)
{
	bool is_snat = service->forward == LB_FORWARD_SNAT;

	if (is_snat && range_has(range, service->address))
		return SNAT_POOL_OVERLAP;
	for (__u32 i = 1; i < store->control->max_services; i++) {
		const struct lb_service_config *other = &store->config.service[i];
		struct range other_range = range_of(other);

		if (i == id || !other->name[0])
			continue;
		if (is_snat && range_has(range, other->address))
			return SNAT_POOL_OVERLAP;
		if (other->snat_count && range_has(&other_range, service->address))
			return SNAT_POOL_HAS_VIP;
	}
	return 0;
}

bool snat_pool_is_used(const struct store *store, __u32 index)
{
	for (__u32 id = 1; id < store->control->max_services; id++)
		if (has_entry(&store->config.service[id], index))
			return true;
	return false;
}

int snat_pool_assign(const struct store *store, __u32 id, struct lb_service_config *service)
{
	const struct lb_service_config *before = &store->config.service[id];
	struct range range = range_of(service);
	int condition = check_vips(store, id, service, &range);

	if (condition)
		return condition;
	if (id && before->snat_count && !snat_pool_drops_addresses(before, service))
		return 0;
	service->snat_first = service->snat_count = 0;
	if (service->forward != LB_FORWARD_SNAT)
		return 0;
	if (!range.count)
		return SNAT_POOL_MISSING;
	for (__u32 i = 1; i < store->control->max_services; i++) {
		const struct lb_service_config *other = &store->config.service[i];
		struct range other_range = range_of(other);

		if (i == id || !other->snat_count || !ranges_overlap(&range, &other_range))
			continue;
		if (!ranges_same(&range, &other_range))
			return SNAT_POOL_OVERLAP;
		service->snat_first = other->snat_first;
		service->snat_count = other->snat_count;
		return 0;
	}
	service->snat_count = range.count;
	return find_entries(store, range.count, &service->snat_first);
}

bool snat_pool_range_differs(const struct lb_service_config *now,
			     const struct lb_service_config *before)
{
	return now->snat_first != before->snat_first || now->snat_count != before->snat_count;
}

bool snat_pool_drops_addresses(const struct lb_service_config *before,
			       const struct lb_service_config *after)
{
	struct range old = range_of(before), new = range_of(after);

	return before->snat_count && !ranges_same(&old, &new);
}

/* A word in network byte order, with all but its first `bits` bits set. */
static __be32 host_mask(__u32 bits)
{
	return bits >= 32 ? 0 : htonl(0xffffffffU >> bits);
}

/* The default tunnel sources are 172.16.0.0/16 and 100::/64 (RFC 6666, discard-only). */
void snat_pool_write(struct lb_service *service, const struct lb_service_config *config)
{
	bool given4 = config->source4_bits, given6 = config->source6_bits;
	__u32 bits6 = given6 ? config->source6_bits : 64;

	service->source4_hosts = host_mask(given4 ? config->source4_bits : 16);
	service->source4 = (given4 ? config->source4 : htonl(0xac100000)) & ~service->source4_hosts;
	service->source6_hosts = bits6 <= 96 ? htonl(0xffffffff) : host_mask(bits6 - 96);
	service->source6[0] = given6 ? config->source6[0] : htonl(0x01000000);
	service->source6[1] = config->source6[1] & ~((__u64)service->source6_hosts << 32);
	service->snat_first = config->snat_first;
	__atomic_store_n(&service->snat_count, config->snat_count, __ATOMIC_RELEASE);
}

/* The entries' addresses are consecutive, from the first of the prefix. */
static void write_addresses(struct lb_control *control, const struct lb_service_config *service)
{
	bool ipv4 = address_is_ipv4(service->address);

	for (__u32 i = 0; i < service->snat_count; i++) {
		__u64 *address = control->snat_sources[service->snat_first + i];

		if (ipv4)
			address_from_ipv4(service->source4, address);
		else
			memcpy(address, service->source6, sizeof(service->source6));
		address[1] = htobe64(be64toh(address[1]) + i);
	}
}

size_t snat_pool_collect(const struct store *store, struct endpoint_item *items)
{
	size_t count = 0;

	for (__u32 id = 1; id < store->control->max_services; id++)
		write_addresses(store->control, &store->config.service[id]);
	for (__u32 i = 0; i < store->control->max_sources; i++) {
		const __u64 *address = store->control->snat_sources[i];
		__u8 is_ipv4 = address_is_ipv4(address);

		if (snat_pool_is_used(store, i))
			items[count++] = (struct endpoint_item){
				.address = {address[0], address[1]},
				.selector = lb_selector(0, 0, LB_ROLE_SNAT_SOURCE, is_ipv4),
				.id = i,
			};
	}
	return count;
}
