// SPDX-License-Identifier: GPL-2.0-only
#include "model/weight.h"

#include <errno.h>
#include <string.h>

#include "base/number.h"

#define VALUE_MAX 999999999 /* of a weight, percentage or difference; no result overflows */

__u32 weight_base_milli(const struct lb_backend_config *backend)
{
	if (backend->override_milli != LB_NO_OVERRIDE)
		return backend->override_milli;
	return backend->weight * 1000U;
}

void weight_sum_add(struct weight_sum *sum, const struct lb_backend_config *backend)
{
	if (backend->state != LB_STATE_READY)
		return;
	sum->ready += weight_base_milli(backend);
	if (backend->health != LB_HEALTH_DOWN)
		sum->up += weight_base_milli(backend);
}

enum weight_mode weight_mode(const struct weight_sum *own, const struct weight_sum *spill)
{
	if (own->ready && !own->up && !spill->up)
		return WEIGHT_FAIL_OPEN;
	return 2 * own->up < own->ready ? WEIGHT_NO_LATENCY : WEIGHT_NORMAL;
}

struct lb_backend_config weight_apply_mode(const struct lb_backend_config *backend,
					   enum weight_mode mode)
{
	struct lb_backend_config adjusted = *backend;

	if (mode != WEIGHT_NORMAL)
		adjusted.latency_milli = 0;
	if (mode == WEIGHT_FAIL_OPEN)
		adjusted.health = LB_HEALTH_UNKNOWN;
	return adjusted;
}

/* A positive weight stays positive, and no weight exceeds the configurable maximum. */
static __u32 scale(__u32 milli, __u32 factor_milli)
{
	__u64 scaled = factor_milli ? (__u64)milli * factor_milli / 1000 : milli;

	if (scaled > LB_WEIGHT_MAX * 1000ULL)
		return LB_WEIGHT_MAX * 1000U;
	return milli && !scaled ? 1 : scaled;
}

__u32 weight_effective_milli(const struct lb_backend_config *backend, enum lb_scheduler scheduler)
{
	__u32 milli = weight_base_milli(backend);

	if (backend->state != LB_STATE_READY || backend->health == LB_HEALTH_DOWN)
		return 0;
	if (scheduler == LB_SCHEDULER_RR && milli)
		milli = 1000;
	return scale(scale(milli, backend->latency_milli), backend->slow_start_milli);
}

__u32 weight_bound(__u32 milli, __u64 sum, __u32 factor_milli)
{
	double share;

	if (!factor_milli || !milli || !sum)
		return 0;
	share = (double)milli / sum * factor_milli / 1000 * (1U << LB_BOUND_SHIFT);
	return share > 1 ? share : 1;
}

int weight_parse(const char *text, const struct lb_backend_config *backend, __u32 *milli)
{
	const char *digits = text + (text[0] == '+' || text[0] == '-');
	size_t length = strspn(digits, "0123456789");
	long long wanted;
	__u64 value;

	if (!length || (digits[length] && (digits != text || strcmp(digits + length, "%"))))
		return -EINVAL;
	if (number_parse_scaled(digits, length, 1, &value) || value > VALUE_MAX)
		return -ERANGE;
	if (digits[length])
		wanted = (long long)value * backend->weight * 10;
	else if (digits == text)
		wanted = value * 1000;
	else
		wanted = weight_base_milli(backend) +
			 (text[0] == '-' ? -1000 : 1000) * (long long)value;
	if (wanted < 0 || wanted > LB_WEIGHT_MAX * 1000LL)
		return -ERANGE;
	*milli = wanted == backend->weight * 1000LL ? LB_NO_OVERRIDE : wanted;
	return 0;
}
