// SPDX-License-Identifier: GPL-2.0-only
#include "controller/health.h"

#include "controller/slow_start.h"
#include "core/tap.h"
#include "random.h"

static const struct check default_check = {
	.kind = CHECK_TCP,
	.interval_ms = 2000,
	.fast_ms = 2000,
	.timeout_ms = 1000,
	.rise = 2,
	.fall = 3,
};

/* A probed backend. Its clock starts after a host has been up for a while. */
struct backend {
	struct check check;
	struct lb_health_record record;
	enum lb_health health;
	__u64 now_ms; /* start of the next probe */
	__u64 ended_ms; /* end of the last probe */
	unsigned int changes; /* of the state */
	__u64 changed_ms;
	unsigned int early; /* changes within a minute of the one before */
};

static struct backend backend_with(const struct check *check)
{
	return (struct backend){.check = *check, .now_ms = 1000000};
}

/* One probe: passes or is refused after 1 ms, or times out if silent. */
static void probe(struct backend *backend, bool passes, bool is_silent)
{
	enum lb_health before = backend->health;
	struct health_result result = {.passed = passes, .began_ms = backend->now_ms};
	__u32 delay_ms;

	result.ended_ms = backend->now_ms + (is_silent ? backend->check.timeout_ms : 1);
	backend->health = health_add_result(&backend->record, before, &backend->check, &result);
	if (backend->health != before && before != LB_HEALTH_UNKNOWN) {
		backend->changes++;
		backend->early += backend->changed_ms &&
				  result.ended_ms - backend->changed_ms < HEALTH_HOLD_MS;
		backend->changed_ms = result.ended_ms;
	}
	backend->ended_ms = result.ended_ms;
	delay_ms = health_delay_ms(&backend->record, backend->health, &backend->check,
				   random_below(1U << 30));
	backend->now_ms += delay_ms;
	if (backend->now_ms < result.ended_ms)
		backend->now_ms = result.ended_ms;
}

static void probe_until(struct backend *backend, __u64 until_ms, unsigned int loss_percent)
{
	while (backend->now_ms < until_ms) {
		bool lost = random_below(100) < loss_percent;

		probe(backend, !lost, lost);
	}
}

/* Time from a permanent change of the backend to the state change; 0 = none in an hour. */
static __u64 time_to_change(struct backend *backend, bool passes, bool is_silent)
{
	__u64 began_ms = backend->ended_ms;
	enum lb_health goal = passes ? LB_HEALTH_UP : LB_HEALTH_DOWN;

	while (backend->health != goal && backend->now_ms < began_ms + 3600000)
		probe(backend, passes, is_silent);
	return backend->health == goal ? backend->ended_ms - began_ms : 0;
}

static void test_streaks(void)
{
	struct backend backend = backend_with(&default_check);

	probe(&backend, true, false);
	is_int(backend.health, LB_HEALTH_UP, "the first probe sets the state: up");
	probe(&backend, false, false);
	probe(&backend, false, false);
	is_int(backend.health, LB_HEALTH_UP, "2 failures of 3 do not mark it down");
	probe(&backend, true, false);
	probe(&backend, false, false);
	probe(&backend, false, false);
	is_int(backend.health, LB_HEALTH_UP, "nor do 2 and 2 with a pass between");
	probe(&backend, false, false);
	is_int(backend.health, LB_HEALTH_DOWN, "3 consecutive failures do");
	probe(&backend, true, false);
	is_int(backend.health, LB_HEALTH_DOWN, "1 pass of 2 does not mark it up");
	probe(&backend, true, false);
	is_int(backend.health, LB_HEALTH_UP, "2 consecutive passes do");
	is_int(backend.record.probes, 9, "all probes are counted");
	is_int(backend.record.failures, 5, "and the failed ones");

	backend = backend_with(&default_check);
	probe(&backend, false, true);
	is_int(backend.health, LB_HEALTH_DOWN, "the first probe sets the state: down");
}

static void test_intervals(void)
{
	struct check check = default_check;
	struct lb_health_record record = {.streak = 1, .passed = true};
	__u32 least = ~0U, most = 0;

	check.fast_ms = 300;
	for (int i = 0; i < 10000; i++) {
		__u32 ms = health_delay_ms(&record, LB_HEALTH_UP, &check, random_below(1U << 30));

		least = ms < least ? ms : least;
		most = ms > most ? ms : most;
	}
	ok(least == 1800 && most == 2000, "the interval has up to 10 %% jitter");
	is_int(health_delay_ms(&record, LB_HEALTH_DOWN, &check, 7), 300,
	       "after a pass while down the interval is fast");
	record.passed = false;
	is_int(health_delay_ms(&record, LB_HEALTH_UP, &check, 7), 300,
	       "and after a failure while up");
	ok(health_delay_ms(&record, LB_HEALTH_DOWN, &check, 7) > 1700,
	   "but not after a failure while down");
}

