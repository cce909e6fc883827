// SPDX-License-Identifier: GPL-2.0-only
/*
 * Limits the growth of the program: the instructions that the verifier processes to load it (limit:
 * one million) and the stack of its deepest call chain (limit: 512 bytes). Both must not exceed the
 * record for this kernel in tests/bpf/size.txt by more than a fifth. `make record-size` writes the
 * record.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/process.h"
#include "core/tap.h"
#include "harness/cleanup_guard.h"
#include "harness/test_env.h"

#define STACK_MAX   512
#define FRAMES_MAX  64
#define FRAME_BYTES 32 /* unit of stack sizes in Linux 6.1 */

/* The functions of the program: their stack sizes and calls. */
struct call_graph {
	unsigned int count;
	unsigned int bytes[FRAMES_MAX];
	bool calls[FRAMES_MAX][FRAMES_MAX];
};

struct code {
	struct bpf_insn *instructions;
	unsigned int count;
	unsigned int processed; /* by the verifier */
};

static struct env env;
static char kernel[32]; /* "6.1" */

static void read_kernel_version(void)
{
	unsigned int major, minor;
	struct utsname names;

	uname(&names);
	if (sscanf(names.release, "%u.%u", &major, &minor) != 2)
		process_bail("unknown kernel version %s", names.release);
	snprintf(kernel, sizeof(kernel), "%u.%u", major, minor);
}

/* Reads the stack sizes from the verifier log of the balancer, which `lbctl -v` prints. */
static void read_stack_frames(struct call_graph *call_graph)
{
	static char output[1 << 20];
	char command[4200], *log = output, *next, *end;

	snprintf(command, sizeof(command), "%s -v --instance %s upgrade", guard_lbctl_path(),
		 env.instance.full_name);
	if (process_run(command, NULL, output, sizeof(output)))
		process_bail("%s: %s", command, output);
	log = strstr(output, "prog 'balancer': -- BEGIN PROG LOAD LOG");
	log = log ? strstr(log, "\nstack depth ") : NULL;
	if (!log)
		process_bail("the verifier log has no stack depth");
	next = log + strlen("\nstack depth");
	for (end = next; *next != '\n' && call_graph->count < FRAMES_MAX; next = end)
		call_graph->bytes[call_graph->count++] = strtoul(next + 1, &end, 10);
}

static void read_code(struct code *code)
{
	struct bpf_prog_info info = {0};
	__u32 size = sizeof(info), bytes;

	instance_reopen_program(&env.instance, "front");
	if (bpf_obj_get_info_by_fd(env.instance.program, &info, &size))
		process_bail("the program: %s", strerror(errno));
	code->processed = info.verified_insns;
	bytes = info.xlated_prog_len;
	code->count = bytes / sizeof(*code->instructions);
	code->instructions = calloc(code->count, sizeof(*code->instructions));
	memset(&info, 0, sizeof(info));
	info.xlated_prog_len = bytes;
	info.xlated_prog_insns = (__u64)(unsigned long)code->instructions;
	if (bpf_obj_get_info_by_fd(env.instance.program, &info, &size))
		process_bail("the program's instructions: %s", strerror(errno));
}

/* Returns the index of the function called by an instruction or passed as a callback, 0 if none. */
static unsigned int callee(const struct code *code, unsigned int i)
{
	const struct bpf_insn *instruction = &code->instructions[i];

	if (instruction->code == (BPF_JMP | BPF_CALL) && instruction->src_reg == BPF_PSEUDO_CALL)
		return i + 1 + instruction->off;
	if (instruction->code == (BPF_LD | BPF_IMM | BPF_DW) &&
	    instruction->src_reg == BPF_PSEUDO_FUNC)
		return i + 1 + instruction->imm;
	return 0;
}

/* Functions are consecutive, and each except the first begins at the target of a call. */
static void find_calls(const struct code *code, struct call_graph *call_graph)
{
	unsigned int *function_at = calloc(code->count + 1, sizeof(*function_at)), count = 0;

	for (unsigned int i = 0; i < code->count; i++) {
		if (callee(code, i) >= code->count)
			process_bail("a call leaves the program");
		function_at[callee(code, i)] = 1;
	}
	function_at[0] = 0;
	for (unsigned int i = 0; i < code->count; i++)
		function_at[i] = count += function_at[i];
	if (count + 1 != call_graph->count)
		process_bail("%u functions are called, but %u have a stack size", count + 1,
			     call_graph->count);
	for (unsigned int i = 0; i < code->count; i++)
		if (callee(code, i))
			call_graph->calls[function_at[i]][function_at[callee(code, i)]] = true;
	free(function_at);
}

/* Recursion is impossible in BPF. */
static unsigned int max_stack(const struct call_graph *call_graph, unsigned int function)
{
	unsigned int frames = (call_graph->bytes[function] + FRAME_BYTES - 1) / FRAME_BYTES;
	unsigned int called = 0;

	for (unsigned int i = 0; i < call_graph->count; i++)
		if (call_graph->calls[function][i] && max_stack(call_graph, i) > called)
			called = max_stack(call_graph, i);
	return (frames ? frames : 1) * FRAME_BYTES + called;
}

/* Reads a recorded value for this kernel; 0 = no record. */
static unsigned int recorded_value(const char *figure)
{
	char path[4096], line[256], wanted[64];
	unsigned int value = 0;
	FILE *file;
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 64);

	path[length < 0 ? 0 : length] = '\0';
	strcpy(strrchr(path, '/'), "/../../tests/bpf/size.txt");
	file = fopen(path, "r");
	if (!file)
		process_bail("%s: %s", path, strerror(errno));
	snprintf(wanted, sizeof(wanted), "%s %s %%u", kernel, figure);
	while (!value && fgets(line, sizeof(line), file))
		sscanf(line, wanted, &value);
	fclose(file);
	return value;
}

static void check_figure(const char *figure, unsigned int measured, const char *sentence)
{
	unsigned int record = recorded_value(figure);

	printf("# measured %s %s %u\n", kernel, figure, measured);
	if (!record)
		skip(1, "size.txt has no record of Linux %s: make record-size", kernel);
	else if (!ok(5ULL * measured <= 6ULL * record, "%s", sentence))
		diag("%u, recorded %u; if necessary: make record-size", measured, record);
}

int main(void)
{
	struct call_graph call_graph = {0};
	struct code code;

	read_kernel_version();
	env_open(&env, "");
	read_stack_frames(&call_graph);
	read_code(&code);
	find_calls(&code, &call_graph);
	check_figure("processed", code.processed,
		     "the verifier processes at most 20 % more than recorded");
	is_int(max_stack(&call_graph, 0) > STACK_MAX, 0,
	       "the deepest call chain fits into the stack");
	check_figure("stack", max_stack(&call_graph, 0),
		     "the stack is at most 20 %% above the record");
	free(code.instructions);
	return tap_done();
}
