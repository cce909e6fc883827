// SPDX-License-Identifier: GPL-2.0-only
/* An explanation in words: one step after the other, as the packet went. */
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

__attribute__((format(printf, 3, 4))) static void step(struct explanation *explanation,
						       const char *name, const char *format, ...)
{
	struct explain_step *step = &explanation->steps[explanation->step_count++];
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

static void describe_packet(struct explanation *explanation)
{
	const struct packet_spec *packet_spec = explanation->packet_spec;
	char source[ENDPOINT_TEXT_BYTES], destination[ENDPOINT_TEXT_BYTES];
	const char *flag = packet_spec->is_syn ? ", SYN" : ", ACK";

	endpoint_format(packet_spec->source.address, packet_spec->source.port, source,
			sizeof(source));
	endpoint_format(packet_spec->destination.address, packet_spec->destination.port,
			destination, sizeof(destination));
	step(explanation, "packet", "%s to %s/%s%s, in by %s", source, destination,
	     protocol_name(packet_spec->destination.protocol),
	     packet_spec->destination.protocol == IPPROTO_TCP ? flag : "", explanation->interface);
}

/* The service that comes nearest to what was asked for; 0 = none has its address. */
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

static void describe_no_service(struct explanation *explanation)
{
	const struct lb_service_config *similar =
		&explanation->store->config.service[find_similar_service(explanation)];
	const struct endpoint *target = &explanation->packet_spec->destination;
	char address[ADDRESS_TEXT_BYTES];

	address_format(target->address, address, sizeof(address));
	if (explanation->outcome == LB_REPLY_UNKNOWN)
		step(explanation, "service",
		     "none: the sender is a backend, but no flow of the receiver with it is "
		     "remembered");
	else if (similar->name[0])
		step(explanation, "service", "none: %s is the address of '%s', which is on %u/%s",
		     address, similar->name, ntohs(similar->port),
		     protocol_name(similar->protocol));
	else
		step(explanation, "service",
		     "none has the address %s, and no backend of ours is the sender", address);
}

static void describe_service(struct explanation *explanation)
{
	const struct lb_service_config *service = explanation->service;
	char vip[ENDPOINT_TEXT_BYTES];

	if (!service) {
		describe_no_service(explanation);
		return;
	}
	endpoint_format(service->address, service->port, vip, sizeof(vip));
	step(explanation, "service", "%s%s, %s/%s", explanation->is_reply ? "a reply of " : "",
	     service->name, vip, protocol_name(service->protocol));
}

static void describe_flow(struct explanation *explanation)
{
	const char *state = flow_state_name(lb_flow_state(explanation->flow_entry.data));
	double age = explanation->age_ms / 1e3, idle = explanation->idle_ms / 1e3;

	if (!strcmp(explanation->flow, "known"))
		step(explanation, "flow", "known for %.1f s, %s, silent for %.1f s", age, state,
		     idle);
	else if (!explanation->service)
		return;
	else if (explanation->service->persist == LB_PERSIST_NONE)
		step(explanation, "flow", "none: the service balances each packet by itself");
	else if (explanation->is_reply)
		step(explanation, "flow", "over, or chosen by hash and not remembered");
	else if (explanation->is_tracked)
		step(explanation, "flow", "an old one (%s) does not go on: chosen anew%s", state,
		     explanation->is_new ? ", and remembered" : "");
	else if (explanation->is_new)
		step(explanation, "flow", "not met yet%s",
		     explanation->is_stateless ? "" : ": it would be remembered");
	else if (explanation->is_stateless)
		step(explanation, "flow", "not remembered: its slot has kept its owner");
	else
		step(explanation, "flow", "not met yet%s",
		     explanation->outcome == LB_UNTRACKED ? ", and there is no room to remember it"
							  : "");
}

/* Why a hash and not the scheduler has the say. */
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
		return "by hash, as the packet begins no flow";
	return explanation->slot_service->persist == LB_PERSIST_SOURCE
		       ? "by hash, as there is no room to remember the client"
		       : "by hash, as the flow memory is crowded here";
}

