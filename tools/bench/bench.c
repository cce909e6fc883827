// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a packet costs: CPU nanoseconds in the real, attached program, beside
 * floors measured in the same run.
 *
 * Each subject is a replay of packets (tests/lib/harness/replay.h), timed with the
 * thread's CPU clock on one CPU, less the replay's own time. All subjects are
 * run in random order, round after round.
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
#include "core/process.h"
#include "report.h"

#define ROUNDS	     21
#define ROUNDS_QUICK 5

static const struct option options[] = {
	{"json", no_argument, NULL, 'j'},	  {"quick", no_argument, NULL, 'q'},
	{"rounds", required_argument, NULL, 'r'}, {"only", required_argument, NULL, 'o'},
	{"help", no_argument, NULL, 'h'},	  {0},
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
 * Keeps our CPU busy whenever we wait for the kernel: a virtual CPU that goes
 * to sleep comes back to cold caches and a slow clock, and figures double.
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

static int usage(void)
{
	fprintf(stderr, "usage: bench [--quick] [--rounds N] [--only NAME] [--json]\n");
	return 2;
}

int main(int argc, char **argv)
{
	static struct cases cases;
	unsigned int rounds = ROUNDS;
	bool json = false;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'j')
			json = true;
		else if (option == 'q')
			rounds = ROUNDS_QUICK;
		else if (option == 'o')
			cases.measurements.only = optarg;
		else if (option == 'r' && atoi(optarg) > 0 && atoi(optarg) <= SAMPLES_MAX)
			rounds = atoi(optarg);
		else
			return usage();
	}
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
