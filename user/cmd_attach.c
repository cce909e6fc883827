// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datapath.h"
#include "report.h"
#include "scope.h"
#include "session.h"

/* Why nothing may begin or end here: attaching is one at a time for the whole host. */
static int lock_root(struct call *call, int *root)
{
	int error;

	*root = open(STORE_ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*root < 0)
		return errno == ENOENT
			       ? session_store_problem(call, STORE_ABSENT, "opening " STORE_ROOT)
			       : problem_system(&call->problem, -errno, "opening " STORE_ROOT);
	error = store_lock(*root, STORE_WRITE, call->globals.lock_timeout_ms);
	return error ? session_store_problem(call, error, "locking " STORE_ROOT) : 0;
}

/* A failure of the datapath in words; libbpf's and the kernel's own come along. */
static int datapath_problem(struct call *call, int error, const char *what)
{
	struct problem *problem = &call->problem;
	const char *words = datapath_words();

	switch (error) {
	case DATAPATH_NO_INTERFACE:
		problem_set(problem, EXIT_NOT_FOUND, "no-interface", "%s: no such interface", what);
		problem_hint(problem, "ip link show");
		return problem->code;
	case DATAPATH_TAKEN:
		problem_set(problem, EXIT_CONFLICT, "xdp-in-use",
			    "%s: another XDP program, or another mode of this one, is there", what);
		problem_hint(problem, "lbctl attach --replace ...");
		return problem->code;
	case DATAPATH_NO_NATIVE:
		problem_set(problem, EXIT_KERNEL, "no-native", "%s: the driver has no native XDP",
			    what);
		problem_hint(problem, "lbctl attach --mode generic ...");
		return problem->code;
	case DATAPATH_NO_BPFFS:
		problem_set(problem, EXIT_KERNEL, "no-bpffs", "%s: no BPF file system", what);
		problem_hint(problem, "mount -t bpf bpf /sys/fs/bpf");
		return problem->code;
	case -EPROTO:
		return session_store_problem(call, STORE_OTHER_ABI, what);
	default:
		return problem_system(problem, error, "%s%s%s", what, words[0] ? ": " : "", words);
	}
}

static int parse_limit(struct call *call, const char *flag, __u32 most, __u32 *limit)
{
	const char *text = call_flag(call, flag);
	unsigned long value;
	char *end;

	if (!text)
		return 0;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || errno || !value || value > most)
		return problem_set(&call->problem, EXIT_INVALID, "invalid-limit",
				   "--%s %s: expected 1 to %u", flag, text, most);
	*limit = value;
	return 0;
}

static int parse_limits(struct call *call, struct datapath_limits *limits)
{
	int code = parse_limit(call, "max-services", LB_ID_MAX - 1, &limits->max_services);

	if (!code)
		code = parse_limit(call, "max-backends", LB_ID_MAX - 1, &limits->max_backends);
	if (!code)
		code = parse_limit(call, "max-flows", LB_FLOWS_MAX, &limits->max_flows);
	return code;
}

static int parse_mode(struct call *call, enum datapath_mode *mode)
{
	const char *text = call_flag(call, "mode");

	*mode = DATAPATH_AUTO;
	if (!text || !strcmp(text, "auto"))
		return 0;
	if (!strcmp(text, "native"))
		*mode = DATAPATH_NATIVE;
	else if (!strcmp(text, "generic"))
		*mode = DATAPATH_GENERIC;
	else
		return problem_set(&call->problem, EXIT_INVALID, "invalid-mode",
				   "--mode %s: expected auto, native or generic", text);
	return 0;
}

/* All that can be known to fail is found before anything is done. */
static int check_interfaces(struct call *call)
{
	for (size_t i = 0; i < call->argument_count; i++) {
		const char *name = call->arguments[i];

		if (!if_nametoindex(name))
			return datapath_problem(call, DATAPATH_NO_INTERFACE, name);
		if (!call_flag(call, "replace") &&
		    datapath_foreign_program(call->globals.instance, name))
			return datapath_problem(call, DATAPATH_TAKEN, name);
	}
	return 0;
}

