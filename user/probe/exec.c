// SPDX-License-Identifier: GPL-2.0-only
/*
 * A command that ends with status 0. It is run without a shell, in a session of its own,
 * with nothing of this process but its user: no descriptors, no environment but what tells
 * it whom to look at. The first line that it prints becomes part of the reason.
 *
 * When the probe ends, the command's whole group is killed, what it has left in the background
 * included; should this process be killed, the command is too. A command that was killed is
 * waited for aside, so that none becomes a zombie, and no one waits for it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/address.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "probe/kind.h"

#define LINE_BYTES	64
#define REAP_TIMEOUT_MS 1000

struct probe_command {
	struct probe_engine *engine;
	struct probe *probe; /* NULL: killed, and waited for aside */
	struct probe_command *next;
	pid_t pid; /* and group */
	int pidfd; /* readable when it has ended */
	int output;
	struct loop_watch *exited, *output_ready;
	size_t bytes; /* of output so far */
	char line[LINE_BYTES]; /* the first of it */
};

struct environment {
	char address[sizeof("LBCTL_ADDRESS=") + ADDRESS_TEXT_BYTES];
	char port[sizeof("LBCTL_PORT=65535")];
	char service[sizeof("LBCTL_SERVICE=") + LB_NAME_BYTES];
	char *variables[5];
};

static void fill_environment(const struct probe *probe, struct environment *env)
{
	const struct probe_target *target = &probe->target;
	char address[ADDRESS_TEXT_BYTES];
	unsigned int port = probe->check->port ? probe->check->port : ntohs(target->port);
	static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

	address_format(target->address, address, sizeof(address));
	snprintf(env->address, sizeof(env->address), "LBCTL_ADDRESS=%s", address);
	snprintf(env->port, sizeof(env->port), "LBCTL_PORT=%u", port);
	snprintf(env->service, sizeof(env->service), "LBCTL_SERVICE=%s",
		 target->service ? target->service : "");
	env->variables[0] = path;
	env->variables[1] = env->address;
	env->variables[2] = env->port;
	env->variables[3] = target->service ? env->service : NULL;
	env->variables[4] = NULL;
}

/*
 * In the child, which shares its parent's memory until it is another program: nothing but
 * system calls.
 */
static int exec_child(int input, int output, char **argv, char **variables)
{
	struct rlimit no_core = {0, 0};
	sigset_t none;

	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setrlimit(RLIMIT_CORE, &no_core);
	if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0 || chdir("/"))
		return errno;
	close_range(3, ~0U, 0);
	execve(argv[0], argv, variables);
	return errno;
}

static pid_t spawn(int input, int output, char **argv, char **variables, int *error)
{
	volatile int failed = 0;
	sigset_t all, previous;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &previous);
	pid = vfork();
	if (!pid) {
		failed = exec_child(input, output, argv, variables);
		_exit(127);
	}
	*error = pid < 0 ? -errno : -failed;
	sigprocmask(SIG_SETMASK, &previous, NULL);
	if (pid > 0 && failed)
		waitpid(pid, NULL, 0);
	return pid;
}

/* Its end was seen, or it never began. */
static void release(struct probe_command *command)
{
	struct probe_command **entry = &command->engine->commands;

	while (*entry && *entry != command)
		entry = &(*entry)->next;
	if (*entry)
		*entry = command->next;
	loop_watch_free(command->exited);
	loop_watch_free(command->output_ready);
	if (command->pidfd >= 0)
		close(command->pidfd);
	if (command->output >= 0)
		close(command->output);
	free(command);
}

/* Takes in what there is of output, and keeps the beginning of its first line. */
static void read_output(struct probe_command *command)
{
	char buffer[4096];
	ssize_t length = read(command->output, buffer, sizeof(buffer));

	for (ssize_t i = 0; i < length; i++, command->bytes++)
		if (command->bytes < LINE_BYTES - 1)
			command->line[command->bytes] = buffer[i];
	if (length == 0 || (length < 0 && errno != EAGAIN && errno != EINTR))
		loop_watch_set_events(command->output_ready, 0);
	if (command->bytes > PROBE_RESPONSE_BYTES && command->probe) {
		loop_watch_set_events(command->output_ready, 0);
		probe_end(command->probe, false, "more than %d bytes of output",
			  PROBE_RESPONSE_BYTES);
	}
}

