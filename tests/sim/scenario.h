/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scenarios: all that a simulated service is made of, to be written down as what is
 * special about it. What is left at 0 is as it mostly is (scenario_complete()).
 *
 * Requests arrive at random (Poisson), however long answers take. Each goes to one of the
 * balancers, which know only what they have seen themselves.
 */
#ifndef TEST_SIM_SCENARIO_H
#define TEST_SIM_SCENARIO_H

#include <stdbool.h>

#define BACKENDS_MAX	16
#define BALANCERS_MAX	16
#define CONNECTIONS_MAX 1024
#define CHANGES_MAX	4

/* How a backend works. */
enum discipline {
	FIFO, /* each worker on one request at a time, in order */
	SHARING, /* on all at once, each the slower the more there are */
};

/* How much work requests are. */
enum demand {
	EXPONENTIAL,
	CONSTANT,
	LOGNORMAL, /* sigma 1.5: one of 100 takes 10 times the mean */
	PARETO, /* alpha 2.1: hardly a variance */
	DEMAND_COUNT
};

/* The fast loop: who gets a new flow. */
enum scheduler {
	P2C, /* of two drawn by weight, who has fewer flows for its weight */
	WRR, /* in turn, as often as weights say */
	LC, /* of all, who has fewest flows for its weight */
	LRT, /* of two drawn, by flows for their weight times response time */
	SCHEDULER_COUNT
};

/* The slow loop: what weights are. */
enum weight_policy {
	LAW, /* latency feedback: user/feedback/law.c */
	EQUAL, /* all alike */
	ORACLE, /* each backend's true speed */
	ROUGH, /* nearly so: 2 % less and more, by turns */
	FASTEST, /* negative control: nearly everything to who answers fastest */
	UNDAMPED, /* negative control: 1/latency, at once */
};

enum event {
	SPEED_CHANGES, /* its speed is another */
	GOES_DOWN, /* refuses everything; health notices after 3 s */
	COMES_UP, /* and after 3 s notices that it is back */
	ERRORS_BEGIN, /* answers everything at once, by an error that balancers can tell */
	ERRORS_END, /* and no more */
};

struct change {
	double at_s; /* 0 = none */
	enum event event;
	int backend;
	double speed;
};

struct scenario {
	int backends; /* 5 */
	double speed[BACKENDS_MAX]; /* of each: 1 */
	double rtt_ms[BACKENDS_MAX]; /* there and back: 0.2 */
	int workers; /* of each backend: 4 */
	enum discipline discipline;
	enum demand demand;
	double demand_ms; /* mean, at speed 1: 10 */
	double load; /* of all that backends can do at first: 0.7 */
	int balancers; /* 1 */
	int connections; /* that each balancer's clients keep alive; 0 = one a request */
	double requests; /* on each such, in the mean: 100 */
	enum scheduler scheduler;
	enum weight_policy weight_policy;
	bool probes; /* requests of a third of the mean, each period */
	double sampled; /* the part of answers that is timed: 1 */
	double seconds; /* 240 */
	double warmup_s; /* of which nothing counts: 60 */
	struct change change[CHANGES_MAX];
	unsigned int seed;
};

struct scenario scenario_complete(struct scenario scenario);

#endif
