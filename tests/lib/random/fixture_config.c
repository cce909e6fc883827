// SPDX-License-Identifier: GPL-2.0-only
#include "random/fixture_config.h"

#include <string.h>

#define IPV4(a, b, c, d, number) \
	{ \
		.address.s6_addr = {[10] = 0xff, 0xff, a, b, c, d}, .port = number \
	}
#define VIP4(host, number) IPV4(192, 0, 2, host, number)
#define VIP6(host, number) \
	{ \
		.address.s6_addr = {0x20, 0x01, 0x0d, 0xb8, [15] = host}, .port = number \
	}
#define HOST4(net, host, number) IPV4(10, net, 0, host, number)
#define HOST6(net, host, number) \
	{ \
		.address.s6_addr = {0xfd, net, [15] = host}, .port = number \
	}
#define NET6(net, host) HOST6(net, host, 8080)
#define NET4(net, host) HOST4(net, host, 8080)

#define LONG_MS	 300000
#define SHORT_MS 1000

#define TCP IPPROTO_TCP
#define UDP IPPROTO_UDP

/* Scheduler and flow timeout. */
#define RR     LB_SCHEDULER_RR, LONG_MS
#define WRR    LB_SCHEDULER_WRR, LONG_MS
#define RANDOM LB_SCHEDULER_RANDOM, SHORT_MS
#define MAGLEV LB_SCHEDULER_MAGLEV, SHORT_MS
#define SOURCE LB_SCHEDULER_SOURCE, LONG_MS

/* Forwarding mode, mode it is switched to, and source prefixes. */
#define NAT  LB_FORWARD_NAT, LB_FORWARD_NAT, &default_source
#define DSR  LB_FORWARD_DSR, LB_FORWARD_DSR, &default_source
#define IPIP LB_FORWARD_IPIP, LB_FORWARD_IPIP, &wide_source
#define GUE  LB_FORWARD_GUE, LB_FORWARD_GUE, &default_source
#define SNAT LB_FORWARD_SNAT, LB_FORWARD_SNAT, &fixture_snat_source

const struct fixture_source fixture_snat_source = {
	.text = "172.20.0.2/31,fd09::2/127",
	.first4 = IPV4(172, 20, 0, 2, 0),
	.bits4 = 31,
	.first6 = {.address.s6_addr = {0xfd, 0x09, [15] = 2}},
	.bits6 = 127,
};

static const struct fixture_source default_source = {
	.first4 = IPV4(172, 16, 0, 0, 0),
	.bits4 = 16,
	.first6 = {.address.s6_addr = {0x01}},
	.bits6 = 64,
};

static const struct fixture_source wide_source = {
	.text = "172.21.64.0/20,fd0a:0:0:1::7:0/112",
	.first4 = IPV4(172, 21, 64, 0, 0),
	.bits4 = 20,
	.first6 = {.address.s6_addr = {0xfd, 0x0a, [7] = 1, [13] = 7}},
	.bits6 = 112,
};

