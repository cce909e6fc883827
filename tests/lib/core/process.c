// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/process.h"

#define ARGV_MAX 64

void process_bail(const char *format, ...)
{
	va_list arguments;

	printf("Bail out! ");
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	exit(EXIT_FAILURE);
}

static void exec_command(const char *command, int input, int output)
{
	char text[4096], *argv[ARGV_MAX + 1], *rest = text;
	int count = 0;

	snprintf(text, sizeof(text), "%s", command);
	while (count < ARGV_MAX && (argv[count] = strtok_r(rest, " ", &rest)))
		count++;
	argv[count] = NULL;
	dup2(input, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	execvp(argv[0], argv);
	dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static void write_input(int pipe_end, const char *input)
{
	size_t left = input ? strlen(input) : 0;

	while (left) {
		ssize_t written = write(pipe_end, input, left);

		if (written <= 0)
			break;
		input += written;
		left -= written;
	}
	close(pipe_end);
}

static void read_output(int pipe_end, char *output, size_t size)
{
	char buffer[4096];
	size_t used = 0;
	ssize_t got;

	while ((got = read(pipe_end, buffer, sizeof(buffer))) > 0) {
		size_t fits = size - used < (size_t)got + 1 ? size - used - 1 : (size_t)got;

		memcpy(output + used, buffer, fits);
		used += fits;
	}
	output[used] = '\0';
	close(pipe_end);
}

int process_run(const char *command, const char *input, char *output, size_t size)
{
	int to[2], from[2], status;
	char ignored[1];
	pid_t child;

	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		return -1;
	fflush(stdout);
	child = fork();
	if (child == 0)
		exec_command(command, to[0], from[1]);
	close(to[0]);
	close(from[1]);
	write_input(to[1], input);
	read_output(from[0], output ? output : ignored, output ? size : sizeof(ignored));
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

void process_must_run(const char *command, const char *input)
{
	char output[4096];
	int code = process_run(command, input, output, sizeof(output));

	if (code)
		process_bail("%s: exit code %d: %s", command, code, output);
}
