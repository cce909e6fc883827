// SPDX-License-Identifier: GPL-2.0-only
#include "inside.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_tun.h>
#include <linux/ipv6.h>

#include "address.h"
#include "scope.h"

#define PATIENCE_MS 500

#define DEVICE "probe"
#define MTU    1280 /* with all headers of a tunnel fits anywhere */

/* Of link-local and of local use, the latter drawn by lot (RFC 4193). */
#define IPV4_TEXT "169.254.196.31"
#define IPV6_TEXT "fd3e:9c41:d06b::1"

void inside_address(bool is_ipv4, __u64 address[2])
{
	address_parse(is_ipv4 ? IPV4_TEXT : IPV6_TEXT, address);
}

static int change(int fd, unsigned long request, void *argument)
{
	return ioctl(fd, request, argument) ? -errno : 0;
}

static int open_tun(struct inside *inside)
{
	struct ifreq request = {.ifr_name = DEVICE, .ifr_flags = IFF_TUN | IFF_NO_PI};

	inside->tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return inside->tun < 0 ? -errno : change(inside->tun, TUNSETIFF, &request);
}

/* Up, with an address and the way to everywhere. */
static int set_ipv4(int *ifindex)
{
	_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {.ifr_name = DEVICE};
	struct sockaddr_in *address = (struct sockaddr_in *)&request.ifr_addr;
	struct rtentry route = {.rt_flags = RTF_UP, .rt_dev = (char[]){DEVICE}};
	int error;

	request.ifr_mtu = MTU;
	error = change(fd, SIOCSIFMTU, &request);
	memset(&request.ifr_ifru, 0, sizeof(request.ifr_ifru));
	address->sin_family = AF_INET;
	inet_pton(AF_INET, IPV4_TEXT, &address->sin_addr);
	if (!error)
		error = change(fd, SIOCSIFADDR, &request);
	request.ifr_flags = IFF_UP;
	if (!error)
		error = change(fd, SIOCSIFFLAGS, &request);
	route.rt_dst.sa_family = route.rt_genmask.sa_family = AF_INET;
	if (!error)
		error = change(fd, SIOCADDRT, &route);
	if (!error)
		error = change(fd, SIOCGIFINDEX, &request);
	*ifindex = request.ifr_ifindex;
	return error;
}

/* The kernel takes an IPv6 address into use a moment after it was given. */
static int await_ipv6(int fd, const struct in6_addr *address)
{
	struct sockaddr_in6 own = {.sin6_family = AF_INET6, .sin6_addr = *address};
	int error = -1;

	for (int i = 0; error && i < PATIENCE_MS; i++) {
		error = bind(fd, (struct sockaddr *)&own, sizeof(own));
		if (error)
			poll(NULL, 0, 1);
	}
	return error ? -EADDRNOTAVAIL : 0;
}

/* A kernel without IPv6 has no VIP of it. */
static int set_ipv6(int ifindex)
{
	_close_ int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct in6_ifreq address = {.ifr6_prefixlen = 128, .ifr6_ifindex = ifindex};
	struct in6_rtmsg route = {
		.rtmsg_flags = RTF_UP, .rtmsg_metric = 1, .rtmsg_ifindex = ifindex};
	int error;

	if (fd < 0)
		return 0;
	inet_pton(AF_INET6, IPV6_TEXT, &address.ifr6_addr);
	error = change(fd, SIOCSIFADDR, &address);
	if (!error)
		error = change(fd, SIOCADDRT, &route);
	return error ? error : await_ipv6(fd, &address.ifr6_addr);
}

/* From within. */
static int furnish(struct inside *inside)
{
	int ifindex, error;

	inside->within = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (inside->within < 0)
		return -errno;
	error = open_tun(inside);
	if (!error)
		error = set_ipv4(&ifindex);
	return error ? error : set_ipv6(ifindex);
}

/* Whoever went in has the right to come out again. */
static void come_out(const struct inside *inside)
{
	if (setns(inside->outside, CLONE_NEWNET))
		abort();
}

int inside_create(struct inside *inside)
{
	struct inside made = {-1, -1, -1};
	int error = 0;

	made.outside = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (made.outside < 0 || unshare(CLONE_NEWNET))
		error = -errno;
	if (!error) {
		error = furnish(&made);
		come_out(&made);
	}
	if (error)
		inside_destroy(&made);
	else
		*inside = made;
	return error;
}

void inside_destroy(struct inside *inside)
{
	scope_close(&inside->tun);
	scope_close(&inside->within);
	scope_close(&inside->outside);
}

int inside_socket(const struct inside *inside, int family, __be16 port)
{
	struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = port};
	struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = port};
	int fd, error = 0;

	if (setns(inside->within, CLONE_NEWNET))
		return -errno;
	fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		error = -errno;
	come_out(inside);
	if (!error && (family == AF_INET ? bind(fd, (struct sockaddr *)&ipv4, sizeof(ipv4))
					 : bind(fd, (struct sockaddr *)&ipv6, sizeof(ipv6))))
		error = -errno;
	if (!error)
		return fd;
	scope_close(&fd);
	return error;
}
