// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes what the fuzzer begins with: rows of packets of all sorts, and of connections.
 *
 *   seeds DIRECTORY COUNT
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "input_generator.h"
#include "packets/packet_generator.h"
#include "packets/packet_layout.h"
#include "rig/fixture_config.h"
#include "rig/process.h"

#define SEED	    20240607
#define INPUT_BYTES 8192

static struct dice dice = {SEED};

static void append_packet(struct row *row, struct step *step, const struct packet *packet)
{
	step->length = packet->length;
	row_append(row, step, packet->bytes);
}

static void append_any(struct row *row)
{
	struct packet packet;
	struct step step;

	draw_packet(&dice, &step, &packet);
	row_append(row, &step, packet.bytes);
}

/* A client's packet with these flags, and what the backend says to it. */
static void append_exchange(struct row *row, struct packet *request, const struct layout *layout,
			    __u8 request_flags, __u8 answer_flags)
{
	struct step step = {.headroom = 255}, answer;

	if (layout->protocol == IPPROTO_TCP)
		request->bytes[layout->transport + 13] = request_flags;
	append_packet(row, &step, request);
	draw_answer(&dice, &answer);
	answer.tcp_flags = answer_flags;
	row_append(row, &answer, NULL);
}

static void append_talk(struct row *row)
{
	struct packet request;
	struct layout layout;

	do
		variety_draw_request(&dice, &request);
	while (request.length > 300 || !layout_read(&request, &layout));
	append_exchange(row, &request, &layout, TCP_SYN, TCP_SYN | TCP_ACK);
	append_exchange(row, &request, &layout, TCP_ACK, TCP_ACK);
	if (dice_one_in(&dice, 2))
		append_exchange(row, &request, &layout, TCP_FIN | TCP_ACK, TCP_FIN | TCP_ACK);
}

/* More clients than the memory has room for. */
static void append_flood(struct row *row)
{
	struct packet request;

	for (unsigned int i = 0; i < 60; i++) {
		struct step step = {.headroom = 255, .luck = i};

		variety_draw_request(&dice, &request);
		if (request.length < 110)
			append_packet(row, &step, &request);
	}
}

/* More connections of one client than there are places for it: to the ports of a service. */
static void append_greed(struct row *row)
{
	const struct cast_service *service = cast_called("all-snat4");
	struct frame frame = {
		.source = endpoint("198.18.0.1", 1024),
		.destination = service->endpoint,
		.protocol = service->protocol,
		.hops = 64,
	};
	struct step step = {.headroom = 255}, answer = {.flags = STEP_ANSWER | STEP_BEHIND};
	struct packet packet;

	for (frame.destination.port = 1; frame.destination.port <= 18; frame.destination.port++) {
		packet_build(&frame, &packet);
		append_packet(row, &step, &packet);
		answer.headroom = 255;
		row_append(row, &answer, NULL);
		append_packet(row, &step, &packet);
	}
}

static void write_seed(const char *directory, unsigned int number)
{
	__u8 bytes[INPUT_BYTES];
	struct row row = {.bytes = bytes, .room = sizeof(bytes)};
	char path[4096];
	FILE *file;

	if (dice_one_in(&dice, 32))
		append_greed(&row);
	for (unsigned int parts = 1 + dice_below(&dice, 8); parts; parts--)
		if (dice_one_in(&dice, 2))
			append_any(&row);
		else
			append_talk(&row);
	if (dice_one_in(&dice, 16))
		append_flood(&row);
	snprintf(path, sizeof(path), "%s/seed-%u", directory, number);
	file = fopen(path, "w");
	if (!file || fwrite(row.bytes, 1, row.size, file) != row.size || fclose(file))
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
