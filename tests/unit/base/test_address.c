// SPDX-License-Identifier: GPL-2.0-only
/* Addresses and endpoints: accepted texts, refused texts, formatting. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/address.h"
#include "core/tap.h"
#include "random.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Text, and its canonical form. */
static const char *const good_addresses[][2] = {
	{"0.0.0.0", "0.0.0.0"},
	{"10.0.0.1", "10.0.0.1"},
	{"255.255.255.255", "255.255.255.255"},
	{"::", "::"},
	{"::1", "::1"},
	{"2001:db8::10", "2001:db8::10"},
	{"2001:DB8:0:0:0:0:0:10", "2001:db8::10"},
	{"::ffff:192.0.2.1", "192.0.2.1"},
	{"::ffff:c000:201", "192.0.2.1"},
	{"::192.0.2.1", "::192.0.2.1"},
	{"2001:db8:1111:2222:3333:4444:5555:6666", "2001:db8:1111:2222:3333:4444:5555:6666"},
	{"1:2:3:4:5:6:192.168.100.200", "1:2:3:4:5:6:c0a8:64c8"},
};

static const char *const bad_addresses[] = {
	"",
	" ",
	"10.0.0",
	"10.0.0.256",
	"10.0.0.01",
	"10.0.0.1 ",
	" 10.0.0.1",
	"10.0.0.1.",
	"10.0.0.1x",
	"10.0.0.1/24",
	"10.0.0.1:80",
	"0x0a000001",
	"167772161",
	"localhost",
	"fe80::1%lo",
	"fe80::1%1",
	":",
	":::",
	"1:2",
	"1::2::3",
	"12345::",
	"[::1]",
	"::1 ",
	"2001:db8::g",
	"10.0.0.-1",
	"1:2:3:4:5:6:7:8:9",
};

/* Text, address, port and protocol; port -1: none. */
static const struct {
	const char *text;
	const char *address;
	int port;
	__u8 protocol;
} good_endpoints[] = {
	{"10.0.0.1", "10.0.0.1", -1, 0},
	{"10.0.0.1:80", "10.0.0.1", 80, 0},
	{"10.0.0.1:0", "10.0.0.1", 0, 0},
	{"10.0.0.1:65535", "10.0.0.1", 65535, 0},
	{"10.0.0.1:80/tcp", "10.0.0.1", 80, IPPROTO_TCP},
	{"10.0.0.1:53/udp", "10.0.0.1", 53, IPPROTO_UDP},
	{"10.0.0.1/udp", "10.0.0.1", -1, IPPROTO_UDP},
	{"2001:db8::1", "2001:db8::1", -1, 0},
	{"2001:db8::1/tcp", "2001:db8::1", -1, IPPROTO_TCP},
	{"[2001:db8::1]", "2001:db8::1", -1, 0},
	{"[2001:db8::1]/udp", "2001:db8::1", -1, IPPROTO_UDP},
	{"[2001:db8::1]:443", "2001:db8::1", 443, 0},
	{"[2001:db8::1]:443/tcp", "2001:db8::1", 443, IPPROTO_TCP},
	{"[::]:0/udp", "::", 0, IPPROTO_UDP},
	{"2001:db8::1:80", "2001:db8::1:80", -1, 0},
	{"::ffff:10.0.0.1", "10.0.0.1", -1, 0},
	{"[::ffff:10.0.0.1]:80", "10.0.0.1", 80, 0},
	{"[1111:2222:3333:4444:5555:6666:123.123.123.123]:65535/udp",
	 "1111:2222:3333:4444:5555:6666:7b7b:7b7b", 65535, IPPROTO_UDP},
};

