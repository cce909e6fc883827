// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "baselines.h"
#include "cases.h"
#include "harness/flow_table_dump.h"

#define TABLE_DEFAULT	1048576U
#define TABLE_SIXTEEN_K 65536U /* 4 entries per flow, as for 65536 and a million */
#define TABLE_SIXTY_K	262144U
#define TABLE_MILLION	4194304U
#define TABLE_LARGE	16777216U
#define FLOOD_PACKETS	16777216U
#define NEW_PACKETS	32768U /* new flows per run; all find a free entry */

/* 2^32 clients: each packet begins a new flow. */
static const struct replay_clients endless = {.count = 0, .shuffled = true};
static const struct replay_clients flood_clients = {
	.first = 1U << 31, .count = 0, .shuffled = true};

static const struct limit one_flow = {3, 0}, sixteen_k = {1, 0.3}, many = {2, 1.1};
static const struct limit flood = {2, 1.2}, foreign_limit = {1, 0}, none = {0, 0};

struct plan {
	const struct fixture *fixture;
	enum fixture_service service;
	bool v6;
	__u8 tcp_flags;
	bool replies;
	const struct replay_clients *clients;
	const struct limit *limit; /* for IPv4 */
	__u64 outcomes;
};

#define OUTCOME(name) (1ULL << LB_##name)

/* Adds a measurement; `name` describes the packets. */
static struct measurement *add(struct measurements *measurements, const char *name,
			       const struct plan *plan)
{
	bool is_tunnel = plan->service == FIXTURE_IPIP || plan->service == FIXTURE_IPIP_MAGLEV;
	struct measurement *measurement = measurements_add(measurements, plan->v6 ? "IPv6" : "IPv4",
							   "%s%s", is_tunnel ? "ipip: " : "", name);

	testnet_enter(&plan->fixture->testnet);
	measurement->replay =
		plan->replies
			? fixture_replies(plan->fixture, plan->v6, plan->service)
			: fixture_requests(plan->fixture, plan->v6, plan->service, plan->tcp_flags);
	replay_set_clients(measurement->replay, plan->clients);
	measurement->overhead = baselines_overhead(measurements, plan->v6,
						   is_tunnel ? REPLAY_TUNNEL : REPLAY_REQUEST);
	measurement->baseline = is_tunnel ? measurements->parse_ipip : measurements->parse_nat;
	measurement->testnet = &plan->fixture->testnet;
	measurement->instance = &plan->fixture->instance;
	measurement->expected = plan->outcomes;
	if (plan->limit && !plan->v6)
		measurement->limit = *plan->limit;
	return measurement;
}

/* Sampled flows have states of their own. */
static unsigned long count_established(const struct fixture *fixture)
{
	struct flow_dump_count count = flow_dump_count(&fixture->instance);

	return count.state[LB_FLOW_ESTABLISHED] + count.state[LB_FLOW_SAMPLED] +
	       count.state[LB_FLOW_AWAITING_REPLY];
}

static const char *variant(const struct fixture *fixture, enum fixture_service service, __u32 count)
{
	if (service == FIXTURE_OTHER_DEVICE)
		return ", other interface";
	if (service == FIXTURE_IPIP_MAGLEV)
		return ", maglev";
	if (service == FIXTURE_SAMPLED)
		return ", sampled";
	return fixture->max_flows / 4 > count && count > 1 ? ", default table" : "";
}

/* Established flows: the clients complete a handshake first. */
static void add_established(struct measurements *measurements, const struct fixture *fixture,
			    bool v6, enum fixture_service service, __u32 first, __u32 count,
			    const struct limit *limit)
{
	struct replay_clients clients = {.first = first, .count = count};
	struct plan plan = {fixture, service,  v6,    TCP_ACK,
			    false,   &clients, limit, OUTCOME(FORWARDED)};
	unsigned long before = count_established(fixture);
	struct measurement *measurement;
	char name[64];

	fixture_establish(fixture, v6, service, &clients);
	clients.shuffled = true;
	snprintf(name, sizeof(name), "%u established flow%s%s", count, count > 1 ? "s" : "",
		 variant(fixture, service, count));
	measurement = add(measurements, name, &plan);
	measurement->flows = count;
	measurement->tracked = count_established(fixture) - before;
	if (service == FIXTURE_IPIP_MAGLEV) /* stateless */
		measurement->tracked = count;
}

