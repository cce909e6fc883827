/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Service manager notifications (sd_notify(3)): datagrams to the socket NOTIFY_SOCKET. Without
 * that variable nothing is sent.
 */
#ifndef BASE_SD_NOTIFY_H
#define BASE_SD_NOTIFY_H

#include <linux/types.h>

/* Sends assignments such as "READY=1", separated by newlines. */
__attribute__((format(printf, 1, 2))) void sd_notify_send(const char *format, ...);

/* Returns the longest interval between WATCHDOG=1 messages; 0 if none are expected. */
__u64 sd_notify_watchdog_ms(void);

#endif
