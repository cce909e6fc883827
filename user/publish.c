// SPDX-License-Identifier: GPL-2.0-only
#include "publish.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "directory.h"
#include "flow_table.h"
#include "maglev.h"
#include "scope.h"
#include "slots.h"
#include "store.h"
#include "weight.h"

/* Is it another endpoint, or gone, or new? */
static bool endpoint_differs(const __u64 a[2], __be16 a_port, const __u64 b[2], __be16 b_port)
{
	return a_port != b_port || a[0] != b[0] || a[1] != b[1];
}

/* The snapshot that holds. */
static __u64 holds(const struct store *store)
{
	return store->control->generation & 1;
}

static void compare_services(struct publication *next)
{
	const struct store *store = next->store;
	const struct lb_service_config *before =
		store->service_config + holds(store) * store->control->max_services;

	for (__u32 id = 1; id < store->control->max_services; id++) {
		const struct lb_service_config *now = &store->service[id];
		const struct lb_service_config *old = &before[id];

		if (!memcmp(now, old, sizeof(*now)))
			continue;
		next->service_touched[id] = true;
		if (endpoint_differs(now->address, now->port, old->address, old->port) ||
		    now->protocol != old->protocol || now->first_source != old->first_source ||
		    now->source_count != old->source_count)
			next->endpoints_differ = true;
		if (!now->name[0] || now->first_source != old->first_source ||
		    now->source_count != old->source_count)
			next->something_left = true;
	}
}

static void compare_backends(struct publication *next)
{
	const struct store *store = next->store;
	const struct lb_backend_config *before =
		store->backend_config + holds(store) * store->control->max_backends;

	for (__u32 id = 1; id < store->control->max_backends; id++) {
		const struct lb_backend_config *now = &store->backend[id];
		const struct lb_backend_config *old = &before[id];

		if (!memcmp(now, old, sizeof(*now)))
			continue;
		next->service_touched[now->service] = true;
		next->service_touched[old->service] = true;
		if (now->service != old->service)
			next->endpoints_differ = true;
		if (!now->service)
			next->something_left = true;
	}
}

static __u32 to_ticks(__u32 ms)
{
	return ((__u64)ms * 1000000 >> LB_TICK_SHIFT) + 1;
}

static void write_backend(struct store *store, __u32 id)
{
	const struct lb_backend_config *config = &store->backend[id];
	const struct lb_service_config *service = &store->service[config->service];
	struct lb_backend *backend = &store->backends[id];
	__u32 flags = (__u32)service->forward << 8 |
		      (config->state == LB_STATE_MAINT ? LB_BACKEND_MAINT : 0);

	if (backend->service != config->service ||
	    endpoint_differs(backend->address, backend->port, config->address, config->port))
		*backend = (struct lb_backend){
			.address = {config->address[0], config->address[1]},
			.port = config->port,
			.service = config->service,
			.flags = flags,
			.hop_from = 1, /* not known */
		};
	__atomic_store_n(&backend->idle_new, to_ticks(service->timeout_new_ms), __ATOMIC_RELAXED);
	__atomic_store_n(&backend->idle_established, to_ticks(service->timeout_established_ms),
			 __ATOMIC_RELAXED);
	__atomic_store_n(&backend->idle_closing, to_ticks(service->timeout_closing_ms),
			 __ATOMIC_RELAXED);
	backend->address_sum =
		address_sum_hop(address_sum_change(service->address, config->address));
	backend->endpoint_sum =
		endpoint_sum_change(service->address, service->port, config->address, config->port);
	__atomic_store_n(&backend->flags, flags, __ATOMIC_RELEASE);
}

/* Bits of a word, in network order, that are behind the first so many. */
static __be32 bits_behind(__u32 bits)
{
	return bits >= 32 ? 0 : htonl(0xffffffffU >> bits);
}

/* Where tunnels come from: prefixes that nobody else has on a backend's network. */
static void write_source(struct lb_service *service, const struct lb_service_config *config)
{
	bool given4 = config->source4_bits, given6 = config->source6_bits;
	__u32 bits6 = given6 ? config->source6_bits : 64;

	service->source4_hosts = bits_behind(given4 ? config->source4_bits : 16);
	service->source4 = (given4 ? config->source4 : htonl(0xac100000)) & ~service->source4_hosts;
	service->source6_hosts = bits6 <= 96 ? htonl(0xffffffff) : bits_behind(bits6 - 96);
	service->source6[0] = given6 ? config->source6[0] : htonl(0x01000000);
	service->source6[1] = config->source6[1] & ~((__u64)service->source6_hosts << 32);
}

static void write_service(struct store *store, __u32 id)
{
	const struct lb_service_config *config = &store->service[id];
	struct lb_service *service = &store->services[id];

	memcpy(service->address, config->address, sizeof(service->address));
	service->port = config->port;
	service->protocol = config->protocol;
	write_source(service, config);
	service->first_source = config->first_source;
	__atomic_store_n(&service->source_count, config->source_count, __ATOMIC_RELEASE);
}