static const char *const bad_endpoints[] = {
	"",
	":",
	":80",
	"/tcp",
	"10.0.0.1:",
	"10.0.0.1:/tcp",
	"10.0.0.1:65536",
	"10.0.0.1:99999",
	"10.0.0.1:100000",
	"10.0.0.1:080",
	"10.0.0.1:00",
	"10.0.0.1:-1",
	"10.0.0.1:+1",
	"10.0.0.1: 80",
	"10.0.0.1:80 ",
	"10.0.0.1:http",
	"10.0.0.1:80:90",
	"10.0.0.1:80/",
	"10.0.0.1:80/TCP",
	"10.0.0.1:80/sctp",
	"10.0.0.1:80/tcp/udp",
	"10.0.0.1:80/tcp ",
	"10.0.0.1/80",
	"[10.0.0.1]:80",
	"[10.0.0.1:80]",
	"[10.0.0.1]",
	"[::1",
	"[::1]80",
	"[::1]:",
	"[::1]]:80",
	"[[::1]]:80",
	"::1]:80",
	"[]:80",
	"[fe80::1%eth0]:80",
	"localhost:80",
	"2001:db8::1:80:90:1:2:3:4:5",
	"[1111:2222:3333:4444:5555:6666:123.123.123.123]:65535/udp0000000000000000000000",
};

static void test_addresses(void)
{
	__u64 before[2] = {1, 2}, address[2];
	char text[ADDRESS_TEXT_BYTES];

	for (size_t i = 0; i < COUNT(good_addresses); i++) {
		is_int(address_parse(good_addresses[i][0], address), 0, "\"%s\" is an address",
		       good_addresses[i][0]);
		address_format(address, text, sizeof(text));
		is_str(text, good_addresses[i][1], "\"%s\" is formatted", good_addresses[i][0]);
	}
	for (size_t i = 0; i < COUNT(bad_addresses); i++) {
		memcpy(address, before, sizeof(address));
		ok(address_parse(bad_addresses[i], address) == -EINVAL &&
			   !memcmp(address, before, sizeof(address)),
		   "\"%s\" is not an address", bad_addresses[i]);
	}
	address_parse("192.0.2.200", address);
	address_format(address, text, 4);
	is_str(text, "192", "a small buffer is not overrun");
}

static void test_good_endpoints(void)
{
	for (size_t i = 0; i < COUNT(good_endpoints); i++) {
		struct endpoint endpoint;
		char text[ADDRESS_TEXT_BYTES];
		bool has_port;
		int port = good_endpoints[i].port;

		is_int(endpoint_parse(good_endpoints[i].text, &endpoint, &has_port), 0,
		       "\"%s\" is an endpoint", good_endpoints[i].text);
		address_format(endpoint.address, text, sizeof(text));
		is_str(text, good_endpoints[i].address, "\"%s\" has an address",
		       good_endpoints[i].text);
		ok(has_port == (port >= 0) && ntohs(endpoint.port) == (port < 0 ? 0 : port),
		   "\"%s\" has the port", good_endpoints[i].text);
		is_int(endpoint.protocol, good_endpoints[i].protocol, "\"%s\" has the protocol",
		       good_endpoints[i].text);
	}
}

static void test_bad_endpoints(void)
{
	for (size_t i = 0; i < COUNT(bad_endpoints); i++) {
		struct endpoint endpoint, before;
		bool has_port = i % 2;

		memset(&endpoint, 0x5a, sizeof(endpoint));
		before = endpoint;
		ok(endpoint_parse(bad_endpoints[i], &endpoint, &has_port) == -EINVAL &&
			   !memcmp(&endpoint, &before, sizeof(endpoint)) && has_port == i % 2,
		   "\"%s\" is not an endpoint", bad_endpoints[i]);
	}
}

