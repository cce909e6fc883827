// SPDX-License-Identifier: GPL-2.0-only
#include "cli/store_problem.h"

#include "cli/validate.h"
#include "store/edit.h"

int store_problem(struct call *call, int error, const char *what)
{
	struct problem *problem = &call->problem;
	const char *instance = call->globals.instance;

	switch (error) {
	case STORE_ABSENT:
		problem_set(problem, EXIT_NOT_ATTACHED, "not-attached",
			    "%s: instance '%s' is not attached to any interface", what, instance);
		problem_hint(problem, "lbctl attach IFACE");
		return problem->code;
	case STORE_LOCKED:
		return problem_set(problem, EXIT_TIMEOUT, "locked",
				   "%s: another lbctl holds the lock of instance '%s'", what,
				   instance);
	case STORE_OTHER_ABI:
		problem_set(problem, EXIT_CONFLICT, "other-abi",
			    "%s: instance '%s' has another ABI, expected %u", what, instance,
			    LB_ABI_VERSION);
		problem_hint(problem, "lbctl detach --force");
		return problem->code;
	case STORE_DAMAGED:
		problem_set(problem, EXIT_KERNEL, "damaged-pins",
			    "%s: pins of instance '%s' are missing or damaged", what, instance);
		problem_hint(problem, "lbctl detach --force");
		return problem->code;
	default:
		return problem_system(problem, error, "%s", what);
	}
}

static int flows_alive(struct problem *problem, __u64 flows)
{
	problem_set(problem, EXIT_CONFLICT, "flows-alive",
		    "%llu active spilled flow%s; use --force to terminate %s", flows,
		    flows == 1 ? "" : "s", flows == 1 ? "it" : "them");
	problem_hint(problem, "lbctl flow list");
	return problem->code;
}

/* An alias cannot be added, for a reason that applies to backends in general. */
static int alias_problem(struct problem *problem, const struct transaction *transaction,
			 int condition)
{
	const struct store *store = transaction->store;
	const struct spillover_conflict *conflict = &transaction->conflict;
	const struct lb_service_config *service = &store->config.service[conflict->service];
	const struct lb_backend_config *backend = &store->config.backend[conflict->backend];
	struct problem reason = {0};

	validate_edit_problem(&reason, store, service, backend->address, backend->port, condition);
	return problem_set(problem, reason.code, reason.id, "--spill %s: %s", service->spill,
			   reason.message);
}

int commit_problem(struct call *call, const struct transaction *transaction, int error)
{
	const struct store *store = transaction->store;
	const struct spillover_conflict *conflict = &transaction->conflict;
	const char *spill = store->config.service[conflict->service].spill;
	struct problem *problem = &call->problem;

	switch (error) {
	case SPILLOVER_NO_TARGET:
		return validate_unknown_service(problem, store, "--spill: ", spill);
	case SPILLOVER_SELF:
		return problem_set(problem, EXIT_INVALID, "invalid-setting",
				   "--spill %s: a service cannot spill to itself", spill);
	case SPILLOVER_OTHER_KIND:
		return problem_set(problem, EXIT_INVALID, "invalid-setting",
				   "--spill %s: service '%s' has another protocol or IP version",
				   spill, spill);
	case SPILLOVER_PERSIST_NONE:
		return problem_set(problem, EXIT_INVALID, "invalid-setting",
				   "--spill %s: both services have --persist none, so replies "
				   "would be ambiguous",
				   spill);
	case SPILLOVER_FLOWS_ALIVE:
		return flows_alive(problem, conflict->flows);
	case EDIT_WRONG_FAMILY:
	case EDIT_WRONG_PORT:
	case EDIT_ENDPOINT_SHARED:
	case EDIT_BACKENDS_FULL:
		return alias_problem(problem, transaction, error);
	default:
		return store_problem(call, error, "publishing the change");
	}
}
