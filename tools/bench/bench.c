// SPDX-License-Identifier: GPL-2.0-only
/*
 * Benchmark of the datapath: CPU time per packet in the real, attached program, beside
 * baselines measured in the same run.
 *
 *	bench [--quick] [--rounds N] [--only TEXT] [--json]
 *	bench --against DIR [--runs N] ...
 *
 * Each case is a replay of packets (tests/lib/harness/replay.h), timed with the thread's CPU clock
 * on one CPU, less the replay's own time. All cases run in random order in each round. With
 * --against the benchmark compares this build to that in DIR (compare.h).
 */
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cases.h"
#include "compare.h"
#include "core/process.h"
#include "report.h"

#define ROUNDS		21
#define ROUNDS_QUICK	5
#define COMPARED_RUNS	5
#define COMPARED_ROUNDS 5 /* per run */

static const struct option options[] = {
	{"json", no_argument, NULL, 'j'},	   {"quick", no_argument, NULL, 'q'},
	{"rounds", required_argument, NULL, 'r'},  {"only", required_argument, NULL, 'o'},
	{"against", required_argument, NULL, 'a'}, {"runs", required_argument, NULL, 'n'},
	{"help", no_argument, NULL, 'h'},	   {0},
};

static void pin_to_last_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sysconf(_SC_NPROCESSORS_ONLN) - 1, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		process_bail("sched_setaffinity: %s", strerror(errno));
}

/*
 * Keeps the CPU busy while this process waits for the kernel. A virtual CPU that has slept
 * wakes with cold caches and a low clock rate, which doubles the figures.
 */
static void keep_awake(void)
{
	const struct sched_param none = {0};

	if (fork())
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sched_setscheduler(0, SCHED_IDLE, &none);
	for (;;)
		getppid();
}

static void measure(struct measurements *measurements, unsigned int rounds)
{
	for (unsigned int i = 0; i <= rounds; i++) {
		fprintf(stderr, "\rround %u of %u", i, rounds);
		measurements_round(measurements, i == 0);
	}
	fprintf(stderr, "\r                    \r");
}

static int run_cases(const char *only, unsigned int rounds, bool json)
{
	static struct cases cases;

	cases.measurements.only = only;
	pin_to_last_cpu();
	keep_awake();
	fprintf(stderr, "preparing flows ...");
	cases_prepare(&cases);
	measure(&cases.measurements, rounds);
	if (json)
		report_print_json(&cases.measurements);
	else
		report_print_text(&cases.measurements);
	return 0;
}

static int usage(void)
{
	fprintf(stderr,
		"usage: bench [--quick] [--rounds N] [--only TEXT] [--json]\n"
		"       bench --against DIR [--runs N] [--quick] [--rounds N] [--only TEXT] "
		"[--json]\n");
	return 2;
}

int main(int argc, char **argv)
{
	struct compare_options compare = {.runs = COMPARED_RUNS};
	unsigned int rounds = 0;
	bool is_quick = false;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'j')
			compare.json = true;
		else if (option == 'q')
			is_quick = true;
		else if (option == 'o')
			compare.only = optarg;
		else if (option == 'a')
			compare.directory = optarg;
		else if (option == 'n' && atoi(optarg) > 0 && atoi(optarg) <= SAMPLES_MAX)
			compare.runs = atoi(optarg);
		else if (option == 'r' && atoi(optarg) > 0 && atoi(optarg) <= SAMPLES_MAX)
			rounds = atoi(optarg);
		else
			return usage();
	}
	if (!compare.directory)
		return run_cases(compare.only,
				 rounds	    ? rounds
				 : is_quick ? ROUNDS_QUICK
					    : ROUNDS,
				 compare.json);
	compare.rounds = rounds ? rounds : is_quick ? 1 : COMPARED_ROUNDS;
	return compare_builds(&compare);
}