static void add_replies(struct measurements *measurements, const struct fixture *fixture, bool v6)
{
	static const struct replay_clients one = {.first = 0, .count = 1};
	struct plan plan = {fixture, FIXTURE_RR, v6, TCP_ACK, true, &one, &none, OUTCOME(REPLIED)};

	fixture_establish(fixture, v6, FIXTURE_RR, &one);
	add(measurements, "replies of 1 established flow", &plan);
}

static void add_few(struct cases *cases, bool v6)
{
	struct measurements *measurements = &cases->measurements;
	const struct fixture *fixture = &cases->few;
	struct plan foreign = {fixture,	       FIXTURE_NO_SERVICE, v6, TCP_ACK, false, &endless,
			       &foreign_limit, OUTCOME(PASSED)};

	add_established(measurements, fixture, v6, FIXTURE_WRR, 0, 1, &one_flow);
	add_established(measurements, v6 ? &cases->sixteen_k6 : &cases->sixteen_k, v6, FIXTURE_WRR,
			0, 16384, &sixteen_k);
	add_established(measurements, v6 ? &cases->sixty_k6 : &cases->sixty_k, v6, FIXTURE_WRR, 0,
			65536, &many);
	add_established(measurements, v6 ? &cases->million6 : &cases->million, v6, FIXTURE_WRR, 0,
			1048576, &many);
	add_established(measurements, &cases->defaults, v6, FIXTURE_WRR, 0, 16384, &none);
	add_established(measurements, &cases->defaults, v6, FIXTURE_WRR, 1 << 20, 65536, &none);
	add(measurements, "other traffic", &foreign);
	add_established(measurements, fixture, v6, FIXTURE_OTHER_DEVICE, 0, 1, &none);
	add_established(measurements, fixture, v6, FIXTURE_SAMPLED, 0, 1, &none);
	add_established(measurements, fixture, v6, FIXTURE_SAMPLED, 1 << 24, 16384, &none);
	add_replies(measurements, fixture, v6);
}

static void add_floods(struct cases *cases, bool v6)
{
	struct measurements *measurements = &cases->measurements;
	const __u64 forwarded = OUTCOME(FORWARDED) | OUTCOME(UNTRACKED);
	struct plan plan = {&cases->flooded, FIXTURE_WRR, v6,	  TCP_SYN,
			    false,	     &endless,	  &flood, forwarded};

	add(measurements, "SYN flood, table full of half-open", &plan);
	plan.tcp_flags = TCP_ACK;
	add(measurements, "ACK flood, table full of half-open", &plan);
	plan.fixture = &cases->full;
	add(measurements, "ACK flood, table full of established", &plan);
	plan.tcp_flags = TCP_SYN;
	add(measurements, "SYN flood, table full of established", &plan);
}

