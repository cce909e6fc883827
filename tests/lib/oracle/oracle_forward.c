// SPDX-License-Identifier: GPL-2.0-only
#include "oracle/oracle_forward.h"

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <string.h>

#include "oracle/oracle_icmp_inner.h"
#include "oracle/oracle_portless.h"
#include "oracle/oracle_snat.h"
#include "packets/checksum.h"
#include "packets/packet_diff.h"
#include "packets/tunnel_builder.h"

#define GUE_PORTS 0xc000 /* the first that GUE comes from */

/* A client's packet, and whose it is. */
struct delivery {
	const struct packet *in;
	const struct packet *out;
	const struct cast_service *service;
	struct layout layout; /* of what came in */
	__u16 asked; /* port */
	bool is_sent; /* else it was left where it came in */
};

static const struct cast_service *find(const struct layout *layout, const struct endpoint *asked)
{
	if (endpoint_is_v6(asked) != layout->v6)
		return NULL; /* IPv6, with the address that stands for one of IPv4 */
	return cast_find(asked, layout->protocol);
}

bool delivery_is_error(const struct packet *packet)
{
	struct layout layout;

	return layout_read(packet, &layout) && quote_is_there(packet, &layout);
}

const struct cast_service *delivery_next(const struct packet *packet,
					 const struct cast_service *last)
{
	unsigned int next = last ? last - cast_services + 1 : 0;
	struct endpoint asked;
	struct layout layout;

	if (!layout_read(packet, &layout))
		return NULL;
	if (layout_has_ports(packet, &layout)) {
		asked = layout_receiver(packet, &layout);
		return last ? NULL : find(&layout, &asked);
	}
	for (unsigned int i = next; bare_is(packet, &layout) && i < cast_service_count; i++) {
		asked = layout_receiver(packet, &layout);
		asked.port = cast_services[i].endpoint.port;
		if (endpoint_is_v6(&asked) == layout.v6 &&
		    endpoint_same(&asked, &cast_services[i].endpoint))
			return &cast_services[i];
	}
	return NULL;
}

unsigned int delivery_overheads(const struct cast_service *service, unsigned int overheads[5])
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < 4; i++) {
		bool is_gue = i & 1;

		if (cast_forwards(service, is_gue ? LB_FORWARD_GUE : LB_FORWARD_IPIP))
			overheads[count++] = (i & 2 ? 40 : 20) + (is_gue ? 8 : 0);
	}
	if (cast_forwards(service, LB_FORWARD_NAT) || cast_forwards(service, LB_FORWARD_SNAT))
		overheads[count++] = 0;
	return count;
}

/* These bytes of addresses and ports differ, and what goes with them; it is a hop further. */
static const char *rewritten(const struct packet *in, const struct packet *out, bool is_sent,
			     const struct range *addresses, const struct range *ports)
{
	struct ranges ranges = {0};
	struct layout layout;
	const char *why;

	layout_read(in, &layout);
	if (is_sent)
		ranges_allow(&ranges, 0, 2 * ETH_ALEN);
	ranges_allow_hop(&ranges, &layout);
	ranges_allow(&ranges, addresses->at, addresses->bytes);
	ranges_allow(&ranges, ports->at, ports->bytes);
	ranges_allow(&ranges, layout_transport_sum(&layout), 2);
	if (!differs_only_in(in, out, &ranges))
		return "differs where translation changes nothing";
	why = a_hop_further(in, out, &layout);
	return why ? why : sums_hold(in, out, &layout);
}

static const char *by_nat(const struct delivery *delivery)
{
	const struct layout *layout = &delivery->layout;
	struct range address = {layout_destination(layout), layout_address_bytes(layout)};
	struct range port = {layout->transport + 2, 2};
	struct endpoint backend = layout_receiver(delivery->out, layout);

	if (bare_is(delivery->in, layout))
		return bare_to_backend(delivery->in, delivery->out, delivery->is_sent,
				       delivery->service, false);
	if (!cast_has(delivery->service, &backend, delivery->asked))
		return "not to a backend of the service";
	return rewritten(delivery->in, delivery->out, delivery->is_sent, &address, &port);
}

static const char *by_snat(const struct delivery *delivery)
{
	const struct layout *layout = &delivery->layout;
	struct range addresses = {layout_source(layout), 2 * layout_address_bytes(layout)};
	struct range ports = {layout->transport, 4};
	struct endpoint source = layout_sender(delivery->out, layout);
	struct endpoint backend = layout_receiver(delivery->out, layout);

	if (bare_is(delivery->in, layout))
		return bare_to_backend(delivery->in, delivery->out, delivery->is_sent,
				       delivery->service, true);
	if (!cast_has(delivery->service, &backend, delivery->asked))
		return "not to a backend of the service";
	if (!cast_source_has(&cast_snat_source, &source) || source.port < LB_SNAT_PORT_FIRST)
		return "not from an endpoint of ours";
	return rewritten(delivery->in, delivery->out, delivery->is_sent, &addresses, &ports);
}

