/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Telling the service manager how we are (sd_notify(3)): words on the datagram socket that
 * NOTIFY_SOCKET names. Without one nothing is told.
 */
#ifndef BASE_SD_NOTIFY_H
#define BASE_SD_NOTIFY_H

#include <linux/types.h>

/* "READY=1", several with a newline between. */
__attribute__((format(printf, 1, 2))) void sd_notify_send(const char *format, ...);

/* How often the manager wants to hear WATCHDOG=1, at the least; 0 = not at all. */
__u64 sd_notify_watchdog_ms(void);

#endif
