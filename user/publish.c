// SPDX-License-Identifier: GPL-2.0-only
#include "publish.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <string.h>
#include <sys/syscall.h>

#include "address.h"
#include "directory.h"
#include "flow_table.h"
#include "scope.h"
#include "slots.h"
#include "store.h"
#include "weight.h"

/* The configuration as it was before the commit, and what to do about it. */
struct change {
	struct store *store;
	const struct lb_service_config *old_service; /* NULL: take everything as changed */
	const struct lb_backend_config *old_backend;
	bool *service_touched; /* by id */
	bool endpoints_differ; /* the directory is to be rebuilt */
	bool something_left; /* a service or backend is gone, and its flows with it */
};

/* Waits until every packet that is being processed now has left the program. */
static int wait_for_packets(void)
{
	return syscall(__NR_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) ? -errno : 0;
}

/* Is it another endpoint, or gone, or new? */
static bool endpoint_differs(const __u64 a[2], __be16 a_port, const __u64 b[2], __be16 b_port)
{
	return a_port != b_port || a[0] != b[0] || a[1] != b[1];
}

static void compare_services(struct change *change)
{
	const struct store *store = change->store;

	for (__u32 id = 1; id < store->control->max_services; id++) {
		const struct lb_service_config *now = &store->service[id];
		const struct lb_service_config *old = &change->old_service[id];

		if (!memcmp(now, old, sizeof(*now)))
			continue;
		change->service_touched[id] = true;
		if (endpoint_differs(now->address, now->port, old->address, old->port) ||
		    now->protocol != old->protocol)
			change->endpoints_differ = true;
		if (!now->name[0])
			change->something_left = true;
	}
}

