// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <string.h>

#include "cast.h"
#include "checksum.h"
#include "judge.h"
#include "layout.h"

#define PASS (1U << XDP_PASS)
#define DROP (1U << XDP_DROP)
#define BACK (1U << XDP_TX)
#define SENT (1U << XDP_TX | 1U << XDP_REDIRECT)

#define ANSWER_HOPS  64
#define QUOTED_BYTES 128
#define RANGES_MAX   8

/* Bytes of a packet that may differ. */
struct range {
	unsigned int at;
	unsigned int bytes;
};

/* In the order in which they stand in the packet. */
struct ranges {
	struct range range[RANGES_MAX];
	unsigned int count;
};

static void allow(struct ranges *ranges, unsigned int at, unsigned int bytes)
{
	ranges->range[ranges->count++] = (struct range){at, bytes};
}

static bool differs_only_in(const struct shot *shot, const struct ranges *ranges)
{
	const unsigned char *in = shot->in->bytes, *out = shot->out->bytes;
	unsigned int at = 0;

	if (shot->in->length != shot->out->length)
		return false;
	for (unsigned int i = 0; i < ranges->count; i++) {
		if (memcmp(in + at, out + at, ranges->range[i].at - at))
			return false;
		at = ranges->range[i].at + ranges->range[i].bytes;
	}
	return !memcmp(in + at, out + at, shot->in->length - at);
}

static __u16 ip_header_sum(const struct packet *packet, const struct layout *layout)
{
	return checksum_field(checksum_add(0, packet->bytes + layout->network,
					   layout->transport - layout->network));
}

/*
 * Over addresses and all that follows the IP header, to the packet's end. Lengths are
 * left out, as they are what they were.
 */
static __u16 transport_sum(const struct packet *packet, const struct layout *layout,
			   bool with_addresses)
{
	__u32 sum = checksum_add(0, packet->bytes + layout->transport,
				 packet->length - layout->transport);

	if (with_addresses)
		sum = checksum_add(sum, packet->bytes + layout_source(layout),
				   2 * layout_address_bytes(layout));
	return checksum_field(sum);
}

static bool has_no_sum(const struct packet *packet, const struct layout *layout)
{
	unsigned int at = layout_transport_sum(layout);

	return layout->protocol == IPPROTO_UDP && !packet->bytes[at] && !packet->bytes[at + 1];
}

/*
 * Sums that were right are right, and those that were wrong are wrong by as much. A UDP
 * packet without one has none still, and none with one loses it.
 */
static const char *sums_hold(const struct shot *shot, const struct layout *layout)
{
	if (!layout->v6 && ip_header_sum(shot->in, layout) != ip_header_sum(shot->out, layout))
		return "the IP header's checksum is not what it was";
	if (has_no_sum(shot->in, layout) != has_no_sum(shot->out, layout))
		return "a UDP checksum came or went";
	if (!has_no_sum(shot->in, layout) &&
	    transport_sum(shot->in, layout, true) != transport_sum(shot->out, layout, true))
		return "the transport checksum is not what it was";
	return NULL;
}

static const char *untouched(const struct shot *shot)
{
	return packet_same(shot->in, shot->out) ? NULL : "not untouched";
}

static const char *gone(const struct shot *shot)
{
	(void)shot;
	return NULL;
}

/* One endpoint is another, at these places; it is a hop further, and may have left by a device. */
static const char *translated(const struct shot *shot, const struct layout *layout,
			      unsigned int address, unsigned int port)
{
	unsigned int hops = layout_hops(layout);
	struct ranges ranges = {0};

	if (shot->action != XDP_PASS)
		allow(&ranges, 0, 2 * ETH_ALEN);
	allow(&ranges, hops, 1);
	if (!layout->v6)
		allow(&ranges, layout->network + 10, 2);
	allow(&ranges, address, layout_address_bytes(layout));
	allow(&ranges, port, 2);
	allow(&ranges, layout_transport_sum(layout), 2);
	if (!differs_only_in(shot, &ranges))
		return "differs where translation changes nothing";
	if (shot->in->bytes[hops] < 2 || shot->out->bytes[hops] != shot->in->bytes[hops] - 1)
		return "not a hop further";
	return sums_hold(shot, layout);
}

/* Do these belong together, and to a packet of this IP version? */
static bool is_pair(const struct layout *layout, const struct endpoint *service,
		    const struct endpoint *backend)
{
	return endpoint_is_v6(service) == layout->v6 &&
	       cast_has(service, layout->protocol, backend);
}

static const char *to_backend(const struct shot *shot)
{
	struct endpoint service, backend;
	struct layout layout;

	if (!layout_read(shot->in, &layout) || !layout_has_ports(shot->in, &layout))
		return "translated, but without whole ports";
	service = layout_receiver(shot->in, &layout);
	backend = layout_receiver(shot->out, &layout);
	if (!is_pair(&layout, &service, &backend))
		return "not from a service to a backend of it";
	return translated(shot, &layout, layout_destination(&layout), layout.transport + 2);
}

static const char *to_client(const struct shot *shot)
{
	struct endpoint service, backend;
	struct layout layout;

	if (!layout_read(shot->in, &layout) || !layout_has_ports(shot->in, &layout))
		return "translated, but without whole ports";
	service = layout_sender(shot->out, &layout);
	backend = layout_sender(shot->in, &layout);
	if (!is_pair(&layout, &service, &backend))
		return "not from a backend to a service of it";
	return translated(shot, &layout, layout_source(&layout), layout.transport);
}

/* Translated in either direction, for whichever reason it went no further. */
static const char *either_way(const struct shot *shot)
{
	return to_backend(shot) ? to_client(shot) : NULL;
}

