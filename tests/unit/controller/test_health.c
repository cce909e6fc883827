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

/* A backend under probes; its clock begins when a machine has been up for a while. */
struct monitored {
	struct check check;
	struct lb_health_record record;
	enum lb_health health;
	__u64 now_ms; /* the next probe begins */
	__u64 reported_ms; /* the last one ended */
	unsigned int changes;
	__u64 last_change_ms;
	unsigned int rapid_changes; /* turns within a minute of the one before */
};

static struct monitored monitored_init(const struct check *check)
{
	return (struct monitored){.check = *check, .now_ms = 1000000};
}

/* One probe: it passes after a millisecond, is refused after one, or gets no answer. */
static void probe(struct monitored *monitored, bool passes, bool is_silent)
{
	enum lb_health before = monitored->health;
	struct health_result result = {.passed = passes, .began_ms = monitored->now_ms};
	__u32 delay_ms;

	result.ended_ms = monitored->now_ms + (is_silent ? monitored->check.timeout_ms : 1);
	monitored->health =
		health_add_result(&monitored->record, before, &monitored->check, &result);
	if (monitored->health != before && before != LB_HEALTH_UNKNOWN) {
		monitored->changes++;
		monitored->rapid_changes +=
			monitored->last_change_ms &&
			result.ended_ms - monitored->last_change_ms < HEALTH_HOLD_MS;
		monitored->last_change_ms = result.ended_ms;
	}
	monitored->reported_ms = result.ended_ms;
	delay_ms = health_delay_ms(&monitored->record, monitored->health, &monitored->check,
				   random_below(1U << 30));
	monitored->now_ms += delay_ms;
	if (monitored->now_ms < result.ended_ms)
		monitored->now_ms = result.ended_ms;
}

static void probe_until(struct monitored *monitored, __u64 until_ms, unsigned int loss_percent)
{
	while (monitored->now_ms < until_ms) {
		bool lost = random_below(100) < loss_percent;

		probe(monitored, !lost, lost);
	}
}

/* How long after it changed for good the backend's health does; 0 = it did not in an hour. */
static __u64 time_to_change(struct monitored *monitored, bool passes, bool is_silent)
{
	__u64 began_ms = monitored->reported_ms;
	enum lb_health goal = passes ? LB_HEALTH_UP : LB_HEALTH_DOWN;

	while (monitored->health != goal && monitored->now_ms < began_ms + 3600000)
		probe(monitored, passes, is_silent);
	return monitored->health == goal ? monitored->reported_ms - began_ms : 0;
}

static void test_streaks(void)
{
	struct monitored monitored = monitored_init(&default_check);

	probe(&monitored, true, false);
	is_int(monitored.health, LB_HEALTH_UP, "the first probe decides: up");
	probe(&monitored, false, false);
	probe(&monitored, false, false);
	is_int(monitored.health, LB_HEALTH_UP, "two failures are not three");
	probe(&monitored, true, false);
	probe(&monitored, false, false);
	probe(&monitored, false, false);
	is_int(monitored.health, LB_HEALTH_UP, "nor are two and two, with a pass between");
	probe(&monitored, false, false);
	is_int(monitored.health, LB_HEALTH_DOWN, "three in a row are");
	probe(&monitored, true, false);
	is_int(monitored.health, LB_HEALTH_DOWN, "one pass is not two");
	probe(&monitored, true, false);
	is_int(monitored.health, LB_HEALTH_UP, "two bring it up");
	is_int(monitored.record.probes, 9, "all probes are counted");
	is_int(monitored.record.failures, 5, "and those that failed");

	monitored = monitored_init(&default_check);
	probe(&monitored, false, true);
	is_int(monitored.health, LB_HEALTH_DOWN, "the first probe decides: down");
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
	ok(least == 1800 && most == 2000, "probes come nine to ten tenths of the interval apart");
	is_int(health_delay_ms(&record, LB_HEALTH_DOWN, &check, 7), 300,
	       "a pass while down is fast");
	record.passed = false;
	is_int(health_delay_ms(&record, LB_HEALTH_UP, &check, 7), 300, "so is a failure while up");
	ok(health_delay_ms(&record, LB_HEALTH_DOWN, &check, 7) > 1700, "not one while down");
}

