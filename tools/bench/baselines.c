// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "baselines.h"
#include "core/process.h"
#include "harness/exchange.h"

#include "bench/baseline.skel.h" /* uses types of the headers above */

#define BASELINE_CLIENTS 16384
#define CHASE_LINES	 1048576
#define CHASE_STEPS	 256
#define LINE_WORDS	 16

/* Links all lines into one cycle in random order (Sattolo's algorithm). */
static void link_cache_lines(int map)
{
	size_t size = CHASE_LINES * LINE_WORDS * sizeof(__u32);
	__u32 *lines = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
	__u32 *order = malloc(CHASE_LINES * sizeof(*order));

	if (lines == MAP_FAILED || !order)
		process_bail("cold lines: %s", strerror(errno));
	for (__u32 i = 0; i < CHASE_LINES; i++)
		order[i] = i;
	for (__u32 i = CHASE_LINES - 1; i > 0; i--) {
		__u32 other = random() % i, kept = order[i];

		order[i] = order[other];
		order[other] = kept;
	}
	for (__u32 i = 0; i < CHASE_LINES; i++)
		lines[order[i] * LINE_WORDS] = order[(i + 1) % CHASE_LINES];
	munmap(lines, size);
	free(order);
}

static struct baseline *load(void)
{
	struct lb_backend backend = {.port = htons(8080),
				     .address_sum = 0x1234,
				     .endpoint_sum = 0x4321,
				     .nexthop_dst_mac = 0x0b0100000002ULL << 16,
				     .nexthop_src_mac = 0x010100000002ULL << 16};
	struct lb_service service = {.source4 = htonl(0xac100000), .source4_hosts = htonl(0xffff)};
	struct endpoint address = endpoint("10.1.0.11", 0);
	struct baseline *skeleton = baseline__open();

	if (!skeleton)
		process_bail("baseline: %s", strerror(errno));
	instance_address_words(&address, backend.address);
	memcpy((void *)&skeleton->rodata->only_backend, &backend, sizeof(backend));
	memcpy((void *)&skeleton->rodata->only_service, &service, sizeof(service));
	if (baseline__load(skeleton))
		process_bail("baseline: %s", strerror(errno));
	link_cache_lines(bpf_map__fd(skeleton->maps.lines));
	return skeleton;
}

/* Adds a baseline; `program` NULL: the overhead of the replay. */
static struct measurement *add(struct measurements *measurements, const struct testnet *testnet,
			       bool v6, enum replay_side side, const char *name,
			       const struct bpf_program *program)
{
	static const struct replay_clients clients = {.count = BASELINE_CLIENTS, .shuffled = true};
	struct exchange exchange = {.protocol = IPPROTO_TCP,
				    .client = exchange_client(v6, 0),
				    .service = endpoint(v6 ? "2001:db8::a" : "192.0.2.10", 80)};
	struct measurement *measurement =
		measurements_add(measurements, v6 ? "IPv6" : "IPv4", "%s", name);
	struct packet_spec spec = exchange_request(&exchange, TCP_ACK);

	measurement->replay = replay_open(program ? bpf_program__fd(program) : -1, &spec, side);
	replay_set_clients(measurement->replay, &clients);
	measurement->overhead = program ? baselines_overhead(measurements, v6, side) : NULL;
	measurement->testnet = testnet;
	return measurement;
}

void baselines_add(struct measurements *measurements, const struct testnet *testnet)
{
	struct baseline *skeleton = load();
	struct measurement *chase;

	for (unsigned int i = 0; i < 4; i++)
		add(measurements, testnet, i & 1, i & 2 ? REPLAY_TUNNEL : REPLAY_REQUEST,
		    i & 2 ? "(tunnel replay overhead, subtracted)"
			  : "(replay overhead, subtracted)",
		    NULL);
	for (int v6 = 0; v6 < 2; v6++)
		add(measurements, testnet, v6, REPLAY_REQUEST, "MAC swap",
		    skeleton->progs.mac_swap);
	for (int v6 = 0; v6 < 2; v6++)
		add(measurements, testnet, v6, REPLAY_REQUEST, "parse + swap",
		    skeleton->progs.parse_swap);
	measurements->parse_nat = add(measurements, testnet, false, REPLAY_REQUEST,
				      "E: parse + NAT, one backend", skeleton->progs.parse_nat);
	add(measurements, testnet, true, REPLAY_REQUEST, "parse + NAT, one backend",
	    skeleton->progs.parse_nat);
	for (int v6 = 0; v6 < 2; v6++)
		add(measurements, testnet, v6, REPLAY_REQUEST, "parse + NAT of plain packets only",
		    skeleton->progs.plain_nat);
	measurements->parse_ipip = add(measurements, testnet, false, REPLAY_TUNNEL,
				       "E: parse + IPIP, one backend", skeleton->progs.parse_ipip);
	add(measurements, testnet, true, REPLAY_TUNNEL, "parse + IPIP, one backend",
	    skeleton->progs.parse_ipip);
	chase = measurements_add(measurements, "", "C: one cold cache line of 64 MiB");
	chase->program = bpf_program__fd(skeleton->progs.chase);
	chase->steps = CHASE_STEPS;
	chase->overhead = baselines_overhead(measurements, false, REPLAY_REQUEST);
	measurements->cold_line = chase;
}

struct measurement *baselines_overhead(struct measurements *measurements, bool v6,
				       enum replay_side side)
{
	return &measurements->list[v6 + (side == REPLAY_TUNNEL ? 2 : 0)];
}
