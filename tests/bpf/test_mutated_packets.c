// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random valid packets of every kind, mutated. The oracle (oracle/oracle.h) checks each result: the
 * packet is counted once, none is aborted, and no byte changes unless its outcome requires it.
 *
 *   test_mutated_packets [PACKETS [SEED]]
 *
 * Without arguments the seed is fixed. With PACKETS it differs in each run and is printed. Service
 * settings change during the run.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <time.h>

#include "core/outcome_label.h"
#include "core/process.h"
#include "core/tap.h"
#include "harness/test_env.h"
#include "oracle/oracle.h"
#include "packets/packet_dump.h"
#include "packets/packet_layout.h"
#include "random/fixture_config.h"
#include "random/packet_generator.h"
#include "random/packet_mutator.h"

#define PACKETS		 1000000
#define SEED		 20240607
#define REPLIES		 256 /* kept for later; a power of two */
#define CHANGE_EVERY	 18000 /* packets between changes of settings */
#define HEADROOM_USED	 212 /* bytes, of 256 */
#define LENGTH_MAX	 (PACKET_MAX - 64) /* leaves room for tunnel headers */
#define TRUNCATED_DRAWS	 8 /* packets per kind that are truncated to every length */
#define FAILURES_PRINTED 10
#define REPORT_EVERY	 10000000

/* A backend's reply and the interface it is received on. */
struct reply {
	struct packet packet;
	unsigned int device;
};

static struct env env;
static struct prng prng;
static struct lb_outcomes before; /* counters after the previous packet */
static struct reply replies[REPLIES];
static unsigned int reply_count;
static bool can_split; /* the kernel lets a test split a packet over buffers */
static bool can_use_headroom; /* the kernel lets a test use up the headroom */

static __u64 sent;
static __u64 wrong;
static __u64 actions[XDP_REDIRECT + 1];
static struct lb_outcomes outcomes;

static void open_service(const struct fixture_service *service)
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

	instance_must_run(
		&env.instance,
		"service add %s %s/%s --scheduler %s --forward %s --source %s --feedback %s "
		"--timeout-new %ums --timeout-established %ums --timeout-closing %ums",
		service->name, endpoint_text(&service->endpoint),
		service->protocol == IPPROTO_UDP ? "udp" : "tcp", schedulers[service->scheduler],
		forwards[service->forward], source ? source : "default",
		fixture_service_feedback(service) == LB_FEEDBACK_OFF ? "off" : "on",
		service->timeout_ms, service->timeout_ms, service->timeout_ms);
}

static void open_backend(const struct fixture_backend *backend)
{
	static const char *const states[] = {
		[LB_STATE_READY] = "ready",
		[LB_STATE_DRAIN] = "drain",
		[LB_STATE_MAINT] = "maint",
	};

	instance_must_run(&env.instance, "backend add %s %s --weight %u --state %s --max-flows %u",
			  fixture_services[backend->service].name,
			  endpoint_text(&backend->endpoint), backend->weight,
			  states[backend->state], fixture_backend_max_flows(backend));
}

/* The flow table is so small that pressure builds up. */
static void open_fixture(void)
{
	char flags[128], command[64];

	snprintf(flags, sizeof(flags),
		 "--max-flows 512 --max-services 63 --max-backends 127 --max-sources %u",
		 FIXTURE_SNAT_SOURCES);
	env_open(&env, flags);
	process_must_run("ip route add unreachable 10.3.0.0/24", NULL);
	snprintf(command, sizeof(command), "ip link set back mtu %u", FIXTURE_MTU_BACK);
	process_must_run(command, NULL);
	for (unsigned int i = 0; i < fixture_service_count; i++)
		open_service(&fixture_services[i]);
	for (unsigned int i = 0; i < fixture_backend_count; i++)
		open_backend(&fixture_backends[i]);
}

/* Applies the next of 17 changes. All together restore the settings. */
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

	instance_must_run(&env.instance, "%s", commands[next]);
	next = (next + 1) % (sizeof(commands) / sizeof(commands[0]));
}

/* How a packet is received. */
struct arrival {
	unsigned int device;
	unsigned int linear; /* bytes of the first buffer */
	unsigned int headroom_used; /* bytes before the packet that are not free */
};

static bool run_program(const struct packet *in, const struct arrival *arrival, struct packet *out,
			__u32 *action)
{
	static unsigned char before_in[HEADROOM_USED + PACKET_MAX],
		before_out[HEADROOM_USED + PACKET_MAX];
	unsigned int headroom_used = arrival->headroom_used;
	struct xdp_md context = {
		.data = headroom_used,
		.data_end = headroom_used + arrival->linear,
		.ingress_ifindex = arrival->device,
	};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = before_in,
		    .data_size_in = headroom_used + in->length, .data_out = before_out,
		    .data_size_out = headroom_used + PACKET_MAX, .ctx_in = &context,
		    .ctx_size_in = sizeof(context));

	memcpy(before_in + headroom_used, in->bytes, in->length);
	if (bpf_prog_test_run_opts(env.instance.program, &options) ||
	    options.data_size_out < headroom_used)
		return false;
	out->length = options.data_size_out - headroom_used;
	memcpy(out->bytes, before_out + headroom_used, out->length);
	*action = options.retval;
	return true;
}

static void report_failure(const struct run *run, const struct arrival *arrival, const char *why)
{
	if (wrong++ >= FAILURES_PRINTED)
		return;
	diag("packet %llu on device %u, %u bytes linear: action %u, outcome %s: %s", sent,
	     arrival->device, arrival->linear, run->action, outcome_label(oracle_outcome(run)),
	     why);
	packet_dump("in", run->in);
	packet_dump("out", run->out);
}