static const char *by_dsr(const struct delivery *delivery)
{
	struct ranges ranges = {0};

	if (!delivery->is_sent)
		return "left to the kernel, which does not know whom to send it to";
	ranges_allow(&ranges, 0, 2 * ETH_ALEN);
	return differs_only_in(delivery->in, delivery->out, &ranges)
		       ? NULL
		       : "more than hardware addresses differ";
}

static __u16 get16(const unsigned char *at)
{
	return at[0] << 8 | at[1];
}

static void put16(unsigned char *at, __u16 value)
{
	at[0] = value >> 8;
	at[1] = value;
}

/* Bytes of the IP packet, as its header says. */
static unsigned int claimed_bytes(const struct packet *packet, const struct layout *layout)
{
	const unsigned char *ip = packet->bytes + layout->network;

	return layout->v6 ? get16(ip + 4) + 40U : get16(ip + 2);
}

/* The headers say by how much the packet has grown, and not how long it is: it may be padded. */
static void claim(struct packet *packet, unsigned int network, unsigned int bytes, bool is_gue)
{
	unsigned char *ip = packet->bytes + network;
	unsigned int header = ip[0] >> 4 == 6 ? 40 : 20;

	if (header == 40) {
		put16(ip + 4, bytes - 40);
	} else {
		put16(ip + 2, bytes);
		put16(ip + 10, 0);
		put16(ip + 10, checksum_field(checksum_add(0, ip, 20)));
	}
	if (is_gue)
		put16(ip + header + 4, bytes - header);
}

/* How wrong a checksum is, of which this sum should be 0: modulo 65535, where both are 0. */
static __u32 error_of(__u16 lacking)
{
	return lacking % 0xffffU;
}

/* Of the checksums in a packet, both together. */
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
 * GUE has a checksum over IPv6 if what is inside has one. It is made of the other's: it
 * is as wrong, if at all, as those are together. Lengths that lie leave it open.
 */
static const char *gue_sum_holds(const struct delivery *delivery)
{
	const struct layout *layout = &delivery->layout;
	const unsigned char *udp = delivery->out->bytes + layout->network + 40;
	bool is_due = !bare_is(delivery->in, layout) && !layout_is_fragment(layout) &&
		      (!layout->v6 || layout->transport == layout->network + 40) &&
		      !has_no_sum(delivery->in, layout);

	if (!get16(udp + 6) != !is_due)
		return "a tunnel's checksum that does not go with what is inside";
	if (is_due &&
	    claimed_bytes(delivery->in, layout) == delivery->in->length - layout->network &&
	    inner_error(delivery->in, layout) % 0xffff !=
		    outer_error(delivery->out, layout->network))
		return "a tunnel's checksum is wrong";
	return NULL;
}

/* Does the packet stand behind the tunnel's headers as it came, but a hop further? */
static const char *is_inside(const struct delivery *delivery, const struct packet *inner)
{
	struct ranges ranges = {0};

	ranges_allow_hop(&ranges, &delivery->layout);
	if (!differs_only_in(delivery->in, inner, &ranges))
		return "differs within the tunnel";
	return a_hop_further(delivery->in, inner, &delivery->layout);
}

/* The headers in full, but for GUE's checksum. */
static bool has_headers(const struct delivery *delivery, const struct packet *inner,
			const struct outer *outer)
{
	unsigned int network = delivery->layout.network, added = wrapped_bytes(outer);
	bool is_gue = outer->source.port;
	static struct packet wanted;

	wrapped_build(inner, network, outer, &wanted);
	claim(&wanted, network, claimed_bytes(delivery->in, &delivery->layout) + added, is_gue);
	if (delivery->is_sent)
		memcpy(wanted.bytes, delivery->out->bytes, 2 * ETH_ALEN);
	return !memcmp(wanted.bytes, delivery->out->bytes, network + added - (is_gue ? 2 : 0));
}

