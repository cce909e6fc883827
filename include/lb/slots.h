/* SPDX-License-Identifier: GPL-2.0-only */
/* Slot tables: who shall have the next flow, and who has those that are not remembered. */
#ifndef LB_SLOTS_H
#define LB_SLOTS_H

#include <linux/types.h>

#include "lb/limits.h"

/* In before[]: the slot asks the flow memory, but nobody had it. */
#define LB_NO_PREVIOUS_OWNER 0xffffU

/*
 * slots: ARRAY, mapped by userspace: 2 * service id + 0 or 1. Who shall have
 * the next flow, and who may have those that are not remembered (bpf/select/stateless.h).
 * Immutable while it is the copy in use.
 */
struct lb_slots {
	__u32 length; /* slots in use; 0 = no backend to offer */
	__u32 pick; /* enum lb_pick */
	__u64 reciprocal; /* 2^64 / length + 1, for a remainder without a division */
	__u32 members; /* LB_PICK_LC: how many backends have slots; 0 = too many to list */
	__u16 member[LB_MEMBERS]; /* their ids, over and over */
	__u32 stateless; /* a slot's flows are its owner's, remembered or not */
	__u32 forward; /* how its flows reach their backends: enum lb_forward */
	__u32 previous_pick; /* by which hash before[] goes: enum lb_pick; 0: there is none */
	__u32 previous_forward; /* how flows reached those backends */
	__u32 copy; /* 0 or 1: which of its service's two it is */
	__u64 zero;
	__u16 backend[LB_SLOTS]; /* backend ids */
	__u16 previous[LB_SLOTS]; /* who has flows that are not remembered; 0 = who has the slot */
};

_Static_assert(sizeof(struct lb_slots) == 64 + 4 * LB_SLOTS, "slots begin on a cache line");

#endif
