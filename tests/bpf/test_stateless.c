// SPDX-License-Identifier: GPL-2.0-only
/*
 * Services by maglev and source whose backends answer past us remember nothing, as long as
 * slots keep their owners; where they do not, connections stay with whom they began.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <string.h>

#include "packets/tunnel_builder.h"
#include "rig/expect.h"
#include "rig/flow_table_dump.h"
#include "rig/pins.h"
#include "rig/test_env.h"

#define FLOWS	 400
#define BACKENDS 4
#define APART	 32771 /* clients whose addresses and ports both differ */

static struct stage stage;
static struct lb_service *services;
static __u32 client = 1;

/* A service of these tests, and its connections. */
struct cast {
	const char *name;
	unsigned int number;
	bool v6;
	__u16 id;
	struct talk talk[FLOWS];
};

static struct endpoint backend_at(bool v6, unsigned int i)
{
	struct endpoint backend = stage_endpoint(v6, 2, RIG_BACKEND_FIRST + i);

	backend.port = 80;
	return backend;
}

static void open_service(struct cast *cast, const char *flags)
{
	cast->id = stage_service(&stage, cast->name, cast->number, cast->v6, IPPROTO_TCP, flags);
	for (unsigned int i = 0; i < BACKENDS; i++) {
		struct endpoint backend = backend_at(cast->v6, i);

		balancer_do(&stage.balancer, "backend add %s %s", cast->name,
			    endpoint_text(&backend));
	}
}

/* The outer addresses of tunnels, else those of the packet; the backend's number, or -1. */
static int where(const struct talk *talk, __u8 flags)
{
	bool v6 = endpoint_is_v6(&talk->client);
	struct frame frame = talk_request(talk, flags);
	struct endpoint source, destination;
	struct verdict verdict;
	struct packet packet;
	struct outer outer;

	packet_build(&frame, &packet);
	balancer_receive(&stage.balancer, stage.rig.front, &packet, &verdict);
	if (verdict.gained.count[LB_FORWARDED] != 1)
		return -1;
	if (wrapped_read(&verdict.packet, ETH_HLEN, &outer))
		destination = outer.destination;
	else if (!packet_read(&verdict.packet, &source, &destination))
		return -1;
	for (unsigned int i = 0; i < BACKENDS; i++) {
		struct endpoint backend = backend_at(v6, i);

		if (!memcmp(&backend.address, &destination.address, sizeof(backend.address)))
			return i;
	}
	return -1;
}

static bool is_tunnelled(const struct talk *talk)
{
	struct frame frame = talk_request(talk, TCP_ACK);
	struct verdict verdict;
	struct packet packet;
	struct outer outer;

	packet_build(&frame, &packet);
	balancer_receive(&stage.balancer, stage.rig.front, &packet, &verdict);
	return wrapped_read(&verdict.packet, ETH_HLEN, &outer);
}

static void begin(struct cast *cast, int at[FLOWS])
{
	for (unsigned int i = 0; i < FLOWS; i++) {
		cast->talk[i] = stage_talk(&stage, cast->number, cast->v6, IPPROTO_TCP, client);
		client += APART;
		at[i] = where(&cast->talk[i], TCP_SYN);
	}
}

static unsigned int moved(const struct cast *cast, const int at[FLOWS])
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < FLOWS; i++)
		count += at[i] < 0 || where(&cast->talk[i], TCP_ACK) != at[i];
	return count;
}

static unsigned int share(const int at[FLOWS], int backend)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < FLOWS; i++)
		count += at[i] == backend;
	return count;
}

static unsigned int remembered(void)
{
	return memory_count(&stage.balancer).total;
}

/* Lets the time pass in which slots ask, by telling the service that it has. */
static void settle(const struct cast *cast)
{
	services[cast->id].transition_until[0] = services[cast->id].transition_until[1] = 0;
}

