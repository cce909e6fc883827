/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs probes to their ends on a loop of their own, for commands without a controller.
 */
#ifndef PROBE_RUN_H
#define PROBE_RUN_H

#include <stddef.h>

#include "model/check_spec.h"
#include "probe/types.h"

struct probe_run;

struct probe_job {
	/* Set by the caller. */
	const struct check *check;
	struct probe_target target;
	/* Results. */
	int error; /* negative errno: this host could not start the probe, and there is no report */
	__u64 began_ns; /* CLOCK_MONOTONIC */
	struct probe_report report;

	struct probe_run *run; /* private */
};

/* Called when a job has ended. Returns false to cancel the run. */
typedef bool (*probe_job_done)(void *owner, const struct probe_job *job);

/*
 * Runs each job once, at most `at_once` (at least 1) concurrently. `done` may be NULL. Returns 0
 * once all have ended or `done` has cancelled the run, or a negative errno if nothing was run.
 */
int probe_run_all(struct probe_job *jobs, size_t count, size_t at_once, probe_job_done done,
		  void *owner);

/* Runs a job `times` (at least 1) times, each `interval_ms` after the end of the one before. */
int probe_run_repeatedly(struct probe_job *job, __u64 times, __u64 interval_ms, probe_job_done done,
			 void *owner);

#endif
