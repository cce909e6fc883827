// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whatever comes in, each packet is counted once, none aborts, and no byte changes
 * that need not: valid packets of all sorts, mutated at random, each held against the
 * judge (oracle/oracle.h).
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

#include "oracle/oracle.h"
#include "packets/packet_generator.h"
#include "packets/packet_layout.h"
#include "packets/packet_mutator.h"
#include "rig/fixture_config.h"
#include "rig/process.h"
#include "rig/tap.h"
#include "rig/test_env.h"

#define PACKETS	     1000000
#define SEED	     20240607
#define ANSWERS	     256 /* kept; a power of two */
#define CHANGE_EVERY 18000 /* packets, of settings */
#define CROWD	     212 /* bytes, of 256 */
#define LENGTH_MAX   (PACKET_MAX - 64) /* which leaves room for a tunnel */
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
static bool may_crowd; /* may what stands before a packet leave no headroom? */

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
	static const char *const forwards[] = {
		[LB_FORWARD_NAT] = "nat",   [LB_FORWARD_SNAT] = "snat", [LB_FORWARD_DSR] = "dsr",
		[LB_FORWARD_IPIP] = "ipip", [LB_FORWARD_GUE] = "gue",
	};
	const char *source = service->source->text;

	balancer_do(&stage.balancer,
		    "service add %s %s/%s --scheduler %s --forward %s --source %s --feedback %s "
		    "--timeout-new %ums --timeout-established %ums --timeout-closing %ums",
		    service->name, endpoint_text(&service->endpoint),
		    service->protocol == IPPROTO_UDP ? "udp" : "tcp",
		    schedulers[service->scheduler], forwards[service->forward],
		    source ? source : "default",
		    cast_feedback(service) == LB_FEEDBACK_OFF ? "off" : "on", service->timeout_ms,
		    service->timeout_ms, service->timeout_ms);
}

static void open_backend(const struct cast_backend *backend)
{
	static const char *const states[] = {
		[LB_STATE_READY] = "ready",
		[LB_STATE_DRAIN] = "drain",
		[LB_STATE_MAINT] = "maint",
	};

	balancer_do(&stage.balancer, "backend add %s %s --weight %u --state %s --max-flows %u",
		    cast_services[backend->service].name, endpoint_text(&backend->endpoint),
		    backend->weight, states[backend->state], cast_max_flows(backend));
}

/* So few flows are remembered that it is crowded. */
static void open_cast(void)
{
	char flags[128], command[64];

	snprintf(flags, sizeof(flags),
		 "--max-flows 512 --max-services 63 --max-backends 127 --max-sources %u",
		 CAST_SNAT_SOURCES);
	stage_open(&stage, flags);
	process_must("ip route add unreachable 10.3.0.0/24", NULL);
	snprintf(command, sizeof(command), "ip link set back mtu %u", CAST_MTU_BEHIND);
	process_must(command, NULL);
	for (unsigned int i = 0; i < cast_service_count; i++)
		open_service(&cast_services[i]);
	for (unsigned int i = 0; i < cast_backend_count; i++)
		open_backend(&cast_backends[i]);
}

/* Settings change, and every 17 times are what they were. */
static void change_settings(void)
{
	static const char *const commands[] = {
		"backend maint wrr4 10.1.0.11:8080 --reset",
		"service set random4 --scheduler source",
		"backend drain wrr6 [fd01::b]:8080",
		"backend weight wrr4 10.2.0.11:8080 0",
		"service set wrr6 --scheduler maglev",
		"service set nat-snat4 --forward snat",
		"service set ipip-gue6 --forward gue",
		"backend ready wrr4 10.1.0.11:8080",
		"backend del source4 10.2.0.15:8080 --force",
		"flow flush --force",
		"backend add source4 10.2.0.15:8080",
		"backend weight wrr4 10.2.0.11:8080 3",
		"service set random4 --scheduler random",
		"backend ready wrr6 [fd01::b]:8080",
		"service set wrr6 --scheduler wrr",
		"service set nat-snat4 --forward nat",
		"service set ipip-gue6 --forward ipip",
	};
	static unsigned int next;

	balancer_do(&stage.balancer, "%s", commands[next]);
	next = (next + 1) % (sizeof(commands) / sizeof(commands[0]));
}

/* How a packet comes in. */
struct arrival {
	unsigned int device;
	unsigned int linear; /* the first so many bytes are what the program has at hand */
	unsigned int crowd; /* so many bytes before them are somebody else's */
};

