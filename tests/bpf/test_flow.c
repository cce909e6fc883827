// SPDX-License-Identifier: GPL-2.0-only
/*
 * Have we met? A flow's life as the flow memory tells it: it begins, is
 * answered, established and closed, keeps its backend all the while, and what
 * comes after is a new flow.
 */
#include <linux/bpf.h>

#include "rig/expect.h"
#include "rig/test_env.h"

static struct stage stage;
static __u16 web, web6, dns;

static const char *const state_names[] = {
	[LB_FLOW_NEW] = "new",
	[LB_FLOW_ANSWERED] = "answered",
	[LB_FLOW_ESTABLISHED] = "established",
	[LB_FLOW_CLIENT_FIN] = "client_fin",
	[LB_FLOW_BACKEND_FIN] = "backend_fin",
	[LB_FLOW_CLOSED] = "closed",
};

static __u16 service_of(const struct talk *talk)
{
	if (talk->protocol == IPPROTO_UDP)
		return dns;
	return endpoint_is_v6(&talk->client) ? web6 : web;
}

static void state_is(const struct talk *talk, enum lb_flow_state wanted, const char *after)
{
	struct lb_flow flow = {0};

	if (!ok(talk_flow(talk, service_of(talk), &flow), "after %s the flow is remembered", after))
		return;
	is_str(state_names[lb_flow_state(flow.data)], state_names[wanted], "and it is %s",
	       state_names[wanted]);
}

/* One step of a talk: who speaks, with which flags, and what the flow then is. */
struct step {
	bool answer;
	__u8 flags;
	enum lb_flow_state state;
	const char *what;
};

static void goes(struct talk *talk, const struct step *steps)
{
	struct endpoint backend = {0};
	unsigned int moved = 0;

	for (; steps->what; steps++) {
		struct verdict verdict;

		if (steps->answer)
			ok(talk_answer(talk, steps->flags, &verdict), "%s is sent on", steps->what);
		else
			ok(talk_ask(talk, steps->flags, &verdict), "%s is sent on", steps->what);
		state_is(talk, steps->state, steps->what);
		if (backend.port && !endpoint_same(&backend, &talk->backend))
			moved++;
		backend = talk->backend;
	}
	is_int(moved, 0, "and all were of one backend");
}

static void client_closes_first(bool v6)
{
	static const struct step steps[] = {
		{false, TCP_SYN, LB_FLOW_NEW, "SYN"},
		{false, TCP_SYN, LB_FLOW_NEW, "SYN, repeated"},
		{true, TCP_SYN | TCP_ACK, LB_FLOW_ANSWERED, "SYN-ACK"},
		{false, TCP_SYN, LB_FLOW_ANSWERED, "SYN, repeated again"},
		{false, TCP_ACK, LB_FLOW_ESTABLISHED, "ACK"},
		{false, TCP_SYN, LB_FLOW_ESTABLISHED, "a stray SYN"},
		{true, TCP_ACK, LB_FLOW_ESTABLISHED, "data from the backend"},
		{false, TCP_FIN | TCP_ACK, LB_FLOW_CLIENT_FIN, "FIN of the client"},
		{true, TCP_ACK, LB_FLOW_CLIENT_FIN, "data after it"},
		{true, TCP_FIN | TCP_ACK, LB_FLOW_CLOSED, "FIN of the backend"},
		{false, TCP_ACK, LB_FLOW_CLOSED, "the last ACK"},
		{0}};
	struct talk talk = stage_talk(&stage, 10, v6, IPPROTO_TCP, 1);

	goes(&talk, steps);
}

static void backend_closes_first(bool v6)
{
	static const struct step steps[] = {
		{false, TCP_SYN, LB_FLOW_NEW, "SYN"},
		{true, TCP_SYN | TCP_ACK, LB_FLOW_ANSWERED, "SYN-ACK"},
		{false, TCP_ACK, LB_FLOW_ESTABLISHED, "ACK"},
		{true, TCP_FIN | TCP_ACK, LB_FLOW_BACKEND_FIN, "FIN of the backend"},
		{false, TCP_ACK, LB_FLOW_BACKEND_FIN, "data of the client"},
		{false, TCP_FIN | TCP_ACK, LB_FLOW_CLOSED, "FIN of the client"},
		{true, TCP_ACK, LB_FLOW_CLOSED, "the last ACK"},
		{0}};
	struct talk talk = stage_talk(&stage, 10, v6, IPPROTO_TCP, 2);

	goes(&talk, steps);
}

static void reset_closes(bool by_backend)
{
	const struct step steps[] = {
		{false, TCP_SYN, LB_FLOW_NEW, "SYN"},
		{true, TCP_SYN | TCP_ACK, LB_FLOW_ANSWERED, "SYN-ACK"},
		{false, TCP_ACK, LB_FLOW_ESTABLISHED, "ACK"},
		{by_backend, TCP_RST, LB_FLOW_CLOSED, by_backend ? "RST of the backend" : "RST"},
		{0}};
	struct talk talk = stage_talk(&stage, 10, false, IPPROTO_TCP, 3 + by_backend);

	goes(&talk, steps);
}