static void output_ready(void *owner, int events)
{
	(void)events;
	read_output(owner);
}

/* Up to the first byte that is not printable. */
static void trim_line(char *line)
{
	while (*line >= ' ' && *line <= '~')
		line++;
	*line = '\0';
}

static void report_exit(struct probe_command *command, const siginfo_t *end)
{
	const char *what = end->si_code == CLD_EXITED ? "exit" : "signal";

	trim_line(command->line);
	probe_end(command->probe, end->si_code == CLD_EXITED && !end->si_status, "%s %d%s%s", what,
		  end->si_status, command->line[0] ? ": " : "", command->line);
}

/* While it is not reaped, nobody else gets its number, and its group can be told by it. */
static void exited(void *owner, int events)
{
	struct probe_command *command = owner;
	siginfo_t end = {0};

	(void)events;
	kill(-command->pid, SIGKILL);
	waitid(P_PIDFD, command->pidfd, &end, WEXITED);
	if (command->probe) {
		read_output(command);
		report_exit(command, &end);
		command->probe->priv = NULL;
	}
	release(command);
}

static int watch(struct probe_command *command)
{
	struct loop *loop = command->engine->loop;
	int error = loop_watch_create(loop, command->pidfd, exited, command, &command->exited);

	if (!error)
		error = loop_watch_create(loop, command->output, output_ready, command,
					  &command->output_ready);
	if (error)
		return error;
	loop_watch_set_events(command->exited, LOOP_READ);
	loop_watch_set_events(command->output_ready, LOOP_READ);
	return 0;
}

/* Whoever started this process may have had its children's ends ignored; then they cannot be known. */
static void reset_sigchld(void)
{
	struct sigaction action;

	if (!sigaction(SIGCHLD, NULL, &action) && action.sa_handler == SIG_IGN)
		signal(SIGCHLD, SIG_DFL);
}

static int run(struct probe_command *command)
{
	char storage[CHECK_TEXT_BYTES], *argv[ARGV_MAX + 1];
	_close_ int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
	_close_ int output = -1;
	struct environment env;
	int pipe_fds[2], error;

	if (input < 0 || pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK))
		return -errno;
	command->output = pipe_fds[0];
	output = pipe_fds[1];
	fcntl(output, F_SETFL, 0);
	if (argv_split(command->probe->check->what, storage, argv) < 1)
		return -EINVAL;
	fill_environment(command->probe, &env);
	reset_sigchld();
	command->pid = spawn(input, output, argv, env.variables, &error);
	if (error)
		return error;
	command->pidfd = syscall(SYS_pidfd_open, command->pid, 0);
	error = command->pidfd < 0 ? -errno : watch(command);
	if (error) {
		kill(-command->pid, SIGKILL);
		waitpid(command->pid, NULL, 0);
	}
	return error;
}

static void start(struct probe *probe)
{
	struct probe_command *command = calloc(1, sizeof(*command));
	int error;

	if (!command) {
		probe_fail(probe, "exec", -ENOMEM);
		return;
	}
	probe->timeout_reason = "the command did not end";
	command->engine = probe->engine;
	command->probe = probe;
	command->pidfd = command->output = -1;
	error = run(command);
	if (error) {
		release(command);
		probe_fail(probe, "exec", error);
		return;
	}
	command->next = probe->engine->commands;
	probe->engine->commands = command;
	probe->priv = command;
}

static void stop(struct probe *probe)
{
	struct probe_command *command = probe->priv;

	if (!command)
		return;
	kill(-command->pid, SIGKILL);
	loop_watch_set_events(command->output_ready, 0);
	command->probe = NULL;
}

void probe_commands_free(struct probe_command *first)
{
	while (first) {
		struct probe_command *command = first;
		struct pollfd end = {.fd = command->pidfd, .events = POLLIN};

		first = command->next;
		poll(&end, 1, REAP_TIMEOUT_MS);
		waitid(P_PIDFD, command->pidfd, NULL, WEXITED | WNOHANG);
		release(command);
	}
}

const struct probe_kind probe_exec = {.start = start, .stop = stop};
