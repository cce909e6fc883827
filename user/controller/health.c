// SPDX-License-Identifier: GPL-2.0-only
#include "controller/health.h"

/* Penalties in thousandths. */
#define FALSE_ALARM_PENALTY 2000
#define CHANGE_PENALTY	    1000

/* Flapping from the first value until below the second; the third is the maximum. */
#define FLAPPING_ABOVE 4000
#define STABLE_BELOW   2000
#define PENALTY_MAX    8000

/* Intervals in which a penalty of 1000 decays. */
#define DECAY_INTERVALS 8

/* Fast interval of a flapping backend: 1/4 of its interval, at least 100 ms. */
#define FLAPPING_PART	4
#define FLAPPING_MIN_MS 100

static enum lb_health health_of(bool passed)
{
	return passed ? LB_HEALTH_UP : LB_HEALTH_DOWN;
}

static void update_flapping(struct lb_health_record *record)
{
	if (record->penalty >= FLAPPING_ABOVE)
		record->flapping = true;
	else if (record->penalty < STABLE_BELOW)
		record->flapping = false;
}

static void decay_penalty(struct lb_health_record *record, const struct check *check, __u64 now_ms)
{
	__u64 elapsed_ms = now_ms - record->penalty_ms;
	__u64 decay = elapsed_ms * 1000 / (DECAY_INTERVALS * check->interval_ms);

	record->penalty -= decay < record->penalty ? decay : record->penalty;
	record->penalty_ms = now_ms;
	update_flapping(record);
}

static void add_penalty(struct lb_health_record *record, __u32 penalty)
{
	record->penalty += penalty;
	if (record->penalty > PENALTY_MAX)
		record->penalty = PENALTY_MAX;
	update_flapping(record);
}

static __u32 fast_ms(const struct lb_health_record *record, const struct check *check)
{
	__u32 part = check->interval_ms / FLAPPING_PART;

	if (!record->flapping || part >= check->fast_ms)
		return check->fast_ms;
	return part < FLAPPING_MIN_MS ? FLAPPING_MIN_MS : part;
}

static bool is_hold_over(const struct lb_health_record *record, __u64 now_ms)
{
	return now_ms - record->changed_mono_ms >= HEALTH_HOLD_MS;
}

/* True if the result of the next probe would exceed the time limit for going down. */
static bool is_fall_due(const struct lb_health_record *record, const struct check *check,
			__u64 now_ms)
{
	__u64 limit_ms = (check->fall - 1) * (__u64)check->interval_ms + check->timeout_ms;
	__u64 next_ms = fast_ms(record, check);

	if (next_ms < check->timeout_ms)
		next_ms = check->timeout_ms;
	if (!is_hold_over(record, now_ms))
		limit_ms *= 2;
	return now_ms - record->streak_ms + next_ms > limit_ms;
}

/* True if the current streak changes the state. */
static bool is_change_due(const struct lb_health_record *record, enum lb_health health,
			  const struct check *check, __u64 now_ms)
{
	if (health_of(record->passed) == health)
		return false;
	if (health == LB_HEALTH_UNKNOWN)
		return true;
	if (record->streak < (record->passed ? check->rise : check->fall))
		return false;
	if (!record->flapping)
		return true;
	return record->passed ? is_hold_over(record, now_ms) : is_fall_due(record, check, now_ms);
}

/* Starts a streak: the result differs from the one before. */
static void begin_streak(struct lb_health_record *record, enum lb_health health,
			 const struct health_result *result)
{
	if (record->streak && health != LB_HEALTH_UNKNOWN && health_of(record->passed) != health)
		add_penalty(record, FALSE_ALARM_PENALTY);
	record->passed = result->passed;
	record->streak = 0;
	record->streak_ms = result->began_ms;
}

enum lb_health health_add_result(struct lb_health_record *record, enum lb_health health,
				 const struct check *check, const struct health_result *result)
{
	decay_penalty(record, check, result->ended_ms);
	record->probes++;
	record->failures += !result->passed;
	if (!record->streak || record->passed != result->passed)
		begin_streak(record, health, result);
	record->streak++;
	if (!is_change_due(record, health, check, result->ended_ms))
		return health;
	if (health != LB_HEALTH_UNKNOWN)
		add_penalty(record, CHANGE_PENALTY);
	record->changed_mono_ms = result->ended_ms;
	return health_of(result->passed);
}

__u32 health_delay_ms(const struct lb_health_record *record, enum lb_health health,
		      const struct check *check, __u32 random)
{
	bool contradicts = record->streak && health_of(record->passed) != health;
	bool awaits_hold = record->flapping && record->passed && record->streak >= check->rise;

	if (contradicts && !awaits_hold)
		return fast_ms(record, check);
	return check->interval_ms - random % (check->interval_ms / 10 + 1);
}
