// SPDX-License-Identifier: GPL-2.0-only
#include "probe/run.h"

#include "base/clock.h"
#include "probe/engine.h"

struct probe_run {
	struct loop *loop;
	struct loop_timer *start_timer;
	struct probe_engine *engine;
	struct probe_job *jobs;
	size_t count; /* of jobs, which are run in order */
	__u64 total, started, ended; /* probes: one or more of each job */
	size_t at_once;
	__u64 interval_ms;
	probe_job_done done;
	void *owner;
	bool is_stopped;
};

static void end_job(struct probe_run *run, struct probe_job *job)
{
	run->ended++;
	run->is_stopped = (run->done && !run->done(run->owner, job)) || run->ended == run->total;
	if (run->is_stopped)
		loop_stop(run->loop);
	else
		loop_timer_start(run->start_timer, run->interval_ms);
}

static void probe_ended(void *owner, const struct probe_report *report)
{
	struct probe_job *job = owner;

	job->report = *report;
	end_job(job->run, job);
}

static void start_jobs(void *owner)
{
	struct probe_run *run = owner;
	struct probe *probe;

	while (run->started < run->total && run->started - run->ended < run->at_once) {
		struct probe_job *job = &run->jobs[run->started++ % run->count];

		job->run = run;
		job->began_ns = clock_monotonic_ns();
		job->error = probe_start(run->engine, job->check, &job->target, probe_ended, job,
					 &probe);
		if (!job->error)
			continue;
		end_job(run, job); /* which starts the timer, or stops the loop */
		return;
	}
}

static int run_jobs(struct probe_run *run)
{
	int error = loop_create(&run->loop);

	if (!error)
		error = loop_timer_create(run->loop, start_jobs, run, &run->start_timer);
	if (!error)
		error = probe_engine_create(run->loop, &run->engine);
	if (!error) {
		loop_timer_start(run->start_timer, 0);
		loop_run(run->loop);
	}
	probe_engine_free(run->engine);
	loop_timer_free(run->start_timer);
	loop_free(run->loop);
	return error;
}

int probe_run_all(struct probe_job *jobs, size_t count, size_t at_once, probe_job_done done,
		  void *owner)
{
	struct probe_run run = {.jobs = jobs,
				.count = count,
				.total = count,
				.at_once = at_once,
				.done = done,
				.owner = owner};

	return count ? run_jobs(&run) : 0;
}

int probe_run_repeatedly(struct probe_job *job, __u64 times, __u64 interval_ms, probe_job_done done,
			 void *owner)
{
	struct probe_run run = {.jobs = job,
				.count = 1,
				.total = times,
				.at_once = 1,
				.interval_ms = interval_ms,
				.done = done,
				.owner = owner};

	return run_jobs(&run);
}
