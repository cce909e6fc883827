// SPDX-License-Identifier: GPL-2.0-only
#include "diagnose/explain/explain_text.h"

#include <arpa/inet.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/explain/explain.h"
#include "model/service_settings.h"
#include "model/weight.h"
#include "store/flow_table.h"
#include "store/lookup.h"
#include "view/view.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

__attribute__((format(printf, 3, 4))) static void step(struct explain_text *text, const char *name,
						       const char *format, ...)
{
	struct explain_step *step = &text->steps[text->count++];
	va_list arguments;

	step->name = name;
	va_start(arguments, format);
	vsnprintf(step->text, sizeof(step->text), format, arguments);
	va_end(arguments);
}

static void format_backend(const struct explanation *explanation, __u32 id,
			   char text[ENDPOINT_TEXT_BYTES])
{
	const struct lb_backend_config *backend = &explanation->store->config.backend[id];

	endpoint_format(backend->address, backend->port, text, ENDPOINT_TEXT_BYTES);
}

static void describe_packet(struct explain_text *text, const struct explanation *explanation)
{
	const struct packet_spec *packet_spec = explanation->packet_spec;
	char source[ENDPOINT_TEXT_BYTES], destination[ENDPOINT_TEXT_BYTES];
	const char *flag = packet_spec->is_syn ? ", SYN" : ", ACK";

	endpoint_format(packet_spec->source.address, packet_spec->source.port, source,
			sizeof(source));
	endpoint_format(packet_spec->destination.address, packet_spec->destination.port,
			destination, sizeof(destination));
	step(text, "packet", "%s to %s/%s%s, received on %s", source, destination,
	     protocol_name(packet_spec->destination.protocol),
	     packet_spec->destination.protocol == IPPROTO_TCP ? flag : "", explanation->interface);
}

/* The service on the destination address that matches best; 0 = no service has the address. */
static __u32 find_similar_service(const struct explanation *explanation)
{
	const struct store *store = explanation->store;
	const struct endpoint *target = &explanation->packet_spec->destination;
	__u32 best = 0;

	for (__u32 id = 1; id < store->control->max_services; id++) {
		const struct lb_service_config *service = &store->config.service[id];

		if (!service->name[0] || memcmp(service->address, target->address, 16))
			continue;
		if (service->port == target->port)
			return id;
		if (!best || service->protocol == target->protocol)
			best = id;
	}
	return best;
}

static void describe_no_service(struct explain_text *text, const struct explanation *explanation)
{
	const struct lb_service_config *similar =
		&explanation->store->config.service[find_similar_service(explanation)];
	const struct endpoint *target = &explanation->packet_spec->destination;
	char address[ADDRESS_TEXT_BYTES];

	address_format(target->address, address, sizeof(address));
	if (explanation->outcome == LB_REPLY_UNKNOWN)
		step(text, "service",
		     "none: the source is a backend, but the flow table has no flow with the "
		     "destination");
	else if (similar->name[0])
		step(text, "service", "none: %s is the VIP of '%s', on %u/%s", address,
		     similar->name, ntohs(similar->port), protocol_name(similar->protocol));
	else
		step(text, "service", "none: %s is no VIP, and the source is no backend", address);
}

static void describe_service(struct explain_text *text, const struct explanation *explanation)
{
	const struct lb_service_config *service = explanation->service;
	char vip[ENDPOINT_TEXT_BYTES];

	if (!service) {
		describe_no_service(text, explanation);
		return;
	}
	endpoint_format(service->address, service->port, vip, sizeof(vip));
	step(text, "service", "%s%s, %s/%s", explanation->is_reply ? "reply from " : "",
	     service->name, vip, protocol_name(service->protocol));
}

static void describe_flow(struct explain_text *text, const struct explanation *explanation)
{
	const char *state = flow_state_name(lb_flow_state(explanation->flow_entry.data));
	double age = explanation->age_ms / 1e3, idle = explanation->idle_ms / 1e3;

	if (!strcmp(explanation->flow, "known"))
		step(text, "flow", "known: %s, age %.1f s, idle %.1f s", state, age, idle);
	else if (!explanation->service)
		return;
	else if (explanation->service->persist == LB_PERSIST_NONE)
		step(text, "flow", "none: the service balances each packet separately");
	else if (explanation->is_reply)
		step(text, "flow", "none: expired or untracked");
	else if (explanation->is_tracked)
		step(text, "flow", "new%s: the old one (%s) does not continue",
		     explanation->is_new ? "" : ", untracked", state);
	else if (explanation->is_new)
		step(text, "flow", "new%s",
		     explanation->is_stateless ? "" : ": it would be tracked");
	else if (explanation->is_stateless)
		step(text, "flow", "untracked: the slot still has its owner");
	else
		step(text, "flow", "none%s",
		     explanation->outcome == LB_UNTRACKED ? ": the flow table has no free entry"
							  : "");
}

