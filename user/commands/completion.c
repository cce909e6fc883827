// SPDX-License-Identifier: GPL-2.0-only
#include "commands/completion.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "commands/commands.h"
#include "model/outcome.h"
#include "store/flow_table.h"
#include "store/store.h"

#define LOCK_MS 500 /* nobody waits for long at a prompt */

const char *completion_script(const char *shell)
{
	if (!strcmp(shell, "bash"))
		return "_lbctl() {\n"
		       "\tlocal line=${COMP_LINE:0:COMP_POINT} words\n"
		       "\tread -ra words <<<\"$line\"\n"
		       "\t[[ $line == *' ' ]] && words+=('')\n"
		       "\tlocal last=${words[-1]}\n"
		       "\tmapfile -t COMPREPLY < <(lbctl completion words -- \"${words[@]:1}\" "
		       "2>/dev/null)\n"
		       "\t# What bash takes for words of their own is typed already.\n"
		       "\tlocal typed=${last%\"$2\"}\n"
		       "\tCOMPREPLY=(\"${COMPREPLY[@]#\"$typed\"}\")\n"
		       "}\n"
		       "complete -o default -F _lbctl lbctl\n";
	if (!strcmp(shell, "zsh"))
		return "#compdef lbctl\n"
		       "_lbctl() {\n"
		       "\tlocal -a found\n"
		       "\tfound=(${(f)\"$(lbctl completion words -- "
		       "\"${(@Q)words[2,CURRENT-1]}\" \"${(Q)PREFIX}\" 2>/dev/null)\"})\n"
		       "\tif (( $#found )); then compadd -a found; else _files; fi\n"
		       "}\n"
		       "# Read as a file of $fpath, this is the function, and called.\n"
		       "if [[ $funcstack[1] == _lbctl ]]; then _lbctl; else compdef _lbctl lbctl; "
		       "fi\n";
	if (!strcmp(shell, "fish"))
		return "function __lbctl_words\n"
		       "\tset -l words (commandline -opc) "
		       "(commandline -ct | string unescape)\n"
		       "\tset -l found (lbctl completion words -- $words[2..-1] 2>/dev/null)\n"
		       "\tif set -q found[1]\n"
		       "\t\tprintf '%s\\n' $found\n"
		       "\telse\n"
		       "\t\t__fish_complete_path (commandline -ct)\n"
		       "\tend\n"
		       "end\n"
		       "complete -c lbctl -f -a '(__lbctl_words)'\n";
	return NULL;
}

/* The command line as far as it goes. */
struct line {
	const char *object;
	const struct verb *verb;
	const char *arguments[VERB_ARGUMENTS_MAX];
	size_t argument_count;
	const struct flag *open; /* a flag whose value comes next */
	const char *instance;
	const char *service; /* of --service */
	const char *word; /* begun */
	const char *
		last; /* the part of it that is to be completed: a flag's value, of a list the last */
};

static void offer(const struct line *line, const char *word)
{
	if (!strncmp(word, line->last, strlen(line->last)))
		printf("%.*s%s\n", (int)(line->last - line->word), line->word, word);
}

