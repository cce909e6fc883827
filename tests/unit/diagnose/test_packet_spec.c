// SPDX-License-Identifier: GPL-2.0-only
/* packet_spec_build() writes valid packets: lengths and checksums are correct. */
#include <netinet/in.h>

#include "core/tap.h"
#include "diagnose/explain/packet_spec.h"

static __u16 at16(const unsigned char *bytes)
{
	return bytes[0] << 8 | bytes[1];
}

/* The sum of 16-bit words; an odd last byte is the upper half of one. */
static __u32 sum_of(const unsigned char *bytes, size_t count)
{
	__u32 sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += i & 1 ? bytes[i] : bytes[i] << 8;
	return sum;
}

static __u16 fold(__u32 sum)
{
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void check_packet(const char *source, const char *destination, bool is_syn, size_t length)
{
	struct packet_spec packet_spec = {.is_syn = is_syn};
	unsigned char frame[PACKET_SPEC_BYTES], *ip = frame + 14, *transport;
	bool has_port, is_ipv4, is_tcp;
	size_t bytes;
	__u32 sum;

	if (endpoint_parse(source, &packet_spec.source, &has_port) ||
	    endpoint_parse(destination, &packet_spec.destination, &has_port))
		return;
	is_ipv4 = address_is_ipv4(packet_spec.destination.address);
	is_tcp = packet_spec.destination.protocol == IPPROTO_TCP;
	bytes = packet_spec_build(&packet_spec, frame);
	is_int(bytes, length, "%s to %s: length", source, destination);
	is_int(at16(frame + 12), is_ipv4 ? 0x0800 : 0x86dd, "EtherType");
	transport = ip + (is_ipv4 ? 20 : 40);
	length = frame + bytes - transport;
	if (is_ipv4)
		is_int(fold(sum_of(ip, 20)), 0xffff, "the IPv4 header checksum is correct");
	is_int(at16(ip + (is_ipv4 ? 2 : 4)), is_ipv4 ? length + 20 : length,
	       "the IP length is correct");
	is_int(ip[is_ipv4 ? 9 : 6], packet_spec.destination.protocol, "the protocol is correct");
	sum = is_ipv4 ? sum_of(ip + 12, 8) : sum_of(ip + 8, 32);
	sum += packet_spec.destination.protocol + length + sum_of(transport, length);
	is_int(fold(sum), 0xffff, "the TCP or UDP checksum is correct");
	is_int(at16(transport), 4711, "source port");
	is_int(at16(transport + 2), 443, "destination port");
	if (is_tcp)
		is_int(transport[13], is_syn ? 0x02 : 0x10, "TCP flags");
}

int main(void)
{
	check_packet("198.51.100.7:4711", "192.0.2.10:443/tcp", true, 54);
	check_packet("198.51.100.7:4711", "192.0.2.10:443/tcp", false, 54);
	check_packet("198.51.100.7:4711", "192.0.2.10:443/udp", false, 42);
	check_packet("[2001:db8:1::7]:4711", "[2001:db8::a]:443/tcp", true, 74);
	check_packet("[2001:db8:1::7]:4711", "[2001:db8::a]:443/udp", false, 62);
	return tap_done();
}
