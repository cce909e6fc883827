// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "baselines.h"
#include "rig/exchange.h"
#include "rig/process.h"

#include "bench/baseline.skel.h" /* of structures that the others declare */

#define FLOOR_CLIENTS 16384
#define CHASE_LINES   1048576
#define CHASE_STEPS   256
#define LINE_WORDS    16

/* One cycle through all lines in random order (Sattolo's algorithm). */
static void link_lines(int map)
{
	size_t size = CHASE_LINES * LINE_WORDS * sizeof(__u32);
	__u32 *lines = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
	__u32 *order = malloc(CHASE_LINES * sizeof(*order));

	if (lines == MAP_FAILED || !order)
		process_bail("chase: %s", strerror(errno));
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
				     .hop_to = 0x0b0100000002ULL << 16,
				     .hop_from = 0x010100000002ULL << 16};
	struct lb_service service = {.source4 = htonl(0xac100000), .source4_hosts = htonl(0xffff)};
	struct endpoint address = endpoint("10.1.0.11", 0);
	struct baseline *floor = baseline__open();

	if (!floor)
		process_bail("floor: %s", strerror(errno));
	balancer_words(&address, backend.address);
	memcpy((void *)&floor->rodata->only_backend, &backend, sizeof(backend));
	memcpy((void *)&floor->rodata->only_service, &service, sizeof(service));
	if (baseline__load(floor))
		process_bail("floor: %s", strerror(errno));
	link_lines(bpf_map__fd(floor->maps.lines));
	return floor;
}

/* A floor; `program` NULL: one that does nothing. */
static struct subject *add(struct subjects *subjects, const struct rig *rig, bool v6,
			   enum replay_side side, const char *name,
			   const struct bpf_program *program)
{
	static const struct replay_clients clients = {.count = FLOOR_CLIENTS, .shuffled = true};
	struct talk talk = {.protocol = IPPROTO_TCP,
			    .client = talk_client(v6, 0),
			    .service = endpoint(v6 ? "2001:db8::a" : "192.0.2.10", 80)};
	struct subject *subject = subjects_add(subjects, v6 ? "IPv6" : "IPv4", "%s", name);
	struct frame frame = talk_request(&talk, TCP_ACK);

	subject->replay = replay_open(program ? bpf_program__fd(program) : -1, &frame, side);
	replay_aim(subject->replay, &clients);
	subject->base = program ? floors_base(subjects, v6, side) : NULL;
	subject->rig = rig;
	return subject;
}

void floors_add(struct subjects *subjects, const struct rig *rig)
{
	struct baseline *floor = load();
	struct subject *chase;

	for (unsigned int i = 0; i < 4; i++)
		add(subjects, rig, i & 1, i & 2 ? REPLAY_TUNNEL : REPLAY_REQUEST,
		    i & 2 ? "(replay for tunnels alone, subtracted below)"
			  : "(replay alone, subtracted below)",
		    NULL);
	for (int v6 = 0; v6 < 2; v6++)
		add(subjects, rig, v6, REPLAY_REQUEST, "MAC swap", floor->progs.mac_swap);
	for (int v6 = 0; v6 < 2; v6++)
		add(subjects, rig, v6, REPLAY_REQUEST, "parse + swap", floor->progs.parse_swap);
	subjects->parse_nat = add(subjects, rig, false, REPLAY_REQUEST,
				  "E: parse + NAT, one backend", floor->progs.parse_nat);
	add(subjects, rig, true, REPLAY_REQUEST, "parse + NAT, one backend",
	    floor->progs.parse_nat);
	for (int v6 = 0; v6 < 2; v6++)
		add(subjects, rig, v6, REPLAY_REQUEST, "parse + NAT of plain packets only",
		    floor->progs.plain_nat);
	subjects->parse_ipip = add(subjects, rig, false, REPLAY_TUNNEL,
				   "E: parse + IPIP, one backend", floor->progs.parse_ipip);
	add(subjects, rig, true, REPLAY_TUNNEL, "parse + IPIP, one backend",
	    floor->progs.parse_ipip);
	chase = subjects_add(subjects, "", "C: one cold cache line of 64 MiB");
	chase->program = bpf_program__fd(floor->progs.chase);
	chase->steps = CHASE_STEPS;
	chase->base = floors_base(subjects, false, REPLAY_REQUEST);
	subjects->cold_line = chase;
}

struct subject *floors_base(struct subjects *subjects, bool v6, enum replay_side side)
{
	return &subjects->list[v6 + (side == REPLAY_TUNNEL ? 2 : 0)];
}
