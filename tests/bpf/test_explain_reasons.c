// SPDX-License-Identifier: GPL-2.0-only
/*
 * `lbctl explain` reports reasons: why a backend is selected, why a packet is dropped or passed,
 * and that it cannot explain another program on the interface.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include "core/process.h"
#include "harness/expect.h"
#include "harness/explain_check.h"
#include "harness/pins.h"
#include "harness/test_env.h"

static struct env env;

static int explain_exchange(const struct exchange *exchange, const char *what)
{
	char client[64];

	snprintf(client, sizeof(client), "%s", endpoint_text(&exchange->client));
	return explain_check_run(&env.instance, what, "--src %s --dst %s/%s --interface front",
				 client, endpoint_text(&exchange->service),
				 exchange->protocol == IPPROTO_TCP ? "tcp" : "udp");
}

static void reply(bool v6)
{
	struct exchange exchange = env_exchange(&env, 10, v6, IPPROTO_TCP, 100);
	char client[64];

	exchange_establish(&exchange);
	snprintf(client, sizeof(client), "%s", endpoint_text(&exchange.client));
	is_int(explain_check_run(&env.instance, "a reply", "--src %s --dst %s/tcp --interface back",
				 endpoint_text(&exchange.backend), client),
	       0, "a reply is predicted to reach the client");
	explain_check_field("reply", "true");
	explain_check_text("service", v6 ? "web6" : "web");
	explain_check_text("flow", "known");
	explain_check_text("flow_state", "established");
	explain_check_text("outcome", "replied");
	explain_check_text("verdict", "redirect");
	explain_check_text("mac", "02:00:00:00:01:fe");
}

static void unknown_ack(void)
{
	struct exchange exchange = env_exchange(&env, 10, false, IPPROTO_TCP, 50);

	is_int(explain_exchange(&exchange, "an untracked packet"), 0,
	       "an untracked packet is predicted to reach a backend");
	explain_check_output("by hash, because the packet does not begin a flow");
}

static void no_route(void)
{
	is_int(explain_check_run(&env.instance, "a packet to another port",
				 "--src 198.51.100.9:5 --dst 192.0.2.10:81/tcp --syn"),
	       1, "a packet to another port exits with 1");
	explain_check_field("service", "null");
	explain_check_text("flow", "none");
	explain_check_text("outcome", "passed");
	explain_check_text("verdict", "pass");
	explain_check_output("is the VIP of 'web', on 80/tcp");
	is_int(explain_check_run(&env.instance, "a reply without a flow",
				 "--src 10.2.0.11:8080 --dst 198.51.100.9:5/tcp"),
	       1, "a reply without a flow exits with 1");
	explain_check_text("outcome", "reply_unknown");
	explain_check_output("the flow table has no flow with the destination");
}

static void no_backend(void)
{
	instance_must_run(&env.instance, "backend drain web 10.2.0.11:8080");
	instance_must_run(&env.instance, "backend drain web 10.2.0.12:8080");
	instance_must_run(&env.instance, "backend weight web 10.2.0.13:8080 0");
	is_int(explain_check_run(&env.instance, "no backend available",
				 "--src 198.51.100.9:5 --dst 192.0.2.10:80/tcp --syn"),
	       1, "a packet that finds no backend exits with 1");
	explain_check_field("backend", "null");
	explain_check_text("outcome", "no_backend");
	explain_check_text("verdict", "drop");
	explain_check_output("none of 3: 2 in drain or maint, 0 down, 1 with weight 0");
}

/* A full backend's new flows overflow to others. If all backends are full, the flow is refused. */
static void full_backends(void)
{
	struct exchange exchange = env_exchange(&env, 30, false, IPPROTO_UDP, 1);
	struct verdict verdict;

	env_add_service(&env, "full", 30, false, IPPROTO_UDP, "--timeout-new 1h");
	env_add_backend(&env, "full", false, 2, 11, "--max-flows 1 --weight 1000");
	exchange_send_request(&exchange, 0, &verdict);
	exchange.client.port++;
	is_int(explain_exchange(&exchange, "a full backend"), 1,
	       "a flow to a full backend is refused");
	explain_check_text("outcome", "overloaded");
	env_add_backend(&env, "full", false, 2, 12, "--weight 1");
	is_int(explain_exchange(&exchange, "the overflow"), 0, "another backend gets the overflow");
	explain_check_text("backend", "10.2.0.12:8080");
	explain_check_output("its owner 10.2.0.11:8080 is full");
}

static void on_all_ports(void)
{
	instance_must_run(&env.instance, "service add any 192.0.2.31:0/tcp");
	instance_must_run(&env.instance, "backend add any 10.2.0.11");
	is_int(explain_check_run(&env.instance, "all ports",
				 "--src 198.51.100.9:5 --dst 192.0.2.31:4433/tcp --syn"),
	       0, "a packet to any port arrives");
	explain_check_text("service", "any");
	explain_check_text("flow", "new");
}

static void unresolved(void)
{
	env_add_service(&env, "lost", 32, false, IPPROTO_UDP, "");
	env_add_backend(&env, "lost", false, 2, TESTNET_UNRESOLVED, "");
	is_int(explain_check_run(&env.instance, "a packet without a neighbour",
				 "--src 198.51.100.9:5 --dst 192.0.2.32:80/udp"),
	       0, "a packet without a neighbour exits with 0");
	explain_check_text("outcome", "to_stack");
	explain_check_text("verdict", "pass");
	explain_check_output("the neighbour is not resolved");
}

/* A program that another tool may have attached instead: it passes all packets. */
static int load_other_program(void)
{
	const struct bpf_insn code[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS},
		{.code = BPF_JMP | BPF_EXIT},
	};

	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_XDP);

	return bpf_prog_load(BPF_PROG_TYPE_XDP, "other", "GPL", code,
			     sizeof(code) / sizeof(code[0]), &options);
}

static void another_program(void)
{
	int program = load_other_program(),
	    link = pins_open_map(env.instance.full_name, "links/front");

	if (program < 0 || link < 0 || bpf_link_update(link, program, NULL))
		process_bail("another program: %s", strerror(errno));
	is_int(explain_check_run(&env.instance, "another program",
				 "--src 198.51.100.9:5 --dst 192.0.2.10:80/tcp --syn "
				 "--interface front"),
	       5, "another program is not explained");
	ok(explain_output_has("\"hint\":") && explain_output_has("upgrade\""),
	   "the hint names the upgrade command");
	instance_must_run(&env.instance, "upgrade");
	is_int(explain_check_run(&env.instance, "after an upgrade",
				 "--src 198.51.100.9:5 --dst 192.0.2.31:80/tcp --syn"),
	       0, "a packet is explained after the upgrade");
}

int main(void)
{
	env_open(&env, "--max-flows 4096 --max-services 40 --max-backends 100");
	env_add_service(&env, "web", 10, false, IPPROTO_TCP, "");
	env_add_service(&env, "web6", 10, true, IPPROTO_TCP, "");
	for (unsigned int host = 11; host <= 13; host++) {
		env_add_backend(&env, "web", false, 2, host, "");
		env_add_backend(&env, "web6", true, 2, host, "");
	}
	reply(false);
	reply(true);
	unknown_ack();
	no_route();
	no_backend();
	full_backends();
	on_all_ports();
	unresolved();
	another_program();
	return tap_done();
}