static bool run(const struct packet *in, const struct arrival *arrival, struct packet *out,
		__u32 *action)
{
	static unsigned char before_in[CROWD + PACKET_MAX], before_out[CROWD + PACKET_MAX];
	unsigned int crowd = arrival->crowd;
	struct xdp_md context = {
		.data = crowd,
		.data_end = crowd + arrival->linear,
		.ingress_ifindex = arrival->device,
	};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = before_in,
		    .data_size_in = crowd + in->length, .data_out = before_out,
		    .data_size_out = crowd + PACKET_MAX, .ctx_in = &context,
		    .ctx_size_in = sizeof(context));

	memcpy(before_in + crowd, in->bytes, in->length);
	if (bpf_prog_test_run_opts(stage.balancer.program, &options) ||
	    options.data_size_out < crowd)
		return false;
	out->length = options.data_size_out - crowd;
	memcpy(out->bytes, before_out + crowd, out->length);
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

static void complain(const struct shot *shot, const struct arrival *arrival, const char *why)
{
	enum lb_outcome outcome = judge_outcome(shot);

	if (wrong++ >= SHOWN_MAX)
		return;
	diag("packet %llu by device %u, %u bytes at hand: action %u, outcome %s: %s", sent,
	     arrival->device, arrival->linear, shot->action,
	     outcome < LB_OUTCOME_COUNT ? outcome_names[outcome] : "?", why);
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

static void shoot(const struct packet *in, const struct arrival *arrival)
{
	static struct packet out;
	struct shot shot = {.in = in, .out = &out};
	struct lb_outcomes after;
	const char *why;

	if (!run(in, arrival, &out, &shot.action))
		process_bail("BPF_PROG_TEST_RUN of %u bytes: %s", in->length, strerror(errno));
	after = balancer_outcomes(&stage.balancer);
	for (unsigned int i = 0; i < LB_OUTCOME_COUNT; i++) {
		shot.gained.count[i] = after.count[i] - before.count[i];
		outcomes.count[i] += shot.gained.count[i];
	}
	before = after;
	why = judge(&shot);
	if (why)
		complain(&shot, arrival, why);
	if (shot.action <= XDP_REDIRECT)
		actions[shot.action]++;
	sent++;
	keep_answer(&out, shot.action, arrival->device);
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
	struct arrival arrival = {.device = draw(&packet)};

	for (unsigned int mutations = dice_below(&dice, 4); mutations; mutations--)
		mutate(&packet, &dice);
	if (dice_one_in(&dice, 16))
		arrival.device = device_of(1 + dice_below(&dice, 2));
	if (packet.length > LENGTH_MAX)
		packet.length = LENGTH_MAX;
	arrival.linear = packet.length;
	if (may_crowd && dice_one_in(&dice, 64))
		arrival.crowd = CROWD;
	else if (may_split && dice_one_in(&dice, 16))
		arrival.linear = MUTATE_LENGTH_MIN +
				 dice_below(&dice, arrival.linear - MUTATE_LENGTH_MIN + 1);
	shoot(&packet, &arrival);
}

/* Valid packets of each sort, cut at each length. */
static void cut_everywhere(void)
{
	for (unsigned int i = 0; i < CUT_DRAWS * variety_sorts(); i++) {
		static struct packet packet;
		unsigned int net = variety_draw(i % variety_sorts(), &dice, &packet);
		unsigned int length = packet.length < 200 ? packet.length : 200;

		for (packet.length = MUTATE_LENGTH_MIN; packet.length < length; packet.length++) {
			struct arrival arrival = {device_of(net), packet.length, 0};

			shoot(&packet, &arrival);
		}
	}
}

/* Linux can since 6.18 and 6.10. */
static void find_what_may_be(void)
{
	static struct packet packet, out;
	struct arrival split = {stage.rig.front, MUTATE_LENGTH_MIN, 0}, crowded;
	__u32 action;

	variety_draw(0, &dice, &packet);
	crowded = (struct arrival){stage.rig.front, packet.length, CROWD};
	may_split = run(&packet, &split, &out, &action);
	may_crowd = run(&packet, &crowded, &out, &action);
	if (!may_crowd)
		diag("this kernel leaves no packet without headroom");
}

static void shoot_all(__u64 packets)
{
	cut_everywhere();
	while (sent < packets) {
		if (sent % CHANGE_EVERY == 0)
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
		missing += !outcomes.count[i] && !judge_forbids(i) &&
			   (may_crowd || i != LB_NO_HEADROOM);
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
	find_what_may_be();
	before = balancer_outcomes(&stage.balancer);
	shoot_all(packets);
	is_int(wrong, 0, "of %llu packets none was treated in a way that its outcome forbids",
	       sent);
	sums_agree();
	every_outcome_is_met();
	return tap_done();
}
