/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages for a store that could not be opened, and for a commit that failed.
 *
 * Functions record the problem and return its exit code.
 */
#ifndef CLI_STORE_PROBLEM_H
#define CLI_STORE_PROBLEM_H

#include "cli/command.h"
#include "store/transaction.h"

/* `error` is a negative errno or a store_condition; `what` was attempted. */
int store_problem(struct call *call, int error, const char *what);

/* `error` is what transaction_prepare() or transaction_commit() returned. */
int commit_problem(struct call *call, const struct transaction *transaction, int error);

#endif
