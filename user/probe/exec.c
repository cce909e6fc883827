// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exec probe: passes if a command exits with status 0. The command runs without a shell, in its
 * own session. It inherits only the user: no descriptors, and an environment that describes the
 * target. The first line of its output is added to the reason.
 *
 * When the probe ends, the command's process group is killed, including background processes. If
 * this process is killed, so is the command. A killed command is reaped asynchronously, so it
 * does not stay a zombie and does not delay its probe.
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
#include "probe/kinds.h"

#define LINE_BYTES	64
#define REAP_TIMEOUT_MS 1000

struct probe_command {
	struct probe_engine *engine;
	struct probe *probe; /* NULL: killed, to be reaped */
	struct probe_command *next;
	pid_t pid; /* also the process group */
	int pidfd; /* readable when it has exited */
	int output;
	struct loop_watch *exited, *output_ready;
	size_t bytes; /* of output so far */
	char line[LINE_BYTES]; /* its first line */
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
 * Runs in the child of vfork(), which shares the parent's memory until execve(): only system
 * calls. Returns an errno if it fails.
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

/* Returns the process id and sets *error to 0 or a negative errno. */
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

/* Frees a command that was reaped or never started. */
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

/* Reads available output and keeps its beginning. */
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

/* Cuts the line at its first non-printable byte. */
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

/* The command exited. Until it is reaped its pid is not reused, so killing its group is safe. */
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

/* If the parent process left SIGCHLD ignored, exit statuses would be lost. */
static void reset_sigchld(void)
{
	struct sigaction action;

	if (!sigaction(SIGCHLD, NULL, &action) && action.sa_handler == SIG_IGN)
		signal(SIGCHLD, SIG_DFL);
}

/* Starts the command. Returns 0 or a negative errno. */
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
	if (argv_split(command->probe->check->argument, storage, argv) < 1)
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
