// SPDX-License-Identifier: GPL-2.0-only
#include "commands/finish_edit.h"

#include "cli/answer.h"
#include "cli/session.h"

int finish_edit(struct call *call, struct store *store, int code)
{
	bool changed;

	if (!code)
		code = session_commit(call, store, &changed);
	store_close(store);
	if (!code)
		answer_changed(call, changed);
	return code;
}