static bool is_swapped(const struct shot *shot, unsigned int a, unsigned int b, unsigned int bytes)
{
	const unsigned char *in = shot->in->bytes, *out = shot->out->bytes;

	return !memcmp(in + a, out + b, bytes) && !memcmp(in + b, out + a, bytes);
}

static bool is_echo(const struct shot *shot, const struct layout *layout)
{
	const unsigned char *in = shot->in->bytes + layout->transport;

	return layout->protocol == (layout->v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP) &&
	       !layout_is_fragment(shot->in, layout) && shot->in->length >= layout->transport + 8 &&
	       in[0] == (layout->v6 ? 128 : 8) && !in[1] &&
	       shot->out->bytes[layout->transport] == (layout->v6 ? 129 : 0);
}

static const char *answered(const struct shot *shot)
{
	struct ranges ranges = {0};
	struct layout layout;

	if (!layout_read(shot->in, &layout) || !is_echo(shot, &layout))
		return "answered, but no ping";
	allow(&ranges, 0, 2 * ETH_ALEN);
	allow(&ranges, layout_hops(&layout), 1);
	if (!layout.v6)
		allow(&ranges, layout.network + 10, 2);
	allow(&ranges, layout_source(&layout), 2 * layout_address_bytes(&layout));
	allow(&ranges, layout.transport, 1);
	allow(&ranges, layout.transport + 2, 2);
	if (!differs_only_in(shot, &ranges))
		return "differs where an answer changes nothing";
	if (!is_swapped(shot, 0, ETH_ALEN, ETH_ALEN) ||
	    !is_swapped(shot, layout_source(&layout), layout_destination(&layout),
			layout_address_bytes(&layout)))
		return "not back whence it came";
	if (shot->out->bytes[layout_hops(&layout)] != ANSWER_HOPS)
		return "not with the time to live of an answer";
	if (!layout.v6 && ip_header_sum(shot->in, &layout) != ip_header_sum(shot->out, &layout))
		return "the IP header's checksum is not what it was";
	if (transport_sum(shot->in, &layout, layout.v6) !=
	    transport_sum(shot->out, &layout, layout.v6))
		return "the ICMP checksum is not what it was";
	return NULL;
}

/* A message to the sender, which carries the beginning of the packet. */
static const char *told(const struct shot *shot)
{
	struct layout in, out;

	if (!layout_read(shot->in, &in) || !layout_read(shot->out, &out) || in.v6 != out.v6 ||
	    in.network != out.network)
		return "told, but not by a packet of its kind";
	if (shot->out->length != out.transport + 8 + QUOTED_BYTES ||
	    memcmp(shot->out->bytes + out.transport + 8, shot->in->bytes + in.network,
		   QUOTED_BYTES))
		return "told without the beginning of the packet";
	if (memcmp(shot->in->bytes + layout_source(&in),
		   shot->out->bytes + layout_destination(&out), layout_address_bytes(&in)) ||
	    memcmp(shot->in->bytes + layout_destination(&in),
		   shot->out->bytes + layout_source(&out), layout_address_bytes(&in)) ||
	    !is_swapped(shot, 0, ETH_ALEN, ETH_ALEN))
		return "not back whence it came";
	if (!out.v6 && (ip_header_sum(shot->out, &out) || transport_sum(shot->out, &out, false)))
		return "told with a wrong checksum";
	return NULL;
}

/* The verdicts that go with an outcome, none for one that must not be; and what holds then. */
static const struct rule {
	__u32 actions;
	const char *(*broken_by)(const struct shot *shot);
} rules[LB_OUTCOME_COUNT] = {
	[LB_FORWARDED] = {SENT, to_backend},
	[LB_REPLIED] = {SENT, to_client},
	[LB_PASSED] = {PASS, untouched},
	[LB_UNREMEMBERED] = {SENT, to_backend},
	[LB_BY_KERNEL] = {PASS, either_way},
	[LB_NOT_IP] = {PASS, untouched},
	[LB_NOT_TRANSPORT] = {PASS, untouched},
	[LB_FRAGMENT] = {PASS, untouched},
	[LB_MALFORMED] = {PASS, untouched},
	[LB_REPLY_UNKNOWN] = {PASS, untouched},
	[LB_NO_BACKEND] = {DROP, untouched},
	/* The kernel is asked for the way of the packet as it would be sent. */
	[LB_NO_ROUTE] = {DROP, either_way},
	[LB_TTL_EXPIRED] = {DROP, untouched},
	[LB_ABORTED] = {0, untouched},
	[LB_ECHO_ANSWERED] = {BACK, answered},
	[LB_TOO_BIG] = {BACK, told},
	/* What could not be made into another packet is gone, however far that had come. */
	[LB_NO_HEADROOM] = {DROP, gone},
};

enum lb_outcome judge_outcome(const struct shot *shot)
{
	enum lb_outcome found = LB_OUTCOME_COUNT;

	for (unsigned int i = 0; i < LB_OUTCOME_COUNT; i++) {
		if (!shot->gained.count[i])
			continue;
		if (shot->gained.count[i] > 1 || found != LB_OUTCOME_COUNT)
			return LB_OUTCOME_COUNT;
		found = i;
	}
	return found;
}

bool judge_forbids(enum lb_outcome outcome)
{
	return !rules[outcome].actions;
}

const char *judge(const struct shot *shot)
{
	enum lb_outcome outcome = judge_outcome(shot);

	if (outcome == LB_OUTCOME_COUNT)
		return "not counted under one outcome, once";
	if (!rules[outcome].broken_by)
		return "an outcome without a rule";
	if (shot->action > XDP_REDIRECT || !(rules[outcome].actions >> shot->action & 1))
		return "a verdict that does not go with the outcome";
	return rules[outcome].broken_by(shot);
}
