// SPDX-License-Identifier: GPL-2.0-only
#include "oracle/oracle_generated.h"

#include <linux/if_ether.h>
#include <string.h>

#include "oracle/oracle_forward.h"
#include "packets/bytes.h"
#include "packets/checksum.h"
#include "packets/packet_diff.h"
#include "random/fixture_config.h"

#define REPLY_TTL    64
#define INNER_BYTES  128
#define IPV6_MTU_MIN 1280
#define ICMP_BYTES   8
#define TCP_BYTES    20

static bool is_echo(const struct run *run, const struct layout *layout)
{
	const unsigned char *in = run->in->bytes + layout->transport;

	return layout->protocol == (layout->v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP) &&
	       !layout_is_fragment(layout) && run->in->length >= layout->transport + ICMP_BYTES &&
	       in[0] == (layout->v6 ? 128 : 8) && !in[1] &&
	       run->out->bytes[layout->transport] == (layout->v6 ? 129 : 0);
}

const char *oracle_check_echo_reply(const struct run *run)
{
	struct ranges ranges = {0};
	struct layout layout;

	if (!layout_read(run->in, &layout) || !is_echo(run, &layout))
		return "echo reply, but the packet is not an echo request";
	ranges_allow(&ranges, 0, 2 * ETH_ALEN);
	ranges_allow_ttl(&ranges, &layout);
	ranges_allow(&ranges, layout_source(&layout), 2 * layout_address_bytes(&layout));
	ranges_allow(&ranges, layout.transport, 1);
	ranges_allow(&ranges, layout.transport + 2, 2);
	if (!differs_only_in(run->in, run->out, &ranges))
		return "echo reply differs outside addresses, type, TTL and checksums";
	if (!differs_by_swap(run->in, run->out, 0, ETH_ALEN, ETH_ALEN) ||
	    !differs_by_swap(run->in, run->out, layout_source(&layout), layout_destination(&layout),
			     layout_address_bytes(&layout)))
		return "echo reply is not sent back to its source";
	if (run->out->bytes[layout_ttl(&layout)] != REPLY_TTL)
		return "echo reply has the wrong TTL";
	if (!layout.v6 && ip_header_sum(run->in, &layout) != ip_header_sum(run->out, &layout))
		return "IPv4 header checksum error changed";
	if (transport_sum(run->in, &layout, layout.v6) !=
	    transport_sum(run->out, &layout, layout.v6))
		return "ICMP checksum error changed";
	return NULL;
}

static void build_ip4(unsigned char *ip, const unsigned char *request, __u8 protocol,
		      unsigned int bytes, __u16 fragment)
{
	ip[0] = 0x45;
	put_be16(ip + 2, 20 + bytes);
	put_be16(ip + 6, fragment);
	ip[8] = REPLY_TTL;
	ip[9] = protocol;
	memcpy(ip + 12, request + 16, 4);
	memcpy(ip + 16, request + 12, 4);
	checksum_set_ipv4(ip);
}

static void build_ip6(unsigned char *ip, const unsigned char *request, __u8 protocol,
		      unsigned int bytes)
{
	ip[0] = 0x60;
	put_be16(ip + 4, bytes);
	ip[6] = protocol;
	ip[7] = REPLY_TTL;
	memcpy(ip + 8, request + 24, 16);
	memcpy(ip + 24, request + 8, 16);
}

static void build_too_big(const struct packet *request, const struct layout *layout, __u16 mtu,
			  struct packet *packet)
{
	const unsigned char *inner = request->bytes + layout->network;
	unsigned char *ip = packet->bytes + layout->network;
	unsigned char *icmp = ip + (layout->v6 ? 40 : 20);
	__u32 sum = 0;

	memset(packet, 0, sizeof(*packet));
	packet->length = icmp + ICMP_BYTES + INNER_BYTES - packet->bytes;
	memcpy(packet->bytes, request->bytes + ETH_ALEN, ETH_ALEN);
	memcpy(packet->bytes + ETH_ALEN, request->bytes, ETH_ALEN);
	memcpy(packet->bytes + 2 * ETH_ALEN, request->bytes + 2 * ETH_ALEN,
	       layout->network - 2 * ETH_ALEN);
	if (layout->v6)
		build_ip6(ip, inner, IPPROTO_ICMPV6, ICMP_BYTES + INNER_BYTES);
	else
		build_ip4(ip, inner, IPPROTO_ICMP, ICMP_BYTES + INNER_BYTES, 0);
	icmp[0] = layout->v6 ? 2 : 3;
	icmp[1] = layout->v6 ? 0 : 4;
	put_be16(icmp + 6, mtu);
	memcpy(icmp + ICMP_BYTES, inner, INNER_BYTES);
	if (layout->v6)
		sum = checksum_add(IPPROTO_ICMPV6 + ICMP_BYTES + INNER_BYTES, ip + 8, 32);
	put_be16(icmp + 2, checksum_field(checksum_add(sum, icmp, ICMP_BYTES + INNER_BYTES)));
}

/*
 * True if the MTU is one of a path to a backend, minus the overhead of one of the service's modes.
 */