static const char *slot_reason(const struct explanation *explanation)
{
	if (explanation->result->notes.by_hash)
		return hash_reason(explanation);
	switch (explanation->slot_service->scheduler) {
	case LB_SCHEDULER_RR:
	case LB_SCHEDULER_WRR:
		return "the next in turn";
	case LB_SCHEDULER_RANDOM:
		return "one draw; the next may differ";
	case LB_SCHEDULER_LRT:
		return "of two draws, the faster for its flows; the next may differ";
	default:
		return "of some draws, the fewest flows for its weight; the next may differ";
	}
}

/* Why no slot was looked at. */
static const char *no_slot_reason(const struct explanation *explanation)
{
	if (!strcmp(explanation->flow, "known"))
		return "not asked for: the flow stays where it is";
	if (!explanation->slots)
		return "none: the service has nobody to give the flow to";
	if (explanation->slot_service->persist == LB_PERSIST_SOURCE && explanation->backend)
		return "not asked for: the client stays where it was";
	if (explanation->slot_service->scheduler == LB_SCHEDULER_LC)
		return "not asked for: of all backends, the fewest flows for its weight";
	return "not asked for";
}

/* The service's own backends could not have the flow when it began. */
static void describe_spillover(struct explanation *explanation)
{
	if (explanation->slot_service != explanation->service)
		step(explanation, "spill", "to '%s', one of whose backends has the flow",
		     explanation->slot_service->name);
}

static void describe_slot(struct explanation *explanation)
{
	__u32 slot_owner = explain_slot_backend(explanation, explanation->slot);
	char backend[ENDPOINT_TEXT_BYTES];

	if (!explanation->service || explanation->is_reply)
		return;
	if (!explanation->has_slot) {
		step(explanation, "slot", "%s", no_slot_reason(explanation));
		return;
	}
	format_backend(explanation, slot_owner, backend);
	step(explanation, "slot", "%u of %u, %s: %s%s%s%s", explanation->slot, explanation->slots,
	     scheduler_name(explanation->slot_service->scheduler), slot_reason(explanation),
	     slot_owner == explanation->owner_id ? "" : "; it is ",
	     slot_owner == explanation->owner_id ? "" : backend,
	     slot_owner == explanation->owner_id ? "" : "'s, who has no room");
}

/* Who was drawn besides, and what each has to do. */
static void describe_candidates(struct explanation *explanation)
{
	const struct store *store = explanation->store;
	__u32 count = explain_slot_count(explanation);
	char text[200] = "";
	int length = 0;

	if (!explanation->has_slot || count < 2 || explanation->result->notes.by_hash ||
	    explanation->slot_service != explanation->service ||
	    explanation->service->scheduler < LB_SCHEDULER_P2C)
		return;
	for (__u32 i = 0; i < count && length < (int)sizeof(text); i++) {
		__u32 slot = explain_slot(explanation, i);
		__u32 id = explain_slot_backend(explanation, slot);
		char backend[ENDPOINT_TEXT_BYTES];

		format_backend(explanation, id, backend);
		length += snprintf(text + length, sizeof(text) - length, "%s%s (%u flows)",
				   i ? ", " : "", backend, store->tables.loads[id].flows);
	}
	step(explanation, "drawn", "%s", text);
}

/* Why a service has nobody to offer. */
static void describe_no_backend(struct explanation *explanation)
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
		step(explanation, "backend",
		     "none: of %u, %u in drain or maint, %u down, %u with a weight of 0", all,
		     unready, down, weightless);
	else if (explanation->outcome == LB_OVERLOADED)
		step(explanation, "backend", "none: of %u, all that may have flows are full", all);
}

