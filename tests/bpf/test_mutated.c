// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whatever comes in, each packet is counted once, none aborts, and no byte changes
 * that need not: valid packets of all sorts, mutated at random, each held against the
 * judge (judge.h).
 *
 *   test_mutated [PACKETS [SEED]]
 *
 * Without arguments the seed is always the same; with PACKETS it is another each time,
 * and printed. The services' settings change now and then while packets pass.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <time.h>

#include "cast.h"
#include "judge.h"
#include "layout.h"
#include "mutate.h"
#include "process.h"
#include "stage.h"
#include "tap.h"
#include "variety.h"

#define PACKETS	     1000000
#define SEED	     20240607
#define ANSWERS	     256 /* kept; a power of two */
#define CHANGES	     24 /* of settings, in the course of the test */
#define CUT_DRAWS    8 /* packets of each sort that are cut at every length */
#define SHOWN_MAX    10
#define SHOWN_BYTES  160
#define REPORT_EVERY 10000000

static const char *const outcome_names[] = {
#define X(symbol, name, sentence) #name,
	LB_OUTCOMES(X)
#undef X
};

/* What a backend answers, and whence it comes. */
struct answer {
	struct packet packet;
	unsigned int device;
};

static struct stage stage;
static struct dice dice;
static struct lb_outcomes before; /* as the counters stand */
static struct answer answers[ANSWERS];
static unsigned int answers_given;
static bool may_split; /* may a packet's end lie outside its first buffer, as the test wants it? */

static __u64 sent;
static __u64 wrong;
static __u64 actions[XDP_REDIRECT + 1];
static struct lb_outcomes outcomes;

static void open_service(const struct cast_service *service)
{
	static const char *const schedulers[] = {
		[LB_SCHEDULER_RR] = "rr",	  [LB_SCHEDULER_WRR] = "wrr",
		[LB_SCHEDULER_RANDOM] = "random", [LB_SCHEDULER_MAGLEV] = "maglev",
		[LB_SCHEDULER_SOURCE] = "source",
	};

	balancer_do(&stage.balancer,
		    "service add %s %s/%s --scheduler %s --timeout-new %ums "
		    "--timeout-established %ums --timeout-closing %ums",
		    service->name, endpoint_text(&service->endpoint),
		    service->protocol == IPPROTO_UDP ? "udp" : "tcp",
		    schedulers[service->scheduler], service->timeout_ms, service->timeout_ms,
		    service->timeout_ms);
}

static void open_backend(const struct cast_backend *backend)
{
	static const char *const states[] = {
		[LB_STATE_READY] = "ready",
		[LB_STATE_DRAIN] = "drain",
		[LB_STATE_MAINT] = "maint",
	};

	balancer_do(&stage.balancer, "backend add %s %s --weight %u --state %s",
		    cast_services[backend->service].name, endpoint_text(&backend->endpoint),
		    backend->weight, states[backend->state]);
}

/* So few flows are remembered that it is crowded. */
static void open_cast(void)
{
	stage_open(&stage, "--max-flows 512 --max-services 31 --max-backends 63");
	process_must("ip route add unreachable 10.3.0.0/24", NULL);
	for (unsigned int i = 0; i < cast_service_count; i++)
		open_service(&cast_services[i]);
	for (unsigned int i = 0; i < cast_backend_count; i++)
		open_backend(&cast_backends[i]);
}

/* Settings change, and in the end are what they were. */
static void change_settings(void)
{
	static const char *const commands[] = {
		"backend maint wrr4 10.1.0.11:8080",
		"service set random4 --scheduler source",
		"backend drain wrr6 [fd01::b]:8080",
		"backend weight wrr4 10.2.0.11:8080 0",
		"service set wrr6 --scheduler maglev",
		"backend ready wrr4 10.1.0.11:8080",
		"backend del source4 10.2.0.15:8080 --force",
		"flow flush --force",
		"backend add source4 10.2.0.15:8080",
		"backend weight wrr4 10.2.0.11:8080 3",
		"service set random4 --scheduler random",
		"backend ready wrr6 [fd01::b]:8080",
		"service set wrr6 --scheduler wrr",
	};
	static unsigned int next;

	balancer_do(&stage.balancer, "%s", commands[next]);
	next = (next + 1) % (sizeof(commands) / sizeof(commands[0]));
}

/* Runs the program; the first `linear` bytes are what it has at hand. */
static bool run(const struct packet *in, unsigned int device, unsigned int linear,
		struct packet *out, __u32 *action)
{
	struct xdp_md context = {.data_end = linear, .ingress_ifindex = device};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = in->bytes, .data_size_in = in->length,
		    .data_out = out->bytes, .data_size_out = sizeof(out->bytes), .ctx_in = &context,
		    .ctx_size_in = sizeof(context));

	if (bpf_prog_test_run_opts(stage.balancer.program, &options))
		return false;
	out->length = options.data_size_out;
	*action = options.retval;
	return true;
}

static void show(const char *name, const struct packet *packet)
{
	char text[3 * SHOWN_BYTES + 1] = "";

	for (unsigned int i = 0; i < packet->length && i < SHOWN_BYTES; i++)
		sprintf(text + 3 * i, "%02x ", packet->bytes[i]);
	diag("%-3s %4u bytes: %s", name, packet->length, text);
}

static void complain(const struct shot *shot, unsigned int device, unsigned int linear,
		     const char *why)
{
	enum lb_outcome outcome = judge_outcome(shot);

	if (wrong++ >= SHOWN_MAX)
		return;
	diag("packet %llu by device %u, %u bytes at hand: action %u, outcome %s: %s", sent, device,
	     linear, shot->action, outcome < LB_OUTCOME_COUNT ? outcome_names[outcome] : "?", why);
	show("in", shot->in);
	show("out", shot->out);
}

