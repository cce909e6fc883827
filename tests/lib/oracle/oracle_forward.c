// SPDX-License-Identifier: GPL-2.0-only
#include "oracle/oracle_forward.h"

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <string.h>

#include "oracle/oracle_icmp_inner.h"
#include "oracle/oracle_portless.h"
#include "oracle/oracle_snat.h"
#include "packets/bytes.h"
#include "packets/checksum.h"
#include "packets/packet_diff.h"
#include "packets/tunnel_builder.h"

#define GUE_PORT_FIRST 0xc000 /* first GUE source port */

/* A request and the service that it may be for. */
struct forwarding {
	const struct packet *in;
	const struct packet *out;
	const struct fixture_service *service;
	struct layout layout; /* of the received packet */
	__u16 requested; /* destination port of the request */
	bool is_sent; /* sent by XDP, or else passed to the stack */
};

static const struct fixture_service *find_service(const struct layout *layout,
						  const struct endpoint *requested)
{
	if (endpoint_is_v6(requested) != layout->v6)
		return NULL; /* IPv6 with an IPv4-mapped address */
	return fixture_service_by_endpoint(requested, layout->protocol);
}

bool oracle_is_icmp_error(const struct packet *packet)
{
	struct layout layout;

	return layout_read(packet, &layout) && inner_is_present(packet, &layout);
}

const struct fixture_service *oracle_next_service(const struct packet *packet,
						  const struct fixture_service *last)
{
	unsigned int next = last ? last - fixture_services + 1 : 0;
	struct endpoint requested;
	struct layout layout;

	if (!layout_read(packet, &layout))
		return NULL;
	if (layout_has_ports(packet, &layout)) {
		requested = layout_receiver(packet, &layout);
		return last ? NULL : find_service(&layout, &requested);
	}
	for (unsigned int i = next; is_portless(packet, &layout) && i < fixture_service_count;
	     i++) {
		requested = layout_receiver(packet, &layout);
		requested.port = fixture_services[i].endpoint.port;
		if (endpoint_is_v6(&requested) == layout.v6 &&
		    endpoint_same(&requested, &fixture_services[i].endpoint))
			return &fixture_services[i];
	}
	return NULL;
}

unsigned int oracle_tunnel_overheads(const struct fixture_service *service,
				     unsigned int overheads[5])
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < 4; i++) {
		bool is_gue = i & 1;

		if (fixture_service_forwards(service, is_gue ? LB_FORWARD_GUE : LB_FORWARD_IPIP))
			overheads[count++] = (i & 2 ? 40 : 20) + (is_gue ? 8 : 0);
	}
	if (fixture_service_forwards(service, LB_FORWARD_NAT) ||
	    fixture_service_forwards(service, LB_FORWARD_SNAT))
		overheads[count++] = 0;
	return count;
}

/*
 * Checks that only these addresses and ports, and the checksums over them, changed, and that the
 * TTL was decremented.
 */
static const char *check_translation(const struct packet *in, const struct packet *out,
				     bool is_sent, const struct range *addresses,
				     const struct range *ports)
{
	struct ranges ranges = {0};
	struct layout layout;
	const char *why;

	layout_read(in, &layout);
	ranges_allow_forwarding(&ranges, &layout, is_sent);
	ranges_allow(&ranges, addresses->at, addresses->bytes);
	ranges_allow(&ranges, ports->at, ports->bytes);
	ranges_allow(&ranges, layout_transport_sum(&layout), 2);
	why = check_rewrite(in, out, &layout, &ranges);
	return why ? why : check_checksums(in, out, &layout);
}

static const char *check_nat(const struct forwarding *forwarding)
{
	const struct layout *layout = &forwarding->layout;
	struct range address = {layout_destination(layout), layout_address_bytes(layout)};
	struct range port = {layout->transport + 2, 2};
	struct endpoint backend = layout_receiver(forwarding->out, layout);

	if (is_portless(forwarding->in, layout))
		return portless_check_to_backend(forwarding->in, forwarding->out,
						 forwarding->is_sent, forwarding->service, false);
	if (!fixture_service_has_backend(forwarding->service, &backend, forwarding->requested))
		return "destination is not a backend of the service";
	return check_translation(forwarding->in, forwarding->out, forwarding->is_sent, &address,
				 &port);
}

static const char *check_snat(const struct forwarding *forwarding)
{
	const struct layout *layout = &forwarding->layout;
	struct range addresses = {layout_source(layout), 2 * layout_address_bytes(layout)};
	struct range ports = {layout->transport, 4};
	struct endpoint source = layout_sender(forwarding->out, layout);
	struct endpoint backend = layout_receiver(forwarding->out, layout);

	if (is_portless(forwarding->in, layout))
		return portless_check_to_backend(forwarding->in, forwarding->out,
						 forwarding->is_sent, forwarding->service, true);
	if (!fixture_service_has_backend(forwarding->service, &backend, forwarding->requested))
		return "destination is not a backend of the service";
	if (!fixture_source_contains(&fixture_snat_source, &source) ||
	    source.port < LB_SNAT_PORT_FIRST)
		return "source is not an SNAT endpoint";
	return check_translation(forwarding->in, forwarding->out, forwarding->is_sent, &addresses,
				 &ports);
}