/* The words of "word|word|word"; what is written large stands for something else. */
static void offer_choices(const struct line *line, const char *choices)
{
	char word[64];

	while (*choices) {
		size_t length = strcspn(choices, "|");

		snprintf(word, sizeof(word), "%.*s", (int)length, choices);
		if (!strpbrk(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ[ "))
			offer(line, word);
		choices += length + (choices[length] == '|');
	}
}

static void offer_interfaces(const struct line *line)
{
	struct if_nameindex *names = if_nameindex();

	for (size_t i = 0; names && names[i].if_index; i++)
		offer(line, names[i].if_name);
	if_freenameindex(names);
}

static void offer_services(const struct line *line, const struct store *store)
{
	for (__u32 id = 1; id < store->control->max_services; id++)
		if (store->service[id].name[0])
			offer(line, store->service[id].name);
}

static void offer_backends(const struct line *line, const struct store *store)
{
	const char *name = line->argument_count ? line->arguments[0] : line->service;
	__u32 service = name ? store_service_named(store, name) : 0;
	char text[ENDPOINT_TEXT_BYTES];

	for (__u32 id = 1; id < store->control->max_backends; id++) {
		const struct lb_backend_config *backend = &store->backend[id];

		if (!service || !store_owns(store, service, id))
			continue;
		endpoint_format(backend->address, backend->port, text, sizeof(text));
		offer(line, text);
	}
}

static void offer_stored(const struct line *line,
			 void (*offer_all)(const struct line *line, const struct store *store))
{
	struct store store;

	if (store_open(&store, line->instance, STORE_READ, LOCK_MS))
		return;
	offer_all(line, &store);
	store_close(&store);
}

/* Words of which there may be several, with commas between them. */
static void offer_list(struct line line, const char *(*name)(size_t number))
{
	const char *comma = strrchr(line.last, ',');

	if (comma)
		line.last = comma + 1;
	for (size_t i = 0; name(i); i++)
		offer(&line, name(i));
}

/* Of several with one name the first. */
static const char *flow_state(size_t number)
{
	for (__u8 state = 0; state < LB_FLOW_STATE_COUNT; state++) {
		__u8 first = 0;

		while (strcmp(flow_state_name(first), flow_state_name(state)))
			first++;
		if (first == state && !number--)
			return flow_state_name(state);
	}
	return NULL;
}

static const char *outcome(size_t number)
{
	return number < LB_OUTCOME_COUNT ? outcome_name(number) : NULL;
}

/* By what stands for it in help. */
static void offer_for(const struct line *line, const char *placeholder)
{
	if (strstr(placeholder, "SERVICE"))
		offer_stored(line, offer_services);
	else if (strstr(placeholder, "BACKEND"))
		offer_stored(line, offer_backends);
	else if (strstr(placeholder, "IFACE"))
		offer_interfaces(line);
	else if (!strncmp(placeholder, "STATE[", 6))
		offer_list(*line, flow_state);
	else if (!strncmp(placeholder, "NAME[", 5))
		offer_list(*line, outcome);
	offer_choices(line, placeholder);
}

static void offer_flags(const struct line *line, const struct flag *flags)
{
	char word[64];

	for (; flags && flags->id; flags++) {
		snprintf(word, sizeof(word), "--%s", flag_name(flags->id));
		offer(line, word);
	}
}

static void offer_verbs(const struct line *line)
{
	const char *before = NULL;

	for (const struct verb *verb = verbs; verb->name; verb++) {
		if (line->object && verb_find(verbs, line->object, verb->name) == verb)
			offer(line, verb->name);
		if (line->object)
			continue;
		if (!verb->object)
			offer(line, verb->name);
		else if (!before || strcmp(before, verb->object))
			offer(line, before = verb->object);
	}
}

static void offer_verbs_of(const struct line *line, const char *object)
{
	offer_verbs(&(struct line){.object = object, .word = line->word, .last = line->last});
}

/* The next of the arguments that help shows: "SERVICE BACKEND N", "IFACE...". */
static void offer_argument(const struct line *line)
{
	const char *rest = line->verb->arguments;
	char placeholder[64];

	if (!line->verb->object && !line->argument_count && verb_is_object(verbs, line->verb->name))
		offer_verbs_of(line, line->verb->name);
	for (size_t i = 0; i < line->argument_count && !strstr(rest, "..."); i++) {
		rest += strcspn(rest, " ");
		rest += strspn(rest, " ");
	}
	snprintf(placeholder, sizeof(placeholder), "%.*s", (int)strcspn(rest, " "), rest);
	if (!strcmp(line->verb->arguments, "[COMMAND]") && line->argument_count < 2)
		offer_verbs_of(line, line->argument_count ? line->arguments[0] : NULL);
	else
		offer_for(line, placeholder);
}

static const struct flag *find_flag(const struct flag *flags, const char *name, size_t length)
{
	while (flags && flags->id &&
	       (strlen(flag_name(flags->id)) != length ||
		strncmp(flag_name(flags->id), name, length) != 0))
		flags++;
	return flags && flags->id ? flags : NULL;
}

static void take_value(struct line *line, const char *value)
{
	if (line->open->id == FLAG_INSTANCE)
		line->instance = value;
	else if (line->open->id == FLAG_SERVICE)
		line->service = value;
	line->open = NULL;
}

/* "--flag", "--flag=value". Returns the value, which may be "" or begun; NULL without. */
static const char *take_flag(struct line *line, const char *word)
{
	size_t length = strcspn(word, "=") - 2;
	const struct flag *flag =
		find_flag(line->verb ? line->verb->flags : NULL, word + 2, length);

	if (!flag)
		flag = find_flag(global_flags, word + 2, length);
	line->open = flag && flag->value ? flag : NULL;
	return line->open && word[2 + length] ? word + 2 + length + 1 : NULL;
}

static void take(struct line *line, const char *word)
{
	const char *value;

	if (line->open) {
		take_value(line, word);
	} else if (!strncmp(word, "--", 2)) {
		value = take_flag(line, word);
		if (value)
			take_value(line, value);
	} else if (line->verb) {
		const struct verb *refined =
			line->argument_count ? NULL : verb_find(verbs, line->verb->name, word);

		if (refined && !line->verb->object)
			line->verb = refined;
		else if (word[0] != '-' && line->argument_count < VERB_ARGUMENTS_MAX)
			line->arguments[line->argument_count++] = word;
	} else if (word[0] != '-') {
		line->verb = verb_find(verbs, line->object, word);
		if (!line->verb && verb_is_object(verbs, word))
			line->object = word;
	}
}

void completion_verbs(void)
{
	for (const struct verb *verb = verbs; verb->name; verb++)
		printf("%s%s%s\n", verb->object ? verb->object : "", verb->object ? " " : "",
		       verb->name);
}

void completion_print(const char *const *words, size_t count)
{
	struct line line = {.instance = "default", .word = count ? words[count - 1] : ""};
	const char *value = NULL;

	for (size_t i = 0; i + 1 < count; i++)
		take(&line, words[i]);
	if (!line.open && !strncmp(line.word, "--", 2))
		value = take_flag(&line, line.word);
	else if (line.open)
		value = line.word;
	if (!value)
		line.open = NULL;
	line.last = value ? value : line.word;
	if (line.open) {
		offer_for(&line, line.open->value);
		return;
	}
	if (!line.verb)
		offer_verbs(&line);
	else
		offer_argument(&line);
	if (line.last[0] != '-')
		return;
	offer_flags(&line, line.verb ? line.verb->flags : NULL);
	offer_flags(&line, global_flags);
}
