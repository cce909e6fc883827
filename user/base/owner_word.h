/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Owner word: a word of shared memory that holds this process's id.
 *
 * It is a robust futex (futex(2)), so the kernel clears the id when the process dies, for
 * whatever reason. A child process does not inherit it, not even between fork() and
 * exec(), when it still holds the file locks of its parent.
 *
 * A process has at most one owner word. Its first thread registers it.
 */
#ifndef BASE_OWNER_WORD_H
#define BASE_OWNER_WORD_H

#include <linux/types.h>

/* Writes this process's id into `word`, which must stay mapped until it is unregistered. */
void owner_word_register(__u64 *word);
void owner_word_unregister(void);

/* The process id in `word`; 0 if that process has died. */
__u32 owner_word_pid(const __u64 *word);

#endif
