// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "oracle/forward_cases.h"
#include "packets/tunnel_builder.h"

const struct forward_case forward_cases[FORWARD_CASES] = {
	{"nat4", 20, false, ""},
	{"nat6", 20, true, ""},
	{"dsr4", 21, false, "--forward dsr"},
	{"dsr6", 21, true, "--forward dsr"},
	{"ipip4", 22, false, "--forward ipip"},
	{"ipip6", 22, true, "--forward ipip"},
	{"gue4", 23, false, "--forward gue"},
	{"gue6", 23, true, "--forward gue"},
};

bool forward_case_is_nat(const struct forward_case *forward_case)
{
	return forward_case->number == 20;
}

bool forward_case_is_tunnel(const struct forward_case *forward_case)
{
	return forward_case->number >= 22;
}

static bool is_gue(const struct forward_case *forward_case)
{
	return forward_case->number == 23;
}

/* Only nat allows backends another port than the service's. */
static struct endpoint backend_of(const struct forward_case *forward_case)
{
	struct endpoint backend = env_backend_endpoint(forward_case->v6, 2, 11);

	if (!forward_case_is_nat(forward_case))
		backend.port = 80;
	return backend;
}

void forward_cases_open(const struct env *env)
{
	static const __u8 protocols[] = {IPPROTO_TCP, IPPROTO_UDP};

	for (unsigned int i = 0; i < 2 * FORWARD_CASES; i++) {
		const struct forward_case *forward_case = &forward_cases[i / 2];
		struct endpoint backend = backend_of(forward_case);
		char name[32];

		snprintf(name, sizeof(name), "%s-%s", forward_case->name, i & 1 ? "udp" : "tcp");
		env_add_service(env, name, forward_case->number, forward_case->v6, protocols[i & 1],
				forward_case->flags);
		instance_must_run(&env->instance, "backend add %s %s", name,
				  endpoint_text(&backend));
	}
}

struct exchange forward_case_exchange(const struct env *env,
				      const struct forward_case *forward_case, __u8 protocol,
				      __u32 client)
{
	struct exchange exchange =
		env_exchange(env, forward_case->number, forward_case->v6, protocol, client);

	exchange.backend = backend_of(forward_case);
	return exchange;
}

struct packet_spec forward_case_expected(const struct forward_case *forward_case,
					 struct packet_spec request)
{
	testnet_mac_address(2, 11, request.to);
	testnet_mac_address(2, 1, request.from);
	if (forward_case_is_nat(forward_case))
		request.destination = backend_of(forward_case);
	if (forward_case_is_nat(forward_case) || forward_case_is_tunnel(forward_case))
		request.ttl--;
	return request;
}

void forward_case_encapsulate(const struct forward_case *forward_case,
			      const struct packet_spec *sent, bool has_inner_sum,
			      const struct packet *got, struct packet *packet)
{
	unsigned int network = packet_network(sent);
	struct packet encapsulated;
	struct outer outer;

	if (!forward_case_is_tunnel(forward_case))
		return;
	if (!tunnel_read(got, network, &outer) || is_gue(forward_case) != !!outer.source.port)
		return;
	if (!forward_case->v6) /* the default source prefix, 172.16.0.0/16 */
		memcpy(outer.source.address.s6_addr + 12, "\xac\x10", 2);
	outer.destination = backend_of(forward_case);
	outer.no_checksum = !has_inner_sum;
	tunnel_build(packet, network, &outer, &encapsulated);
	*packet = encapsulated;
}
