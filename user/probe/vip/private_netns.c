// SPDX-License-Identifier: GPL-2.0-only
#include "probe/vip/private_netns.h"

#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/address.h"
#include "base/cleanup.h"
#include "base/fd_passing.h"
#include "probe/vip/netns_helper.h"

/* A keeper's only descriptor beyond the standard ones. */
#define KEEPERS_WAY 3

void inside_address(bool is_ipv4, __u64 address[2])
{
	address_parse(is_ipv4 ? IPV4_TEXT : IPV6_TEXT, address);
}

/* Nothing of its parent's is left to it; what its parent's terminal is told is not for it. */
static void leave_parent(int way)
{
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	if (dup2(way, KEEPERS_WAY) < 0)
		_exit(1);
	close_range(KEEPERS_WAY + 1, ~0U, 0);
}

static void become_keeper(int way)
{
	leave_parent(way);
	if (unshare(CLONE_NEWNET))
		passage_send(KEEPERS_WAY, -errno, -1);
	else
		keeper_work(KEEPERS_WAY);
	_exit(0);
}

/* A child of ours. */
static int start_keeper(struct inside *inside)
{
	int ways[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ways))
		return -errno;
	inside->pid = fork();
	if (!inside->pid)
		become_keeper(ways[1]);
	inside->keeper = ways[0];
	close(ways[1]);
	return inside->pid < 0 ? -EAGAIN : 0;
}

/* One that listens at this path. */
static int call_keeper(struct inside *inside, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	inside->keeper = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (inside->keeper < 0 ||
	    connect(inside->keeper, (struct sockaddr *)&address, sizeof(address)))
		return -errno;
	return 0;
}

/* What the keeper hands over, or negative errno. */
static int take(const struct inside *inside)
{
	int number, fd, error = passage_receive(inside->keeper, &number, &fd);

	if (error)
		return error;
	return number < 0 ? number : fd;
}

/* Who has lost the keeper cannot say a true word about anybody's health any more. */
static int ask(const struct inside *inside, int family)
{
	int number, none, fd;

	if (passage_send(inside->keeper, family, -1))
		abort();
	fd = take(inside);
	if (fd == -EPIPE || passage_receive(inside->keeper, &number, &none))
		abort();
	return fd;
}

int inside_create(struct inside *inside)
{
	struct inside made = {.keeper = -1, .tun = -1};
	const char *path = getenv("LBCTL_KEEPER");
	int error = path ? call_keeper(&made, path) : start_keeper(&made);

	made.tun = error ? error : take(&made);
	if (made.tun >= 0) {
		*inside = made;
		return 0;
	}
	inside_destroy(&made);
	return made.tun;
}

void inside_destroy(struct inside *inside)
{
	scope_close(&inside->tun);
	scope_close(&inside->keeper);
	if (inside->pid > 0)
		waitpid(inside->pid, NULL, 0);
}

int inside_socket(const struct inside *inside, int family, __be16 port)
{
	struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = port};
	struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = port};
	int fd = ask(inside, family), error = 0;

	if (fd < 0)
		return fd;
	if (family == AF_INET ? bind(fd, (struct sockaddr *)&ipv4, sizeof(ipv4))
			      : bind(fd, (struct sockaddr *)&ipv6, sizeof(ipv6)))
		error = -errno;
	if (!error)
		return fd;
	close(fd);
	return error;
}