/* Whatever the check says, and however the backend dies. */
static void test_bounds(void)
{
	__u64 down_ms = 0, up_ms = 0;

	for (int i = 0; i < 20000; i++) {
		struct check check = default_check;
		struct monitored monitored;
		bool is_silent = random_below(2);
		__u64 went_down_ms, came_up_ms;

		check.interval_ms = 100 + random_below(10000);
		check.timeout_ms = 10 + random_below(check.interval_ms - 10);
		check.fast_ms = check.interval_ms / (1 + random_below(4));
		check.rise = 1 + random_below(5);
		check.fall = 1 + random_below(5);
		monitored = monitored_init(&check);
		for (int k = 0; k < 20; k++)
			probe(&monitored, true, false);
		went_down_ms = time_to_change(&monitored, false, is_silent);
		came_up_ms = time_to_change(&monitored, true, false);
		down_ms += !went_down_ms ||
			   went_down_ms > check.fall * check.interval_ms + check.timeout_ms;
		up_ms += !came_up_ms || came_up_ms > check.rise * check.interval_ms + 1;
	}
	is_int(down_ms, 0, "who dies is down within fall intervals and a timeout");
	is_int(up_ms, 0, "who comes back is up within rise intervals");
}

/* A restless backend that dies is no exception, but in the minute after it came up. */
static void test_flapping_bounds(void)
{
	__u64 late = 0, early = 0, tried = 0;

	for (int i = 0; i < 2000; i++) {
		struct monitored monitored = monitored_init(&default_check);
		bool is_silent = random_below(2);
		__u64 went_down_ms, turned;

		probe(&monitored, true, false);
		probe_until(&monitored, monitored.now_ms + 300000, 30);
		if (monitored.health != LB_HEALTH_UP || !monitored.record.flapping ||
		    monitored.reported_ms - monitored.record.changed_mono_ms < HEALTH_HOLD_MS)
			continue;
		while (!monitored.record.passed)
			probe(&monitored, true, false);
		tried++;
		went_down_ms = time_to_change(&monitored, false, is_silent);
		late += !went_down_ms || went_down_ms > 3 * 2000 + 1000;
		turned = monitored.reported_ms;
		time_to_change(&monitored, true, false);
		early += monitored.reported_ms - turned < HEALTH_HOLD_MS;
	}
	ok(tried > 500, "some backends are restless and up: %lld", (long long)tried);
	is_int(late, 0, "a restless backend that dies is down within fall intervals and a timeout");
	is_int(early, 0, "and comes up no sooner than in a minute");
}

/* Probes are lost by chance, over days for all backends together. */
static void test_loss(unsigned int percent)
{
	const unsigned int backends = 60, hours = 4;
	unsigned int changes = 0, rapid_changes = 0, most = 0;

	for (unsigned int i = 0; i < backends; i++) {
		struct monitored monitored = monitored_init(&default_check);

		probe_until(&monitored, monitored.now_ms + 600000, 0);
		probe_until(&monitored, monitored.now_ms + hours * 3600000, percent);
		changes += monitored.changes;
		rapid_changes += monitored.rapid_changes;
		most = monitored.changes > most ? monitored.changes : most;
	}
	ok(most <= hours * 60,
	   "%u %% lost: no backend turns more often than once a minute (in %u hours %u times; on "
	   "average %.1f)",
	   percent, hours, most, (double)changes / backends);
	ok(rapid_changes <= backends / 2,
	   "%u %% lost: of %u turns of %u backends %u came within a minute of the one before, all "
	   "told",
	   percent, changes, backends, rapid_changes);
}

static void test_recovery(void)
{
	struct monitored monitored = monitored_init(&default_check);

	probe_until(&monitored, monitored.now_ms + 600000, 30);
	ok(monitored.record.flapping, "losses make it restless");
	probe_until(&monitored, monitored.now_ms + 120000, 0);
	ok(!monitored.record.flapping && monitored.health == LB_HEALTH_UP,
	   "two minutes without are enough to have it up and calm");
	ok(time_to_change(&monitored, false, false) &&
		   time_to_change(&monitored, true, false) < 5000,
	   "and it comes back as fast as any");
}

/* Somebody restarts it over and over. */
static void test_flapping(void)
{
	struct monitored monitored = monitored_init(&default_check);

	probe_until(&monitored, monitored.now_ms + 60000, 0);
	for (int i = 0; i < 180; i++) {
		probe_until(&monitored, monitored.now_ms + 10000, 100);
		probe_until(&monitored, monitored.now_ms + 10000, 0);
	}
	ok(monitored.changes <= 120, "an hour of 10 s down and 10 s up makes %u turns, not 360",
	   monitored.changes);
}

static void test_slow_start(void)
{
	is_int(slow_start_milli(0), 100, "slow start begins with a tenth");
	is_int(slow_start_milli(3000), 100, "which it has for 3 s");
	is_int(slow_start_milli(15000), 500, "half after 15 s");
	is_int(slow_start_milli(29999), 999, "nearly all in the end");
	is_int(slow_start_milli(30000), 0, "and no factor after 30 s");
	ok(!slow_start_is_warm(5000, 5000) && !slow_start_is_warm(5000, 34999),
	   "who joined less than 30 s ago is new itself");
	ok(slow_start_is_warm(5000, 35000) && slow_start_is_warm(0, 100),
	   "and then warm, as who was there before anybody looked");
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