const struct fixture_service fixture_services[] = {
	{"wrr4", VIP4(1, 80), TCP, WRR, NAT},
	{"random4", VIP4(1, 53), UDP, RANDOM, NAT},
	{"maglev4", VIP4(2, 443), TCP, MAGLEV, NAT},
	{"source4", VIP4(3, 80), UDP, SOURCE, NAT},
	{"wrr6", VIP6(1, 80), TCP, WRR, NAT},
	{"random6", VIP6(1, 53), UDP, RANDOM, NAT},
	{"maglev6", VIP6(2, 443), UDP, LB_SCHEDULER_MAGLEV, LONG_MS, NAT},
	{"source6", VIP6(3, 80), TCP, LB_SCHEDULER_SOURCE, SHORT_MS, NAT},
	{"sharing4", VIP4(4, 80), TCP, RR, NAT},
	{"empty4", VIP4(5, 80), TCP, WRR, NAT},
	{"empty6", VIP6(5, 53), UDP, LB_SCHEDULER_MAGLEV, LONG_MS, NAT},
	{"unresolved4", VIP4(6, 80), TCP, WRR, NAT},
	{"unreachable4", VIP4(7, 80), UDP, WRR, NAT},

	{"dsr4", VIP4(8, 80), TCP, WRR, DSR}, /* 13 */
	{"dsr6", VIP6(8, 53), UDP, MAGLEV, DSR},
	{"dsr-lost4", VIP4(9, 80), TCP, RR, DSR},
	{"ipip44", VIP4(10, 53), UDP, WRR, IPIP},
	{"ipip46", VIP4(10, 80), TCP, MAGLEV, IPIP},
	{"ipip64", VIP6(10, 53), UDP, SOURCE, IPIP},
	{"ipip66", VIP6(10, 80), TCP, LB_SCHEDULER_MAGLEV, LONG_MS, IPIP},
	{"ipip-lost4", VIP4(11, 80), TCP, RR, IPIP}, /* 20 */
	{"gue44", VIP4(12, 80), TCP, WRR, GUE},
	{"gue46", VIP4(12, 53), UDP, MAGLEV, GUE},
	{"gue64", VIP6(12, 53), UDP, WRR, GUE},
	{"gue66", VIP6(12, 80), TCP, SOURCE, GUE},
	{"gue-both4", VIP4(13, 80), TCP, RR, GUE},
	{"gue-both6", VIP6(13, 53), UDP, RR, GUE},

	{"snat4", VIP4(14, 80), TCP, WRR, SNAT}, /* 27 */
	{"snat-udp4", VIP4(14, 53), UDP, RANDOM, SNAT},
	{"snat6", VIP6(14, 80), TCP, MAGLEV, SNAT},
	{"snat-udp6", VIP6(14, 53), UDP, WRR, SNAT},
	{"snat-lost4", VIP4(15, 80), TCP, RR, SNAT},

	{"all4", VIP4(20, 0), TCP, WRR, NAT}, /* 32 */
	{"all6", VIP6(20, 0), UDP, RANDOM, NAT},
	{"all-but4", VIP4(20, 25), TCP, WRR, NAT},
	{"all-snat4", VIP4(21, 0), UDP, WRR, SNAT},
	{"all-snat6", VIP6(21, 0), TCP, WRR, SNAT},
	{"all-gue4", VIP4(22, 0), TCP, WRR, GUE},
	{"all-dsr6", VIP6(22, 0), UDP, WRR, DSR},

	{"nat-snat4", VIP4(30, 80), TCP, WRR, LB_FORWARD_NAT, LB_FORWARD_SNAT,
	 &fixture_snat_source},
	{"ipip-gue6", VIP6(30, 53), UDP, WRR, LB_FORWARD_IPIP, LB_FORWARD_GUE, &wide_source},

	{"full4", VIP4(31, 80), TCP, WRR, NAT}, /* 41 */
};

