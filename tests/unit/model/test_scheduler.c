// SPDX-License-Identifier: GPL-2.0-only
/* Schedulers: backend flags, and the member list for comparing all backends. */
#include "core/tap.h"
#include "model/scheduler.h"
#include "model/slot_order.h"

static __u32 flags_of(enum lb_scheduler scheduler, enum lb_forward forward)
{
	struct lb_service_config service = {.scheduler = scheduler, .forward = forward};

	return scheduler_flags(&service);
}

static void test_flags(void)
{
	bool none = true;

	for (int scheduler = LB_SCHEDULER_RR; scheduler <= LB_SCHEDULER_SOURCE; scheduler++)
		none &= !flags_of(scheduler, LB_FORWARD_NAT);
	ok(none, "weight-only schedulers need no counting");
	is_int(flags_of(LB_SCHEDULER_P2C, LB_FORWARD_NAT), LB_BACKEND_COUNTED, "p2c counts flows");
	is_int(flags_of(LB_SCHEDULER_LC, LB_FORWARD_GUE), LB_BACKEND_COUNTED, "lc counts flows");
	is_int(flags_of(LB_SCHEDULER_LRT, LB_FORWARD_NAT), LB_BACKEND_COUNTED | LB_BACKEND_TIMED,
	       "lrt counts flows and samples requests");
	is_int(flags_of(LB_SCHEDULER_LRT, LB_FORWARD_IPIP), LB_BACKEND_COUNTED | LB_BACKEND_TIMED,
	       "lrt samples tunnelled requests as well");
}

static bool members_are(const struct lb_slots *slots, __u32 members, const __u16 wanted[LB_MEMBERS])
{
	bool same = slots->members == members;

	for (__u32 i = 0; i < LB_MEMBERS; i++)
		same &= slots->member[i] == wanted[i];
	return same;
}

static void test_members(void)
{
	static const __u16 all[] = {10, 12, 13, 14, 15, 16, 17, 18};
	static const __u16 three[] = {10, 12, 13, 10, 12, 13, 10, 12};
	struct slot_share shares[LB_MEMBERS + 2];
	struct lb_slots slots = {0};

	for (__u32 i = 0; i < LB_MEMBERS + 2; i++)
		shares[i] = (struct slot_share){.backend = 10 + i, .milli = i == 1 ? 0 : 1000};
	slot_order_list_members(&slots, shares, LB_MEMBERS + 1);
	ok(members_are(&slots, LB_MEMBERS, all), "backends with a weight are listed");
	slot_order_list_members(&slots, shares, LB_MEMBERS + 2);
	is_int(slots.members, 0, "too many backends are not listed");
	slot_order_list_members(&slots, shares, 4);
	ok(members_are(&slots, 3, three), "few backends are listed repeatedly");
	slot_order_list_members(&slots, shares + 1, 1);
	is_int(slots.members, 0, "no backend is not listed");
}

int main(void)
{
	test_flags();
	test_members();
	return tap_done();
}
