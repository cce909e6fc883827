// SPDX-License-Identifier: GPL-2.0-only
/*
 * Flows that are not remembered stay with their backends, however often owners of slots,
 * schedulers and ways of forwarding change: tables follow each other at random, and a model
 * of what packets do by them (bpf/select/stateless.h) has flows begin and speak in between.
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
	__u32 hash[2]; /* of address and port, of the address alone */
	bool is_open;
	bool is_tracked; /* remembered */
	__u16 tracked_backend, backend; /* as the memory has it, and where it began */
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

static bool in_transition(void)
{
	return table()->previous_pick && transition_until > now;
}

static __u32 slot(const struct flow *flow, __u32 pick)
{
	return flow->hash[pick == LB_PICK_SOURCE_HASH] / (0x80000000U / (LB_SLOTS / 2));
}

static void change(void)
{
	const struct lb_slots *present = table();
	struct lb_slots *next = &tables[!in_use];

	next->pick = scheduler_pick(service.scheduler);
	next->stateless = stateless_is_possible(&service, false);
	next->forward = service.forward;
	if (scheduler_is_hash(service.scheduler))
		maglev_build(next, shares, BACKENDS);
	else
		slot_order_build(next, shares, BACKENDS);
	stateless_fill_previous(next, present->length || present->stateless ? present : NULL,
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

/* Where a packet goes, and how; begins a flow or goes on with it. */
static __u16 forward_packet(struct flow *flow, bool begins, __u32 *forward)
{
	const struct lb_slots *slots = table();
	__u16 owner = scheduler_is_hash(service.scheduler)
			      ? slots->backend[slot(flow, slots->pick)]
			      : slots->backend[slots->length ? random_below(slots->length) : 0];
	__u16 previous = in_transition() ? slots->previous[slot(flow, slots->previous_pick)] : 0;

	*forward = slots->forward;
	if (slots->stateless &&
	    (!in_transition() || (slots->previous_pick == slots->pick && !previous)))
		return owner;
	if (flow->is_tracked && !begins) {
		*forward = flow->tracked_forward;
		if (slots->stateless &&
		    (flow->tracked_backend != owner || *forward != slots->forward))
			transition_until = now + IDLE;
		return flow->tracked_backend;
	}
	if (!begins && previous && previous != LB_NO_PREVIOUS_OWNER) {
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

/* All flows speak once within the idle time, some of them often. */
static unsigned int send_all(void)
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
		moved += send_all();
		if (now % 200 < 60 && random_below(4) == 0)
			change_something();
		moved += send_all();
		stateless += table()->stateless && !in_transition();
	}
	ok(begun > 10000 && stateless > STEPS / 10,
	   "%u flows begin while tables change, and %u times of %u nobody asks", begun, stateless,
	   STEPS);
	is_int(moved, 0, "none ever goes elsewhere");
}

static void test_is_stateless(void)
{
	struct lb_service_config maglev = {.protocol = IPPROTO_TCP,
					   .scheduler = LB_SCHEDULER_MAGLEV,
					   .forward = LB_FORWARD_DSR};
	struct lb_service_config other;

	ok(stateless_is_possible(&maglev, false), "TCP by maglev past us is steady");
	ok(!stateless_is_possible(&maglev, true), "not with limits");
	other = maglev, other.forward = LB_FORWARD_SNAT;
	ok(!stateless_is_possible(&other, false), "nor where replies need the memory");
	other = maglev, other.protocol = IPPROTO_UDP;
	ok(!stateless_is_possible(&other, false), "nor without a beginning that shows");
	other = maglev, other.scheduler = LB_SCHEDULER_WRR;
	ok(!stateless_is_possible(&other, false), "nor by turns");
	other = maglev, other.persist = LB_PERSIST_SOURCE;
	ok(!stateless_is_possible(&other, false), "nor where clients stay");
	other = maglev, other.load_factor_milli = 1250;
	ok(!stateless_is_possible(&other, false), "nor where loads are bounded");
	other = maglev, other.spill[0] = 's';
	ok(!stateless_is_possible(&other, false), "nor where flows may be spilled");
}

/* A backend that is gone has nothing any more, but its slots go on asking. */
static void test_removed(void)
{
	struct lb_slots *slots = table();

	memset(slots, 0, sizeof(*slots));
	slots->backend[0] = 1;
	slots->previous[0] = 9;
	slots->previous[1] = 9;
	slots->previous[2] = 2;
	stateless_prune_previous(slots, shares, BACKENDS);
	is_int(slots->previous[0], 1, "the owner has what one had who is gone");
	is_int(slots->previous[1], LB_NO_PREVIOUS_OWNER, "or nobody");
	is_int(slots->previous[2], 2, "who is there keeps it");
	is_int(slots->previous[3], 0, "and what has not changed has not");
}

int main(void)
{
	test_is_stateless();
	test_changes();
	test_removed();
	return tap_done();
}
