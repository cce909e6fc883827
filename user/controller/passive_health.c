// SPDX-License-Identifier: GPL-2.0-only
#include "controller/passive_health.h"

/* Attempts that are sufficient evidence. */
#define MIN_ATTEMPTS 8

/* Resets per answer from which on an answer does not clear the evidence. */
#define RESETS_PER_ANSWER 8

/* Time for an answer to arrive: a lost SYN is retransmitted after 1 s. */
#define ANSWER_WAIT_MS 1500

static void clear_evidence(struct passive_health *passive_health)
{
	passive_health->attempts = passive_health->resets = 0;
	passive_health->evidence_ms = 0;
}

static void save_counters(struct passive_health *passive_health, const struct lb_latency *counted)
{
	passive_health->begun = counted->begun;
	passive_health->answered = counted->answered;
	passive_health->refused = counted->refused;
	passive_health->is_known = true;
}

/* Counters that decrease belong to another backend. */
static bool is_restarted(const struct passive_health *passive_health,
			 const struct lb_latency *counted)
{
	return (__s32)(counted->begun - passive_health->begun) < 0 ||
	       (__s32)(counted->answered - passive_health->answered) < 0 ||
	       (__s32)(counted->refused - passive_health->refused) < 0;
}

void passive_health_update(struct passive_health *passive_health, const struct lb_latency *counted,
			   __u64 now_ms)
{
	__u32 begun = counted->begun - passive_health->begun;
	__u32 answered = counted->answered - passive_health->answered;
	__u32 refused = counted->refused - passive_health->refused;

	if (!passive_health->is_known || is_restarted(passive_health, counted)) {
		*passive_health = (struct passive_health){0};
		save_counters(passive_health, counted);
		return;
	}
	save_counters(passive_health, counted);
	if (answered)
		passive_health->answered_ms = now_ms;
	if (answered && refused < (__u64)answered * RESETS_PER_ANSWER) {
		clear_evidence(passive_health);
		return;
	}
	passive_health->attempts += begun;
	passive_health->resets += refused;
	if (passive_health->resets > passive_health->attempts)
		passive_health->resets = passive_health->attempts; /* the rest began before */
	if (passive_health->attempts >= MIN_ATTEMPTS && !passive_health->evidence_ms)
		passive_health->evidence_ms = now_ms;
}

/* True if another backend without evidence against it answered since evidence_ms. */
static bool others_answer(const struct passive_health *pool, size_t count, size_t which)
{
	for (size_t i = 0; i < count; i++)
		if (i != which && pool[i].answered_ms >= pool[which].evidence_ms &&
		    !pool[i].evidence_ms)
			return true;
	return false;
}

enum passive_health_verdict passive_health_evaluate(const struct passive_health *pool, size_t count,
						    size_t which, __u64 now_ms)
{
	const struct passive_health *passive_health = &pool[which];

	if (!passive_health->evidence_ms || !others_answer(pool, count, which))
		return PASSIVE_NONE;
	if (passive_health->resets >= MIN_ATTEMPTS &&
	    (__u64)passive_health->resets * RESETS_PER_ANSWER >=
		    (__u64)passive_health->attempts * (RESETS_PER_ANSWER - 1))
		return PASSIVE_REFUSED;
	return now_ms - passive_health->evidence_ms >= ANSWER_WAIT_MS ? PASSIVE_UNANSWERED
								      : PASSIVE_NONE;
}
