// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decapsulation, byte by byte: the inner packet leaves with the Ethernet header of the tunnel
 * packet. Packets that are not in a tunnel to this host pass.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/process.h"
#include "core/tap.h"
#include "harness/cleanup_guard.h"
#include "harness/pins.h"
#include "harness/testnet.h"
#include "packets/checksum.h"
#include "packets/tunnel_builder.h"

static int program;

static void open_program(void)
{
	char name[40], command[4200], output[1024];

	snprintf(name, sizeof(name), "test-%d_decap", getpid());
	guard_add(name);
	snprintf(command, sizeof(command), "%s --instance test-%d decap front", guard_lbctl_path(),
		 getpid());
	if (process_run(command, NULL, output, sizeof(output)))
		process_bail("%s: %s", command, output);
	program = pins_open_program(name, "front");
}

static __u32 receive(const struct packet *packet, struct packet *result)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = packet->bytes,
		    .data_size_in = packet->length, .data_out = result->bytes,
		    .data_size_out = sizeof(result->bytes));

	if (bpf_prog_test_run_opts(program, &run))
		process_bail("BPF_PROG_TEST_RUN: %s", strerror(errno));
	result->length = run.data_size_out;
	return run.retval;
}

static struct packet_spec client_spec(bool v6)
{
	struct packet_spec spec = {
		.source = endpoint(v6 ? "2001:db8:c::1" : "198.18.0.1", 1024),
		.destination = endpoint(v6 ? "2001:db8::10" : "192.0.2.10", 80),
		.protocol = IPPROTO_TCP,
		.flags = TCP_ACK,
		.ttl = 63,
		.payload = 100,
	};

	testnet_mac_address(1, 1, spec.to);
	testnet_mac_address(1, TESTNET_GATEWAY, spec.from);
	return spec;
}

static struct outer tunnel(bool v6, bool gue)
{
	struct outer outer = {
		.source = endpoint(v6 ? "100::7" : "172.16.1.7", gue ? 51234 : 0),
		.destination = endpoint(v6 ? "fd01::1" : "10.1.0.1", 0),
		.label = 0x12345,
	};

	return outer;
}

static void is_decapsulated(const struct packet *packet, const struct packet *wanted,
			    const char *what)
{
	struct packet result;
	__u32 action = receive(packet, &result);

	ok(action == XDP_PASS && packet_same(&result, wanted), "%s", what);
}

static void every_tunnel(void)
{
	for (unsigned int i = 0; i < 24; i++) {
		struct packet_spec spec = client_spec(i & 1);
		struct outer outer = tunnel(i & 2, i & 4);
		struct packet inner, packet;
		char what[64];

		spec.tags = i / 8;
		spec.tag_type[0] = spec.tags == 2 ? ETH_P_8021AD : ETH_P_8021Q;
		spec.tag_type[1] = ETH_P_8021Q;
		spec.tag[0] = 5;
		packet_build(&spec, &inner);
		tunnel_build(&inner, packet_network(&spec), &outer, &packet);
		snprintf(what, sizeof(what), "%s: IPv%u in IPv%u with %u tags is decapsulated",
			 i & 4 ? "gue" : "ipip", i & 1 ? 6 : 4, i & 2 ? 6 : 4, spec.tags);
		is_decapsulated(&packet, &inner, what);
	}
}

/* Sets the ECN bits of the outer header of a packet without VLAN tags. */
static void set_outer_ecn(struct packet *packet, __u8 ecn)
{
	unsigned char *at = packet->bytes + ETH_HLEN;

	if (at[0] >> 4 == 6) {
		at[1] |= ecn << 4;
		return;
	}
	at[1] |= ecn;
	checksum_set_ipv4(at);
}

/*
 * RFC 6040: congestion experienced (CE) is copied to an ECN-capable inner packet. Otherwise the
 * packet is dropped.
 */
static void ecn_marks(void)
{
	for (unsigned int i = 0; i < 4; i++) {
		bool v6 = i & 1, capable = i & 2;
		struct packet_spec spec = client_spec(v6);
		struct outer outer = tunnel(v6, false);
		struct packet inner, packet, result;

		packet_build(&spec, &inner);
		if (v6)
			inner.bytes[ETH_HLEN + 1] &= 0xcf;
		set_outer_ecn(&inner, capable ? 2 : 0);
		tunnel_build(&inner, ETH_HLEN, &outer, &packet);
		set_outer_ecn(&packet, 3);
		if (capable) {
			set_outer_ecn(&inner, 3);
			is_decapsulated(&packet, &inner,
					v6 ? "IPv6: CE is copied to the inner header"
					   : "IPv4: CE is copied to the inner header");
		} else {
			is_int(receive(&packet, &result), XDP_DROP,
			       "%s: CE on a packet without ECN is dropped", v6 ? "IPv6" : "IPv4");
		}
	}
}

static void others_pass(void)
{
	struct packet_spec spec = client_spec(false);
	struct outer outer = tunnel(false, true);
	struct packet inner, packet;

	packet_build(&spec, &inner);
	is_decapsulated(&inner, &inner, "a packet without a tunnel passes");
	outer.destination = endpoint("10.1.0.2", 0);
	tunnel_build(&inner, ETH_HLEN, &outer, &packet);
	is_decapsulated(&packet, &packet, "a tunnel to another address passes");
	outer = tunnel(false, true);
	tunnel_build(&inner, ETH_HLEN, &outer, &packet);
	packet.bytes[ETH_HLEN + 22]++;
	is_decapsulated(&packet, &packet, "UDP to another port passes");
	outer = tunnel(false, false);
	tunnel_build(&inner, ETH_HLEN, &outer, &packet);
	packet.bytes[ETH_HLEN + 6] |= 0x20;
	is_decapsulated(&packet, &packet, "a fragment of a tunnel packet passes");
}

/* Packets cut at any length are handled, and no inner packet is longer than the received packet. */
static void truncated(void)
{
	struct packet_spec spec = client_spec(true);
	struct outer outer = tunnel(true, true);
	struct packet inner, packet, result;
	bool unchanged = true;

	packet_build(&spec, &inner);
	tunnel_build(&inner, ETH_HLEN, &outer, &packet);
	for (unsigned int length = ETH_HLEN; length < packet.length; length++) {
		struct packet cut = packet;
		__u32 action;

		cut.length = length;
		action = receive(&cut, &result);
		unchanged &= action == XDP_DROP || (action == XDP_PASS && result.length <= length);
	}
	ok(unchanged, "truncated packets never leave longer");
	packet.bytes[ETH_HLEN + tunnel_overhead(&outer)] = 0x55;
	is_int(receive(&packet, &result), XDP_DROP, "an inner packet that is not IP is dropped");
}

int main(void)
{
	struct testnet testnet;

	testnet_open(&testnet);
	open_program();
	every_tunnel();
	ecn_marks();
	others_pass();
	truncated();
	return tap_done();
}