/* Keeps the backend's reply to a forwarded packet. */
static void keep_reply(const struct packet *request, __u32 action, unsigned int device)
{
	struct reply *reply = &replies[reply_count % REPLIES];
	struct layout layout;

	if ((action != XDP_TX && action != XDP_REDIRECT) || prng_one_in(&prng, 2))
		return;
	if (!layout_read(request, &layout) || !layout_has_ports(request, &layout))
		return;
	packet_copy(&reply->packet, request);
	layout_reverse(&reply->packet, &layout);
	reply->device = action == XDP_TX ? device : env.testnet.front + env.testnet.back - device;
	reply_count++;
}

static void test_packet(const struct packet *in, const struct arrival *arrival)
{
	static struct packet out;
	struct run run = {.in = in, .out = &out};
	struct lb_outcomes after;
	const char *why;

	if (!run_program(in, arrival, &out, &run.action))
		process_bail("BPF_PROG_TEST_RUN of %u bytes: %s", in->length, strerror(errno));
	after = instance_outcomes(&env.instance);
	for (unsigned int i = 0; i < LB_OUTCOME_COUNT; i++) {
		run.increments.count[i] = after.count[i] - before.count[i];
		outcomes.count[i] += run.increments.count[i];
	}
	before = after;
	why = oracle_check(&run);
	if (why)
		report_failure(&run, arrival, why);
	if (run.action <= XDP_REDIRECT)
		actions[run.action]++;
	sent++;
	keep_reply(&out, run.action, arrival->device);
}

static unsigned int device_of(unsigned int net)
{
	return net == 2 ? env.testnet.back : env.testnet.front;
}

/* Draws a packet, or takes a kept reply. Returns the interface it is received on. */
static unsigned int draw(struct packet *packet)
{
	const struct reply *reply;

	if (reply_count < REPLIES || !prng_one_in(&prng, 4))
		return device_of(generator_draw_any(&prng, packet));
	reply = &prng_pick(&prng, replies);
	packet_copy(packet, &reply->packet);
	return reply->device;
}

static void test_one(void)
{
	static struct packet packet;
	struct arrival arrival = {.device = draw(&packet)};

	for (unsigned int mutations = prng_below(&prng, 4); mutations; mutations--)
		packet_mutate(&packet, &prng);
	if (prng_one_in(&prng, 16))
		arrival.device = device_of(1 + prng_below(&prng, 2));
	if (packet.length > LENGTH_MAX)
		packet.length = LENGTH_MAX;
	arrival.linear = packet.length;
	if (can_use_headroom && prng_one_in(&prng, 64))
		arrival.headroom_used = HEADROOM_USED;
	else if (can_split && prng_one_in(&prng, 16))
		arrival.linear = MUTATOR_LENGTH_MIN +
				 prng_below(&prng, arrival.linear - MUTATOR_LENGTH_MIN + 1);
	test_packet(&packet, &arrival);
}

/* Valid packets of each kind, truncated to each length. */
static void truncate_everywhere(void)
{
	for (unsigned int i = 0; i < TRUNCATED_DRAWS * generator_kinds(); i++) {
		static struct packet packet;
		unsigned int net = generator_draw(i % generator_kinds(), &prng, &packet);
		unsigned int length = packet.length < 200 ? packet.length : 200;

		for (packet.length = MUTATOR_LENGTH_MIN; packet.length < length; packet.length++) {
			struct arrival arrival = {device_of(net), packet.length, 0};

			test_packet(&packet, &arrival);
		}
	}
}

/* Linux supports this since 6.18 (split packets) and 6.10 (used headroom). */
static void probe_kernel(void)
{
	static struct packet packet, out;
	struct arrival split = {env.testnet.front, MUTATOR_LENGTH_MIN, 0}, no_headroom;
	__u32 action;

	generator_draw(0, &prng, &packet);
	no_headroom = (struct arrival){env.testnet.front, packet.length, HEADROOM_USED};
	can_split = run_program(&packet, &split, &out, &action);
	can_use_headroom = run_program(&packet, &no_headroom, &out, &action);
	if (!can_use_headroom)
		diag("this kernel cannot test packets without headroom");
}

static void test_all(__u64 packets)
{
	truncate_everywhere();
	while (sent < packets) {
		if (sent % CHANGE_EVERY == 0)
			change_settings();
		test_one();
		if (sent % REPORT_EVERY == 0)
			diag("%llu packets, %llu failures", sent, wrong);
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
	is_int(actions[XDP_ABORTED] + outcomes.count[LB_ABORTED], 0, "no packet is aborted");
}

/* Ensures that the test covers what it claims. */
static void every_outcome_occurs(void)
{
	unsigned int missing = 0;

	for (unsigned int i = 0; i < LB_OUTCOME_COUNT; i++) {
		diag("%-14s %llu", outcome_label(i), outcomes.count[i]);
		missing += !outcomes.count[i] && !oracle_forbids(i) &&
			   (can_use_headroom || i != LB_NO_HEADROOM);
	}
	is_int(missing, 0, "packets have every outcome that is allowed");
}

int main(int argc, char **argv)
{
	__u64 packets = argc > 1 ? strtoull(argv[1], NULL, 10) : PACKETS;
	__u64 seed = argc > 2 ? strtoull(argv[2], NULL, 10) : argc > 1 ? (__u64)time(NULL) : SEED;

	diag("%llu packets, seed %llu", packets, seed);
	prng.state = seed;
	open_fixture();
	probe_kernel();
	before = instance_outcomes(&env.instance);
	test_all(packets);
	is_int(wrong, 0, "the oracle allows all results of %llu packets", sent);
	sums_agree();
	every_outcome_occurs();
	return tap_done();
}