/* What the backend would say to that, for later. */
static void keep_answer(const struct packet *request, __u32 action, unsigned int device)
{
	struct answer *answer = &answers[answers_given % ANSWERS];
	struct layout layout;

	if ((action != XDP_TX && action != XDP_REDIRECT) || dice_one_in(&dice, 2))
		return;
	if (!layout_read(request, &layout) || !layout_has_ports(request, &layout))
		return;
	packet_copy(&answer->packet, request);
	layout_turn(&answer->packet, &layout);
	answer->device = action == XDP_TX ? device : stage.rig.front + stage.rig.back - device;
	answers_given++;
}

static void shoot(const struct packet *in, unsigned int device, unsigned int linear)
{
	static struct packet out;
	struct shot shot = {.in = in, .out = &out};
	struct lb_outcomes after;
	const char *why;

	if (!run(in, device, linear, &out, &shot.action))
		process_bail("BPF_PROG_TEST_RUN of %u bytes: %s", in->length, strerror(errno));
	after = balancer_outcomes(&stage.balancer);
	for (unsigned int i = 0; i < LB_OUTCOME_COUNT; i++) {
		shot.gained.count[i] = after.count[i] - before.count[i];
		outcomes.count[i] += shot.gained.count[i];
	}
	before = after;
	why = judge(&shot);
	if (why)
		complain(&shot, device, linear, why);
	if (shot.action <= XDP_REDIRECT)
		actions[shot.action]++;
	sent++;
	keep_answer(&out, shot.action, device);
}

static unsigned int device_of(unsigned int net)
{
	return net == 2 ? stage.rig.back : stage.rig.front;
}

/* A packet of those there are, or an answer to one of them; the device that it comes by. */
static unsigned int draw(struct packet *packet)
{
	const struct answer *answer;

	if (answers_given < ANSWERS || !dice_one_in(&dice, 4))
		return device_of(variety_draw_any(&dice, packet));
	answer = &dice_pick(&dice, answers);
	packet_copy(packet, &answer->packet);
	return answer->device;
}

static void shoot_one(void)
{
	static struct packet packet;
	unsigned int device = draw(&packet), linear;

	for (unsigned int mutations = dice_below(&dice, 4); mutations; mutations--)
		mutate(&packet, &dice);
	if (dice_one_in(&dice, 16))
		device = device_of(1 + dice_below(&dice, 2));
	linear = packet.length;
	if (may_split && dice_one_in(&dice, 16))
		linear = MUTATE_LENGTH_MIN + dice_below(&dice, linear - MUTATE_LENGTH_MIN + 1);
	shoot(&packet, device, linear);
}

/* Valid packets of each sort, cut at each length. */
static void cut_everywhere(void)
{
	for (unsigned int i = 0; i < CUT_DRAWS * variety_sorts(); i++) {
		static struct packet packet;
		unsigned int net = variety_draw(i % variety_sorts(), &dice, &packet);
		unsigned int length = packet.length < 200 ? packet.length : 200;

		for (packet.length = MUTATE_LENGTH_MIN; packet.length < length; packet.length++)
			shoot(&packet, device_of(net), packet.length);
	}
}

/* Linux can since 6.18. */
static bool find_whether_splits(void)
{
	static struct packet packet, out;
	__u32 action;

	variety_draw(0, &dice, &packet);
	return run(&packet, stage.rig.front, MUTATE_LENGTH_MIN, &out, &action);
}

static void shoot_all(__u64 packets)
{
	cut_everywhere();
	while (sent < packets) {
		if (sent % (packets / CHANGES + 1) == 0)
			change_settings();
		shoot_one();
		if (sent % REPORT_EVERY == 0)
			diag("%llu packets, %llu treated wrongly", sent, wrong);
	}
}

static void sums_agree(void)
{
	__u64 of_actions = 0, of_outcomes = 0;

	for (unsigned int i = 0; i <= XDP_REDIRECT; i++)
		of_actions += actions[i];
	for (unsigned int i = 0; i < LB_OUTCOME_COUNT; i++)
		of_outcomes += outcomes.count[i];
	is_int(of_actions, sent, "the sum of verdicts is the number of packets");
	is_int(of_outcomes, sent, "the sum of outcomes is the number of packets");
	is_int(actions[XDP_ABORTED] + outcomes.count[LB_ABORTED], 0, "none is aborted");
}

/* Else the test would not test what it says. */
static void every_outcome_is_met(void)
{
	unsigned int missing = 0;

	for (unsigned int i = 0; i < LB_OUTCOME_COUNT; i++) {
		diag("%-14s %llu", outcome_names[i], outcomes.count[i]);
		missing += !outcomes.count[i] && !judge_forbids(i);
	}
	is_int(missing, 0, "they met every outcome that there may be");
}

int main(int argc, char **argv)
{
	__u64 packets = argc > 1 ? strtoull(argv[1], NULL, 10) : PACKETS;
	__u64 seed = argc > 2 ? strtoull(argv[2], NULL, 10) : argc > 1 ? (__u64)time(NULL) : SEED;

	diag("%llu packets, seed %llu", packets, seed);
	dice.state = seed;
	open_cast();
	may_split = find_whether_splits();
	before = balancer_outcomes(&stage.balancer);
	shoot_all(packets);
	is_int(wrong, 0, "of %llu packets none was treated in a way that its outcome forbids",
	       sent);
	sums_agree();
	every_outcome_is_met();
	return tap_done();
}
