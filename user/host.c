// SPDX-License-Identifier: GPL-2.0-only
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "datapath.h"
#include "session.h"

int host_lock(struct call *call, int *root)
{
	int error;

	*root = open(STORE_ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*root < 0)
		return errno == ENOENT
			       ? session_store_problem(call, STORE_ABSENT, "opening " STORE_ROOT)
			       : problem_system(&call->problem, -errno, "opening " STORE_ROOT);
	error = store_lock(*root, STORE_WRITE, call->globals.lock_timeout_ms);
	if (error == STORE_LOCKED)
		return problem_set(&call->problem, EXIT_TIMEOUT, "locked",
				   "another lbctl is attaching or detaching on this host");
	return error ? problem_system(&call->problem, error, "locking " STORE_ROOT) : 0;
}

int host_prepare(struct call *call, int *root)
{
	bool dry = call->globals.dry_run;
	int error = datapath_prepare(dry);

	if (error)
		return host_problem(call, error, "preparing " STORE_ROOT);
	if (dry && access(STORE_ROOT, F_OK) && errno == ENOENT)
		return 0;
	return host_lock(call, root);
}

int host_problem(struct call *call, int error, const char *what)
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
			    "%s: another XDP program is there", what);
		problem_hint(problem, "lbctl attach --replace %s", what);
		return problem->code;
	case DATAPATH_OTHER_MODE:
		problem_set(problem, EXIT_CONFLICT, "other-mode",
			    "%s: attached already, in the other mode", what);
		problem_hint(problem, "lbctl attach --replace --mode %s %s",
			     call_flag(call, "mode"), what);
		return problem->code;
	case DATAPATH_NO_NATIVE:
		problem_set(problem, EXIT_KERNEL, "no-native", "%s: the driver has no native XDP",
			    what);
		problem_hint(problem, "lbctl attach --mode generic %s", what);
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

int host_parse_mode(struct call *call, enum datapath_mode *mode)
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

bool host_is_named(const struct call *call, const char *name)
{
	for (size_t i = 0; i < call->argument_count; i++)
		if (!strcmp(call->arguments[i], name))
			return true;
	return !call->argument_count;
}
