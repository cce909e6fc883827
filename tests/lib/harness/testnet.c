// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/process.h"
#include "harness/testnet.h"

/* Commands for `ip -batch`. */
struct batch {
	char text[16384];
	size_t used;
};

__attribute__((format(printf, 2, 3))) static void add_command(struct batch *batch,
							      const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	batch->used += vsnprintf(batch->text + batch->used, sizeof(batch->text) - batch->used,
				 format, arguments);
	va_end(arguments);
	if (batch->used >= sizeof(batch->text))
		process_bail("testnet: too many commands");
}

void testnet_mac_address(unsigned int net, unsigned int host, unsigned char address[6])
{
	unsigned char bytes[6] = {2, 0, 0, 0, net, host};

	memcpy(address, bytes, sizeof(bytes));
}

void testnet_set_sysctl(const char *setting, const char *value)
{
	char path[256];
	int file;

	snprintf(path, sizeof(path), "/proc/sys/%s", setting);
	file = open(path, O_WRONLY | O_CLOEXEC);
	if (file < 0 || write(file, value, strlen(value)) < 0)
		process_bail("%s: %s", path, strerror(errno));
	close(file);
}

static void add_device(struct batch *batch, const char *name, unsigned int net)
{
	add_command(batch, "link add %s address 02:00:00:00:%02x:01 type veth peer name %s-peer\n",
		    name, net, name);
	add_command(batch, "link set %s up\nlink set %s-peer up\n", name, name);
	add_command(batch, "address add 10.%u.0.1/24 dev %s\n", net, name);
	add_command(batch, "address add fd0%u::1/64 dev %s nodad\n", net, name);
}

static void add_host(struct batch *batch, const char *device, unsigned int net, unsigned int host)
{
	add_command(batch,
		    "neighbour add 10.%u.0.%u lladdr 02:00:00:00:%02x:%02x dev %s nud permanent\n",
		    net, host, net, host, device);
	add_command(batch,
		    "neighbour add fd0%u::%x lladdr 02:00:00:00:%02x:%02x dev %s nud permanent\n",
		    net, host, net, host, device);
}

static void build_network(void)
{
	struct batch batch = {0};

	/* Without IPv6 link-local addresses the kernel sends no packets of its own. */
	testnet_set_sysctl("net/ipv6/conf/default/addr_gen_mode", "1");
	testnet_set_sysctl("net/ipv4/ip_forward", "1");
	testnet_set_sysctl("net/ipv6/conf/all/forwarding", "1");
	add_command(&batch, "link set lo up\n");
	add_device(&batch, "front", 1);
	add_device(&batch, "back", 2);
	add_host(&batch, "front", 1, TESTNET_GATEWAY);
	for (unsigned int i = 0; i < TESTNET_BACKENDS; i++) {
		add_host(&batch, "front", 1, TESTNET_BACKEND_FIRST + i);
		add_host(&batch, "back", 2, TESTNET_BACKEND_FIRST + i);
	}
	add_command(&batch, "route add default via 10.1.0.%u\n", TESTNET_GATEWAY);
	add_command(&batch, "route add default via fd01::%x\n", TESTNET_GATEWAY);
	process_must_run("ip -batch -", batch.text);
}

static int current_namespace(void)
{
	int netns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	if (netns < 0)
		process_bail("/proc/self/ns/net: %s", strerror(errno));
	return netns;
}

void testnet_enter_namespace(int netns)
{
	if (setns(netns, CLONE_NEWNET))
		process_bail("setns: %s", strerror(errno));
}

int testnet_new_namespace(void)
{
	int original = current_namespace(), netns;

	if (unshare(CLONE_NEWNET))
		process_bail("unshare: %s (this must run as root)", strerror(errno));
	netns = current_namespace();
	testnet_enter_namespace(original);
	close(original);
	return netns;
}

void testnet_enter(const struct testnet *testnet)
{
	testnet_enter_namespace(testnet->netns);
}

void testnet_open(struct testnet *testnet)
{
	testnet->netns = testnet_new_namespace();
	testnet_enter(testnet);
	build_network();
	testnet->front = if_nametoindex("front");
	testnet->back = if_nametoindex("back");
}
