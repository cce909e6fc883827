// SPDX-License-Identifier: GPL-2.0-only
#include "diagnose/explain/explain.h"

#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include "store/flow_table.h"
#include "view/view.h"

__u32 explanation_slots(const struct explanation *explanation)
{
	__u32 noted = explanation->answer->notes.slots;

	return noted < LB_NOTED_SLOTS ? noted : LB_NOTED_SLOTS;
}

__u32 explanation_slot(const struct explanation *explanation, __u32 number)
{
	return explanation->answer->notes.slot[number % LB_NOTED_SLOTS];
}

static const struct lb_slots *table_of(const struct explanation *explanation)
{
	const struct store *store = explanation->store;

	return &store->slots[store->services[explanation->chooser_id].slots];
}

__u32 explanation_slot_backend(const struct explanation *explanation, __u32 slot)
{
	return table_of(explanation)->backend[slot % LB_SLOTS];
}

/* The twin's counters began at 0. */
static void read_counters(struct explanation *explanation)
{
	const struct store *twin = &explanation->twin->store;
	struct lb_outcomes outcomes = store_outcomes(twin);

	for (int i = 0; i < LB_OUTCOME_COUNT; i++)
		if (outcomes.count[i])
			explanation->outcome = i;
	for (__u32 id = 1; id < twin->control->max_backends; id++) {
		struct lb_traffic traffic = store_traffic(twin, id);

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
	const struct endpoint *wanted = &explanation->specimen->destination;

	if (explanation->backend_id) {
		explanation->service_id = store->backend[explanation->backend_id].service;
		explanation->owner_id = store->backend[explanation->backend_id].deputy_of
						? store->backend[explanation->backend_id].deputy_of
						: explanation->backend_id;
		explanation->backend = &store->backend[explanation->owner_id];
	} else {
		explanation->service_id =
			store_service_at(store, wanted->address, wanted->port, wanted->protocol);
		if (!explanation->service_id)
			explanation->service_id =
				store_service_at(store, wanted->address, 0, wanted->protocol);
	}
	explanation->chooser_id =
		explanation->backend ? explanation->backend->service : explanation->service_id;
	if (!explanation->service_id)
		return;
	explanation->service = &store->service[explanation->service_id];
	explanation->chooser = &store->service[explanation->chooser_id];
}

/* Was the flow there before the specimen came? The instance has not seen that. */
static void find_flow(struct explanation *explanation)
{
	const struct store *store = explanation->store;
	const struct specimen *specimen = explanation->specimen;
	const struct endpoint *client = &specimen->source, *ours = &specimen->destination;
	struct flow_client whose = {.service = explanation->service_id};
	__u32 now = flow_table_now(store);

	if (explanation->is_reply) {
		client = &specimen->destination;
		ours = &specimen->source;
	}
	memcpy(whose.address, client->address, sizeof(whose.address));
	whose.port = client->port;
	whose.asked = ours->port;
	explanation->is_steady = store->services[explanation->service_id].steady;
	explanation->was_there = explanation->service_id &&
				 explanation->service->persist != LB_PERSIST_NONE &&
				 flow_table_find(store, &whose, &explanation->remembered);
	if (!explanation->was_there)
		return;
	explanation->idle_ms = flow_table_idle_ms(store, &explanation->remembered, now);
	explanation->age_ms = flow_table_age_ms(store, &explanation->remembered, now);
}

static const char *flow_word(const struct explanation *explanation)
{
	__u32 backend = lb_flow_backend(explanation->remembered.data);

	if (explanation->is_new)
		return "new";
	if (!explanation->was_there)
		return "none";
	return explanation->outcome == LB_RESET || backend == explanation->backend_id ? "known"
										      : "none";
}

/* A known flow goes on as it began; a new one begins as its backend is set. */
static enum lb_forward forward_of(const struct explanation *explanation)
{
	if (!strcmp(explanation->flow, "known"))
		return lb_flow_forward(explanation->remembered.data);
	return lb_backend_forward(explanation->store->backends[explanation->backend_id].flags);
}

/* Of the slots that were looked at, the one that was taken, else the last. */
static void find_slot(struct explanation *explanation)
{
	const struct lb_slots *table = table_of(explanation);
	__u32 noted = explanation->answer->notes.slots;

	explanation->slots = table->length;
	for (__u32 i = 0; i < table->length && i < LB_SLOTS; i++)
		explanation->slots_of_backend += table->backend[i] == explanation->owner_id;
	explanation->has_slot = noted && !explanation->is_reply;
	for (__u32 i = 1; i <= explanation_slots(explanation); i++) {
		__u32 slot = explanation_slot(explanation, noted - i);

		if (i == 1 || explanation_slot_backend(explanation, slot) == explanation->owner_id)
			explanation->slot = slot;
		if (explanation_slot_backend(explanation, slot) == explanation->owner_id)
			return;
	}
	if (explanation->chooser_id != explanation->service_id)
		explanation->has_slot = false; /* those were of the service's own table */
}

/* A way to the client that the twin kept already. */
static __u32 kept_device(const struct explanation *explanation)
{
	const struct store *twin = &explanation->twin->store;
	const __u64 *client = explanation->specimen->destination.address;
	const void *cpus = twin->cpus;
	size_t bytes = store_cpu_bytes(twin->control->max_backends);

	for (size_t i = 0; i < store_cpus(); i++) {
		const struct lb_cpu *cpu = cpus + i * bytes;
		const struct lb_way *way = &cpu->ways[lb_way_index(client)];

		if (way->service == explanation->service_id &&
		    !memcmp(way->client, client, sizeof(way->client)))
			return way->device;
	}
	return 0;
}

static __u32 egress_of(const struct explanation *explanation)
{
	const struct lb_backend *backends = explanation->twin->store.backends;

	if (explanation->answer->verdict == XDP_TX)
		return explanation->ifindex;
	if (explanation->answer->notes.hop_asked)
		return explanation->answer->notes.hop_device;
	if (!explanation->backend_id)
		return 0;
	return explanation->is_reply ? kept_device(explanation)
				     : (__u32)(backends[explanation->backend_id].hop_device >> 16);
}

static void find_way(struct explanation *explanation)
{
	const unsigned char *mac = explanation->answer->frame;
	__u32 verdict = explanation->answer->verdict, device = egress_of(explanation);
	bool is_sent = verdict == XDP_TX || verdict == XDP_REDIRECT;

	if (device)
		if_indextoname(device, explanation->egress);
	if (is_sent)
		snprintf(explanation->mac, sizeof(explanation->mac),
			 "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
			 mac[5]);
	explanation->arrives =
		explanation->outcome == LB_FORWARDED || explanation->outcome == LB_REPLIED ||
		explanation->outcome == LB_UNREMEMBERED || explanation->outcome == LB_BY_KERNEL;
}

void explanation_make(struct explanation *explanation)
{
	read_counters(explanation);
	find_service(explanation);
	find_flow(explanation);
	explanation->flow = flow_word(explanation);
	explanation->forward = forward_of(explanation);
	explanation->verdict = verdict_name(explanation->answer->verdict);
	if (explanation->service_id)
		find_slot(explanation);
	find_way(explanation);
	explanation_tell(explanation);
}
