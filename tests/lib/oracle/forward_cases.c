// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "oracle/forward_cases.h"
#include "packets/checksum.h"

#define OUTER4	 20U
#define OUTER6	 40U
#define UDP	 8U
#define GUE_PORT 6080

const struct carriage carriages[CARRIAGES] = {
	{"nat4", 20, false, ""},
	{"nat6", 20, true, ""},
	{"dsr4", 21, false, "--forward dsr"},
	{"dsr6", 21, true, "--forward dsr"},
	{"ipip4", 22, false, "--forward ipip"},
	{"ipip6", 22, true, "--forward ipip"},
	{"gue4", 23, false, "--forward gue"},
	{"gue6", 23, true, "--forward gue"},
};

bool carriage_is_nat(const struct carriage *carriage)
{
	return carriage->number == 20;
}

bool carriage_is_tunnel(const struct carriage *carriage)
{
	return carriage->number >= 22;
}

static bool is_gue(const struct carriage *carriage)
{
	return carriage->number == 23;
}

/* Only nat may have other ports behind the service. */
static struct endpoint backend_of(const struct carriage *carriage)
{
	struct endpoint backend = stage_endpoint(carriage->v6, 2, 11);

	if (!carriage_is_nat(carriage))
		backend.port = 80;
	return backend;
}

void carriage_open_all(const struct stage *stage)
{
	static const __u8 protocols[] = {IPPROTO_TCP, IPPROTO_UDP};

	for (unsigned int i = 0; i < 2 * CARRIAGES; i++) {
		const struct carriage *carriage = &carriages[i / 2];
		struct endpoint backend = backend_of(carriage);
		char name[32];

		snprintf(name, sizeof(name), "%s-%s", carriage->name, i & 1 ? "udp" : "tcp");
		stage_service(stage, name, carriage->number, carriage->v6, protocols[i & 1],
			      carriage->flags);
		balancer_do(&stage->balancer, "backend add %s %s", name, endpoint_text(&backend));
	}
}

struct talk carriage_talk(const struct stage *stage, const struct carriage *carriage, __u8 protocol,
			  __u32 client)
{
	struct talk talk = stage_talk(stage, carriage->number, carriage->v6, protocol, client);

	talk.backend = backend_of(carriage);
	return talk;
}

struct frame carriage_sent(const struct carriage *carriage, struct frame request)
{
	rig_hardware_address(2, 11, request.to);
	rig_hardware_address(2, 1, request.from);
	if (carriage_is_nat(carriage))
		request.destination = backend_of(carriage);
	if (carriage_is_nat(carriage) || carriage_is_tunnel(carriage))
		request.hops--;
	return request;
}

static void put16(unsigned char *at, __u16 value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static __u16 get16(const unsigned char *at)
{
	return at[0] << 8 | at[1];
}

static void put_outer4(const struct carriage *carriage, unsigned char *at, const unsigned char *got,
		       const unsigned char *inner, unsigned int bytes)
{
	struct endpoint backend = backend_of(carriage);

	at[0] = 0x45;
	at[1] = inner[1];
	put16(at + 2, OUTER4 + bytes);
	at[4] = inner[4] ^ (inner[6] & 0x1f); /* a number for each fragment */
	at[5] = inner[5] ^ inner[7];
	put16(at + 6, inner[6] & 0x40 ? 0x4000 : 0);
	at[8] = 64;
	at[9] = is_gue(carriage) ? IPPROTO_UDP : IPPROTO_IPIP;
	put16(at + 10, 0);
	at[12] = 172; /* 172.16.0.0/16, the rest by the hash */
	at[13] = 16;
	memcpy(at + 14, got + 14, 2);
	memcpy(at + 16, backend.address.s6_addr + 12, 4);
	put16(at + 10, checksum_field(checksum_add(0, at, OUTER4)));
}

static void put_outer6(const struct carriage *carriage, unsigned char *at, const unsigned char *got,
		       const unsigned char *inner, unsigned int bytes)
{
	struct endpoint backend = backend_of(carriage);

	memcpy(at, got, OUTER6); /* label and source: by the hash */
	at[0] = inner[0];
	at[1] = (inner[1] & 0xf0) | (got[1] & 0x0f);
	put16(at + 4, bytes);
	at[6] = is_gue(carriage) ? IPPROTO_UDP : IPPROTO_IPV6;
	at[7] = 64;
	memcpy(at + 24, &backend.address, 16);
}

/* The checksum of a UDP datagram behind an IPv6 header. */
static void put_sum6(const unsigned char *ip, unsigned char *udp, unsigned int bytes)
{
	__u32 sum = checksum_add(IPPROTO_UDP + bytes, ip + 8, 32);
	__u16 field = checksum_field(checksum_add(sum, udp, bytes));

	put16(udp + 6, field ? field : 0xffff);
}

/* The length is what the inner header says, whatever there is. */
void carriage_wrap(const struct carriage *carriage, const struct frame *sent, bool sum_is_told,
		   const struct packet *got, struct packet *packet)
{
	unsigned int network = packet_network(sent), outer = carriage->v6 ? OUTER6 : OUTER4;
	unsigned int udp = is_gue(carriage) ? UDP : 0, present = packet->length - network, bytes;
	const unsigned char *inner = packet->bytes + network, *there = got->bytes + network;
	unsigned char *at;
	struct packet wrapped;

	if (!carriage_is_tunnel(carriage))
		return;
	bytes = carriage->v6 ? 40U + get16(inner + 4) : get16(inner + 2);
	at = wrapped.bytes + network;
	memcpy(wrapped.bytes, packet->bytes, network);
	if (carriage->v6)
		put_outer6(carriage, at, there, inner, bytes + udp);
	else
		put_outer4(carriage, at, there, inner, bytes + udp);
	memcpy(at + outer + udp, inner, present);
	if (udp) {
		memcpy(at + outer, there + outer, 2); /* by the hash */
		put16(at + outer + 2, GUE_PORT);
		put16(at + outer + 4, udp + bytes);
		put16(at + outer + 6, 0);
		if (carriage->v6 && sum_is_told)
			put_sum6(at, at + outer, udp + bytes);
	}
	wrapped.length = network + outer + udp + present;
	*packet = wrapped;
}