/* Why a hash selected the slot instead of the scheduler. */
static const char *hash_reason(const struct explanation *explanation)
{
	const struct packet_spec *packet_spec = explanation->packet_spec;

	switch (explanation->slot_service->scheduler) {
	case LB_SCHEDULER_SOURCE:
		return "by the hash of the client's address";
	case LB_SCHEDULER_MAGLEV:
		return "by the hash of the client's address and port";
	default:
		break;
	}
	if (!packet_spec->is_syn && packet_spec->destination.protocol == IPPROTO_TCP)
		return "by hash, because the packet does not begin a flow";
	return explanation->slot_service->persist == LB_PERSIST_SOURCE
		       ? "by hash, because the client table has no free entry"
		       : "by hash, because the flow table is under pressure on this CPU";
}

static const char *slot_reason(const struct explanation *explanation)
{
	if (explanation->result->notes.by_hash)
		return hash_reason(explanation);
	switch (explanation->slot_service->scheduler) {
	case LB_SCHEDULER_RR:
	case LB_SCHEDULER_WRR:
		return "the next in order";
	case LB_SCHEDULER_RANDOM:
		return "at random; the next may differ";
	case LB_SCHEDULER_LRT:
		return "of two random slots, the faster backend; the next may differ";
	default:
		return "of random slots, the fewest flows per weight; the next may differ";
	}
}

/* Why no slot was looked up. */
static const char *no_slot_reason(const struct explanation *explanation)
{
	if (!strcmp(explanation->flow, "known"))
		return "not used: the flow keeps its backend";
	if (!explanation->slots)
		return "none: the service has no backend that accepts new flows";
	if (explanation->slot_service->persist == LB_PERSIST_SOURCE && explanation->backend)
		return "not used: the client keeps its backend";
	if (explanation->slot_service->scheduler == LB_SCHEDULER_LC)
		return "not used: of all backends, the fewest flows per weight";
	return "not used";
}

/* No backend of the service itself could accept the flow. */
static void describe_spillover(struct explain_text *text, const struct explanation *explanation)
{
	if (explanation->slot_service != explanation->service)
		step(text, "spill", "to a backend of '%s'", explanation->slot_service->name);
}

static void describe_slot(struct explain_text *text, const struct explanation *explanation)
{
	__u32 slot_owner = explain_slot_backend(explanation, explanation->slot);
	char backend[ENDPOINT_TEXT_BYTES];

	if (!explanation->service || explanation->is_reply)
		return;
	if (!explanation->has_slot) {
		step(text, "slot", "%s", no_slot_reason(explanation));
		return;
	}
	format_backend(explanation, slot_owner, backend);
	step(text, "slot", "%u of %u, %s: %s%s%s%s", explanation->slot, explanation->slots,
	     scheduler_name(explanation->slot_service->scheduler), slot_reason(explanation),
	     slot_owner == explanation->owner_id ? "" : "; its owner ",
	     slot_owner == explanation->owner_id ? "" : backend,
	     slot_owner == explanation->owner_id ? "" : " is full");
}

/* The backends that the scheduler compared, with their load. */
static void describe_candidates(struct explain_text *text, const struct explanation *explanation)
{
	const struct store *store = explanation->store;
	__u32 count = explain_slot_count(explanation);
	char list[200] = "";
	int length = 0;

	if (!explanation->has_slot || count < 2 || explanation->result->notes.by_hash ||
	    explanation->slot_service != explanation->service ||
	    explanation->service->scheduler < LB_SCHEDULER_P2C)
		return;
	for (__u32 i = 0; i < count && length < (int)sizeof(list); i++) {
		__u32 slot = explain_slot(explanation, i);
		__u32 id = explain_slot_backend(explanation, slot);
		char backend[ENDPOINT_TEXT_BYTES];

		format_backend(explanation, id, backend);
		length += snprintf(list + length, sizeof(list) - length, "%s%s (%u flows)",
				   i ? ", " : "", backend, store->tables.loads[id].flows);
	}
	step(text, "candidates", "%s", list);
}

/* Why the service has no backend for the flow. */
static void describe_no_backend(struct explain_text *text, const struct explanation *explanation)
{
	const struct store *store = explanation->store;
	__u32 all = 0, unready = 0, down = 0, weightless = 0;

	for (__u32 id = 1; id < store->control->max_backends; id++) {
		const struct lb_backend_config *backend = &store->config.backend[id];

		if (!store_service_owns(store, explanation->service_id, id))
			continue;
		all++;
		unready += backend->state != LB_STATE_READY;
		down += backend->health == LB_HEALTH_DOWN;
		weightless += !weight_base_milli(backend);
	}
	if (explanation->outcome == LB_NO_BACKEND)
		step(text, "backend", "none of %u: %u in drain or maint, %u down, %u with weight 0",
		     all, unready, down, weightless);
	else if (explanation->outcome == LB_OVERLOADED)
		step(text, "backend", "none of %u: all that accept flows are full", all);
}