static bool is_path_mtu(const struct fixture_service *service, __u16 mtu)
{
	unsigned int overheads[5], count = oracle_tunnel_overheads(service, overheads);

	for (unsigned int i = 0; i < count; i++)
		if (mtu + overheads[i] == FIXTURE_MTU_FRONT ||
		    mtu + overheads[i] == FIXTURE_MTU_BACK)
			return true;
	return mtu == IPV6_MTU_MIN && endpoint_is_v6(&service->endpoint);
}

static bool is_any_path_mtu(const struct packet *packet, __u16 mtu)
{
	const struct fixture_service *service = NULL;

	while ((service = oracle_next_service(packet, service)))
		if (is_path_mtu(service, mtu))
			return true;
	return false;
}

const char *oracle_check_too_big(const struct run *run)
{
	const unsigned char *ip;
	static struct packet wanted;
	struct layout layout;
	unsigned int bytes;
	__u16 mtu;

	if (!oracle_next_service(run->in, NULL) || !layout_read(run->in, &layout) ||
	    run->in->length < layout.network + INNER_BYTES)
		return "too-big error, but no service matches";
	ip = run->in->bytes + layout.network;
	bytes = ip_packet_bytes(ip);
	mtu = get_be16(run->out->bytes + layout.network + (layout.v6 ? 46 : 26));
	if (bytes <= mtu || (layout.v6 && mtu < IPV6_MTU_MIN) || !is_any_path_mtu(run->in, mtu))
		return "too-big error with a wrong MTU";
	if (!layout.v6 && !(ip[6] & 0x40))
		return "too-big error, but the packet may be fragmented";
	build_too_big(run->in, &layout, mtu, &wanted);
	return packet_same(&wanted, run->out) ? NULL : "too-big error has wrong contents";
}

/*
 * Next sequence number after a packet: acknowledged by a reset if the packet itself acknowledges
 * nothing.
 */
static __u32 next_sequence(const struct packet *request, const struct layout *layout)
{
	const unsigned char *ip = request->bytes + layout->network;
	const unsigned char *tcp = request->bytes + layout->transport;
	unsigned int headers = layout->transport - layout->network + (tcp[12] >> 4) * 4U;
	unsigned int bytes = ip_packet_bytes(ip);

	return get_be32(tcp + 4) + (bytes > headers ? bytes - headers : 0) +
	       (tcp[13] & TCP_FIN ? 1 : 0);
}

static void build_tcp_reset(unsigned char *tcp, const struct packet *request,
			    const struct layout *layout)
{
	const unsigned char *request_tcp = request->bytes + layout->transport;
	__u32 next = next_sequence(request, layout);

	memcpy(tcp, request_tcp + 2, 2);
	memcpy(tcp + 2, request_tcp, 2);
	tcp[12] = 0x50;
	tcp[13] = TCP_RST;
	if (request_tcp[13] & TCP_ACK) {
		memcpy(tcp + 4, request_tcp + 8, 4);
		return;
	}
	tcp[13] |= TCP_ACK;
	put_be32(tcp + 8, next);
}

static void build_reset(const struct packet *request, const struct layout *layout,
			struct packet *packet)
{
	const unsigned char *inner = request->bytes + layout->network;
	unsigned char *ip = packet->bytes + layout->network;
	unsigned char *tcp = ip + (layout->v6 ? 40 : 20);
	__u32 sum;

	memset(packet, 0, sizeof(*packet));
	packet->length = tcp + TCP_BYTES - packet->bytes;
	memcpy(packet->bytes, request->bytes + ETH_ALEN, ETH_ALEN);
	memcpy(packet->bytes + ETH_ALEN, request->bytes, ETH_ALEN);
	memcpy(packet->bytes + 2 * ETH_ALEN, request->bytes + 2 * ETH_ALEN,
	       layout->network - 2 * ETH_ALEN);
	if (layout->v6) {
		build_ip6(ip, inner, IPPROTO_TCP, TCP_BYTES);
	} else {
		build_ip4(ip, inner, IPPROTO_TCP, TCP_BYTES, 0x4000);
	}
	build_tcp_reset(tcp, request, layout);
	sum = checksum_add(IPPROTO_TCP + TCP_BYTES, ip + (layout->v6 ? 8 : 12),
			   2 * layout_address_bytes(layout));
	put_be16(tcp + 16, checksum_field(checksum_add(sum, tcp, TCP_BYTES)));
}

const char *oracle_check_tcp_reset(const struct run *run)
{
	static struct packet wanted;
	struct layout layout;

	if (!oracle_next_service(run->in, NULL) || !layout_read(run->in, &layout) ||
	    layout.protocol != IPPROTO_TCP || !layout_has_ports(run->in, &layout))
		return "reset, but not a TCP packet to a service";
	if (run->in->bytes[layout.transport + 13] & (TCP_SYN | TCP_RST))
		return "reset of a SYN or RST";
	build_reset(run->in, &layout, &wanted);
	return packet_same(&wanted, run->out) ? NULL : "reset has wrong contents";
}
