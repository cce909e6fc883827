// SPDX-License-Identifier: GPL-2.0-only
#include "base/sd_notify.h"

#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/number.h"

void sd_notify_send(const char *format, ...)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = path ? strlen(path) : 0;
	_close_ int fd = -1;
	char message[512];
	va_list arguments;

	if (!length || length >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, length);
	if (path[0] == '@')
		address.sun_path[0] = '\0'; /* abstract namespace */
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		sendto(fd, message, strlen(message), MSG_NOSIGNAL | MSG_DONTWAIT,
		       (struct sockaddr *)&address,
		       offsetof(struct sockaddr_un, sun_path) + length);
}

__u64 sd_notify_watchdog_ms(void)
{
	const char *usec = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");
	__u64 interval_us, watched;

	if (pid && (number_parse(pid, 1, INT_MAX, &watched) || (pid_t)watched != getpid()))
		return 0;
	if (!usec || number_parse(usec, 0, ~0ULL, &interval_us))
		return 0;
	return interval_us / 1000;
}
