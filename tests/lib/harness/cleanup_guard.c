// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/process.h"
#include "harness/cleanup_guard.h"
#include "harness/pins.h"
#include "harness/testnet.h"

#define GUARDED_MAX 32

static struct guarded {
	char name[40];
	int netns;
} guarded[GUARDED_MAX];

static pid_t owner;

const char *guard_lbctl_path(void)
{
	static char path[4096];
	char *slash;
	ssize_t length;

	if (getenv("LBCTL"))
		return getenv("LBCTL");
	if (path[0])
		return path;
	length = readlink("/proc/self/exe", path, sizeof(path) - sizeof("../lbctl"));
	if (length < 0)
		process_bail("/proc/self/exe: %s", strerror(errno));
	path[length] = '\0';
	slash = strrchr(path, '/');
	strcpy(slash + 1, "../lbctl");
	return path;
}

static int remove_pin(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	remove(path);
	return 0;
}

static void release(struct guarded *instance)
{
	const char *decap = strstr(instance->name, "_decap");
	int length = decap ? decap - instance->name : (int)strlen(instance->name);
	char text[4200], output[1024];

	testnet_enter_namespace(instance->netns);
	snprintf(text, sizeof(text), "%s --instance %.*s %s", guard_lbctl_path(), length,
		 instance->name, decap ? "decap --off" : "detach --force");
	process_run(text, NULL, output, sizeof(output));
	snprintf(text, sizeof(text), PINS_ROOT "/%s", instance->name);
	if (access(text, F_OK) == 0) {
		fprintf(stderr, "# detach left %s: %s\n", text, output);
		nftw(text, remove_pin, 8, FTW_DEPTH | FTW_PHYS);
	}
	close(instance->netns);
	instance->name[0] = '\0';
}

static void release_all(void)
{
	if (getpid() != owner)
		return;
	for (int i = 0; i < GUARDED_MAX; i++)
		if (guarded[i].name[0])
			release(&guarded[i]);
}

static void handle_signal(int signal_number)
{
	release_all();
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

static void install_handlers(void)
{
	static const int fatal_signals[] = {SIGINT,  SIGTERM, SIGHUP, SIGABRT,
					    SIGSEGV, SIGBUS,  SIGALRM};

	owner = getpid();
	atexit(release_all);
	for (unsigned int i = 0; i < sizeof(fatal_signals) / sizeof(fatal_signals[0]); i++)
		signal(fatal_signals[i], handle_signal);
	signal(SIGPIPE, SIG_IGN);
}

void guard_add(const char *name)
{
	struct guarded *free_slot = guarded;

	if (!owner)
		install_handlers();
	while (free_slot < guarded + GUARDED_MAX && free_slot->name[0])
		free_slot++;
	if (free_slot == guarded + GUARDED_MAX)
		process_bail("guard: more than %d instances", GUARDED_MAX);
	free_slot->netns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	snprintf(free_slot->name, sizeof(free_slot->name), "%s", name);
}

void guard_release(const char *name)
{
	for (int i = 0; i < GUARDED_MAX; i++)
		if (strcmp(guarded[i].name, name) == 0)
			release(&guarded[i]);
}