/* The limits of an instance are set when it is made, and stay. */
static int check_limits(struct call *call, const struct store *store)
{
	const struct lb_control *control = store->control;
	struct datapath_limits limits = {
		.max_services = control->max_services - 1,
		.max_backends = control->max_backends - 1,
		.max_flows = control->flow_buckets * LB_BUCKET_FLOWS,
	};
	struct datapath_limits wanted = limits;

	if (parse_limits(call, &wanted))
		return call->problem.code;
	wanted.max_flows =
		(wanted.max_flows + LB_BUCKET_FLOWS - 1) / LB_BUCKET_FLOWS * LB_BUCKET_FLOWS;
	if (!memcmp(&wanted, &limits, sizeof(limits)))
		return 0;
	problem_set(
		&call->problem, EXIT_CONFLICT, "limits-differ",
		"instance '%s' is there with --max-services %u --max-backends %u --max-flows %u",
		call->globals.instance, limits.max_services, limits.max_backends, limits.max_flows);
	problem_hint(&call->problem, "lbctl detach, then attach with other limits");
	return call->problem.code;
}

static int attach_one(struct call *call, const struct store *store, int program, const char *name,
		      enum datapath_mode mode)
{
	__u32 ifindex = if_nametoindex(name);
	int error = store_device_add(store, ifindex);

	if (!error)
		error = datapath_attach(call->globals.instance, program, name, mode,
					call_flag(call, "replace") != NULL);
	if (error && error != -EALREADY)
		store_device_del(store, ifindex);
	return error;
}

static int undo(struct call *call, const struct store *store, const bool *attached, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!attached[i])
			continue;
		store_device_del(store, if_nametoindex(call->arguments[i]));
		if (datapath_detach(call->globals.instance, call->arguments[i]))
			return problem_set(&call->problem, EXIT_ROLLBACK, "rollback-failed",
					   "%s stays attached although another interface failed",
					   call->arguments[i]);
	}
	return call->problem.code;
}

static int attach_all(struct call *call, const struct store *store, int program,
		      enum datapath_mode mode, bool *changed)
{
	bool attached[VERB_ARGUMENTS_MAX] = {false};

	for (size_t i = 0; i < call->argument_count; i++) {
		int error = attach_one(call, store, program, call->arguments[i], mode);

		if (error && error != -EALREADY) {
			datapath_problem(call, error, call->arguments[i]);
			return undo(call, store, attached, i);
		}
		attached[i] = !error;
		*changed |= attached[i];
	}
	return 0;
}

/* nat asks the kernel for routes, and it answers on interfaces that forward. */
static void warn_of_no_forwarding(const struct call *call)
{
	static const char *const settings[][2] = {
		{"/proc/sys/net/ipv4/ip_forward", "net.ipv4.ip_forward"},
		{"/proc/sys/net/ipv6/conf/all/forwarding", "net.ipv6.conf.all.forwarding"},
	};

	for (size_t i = 0; i < 2 && !call->globals.quiet; i++) {
		FILE *file = fopen(settings[i][0], "r");

		if (file && fgetc(file) == '0')
			fprintf(stderr,
				"lbctl: attach: warning: the kernel does not forward, so nat finds "
				"no routes\nhint: sysctl -w %s=1\n",
				settings[i][1]);
		if (file)
			fclose(file);
	}
}

static int attach_to(struct call *call, enum datapath_mode mode, bool created)
{
	struct store store;
	bool changed = created;
	_close_ int program = -1;
	int code = session_open(call, &store, STORE_WRITE);

	if (code)
		return code;
	code = created ? 0 : check_limits(call, &store);
	if (!code) {
		program = datapath_load(call->globals.instance);
		if (program < 0)
			code = datapath_problem(call, program, "loading the program");
	}
	if (!code)
		code = attach_all(call, &store, program, mode, &changed);
	store_close(&store);
	if (code)
		return code;
	warn_of_no_forwarding(call);
	report_of(call)->changed(call, changed);
	return EXIT_DONE;
}