static __u32 pick_of(enum lb_scheduler scheduler)
{
	switch (scheduler) {
	case LB_SCHEDULER_RANDOM:
		return LB_PICK_RANDOM;
	case LB_SCHEDULER_MAGLEV:
		return LB_PICK_FLOW;
	case LB_SCHEDULER_SOURCE:
		return LB_PICK_SOURCE;
	default:
		return LB_PICK_NEXT;
	}
}

static size_t collect_shares(const struct store *store, __u32 service, struct slots_share *shares)
{
	enum lb_scheduler scheduler = store->service[service].scheduler;
	size_t count = 0;

	for (__u32 id = 1; id < store->control->max_backends; id++)
		if (store->backend[id].service == service)
			shares[count++] = (struct slots_share){
				.backend = id,
				.milli = weight_effective_milli(&store->backend[id], scheduler),
				.hash = lb_backend_hash(store->backend[id].address,
							store->backend[id].port,
							store->control->seed),
			};
	return count;
}

static bool same_slots(const struct lb_slots *a, const struct lb_slots *b)
{
	return a->length == b->length && a->pick == b->pick &&
	       !memcmp(a->backend, b->backend, sizeof(a->backend));
}

/* Builds the service's other slot table; *index is the one that packets shall use. */
static int write_slots(struct store *store, __u32 id, struct slots_share *shares, __u32 *index)
{
	__u32 present = store->services[id].slots;
	__u32 other = present == 2 * id ? 2 * id + 1 : 2 * id;
	size_t count = collect_shares(store, id, shares);
	struct lb_slots *table = &store->slots[other];
	int error;

	table->pick = pick_of(store->service[id].scheduler);
	if (table->pick == LB_PICK_FLOW || table->pick == LB_PICK_SOURCE)
		error = maglev_build(table, shares, count);
	else
		error = slots_build(table, shares, count);
	if (error)
		return error;
	*index = present / 2 == id && same_slots(table, &store->slots[present]) ? present : other;
	return 0;
}

static int write_services(struct publication *next)
{
	struct store *store = next->store;
	_free_ struct slots_share *shares = calloc(store->control->max_backends, sizeof(*shares));
	int error = shares ? 0 : -ENOMEM;

	for (__u32 id = 1; !error && id < store->control->max_services; id++) {
		next->slots[id] = store->services[id].slots;
		if (store->service[id].name[0] && next->service_touched[id])
			error = write_slots(store, id, shares, &next->slots[id]);
	}
	return error;
}

/* Addresses of snat, which follow each other from their prefix's first on. */
static void name_sources(const struct store *store, const struct lb_service_config *service)
{
	bool ipv4 = address_is_ipv4(service->address);

	for (__u32 i = 0; i < service->source_count; i++) {
		__u64 *address = store->control->sources[service->first_source + i];

		if (ipv4)
			address_from_ipv4(service->source4, address);
		else
			memcpy(address, service->source6, sizeof(service->source6));
		address[1] = htobe64(be64toh(address[1]) + i);
	}
}

static size_t collect_sources(const struct store *store, struct directory_item *items)
{
	size_t count = 0;

	for (__u32 id = 1; id < store->control->max_services; id++)
		name_sources(store, &store->service[id]);
	for (__u32 i = 0; i < store->control->max_sources; i++)
		if (store_source_used(store, i))
			items[count++] = (struct directory_item){
				.address = {store->control->sources[i][0],
					    store->control->sources[i][1]},
				.selector = lb_selector(0, 0, LB_ROLE_SOURCE),
				.id = i,
			};
	return count;
}

static size_t collect_endpoints(const struct store *store, struct directory_item *items)
{
	size_t count = 0;

	for (__u32 id = 1; id < store->control->max_services; id++) {
		const struct lb_service_config *service = &store->service[id];

		if (!service->name[0])
			continue;
		items[count++] = (struct directory_item){
			.address = {service->address[0], service->address[1]},
			.selector = lb_selector(service->port, service->protocol, LB_ROLE_SERVICE),
			.id = id,
		};
		items[count++] = (struct directory_item){
			/* for pings */
			.address = {service->address[0], service->address[1]},
			.selector = lb_selector(0, IPPROTO_ICMP, LB_ROLE_SERVICE),
			.id = id,
			.alone = true,
		};
	}
	count += collect_sources(store, items + count);
	for (__u32 id = 1; id < store->control->max_backends; id++) {
		const struct lb_backend_config *backend = &store->backend[id];
		__u8 protocol = store->service[backend->service].protocol;

		if (backend->service)
			items[count++] = (struct directory_item){
				.address = {backend->address[0], backend->address[1]},
				.selector = lb_selector(backend->port, protocol, LB_ROLE_BACKEND),
				.id = id,
			};
	}
	return count;
}

