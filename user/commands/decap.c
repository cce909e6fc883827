// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "base/address.h"
#include "base/cleanup.h"
#include "cli/answer.h"
#include "cli/host_lock.h"
#include "cli/xdp_errors.h"
#include "commands/command_functions.h"
#include "datapath/attach.h"
#include "datapath/decap.h"
#include "datapath/instance.h"
#include "netlink/route.h"

/* Tunnel endpoints: the addresses of --address, or those of the interfaces. */
struct tunnel_ips {
	__u64 address[DECAP_ADDRESSES_MAX][2];
	size_t count;
};

static int parse_addresses(struct call *call, const char *text, struct tunnel_ips *tunnel_ips)
{
	_free_ char *copy = strdup(text);
	char *rest, *word;

	if (!copy)
		return problem_system(&call->problem, -ENOMEM, "--address");
	for (word = strtok_r(copy, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		if (tunnel_ips->count == DECAP_ADDRESSES_MAX)
			return problem_set(&call->problem, EXIT_INVALID, "invalid-address",
					   "too many addresses in --address: expected at most %d",
					   DECAP_ADDRESSES_MAX);
		if (address_parse(word, tunnel_ips->address[tunnel_ips->count++]))
			return problem_set(&call->problem, EXIT_INVALID, "invalid-address",
					   "invalid --address '%s': expected ADDR[,ADDR...]", word);
	}
	return 0;
}

static int find_addresses(struct call *call, struct tunnel_ips *tunnel_ips)
{
	for (size_t i = 0; i < call->argument_count; i++) {
		const char *name = call->arguments[i];
		int found = route_interface_addresses(if_nametoindex(name),
						      &tunnel_ips->address[tunnel_ips->count],
						      DECAP_ADDRESSES_MAX - tunnel_ips->count);

		if (found < 0)
			return problem_system(&call->problem, found, "reading addresses of %s",
					      name);
		tunnel_ips->count += found;
	}
	if (tunnel_ips->count)
		return 0;
	problem_set(&call->problem, EXIT_INVALID, "no-address", "interface '%s' has no address",
		    call->arguments[0]);
	problem_hint(&call->problem, "lbctl decap %s --address ADDR", call->arguments[0]);
	return call->problem.code;
}

static int check_interfaces(struct call *call, const char *name)
{
	for (size_t i = 0; i < call->argument_count; i++) {
		if (!if_nametoindex(call->arguments[i]))
			return xdp_problem(call, DATAPATH_NO_INTERFACE, call->arguments[i]);
		if (datapath_foreign_program(name, call->arguments[i]))
			return problem_set(&call->problem, EXIT_CONFLICT, "xdp-in-use",
					   "%s: another XDP program is attached",
					   call->arguments[i]);
	}
	return 0;
}

static bool is_attached(const struct datapath_interface *interfaces, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(interfaces[i].name, name) && interfaces[i].mode != DATAPATH_DETACHED)
			return true;
	return false;
}

/* For --dry-run: sets *changed if an interface of the call is not attached yet. */
static int check_changes(struct call *call, const char *name, bool *changed)
{
	_free_ struct datapath_interface *interfaces = NULL;
	size_t count = 0;
	int error = datapath_exists(name) ? datapath_interfaces(name, &interfaces, &count) : 0;

	for (size_t i = 0; !error && i < call->argument_count; i++)
		*changed |= !is_attached(interfaces, count, call->arguments[i]);
	return error ? xdp_problem(call, error, "reading the pins") : 0;
}

/* Switches attached interfaces to the program, and attaches it to the others. */
static int attach_all(struct call *call, const char *name, int program, enum datapath_mode mode,
		      bool *changed)
{
	int error = datapath_switch(name, program, -1);

	if (error)
		return xdp_problem(call, error, "replacing the program");
	for (size_t i = 0; i < call->argument_count; i++) {
		error = datapath_attach(name, program, call->arguments[i], mode, false);
		if (error && error != -EALREADY)
			return xdp_problem(call, error, call->arguments[i]);
		*changed |= !error;
	}
	return 0;
}

static int enable(struct call *call, const char *name, enum datapath_mode mode)
{
	const char *addresses = call_flag(call, FLAG_ADDRESS);
	struct tunnel_ips tunnel_ips = {0};
	_close_ int program = -1;
	bool changed = false;
	int error, code = check_interfaces(call, name);

	if (!code)
		code = addresses ? parse_addresses(call, addresses, &tunnel_ips)
				 : find_addresses(call, &tunnel_ips);
	if (code)
		return code;
	program = decap_load(tunnel_ips.address, tunnel_ips.count);
	if (program < 0)
		return xdp_problem(call, program, "loading the program");
	if (call->globals.dry_run) {
		code = check_changes(call, name, &changed);
	} else {
		error = decap_prepare(name);
		code = error ? xdp_problem(call, error, "creating the pins")
			     : attach_all(call, name, program, mode, &changed);
	}
	if (!code)
		answer_changed(call, changed);
	return code;
}

static int disable(struct call *call, const char *name)
{
	_free_ struct datapath_interface *interfaces = NULL;
	size_t count = 0, remaining;
	bool changed = false;
	int error = 0;

	if (datapath_exists(name))
		error = datapath_interfaces(name, &interfaces, &count);
	if (error)
		return xdp_problem(call, error, "reading the pins");
	remaining = count;
	for (size_t i = 0; i < count; i++) {
		if (!call_names_interface(call, interfaces[i].name))
			continue;
		changed = true;
		if (!call->globals.dry_run)
			error = datapath_detach(name, interfaces[i].name);
		if (error)
			return xdp_problem(call, error, interfaces[i].name);
		remaining--;
	}
	if (!remaining && !call->globals.dry_run)
		error = datapath_remove(name);
	if (error)
		return xdp_problem(call, error, "removing the pins");
	answer_changed(call, changed);
	return EXIT_DONE;
}

int cmd_decap(struct call *call)
{
	char name[DECAP_INSTANCE_BYTES];
	enum datapath_mode mode;
	_unlock_ int root = -1;
	int code = xdp_parse_mode(call, &mode);

	decap_instance(call->globals.instance, name);
	if (!code && !call->argument_count && !call_flag(call, FLAG_OFF))
		code = problem_set(&call->problem, EXIT_USAGE, "missing-arguments",
				   "missing interfaces: expected IFACE... or --off");
	if (!code && call->globals.if_generation)
		code = problem_set(&call->problem, EXIT_USAGE, "bad-flag",
				   "--if-generation does not apply to decap");
	if (code)
		return code;
	code = host_lock_create(call, &root);
	if (code)
		return code;
	return call_flag(call, FLAG_OFF) ? disable(call, name) : enable(call, name, mode);
}
