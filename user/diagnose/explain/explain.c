// SPDX-License-Identifier: GPL-2.0-only
#include "diagnose/explain/explain.h"

#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include "store/counters.h"
#include "store/flow_clock.h"
#include "store/flow_table.h"
#include "store/lookup.h"
#include "view/view.h"

__u32 explain_slot_count(const struct explanation *explanation)
{
	__u32 noted = explanation->result->notes.slots;

	return noted < LB_EXPLAIN_SLOTS ? noted : LB_EXPLAIN_SLOTS;
}

__u32 explain_slot(const struct explanation *explanation, __u32 number)
{
	return explanation->result->notes.slot[number % LB_EXPLAIN_SLOTS];
}

static const struct lb_slots *slot_table(const struct explanation *explanation)
{
	const struct store *store = explanation->store;

	return &store->tables.slots[store->tables.services[explanation->slot_service_id].slots];
}

__u32 explain_slot_backend(const struct explanation *explanation, __u32 slot)
{
	return slot_table(explanation)->backend[slot % LB_SLOTS];
}

/* Reads outcome and backend off the shadow's counters, which were 0 before the packet. */
static void read_counters(struct explanation *explanation)
{
	const struct store *shadow = &explanation->shadow->store;
	struct lb_outcomes outcomes = store_outcomes(shadow);

	for (int i = 0; i < LB_OUTCOME_COUNT; i++)
		if (outcomes.count[i])
			explanation->outcome = i;
	for (__u32 id = 1; id < shadow->control->max_backends; id++) {
		struct lb_traffic traffic = store_traffic(shadow, id);

		if (!traffic.packets && !traffic.reply_packets)
			continue;
		explanation->backend_id = id;
		explanation->is_reply = traffic.reply_packets;
		explanation->is_new = traffic.new_flows;
	}
}

static void find_service(struct explanation *explanation)
{
	const struct store *store = explanation->store;
	const struct endpoint *target = &explanation->packet_spec->destination;

	if (explanation->backend_id) {
		explanation->service_id = store->config.backend[explanation->backend_id].service;
		explanation->owner_id =
			store->config.backend[explanation->backend_id].alias_of
				? store->config.backend[explanation->backend_id].alias_of
				: explanation->backend_id;
		explanation->backend = &store->config.backend[explanation->owner_id];
	} else {
		explanation->service_id = store_service_by_vip(store, target->address, target->port,
							       target->protocol);
		if (!explanation->service_id)
			explanation->service_id =
				store_service_by_vip(store, target->address, 0, target->protocol);
	}
	explanation->slot_service_id =
		explanation->backend ? explanation->backend->service : explanation->service_id;
	if (!explanation->service_id)
		return;
	explanation->service = &store->config.service[explanation->service_id];
	explanation->slot_service = &store->config.service[explanation->slot_service_id];
}

/* Looks the packet's flow up in the instance, which the test packet has not changed. */
static void find_flow(struct explanation *explanation)
{
	const struct store *store = explanation->store;
	const struct packet_spec *packet_spec = explanation->packet_spec;
	const struct endpoint *client = &packet_spec->source, *local = &packet_spec->destination;
	struct flow_client client_key = {.service = explanation->service_id};
	__u32 now = flow_clock_now(store);

	if (explanation->is_reply) {
		client = &packet_spec->destination;
		local = &packet_spec->source;
	}
	memcpy(client_key.address, client->address, sizeof(client_key.address));
	client_key.port = client->port;
	client_key.vip_port = local->port;
	explanation->is_stateless =
		store->tables.services[explanation->service_id].handles_untracked;
	explanation->is_tracked = explanation->service_id &&
				  explanation->service->persist != LB_PERSIST_NONE &&
				  flow_table_find(store, &client_key, &explanation->flow_entry);
	if (!explanation->is_tracked)
		return;
	explanation->idle_ms = flow_table_idle_ms(store, &explanation->flow_entry, now);
	explanation->age_ms = flow_table_age_ms(store, &explanation->flow_entry, now);
}

