// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/process.h"
#include "harness/replay.h"
#include "lib/harness/feed.skel.h"

struct replay {
	struct feed *object;
	int program; /* the feeding program */
	struct packet packet;
};

static struct bpf_program *select_program(const struct feed *object, bool v6, enum replay_side side)
{
	if (side == REPLAY_REPLY)
		return v6 ? object->progs.reply_ipv6 : object->progs.reply_ipv4;
	if (side == REPLAY_TUNNEL)
		return v6 ? object->progs.tunnel_ipv6 : object->progs.tunnel_ipv4;
	return v6 ? object->progs.request_ipv6 : object->progs.request_ipv4;
}

/* Stores the packet with zeros in place of the client, which the feeding program inserts. */
static void set_template(struct replay *replay, const struct packet_spec *spec,
			 enum replay_side side)
{
	bool v6 = endpoint_is_v6(&spec->source);
	unsigned int address = packet_transport(spec) - (side == REPLAY_REPLY ? 4 : v6 ? 20 : 8);
	unsigned int port = packet_transport(spec) + (side == REPLAY_REPLY ? 2 : 0);
	unsigned char bytes[sizeof(replay->object->bss->template)] = {0};
	const struct endpoint *client = side == REPLAY_REPLY ? &spec->destination : &spec->source;
	__u32 last;

	packet_build(spec, &replay->packet);
	if (replay->packet.length < (v6 ? 80 : 64))
		process_bail("replay: a packet of %u bytes is too short", replay->packet.length);
	memcpy(bytes, replay->packet.bytes, v6 ? 80 : 64);
	memset(bytes + address, 0, 4);
	memset(bytes + port, 0, 2);
	memcpy(replay->object->bss->template, bytes, sizeof(bytes));
	memcpy(&last, client->address.s6_addr + 12, sizeof(last));
	replay->object->bss->address = ntohl(last);
	replay->object->bss->length = replay->packet.length;
}

struct replay *replay_open(int program, const struct packet_spec *spec, enum replay_side side)
{
	struct replay *replay = calloc(1, sizeof(*replay));
	__u32 zero = 0;

	if (!replay)
		process_bail("replay: %s", strerror(errno));
	replay->object = feed__open_and_load();
	if (!replay->object)
		process_bail("replay: %s", strerror(errno));
	if (program < 0)
		program = bpf_program__fd(replay->object->progs.nothing);
	if (bpf_map_update_elem(bpf_map__fd(replay->object->maps.target), &zero, &program, 0))
		process_bail("replay: tail call: %s", strerror(errno));
	replay->program = bpf_program__fd(
		select_program(replay->object, endpoint_is_v6(&spec->source), side));
	set_template(replay, spec, side);
	return replay;
}

void replay_close(struct replay *replay)
{
	feed__destroy(replay->object);
	free(replay);
}

void replay_set_clients(struct replay *replay, const struct replay_clients *clients)
{
	struct feed__bss *set = replay->object->bss;

	set->first = clients->first;
	set->mask = clients->count - 1;
	/* Full period for every power of two, because (multiplier - 1) % 4 = 0. */
	set->multiplier = clients->shuffled ? 1664525 : 1;
	set->increment = clients->shuffled ? 1013904223 : 1;
	set->position = 0;
}

static __u64 thread_time_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

double replay_time(int program, unsigned int device, const struct packet *packet,
		   unsigned int repeats)
{
	struct xdp_md context = {.data_end = packet->length, .ingress_ifindex = device};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = packet->bytes,
		    .data_size_in = packet->length, .ctx_in = &context,
		    .ctx_size_in = sizeof(context), .repeat = repeats);
	__u64 begin = thread_time_ns();

	if (bpf_prog_test_run_opts(program, &run))
		process_bail("BPF_PROG_TEST_RUN: %s", strerror(errno));
	if (run.retval == XDP_ABORTED)
		process_bail("replay: the program aborted");
	return (double)(thread_time_ns() - begin) / repeats;
}

double replay_run(struct replay *replay, unsigned int device, unsigned int packets)
{
	return replay_time(replay->program, device, &replay->packet, packets);
}