/* The same with ipip, which costs more. */
static void add_tunnels(struct cases *cases, bool v6)
{
	static const struct limit one = {2.5, 0}, half_open = {2, 0.5}, hashed = {4, 0};
	const __u64 forwarded = OUTCOME(FORWARDED) | OUTCOME(UNTRACKED);
	struct measurements *measurements = &cases->measurements;
	struct plan plan = {&cases->flooded, FIXTURE_IPIP, v6,	       TCP_SYN,
			    false,	     &endless,	   &half_open, forwarded};

	add_established(measurements, &cases->few, v6, FIXTURE_IPIP, 0, 1, &one);
	add_established(measurements, &cases->tunnel_sixteen_k[v6], v6, FIXTURE_IPIP, 0, 16384,
			&sixteen_k);
	add_established(measurements, &cases->tunnel_million[v6], v6, FIXTURE_IPIP, 0, 1048576,
			&many);
	add_established(measurements, &cases->few, v6, FIXTURE_IPIP_MAGLEV, 1 << 23, 65536,
			&hashed);
	add(measurements, "SYN flood, table full of half-open", &plan);
	plan.limit = &flood;
	plan.tcp_flags = TCP_ACK;
	add(measurements, "ACK flood, table full of half-open", &plan);
	plan.limit = &hashed;
	plan.tcp_flags = TCP_SYN;
	plan.service = FIXTURE_IPIP_MAGLEV;
	add(measurements, "SYN flood, maglev", &plan);
}

/* New flows that find a free entry: a scheduler's selection plus one or two cold lines. */
static void add_schedulers(struct cases *cases, bool v6)
{
	static const struct {
		enum fixture_service service;
		const char *name;
	} schedulers[] = {{FIXTURE_RR, "new flows, rr"},	 {FIXTURE_WRR, "new flows, wrr"},
			  {FIXTURE_RANDOM, "new flows, random"}, {FIXTURE_P2C, "new flows, p2c"},
			  {FIXTURE_LC, "new flows, lc"},	 {FIXTURE_LRT, "new flows, lrt"},
			  {FIXTURE_MAGLEV, "new flows, maglev"}};

	for (unsigned int i = 0; i < sizeof(schedulers) / sizeof(schedulers[0]); i++) {
		struct plan plan = {
			&cases->large, schedulers[i].service, v6, TCP_SYN, false, &endless,
			&none,	       OUTCOME(FORWARDED)};

		add(&cases->measurements, schedulers[i].name, &plan)->packets = NEW_PACKETS;
	}
}

static void flood_once(const struct fixture *fixture, __u8 tcp_flags)
{
	struct replay *replay = fixture_requests(fixture, false, FIXTURE_WRR, tcp_flags);

	testnet_enter(&fixture->testnet);
	replay_set_clients(replay, &flood_clients);
	replay_run(replay, fixture->testnet.front, FLOOD_PACKETS);
	replay_close(replay);
}

static void open_fixtures(struct cases *cases)
{
	fixture_open(&cases->few, TABLE_DEFAULT);
	fixture_open(&cases->sixteen_k, TABLE_SIXTEEN_K);
	fixture_open(&cases->sixteen_k6, TABLE_SIXTEEN_K);
	fixture_open(&cases->sixty_k, TABLE_SIXTY_K);
	fixture_open(&cases->sixty_k6, TABLE_SIXTY_K);
	fixture_open(&cases->million, TABLE_MILLION);
	fixture_open(&cases->million6, TABLE_MILLION);
	for (int v6 = 0; v6 < 2; v6++) {
		fixture_open(&cases->tunnel_sixteen_k[v6], TABLE_SIXTEEN_K);
		fixture_open(&cases->tunnel_million[v6], TABLE_MILLION);
	}
	fixture_open(&cases->defaults, TABLE_DEFAULT);
	fixture_open(&cases->large, TABLE_LARGE);
	fixture_open(&cases->flooded, TABLE_DEFAULT);
	fixture_open(&cases->full, TABLE_DEFAULT);
	fixture_keep_half_open(&cases->flooded);
	flood_once(&cases->flooded, TCP_SYN);
	fixture_fill(&cases->full, FIXTURE_RR);
}

void cases_prepare(struct cases *cases)
{
	open_fixtures(cases);
	baselines_add(&cases->measurements, &cases->few.testnet);
	for (int v6 = 0; v6 < 2; v6++) {
		add_few(cases, v6);
		add_floods(cases, v6);
		add_tunnels(cases, v6);
		add_schedulers(cases, v6);
	}
}