const struct fixture_backend fixture_backends[] = {
	{0, NET4(1, 11), 5, LB_STATE_READY},
	{0, NET4(2, 11), 3, LB_STATE_READY},
	{0, NET4(2, 12), 1, LB_STATE_DRAIN},
	{1, NET4(1, 12), 1, LB_STATE_READY},
	{1, NET4(2, 12), 2, LB_STATE_READY},
	{2, NET4(2, 13), 1, LB_STATE_READY},
	{2, NET4(1, 13), 1, LB_STATE_READY},
	{2, NET4(2, 14), 4, LB_STATE_MAINT},
	{3, NET4(2, 15), 1, LB_STATE_READY},
	{3, NET4(2, 16), 1, LB_STATE_READY},
	{4, NET6(1, 0x0b), 5, LB_STATE_READY},
	{4, NET6(2, 0x0b), 3, LB_STATE_READY},
	{4, NET6(2, 0x0c), 0, LB_STATE_READY},
	{5, NET6(1, 0x0c), 1, LB_STATE_READY},
	{5, NET6(2, 0x0c), 2, LB_STATE_READY},
	{6, NET6(2, 0x0d), 1, LB_STATE_READY},
	{6, NET6(1, 0x0d), 1, LB_STATE_READY},
	{7, NET6(2, 0x0f), 1, LB_STATE_READY},
	{7, NET6(2, 0x10), 1, LB_STATE_READY},
	{8, NET4(1, 11), 1, LB_STATE_READY},
	{8, NET4(2, 11), 1, LB_STATE_READY},
	{11, NET4(2, 99), 1, LB_STATE_READY},
	{12, NET4(3, 11), 1, LB_STATE_READY},

	{13, HOST4(1, 11, 80), 1, LB_STATE_READY},
	{13, HOST4(2, 11, 80), 2, LB_STATE_READY},
	{14, HOST6(1, 0x0c, 53), 1, LB_STATE_READY},
	{14, HOST6(2, 0x0c, 53), 1, LB_STATE_READY},
	{15, HOST4(2, 99, 80), 1, LB_STATE_READY},
	{15, IPV4(203, 0, 113, 7, 80), 1, LB_STATE_READY},
	{15, HOST4(3, 11, 80), 1, LB_STATE_READY},
	{16, HOST4(1, 13, 53), 1, LB_STATE_READY},
	{16, HOST4(2, 13, 53), 1, LB_STATE_READY},
	{17, HOST6(1, 0x0d, 80), 1, LB_STATE_READY},
	{17, HOST6(2, 0x0d, 80), 1, LB_STATE_READY},
	{18, HOST4(1, 14, 53), 1, LB_STATE_READY},
	{18, HOST4(2, 14, 53), 1, LB_STATE_READY},
	{19, HOST6(1, 0x0e, 80), 1, LB_STATE_READY},
	{19, HOST6(2, 0x0e, 80), 1, LB_STATE_READY},
	{20, HOST4(2, 99, 80), 1, LB_STATE_READY},
	{20, HOST4(3, 11, 80), 1, LB_STATE_READY},
	{21, HOST4(1, 15, 80), 1, LB_STATE_READY},
	{21, HOST4(2, 15, 80), 1, LB_STATE_READY},
	{22, HOST6(1, 0x0f, 53), 1, LB_STATE_READY},
	{22, HOST6(2, 0x0f, 53), 1, LB_STATE_READY},
	{23, HOST4(1, 16, 53), 1, LB_STATE_READY},
	{23, HOST4(2, 16, 53), 1, LB_STATE_READY},
	{24, HOST6(1, 0x10, 80), 1, LB_STATE_READY},
	{24, HOST6(2, 0x10, 80), 1, LB_STATE_READY},
	{25, HOST4(2, 17, 80), 1, LB_STATE_READY},
	{25, HOST6(2, 0x11, 80), 1, LB_STATE_READY},
	{26, HOST4(1, 17, 53), 1, LB_STATE_READY},
	{26, HOST6(1, 0x11, 53), 1, LB_STATE_READY},

	{27, NET4(1, 11), 1, LB_STATE_READY}, /* shared with other services */
	{27, NET4(2, 18), 1, LB_STATE_READY},
	{28, NET4(1, 18), 1, LB_STATE_READY},
	{28, NET4(2, 18), 1, LB_STATE_READY},
	{29, NET6(1, 0x12), 1, LB_STATE_READY},
	{29, NET6(2, 0x12), 1, LB_STATE_READY},
	{30, NET6(1, 0x12), 1, LB_STATE_READY},
	{30, NET6(2, 0x12), 1, LB_STATE_READY},
	{31, NET4(2, 99), 1, LB_STATE_READY},
	{31, NET4(3, 11), 1, LB_STATE_READY},

	{32, HOST4(1, 17, 0), 1, LB_STATE_READY},
	{32, HOST4(2, 17, 0), 1, LB_STATE_READY},
	{33, HOST6(1, 0x11, 0), 1, LB_STATE_READY},
	{33, HOST6(2, 0x11, 0), 1, LB_STATE_READY},
	{34, HOST4(2, 17, 2525), 1, LB_STATE_READY},
	{35, HOST4(1, 17, 0), 1, LB_STATE_READY},
	{35, HOST4(2, 17, 0), 1, LB_STATE_READY},
	{36, HOST6(1, 0x11, 0), 1, LB_STATE_READY},
	{36, HOST6(2, 0x11, 0), 1, LB_STATE_READY},
	{37, HOST4(1, 14, 0), 1, LB_STATE_READY},
	{37, HOST4(2, 14, 0), 1, LB_STATE_READY},
	{38, HOST6(1, 0x0d, 0), 1, LB_STATE_READY},
	{38, HOST6(2, 0x0d, 0), 1, LB_STATE_READY},

	{39, NET4(1, 15), 1, LB_STATE_READY},
	{39, NET4(2, 15), 1, LB_STATE_READY},
	{40, HOST6(2, 0x0e, 53), 1, LB_STATE_READY},
	{40, HOST4(2, 12, 53), 1, LB_STATE_READY},

	{41, NET4(2, 19), 1, LB_STATE_READY},
};

