// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes the fuzzer's seed inputs: packets of all kinds, and connections.
 *
 *   seeds DIRECTORY COUNT
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/process.h"
#include "input_generator.h"
#include "packets/packet_layout.h"
#include "random/fixture_config.h"
#include "random/packet_generator.h"

#define SEED	    20240607
#define INPUT_BYTES 8192

static struct prng prng = {SEED};

static void append_packet(struct writer *writer, struct step *step, const struct packet *packet)
{
	step->length = packet->length;
	input_append_step(writer, step, packet->bytes);
}

static void append_any(struct writer *writer)
{
	struct packet packet;
	struct step step;

	input_draw_packet(&prng, &step, &packet);
	input_append_step(writer, &step, packet.bytes);
}

/* Appends a request with these flags, and the backend's reply. */
static void append_exchange(struct writer *writer, struct packet *request,
			    const struct layout *layout, __u8 request_flags, __u8 reply_flags)
{
	struct step step = {.headroom = 255}, reply;

	if (layout->protocol == IPPROTO_TCP)
		request->bytes[layout->transport + 13] = request_flags;
	append_packet(writer, &step, request);
	input_draw_reply(&prng, &reply);
	reply.tcp_flags = reply_flags;
	input_append_step(writer, &reply, NULL);
}

static void append_connection(struct writer *writer)
{
	struct packet request;
	struct layout layout;

	do
		generator_draw_request(&prng, &request);
	while (request.length > 300 || !layout_read(&request, &layout));
	append_exchange(writer, &request, &layout, TCP_SYN, TCP_SYN | TCP_ACK);
	append_exchange(writer, &request, &layout, TCP_ACK, TCP_ACK);
	if (prng_one_in(&prng, 2))
		append_exchange(writer, &request, &layout, TCP_FIN | TCP_ACK, TCP_FIN | TCP_ACK);
}

/* More clients than the flow table has entries. */
static void append_flood(struct writer *writer)
{
	struct packet request;

	for (unsigned int i = 0; i < 60; i++) {
		struct step step = {.headroom = 255, .random_seed = i};

		generator_draw_request(&prng, &request);
		if (request.length < 110)
			append_packet(writer, &step, &request);
	}
}

/* More connections of one client than it has SNAT ports: to all ports of a service. */
static void append_port_exhaustion(struct writer *writer)
{
	const struct fixture_service *service = fixture_service_by_name("all-snat4");
	struct packet_spec spec = {
		.source = endpoint("198.18.0.1", 1024),
		.destination = service->endpoint,
		.protocol = service->protocol,
		.ttl = 64,
	};
	struct step step = {.headroom = 255}, reply = {.flags = STEP_REPLY | STEP_BACK_DEVICE};
	struct packet packet;

	for (spec.destination.port = 1; spec.destination.port <= 18; spec.destination.port++) {
		packet_build(&spec, &packet);
		append_packet(writer, &step, &packet);
		reply.headroom = 255;
		input_append_step(writer, &reply, NULL);
		append_packet(writer, &step, &packet);
	}
}

static void write_seed(const char *directory, unsigned int number)
{
	__u8 bytes[INPUT_BYTES];
	struct writer writer = {.bytes = bytes, .room = sizeof(bytes)};
	char path[4096];
	FILE *file;

	if (prng_one_in(&prng, 32))
		append_port_exhaustion(&writer);
	for (unsigned int parts = 1 + prng_below(&prng, 8); parts; parts--)
		if (prng_one_in(&prng, 2))
			append_any(&writer);
		else
			append_connection(&writer);
	if (prng_one_in(&prng, 16))
		append_flood(&writer);
	snprintf(path, sizeof(path), "%s/seed-%u", directory, number);
	file = fopen(path, "w");
	if (!file || fwrite(writer.bytes, 1, writer.size, file) != writer.size || fclose(file))
		process_bail("%s: %s", path, strerror(errno));
}

int main(int argc, char **argv)
{
	unsigned int count = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;

	if (!count)
		process_bail("usage: seeds DIRECTORY COUNT");
	if (mkdir(argv[1], 0777) && errno != EEXIST)
		process_bail("%s: %s", argv[1], strerror(errno));
	for (unsigned int number = 0; number < count; number++)
		write_seed(argv[1], number);
	return 0;
}
