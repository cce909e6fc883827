// SPDX-License-Identifier: GPL-2.0-only
#include "controller/passive_health.h"

/* So many flows are no chance. */
#define LEAST 8

/* For so many resets an answer does not count. */
#define RESETS_PER_ANSWER 8

/* An answer may take so long: a SYN that is lost is sent again after a second. */
#define PATIENCE_MS 1500

static void forget(struct signs *signs)
{
	signs->fresh = signs->resets = 0;
	signs->enough_ms = 0;
}

static void remember(struct signs *signs, const struct lb_latency *counted)
{
	signs->begun = counted->begun;
	signs->answered = counted->answered;
	signs->refused = counted->refused;
	signs->is_known = true;
}

/* Counters that fall are those of another backend. */
static bool is_another(const struct signs *signs, const struct lb_latency *counted)
{
	return (__s32)(counted->begun - signs->begun) < 0 ||
	       (__s32)(counted->answered - signs->answered) < 0 ||
	       (__s32)(counted->refused - signs->refused) < 0;
}

void signs_look(struct signs *signs, const struct lb_latency *counted, __u64 now_ms)
{
	__u32 begun = counted->begun - signs->begun;
	__u32 answered = counted->answered - signs->answered;
	__u32 refused = counted->refused - signs->refused;

	if (!signs->is_known || is_another(signs, counted)) {
		*signs = (struct signs){0};
		remember(signs, counted);
		return;
	}
	remember(signs, counted);
	if (answered)
		signs->answered_ms = now_ms;
	if (answered && refused < (__u64)answered * RESETS_PER_ANSWER) {
		forget(signs);
		return;
	}
	signs->fresh += begun;
	signs->resets += refused;
	if (signs->resets > signs->fresh)
		signs->resets = signs->fresh; /* of flows begun before */
	if (signs->fresh >= LEAST && !signs->enough_ms)
		signs->enough_ms = now_ms;
}

/* Has another been answered, and was not reset, since there is enough evidence of this one? */
static bool others_answer(const struct signs *pool, size_t count, size_t which)
{
	for (size_t i = 0; i < count; i++)
		if (i != which && pool[i].answered_ms >= pool[which].enough_ms &&
		    !pool[i].enough_ms)
			return true;
	return false;
}

enum signs_verdict signs_judge(const struct signs *pool, size_t count, size_t which, __u64 now_ms)
{
	const struct signs *signs = &pool[which];

	if (!signs->enough_ms || !others_answer(pool, count, which))
		return SIGNS_NONE;
	if (signs->resets >= LEAST && (__u64)signs->resets * RESETS_PER_ANSWER >=
					      (__u64)signs->fresh * (RESETS_PER_ANSWER - 1))
		return SIGNS_REFUSING;
	return now_ms - signs->enough_ms >= PATIENCE_MS ? SIGNS_SILENT : SIGNS_NONE;
}
