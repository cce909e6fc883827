// SPDX-License-Identifier: GPL-2.0-only
#include "cli/xdp_errors.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "base/suggest.h"
#include "cli/session.h"
#include "cli/store_problem.h"
#include "datapath/attach.h"
#include "datapath/instance.h"
#include "datapath/libbpf_log.h"
#include "netlink/interface.h"
#include "store/devices.h"

static int unknown_interface(struct problem *problem, const char *name)
{
	struct suggestion suggested = suggestion_of(name);
	struct if_nameindex *names = if_nameindex();

	for (size_t i = 0; names && names[i].if_index; i++)
		suggestion_offer(&suggested, names[i].if_name);
	if_freenameindex(names);
	problem_set(problem, EXIT_NOT_FOUND, "no-interface", "unknown interface '%s'%s", name,
		    suggestion_text(&suggested));
	problem_hint(problem, "ip link show");
	return problem->code;
}

/* The length without ": suffix": libbpf's message ends with that of the kernel. */
static int length_without_suffix(const char *message, const char *suffix)
{
	size_t length = strlen(message), suffix_length = strlen(suffix) + 2;

	if (length > suffix_length && !strcmp(message + length - strlen(suffix), suffix) &&
	    message[length - suffix_length] == ':')
		return length - suffix_length;
	return length;
}

int xdp_problem(struct call *call, int error, const char *what)
{
	struct problem *problem = &call->problem;
	const char *message = libbpf_log_message();

	switch (error) {
	case DATAPATH_NO_INTERFACE:
		return unknown_interface(problem, what);
	case DATAPATH_OTHER_PROGRAM:
		problem_set(problem, EXIT_CONFLICT, "xdp-in-use",
			    "%s: another XDP program is attached", what);
		problem_hint(problem, "lbctl attach --replace %s", what);
		return problem->code;
	case DATAPATH_OTHER_MODE:
		problem_set(problem, EXIT_CONFLICT, "other-mode",
			    "%s: attached in the other mode already", what);
		problem_hint(problem, "lbctl attach --replace --mode %s %s",
			     call_flag(call, FLAG_MODE), what);
		return problem->code;
	case DATAPATH_NO_NATIVE:
		problem_set(problem, EXIT_KERNEL, "no-native",
			    "%s: the driver does not support native XDP", what);
		problem_hint(problem, "lbctl attach --mode generic %s", what);
		return problem->code;
	case DATAPATH_NO_BPFFS:
		problem_set(problem, EXIT_KERNEL, "no-bpffs", "%s: no BPF file system is mounted",
			    what);
		problem_hint(problem, "mount -t bpf bpf /sys/fs/bpf");
		return problem->code;
	case DATAPATH_OTHER_ABI:
		return store_problem(call, STORE_OTHER_ABI, what);
	default:
		return problem_system(problem, error, "%s%s%.*s", what, message[0] ? ": " : "",
				      length_without_suffix(message, strerror(-error)), message);
	}
}

void xdp_update_rx_queues(const struct store *store, const char *name, __u32 ifindex)
{
	struct offloads offloads;

	interface_offloads(name, &offloads);
	store_rx_queues_set(store, ifindex, offloads.rx_queues);
}

int xdp_parse_mode(struct call *call, enum datapath_mode *mode)
{
	const char *text = call_flag(call, FLAG_MODE);

	*mode = DATAPATH_AUTO;
	if (!text || !strcmp(text, "auto"))
		return 0;
	if (!strcmp(text, "native"))
		*mode = DATAPATH_NATIVE;
	else if (!strcmp(text, "generic"))
		*mode = DATAPATH_GENERIC;
	else
		return problem_choice(&call->problem, "invalid-mode", "--mode", text,
				      "auto, native or generic");
	return 0;
}

bool call_names_interface(const struct call *call, const char *name)
{
	for (size_t i = 0; i < call->argument_count; i++)
		if (!strcmp(call->arguments[i], name))
			return true;
	return !call->argument_count;
}