static void unchanged(struct cast *cast)
{
	int at[FLOWS];
	unsigned int before = remembered();
	__u64 counted;

	begin(cast, at);
	ok(!share(at, -1) && share(at, 0) > FLOWS / 8 && share(at, 3) > FLOWS / 8,
	   "%s: flows are spread", cast->name);
	counted = balancer_outcomes(&stage.balancer).count[LB_FORWARDED];
	is_int(moved(cast, at), 0, "each goes to the same backend again");
	is_int(remembered() - before, 0, "and none is remembered");
	is_int(balancer_outcomes(&stage.balancer).count[LB_FORWARDED] - counted, FLOWS,
	       "all are counted");
}

/* A drained backend: its connections stay, new ones go elsewhere. */
static void drained(struct cast *cast)
{
	static int at[FLOWS], fresh[FLOWS], again[FLOWS];
	static struct cast old;
	struct endpoint first = backend_at(cast->v6, 0);
	unsigned int before;

	begin(cast, at);
	old = *cast;
	before = remembered();
	balancer_do(&stage.balancer, "backend drain %s %s", cast->name, endpoint_text(&first));
	begin(cast, fresh);
	is_int(share(fresh, 0), 0, "%s: drained, a backend gets no new connection", cast->name);
	is_int(share(fresh, -1), 0, "others get them");
	is_int(moved(cast, fresh), 0, "and keep them");
	is_int(moved(&old, at), 0, "the drained one keeps its own");
	is_int(moved(&old, at), 0, "as long as they speak");
	ok(remembered() > before && remembered() - before < 2 * FLOWS,
	   "remembered are those of changed slots only (%u of %u)", remembered() - before,
	   2 * FLOWS);
	balancer_do(&stage.balancer, "backend weight %s %s 3", cast->name,
		    (first = backend_at(cast->v6, 1), endpoint_text(&first)));
	begin(cast, again);
	is_int(moved(cast, again), 0, "a second change: the newest stay");
	is_int(moved(&old, at), 0, "and the oldest");
	for (unsigned int i = 0; i < FLOWS; i++)
		cast->talk[i] = old.talk[i];
	first = backend_at(cast->v6, 0);
	balancer_do(&stage.balancer, "backend ready %s %s", cast->name, endpoint_text(&first));
	is_int(moved(&old, at), 0, "ready again: they stay");
	settle(cast);
	before = remembered();
	begin(cast, fresh);
	is_int(moved(cast, fresh), 0, "after a while they are with the owners");
	is_int(remembered(), before, "and the memory is not asked any more");
	balancer_do(&stage.balancer, "backend weight %s %s 1", cast->name,
		    (first = backend_at(cast->v6, 1), endpoint_text(&first)));
	settle(cast);
}

/* The while is prolonged by connections that are not their slots' owners', and only by these. */
static void prolonged(struct cast *cast)
{
	static int at[FLOWS], fresh[FLOWS];
	static struct cast old;
	struct endpoint first = backend_at(cast->v6, 0);
	__u32 *until, soon;

	begin(cast, at);
	old = *cast;
	balancer_do(&stage.balancer, "backend drain %s %s", cast->name, endpoint_text(&first));
	until = &services[cast->id].transition_until[services[cast->id].slots & 1];
	soon = *until - 1000;
	moved(&old, at);
	begin(cast, fresh);
	*until = soon;
	moved(cast, fresh);
	is_int(*until, soon, "%s: connections with owners prolong nothing", cast->name);
	for (unsigned int i = 0; i < FLOWS; i++)
		where(&old.talk[i], TCP_FIN | TCP_ACK);
	ok((__s32)(*until - soon) > 900, "those with others do");
	balancer_do(&stage.balancer, "backend ready %s %s", cast->name, endpoint_text(&first));
	settle(cast);
}