static void test_round_trip(void)
{
	bool same = true, canonical = true;

	for (int i = 0; i < 50000; i++) {
		__u64 address[2] = {random_word(), random_word() >> random_below(64)};
		__be16 port = random_word();
		char text[ENDPOINT_TEXT_BYTES], wanted[INET6_ADDRSTRLEN];
		struct endpoint endpoint;
		bool has_port = false;

		if (i % 2)
			address_from_ipv4(random_word(), address);
		if (i % 5 == 0)
			address[0] = 0;
		endpoint_format(address, port, text, sizeof(text));
		same &= !endpoint_parse(text, &endpoint, &has_port) && has_port &&
			!memcmp(endpoint.address, address, sizeof(address)) &&
			endpoint.port == port;
		address_format(address, text, sizeof(text));
		inet_ntop(AF_INET6, address, wanted, sizeof(wanted));
		canonical &= !strcmp(text, wanted) || (address_is_ipv4(address) &&
						       !strcmp(text, wanted + strlen("::ffff:")));
	}
	ok(same, "formatted endpoints are parsed as the same");
	ok(canonical, "addresses are formatted as by inet_ntop()");
}

/* Random texts of the characters of endpoints. Accepted ones must round-trip. */
static void test_random(void)
{
	static const char letters[] = "0123456789abcf::::....[]/tcpud%";
	bool sane = true;

	for (int i = 0; i < 300000; i++) {
		char text[80], again[ENDPOINT_TEXT_BYTES];
		struct endpoint first, second;
		size_t length = random_below(i % 4 ? 12 : sizeof(text));
		bool has_port;

		for (size_t k = 0; k < length; k++)
			text[k] = letters[random_below(sizeof(letters) - 1)];
		text[length] = '\0';
		if (endpoint_parse(text, &first, &has_port))
			continue;
		endpoint_format(first.address, first.port, again, sizeof(again));
		sane &= !endpoint_parse(again, &second, &has_port) &&
			!memcmp(first.address, second.address, sizeof(first.address)) &&
			first.port == second.port;
	}
	ok(sane, "random texts that are accepted round-trip");
}

static void check_routable(const char *text, bool wanted)
{
	__u64 address[2];

	address_parse(text, address);
	is_int(address_is_routable(address), wanted, "%s is %sroutable", text,
	       wanted ? "" : "not ");
}

static void test_kinds(void)
{
	__u64 address[2];
	__u8 protocol = 1;

	check_routable("10.0.0.1", true);
	check_routable("127.0.0.1", false);
	check_routable("169.254.1.1", false);
	check_routable("0.1.2.3", false);
	check_routable("223.255.255.255", true);
	check_routable("240.0.0.1", true);
	check_routable("::1", false);
	check_routable("2001:db8::1", true);
	check_routable("fe80::1", false);
	check_routable("0.0.0.0", false);
	check_routable("224.0.0.1", false);
	check_routable("239.255.255.255", false);
	check_routable("255.255.255.255", false);
	check_routable("::", false);
	check_routable("ff02::1", false);
	ok(!address_parse("192.0.2.1", address) && address_is_ipv4(address), "192.0.2.1 is IPv4");
	is_int(address_to_ipv4(address), htonl(0xc0000201),
	       "an IPv4 address is in network byte order");
	ok(!address_parse("::1", address) && !address_is_ipv4(address), "::1 is not IPv4");
	ok(!address_parse("::192.0.2.1", address) && !address_is_ipv4(address),
	   "::192.0.2.1 is not IPv4");
	ok(!protocol_parse("tcp", &protocol) && protocol == IPPROTO_TCP, "tcp is a protocol");
	ok(!protocol_parse("udp", &protocol) && protocol == IPPROTO_UDP, "udp is a protocol");
	ok(protocol_parse("tcpx", &protocol) == -EINVAL && protocol == IPPROTO_UDP,
	   "tcpx is not a protocol");
	is_str(protocol_name(IPPROTO_TCP), "tcp", "protocol 6 is tcp");
	is_str(protocol_name(IPPROTO_UDP), "udp", "protocol 17 is udp");
	is_str(protocol_name(IPPROTO_ICMP), "?", "protocol 1 is unknown");
}

int main(void)
{
	test_addresses();
	test_good_endpoints();
	test_bad_endpoints();
	test_round_trip();
	test_random();
	test_kinds();
	return tap_done();
}
