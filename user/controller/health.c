// SPDX-License-Identifier: GPL-2.0-only
#include "controller/health.h"

#define FALSE_ALARM 2000
#define TURN	    1000

/* The penalty from which on a backend is restless, below which it is no more, and the most. */
#define RESTLESS 4000
#define CALM	 2000
#define MOST	 8000

/* Intervals in which a penalty of 1000 wears off. */
#define WEAR_INTERVALS 8

/* The fast interval of a restless backend, as part of its interval. */
#define RESTLESS_PART	  4
#define RESTLESS_LEAST_MS 100

static enum lb_health told_by(bool passed)
{
	return passed ? LB_HEALTH_UP : LB_HEALTH_DOWN;
}

static void judge(struct lb_vital *vital)
{
	if (vital->penalty >= RESTLESS)
		vital->restless = true;
	else if (vital->penalty < CALM)
		vital->restless = false;
}

static void wear_off(struct lb_vital *vital, const struct check *check, __u64 now_ms)
{
	__u64 elapsed_ms = now_ms - vital->penalty_ms;
	__u64 worn = elapsed_ms * 1000 / (WEAR_INTERVALS * check->interval_ms);

	vital->penalty -= worn < vital->penalty ? worn : vital->penalty;
	vital->penalty_ms = now_ms;
	judge(vital);
}

static void punish(struct lb_vital *vital, __u32 penalty)
{
	vital->penalty += penalty;
	if (vital->penalty > MOST)
		vital->penalty = MOST;
	judge(vital);
}

static __u32 fast_ms(const struct lb_vital *vital, const struct check *check)
{
	__u32 part = check->interval_ms / RESTLESS_PART;

	if (!vital->restless || part >= check->fast_ms)
		return check->fast_ms;
	return part < RESTLESS_LEAST_MS ? RESTLESS_LEAST_MS : part;
}

static bool is_calm(const struct lb_vital *vital, __u64 now_ms)
{
	return now_ms - vital->turned_ms >= HEALTH_CALM_MS;
}

/* Would the answer to the next probe come too late? */
static bool is_time_to_fall(const struct lb_vital *vital, const struct check *check, __u64 now_ms)
{
	__u64 limit_ms = (check->fall - 1) * (__u64)check->interval_ms + check->timeout_ms;
	__u64 next_ms = fast_ms(vital, check);

	if (next_ms < check->timeout_ms)
		next_ms = check->timeout_ms;
	if (!is_calm(vital, now_ms))
		limit_ms *= 2;
	return now_ms - vital->streak_ms + next_ms > limit_ms;
}

/* Is what the streak says to be believed? */
static bool is_due(const struct lb_vital *vital, enum lb_health health, const struct check *check,
		   __u64 now_ms)
{
	if (told_by(vital->passed) == health)
		return false;
	if (health == LB_HEALTH_UNKNOWN)
		return true;
	if (vital->streak < (vital->passed ? check->rise : check->fall))
		return false;
	if (!vital->restless)
		return true;
	return vital->passed ? is_calm(vital, now_ms) : is_time_to_fall(vital, check, now_ms);
}

/* The probe ended unlike the one before it. */
static void begin_streak(struct lb_vital *vital, enum lb_health health,
			 const struct health_answer *answer)
{
	if (vital->streak && health != LB_HEALTH_UNKNOWN && told_by(vital->passed) != health)
		punish(vital, FALSE_ALARM);
	vital->passed = answer->passed;
	vital->streak = 0;
	vital->streak_ms = answer->began_ms;
}

enum lb_health health_probe_answered(struct lb_vital *vital, enum lb_health health,
				     const struct check *check, const struct health_answer *answer)
{
	wear_off(vital, check, answer->ended_ms);
	vital->probes++;
	vital->failures += !answer->passed;
	if (!vital->streak || vital->passed != answer->passed)
		begin_streak(vital, health, answer);
	vital->streak++;
	if (!is_due(vital, health, check, answer->ended_ms))
		return health;
	if (health != LB_HEALTH_UNKNOWN)
		punish(vital, TURN);
	vital->turned_ms = answer->ended_ms;
	return told_by(answer->passed);
}

__u32 health_delay_ms(const struct lb_vital *vital, enum lb_health health,
		      const struct check *check, __u32 random)
{
	bool contradicts = vital->streak && told_by(vital->passed) != health;
	bool awaits_calm = vital->restless && vital->passed && vital->streak >= check->rise;

	if (contradicts && !awaits_calm)
		return fast_ms(vital, check);
	return check->interval_ms - random % (check->interval_ms / 10 + 1);
}
