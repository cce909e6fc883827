// SPDX-License-Identifier: GPL-2.0-only
/* Runs of probes without a controller, against a port of this host that is open or closed. */
#include <errno.h>
#include <unistd.h>

#include "base/address.h"
#include "base/socket_address.h"
#include "core/tap.h"
#include "probe/run.h"

#define JOBS	5
#define BACKLOG 64 /* connections are never accepted */

static const struct check tcp = {.kind = CHECK_TCP, .timeout_ms = 5000};
static const struct check none = {.kind = CHECK_NONE};

/* Returns a socket at a local TCP port; connections succeed if it listens. */
static int open_port(bool is_listening, struct probe_target *target)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct socket_address address;

	*target = (struct probe_target){0};
	address_parse("127.0.0.1", target->address);
	socket_address_set(&address, target->address, 0);
	if (bind(fd, &address.any, address.length) || (is_listening && listen(fd, BACKLOG)) ||
	    getsockname(fd, &address.any, &address.length))
		diag("no local port: %m");
	target->port = address.ipv4.sin_port;
	return fd;
}

struct log {
	int ended, cancel_after;
};

static bool job_done(void *owner, const struct probe_job *job)
{
	struct log *log = owner;

	(void)job;
	return ++log->ended != log->cancel_after;
}

static void test_all(const struct probe_target *open, const struct probe_target *closed)
{
	struct probe_job jobs[JOBS];

	for (size_t at_once = 1; at_once <= JOBS; at_once += JOBS - 1) {
		struct log log = {0};

		for (int i = 0; i < JOBS; i++)
			jobs[i] = (struct probe_job){.check = i == 3 ? &none : &tcp,
						     .target = i == 1 ? *closed : *open};
		is_int(probe_run_all(jobs, JOBS, at_once, job_done, &log), 0, "%zu at once",
		       at_once);
		is_int(log.ended, JOBS, "all jobs end");
		ok(jobs[0].report.passed && jobs[2].report.passed && jobs[4].report.passed,
		   "connections to an open port pass");
		is_str(jobs[1].report.reason, "connect: Connection refused",
		       "one to a closed port fails");
		is_int(jobs[3].error, -EINVAL, "one that cannot start has an error");
	}
	is_int(probe_run_all(jobs, 0, 1, NULL, NULL), 0, "no jobs end at once");
}

static void test_cancelled(const struct probe_target *open)
{
	struct probe_job jobs[JOBS];
	struct log log = {.cancel_after = 2};

	for (int i = 0; i < JOBS; i++)
		jobs[i] = (struct probe_job){.check = &tcp, .target = *open};
	is_int(probe_run_all(jobs, JOBS, 1, job_done, &log), 0, "a run can be cancelled");
	is_int(log.ended, 2, "after two jobs");
	ok(!jobs[2].report.total_us, "the third has no report");
}

static void test_repeated(const struct probe_target *open)
{
	struct probe_job job = {.check = &tcp, .target = *open};
	struct log log = {0};

	is_int(probe_run_repeatedly(&job, 3, 1, job_done, &log), 0, "a job is repeated");
	is_int(log.ended, 3, "three times");
	log = (struct log){.cancel_after = 1};
	job.check = &none;
	is_int(probe_run_repeatedly(&job, 3, 1, job_done, &log), 0, "until it is cancelled");
	ok(log.ended == 1 && job.error == -EINVAL, "after an error");
}

int main(void)
{
	struct probe_target open, closed;
	int listening = open_port(true, &open), bound = open_port(false, &closed);

	test_all(&open, &closed);
	test_cancelled(&open);
	test_repeated(&open);
	close(listening);
	close(bound);
	return tap_done();
}
