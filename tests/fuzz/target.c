// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer target. It gives the program sequences of packets (fuzz_input.h) and checks each result
 * with the oracle (tests/lib/oracle/oracle.h), while sanitizers check memory accesses. Each
 * sequence starts from the same state, so that failures are reproducible.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/outcome_label.h"
#include "fuzz_env.h"
#include "kernel_mock.h"
#include "oracle/oracle.h"
#include "packets/packet_dump.h"
#include "packets/packet_layout.h"

#define STEPS_MAX 64 /* steps per input; further ones are ignored */

int balancer(struct xdp_md *ctx);

/* Names that libFuzzer requires. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const __u8 *input, size_t size);

static struct lb_outcomes totals; /* over all inputs */
static struct packet last_sent; /* the last packet sent to a backend */
static bool has_last_sent;

static void print_outcomes(void)
{
	for (unsigned int i = 0; i < LB_OUTCOME_COUNT; i++)
		fprintf(stderr, "outcome %s %llu\n", outcome_label(i), totals.count[i]);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	fuzz_env_open();
	atexit(print_outcomes);
	return 0;
}

static void fail(const struct run *run, const char *why)
{
	fprintf(stderr, "action %u, outcome %s: %s\n", run->action,
		outcome_label(oracle_outcome(run)), why);
	packet_dump("in", run->in);
	packet_dump("out", run->out);
	abort();
}

/* Builds the backend's reply to the last packet. */
static bool build_reply(const struct step *step, struct packet *packet)
{
	struct layout layout;

	if (!has_last_sent)
		return false;
	packet_copy(packet, &last_sent);
	if (!layout_read(packet, &layout) || !layout_has_ports(packet, &layout))
		return false;
	layout_reverse(packet, &layout);
	packet->bytes[layout_ttl(&layout)] = 64;
	if (layout.protocol == IPPROTO_TCP)
		packet->bytes[layout.transport + 13] = step->tcp_flags;
	return true;
}

static bool build_packet(const struct step *step, const __u8 *bytes, struct packet *packet)
{
	if (step->flags & STEP_REPLY)
		return build_reply(step, packet);
	if (step->length > KERNEL_PACKET_MAX)
		return false;
	packet->length = step->length;
	memcpy(packet->bytes, bytes, step->length);
	return true;
}

static void record_outcome(const struct run *run)
{
	enum lb_outcome outcome = oracle_outcome(run);

	totals.count[outcome]++;
	if (outcome != LB_FORWARDED && outcome != LB_UNTRACKED)
		return;
	packet_copy(&last_sent, run->out);
	has_last_sent = true;
}

static void run_step(const struct step *step, const struct packet *in)
{
	static struct packet out;
	struct lb_outcomes before = fuzz_env_outcomes();
	struct run run = {.in = in, .out = &out};
	const char *why;

	run.action = balancer(kernel_receive(step, in));
	run.increments = fuzz_env_outcomes();
	for (unsigned int i = 0; i < LB_OUTCOME_COUNT; i++)
		run.increments.count[i] -= before.count[i];
	why = kernel_get_packet(&out) ? oracle_check(&run) : "bytes before the packet were written";
	if (why)
		fail(&run, why);
	record_outcome(&run);
}

int LLVMFuzzerTestOneInput(const __u8 *input, size_t size)
{
	static struct packet packet;
	const __u8 *bytes;
	struct step step;
	size_t read;

	fuzz_env_reset();
	has_last_sent = false;
	for (unsigned int i = 0; i < STEPS_MAX; i++, input += read, size -= read) {
		read = step_read(input, size, &step, &bytes);
		if (!read)
			break;
		if (build_packet(&step, bytes, &packet))
			run_step(&step, &packet);
	}
	return 0;
}
