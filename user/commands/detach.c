// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/answer.h"
#include "cli/host_lock.h"
#include "cli/session.h"
#include "cli/store_problem.h"
#include "cli/xdp_errors.h"
#include "commands/command_functions.h"
#include "datapath/attach.h"
#include "datapath/instance.h"
#include "store/counters.h"
#include "store/devices.h"
#include "store/transaction.h"

static int check_attached(struct call *call, const struct datapath_interface *interfaces,
			  size_t count)
{
	for (size_t i = 0; i < call->argument_count; i++) {
		size_t j = 0;

		while (j < count && strcmp(interfaces[j].name, call->arguments[i]))
			j++;
		if (j == count)
			return problem_set(&call->problem, EXIT_NOT_FOUND, "not-attached-there",
					   "not attached to interface '%s'", call->arguments[i]);
	}
	return 0;
}

static int remove_pins(struct call *call)
{
	int error = datapath_remove(call->globals.instance);

	return error ? xdp_problem(call, error, "removing the pins") : 0;
}

/*
 * Rolls back: attaches the first `count` interfaces again. The last of them failed, and may be
 * detached or not. Returns the exit code of the problem.
 */
static int reattach(struct call *call, const struct store *store, int program,
		    const struct datapath_interface *interfaces, size_t count)
{
	const char *instance = call->globals.instance;

	for (size_t i = 0; i < count; i++) {
		const struct datapath_interface *interface = &interfaces[i];
		int error;

		if (!call_names_interface(call, interface->name) ||
		    interface->mode == DATAPATH_DETACHED)
			continue;
		error = datapath_attach(instance, program, interface->name, interface->mode, false);
		if (error && error != -EALREADY)
			return problem_set(&call->problem, EXIT_ROLLBACK, "rollback-failed",
					   "rollback failed: %s is still detached",
					   interface->name);
		if (store)
			store_device_add(store, interface->ifindex);
	}
	return call->problem.code;
}

/* A descriptor of the program that the interfaces run; negative if none is known. */
static int running_program(const struct call *call, const struct datapath_interface *interfaces,
			   size_t count)
{
	int program = -1;

	for (size_t i = 0; i < count && program < 0; i++)
		program = datapath_program(call->globals.instance, interfaces[i].name);
	return program;
}

/* `store` is NULL if the pins are of another ABI or damaged. */
static int detach_selected(struct call *call, const struct store *store,
			   const struct datapath_interface *interfaces, size_t count)
{
	_close_ int program = running_program(call, interfaces, count);
	size_t remaining = count;

	for (size_t i = 0; i < count; i++) {
		int error = 0;

		if (!call_names_interface(call, interfaces[i].name))
			continue;
		error = datapath_detach(call->globals.instance, interfaces[i].name);
		if (error) {
			xdp_problem(call, error, interfaces[i].name);
			return reattach(call, store, program, interfaces, i + 1);
		}
		if (store)
			store_device_del(store, interfaces[i].ifindex);
		remaining--;
	}
	if (!remaining && remove_pins(call) && datapath_exists(call->globals.instance))
		return reattach(call, store, program, interfaces, count);
	return call->problem.code;
}

static int detach_interfaces(struct call *call, const struct store *store)
{
	_free_ struct datapath_interface *interfaces = NULL;
	size_t count = 0;
	int error, code;

	error = datapath_interfaces(call->globals.instance, &interfaces, &count);
	if (error && error != -ENOENT)
		return xdp_problem(call, error, "reading the links");
	code = check_attached(call, interfaces, count);
	if (!code && store)
		code = session_check_no_flows(call, store, 0, 0);
	if (!code && !call->globals.dry_run)
		code = detach_selected(call, store, interfaces, count);
	if (!code)
		answer_changed(call, true);
	return code;
}

int cmd_detach(struct call *call)
{
	_unlock_ int root = -1;
	struct store store;
	int error, code = host_lock(call, &root);

	if (code)
		return code;
	error = store_open(&store, call->globals.instance, STORE_WRITE,
			   call->globals.lock_timeout_ms);
	if ((error == STORE_OTHER_ABI || error == STORE_DAMAGED) && call_flag(call, FLAG_FORCE) &&
	    !call->globals.if_generation)
		return detach_interfaces(call, NULL);
	if (error == STORE_ABSENT)
		datapath_remove(call->globals.instance); /* remains of a failed attach */
	if (error)
		return store_problem(call, error, "opening the pinned maps");
	code = session_check_revision(call, store_revision(&store));
	if (!code)
		code = detach_interfaces(call, &store);
	store_close(&store);
	return code;
}

/* New queues have the program now. Interfaces of other namespaces cannot be examined. */
static void update_rx_queues(const struct call *call, const struct store *store)
{
	_free_ struct datapath_interface *interfaces = NULL;
	size_t count;

	if (datapath_interfaces(call->globals.instance, &interfaces, &count))
		return;
	for (size_t i = 0; i < count; i++)
		if (interfaces[i].mode == DATAPATH_NATIVE)
			xdp_update_rx_queues(store, interfaces[i].name, interfaces[i].ifindex);
}

/* No instance is created or removed, so the lock of the instance is sufficient. */
int cmd_upgrade(struct call *call)
{
	_close_ int program = -1;
	_close_ int sweep = -1;
	struct store store;
	int error, code = session_open(call, &store, STORE_WRITE);

	if (code)
		return code;
	error = datapath_load(call->globals.instance, &program, &sweep);
	if (!error && !call->globals.dry_run)
		error = datapath_switch(call->globals.instance, program, sweep);
	if (!error && !call->globals.dry_run)
		update_rx_queues(call, &store);
	if (!error && !call->globals.dry_run && store.control->counted)
		error = store_sweep_start(&store);
	store_close(&store);
	if (error)
		return xdp_problem(call, error, "replacing the program");
	answer_changed(call, true);
	return EXIT_DONE;
}