/* Other schedulers and ways of forwarding, and back. */
static void leaves_and_returns(struct cast *cast, const char *scheduler)
{
	static int at[4][FLOWS];
	static struct cast casts[4];
	unsigned int tunnels = 0;

	begin(cast, at[0]), casts[0] = *cast;
	balancer_do(&stage.balancer, "service set %s --scheduler wrr", cast->name);
	is_int(moved(&casts[0], at[0]), 0, "%s: by turns now, and all stay", cast->name);
	begin(cast, at[1]), casts[1] = *cast;
	balancer_do(&stage.balancer, "service set %s --scheduler %s", cast->name, scheduler);
	begin(cast, at[2]), casts[2] = *cast;
	is_int(moved(&casts[0], at[0]) + moved(&casts[1], at[1]) + moved(&casts[2], at[2]), 0,
	       "and back, and all stay");
	balancer_do(&stage.balancer, "service set %s --forward nat", cast->name);
	begin(cast, at[3]), casts[3] = *cast;
	is_int(moved(&casts[2], at[2]) + moved(&casts[3], at[3]), 0, "translated now: all stay");
	for (unsigned int i = 0; i < FLOWS; i++)
		tunnels += is_tunnelled(&casts[2].talk[i]) + 2 * is_tunnelled(&casts[3].talk[i]);
	is_int(tunnels, FLOWS, "and end as they began");
	balancer_do(&stage.balancer, "service set %s --forward ipip", cast->name);
	is_int(moved(&casts[0], at[0]) + moved(&casts[3], at[3]), 0, "and back again");
	settle(cast);
}

/* In maintenance it has nothing; dead, its connections are told so. */
static void taken_away(struct cast *cast)
{
	static int at[FLOWS];
	struct endpoint first = backend_at(cast->v6, 0);
	unsigned int with_first = 0, with_other = 0, resets = 0;
	struct lb_outcomes before;

	begin(cast, at);
	balancer_do(&stage.balancer, "backend maint %s %s", cast->name, endpoint_text(&first));
	for (unsigned int i = 0; i < FLOWS; i++) {
		int now = where(&cast->talk[i], TCP_ACK);

		with_first += now == 0;
		with_other += now > 0;
	}
	is_int(with_first, 0, "%s: in maintenance, it has no connection", cast->name);
	is_int(with_other, FLOWS, "others have them");
	balancer_do(&stage.balancer, "backend ready %s %s", cast->name, endpoint_text(&first));
	settle(cast);
	begin(cast, at);
	balancer_do(&stage.balancer, "backend maint %s %s --reset", cast->name,
		    endpoint_text(&first));
	before = balancer_outcomes(&stage.balancer);
	resets = moved(cast, at);
	is_int(resets, share(at, 0), "or they are reset, if that is asked for");
	is_int(balancer_outcomes(&stage.balancer).count[LB_RESET] - before.count[LB_RESET], resets,
	       "all of them");
	balancer_do(&stage.balancer, "backend ready %s %s", cast->name, endpoint_text(&first));
	settle(cast);
}

/* Whose flows have to be counted or told apart otherwise are remembered. */
static void not_steady(void)
{
	struct cast cast = {.name = "limited", .number = 40};
	unsigned int before = remembered();
	int at[FLOWS];

	open_service(&cast, "--scheduler maglev --forward ipip --load-factor 1.5");
	begin(&cast, at);
	is_int(remembered() - before, FLOWS, "with a load factor, flows are remembered");
	cast = (struct cast){.name = "translated", .number = 41};
	before = remembered();
	open_service(&cast, "--scheduler maglev");
	begin(&cast, at);
	is_int(remembered() - before, FLOWS, "and where they are translated");
}

int main(void)
{
	static struct cast casts[] = {{.name = "m4", .number = 30},
				      {.name = "m6", .number = 31, .v6 = true},
				      {.name = "s4", .number = 32}};

	stage_open(&stage, "--max-flows 262144");
	services = pins_writable(stage.balancer.instance, "services");
	for (unsigned int i = 0; i < sizeof(casts) / sizeof(casts[0]); i++) {
		const char *scheduler = casts[i].name[0] == 'm' ? "maglev" : "source";
		char flags[64];

		snprintf(flags, sizeof(flags), "--scheduler %s --forward ipip", scheduler);
		open_service(&casts[i], flags);
		unchanged(&casts[i]);
		drained(&casts[i]);
		prolonged(&casts[i]);
		leaves_and_returns(&casts[i], scheduler);
		taken_away(&casts[i]);
	}
	not_steady();
	return tap_done();
}
