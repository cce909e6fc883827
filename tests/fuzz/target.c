// SPDX-License-Identifier: GPL-2.0-only
/*
 * The program under libFuzzer: it is given rows of packets (fuzz_input.h), each of which the
 * judge (tests/lib/oracle/oracle.h) looks at, while sanitizers watch what the program reads and
 * writes. Each row finds the world as it was at first, so what fails once fails again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz_env.h"
#include "kernel_mock.h"
#include "oracle/oracle.h"
#include "packets/packet_layout.h"

#define STEPS_MAX 64 /* of an input; what follows is not looked at */

int balancer(struct xdp_md *ctx);

/* By these names libFuzzer calls them. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const __u8 *input, size_t size);

static struct lb_outcomes met; /* over all inputs */
static struct packet sent; /* what a backend was last sent */
static bool has_sent;

static void tell_outcomes(void)
{
#define X(symbol, name, sentence) \
	fprintf(stderr, "outcome " #name " %llu\n", met.count[LB_##symbol]);
	LB_OUTCOMES(X)
#undef X
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	world_open();
	atexit(tell_outcomes);
	return 0;
}

static void show(const char *name, const struct packet *packet)
{
	fprintf(stderr, "%s, %u bytes:", name, packet->length);
	for (unsigned int i = 0; i < packet->length; i++)
		fprintf(stderr, " %02x", packet->bytes[i]);
	fputc('\n', stderr);
}

static void complain(const struct shot *shot, const char *why)
{
	fprintf(stderr, "action %u, outcome number %u: %s\n", shot->action, judge_outcome(shot),
		why);
	show("in", shot->in);
	show("out", shot->out);
	abort();
}

/* What the backend says to what it was sent. */
static bool make_answer(const struct step *step, struct packet *packet)
{
	struct layout layout;

	if (!has_sent)
		return false;
	packet_copy(packet, &sent);
	if (!layout_read(packet, &layout) || !layout_has_ports(packet, &layout))
		return false;
	layout_turn(packet, &layout);
	packet->bytes[layout_hops(&layout)] = 64;
	if (layout.protocol == IPPROTO_TCP)
		packet->bytes[layout.transport + 13] = step->tcp_flags;
	return true;
}

static bool make_packet(const struct step *step, const __u8 *bytes, struct packet *packet)
{
	if (step->flags & STEP_ANSWER)
		return make_answer(step, packet);
	if (step->length > KERNEL_PACKET_MAX)
		return false;
	packet->length = step->length;
	memcpy(packet->bytes, bytes, step->length);
	return true;
}

static void note(const struct shot *shot)
{
	enum lb_outcome outcome = judge_outcome(shot);

	met.count[outcome]++;
	if (outcome != LB_FORWARDED && outcome != LB_UNTRACKED)
		return;
	packet_copy(&sent, shot->out);
	has_sent = true;
}

static void take_step(const struct step *step, const struct packet *in)
{
	static struct packet out;
	struct lb_outcomes before = world_outcomes();
	struct shot shot = {.in = in, .out = &out};
	const char *why;

	shot.action = balancer(kernel_receive(step, in));
	shot.gained = world_outcomes();
	for (unsigned int i = 0; i < LB_OUTCOME_COUNT; i++)
		shot.gained.count[i] -= before.count[i];
	why = kernel_take(&out) ? judge(&shot) : "bytes before the packet were written";
	if (why)
		complain(&shot, why);
	note(&shot);
}

int LLVMFuzzerTestOneInput(const __u8 *input, size_t size)
{
	static struct packet packet;
	const __u8 *bytes;
	struct step step;
	size_t read;

	world_reset();
	has_sent = false;
	for (unsigned int i = 0; i < STEPS_MAX; i++, input += read, size -= read) {
		read = step_read(input, size, &step, &bytes);
		if (!read)
			break;
		if (make_packet(&step, bytes, &packet))
			take_step(&step, &packet);
	}
	return 0;
}
