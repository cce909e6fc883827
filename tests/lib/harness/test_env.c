// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "core/process.h"
#include "harness/test_env.h"

void env_open(struct env *env, const char *flags)
{
	char arguments[256];

	snprintf(arguments, sizeof(arguments), "front back %s", flags);
	testnet_open(&env->testnet);
	instance_open(&env->instance, arguments);
}

static struct endpoint service_endpoint(unsigned int number, bool v6)
{
	char text[64];

	snprintf(text, sizeof(text), v6 ? "2001:db8::%x" : "192.0.2.%u", number);
	return endpoint(text, 80);
}

__u16 env_add_service(const struct env *env, const char *name, unsigned int number, bool v6,
		      __u8 protocol, const char *flags)
{
	struct endpoint endpoint = service_endpoint(number, v6);
	__u16 id;

	instance_must_run(&env->instance, "service add %s %s/%s %s", name, endpoint_text(&endpoint),
			  protocol == IPPROTO_UDP ? "udp" : "tcp", flags);
	id = instance_service_id(&env->instance, name);
	if (!id)
		process_bail("service %s has no id", name);
	return id;
}

struct endpoint env_backend_endpoint(bool v6, unsigned int net, unsigned int host)
{
	char text[64];

	snprintf(text, sizeof(text), v6 ? "fd0%u::%x" : "10.%u.0.%u", net, host);
	return endpoint(text, 8080);
}

void env_add_backend(const struct env *env, const char *service, bool v6, unsigned int net,
		     unsigned int host, const char *flags)
{
	struct endpoint backend = env_backend_endpoint(v6, net, host);

	instance_must_run(&env->instance, "backend add %s %s %s", service, endpoint_text(&backend),
			  flags);
}

unsigned int env_service_number(__u8 protocol)
{
	return protocol == IPPROTO_TCP ? 10 : 11;
}

const struct env_kind *env_add_kind(const struct env *env, unsigned int kind, const char *flags)
{
	static const struct env_kind kinds[ENV_KINDS] = {{"tcp4", IPPROTO_TCP, false},
							 {"tcp6", IPPROTO_TCP, true},
							 {"udp4", IPPROTO_UDP, false},
							 {"udp6", IPPROTO_UDP, true}};
	const struct env_kind *added = &kinds[kind];

	env_add_service(env, added->name, env_service_number(added->protocol), added->v6,
			added->protocol, flags);
	env_add_backend(env, added->name, added->v6, 2, 11, "");
	return added;
}

struct exchange env_exchange(const struct env *env, unsigned int number, bool v6, __u8 protocol,
			     __u32 client)
{
	struct exchange exchange = {.testnet = &env->testnet,
				    .instance = &env->instance,
				    .protocol = protocol,
				    .client = exchange_client(v6, client),
				    .service = service_endpoint(number, v6)};

	return exchange;
}