static void describe_backend(struct explanation *explanation)
{
	const struct lb_backend_config *backend = explanation->backend;
	char endpoint[ENDPOINT_TEXT_BYTES], override[48] = "";
	double effective, share = 0;

	if (explanation->service && !backend)
		describe_no_backend(explanation);
	if (!backend)
		return;
	effective = weight_effective_milli(backend, explanation->slot_service->scheduler) / 1e3;
	if (explanation->slots)
		share = 100.0 * explanation->backend_slots / explanation->slots;
	if (backend->override_milli != LB_NO_OVERRIDE)
		snprintf(override, sizeof(override), ", overridden by %g",
			 backend->override_milli / 1e3);
	format_backend(explanation, explanation->backend_id, endpoint);
	step(explanation, "backend",
	     "%s, %s, health %s, weight %u%s, effective %g: %.1f%% of new flows", endpoint,
	     state_name(backend->state), health_name(backend->health), backend->weight, override,
	     effective, share);
}

static const char *forward_sentence(const struct explanation *explanation)
{
	static const char *const sentences[LB_FORWARD_COUNT] = {
		[LB_FORWARD_NAT] = "the backend's address in place of the service's",
		[LB_FORWARD_SNAT] =
			"the backend's address for the service's, ours for the client's",
		[LB_FORWARD_DSR] = "unchanged, to the backend's hardware address",
		[LB_FORWARD_IPIP] = "in an IP packet to the backend",
		[LB_FORWARD_GUE] = "in a UDP packet to the backend",
	};

	if (explanation->is_reply)
		return "the service's address in place of the backend's";
	return explanation->forward < LB_FORWARD_COUNT ? sentences[explanation->forward] : "?";
}

/* The kernel's answer about a next hop (BPF_FIB_LKUP_RET_*), in words. */
static const char *fib_sentence(__s32 result)
{
	static const char *const sentences[] = {
		[BPF_FIB_LKUP_RET_BLACKHOLE] = "the route is a blackhole",
		[BPF_FIB_LKUP_RET_UNREACHABLE] = "the route says unreachable",
		[BPF_FIB_LKUP_RET_PROHIBIT] = "the route prohibits it",
		[BPF_FIB_LKUP_RET_NOT_FWDED] = "the kernel has no route that forwards there",
		[BPF_FIB_LKUP_RET_FWD_DISABLED] = "forwarding is off on the interface it came by",
		[BPF_FIB_LKUP_RET_UNSUPP_LWT] = "the route leads into a tunnel of the kernel's",
		[BPF_FIB_LKUP_RET_NO_NEIGH] = "the neighbour's hardware address is not known yet",
		[BPF_FIB_LKUP_RET_FRAG_NEEDED] = "the packet is larger than the route allows",
	};

	return result >= 0 && result < (__s32)ARRAY_SIZE(sentences) && sentences[result]
		       ? sentences[result]
		       : "the kernel does not say";
}

static void describe_nexthop(struct explanation *explanation)
{
	const struct lb_explain_notes *notes = &explanation->result->notes;

	if (!explanation->backend)
		return;
	step(explanation, "forward", "%s: %s", forward_name(explanation->forward),
	     forward_sentence(explanation));
	if (notes->fib_called && notes->fib_result)
		step(explanation, "next hop", "none: %s", fib_sentence(notes->fib_result));
	else if (explanation->mac[0])
		step(explanation, "next hop", "%s by %s%s", explanation->mac, explanation->egress,
		     notes->fib_called ? ", as the kernel says" : "");
	else if (explanation->egress[0])
		step(explanation, "next hop", "by %s, which is not attached", explanation->egress);
}

void explain_text(struct explanation *explanation)
{
	describe_packet(explanation);
	describe_service(explanation);
	describe_flow(explanation);
	describe_spillover(explanation);
	describe_slot(explanation);
	describe_candidates(explanation);
	describe_backend(explanation);
	describe_nexthop(explanation);
	step(explanation, "outcome", "%s: %s", outcome_name(explanation->outcome),
	     outcome_describe(explanation->outcome));
	step(explanation, "verdict", "%s", explanation->verdict);
}
