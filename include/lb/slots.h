/* SPDX-License-Identifier: GPL-2.0-only */
/* Slot table: backends of new flows, and owners of untracked flows. */
#ifndef LB_SLOTS_H
#define LB_SLOTS_H

#include <linux/types.h>

#include "lb/limits.h"

/* In previous[]: the slot is in transition, without a previous owner. */
#define LB_NO_PREVIOUS_OWNER 0xffffU

/*
 * slots: ARRAY, mapped by userspace: 2 * service id + 0 or 1. The slot table of a service: backends
 * of new flows, and of untracked ones (bpf/select/stateless.h). The copy in use is immutable.
 */
struct lb_slots {
	__u32 length; /* slots in use; 0 = no usable backend */
	__u32 pick; /* enum lb_pick */
	__u64 reciprocal; /* 2^64 / length + 1, for a remainder without a division */
	__u32 members; /* LB_PICK_LC: number of backends with slots; 0 = too many to list */
	__u16 member[LB_MEMBERS]; /* their ids, repeated to fill the array */
	__u32 stateless; /* a slot's flows belong to its owner, tracked or not */
	__u32 forward; /* forwarding mode of its flows: enum lb_forward */
	__u32 previous_pick; /* hash that selects in previous[]: enum lb_pick; 0 = no transition */
	__u32 previous_forward; /* forwarding mode of flows to previous owners */
	__u32 copy; /* 0 or 1: which of its service's two it is */
	__u64 zero;
	__u16 backend[LB_SLOTS]; /* backend ids */
	__u16 previous[LB_SLOTS]; /* owners of untracked flows in a transition; 0 = backend[] */
};

_Static_assert(sizeof(struct lb_slots) == 64 + 4 * LB_SLOTS, "slots begin on a cache line");

#endif