/* For random checks, with refused and silent failures. */
static void test_bounds(void)
{
	__u64 down_ms = 0, up_ms = 0;

	for (int i = 0; i < 20000; i++) {
		struct check check = default_check;
		struct backend backend;
		bool is_silent = random_below(2);
		__u64 went_down_ms, came_up_ms;

		check.interval_ms = 100 + random_below(10000);
		check.timeout_ms = 10 + random_below(check.interval_ms - 10);
		check.fast_ms = check.interval_ms / (1 + random_below(4));
		check.rise = 1 + random_below(5);
		check.fall = 1 + random_below(5);
		backend = backend_with(&check);
		for (int k = 0; k < 20; k++)
			probe(&backend, true, false);
		went_down_ms = time_to_change(&backend, false, is_silent);
		came_up_ms = time_to_change(&backend, true, false);
		down_ms += !went_down_ms ||
			   went_down_ms > check.fall * check.interval_ms + check.timeout_ms;
		up_ms += !came_up_ms || came_up_ms > check.rise * check.interval_ms + 1;
	}
	is_int(down_ms, 0, "a failed backend is down in fall intervals + timeout");
	is_int(up_ms, 0, "a recovered backend is up in rise intervals");
}

/* The same bound holds for a flapping backend, except in the minute after it came up. */
static void test_flapping_bounds(void)
{
	__u64 late = 0, early = 0, tried = 0;

	for (int i = 0; i < 2000; i++) {
		struct backend backend = backend_with(&default_check);
		bool is_silent = random_below(2);
		__u64 went_down_ms, changed;

		probe(&backend, true, false);
		probe_until(&backend, backend.now_ms + 300000, 30);
		if (backend.health != LB_HEALTH_UP || !backend.record.flapping ||
		    backend.ended_ms - backend.record.changed_mono_ms < HEALTH_HOLD_MS)
			continue;
		while (!backend.record.passed)
			probe(&backend, true, false);
		tried++;
		went_down_ms = time_to_change(&backend, false, is_silent);
		late += !went_down_ms || went_down_ms > 3 * 2000 + 1000;
		changed = backend.ended_ms;
		time_to_change(&backend, true, false);
		early += backend.ended_ms - changed < HEALTH_HOLD_MS;
	}
	ok(tried > 500, "some backends are flapping and up: %lld", (long long)tried);
	is_int(late, 0, "a flapping backend is down in the same time");
	is_int(early, 0, "and comes up after a minute at the earliest");
}

/* Random loss of probes, over 10 days of backend time in all. */
static void test_loss(unsigned int percent)
{
	const unsigned int backends = 60, hours = 4;
	unsigned int changes = 0, early = 0, most = 0;

	for (unsigned int i = 0; i < backends; i++) {
		struct backend backend = backend_with(&default_check);

		probe_until(&backend, backend.now_ms + 600000, 0);
		probe_until(&backend, backend.now_ms + hours * 3600000, percent);
		changes += backend.changes;
		early += backend.early;
		most = backend.changes > most ? backend.changes : most;
	}
	ok(most <= hours * 60,
	   "%u %% lost: at most one state change per minute (in %u hours at most %u, on average "
	   "%.1f)",
	   percent, hours, most, (double)changes / backends);
	ok(early <= backends / 2,
	   "%u %% lost: of %u state changes of %u backends %u follow another within a minute",
	   percent, changes, backends, early);
}

static void test_recovery(void)
{
	struct backend backend = backend_with(&default_check);

	probe_until(&backend, backend.now_ms + 600000, 30);
	ok(backend.record.flapping, "losses make it flap");
	probe_until(&backend, backend.now_ms + 120000, 0);
	ok(!backend.record.flapping && backend.health == LB_HEALTH_UP,
	   "2 min without losses make it up and stable");
	ok(time_to_change(&backend, false, false) && time_to_change(&backend, true, false) < 5000,
	   "and it recovers at normal speed");
}

/* A backend that restarts repeatedly. */
static void test_flapping(void)
{
	struct backend backend = backend_with(&default_check);

	probe_until(&backend, backend.now_ms + 60000, 0);
	for (int i = 0; i < 180; i++) {
		probe_until(&backend, backend.now_ms + 10000, 100);
		probe_until(&backend, backend.now_ms + 10000, 0);
	}
	ok(backend.changes <= 120, "an hour of 10 s down, 10 s up causes %u state changes, not 360",
	   backend.changes);
}

static void test_slow_start(void)
{
	is_int(slow_start_milli(0), 100, "slow start begins at 1/10");
	is_int(slow_start_milli(3000), 100, "which is the minimum for 3 s");
	is_int(slow_start_milli(15000), 500, "1/2 after 15 s");
	is_int(slow_start_milli(29999), 999, "nearly 1 just before 30 s");
	is_int(slow_start_milli(30000), 0, "and ends after 30 s");
	ok(!slow_start_is_warm(5000, 5000) && !slow_start_is_warm(5000, 34999),
	   "a backend is not warm in its first 30 s");
	ok(slow_start_is_warm(5000, 35000) && slow_start_is_warm(0, 100),
	   "and warm after that, or if it never joined");
}

int main(void)
{
	test_streaks();
	test_intervals();
	test_bounds();
	test_flapping_bounds();
	test_loss(30);
	test_loss(10);
	test_loss(2);
	test_recovery();
	test_flapping();
	test_slow_start();
	return tap_done();
}
