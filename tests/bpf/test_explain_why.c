// SPDX-License-Identifier: GPL-2.0-only
/*
 * `lbctl explain` says why: why a packet goes where it goes, why another goes nowhere, and that
 * it cannot tell where the program of somebody else is attached.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include "rig/expect.h"
#include "rig/explain_check.h"
#include "rig/pins.h"
#include "rig/process.h"
#include "rig/test_env.h"

static struct stage stage;

static int explain_talk(const struct talk *talk, const char *what)
{
	char client[64];

	snprintf(client, sizeof(client), "%s", endpoint_text(&talk->client));
	return inquire(&stage.balancer, what, "--src %s --dst %s/%s --interface front", client,
		       endpoint_text(&talk->service),
		       talk->protocol == IPPROTO_TCP ? "tcp" : "udp");
}

static void reply(bool v6)
{
	struct talk talk = stage_talk(&stage, 10, v6, IPPROTO_TCP, 100);
	char client[64];

	talk_establish(&talk);
	snprintf(client, sizeof(client), "%s", endpoint_text(&talk.client));
	is_int(inquire(&stage.balancer, "a reply", "--src %s --dst %s/tcp --interface back",
		       endpoint_text(&talk.backend), client),
	       0, "would reach the client");
	inquiry_has("reply", "true");
	inquiry_has_text("service", v6 ? "web6" : "web");
	inquiry_has_text("flow", "known");
	inquiry_has_text("flow_state", "established");
	inquiry_has_text("outcome", "replied");
	inquiry_has_text("verdict", "redirect");
	inquiry_has_text("mac", "02:00:00:00:01:fe");
}

static void unknown_ack(void)
{
	struct talk talk = stage_talk(&stage, 10, false, IPPROTO_TCP, 50);

	is_int(explain_talk(&talk, "what begins no flow"), 0, "reaches a backend");
	inquiry_tells("by hash, because the packet does not begin a flow");
}

static void no_way(void)
{
	is_int(inquire(&stage.balancer, "another port",
		       "--src 198.51.100.9:5 --dst 192.0.2.10:81/tcp --syn"),
	       1, "exit 1");
	inquiry_has("service", "null");
	inquiry_has_text("flow", "none");
	inquiry_has_text("outcome", "passed");
	inquiry_has_text("verdict", "pass");
	inquiry_tells("is the VIP of 'web', on 80/tcp");
	is_int(inquire(&stage.balancer, "a stray reply",
		       "--src 10.2.0.11:8080 --dst 198.51.100.9:5/tcp"),
	       1, "exit 1");
	inquiry_has_text("outcome", "reply_unknown");
	inquiry_tells("the flow table has no flow with the destination");
}

static void nobody(void)
{
	balancer_do(&stage.balancer, "backend drain web 10.2.0.11:8080");
	balancer_do(&stage.balancer, "backend drain web 10.2.0.12:8080");
	balancer_do(&stage.balancer, "backend weight web 10.2.0.13:8080 0");
	is_int(inquire(&stage.balancer, "nobody to offer",
		       "--src 198.51.100.9:5 --dst 192.0.2.10:80/tcp --syn"),
	       1, "exit 1");
	inquiry_has("backend", "null");
	inquiry_has_text("outcome", "no_backend");
	inquiry_has_text("verdict", "drop");
	inquiry_tells("none of 3: 2 in drain or maint, 0 down, 1 with weight 0");
}

/* Who is full passes flows on; where all are, they are refused. */
static void full(void)
{
	struct talk talk = stage_talk(&stage, 30, false, IPPROTO_UDP, 1);
	struct verdict verdict;

	stage_service(&stage, "full", 30, false, IPPROTO_UDP, "--timeout-new 1h");
	stage_backend(&stage, "full", false, 2, 11, "--max-flows 1 --weight 1000");
	talk_ask(&talk, 0, &verdict);
	talk.client.port++;
	is_int(explain_talk(&talk, "a full backend"), 1, "refuses");
	inquiry_has_text("outcome", "overloaded");
	stage_backend(&stage, "full", false, 2, 12, "--weight 1");
	is_int(explain_talk(&talk, "another one"), 0, "gets what the full one cannot have");
	inquiry_has_text("backend", "10.2.0.12:8080");
	inquiry_tells("its owner 10.2.0.11:8080 is full");
}

static void on_all_ports(void)
{
	balancer_do(&stage.balancer, "service add any 192.0.2.31:0/tcp");
	balancer_do(&stage.balancer, "backend add any 10.2.0.11");
	is_int(inquire(&stage.balancer, "all ports",
		       "--src 198.51.100.9:5 --dst 192.0.2.31:4433/tcp --syn"),
	       0, "any will do");
	inquiry_has_text("service", "any");
	inquiry_has_text("flow", "new");
}

static void unresolved(void)
{
	stage_service(&stage, "lost", 32, false, IPPROTO_UDP, "");
	stage_backend(&stage, "lost", false, 2, RIG_UNRESOLVED, "");
	is_int(inquire(&stage.balancer, "no neighbour",
		       "--src 198.51.100.9:5 --dst 192.0.2.32:80/udp"),
	       0, "the kernel is to find it");
	inquiry_has_text("outcome", "to_stack");
	inquiry_has_text("verdict", "pass");
	inquiry_tells("the neighbour is not resolved");
}

/* What somebody else may have attached in ours' stead: it lets everything pass. */
static int load_stranger(void)
{
	const struct bpf_insn code[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS},
		{.code = BPF_JMP | BPF_EXIT},
	};

	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_XDP);

	return bpf_prog_load(BPF_PROG_TYPE_XDP, "stranger", "GPL", code,
			     sizeof(code) / sizeof(code[0]), &options);
}

static void another_program(void)
{
	int program = load_stranger(), link = pins_map(stage.balancer.instance, "links/front");

	if (program < 0 || link < 0 || bpf_link_update(link, program, NULL))
		process_bail("another program: %s", strerror(errno));
	is_int(inquire(&stage.balancer, "another program",
		       "--src 198.51.100.9:5 --dst 192.0.2.10:80/tcp --syn "
		       "--interface front"),
	       5, "is not explained by ours");
	ok(inquiry_contains("\"hint\":") && inquiry_contains("upgrade\""),
	   "but hints at an upgrade");
	balancer_do(&stage.balancer, "upgrade");
	is_int(inquire(&stage.balancer, "after an upgrade",
		       "--src 198.51.100.9:5 --dst 192.0.2.31:80/tcp --syn"),
	       0, "it is");
}

int main(void)
{
	stage_open(&stage, "--max-flows 4096 --max-services 40 --max-backends 100");
	stage_service(&stage, "web", 10, false, IPPROTO_TCP, "");
	stage_service(&stage, "web6", 10, true, IPPROTO_TCP, "");
	for (unsigned int host = 11; host <= 13; host++) {
		stage_backend(&stage, "web", false, 2, host, "");
		stage_backend(&stage, "web6", true, 2, host, "");
	}
	reply(false);
	reply(true);
	unknown_ack();
	no_way();
	nobody();
	full();
	on_all_ports();
	unresolved();
	another_program();
	return tap_done();
}
