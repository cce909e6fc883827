/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scenario of a simulation. Members that are 0 get their default from scenario_complete().
 *
 * Requests arrive at random (Poisson, open loop) at a random balancer. A balancer knows only its
 * own flows.
 */
#ifndef TEST_SIM_SCENARIO_H
#define TEST_SIM_SCENARIO_H

#include <stdbool.h>

#define BACKENDS_MAX	16
#define BALANCERS_MAX	16
#define CONNECTIONS_MAX 1024
#define CHANGES_MAX	4

/* How a backend processes requests. */
enum discipline {
	FIFO, /* one request per worker, in order */
	SHARING, /* processor sharing: all requests at once */
};

/* Distribution of the work per request. */
enum demand {
	EXPONENTIAL,
	CONSTANT,
	LOGNORMAL, /* sigma 1.5: 1 % of requests take 10 means */
	PARETO, /* alpha 2.1: close to infinite variance */
	DEMAND_COUNT
};

/* The fast loop: selection of a backend. */
enum pick {
	P2C, /* of two random backends, the one with fewer flows per weight */
	WRR, /* smooth weighted round robin */
	LC, /* of all, the one with the fewest flows per weight */
	LRT, /* of two random ones, by flows per weight times response time */
	PICK_COUNT
};

/* The slow loop: policy for weights. */
enum policy {
	LAW, /* latency feedback: user/feedback/law.c */
	EQUAL, /* equal weights */
	ORACLE, /* the true speeds */
	ROUGH, /* the true speeds, alternately 2 % too low and too high */
	FASTEST, /* negative control: almost all traffic to the fastest backend */
	UNDAMPED, /* negative control: 1/latency without damping */
};

enum event {
	SPEED_CHANGES,
	FAILS, /* refuses all requests; health checks detect it after 3 s */
	RECOVERS, /* detected after 3 s as well */
	ERRORS_BEGIN, /* answers all requests at once with an error that balancers detect */
	ERRORS_END,
};

struct change {
	double at_s; /* 0 = none */
	enum event event;
	int backend;
	double speed;
};

struct scenario {
	/* Comments give the defaults. */
	int backends; /* 5 */
	double speed[BACKENDS_MAX]; /* 1 */
	double rtt_ms[BACKENDS_MAX]; /* round trip: 0.2 */
	int workers; /* per backend: 4 */
	enum discipline discipline;
	enum demand demand;
	double demand_ms; /* mean work, at speed 1: 10 */
	double load; /* of the initial capacity: 0.7 */
	int balancers; /* 1 */
	int connections; /* persistent ones per balancer; 0 = one per request */
	double requests; /* per persistent connection, mean: 100 */
	enum pick pick;
	enum policy policy;
	bool probes; /* each period, with a third of the mean work */
	double sampled; /* fraction of requests that is sampled: 1 */
	double seconds; /* 240 */
	double warmup_s; /* not evaluated: 60 */
	struct change change[CHANGES_MAX];
	unsigned int seed;
};

struct scenario scenario_complete(struct scenario scenario);

#endif
