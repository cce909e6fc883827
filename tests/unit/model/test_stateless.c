// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stateless services: untracked flows keep their backends while slot owners, schedulers and
 * forwarding modes change. Random tables succeed each other; a model of the datapath
 * (bpf/select/stateless.h) begins flows and sends packets in between.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "core/tap.h"
#include "model/maglev.h"
#include "model/scheduler.h"
#include "model/stateless.h"
#include "random.h"

#define BACKENDS 8
#define FLOWS	 2000
#define IDLE	 10
#define STEPS	 2000

struct flow {
	__u32 hash[2]; /* of address and port; of the address */
	bool is_open;
	bool is_tracked;
	__u16 tracked_backend, backend; /* in the flow table; where the flow began */
	__u32 tracked_forward, forward;
};

static struct lb_slots tables[2];
static unsigned int in_use;
static unsigned int now, transition_until;
static struct flow flows[FLOWS];
static struct slot_share shares[BACKENDS];
static struct lb_service_config service = {.protocol = IPPROTO_TCP};

static struct lb_slots *table(void)
{
	return &tables[in_use];
}

static bool is_in_transition(void)
{
	return table()->previous_pick && transition_until > now;
}

static __u32 slot(const struct flow *flow, __u32 pick)
{
	return flow->hash[pick == LB_PICK_SOURCE_HASH] / (0x80000000U / (LB_SLOTS / 2));
}

static void change(void)
{
	const struct lb_slots *current = table();
	struct lb_slots *next = &tables[!in_use];

	next->pick = scheduler_pick(service.scheduler);
	next->stateless = stateless_is_possible(&service, false);
	next->forward = service.forward;
	if (scheduler_is_hash(service.scheduler))
		maglev_build(next, shares, BACKENDS);
	else
		slot_order_build(next, shares, BACKENDS);
	stateless_fill_previous(next, current->length || current->stateless ? current : NULL,
				transition_until > now);
	stateless_prune_previous(next, shares, BACKENDS);
	if (next->previous_pick)
		transition_until = now + IDLE;
	in_use = !in_use;
}

static void track(struct flow *flow, __u16 backend, __u32 forward)
{
	flow->is_tracked = true;
	flow->tracked_backend = backend;
	flow->tracked_forward = forward;
}

/* Forwards a packet, the first of a flow or a later one. Returns its backend. */
static __u16 forward_packet(struct flow *flow, bool is_first, __u32 *forward)
{
	const struct lb_slots *slots = table();
	__u16 owner = scheduler_is_hash(service.scheduler)
			      ? slots->backend[slot(flow, slots->pick)]
			      : slots->backend[slots->length ? random_below(slots->length) : 0];
	__u16 previous = is_in_transition() ? slots->previous[slot(flow, slots->previous_pick)] : 0;

	*forward = slots->forward;
	if (slots->stateless &&
	    (!is_in_transition() || (slots->previous_pick == slots->pick && !previous)))
		return owner;
	if (flow->is_tracked && !is_first) {
		*forward = flow->tracked_forward;
		if (slots->stateless &&
		    (flow->tracked_backend != owner || *forward != slots->forward))
			transition_until = now + IDLE;
		return flow->tracked_backend;
	}
	if (!is_first && previous && previous != LB_NO_PREVIOUS_OWNER) {
		owner = previous;
		*forward = slots->previous_forward;
	}
	track(flow, owner, *forward);
	return owner;
}

static void begin(struct flow *flow)
{
	*flow = (struct flow){.hash = {random_word(), random_word()}};
	flow->backend = forward_packet(flow, true, &flow->forward);
	flow->is_open = flow->backend;
}

static bool keeps_backend(struct flow *flow)
{
	__u32 forward;

	return forward_packet(flow, false, &forward) == flow->backend && forward == flow->forward;
}

