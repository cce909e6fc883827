// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "cli/answer.h"
#include "cli/host_lock.h"
#include "cli/limits.h"
#include "cli/session.h"
#include "cli/xdp_errors.h"
#include "commands/command_functions.h"
#include "datapath/attach.h"
#include "datapath/instance.h"
#include "store/devices.h"

/* Reads 32 hexadecimal digits and the end of the line. */
static bool read_key(FILE *file, struct lb_seed *key)
{
	char digits[2][17], rest[2];

	if (fscanf(file, "%16[0-9a-fA-F]%16[0-9a-fA-F]%1s", digits[0], digits[1], rest) != 2)
		return false;
	for (int i = 0; i < 2; i++)
		key->word[i] = strtoull(digits[i], NULL, 16);
	return strlen(digits[0]) == 16 && strlen(digits[1]) == 16;
}

static int parse_key(struct call *call, struct lb_seed *key)
{
	const char *path = call_flag(call, FLAG_HASH_KEY);
	FILE *file;
	bool is_valid;

	if (!path)
		return 0;
	file = fopen(path, "re");
	if (!file)
		return problem_set(&call->problem, EXIT_INVALID, "invalid-key",
				   "invalid --hash-key '%s': %s", path, strerror(errno));
	is_valid = read_key(file, key);
	fclose(file);
	return is_valid ? 0
			: problem_set(&call->problem, EXIT_INVALID, "invalid-key",
				      "invalid --hash-key '%s': expected 32 hexadecimal digits",
				      path);
}

static int parse_limits(struct call *call, struct datapath_limits *limits)
{
	int code = 0;

	for (enum limit i = 0; !code && i < LIMIT_COUNT; i++) {
		__u64 number = limit_get(limits, i);

		code = call_number(call, limit_flag(i), "invalid-limit", 1, limit_max(i), &number);
		limit_set(limits, i, number);
	}
	return code ? code : parse_key(call, &limits->key);
}

/* Finds what is known to fail before anything is changed. */
static int check_interfaces(struct call *call)
{
	for (size_t i = 0; i < call->argument_count; i++) {
		const char *name = call->arguments[i];

		if (!if_nametoindex(name))
			return xdp_problem(call, DATAPATH_NO_INTERFACE, name);
		if (!call_flag(call, FLAG_REPLACE) &&
		    datapath_foreign_program(call->globals.instance, name))
			return xdp_problem(call, DATAPATH_OTHER_PROGRAM, name);
	}
	return 0;
}

/* Limits of an existing instance cannot change. */
static int check_limits(struct call *call, const struct store *store)
{
	struct datapath_limits limits = limits_of(store->control), wanted = limits;
	bool differs = false;

	if (parse_limits(call, &wanted))
		return call->problem.code;
	if (memcmp(&wanted.key, &limits.key, sizeof(limits.key)))
		return problem_set(&call->problem, EXIT_CONFLICT, "key-differs",
				   "instance '%s' exists with another hash key",
				   call->globals.instance);
	for (enum limit i = 0; i < LIMIT_COUNT; i++)
		differs |= limit_round_up(i, limit_get(&wanted, i)) != limit_get(&limits, i);
	if (!differs)
		return 0;
	problem_set(&call->problem, EXIT_CONFLICT, "limits-differ",
		    "instance '%s' exists with other limits:", call->globals.instance);
	for (enum limit i = 0; i < LIMIT_COUNT; i++)
		problem_append(&call->problem, " --%s %u", flag_name(limit_flag(i)),
			       limit_get(&limits, i));
	problem_hint(&call->problem, "lbctl detach");
	return call->problem.code;
}

static int attach_one(struct call *call, const struct store *store, int program, const char *name,
		      enum datapath_mode mode)
{
	__u32 ifindex = if_nametoindex(name);
	bool had_device = store_has_device(store, ifindex);
	int error = store_device_add(store, ifindex);

	if (!error)
		error = datapath_attach(call->globals.instance, program, name, mode,
					call_flag(call, FLAG_REPLACE) != NULL);
	if (!error)
		xdp_update_rx_queues(store, name, ifindex);
	if (error && error != -EALREADY && !had_device)
		store_device_del(store, ifindex);
	return error;
}

static int roll_back(struct call *call, const struct store *store, const bool *attached,
		     size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!attached[i])
			continue;
		store_device_del(store, if_nametoindex(call->arguments[i]));
		if (datapath_detach(call->globals.instance, call->arguments[i]))
			return problem_set(&call->problem, EXIT_ROLLBACK, "rollback-failed",
					   "rollback failed: %s is still attached",
					   call->arguments[i]);
	}
	return call->problem.code;
}

static int attach_all(struct call *call, const struct store *store, int program,
		      enum datapath_mode mode, bool *changed)
{
	bool attached[COMMAND_ARGUMENTS_MAX] = {false};

	for (size_t i = 0; i < call->argument_count; i++) {
		int error = attach_one(call, store, program, call->arguments[i], mode);

		if (error && error != -EALREADY) {
			xdp_problem(call, error, call->arguments[i]);
			return roll_back(call, store, attached, i);
		}
		attached[i] = !error;
		*changed |= attached[i];
	}
	return 0;
}

