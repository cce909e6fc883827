// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/session.h"
#include "cli/xdp_errors.h"
#include "datapath/attach.h"
#include "diagnose/commands.h"
#include "diagnose/explain/explain.h"
#include "diagnose/explain/explain_text.h"
#include "diagnose/explain/print_explain.h"
#include "diagnose/explain/shadow.h"
#include "netlink/route.h"

static int parse_endpoint_flag(struct call *call, enum flag_id flag, bool with_protocol,
			       struct endpoint *endpoint)
{
	const char *expected = with_protocol ? "VIP:PORT/PROTO" : "IP:PORT";
	const char *text = call_flag(call, flag);
	bool has_port;

	if (!text)
		return problem_set(&call->problem, EXIT_USAGE, "bad-flag", "--%s %s is required",
				   flag_name(flag), expected);
	if (endpoint_parse(text, endpoint, &has_port) || !has_port ||
	    !endpoint->protocol == with_protocol)
		return problem_set(&call->problem, EXIT_INVALID, "invalid-endpoint",
				   "--%s %s: expected %s", flag_name(flag), text, expected);
	return 0;
}

static int parse_packet_spec(struct call *call, struct packet_spec *packet_spec)
{
	int code = parse_endpoint_flag(call, FLAG_SRC, false, &packet_spec->source);

	if (!code)
		code = parse_endpoint_flag(call, FLAG_DST, true, &packet_spec->destination);
	if (code)
		return code;
	packet_spec->is_syn = call_flag(call, FLAG_SYN);
	if (packet_spec->is_syn && packet_spec->destination.protocol != IPPROTO_TCP)
		return problem_set(&call->problem, EXIT_INVALID, "invalid-endpoint",
				   "--syn is only possible for TCP");
	if (address_is_ipv4(packet_spec->source.address) !=
	    address_is_ipv4(packet_spec->destination.address))
		return problem_set(&call->problem, EXIT_INVALID, "wrong-family",
				   "address family mismatch: --src and --dst differ");
	return 0;
}

static bool is_usable(const struct datapath_interface *interface, const char *wanted)
{
	if (interface->mode != DATAPATH_NATIVE && interface->mode != DATAPATH_GENERIC)
		return false;
	return !wanted || !strcmp(interface->name, wanted);
}

/* The wanted attached interface; without one, that of the route to the source, else any. */
static size_t select_interface(const struct datapath_interface *interfaces, size_t count,
			       const char *wanted, const struct packet_spec *packet_spec)
{
	__u32 source_ifindex = wanted ? 0 : route_find_interface(packet_spec->source.address);
	size_t selected = count;

	for (size_t i = 0; i < count; i++) {
		if (!is_usable(&interfaces[i], wanted))
			continue;
		if (interfaces[i].ifindex == source_ifindex)
			return i;
		if (selected == count)
			selected = i;
	}
	return selected;
}

/* Finds the ingress interface of the packet. */
static int find_interface(struct call *call, const struct packet_spec *packet_spec,
			  struct datapath_interface *found)
{
	_free_ struct datapath_interface *interfaces = NULL;
	const char *wanted = call_flag(call, FLAG_INTERFACE);
	size_t count = 0, selected;
	int error = datapath_interfaces(call->globals.instance, &interfaces, &count);

	if (error)
		return xdp_problem(call, error, "reading the links");
	selected = select_interface(interfaces, count, wanted, packet_spec);
	if (selected < count) {
		*found = interfaces[selected];
		return 0;
	}
	if (wanted)
		return problem_set(&call->problem, EXIT_NOT_FOUND, "not-attached-there",
				   "instance '%s' is not attached to %s", call->globals.instance,
				   wanted);
	return problem_set(&call->problem, EXIT_NOT_ATTACHED, "not-attached",
			   "instance '%s' is attached to no interface in this network namespace",
			   call->globals.instance);
}

/* Runs the packet through a shadow copy of the attached program; on success it stays open. */
static int run_shadow(struct call *call, const struct store *store,
		      const struct datapath_interface *interface, struct shadow *shadow,
		      const struct packet_spec *packet_spec, struct shadow_result *result)
{
	unsigned char frame[PACKET_SPEC_BYTES];
	_close_ int program = datapath_program(call->globals.instance, interface->name);
	int error = program < 0 ? program : shadow_open(shadow, store, program);

	if (error == SHADOW_DIFFERS) {
		problem_set(&call->problem, EXIT_CONFLICT, "other-program",
			    "%s runs the program of another lbctl version", interface->name);
		problem_hint(&call->problem, "lbctl upgrade");
		return call->problem.code;
	}
	if (error)
		return xdp_problem(call, error, "loading a copy of the attached program");
	error = shadow_run(shadow, interface->ifindex, frame, packet_spec_build(packet_spec, frame),
			   result);
	if (!error)
		return 0;
	shadow_close(shadow);
	return xdp_problem(call, error, "running the copy of the attached program");
}

static int explain(struct call *call, struct store *store)
{
	struct datapath_interface interface;
	struct shadow_result result = {0};
	struct packet_spec packet_spec = {0};
	struct shadow shadow;
	struct explain_text text;
	struct explanation explanation = {
		.store = store,
		.shadow = &shadow,
		.packet_spec = &packet_spec,
		.result = &result,
		.interface = interface.name,
	};
	int code = parse_packet_spec(call, &packet_spec);

	if (!code)
		code = find_interface(call, &packet_spec, &interface);
	if (!code)
		code = run_shadow(call, store, &interface, &shadow, &packet_spec, &result);
	if (code)
		return code;
	explanation.ifindex = interface.ifindex;
	explain_make(&explanation);
	explain_text_make(&text, &explanation);
	print_explanation(&call->output, &explanation, &text);
	shadow_close(&shadow);
	return explanation.is_delivered ? EXIT_DONE : EXIT_NO;
}

int cmd_explain(struct call *call)
{
	return session_run(call, STORE_READ, explain);
}