int attach_run(struct call *call)
{
	struct datapath_limits limits = {LB_SERVICES_DEFAULT - 1, LB_BACKENDS_DEFAULT - 1,
					 LB_FLOWS_DEFAULT};
	const char *instance = call->globals.instance;
	enum datapath_mode mode;
	_close_ int root = -1;
	bool create;
	int error, code = parse_limits(call, &limits);

	if (!code)
		code = parse_mode(call, &mode);
	if (code)
		return code;
	error = datapath_prepare();
	if (error)
		return datapath_problem(call, error, "preparing " STORE_ROOT);
	code = lock_root(call, &root);
	if (!code)
		code = check_interfaces(call);
	if (code)
		return code;
	create = !datapath_exists(instance);
	if (call->globals.dry_run) {
		report_of(call)->changed(call, true);
		return EXIT_DONE;
	}
	error = create ? datapath_create(instance, &limits) : 0;
	if (error)
		return datapath_problem(call, error, "making the instance's maps");
	code = attach_to(call, mode, create);
	if (code && create && code != EXIT_ROLLBACK)
		datapath_remove(instance);
	return code;
}

/* Is `name` among the interfaces to detach? None named: all are. */
static bool is_named(const struct call *call, const char *name)
{
	for (size_t i = 0; i < call->argument_count; i++)
		if (!strcmp(call->arguments[i], name))
			return true;
	return !call->argument_count;
}

static int check_named(struct call *call, const struct datapath_interface *interfaces, size_t count)
{
	for (size_t i = 0; i < call->argument_count; i++) {
		size_t j = 0;

		while (j < count && strcmp(interfaces[j].name, call->arguments[i]))
			j++;
		if (j == count)
			return problem_set(&call->problem, EXIT_NOT_FOUND, "not-attached-there",
					   "%s: not attached there", call->arguments[i]);
	}
	return 0;
}

static int detach_named(struct call *call, const struct datapath_interface *interfaces,
			size_t count)
{
	const char *instance = call->globals.instance;
	size_t left = count;

	for (size_t i = 0; i < count; i++) {
		int error = 0;

		if (!is_named(call, interfaces[i].name))
			continue;
		error = datapath_detach(instance, interfaces[i].name);
		if (error)
			return datapath_problem(call, error, interfaces[i].name);
		left--;
	}
	if (!left) {
		int error = datapath_remove(instance);

		if (error)
			return datapath_problem(call, error, "removing the pins");
	}
	report_of(call)->changed(call, true);
	return EXIT_DONE;
}

/* Pins that cannot be opened as a store can be taken away by force. */
static int check_detachable(struct call *call)
{
	struct store store;
	int error = store_open(&store, call->globals.instance, STORE_READ,
			       call->globals.lock_timeout_ms);
	int code;

	if ((error == STORE_OTHER_ABI || error == STORE_DAMAGED) && call_flag(call, "force"))
		return 0;
	if (error)
		return session_store_problem(call, error, "opening the pinned maps");
	code = session_refuse_flows(call, &store, 0, 0);
	store_close(&store);
	return code;
}

int detach_run(struct call *call)
{
	_free_ struct datapath_interface *interfaces = NULL;
	_close_ int root = -1;
	size_t count = 0;
	int error, code = lock_root(call, &root);

	if (!code)
		code = check_detachable(call);
	if (code)
		return code;
	error = datapath_interfaces(call->globals.instance, &interfaces, &count);
	if (error && error != -ENOENT)
		return datapath_problem(call, error, "reading the links");
	code = check_named(call, interfaces, count);
	if (code)
		return code;
	if (!call->globals.dry_run)
		return detach_named(call, interfaces, count);
	report_of(call)->changed(call, true);
	return EXIT_DONE;
}

int upgrade_run(struct call *call)
{
	_close_ int root = -1;
	_close_ int program = -1;
	struct store store;
	int error, code = lock_root(call, &root);

	if (!code)
		code = session_open(call, &store, STORE_WRITE);
	if (code)
		return code;
	program = datapath_load(call->globals.instance);
	error = program < 0 ? program : 0;
	if (!error && !call->globals.dry_run)
		error = datapath_switch(call->globals.instance, program);
	store_close(&store);
	if (error)
		return datapath_problem(call, error, "swapping the program");
	report_of(call)->changed(call, true);
	return EXIT_DONE;
}
