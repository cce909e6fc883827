// SPDX-License-Identifier: GPL-2.0-only
#include "oracle/oracle_generated.h"

#include <linux/if_ether.h>
#include <string.h>

#include "oracle/oracle_forward.h"
#include "packets/checksum.h"
#include "packets/packet_diff.h"
#include "rig/fixture_config.h"

#define ANSWER_HOPS    64
#define QUOTED_BYTES   128
#define IPV6_MTU_LEAST 1280
#define ICMP_BYTES     8
#define TCP_BYTES      20

static __u16 get16(const unsigned char *at)
{
	return at[0] << 8 | at[1];
}

static void put16(unsigned char *at, __u16 value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static bool is_echo(const struct shot *shot, const struct layout *layout)
{
	const unsigned char *in = shot->in->bytes + layout->transport;

	return layout->protocol == (layout->v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP) &&
	       !layout_is_fragment(layout) && shot->in->length >= layout->transport + ICMP_BYTES &&
	       in[0] == (layout->v6 ? 128 : 8) && !in[1] &&
	       shot->out->bytes[layout->transport] == (layout->v6 ? 129 : 0);
}

const char *notice_of_ping(const struct shot *shot)
{
	struct ranges ranges = {0};
	struct layout layout;

	if (!layout_read(shot->in, &layout) || !is_echo(shot, &layout))
		return "answered, but no ping";
	ranges_allow(&ranges, 0, 2 * ETH_ALEN);
	ranges_allow_hop(&ranges, &layout);
	ranges_allow(&ranges, layout_source(&layout), 2 * layout_address_bytes(&layout));
	ranges_allow(&ranges, layout.transport, 1);
	ranges_allow(&ranges, layout.transport + 2, 2);
	if (!differs_only_in(shot->in, shot->out, &ranges))
		return "differs where an answer changes nothing";
	if (!differs_by_swap(shot->in, shot->out, 0, ETH_ALEN, ETH_ALEN) ||
	    !differs_by_swap(shot->in, shot->out, layout_source(&layout),
			     layout_destination(&layout), layout_address_bytes(&layout)))
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

static void build_ip4(unsigned char *ip, const unsigned char *asked, __u8 protocol,
		      unsigned int bytes, __u16 fragment)
{
	ip[0] = 0x45;
	put16(ip + 2, 20 + bytes);
	put16(ip + 6, fragment);
	ip[8] = ANSWER_HOPS;
	ip[9] = protocol;
	memcpy(ip + 12, asked + 16, 4);
	memcpy(ip + 16, asked + 12, 4);
	put16(ip + 10, checksum_field(checksum_add(0, ip, 20)));
}

static void build_ip6(unsigned char *ip, const unsigned char *asked, __u8 protocol,
		      unsigned int bytes)
{
	ip[0] = 0x60;
	put16(ip + 4, bytes);
	ip[6] = protocol;
	ip[7] = ANSWER_HOPS;
	memcpy(ip + 8, asked + 24, 16);
	memcpy(ip + 24, asked + 8, 16);
}

static void build_too_big(const struct packet *asked, const struct layout *layout, __u16 mtu,
			  struct packet *packet)
{
	const unsigned char *quoted = asked->bytes + layout->network;
	unsigned char *ip = packet->bytes + layout->network;
	unsigned char *icmp = ip + (layout->v6 ? 40 : 20);
	__u32 sum = 0;

	memset(packet, 0, sizeof(*packet));
	packet->length = icmp + ICMP_BYTES + QUOTED_BYTES - packet->bytes;
	memcpy(packet->bytes, asked->bytes + ETH_ALEN, ETH_ALEN);
	memcpy(packet->bytes + ETH_ALEN, asked->bytes, ETH_ALEN);
	memcpy(packet->bytes + 2 * ETH_ALEN, asked->bytes + 2 * ETH_ALEN,
	       layout->network - 2 * ETH_ALEN);
	if (layout->v6)
		build_ip6(ip, quoted, IPPROTO_ICMPV6, ICMP_BYTES + QUOTED_BYTES);
	else
		build_ip4(ip, quoted, IPPROTO_ICMP, ICMP_BYTES + QUOTED_BYTES, 0);
	icmp[0] = layout->v6 ? 2 : 3;
	icmp[1] = layout->v6 ? 0 : 4;
	put16(icmp + 6, mtu);
	memcpy(icmp + ICMP_BYTES, quoted, QUOTED_BYTES);
	if (layout->v6)
		sum = checksum_add(IPPROTO_ICMPV6 + ICMP_BYTES + QUOTED_BYTES, ip + 8, 32);
	put16(icmp + 2, checksum_field(checksum_add(sum, icmp, ICMP_BYTES + QUOTED_BYTES)));
}

/* Is it what a way to a backend leaves, once the service's tunnels have taken their part? */
static bool is_left(const struct cast_service *service, __u16 mtu)
{
	unsigned int overheads[5], count = delivery_overheads(service, overheads);

	for (unsigned int i = 0; i < count; i++)
		if (mtu + overheads[i] == CAST_MTU_FRONT || mtu + overheads[i] == CAST_MTU_BEHIND)
			return true;
	return mtu == IPV6_MTU_LEAST && endpoint_is_v6(&service->endpoint);
}

static bool is_left_by_any(const struct packet *packet, __u16 mtu)
{
	const struct cast_service *service = NULL;

	while ((service = delivery_next(packet, service)))
		if (is_left(service, mtu))
			return true;
	return false;
}

const char *notice_of_size(const struct shot *shot)
{
	const unsigned char *ip;
	static struct packet wanted;
	struct layout layout;
	unsigned int bytes;
	__u16 mtu;

	if (!delivery_next(shot->in, NULL) || !layout_read(shot->in, &layout) ||
	    shot->in->length < layout.network + QUOTED_BYTES)
		return "told of its size, but for no service";
	ip = shot->in->bytes + layout.network;
	bytes = layout.v6 ? get16(ip + 4) + 40U : get16(ip + 2);
	mtu = get16(shot->out->bytes + layout.network + (layout.v6 ? 46 : 26));
	if (bytes <= mtu || (layout.v6 && mtu < IPV6_MTU_LEAST) || !is_left_by_any(shot->in, mtu))
		return "told a wrong size";
	if (!layout.v6 && !(ip[6] & 0x40))
		return "told, but might have been cut up";
	build_too_big(shot->in, &layout, mtu, &wanted);
	return packet_same(&wanted, shot->out) ? NULL : "told in another way than it should be";
}

/* Where the sequence of one who acknowledges nothing goes on. */
static __u32 next_of(const struct packet *asked, const struct layout *layout)
{
	const unsigned char *ip = asked->bytes + layout->network;
	const unsigned char *tcp = asked->bytes + layout->transport;
	unsigned int headers = layout->transport - layout->network + (tcp[12] >> 4) * 4U;
	unsigned int bytes = layout->v6 ? get16(ip + 4) + 40U : get16(ip + 2);

	return ((__u32)get16(tcp + 4) << 16 | get16(tcp + 6)) +
	       (bytes > headers ? bytes - headers : 0) + (tcp[13] & TCP_FIN ? 1 : 0);
}

static void build_tcp_reset(unsigned char *tcp, const struct packet *asked,
			    const struct layout *layout)
{
	const unsigned char *said = asked->bytes + layout->transport;
	__u32 next = next_of(asked, layout);

	memcpy(tcp, said + 2, 2);
	memcpy(tcp + 2, said, 2);
	tcp[12] = 0x50;
	tcp[13] = TCP_RST;
	if (said[13] & TCP_ACK) {
		memcpy(tcp + 4, said + 8, 4);
		return;
	}
	tcp[13] |= TCP_ACK;
	put16(tcp + 8, next >> 16);
	put16(tcp + 10, next);
}

static void build_reset(const struct packet *asked, const struct layout *layout,
			struct packet *packet)
{
	const unsigned char *quoted = asked->bytes + layout->network;
	unsigned char *ip = packet->bytes + layout->network;
	unsigned char *tcp = ip + (layout->v6 ? 40 : 20);
	__u32 sum;

	memset(packet, 0, sizeof(*packet));
	packet->length = tcp + TCP_BYTES - packet->bytes;
	memcpy(packet->bytes, asked->bytes + ETH_ALEN, ETH_ALEN);
	memcpy(packet->bytes + ETH_ALEN, asked->bytes, ETH_ALEN);
	memcpy(packet->bytes + 2 * ETH_ALEN, asked->bytes + 2 * ETH_ALEN,
	       layout->network - 2 * ETH_ALEN);
	if (layout->v6) {
		build_ip6(ip, quoted, IPPROTO_TCP, TCP_BYTES);
	} else {
		build_ip4(ip, quoted, IPPROTO_TCP, TCP_BYTES, 0x4000);
	}
	build_tcp_reset(tcp, asked, layout);
	sum = checksum_add(IPPROTO_TCP + TCP_BYTES, ip + (layout->v6 ? 8 : 12),
			   2 * layout_address_bytes(layout));
	put16(tcp + 16, checksum_field(checksum_add(sum, tcp, TCP_BYTES)));
}

const char *notice_of_end(const struct shot *shot)
{
	static struct packet wanted;
	struct layout layout;

	if (!delivery_next(shot->in, NULL) || !layout_read(shot->in, &layout) ||
	    layout.protocol != IPPROTO_TCP || !layout_has_ports(shot->in, &layout))
		return "reset, but no connection to a service";
	if (shot->in->bytes[layout.transport + 13] & (TCP_SYN | TCP_RST))
		return "reset, but not a packet of a connection that goes on";
	build_reset(shot->in, &layout, &wanted);
	return packet_same(&wanted, shot->out) ? NULL : "reset in another way than it should be";
}