static const char *check_dsr(const struct forwarding *forwarding)
{
	struct ranges ranges = {0};

	if (!forwarding->is_sent)
		return "dsr packet passed to the stack, which cannot forward it";
	ranges_allow(&ranges, 0, 2 * ETH_ALEN);
	return differs_only_in(forwarding->in, forwarding->out, &ranges)
		       ? NULL
		       : "more than the MAC addresses changed in dsr mode";
}

/*
 * Error of a checksum with an expected sum of 0. Modulo 65535, because 0 and 65535 are equal in
 * one's complement.
 */
static __u32 error_of(__u16 lacking)
{
	return lacking % 0xffffU;
}

/* Sum of the errors of the IPv4 header checksum and the transport checksum. */
static __u32 inner_error(const struct packet *packet, const struct layout *layout)
{
	unsigned int bytes = packet->length - layout->transport;
	__u32 sum =
		checksum_add(layout->protocol + bytes, packet->bytes + layout->transport, bytes);

	sum = checksum_add(sum, packet->bytes + layout_source(layout),
			   2 * layout_address_bytes(layout));
	return error_of(checksum_field(sum)) +
	       (layout->v6 ? 0 : error_of(ip_header_sum(packet, layout)));
}

static __u32 outer_error(const struct packet *packet, unsigned int network)
{
	unsigned int udp = network + 40, bytes = packet->length - udp;
	__u32 sum = checksum_add(IPPROTO_UDP + bytes, packet->bytes + network + 8, 32);

	return error_of(checksum_field(checksum_add(sum, packet->bytes + udp, bytes)));
}

/*
 * GUE over IPv6 has a UDP checksum if the inner packet has a transport checksum. It is derived from
 * the inner checksums, so its error is the sum of theirs. A wrong inner length leaves it
 * unspecified.
 */
static const char *check_gue_checksum(const struct forwarding *forwarding)
{
	const struct layout *layout = &forwarding->layout;
	const unsigned char *udp = forwarding->out->bytes + layout->network + 40;
	bool has_checksum = !is_portless(forwarding->in, layout) && !layout_is_fragment(layout) &&
			    (!layout->v6 || layout->transport == layout->network + 40) &&
			    !has_no_checksum(forwarding->in, layout);

	if (!get_be16(udp + 6) != !has_checksum)
		return "presence of the GUE checksum does not match the inner packet";
	if (has_checksum &&
	    ip_packet_bytes(forwarding->in->bytes + layout->network) ==
		    forwarding->in->length - layout->network &&
	    inner_error(forwarding->in, layout) % 0xffff !=
		    outer_error(forwarding->out, layout->network))
		return "GUE checksum is wrong";
	return NULL;
}

/* Checks that the inner packet is the received packet with the TTL decremented. */
static const char *check_inner(const struct forwarding *forwarding, const struct packet *inner)
{
	struct ranges ranges = {0};

	ranges_allow_ttl(&ranges, &forwarding->layout);
	if (!differs_only_in(forwarding->in, inner, &ranges))
		return "inner packet changed";
	return check_ttl_decrement(forwarding->in, inner, &forwarding->layout);
}

/* Compares the outer headers, except GUE's checksum. */
static bool has_outer_headers(const struct forwarding *forwarding, const struct packet *inner,
			      const struct outer *outer)
{
	unsigned int network = forwarding->layout.network, added = tunnel_overhead(outer);
	bool is_gue = outer->source.port;
	struct outer without_checksum = *outer;
	static struct packet wanted;

	without_checksum.no_checksum = true;
	tunnel_build(inner, network, &without_checksum, &wanted);
	if (forwarding->is_sent)
		memcpy(wanted.bytes, forwarding->out->bytes, 2 * ETH_ALEN);
	return !memcmp(wanted.bytes, forwarding->out->bytes, network + added - (is_gue ? 2 : 0));
}

static const char *check_tunnel(const struct forwarding *forwarding, bool is_gue)
{
	const struct packet *in = forwarding->in, *out = forwarding->out;
	unsigned int network = forwarding->layout.network;
	static struct packet inner;
	struct outer outer;
	const char *why;

	if (out->length < in->length + 20 || !tunnel_read(out, network, &outer) ||
	    is_gue != !!outer.source.port || out->length != in->length + tunnel_overhead(&outer))
		return "not encapsulated as the mode requires";
	packet_copy(&inner, in);
	memcpy(inner.bytes + network, out->bytes + network + tunnel_overhead(&outer),
	       in->length - network);
	why = check_inner(forwarding, &inner);
	if (why)
		return why;
	if (!fixture_service_has_host(forwarding->service, &outer.destination))
		return "outer destination is not a backend of the service";
	if (!fixture_source_contains(forwarding->service->source, &outer.source) ||
	    (is_gue && outer.source.port < GUE_PORT_FIRST))
		return "outer source is not in the service's source prefixes";
	if (outer.may_fragment && forwarding->is_sent)
		return "outer header allows fragmentation of a packet that XDP sent";
	if (!has_outer_headers(forwarding, &inner, &outer))
		return "outer headers are wrong";
	if (is_gue && endpoint_is_v6(&outer.destination))
		return check_gue_checksum(forwarding);
	return is_gue && get_be16(out->bytes + network + 26) ? "GUE over IPv4 has a checksum"
							     : NULL;
}