static const char *in_tunnel(const struct delivery *delivery, bool is_gue)
{
	const struct packet *in = delivery->in, *out = delivery->out;
	unsigned int network = delivery->layout.network;
	static struct packet inner;
	struct outer outer;
	const char *why;

	if (out->length < in->length + 20 || !wrapped_read(out, network, &outer) ||
	    is_gue != !!outer.source.port || out->length != in->length + wrapped_bytes(&outer))
		return "not in a tunnel";
	packet_copy(&inner, in);
	memcpy(inner.bytes + network, out->bytes + network + wrapped_bytes(&outer),
	       in->length - network);
	why = is_inside(delivery, &inner);
	if (why)
		return why;
	if (!cast_has_host(delivery->service, &outer.destination))
		return "not to a backend of the service";
	if (!cast_source_has(delivery->service->source, &outer.source) ||
	    (is_gue && outer.source.port < GUE_PORTS))
		return "a tunnel from elsewhere";
	if (outer.is_cut && delivery->is_sent)
		return "a tunnel that may be cut up, where it need not";
	if (!has_headers(delivery, &inner, &outer))
		return "a tunnel's headers are not as they should be";
	if (is_gue && endpoint_is_v6(&outer.destination))
		return gue_sum_holds(delivery);
	return is_gue && get16(out->bytes + network + 26) ? "a checksum of GUE over IPv4" : NULL;
}

static const char *by_ipip(const struct delivery *delivery)
{
	return in_tunnel(delivery, false);
}

static const char *by_gue(const struct delivery *delivery)
{
	return in_tunnel(delivery, true);
}

static const char *to_backend_of(const struct cast_service *service, const struct shot *shot,
				 __u32 ways)
{
	static const char *(*const judges[LB_FORWARD_COUNT])(const struct delivery *) = {
		[LB_FORWARD_NAT] = by_nat,   [LB_FORWARD_SNAT] = by_snat, [LB_FORWARD_DSR] = by_dsr,
		[LB_FORWARD_IPIP] = by_ipip, [LB_FORWARD_GUE] = by_gue,
	};
	struct delivery delivery = {
		.in = shot->in,
		.out = shot->out,
		.service = service,
		.is_sent = shot->action == XDP_TX || shot->action == XDP_REDIRECT,
	};
	const char *why = "in a way that the service does not have";

	layout_read(shot->in, &delivery.layout);
	delivery.asked = layout_receiver(shot->in, &delivery.layout).port;
	for (unsigned int way = 0; way < LB_FORWARD_COUNT; way++) {
		if (!(ways >> way & 1) || !cast_forwards(delivery.service, way))
			continue;
		why = judges[way](&delivery);
		if (!why)
			break;
	}
	return why;
}

const char *delivery_to_backend(const struct shot *shot, __u32 ways)
{
	const char *why = "sent to a backend, but for no service";
	const struct cast_service *service = NULL;

	while (why && (service = delivery_next(shot->in, service)))
		why = to_backend_of(service, shot, ways);
	return why;
}

void delivery_note(const struct shot *shot, bool goes_on)
{
	const struct cast_service *service = delivery_next(shot->in, NULL);
	struct recalled flow;
	struct endpoint place;
	struct layout layout;

	if (!service || !cast_forwards(service, LB_FORWARD_SNAT))
		return;
	layout_read(shot->in, &layout);
	if (!layout_has_ports(shot->in, &layout))
		return;
	flow.client = layout_sender(shot->in, &layout);
	flow.asked = layout_receiver(shot->in, &layout);
	flow.protocol = layout.protocol;
	place = layout_sender(shot->out, &layout);
	if (!goes_on || endpoint_same(&place, &flow.client))
		recall_unseen(&flow);
	else
		recall_seen(&place, &flow);
}

const char *delivery_to_client(const struct shot *shot)
{
	bool is_sent = shot->action == XDP_TX || shot->action == XDP_REDIRECT;
	struct endpoint backend, to, said;
	struct recalled flow;
	struct range address, port;
	struct layout layout;
	bool is_ours;

	if (!layout_read(shot->in, &layout))
		return "translated, but no packet of IP";
	if (bare_is(shot->in, &layout))
		return bare_to_client(shot, &layout);
	if (!layout_has_ports(shot->in, &layout))
		return "translated, but without whole ports";
	backend = layout_sender(shot->in, &layout);
	to = layout_receiver(shot->in, &layout);
	said = layout_sender(shot->out, &layout);
	is_ours = endpoint_is_v6(&to) == layout.v6 && cast_source_has(&cast_snat_source, &to) &&
		  to.port >= LB_SNAT_PORT_FIRST;
	if (endpoint_is_v6(&said) != layout.v6 || endpoint_is_v6(&backend) != layout.v6 ||
	    !cast_answers(&backend, &said, layout.protocol,
			  is_ours ? LB_FORWARD_SNAT : LB_FORWARD_NAT))
		return "not from a backend to a service of it";
	flow = (struct recalled){layout_receiver(shot->out, &layout), said, layout.protocol};
	if (is_ours && !recall_allows(&to, &flow))
		return "not to the client whose endpoint it was sent to";
	address = (struct range){layout_source(&layout), layout_address_bytes(&layout)};
	port = (struct range){layout.transport, 2};
	if (is_ours)
		address.bytes *= 2, port.bytes *= 2;
	return rewritten(shot->in, shot->out, is_sent, &address, &port);
}