const unsigned int fixture_service_count = sizeof(fixture_services) / sizeof(fixture_services[0]);
const unsigned int fixture_backend_count = sizeof(fixture_backends) / sizeof(fixture_backends[0]);

unsigned int fixture_backend_net(const struct fixture_backend *backend)
{
	return backend->endpoint.address.s6_addr[endpoint_is_v6(&backend->endpoint) ? 1 : 13];
}

__u32 fixture_backend_max_flows(const struct fixture_backend *backend)
{
	return strcmp(fixture_services[backend->service].name, "full4") ? 0 : 1;
}

enum lb_feedback fixture_service_feedback(const struct fixture_service *service)
{
	return (service - fixture_services) % 2 ? LB_FEEDBACK_ON : LB_FEEDBACK_OFF;
}

static bool same_address(const struct endpoint *a, const struct endpoint *b)
{
	return !memcmp(&a->address, &b->address, sizeof(a->address));
}

const struct fixture_service *fixture_service_by_name(const char *name)
{
	const struct fixture_service *service = fixture_services;

	while (strcmp(service->name, name))
		service++;
	return service;
}

bool fixture_service_matches(const struct fixture_service *service,
			     const struct endpoint *requested, __u8 protocol)
{
	return service->protocol == protocol && same_address(&service->endpoint, requested) &&
	       (!service->endpoint.port || service->endpoint.port == requested->port);
}

const struct fixture_service *fixture_service_by_endpoint(const struct endpoint *requested,
							  __u8 protocol)
{
	const struct fixture_service *found = NULL;

	for (unsigned int i = 0; i < fixture_service_count; i++) {
		const struct fixture_service *service = &fixture_services[i];

		if (fixture_service_matches(service, requested, protocol) &&
		    (!found || service->endpoint.port))
			found = service;
	}
	return found;
}

bool fixture_service_has_backend(const struct fixture_service *service,
				 const struct endpoint *backend, __u16 requested)
{
	for (unsigned int i = 0; i < fixture_backend_count; i++) {
		const struct fixture_backend *candidate = &fixture_backends[i];
		__u16 port = candidate->endpoint.port ? candidate->endpoint.port : requested;

		if (&fixture_services[candidate->service] == service && port == backend->port &&
		    same_address(&candidate->endpoint, backend))
			return true;
	}
	return false;
}

bool fixture_service_has_host(const struct fixture_service *service, const struct endpoint *backend)
{
	for (unsigned int i = 0; i < fixture_backend_count; i++)
		if (&fixture_services[fixture_backends[i].service] == service &&
		    same_address(&fixture_backends[i].endpoint, backend))
			return true;
	return false;
}

bool fixture_source_contains(const struct fixture_source *source, const struct endpoint *address)
{
	bool v6 = endpoint_is_v6(address);
	const struct endpoint *first = v6 ? &source->first6 : &source->first4;
	unsigned int bits = v6 ? source->bits6 : 96 + source->bits4;
	unsigned int bytes = bits / 8, shift = 8 - bits % 8;
	const __u8 *wanted = first->address.s6_addr, *bytes_given = address->address.s6_addr;

	return !memcmp(wanted, bytes_given, bytes) &&
	       (!(bits % 8) || !((wanted[bytes] ^ bytes_given[bytes]) >> shift));
}

bool fixture_service_forwards(const struct fixture_service *service, enum lb_forward forward)
{
	return service->forward == forward || service->forward_alternate == forward;
}

bool fixture_backend_replies_for(const struct endpoint *backend, const struct endpoint *vip,
				 __u8 protocol, enum lb_forward forward)
{
	for (unsigned int i = 0; i < fixture_service_count; i++) {
		const struct fixture_service *service = &fixture_services[i];

		if (fixture_service_forwards(service, forward) &&
		    fixture_service_matches(service, vip, protocol) &&
		    fixture_service_has_backend(service, backend, vip->port))
			return true;
	}
	return false;
}
