// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "oracle/forward_cases.h"
#include "packets/checksum.h"

#define OUTER4_BYTES 20U
#define OUTER6_BYTES 40U
#define UDP_BYTES    8U
#define GUE_PORT     6080

const struct forward_case forward_cases[FORWARD_CASES] = {
	{"nat4", 20, false, ""},
	{"nat6", 20, true, ""},
	{"dsr4", 21, false, "--forward dsr"},
	{"dsr6", 21, true, "--forward dsr"},
	{"ipip4", 22, false, "--forward ipip"},
	{"ipip6", 22, true, "--forward ipip"},
	{"gue4", 23, false, "--forward gue"},
	{"gue6", 23, true, "--forward gue"},
};

bool forward_case_is_nat(const struct forward_case *forward_case)
{
	return forward_case->number == 20;
}

bool forward_case_is_tunnel(const struct forward_case *forward_case)
{
	return forward_case->number >= 22;
}

static bool is_gue(const struct forward_case *forward_case)
{
	return forward_case->number == 23;
}

/* Only nat may have other ports behind the service. */
static struct endpoint backend_of(const struct forward_case *forward_case)
{
	struct endpoint backend = env_backend_endpoint(forward_case->v6, 2, 11);

	if (!forward_case_is_nat(forward_case))
		backend.port = 80;
	return backend;
}

void forward_cases_open(const struct env *env)
{
	static const __u8 protocols[] = {IPPROTO_TCP, IPPROTO_UDP};

	for (unsigned int i = 0; i < 2 * FORWARD_CASES; i++) {
		const struct forward_case *forward_case = &forward_cases[i / 2];
		struct endpoint backend = backend_of(forward_case);
		char name[32];

		snprintf(name, sizeof(name), "%s-%s", forward_case->name, i & 1 ? "udp" : "tcp");
		env_add_service(env, name, forward_case->number, forward_case->v6, protocols[i & 1],
				forward_case->flags);
		instance_must_run(&env->instance, "backend add %s %s", name,
				  endpoint_text(&backend));
	}
}

struct exchange forward_case_exchange(const struct env *env,
				      const struct forward_case *forward_case, __u8 protocol,
				      __u32 client)
{
	struct exchange exchange =
		env_exchange(env, forward_case->number, forward_case->v6, protocol, client);

	exchange.backend = backend_of(forward_case);
	return exchange;
}

struct frame forward_case_expected(const struct forward_case *forward_case, struct frame request)
{
	rig_mac_address(2, 11, request.to);
	rig_mac_address(2, 1, request.from);
	if (forward_case_is_nat(forward_case))
		request.destination = backend_of(forward_case);
	if (forward_case_is_nat(forward_case) || forward_case_is_tunnel(forward_case))
		request.ttl--;
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

static void put_outer4(const struct forward_case *forward_case, unsigned char *at,
		       const unsigned char *got, const unsigned char *inner, unsigned int bytes)
{
	struct endpoint backend = backend_of(forward_case);

	at[0] = 0x45;
	at[1] = inner[1];
	put16(at + 2, OUTER4_BYTES + bytes);
	at[4] = inner[4] ^ (inner[6] & 0x1f); /* a number for each fragment */
	at[5] = inner[5] ^ inner[7];
	put16(at + 6, inner[6] & 0x40 ? 0x4000 : 0);
	at[8] = 64;
	at[9] = is_gue(forward_case) ? IPPROTO_UDP : IPPROTO_IPIP;
	put16(at + 10, 0);
	at[12] = 172; /* 172.16.0.0/16, the rest by the hash */
	at[13] = 16;
	memcpy(at + 14, got + 14, 2);
	memcpy(at + 16, backend.address.s6_addr + 12, 4);
	put16(at + 10, checksum_field(checksum_add(0, at, OUTER4_BYTES)));
}

static void put_outer6(const struct forward_case *forward_case, unsigned char *at,
		       const unsigned char *got, const unsigned char *inner, unsigned int bytes)
{
	struct endpoint backend = backend_of(forward_case);

	memcpy(at, got, OUTER6_BYTES); /* label and source: by the hash */
	at[0] = inner[0];
	at[1] = (inner[1] & 0xf0) | (got[1] & 0x0f);
	put16(at + 4, bytes);
	at[6] = is_gue(forward_case) ? IPPROTO_UDP : IPPROTO_IPV6;
	at[7] = 64;
	memcpy(at + 24, &backend.address, 16);
}

/* The checksum of a UDP datagram behind an IPv6 header. */
static void put_checksum6(const unsigned char *ip, unsigned char *udp, unsigned int bytes)
{
	__u32 sum = checksum_add(IPPROTO_UDP + bytes, ip + 8, 32);
	__u16 field = checksum_field(checksum_add(sum, udp, bytes));

	put16(udp + 6, field ? field : 0xffff);
}

/* The length is what the inner header says, whatever there is. */
void forward_case_encapsulate(const struct forward_case *forward_case, const struct frame *sent,
			      bool has_inner_sum, const struct packet *got, struct packet *packet)
{
	unsigned int network = packet_network(sent),
		     outer = forward_case->v6 ? OUTER6_BYTES : OUTER4_BYTES;
	unsigned int udp = is_gue(forward_case) ? UDP_BYTES : 0, present = packet->length - network,
		     bytes;
	const unsigned char *inner = packet->bytes + network, *got_ip = got->bytes + network;
	unsigned char *at;
	struct packet encapsulated;

	if (!forward_case_is_tunnel(forward_case))
		return;
	bytes = forward_case->v6 ? 40U + get16(inner + 4) : get16(inner + 2);
	at = encapsulated.bytes + network;
	memcpy(encapsulated.bytes, packet->bytes, network);
	if (forward_case->v6)
		put_outer6(forward_case, at, got_ip, inner, bytes + udp);
	else
		put_outer4(forward_case, at, got_ip, inner, bytes + udp);
	memcpy(at + outer + udp, inner, present);
	if (udp) {
		memcpy(at + outer, got_ip + outer, 2); /* by the hash */
		put16(at + outer + 2, GUE_PORT);
		put16(at + outer + 4, udp + bytes);
		put16(at + outer + 6, 0);
		if (forward_case->v6 && has_inner_sum)
			put_checksum6(at, at + outer, udp + bytes);
	}
	encapsulated.length = network + outer + udp + present;
	*packet = encapsulated;
}