static const char *flow_status(const struct explanation *explanation)
{
	__u32 backend = lb_flow_backend(explanation->flow_entry.data);

	if (explanation->is_new)
		return "new";
	if (!explanation->is_tracked)
		return "none";
	return explanation->outcome == LB_RESET || backend == explanation->backend_id ? "known"
										      : "none";
}

/* A known flow keeps its forwarding mode; a new one gets that of its backend. */
static enum lb_forward forward_of(const struct explanation *explanation)
{
	if (!strcmp(explanation->flow, "known"))
		return lb_flow_forward(explanation->flow_entry.data);
	return lb_backend_forward(
		explanation->store->tables.backends[explanation->backend_id].flags);
}

/* Finds the selected slot among those that were looked up, else the last. */
static void find_slot(struct explanation *explanation)
{
	const struct lb_slots *table = slot_table(explanation);
	__u32 noted = explanation->result->notes.slots;

	explanation->slots = table->length;
	for (__u32 i = 0; i < table->length && i < LB_SLOTS; i++)
		explanation->backend_slots += table->backend[i] == explanation->owner_id;
	explanation->has_slot = noted && !explanation->is_reply;
	for (__u32 i = 1; i <= explain_slot_count(explanation); i++) {
		__u32 slot = explain_slot(explanation, noted - i);

		if (i == 1 || explain_slot_backend(explanation, slot) == explanation->owner_id)
			explanation->slot = slot;
		if (explain_slot_backend(explanation, slot) == explanation->owner_id)
			return;
	}
	if (explanation->slot_service_id != explanation->service_id)
		explanation->has_slot = false; /* those lookups were in the service's own table */
}

/* The device of the client's cached next hop in the shadow; 0 = none. */
static __u32 cached_device(const struct explanation *explanation)
{
	const struct store *shadow = &explanation->shadow->store;
	const __u64 *client = explanation->packet_spec->destination.address;
	const void *cpus = shadow->tables.cpus;
	size_t bytes = store_cpu_bytes(shadow->control->max_backends);

	for (__u32 i = 0; i < shadow->cpu_count; i++) {
		const struct lb_cpu *cpu = cpus + i * bytes;
		const struct lb_client_nexthop *nexthop =
			&cpu->client_nexthops[lb_client_nexthop_index(client)];

		if (nexthop->service == explanation->service_id &&
		    !memcmp(nexthop->client, client, sizeof(nexthop->client)))
			return nexthop->device;
	}
	return 0;
}

static __u32 egress_of(const struct explanation *explanation)
{
	const struct lb_backend *backends = explanation->shadow->store.tables.backends;

	if (explanation->result->verdict == XDP_TX)
		return explanation->ifindex;
	if (explanation->result->notes.fib_called)
		return explanation->result->notes.nexthop_device;
	if (!explanation->backend_id)
		return 0;
	return explanation->is_reply
		       ? cached_device(explanation)
		       : (__u32)(backends[explanation->backend_id].nexthop_device >> 16);
}

static void find_nexthop(struct explanation *explanation)
{
	const unsigned char *mac = explanation->result->frame;
	__u32 verdict = explanation->result->verdict, device = egress_of(explanation);
	bool is_sent = verdict == XDP_TX || verdict == XDP_REDIRECT;

	if (device)
		if_indextoname(device, explanation->egress);
	if (is_sent)
		snprintf(explanation->mac, sizeof(explanation->mac),
			 "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
			 mac[5]);
	explanation->is_delivered =
		explanation->outcome == LB_FORWARDED || explanation->outcome == LB_REPLIED ||
		explanation->outcome == LB_UNTRACKED || explanation->outcome == LB_TO_STACK;
}

void explain_make(struct explanation *explanation)
{
	read_counters(explanation);
	find_service(explanation);
	find_flow(explanation);
	explanation->flow = flow_status(explanation);
	explanation->forward = forward_of(explanation);
	explanation->verdict = verdict_name(explanation->result->verdict);
	if (explanation->service_id)
		find_slot(explanation);
	find_nexthop(explanation);
}
