// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/session.h"
#include "cli/xdp_errors.h"
#include "datapath/instance.h"
#include "diagnose/commands.h"
#include "diagnose/explain/explain.h"
#include "diagnose/explain/print_explain.h"
#include "diagnose/explain/shadow.h"
#include "netlink/route.h"

static int parse_side(struct call *call, enum flag_id flag, bool with_protocol,
		      struct endpoint *endpoint)
{
	const char *expected = with_protocol ? "VIP:PORT/PROTO" : "IP:PORT";
	const char *text = call_flag(call, flag);
	bool has_port;

	if (!text)
		return problem_set(&call->problem, EXIT_USAGE, "bad-flag", "--%s %s is needed",
				   flag_name(flag), expected);
	if (endpoint_parse(text, endpoint, &has_port) || !has_port ||
	    !endpoint->protocol == with_protocol)
		return problem_set(&call->problem, EXIT_INVALID, "invalid-endpoint",
				   "--%s %s: expected %s", flag_name(flag), text, expected);
	return 0;
}

static int parse_specimen(struct call *call, struct specimen *specimen)
{
	int code = parse_side(call, FLAG_SRC, false, &specimen->source);

	if (!code)
		code = parse_side(call, FLAG_DST, true, &specimen->destination);
	if (code)
		return code;
	specimen->begins = call_flag(call, FLAG_SYN);
	if (specimen->begins && specimen->destination.protocol != IPPROTO_TCP)
		return problem_set(&call->problem, EXIT_INVALID, "invalid-endpoint",
				   "--syn is of TCP only");
	if (address_is_ipv4(specimen->source.address) !=
	    address_is_ipv4(specimen->destination.address))
		return problem_set(&call->problem, EXIT_INVALID, "wrong-family",
				   "--src and --dst are of different IP versions");
	return 0;
}

static bool is_usable(const struct datapath_interface *interface, const char *wanted)
{
	if (interface->mode != DATAPATH_NATIVE && interface->mode != DATAPATH_GENERIC)
		return false;
	return !wanted || !strcmp(interface->name, wanted);
}

/* Of those that are attached, the one that is wanted, else that leads to the sender, else any. */
static size_t choose_interface(const struct datapath_interface *interfaces, size_t count,
			       const char *wanted, const struct specimen *specimen)
{
	__u32 nearest = wanted ? 0 : link_interface_to(specimen->source.address);
	size_t chosen = count;

	for (size_t i = 0; i < count; i++) {
		if (!is_usable(&interfaces[i], wanted))
			continue;
		if (interfaces[i].ifindex == nearest)
			return i;
		if (chosen == count)
			chosen = i;
	}
	return chosen;
}

/* The interface that the packet is to come in by. */
static int find_interface(struct call *call, const struct specimen *specimen,
			  struct datapath_interface *found)
{
	_free_ struct datapath_interface *interfaces = NULL;
	const char *wanted = call_flag(call, FLAG_INTERFACE);
	size_t count = 0, chosen;
	int error = datapath_interfaces(call->globals.instance, &interfaces, &count);

	if (error)
		return host_problem(call, error, "reading the links");
	chosen = choose_interface(interfaces, count, wanted, specimen);
	if (chosen < count) {
		*found = interfaces[chosen];
		return 0;
	}
	if (wanted)
		return problem_set(&call->problem, EXIT_NOT_FOUND, "not-attached-there",
				   "%s: not attached there", wanted);
	return problem_set(&call->problem, EXIT_NOT_ATTACHED, "not-attached",
			   "attached to no interface of this network namespace");
}

/* A twin of the attached program answers, on copies of what is there. */
static int ask_twin(struct call *call, const struct store *store,
		    const struct datapath_interface *interface, struct twin *twin,
		    const struct specimen *specimen, struct twin_answer *answer)
{
	unsigned char frame[SPECIMEN_BYTES];
	_close_ int program = datapath_program(call->globals.instance, interface->name);
	int error = program < 0 ? program : twin_open(twin, store, program);

	if (error == TWIN_DIFFERS) {
		problem_set(&call->problem, EXIT_CONFLICT, "other-program",
			    "%s runs the program of another lbctl, which this one cannot explain",
			    interface->name);
		problem_hint(&call->problem, "lbctl upgrade");
		return call->problem.code;
	}
	if (error)
		return host_problem(call, error, "loading a twin of the attached program");
	error = twin_run(twin, interface->ifindex, frame, specimen_build(specimen, frame), answer);
	if (!error)
		return 0;
	twin_close(twin);
	return host_problem(call, error, "running the twin of the attached program");
}

static int explain(struct call *call, struct store *store)
{
	struct datapath_interface interface;
	struct twin_answer answer = {0};
	struct specimen specimen = {0};
	struct twin twin;
	struct explanation explanation = {
		.store = store,
		.twin = &twin,
		.specimen = &specimen,
		.answer = &answer,
		.interface = interface.name,
	};
	int code = parse_specimen(call, &specimen);

	if (!code)
		code = find_interface(call, &specimen, &interface);
	if (!code)
		code = ask_twin(call, store, &interface, &twin, &specimen, &answer);
	if (code)
		return code;
	explanation.ifindex = interface.ifindex;
	explanation_make(&explanation);
	print_explanation(&call->output, &explanation);
	twin_close(&twin);
	return explanation.arrives ? EXIT_DONE : EXIT_NO;
}

int explain_run(struct call *call)
{
	return session_run(call, STORE_READ, explain);
}
