// SPDX-License-Identifier: GPL-2.0-only
#include "cast.h"

#define IPV4(a, b, c, d, number) \
	{ \
		.address.s6_addr = {[10] = 0xff, 0xff, a, b, c, d}, .port = number \
	}
#define VIP6(host, number) \
	{ \
		.address.s6_addr = {0x20, 0x01, 0x0d, 0xb8, [15] = host}, .port = number \
	}
#define NET6(net, host) \
	{ \
		.address.s6_addr = {0xfd, net, [15] = host}, .port = 8080 \
	}
#define NET4(net, host) IPV4(10, net, 0, host, 8080)

#define LONG_MS	 300000
#define SHORT_MS 1000

const struct cast_service cast_services[] = {
	{"wrr4", IPV4(192, 0, 2, 1, 80), IPPROTO_TCP, LB_SCHEDULER_WRR, LONG_MS},
	{"random4", IPV4(192, 0, 2, 1, 53), IPPROTO_UDP, LB_SCHEDULER_RANDOM, SHORT_MS},
	{"maglev4", IPV4(192, 0, 2, 2, 443), IPPROTO_TCP, LB_SCHEDULER_MAGLEV, SHORT_MS},
	{"source4", IPV4(192, 0, 2, 3, 80), IPPROTO_UDP, LB_SCHEDULER_SOURCE, LONG_MS},
	{"wrr6", VIP6(1, 80), IPPROTO_TCP, LB_SCHEDULER_WRR, LONG_MS},
	{"random6", VIP6(1, 53), IPPROTO_UDP, LB_SCHEDULER_RANDOM, SHORT_MS},
	{"maglev6", VIP6(2, 443), IPPROTO_UDP, LB_SCHEDULER_MAGLEV, LONG_MS},
	{"source6", VIP6(3, 80), IPPROTO_TCP, LB_SCHEDULER_SOURCE, SHORT_MS},
	{"sharing4", IPV4(192, 0, 2, 4, 80), IPPROTO_TCP, LB_SCHEDULER_RR, LONG_MS},
	{"empty4", IPV4(192, 0, 2, 5, 80), IPPROTO_TCP, LB_SCHEDULER_WRR, LONG_MS},
	{"empty6", VIP6(5, 53), IPPROTO_UDP, LB_SCHEDULER_MAGLEV, LONG_MS},
	{"unresolved4", IPV4(192, 0, 2, 6, 80), IPPROTO_TCP, LB_SCHEDULER_WRR, LONG_MS},
	{"unreachable4", IPV4(192, 0, 2, 7, 80), IPPROTO_UDP, LB_SCHEDULER_WRR, LONG_MS},
};

const struct cast_backend cast_backends[] = {
	{0, NET4(1, 11), 5, LB_STATE_READY},   {0, NET4(2, 11), 3, LB_STATE_READY},
	{0, NET4(2, 12), 1, LB_STATE_DRAIN},   {1, NET4(1, 12), 1, LB_STATE_READY},
	{1, NET4(2, 12), 2, LB_STATE_READY},   {2, NET4(2, 13), 1, LB_STATE_READY},
	{2, NET4(1, 13), 1, LB_STATE_READY},   {2, NET4(2, 14), 4, LB_STATE_MAINT},
	{3, NET4(2, 15), 1, LB_STATE_READY},   {3, NET4(2, 16), 1, LB_STATE_READY},
	{4, NET6(1, 0x0b), 5, LB_STATE_READY}, {4, NET6(2, 0x0b), 3, LB_STATE_READY},
	{4, NET6(2, 0x0c), 0, LB_STATE_READY}, {5, NET6(1, 0x0c), 1, LB_STATE_READY},
	{5, NET6(2, 0x0c), 2, LB_STATE_READY}, {6, NET6(2, 0x0d), 1, LB_STATE_READY},
	{6, NET6(1, 0x0d), 1, LB_STATE_READY}, {7, NET6(2, 0x0f), 1, LB_STATE_READY},
	{7, NET6(2, 0x10), 1, LB_STATE_READY}, {8, NET4(1, 11), 1, LB_STATE_READY},
	{8, NET4(2, 11), 1, LB_STATE_READY},   {11, NET4(2, 99), 1, LB_STATE_READY},
	{12, NET4(3, 11), 1, LB_STATE_READY},
};

const unsigned int cast_service_count = sizeof(cast_services) / sizeof(cast_services[0]);
const unsigned int cast_backend_count = sizeof(cast_backends) / sizeof(cast_backends[0]);

unsigned int cast_net(const struct cast_backend *backend)
{
	return backend->endpoint.address.s6_addr[endpoint_is_v6(&backend->endpoint) ? 1 : 13];
}

bool cast_has(const struct endpoint *service, __u8 protocol, const struct endpoint *backend)
{
	for (unsigned int i = 0; i < cast_backend_count; i++) {
		const struct cast_service *of = &cast_services[cast_backends[i].service];

		if (endpoint_same(&cast_backends[i].endpoint, backend) &&
		    endpoint_same(&of->endpoint, service) && of->protocol == protocol)
			return true;
	}
	return false;
}