static void describe_backend(struct explain_text *text, const struct explanation *explanation)
{
	const struct lb_backend_config *backend = explanation->backend;
	char endpoint[ENDPOINT_TEXT_BYTES], override[48] = "";
	double effective, share = 0;

	if (explanation->service && !backend)
		describe_no_backend(text, explanation);
	if (!backend)
		return;
	effective = weight_effective_milli(backend, explanation->slot_service->scheduler) / 1e3;
	if (explanation->slots)
		share = 100.0 * explanation->backend_slots / explanation->slots;
	if (backend->override_milli != LB_NO_OVERRIDE)
		snprintf(override, sizeof(override), ", override %g",
			 backend->override_milli / 1e3);
	format_backend(explanation, explanation->backend_id, endpoint);
	step(text, "backend", "%s, %s, health %s, weight %u%s, effective %g: %.1f%% of new flows",
	     endpoint, state_name(backend->state), health_name(backend->health), backend->weight,
	     override, effective, share);
}

static const char *forward_sentence(const struct explanation *explanation)
{
	static const char *const sentences[LB_FORWARD_COUNT] = {
		[LB_FORWARD_NAT] = "destination rewritten to the backend",
		[LB_FORWARD_SNAT] =
			"destination rewritten to the backend, source to a SNAT address",
		[LB_FORWARD_DSR] = "unchanged, to the backend's MAC address",
		[LB_FORWARD_IPIP] = "encapsulated in IP to the backend",
		[LB_FORWARD_GUE] = "encapsulated in UDP (GUE) to the backend",
	};

	if (explanation->is_reply)
		return explanation->forward == LB_FORWARD_SNAT
			       ? "source rewritten to the VIP, destination to the client"
			       : "source rewritten to the VIP";
	return explanation->forward < LB_FORWARD_COUNT ? sentences[explanation->forward] : "?";
}

/* A result of bpf_fib_lookup() (BPF_FIB_LKUP_RET_*) in words. */
static const char *fib_sentence(__s32 result)
{
	static const char *const sentences[] = {
		[BPF_FIB_LKUP_RET_BLACKHOLE] = "the route is a blackhole",
		[BPF_FIB_LKUP_RET_UNREACHABLE] = "the route is unreachable",
		[BPF_FIB_LKUP_RET_PROHIBIT] = "the route is prohibited",
		[BPF_FIB_LKUP_RET_NOT_FWDED] = "no route forwards to the destination",
		[BPF_FIB_LKUP_RET_FWD_DISABLED] = "forwarding is off on the ingress interface",
		[BPF_FIB_LKUP_RET_UNSUPP_LWT] = "the route uses a lightweight tunnel",
		[BPF_FIB_LKUP_RET_NO_NEIGH] = "the neighbour is not resolved",
		[BPF_FIB_LKUP_RET_FRAG_NEEDED] = "the packet exceeds the MTU of the route",
	};

	return result >= 0 && result < (__s32)ARRAY_SIZE(sentences) && sentences[result]
		       ? sentences[result]
		       : "the route lookup failed";
}

static void describe_nexthop(struct explain_text *text, const struct explanation *explanation)
{
	const struct lb_explain_notes *notes = &explanation->result->notes;

	if (!explanation->backend)
		return;
	step(text, "forward", "%s: %s", forward_name(explanation->forward),
	     forward_sentence(explanation));
	if (notes->fib_called && notes->fib_result)
		step(text, "next hop", "none: %s", fib_sentence(notes->fib_result));
	else if (explanation->mac[0])
		step(text, "next hop", "%s on %s, %s", explanation->mac, explanation->egress,
		     notes->fib_called ? "from a route lookup" : "cached");
	else if (explanation->egress[0])
		step(text, "next hop", "on %s, which the instance is not attached to",
		     explanation->egress);
}

void explain_text_make(struct explain_text *text, const struct explanation *explanation)
{
	text->count = 0;
	describe_packet(text, explanation);
	describe_service(text, explanation);
	describe_flow(text, explanation);
	describe_spillover(text, explanation);
	describe_slot(text, explanation);
	describe_candidates(text, explanation);
	describe_backend(text, explanation);
	describe_nexthop(text, explanation);
	step(text, "outcome", "%s: %s", outcome_name(explanation->outcome),
	     outcome_describe(explanation->outcome));
	step(text, "verdict", "%s", explanation->verdict);
}
