// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/session.h"
#include "cli/store_problem.h"
#include "cli/xdp_errors.h"
#include "datapath/instance.h"
#include "diagnose/commands.h"
#include "diagnose/doctor/doctor.h"
#include "diagnose/doctor/examinations.h"
#include "diagnose/doctor/print_doctor.h"
#include "store/counters.h"
#include "store/transaction.h"

/* Closes the store, so that the lock is free while connections are tried. */
static int examine_store(struct call *call, struct doctor *doctor, struct store *store)
{
	struct view view;
	int error = view_collect(&view, store, call->globals.instance);

	if (!error) {
		doctor->store = store;
		doctor->view = &view;
		error = doctor_examine_instance(doctor);
		view_release(&view);
	}
	store_close(store);
	return error;
}

static int examine_instance(struct call *call, struct doctor *doctor)
{
	__u64 timeout_ms = call->globals.lock_timeout_ms;
	struct store store;
	int error = store_open(&store, doctor->instance, STORE_READ, timeout_ms);

	if (error == STORE_ABSENT) {
		doctor_examine_detached(doctor);
		return 0;
	}
	if (error)
		return store_problem(call, error, "opening the pinned maps");
	error = examine_store(call, doctor, &store);
	if (!error)
		error = doctor_connect_backends(doctor);
	if (error)
		return problem_system(&call->problem, error, "examining the instance");
	doctor_await_losses(doctor);
	if (store_open(&store, doctor->instance, STORE_READ, timeout_ms))
		return 0; /* detached meanwhile, or locked for too long: print what was found */
	struct lb_outcomes now = store_outcomes(&store);

	store_close(&store);
	doctor_examine_outcomes(doctor, &now);
	return 0;
}

/* Notes do not affect the exit status. */
static int print_findings(const struct call *call, struct doctor *doctor)
{
	size_t problem_count = 0;

	doctor_sort_findings(doctor);
	for (size_t i = 0; i < doctor->count; i++)
		problem_count += doctor->findings[i].severity != DOCTOR_NOTE;
	print_doctor(&call->output, doctor);
	return problem_count ? EXIT_NO : EXIT_DONE;
}

int cmd_doctor(struct call *call)
{
	char command[96];
	struct doctor doctor = {
		.instance = call->globals.instance,
		.interface = call->argument_count ? call->arguments[0] : NULL,
		.command = command,
	};
	int code;

	snprintf(command, sizeof(command), "lbctl --instance %.63s", doctor.instance);
	if (!strcmp(doctor.instance, "default"))
		command[strlen("lbctl")] = '\0';
	if (doctor.interface && !if_nametoindex(doctor.interface))
		return xdp_problem(call, DATAPATH_NO_INTERFACE, doctor.interface);
	doctor_examine_host(&doctor);
	code = examine_instance(call, &doctor);
	if (!code)
		code = print_findings(call, &doctor);
	doctor_release(&doctor);
	return code;
}
