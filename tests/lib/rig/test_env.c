// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "rig/process.h"
#include "rig/test_env.h"

void stage_open(struct stage *stage, const char *flags)
{
	char arguments[256];

	snprintf(arguments, sizeof(arguments), "front back %s", flags);
	rig_open(&stage->rig);
	balancer_open(&stage->balancer, arguments);
}

static struct endpoint service_endpoint(unsigned int number, bool v6)
{
	char text[64];

	snprintf(text, sizeof(text), v6 ? "2001:db8::%x" : "192.0.2.%u", number);
	return endpoint(text, 80);
}

__u16 stage_service(const struct stage *stage, const char *name, unsigned int number, bool v6,
		    __u8 protocol, const char *flags)
{
	struct endpoint endpoint = service_endpoint(number, v6);
	__u16 id;

	balancer_do(&stage->balancer, "service add %s %s/%s %s", name, endpoint_text(&endpoint),
		    protocol == IPPROTO_UDP ? "udp" : "tcp", flags);
	id = balancer_service(&stage->balancer, name);
	if (!id)
		process_bail("service %s has no id", name);
	return id;
}

struct endpoint stage_endpoint(bool v6, unsigned int net, unsigned int host)
{
	char text[64];

	snprintf(text, sizeof(text), v6 ? "fd0%u::%x" : "10.%u.0.%u", net, host);
	return endpoint(text, 8080);
}

void stage_backend(const struct stage *stage, const char *service, bool v6, unsigned int net,
		   unsigned int host, const char *flags)
{
	struct endpoint backend = stage_endpoint(v6, net, host);

	balancer_do(&stage->balancer, "backend add %s %s %s", service, endpoint_text(&backend),
		    flags);
}

unsigned int stage_number(__u8 protocol)
{
	return protocol == IPPROTO_TCP ? 10 : 11;
}

const struct stage_kind *stage_add_kind(const struct stage *stage, unsigned int kind,
					const char *flags)
{
	static const struct stage_kind kinds[STAGE_KINDS] = {{"tcp4", IPPROTO_TCP, false},
							     {"tcp6", IPPROTO_TCP, true},
							     {"udp4", IPPROTO_UDP, false},
							     {"udp6", IPPROTO_UDP, true}};
	const struct stage_kind *added = &kinds[kind];

	stage_service(stage, added->name, stage_number(added->protocol), added->v6, added->protocol,
		      flags);
	stage_backend(stage, added->name, added->v6, 2, 11, "");
	return added;
}

struct talk stage_talk(const struct stage *stage, unsigned int number, bool v6, __u8 protocol,
		       __u32 client)
{
	struct talk talk = {.rig = &stage->rig,
			    .balancer = &stage->balancer,
			    .protocol = protocol,
			    .client = talk_client(v6, client),
			    .service = service_endpoint(number, v6)};

	return talk;
}