static void collect_filter(const struct directory_item *items, size_t count,
			   __u64 filter[LB_FILTER_WORDS])
{
	memset(filter, 0, LB_FILTER_WORDS * sizeof(*filter));
	for (size_t i = 0; i < count; i++) {
		enum lb_role role = items[i].selector >> 24;
		__u64 hash = lb_filter_hash(items[i].address,
					    role == LB_ROLE_SOURCE ? LB_ROLE_SERVICE : role);

		filter[LB_FILTER_WORD(hash)] |= 1ULL << LB_FILTER_BIT(hash);
	}
}

/* Builds the other copy of the directory. */
static int write_directory(struct publication *next)
{
	struct store *store = next->store;
	struct lb_control *control = store->control;
	__u32 entries = store_directory_entries(control);
	__u32 base = control->directory >> 32 ? 0 : entries;
	_free_ struct directory_item *items = NULL;
	size_t count;

	items = calloc(2 * control->max_services + control->max_sources + control->max_backends,
		       sizeof(*items));
	if (!items)
		return -ENOMEM;
	count = collect_endpoints(store, items);
	collect_filter(items, count, next->filter);
	return directory_build(store->directory + base, base, entries, items, count,
			       &next->directory);
}

/* Lets the filter pass what the next directory has, and go on passing what this one has. */
static void widen_filter(struct lb_control *control, const struct publication *next)
{
	for (__u32 i = 0; i < LB_FILTER_WORDS; i++)
		__atomic_fetch_or(&control->filter[i], next->filter[i], __ATOMIC_RELEASE);
}

static void narrow_filter(struct lb_control *control, const struct publication *next)
{
	for (__u32 i = 0; i < LB_FILTER_WORDS; i++)
		__atomic_store_n(&control->filter[i], next->filter[i], __ATOMIC_RELAXED);
}

static bool is_in_use(const struct store *store, __u32 id)
{
	return store->service[id].name[0];
}

/* What is written in place, of no interest to a packet before the switch, or harmless. */
static void write_records(const struct publication *next)
{
	struct store *store = next->store;

	for (__u32 id = 1; id < store->control->max_services; id++)
		if (is_in_use(store, id) && next->service_touched[id])
			write_service(store, id);
	for (__u32 id = 1; id < store->control->max_backends; id++)
		if (store->backend[id].service && next->service_touched[store->backend[id].service])
			write_backend(store, id);
}

/* The switch: from here on packets see what was written. */
static void switch_over(const struct publication *next)
{
	struct store *store = next->store;

	widen_filter(store->control, next);
	__atomic_store_n(&store->control->directory, next->directory, __ATOMIC_RELEASE);
	for (__u32 id = 1; id < store->control->max_services; id++)
		if (next->slots[id] != store->services[id].slots)
			__atomic_store_n(&store->services[id].slots, next->slots[id],
					 __ATOMIC_RELEASE);
}

static bool is_orphan(const struct lb_flow *flow, void *argument)
{
	const struct store *store = argument;
	__u16 service = lb_flow_service(flow->key);
	__u16 backend = lb_flow_backend(flow->data);

	return service >= store->control->max_services || !is_in_use(store, service) ||
	       backend >= store->control->max_backends ||
	       store->backend[backend].service != service;
}

/* The copies not in use may still be: whoever was killed had not waited. */
static int distrust(struct publication *next)
{
	memset(next->service_touched, true, next->store->control->max_services);
	next->endpoints_differ = true;
	next->something_left = true;
	return store_grace_wait(&next->grace);
}

static void compare(struct publication *next)
{
	compare_services(next);
	compare_backends(next);
}

int publish_prepare(struct publication *next, struct store *store, bool everything)
{
	const struct lb_control *control = store->control;
	int error;

	*next = (struct publication){
		.store = store,
		.service_touched = calloc(control->max_services, sizeof(*next->service_touched)),
		.slots = calloc(control->max_services, sizeof(*next->slots)),
		.directory = control->directory,
	};
	memcpy(next->filter, control->filter, sizeof(next->filter));
	error = store_grace_prepare(&next->grace);
	if (!error && (!next->service_touched || !next->slots))
		error = -ENOMEM;
	if (!error && everything)
		error = distrust(next);
	else if (!error)
		compare(next);
	if (!error)
		error = write_services(next);
	if (!error && next->endpoints_differ)
		error = write_directory(next);
	return error;
}

int publish_show(struct publication *next)
{
	struct store *store = next->store;
	struct lb_control *control = store->control;
	int error;

	write_records(next);
	switch_over(next);
	error = store_grace_wait(&next->grace);
	if (!error)
		narrow_filter(control, next);
	if (!error && next->something_left) {
		flow_table_forget(store, is_orphan, store);
		error = store_grace_wait(&next->grace); /* before the ids are given to others */
	}
	if (!error)
		__atomic_store_n(&control->published, control->generation, __ATOMIC_RELEASE);
	return error;
}

void publish_release(struct publication *next)
{
	store_grace_release(&next->grace);
	free(next->service_touched);
	free(next->slots);
}