static void compare_backends(struct change *change)
{
	const struct store *store = change->store;

	for (__u32 id = 1; id < store->control->max_backends; id++) {
		const struct lb_backend_config *now = &store->backend[id];
		const struct lb_backend_config *old = &change->old_backend[id];

		if (!memcmp(now, old, sizeof(*now)))
			continue;
		change->service_touched[now->service] = true;
		change->service_touched[old->service] = true;
		if (now->service != old->service)
			change->endpoints_differ = true;
		if (!now->service)
			change->something_left = true;
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
	__u32 flags = config->state == LB_STATE_MAINT ? LB_BACKEND_MAINT : 0;

	if (backend->service != config->service ||
	    endpoint_differs(backend->address, backend->port, config->address, config->port))
		*backend = (struct lb_backend){
			.address = {config->address[0], config->address[1]},
			.port = config->port,
			.service = config->service,
			.flags = flags,
		};
	__atomic_store_n(&backend->idle_new, to_ticks(service->timeout_new_ms), __ATOMIC_RELAXED);
	__atomic_store_n(&backend->idle_established, to_ticks(service->timeout_established_ms),
			 __ATOMIC_RELAXED);
	__atomic_store_n(&backend->idle_closing, to_ticks(service->timeout_closing_ms),
			 __ATOMIC_RELAXED);
	backend->address_sum = address_sum_change(service->address, config->address);
	backend->endpoint_sum =
		endpoint_sum_change(service->address, service->port, config->address, config->port);
	__atomic_store_n(&backend->flags, flags, __ATOMIC_RELEASE);
}

static void write_service(struct store *store, __u32 id)
{
	const struct lb_service_config *config = &store->service[id];
	struct lb_service *service = &store->services[id];

	memcpy(service->address, config->address, sizeof(service->address));
	service->port = config->port;
	service->protocol = config->protocol;
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
	int error = slots_build(table, shares, count);

	if (error)
		return error;
	table->pick =
		store->service[id].scheduler == LB_SCHEDULER_RANDOM ? LB_PICK_RANDOM : LB_PICK_NEXT;
	*index = present / 2 == id && same_slots(table, &store->slots[present]) ? present : other;
	return 0;
}

static int write_services(struct change *change, __u32 *slots)
{
	struct store *store = change->store;
	_free_ struct slots_share *shares = calloc(store->control->max_backends, sizeof(*shares));
	int error = shares ? 0 : -ENOMEM;

	for (__u32 id = 1; !error && id < store->control->max_services; id++) {
		slots[id] = store->services[id].slots;
		if (!store->service[id].name[0] || !change->service_touched[id])
			continue;
		write_service(store, id);
		error = write_slots(store, id, shares, &slots[id]);
	}
	return error;
}

static size_t collect_endpoints(const struct store *store, struct directory_item *items)
{
	size_t count = 0;

	for (__u32 id = 1; id < store->control->max_services; id++) {
		const struct lb_service_config *service = &store->service[id];

		if (service->name[0])
			items[count++] = (struct directory_item){
				.address = {service->address[0], service->address[1]},
				.selector = lb_selector(service->port, service->protocol,
							LB_ROLE_SERVICE),
				.id = id,
			};
	}
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

/* What makes packets use another directory, and what of the filter goes with it. */
struct switchover {
	__u64 directory;
	__u64 filter[LB_FILTER_WORDS];
};

static void collect_filter(const struct directory_item *items, size_t count,
			   __u64 filter[LB_FILTER_WORDS])
{
	memset(filter, 0, LB_FILTER_WORDS * sizeof(*filter));
	for (size_t i = 0; i < count; i++) {
		__u64 hash = lb_filter_hash(items[i].address, items[i].selector >> 24);

		filter[LB_FILTER_WORD(hash)] |= 1ULL << LB_FILTER_BIT(hash);
	}
}

/* Builds the other copy of the directory. */
static int write_directory(struct store *store, struct switchover *next)
{
	struct lb_control *control = store->control;
	__u32 entries = directory_entries(control->max_services, control->max_backends);
	__u32 base = control->directory >> 32 ? 0 : entries;
	_free_ struct directory_item *items = NULL;
	size_t count;

	items = calloc(control->max_services + control->max_backends, sizeof(*items));
	if (!items)
		return -ENOMEM;
	count = collect_endpoints(store, items);
	collect_filter(items, count, next->filter);
	return directory_build(store->directory + base, base, entries, items, count,
			       &next->directory);
}

/* Lets the filter pass what the next directory has, and go on passing what this one has. */
static void widen_filter(struct lb_control *control, const struct switchover *next)
{
	for (__u32 i = 0; i < LB_FILTER_WORDS; i++)
		__atomic_fetch_or(&control->filter[i], next->filter[i], __ATOMIC_RELEASE);
}

static void narrow_filter(struct lb_control *control, const struct switchover *next)
{
	for (__u32 i = 0; i < LB_FILTER_WORDS; i++)
		__atomic_store_n(&control->filter[i], next->filter[i], __ATOMIC_RELAXED);
}

/* The switch: from here on packets see what was written. */
static void show(struct store *store, const struct switchover *next, const __u32 *slots)
{
	widen_filter(store->control, next);
	__atomic_store_n(&store->control->directory, next->directory, __ATOMIC_RELEASE);
	for (__u32 id = 1; id < store->control->max_services; id++)
		if (slots[id] != store->services[id].slots)
			__atomic_store_n(&store->services[id].slots, slots[id], __ATOMIC_RELEASE);
}

static bool is_orphan(const struct lb_flow *flow, void *argument)
{
	const struct store *store = argument;
	__u16 service = lb_flow_service(flow->key);
	__u16 backend = lb_flow_backend(flow->data);

	return service >= store->control->max_services || !store->service[service].name[0] ||
	       backend >= store->control->max_backends ||
	       store->backend[backend].service != service;
}

static int publish(struct change *change)
{
	struct store *store = change->store;
	struct lb_control *control = store->control;
	_free_ __u32 *slots = calloc(control->max_services, sizeof(*slots));
	struct switchover next = {.directory = control->directory};
	int error = slots ? 0 : -ENOMEM;

	memcpy(next.filter, control->filter, sizeof(next.filter));
	for (__u32 id = 1; !error && id < store->control->max_backends; id++)
		if (store->backend[id].service &&
		    change->service_touched[store->backend[id].service])
			write_backend(store, id);
	if (!error)
		error = write_services(change, slots);
	if (!error && change->endpoints_differ)
		error = write_directory(store, &next);
	if (error)
		return error;
	show(store, &next, slots);
	error = wait_for_packets();
	if (!error)
		narrow_filter(control, &next);
	if (!error && change->something_left) {
		flow_table_forget(store, is_orphan, store);
		error = wait_for_packets(); /* before the ids are given to others */
	}
	if (error)
		return error;
	__atomic_store_n(&control->published, control->generation, __ATOMIC_RELEASE);
	return 0;
}

int publish_changes(struct store *store)
{
	__u64 old = (store->control->generation - 1) & 1;
	_free_ bool *touched = calloc(store->control->max_services, sizeof(*touched));
	struct change change = {
		.store = store,
		.old_service = store->service_config + old * store->control->max_services,
		.old_backend = store->backend_config + old * store->control->max_backends,
		.service_touched = touched,
	};

	if (!touched)
		return -ENOMEM;
	compare_services(&change);
	compare_backends(&change);
	return publish(&change);
}

int publish_all(struct store *store)
{
	_free_ bool *touched = calloc(store->control->max_services, sizeof(*touched));
	struct change change = {
		.store = store,
		.service_touched = touched,
		.endpoints_differ = true,
		.something_left = true,
	};
	int error = wait_for_packets();

	if (!touched)
		return -ENOMEM;
	memset(touched, true, store->control->max_services * sizeof(*touched));
	return error ? error : publish(&change);
}