static void change_something(void)
{
	static const enum lb_scheduler schedulers[] = {LB_SCHEDULER_MAGLEV, LB_SCHEDULER_SOURCE,
						       LB_SCHEDULER_WRR};

	switch (random_below(8)) {
	case 0:
		service.scheduler = schedulers[random_below(3)];
		break;
	case 1:
		service.forward = random_below(LB_FORWARD_COUNT - 1) + 1;
		break;
	default:
		shares[random_below(BACKENDS)].milli = 1000 * random_below(4);
	}
	change();
}

/* Every flow sends a packet within the idle time. Returns the number of moved flows. */
static unsigned int send_packets(void)
{
	unsigned int moved = 0;

	for (unsigned int i = 0; i < FLOWS; i++)
		if (flows[i].is_open && ((now + i) % (IDLE - 1) == 0 || random_below(3) == 0))
			moved += !keeps_backend(&flows[i]);
	return moved;
}

static void test_changes(void)
{
	unsigned int moved = 0, begun = 0, stateless = 0;

	for (unsigned int i = 0; i < BACKENDS; i++)
		shares[i] = (struct slot_share){i + 1, 1000, random_word()};
	service.scheduler = LB_SCHEDULER_MAGLEV;
	service.forward = LB_FORWARD_IPIP;
	change();
	for (now = 1; now < STEPS; now++) {
		for (unsigned int i = 0; i < FLOWS / 10; i++) {
			struct flow *flow = &flows[random_below(FLOWS)];

			begin(flow);
			begun += flow->is_open;
		}
		moved += send_packets();
		if (now % 200 < 60 && random_below(4) == 0)
			change_something();
		moved += send_packets();
		stateless += table()->stateless && !is_in_transition();
	}
	ok(begun > 10000 && stateless > STEPS / 10, "%u flows begin, %u of %u steps are stateless",
	   begun, stateless, STEPS);
	is_int(moved, 0, "no flow is moved");
}

static void test_conditions(void)
{
	struct lb_service_config maglev = {.protocol = IPPROTO_TCP,
					   .scheduler = LB_SCHEDULER_MAGLEV,
					   .forward = LB_FORWARD_DSR};
	struct lb_service_config other;

	ok(stateless_is_possible(&maglev, false), "TCP with maglev and dsr can be stateless");
	ok(!stateless_is_possible(&maglev, true), "flow limits need flow entries");
	other = maglev, other.forward = LB_FORWARD_SNAT;
	ok(!stateless_is_possible(&other, false), "snat needs flow entries");
	other = maglev, other.protocol = IPPROTO_UDP;
	ok(!stateless_is_possible(&other, false), "UDP needs flow entries");
	other = maglev, other.scheduler = LB_SCHEDULER_WRR;
	ok(!stateless_is_possible(&other, false), "wrr needs flow entries");
	other = maglev, other.persist = LB_PERSIST_SOURCE;
	ok(!stateless_is_possible(&other, false), "client persistence needs flow entries");
	other = maglev, other.load_factor_milli = 1250;
	ok(!stateless_is_possible(&other, false), "bounded loads need flow entries");
	other = maglev, other.spill[0] = 's';
	ok(!stateless_is_possible(&other, false), "spillover needs flow entries");
}

/* A deleted backend owns nothing; its slots stay in transition. */
static void test_deleted_backend(void)
{
	struct lb_slots *slots = table();

	memset(slots, 0, sizeof(*slots));
	slots->backend[0] = 1;
	slots->previous[0] = 9;
	slots->previous[1] = 9;
	slots->previous[2] = 2;
	stateless_prune_previous(slots, shares, BACKENDS);
	is_int(slots->previous[0], 1, "the owner replaces a deleted previous owner");
	is_int(slots->previous[1], LB_NO_PREVIOUS_OWNER, "a slot without an owner has none before");
	is_int(slots->previous[2], 2, "an existing previous owner stays");
	is_int(slots->previous[3], 0, "an unchanged slot has no previous owner");
}

int main(void)
{
	test_conditions();
	test_changes();
	test_deleted_backend();
	return tap_done();
}
