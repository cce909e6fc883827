// SPDX-License-Identifier: GPL-2.0-only
#include "model/defaults.h"

#include <netinet/in.h>
#include <stdio.h>

/*
 * The idle times are the minimum that RFC 5382 (TCP: 2 h 4 min established, 4 min
 * transitory) and RFC 4787 (UDP: 5 min) require of NAT devices. Half-open flows get the
 * time of a few retransmissions.
 */
struct lb_service_config service_defaults(const char *name, const struct endpoint *vip)
{
	bool tcp = vip->protocol == IPPROTO_TCP;
	struct lb_service_config config = {
		.address = {vip->address[0], vip->address[1]},
		.port = vip->port,
		.protocol = vip->protocol,
		.scheduler = LB_SCHEDULER_WRR,
		.timeout_new_ms = tcp ? 10000 : 30000,
		.timeout_established_ms = tcp ? 7440000 : 300000,
		.timeout_closing_ms = 240000,
	};

	snprintf(config.name, sizeof(config.name), "%s", name);
	return config;
}

struct lb_backend_config backend_defaults(const struct endpoint *endpoint)
{
	return (struct lb_backend_config){
		.address = {endpoint->address[0], endpoint->address[1]},
		.port = endpoint->port,
		.weight = 1,
		.override_milli = LB_NO_OVERRIDE,
	};
}