/* nat looks up routes in the kernel, which finds them only on interfaces that forward. */
static void warn_no_forwarding(const struct call *call)
{
	static const char *const settings[][3] = {
		{"/proc/sys/net/ipv4/ip_forward", "net.ipv4.ip_forward", "IPv4"},
		{"/proc/sys/net/ipv6/conf/all/forwarding", "net.ipv6.conf.all.forwarding", "IPv6"},
	};

	for (size_t i = 0; i < 2 && !call->output.quiet; i++) {
		FILE *file = fopen(settings[i][0], "r");
		char message[80], hint[64];

		snprintf(message, sizeof(message),
			 "%s forwarding is off in the kernel, so nat finds no routes",
			 settings[i][2]);
		snprintf(hint, sizeof(hint), "sysctl -w %s=1", settings[i][1]);
		if (file && fgetc(file) == '0')
			answer_warning(call, "no-forwarding", message, hint);
		if (file)
			fclose(file);
	}
}

static int attach_interfaces(struct call *call, const struct store *store, enum datapath_mode mode,
			     bool created)
{
	int error, code = created ? 0 : check_limits(call, store);
	bool changed = created;
	_close_ int program = -1;

	if (code)
		return code;
	error = datapath_load(call->globals.instance, &program, NULL);
	if (error)
		return xdp_problem(call, error, "loading the program");
	code = attach_all(call, store, program, mode, &changed);
	if (code)
		return code;
	warn_no_forwarding(call);
	answer_changed(call, changed);
	return EXIT_DONE;
}

/* Is an interface of the call not attached yet? */
static bool would_attach(const struct call *call, const struct datapath_interface *interfaces,
			 size_t count)
{
	for (size_t i = 0; i < call->argument_count; i++) {
		size_t j = 0;

		while (j < count && (strcmp(interfaces[j].name, call->arguments[i]) ||
				     interfaces[j].ifindex != if_nametoindex(call->arguments[i])))
			j++;
		if (j == count)
			return true;
	}
	return false;
}

/* Makes the checks of attach, without its changes. */
static int attach_dry_run(struct call *call, enum datapath_mode mode)
{
	_free_ struct datapath_interface *interfaces = NULL;
	bool create = !datapath_exists(call->globals.instance), changes = create;
	struct store store;
	size_t count = 0;
	int code =
		create ? session_check_revision(call, 0) : session_open(call, &store, STORE_READ);

	if (code)
		return code;
	if (!create) {
		code = session_check_revision(call, store_revision(&store));
		if (!code)
			code = check_limits(call, &store);
		store_close(&store);
		if (code)
			return code;
		datapath_interfaces(call->globals.instance, &interfaces, &count);
		changes = would_attach(call, interfaces, count);
	}
	for (size_t i = 0; i < count; i++)
		if (call_names_interface(call, interfaces[i].name) && mode != DATAPATH_AUTO &&
		    mode != interfaces[i].mode) {
			if (!call_flag(call, FLAG_REPLACE))
				return xdp_problem(call, DATAPATH_OTHER_MODE, interfaces[i].name);
			changes = true;
		}
	answer_changed(call, changes);
	return EXIT_DONE;
}

static int create_instance(struct call *call, const struct datapath_limits *limits)
{
	int error, code = session_check_revision(call, 0);

	if (code)
		return code;
	error = datapath_create(call->globals.instance, limits);
	return error ? xdp_problem(call, error, "creating the maps") : 0;
}

/*
 * Opens the instance, or creates it if it does not exist. An lbctl that fails after creation
 * removes the instance again; a second lbctl that waited for the lock then creates it.
 */
static int open_or_create(struct call *call, const struct datapath_limits *limits,
			  struct store *store, bool *created)
{
	const char *instance = call->globals.instance;
	int code;

	do {
		*created = !datapath_exists(instance);
		code = *created ? create_instance(call, limits) : 0;
		if (code)
			return code;
		code = session_open(call, store, STORE_WRITE);
	} while (code && !*created && !datapath_exists(instance));
	if (code && *created)
		datapath_remove(instance);
	return code;
}

/*
 * The host lock is held only until the instance is locked, because loading the program takes
 * seconds and other instances are not affected.
 */
static int attach(struct call *call, const struct datapath_limits *limits, enum datapath_mode mode,
		  int *root)
{
	struct store store;
	bool created;
	int code = open_or_create(call, limits, &store, &created);

	if (code)
		return code;
	host_unlock(root);
	*root = -1;
	code = attach_interfaces(call, &store, mode, created);
	created &= code && code != EXIT_ROLLBACK;
	if (created)
		datapath_remove(call->globals.instance);
	store_close(&store);
	if (created)
		host_relock(call, root);
	return code;
}

int cmd_attach(struct call *call)
{
	struct datapath_limits limits = limits_default();
	enum datapath_mode mode;
	_unlock_ int root = -1;
	int code;

	if (getrandom(&limits.key, sizeof(limits.key), 0) != sizeof(limits.key))
		return problem_system(&call->problem, -errno, "generating a hash key");
	code = parse_limits(call, &limits);
	if (!code)
		code = xdp_parse_mode(call, &mode);
	if (code)
		return code;
	code = host_lock_create(call, &root);
	if (!code)
		code = check_interfaces(call);
	if (code)
		return code;
	if (call->globals.dry_run)
		return attach_dry_run(call, mode);
	return attach(call, &limits, mode, &root);
}
