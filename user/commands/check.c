// SPDX-License-Identifier: GPL-2.0-only
/* check [SERVICE [BACKEND]]: one round of probes. The results are written to the store. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/session.h"
#include "cli/store_problem.h"
#include "commands/command_functions.h"
#include "commands/print_check.h"
#include "controller/health_update.h"
#include "controller/targets.h"
#include "probe/run.h"

struct round {
	struct call *call;
	struct targets targets;
	__u32 service, backend; /* ids; 0 = all */
	int error; /* negative errno: this host could not start a probe */
};

/* A probe that cannot be started cancels the round. */
static bool job_done(void *owner, const struct probe_job *job)
{
	struct round *round = owner;

	round->error = job->error;
	return !job->error;
}

/* Probes all targets concurrently. Returns 0 or a negative errno. */
static int probe_all(struct round *round)
{
	size_t count = round->targets.count;
	_free_ struct probe_job *jobs = calloc(count + 1, sizeof(*jobs));
	int error;

	if (!jobs)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		jobs[i] = (struct probe_job){.check = &round->targets.list[i]->check,
					     .target = round->targets.list[i]->dest};
	error = probe_run_all(jobs, count, count, job_done, round);
	for (size_t i = 0; i < count; i++) {
		struct check_target *target = round->targets.list[i];

		target->began_ms = jobs[i].began_ns / 1000000;
		target->report = jobs[i].report;
		target->result_ready = true;
	}
	return error ? error : round->error;
}

static int find(struct round *round, const struct store *store)
{
	int code = session_find_arguments(round->call, store, &round->service, &round->backend);

	if (code || !round->service)
		return code;
	return session_require_check(round->call, store, round->service);
}

static int prepare_targets(struct round *round)
{
	struct store store;
	int error, code = session_open(round->call, &store, STORE_READ);

	if (code)
		return code;
	code = find(round, &store);
	error = code ? 0 : targets_update(&round->targets, &store, round->service, round->backend);
	store_close(&store);
	return error ? problem_system(&round->call->problem, error, "reading the store") : code;
}

/* Prints a row per backend that was probed and still exists. Returns EXIT_NO if one is down. */
static int print_results(struct round *round, const struct store *store)
{
	int code = EXIT_DONE;
	size_t number = 0;

	for (size_t i = 0; i < round->targets.count; i++) {
		const struct check_target *target = round->targets.list[i];

		for (size_t j = 0; target->report.total_us && j < target->count; j++) {
			const struct lb_backend_config *backend =
				&store->config.backend[target->backends[j]];
			const struct check_row row = {
				.service = &store->config.service[backend->service],
				.backend = backend,
				.health_record = &store->health_records[target->backends[j]],
				.report = &target->report,
			};

			print_check(&round->call->output, &row, number++);
			if (backend->health == LB_HEALTH_DOWN)
				code = EXIT_NO;
		}
	}
	print_checks_end(&round->call->output, number);
	return code;
}

static void record_results(struct round *round, struct store *store)
{
	for (size_t i = 0; i < round->targets.count; i++)
		if (round->targets.list[i]->result_ready)
			health_update_record(store, round->targets.list[i], false);
	health_update_step_slow_starts(store);
}

/* With --dry-run the results go to a private copy of the health records. */
static int record_in_copy(struct round *round, struct store *store,
			  struct lb_health_record **health_records)
{
	size_t bytes = store->control->max_backends * sizeof(**health_records);

	*health_records = malloc(bytes);
	if (!*health_records)
		return -ENOMEM;
	store->health_records = memcpy(*health_records, store->health_records, bytes);
	record_results(round, store);
	return 0;
}

static int update_store(struct round *round)
{
	_free_ struct lb_health_record *health_records = NULL;
	struct store store;
	bool changed;
	int error, code = session_open(round->call, &store, STORE_WRITE);

	if (code)
		return code;
	error = targets_update(&round->targets, &store, round->service, round->backend);
	if (!error && round->call->globals.dry_run) {
		error = record_in_copy(round, &store, &health_records);
	} else if (!error) {
		record_results(round, &store);
		code = session_commit(round->call, &store, &changed);
	}
	if (error)
		code = store_problem(round->call, error, "recording the results");
	if (!code)
		code = print_results(round, &store);
	store_close(&store);
	return code;
}

int cmd_check(struct call *call)
{
	struct round round = {.call = call};
	int error, code = prepare_targets(&round);

	if (code)
		return code;
	error = probe_all(&round);
	code = error ? problem_system(&call->problem, error, "starting a probe")
		     : update_store(&round);
	targets_release(&round.targets);
	return code;
}