static void refused_at_once(void)
{
	static const struct step steps[] = {
		{false, TCP_SYN, LB_FLOW_NEW, "SYN"},
		{true, TCP_RST | TCP_ACK, LB_FLOW_CLOSED, "RST in place of SYN-ACK"},
		{0}};
	struct talk talk = stage_talk(&stage, 10, false, IPPROTO_TCP, 5);

	goes(&talk, steps);
}

static void udp_flow(void)
{
	static const struct step steps[] = {{false, 0, LB_FLOW_NEW, "a datagram"},
					    {false, 0, LB_FLOW_NEW, "another"},
					    {true, 0, LB_FLOW_ANSWERED, "an answer"},
					    {false, 0, LB_FLOW_ESTABLISHED, "one more"},
					    {true, 0, LB_FLOW_ESTABLISHED, "one more answer"},
					    {0}};
	struct talk talk = stage_talk(&stage, 10, false, IPPROTO_UDP, 6);

	goes(&talk, steps);
}

/* rr over two backends: a flow that is chosen anew is given the other one each time. */
static void closed_is_chosen_anew(void)
{
	struct talk talk = stage_talk(&stage, 10, false, IPPROTO_TCP, 7);
	struct endpoint first;
	struct verdict verdict;

	talk_establish(&talk);
	first = talk.backend;
	talk_ask(&talk, TCP_RST, &verdict);
	ok(talk_ask(&talk, TCP_ACK, &verdict) && endpoint_same(&talk.backend, &first),
	   "a straggler of a closed flow goes to its old backend");
	ok(talk_ask(&talk, TCP_SYN, &verdict) && !endpoint_same(&talk.backend, &first),
	   "a SYN after it is a new flow, and chosen anew");
	state_is(&talk, LB_FLOW_NEW, "that");
}

static void counts_once(void)
{
	struct talk talk = stage_talk(&stage, 10, false, IPPROTO_TCP, 8);
	struct lb_traffic traffic;
	unsigned long before = 0, after = 0;

	for (__u16 id = 1; id < 16; id++)
		before += balancer_traffic(&stage.balancer, id).new_flows;
	talk_establish(&talk);
	talk_establish(&talk);
	for (__u16 id = 1; id < 16; id++) {
		traffic = balancer_traffic(&stage.balancer, id);
		after += traffic.new_flows;
	}
	is_int(after - before, 1, "a flow is counted as new once, however many packets it has");
}

/* Changes of weights and schedulers move nobody who is there already. */
static void stays_when_weights_change(void)
{
	static const char *const changes[] = {
		"backend weight web 10.2.0.11:8080 0", "backend weight web 10.2.0.12:8080 0",
		"backend weight web 10.2.0.11:8080 7", "backend weight web 10.2.0.12:8080 100",
		"service set web --scheduler random",  "service set web --scheduler wrr",
		"backend add web 10.2.0.13:8080",      "backend del web 10.2.0.13:8080 --force"};
	struct talk talks[50];
	struct endpoint given[50];
	unsigned int moved = 0;

	for (unsigned int i = 0; i < 50; i++) {
		talks[i] = stage_talk(&stage, 10, i % 2, IPPROTO_TCP, 100 + i);
		talk_establish(&talks[i]);
		given[i] = talks[i].backend;
	}
	for (unsigned int i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		balancer_do(&stage.balancer, "%s", changes[i]);
		for (unsigned int j = 0; j < 50; j++) {
			struct verdict verdict;

			moved += !talk_ask(&talks[j], TCP_ACK, &verdict) ||
				 !endpoint_same(&talks[j].backend, &given[j]);
		}
	}
	is_int(moved, 0,
	       "50 established flows stay through 8 changes of weights, schedulers and "
	       "backends");
}

int main(void)
{
	stage_open(&stage, "--max-flows 65536");
	web = stage_service(&stage, "web", 10, false, IPPROTO_TCP, "--scheduler rr");
	web6 = stage_service(&stage, "web6", 10, true, IPPROTO_TCP, "--scheduler rr");
	dns = stage_service(&stage, "dns", 10, false, IPPROTO_UDP, "--scheduler rr");
	for (unsigned int host = 11; host <= 12; host++) {
		stage_backend(&stage, "web", false, 2, host, "");
		stage_backend(&stage, "web6", true, 2, host, "");
		stage_backend(&stage, "dns", false, 2, host, "");
	}
	for (int v6 = 0; v6 < 2; v6++) {
		client_closes_first(v6);
		backend_closes_first(v6);
		reset_closes(v6);
	}
	refused_at_once();
	udp_flow();
	closed_is_chosen_anew();
	counts_once();
	stays_when_weights_change();
	return tap_done();
}