static const char *check_ipip(const struct forwarding *forwarding)
{
	return check_tunnel(forwarding, false);
}

static const char *check_gue(const struct forwarding *forwarding)
{
	return check_tunnel(forwarding, true);
}

static const char *check_service(const struct fixture_service *service, const struct run *run,
				 __u32 modes)
{
	static const char *(*const checks[LB_FORWARD_COUNT])(const struct forwarding *) = {
		[LB_FORWARD_NAT] = check_nat, [LB_FORWARD_SNAT] = check_snat,
		[LB_FORWARD_DSR] = check_dsr, [LB_FORWARD_IPIP] = check_ipip,
		[LB_FORWARD_GUE] = check_gue,
	};
	struct forwarding forwarding = {
		.in = run->in,
		.out = run->out,
		.service = service,
		.is_sent = run->action == XDP_TX || run->action == XDP_REDIRECT,
	};
	const char *why = "forwarded in a mode that the service does not have";

	layout_read(run->in, &forwarding.layout);
	forwarding.requested = layout_receiver(run->in, &forwarding.layout).port;
	for (unsigned int mode = 0; mode < LB_FORWARD_COUNT; mode++) {
		if (!(modes >> mode & 1) || !fixture_service_forwards(forwarding.service, mode))
			continue;
		why = checks[mode](&forwarding);
		if (!why)
			break;
	}
	return why;
}

const char *oracle_check_to_backend(const struct run *run, __u32 modes)
{
	const char *why = "sent to a backend, but no service matches";
	const struct fixture_service *service = NULL;

	while (why && (service = oracle_next_service(run->in, service)))
		why = check_service(service, run, modes);
	return why;
}

void oracle_learn_flow(const struct run *run, bool is_forwarded)
{
	const struct fixture_service *service = oracle_next_service(run->in, NULL);
	struct oracle_snat_flow flow;
	struct endpoint snat_source;
	struct layout layout;

	if (!service || !fixture_service_forwards(service, LB_FORWARD_SNAT))
		return;
	layout_read(run->in, &layout);
	if (!layout_has_ports(run->in, &layout))
		return;
	flow.client = layout_sender(run->in, &layout);
	flow.requested = layout_receiver(run->in, &layout);
	flow.protocol = layout.protocol;
	snat_source = layout_sender(run->out, &layout);
	if (!is_forwarded || endpoint_same(&snat_source, &flow.client))
		oracle_snat_learn_unknown(&flow);
	else
		oracle_snat_learn(&snat_source, &flow);
}

const char *oracle_check_to_client(const struct run *run)
{
	bool is_sent = run->action == XDP_TX || run->action == XDP_REDIRECT;
	struct endpoint backend, to, vip;
	struct oracle_snat_flow flow;
	struct range address, port;
	struct layout layout;
	bool is_snat;

	if (!layout_read(run->in, &layout))
		return "translated as a reply, but it is not IP";
	if (is_portless(run->in, &layout))
		return portless_check_to_client(run, &layout);
	if (!layout_has_ports(run->in, &layout))
		return "translated as a reply, but it has no complete ports";
	backend = layout_sender(run->in, &layout);
	to = layout_receiver(run->in, &layout);
	vip = layout_sender(run->out, &layout);
	is_snat = endpoint_is_v6(&to) == layout.v6 &&
		  fixture_source_contains(&fixture_snat_source, &to) &&
		  to.port >= LB_SNAT_PORT_FIRST;
	if (endpoint_is_v6(&vip) != layout.v6 || endpoint_is_v6(&backend) != layout.v6 ||
	    !fixture_backend_replies_for(&backend, &vip, layout.protocol,
					 is_snat ? LB_FORWARD_SNAT : LB_FORWARD_NAT))
		return "source is not a backend of the service";
	flow = (struct oracle_snat_flow){layout_receiver(run->out, &layout), vip, layout.protocol};
	if (is_snat && !oracle_snat_allows(&to, &flow))
		return "sent to another client than the owner of the SNAT endpoint";
	address = (struct range){layout_source(&layout), layout_address_bytes(&layout)};
	port = (struct range){layout.transport, 2};
	if (is_snat)
		address.bytes *= 2, port.bytes *= 2;
	return check_translation(run->in, run->out, is_sent, &address, &port);
}
