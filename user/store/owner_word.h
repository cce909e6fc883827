/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A testament: a word of shared memory says who this process is, and the kernel takes that out
 * of it when the process has died, however it did. Children take no part in it, not even
 * before they are programs of their own, while they still hold what their parent has locked.
 *
 * The word is what futex(2) calls a robust one. There is one testament in a process; it is made
 * by its first thread.
 */
#ifndef STORE_OWNER_WORD_H
#define STORE_OWNER_WORD_H

#include <linux/types.h>

/* Writes this process's id into `word`, which stays mapped until the testament is revoked. */
void owner_word_register(__u64 *word);
void owner_word_unregister(void);

/* Whose word it is; 0 = who wrote it has died. */
__u32 owner_word_pid(const __u64 *word);

#endif
