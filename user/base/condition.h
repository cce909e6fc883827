/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Conditions: expected outcomes that a caller distinguishes, beside errors.
 *
 * A function that has conditions returns 0, a negative errno, or one of its conditions, in
 * one int. Such a value may pass through several layers before it is handled. Each module
 * has a range of its own, so a value always names the same condition. Exit codes
 * (base/problem.h) are below all ranges.
 */
#ifndef BASE_CONDITION_H
#define BASE_CONDITION_H

enum condition_range {
	CONDITION_STORE = 0x100,
	CONDITION_DATAPATH = 0x200,
	CONDITION_ROUTE = 0x300,
	CONDITION_EDIT = 0x400,
	CONDITION_SNAT_POOL = 0x500,
	CONDITION_SPILLOVER = 0x600,
	CONDITION_TRACE_SESSION = 0x700,
	CONDITION_ENCAP = 0x800,
	CONDITION_SHADOW = 0x900,
	CONDITION_CONTROLLER = 0xa00,
};

#endif
