// SPDX-License-Identifier: GPL-2.0-only
#include "completion.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "store.h"
#include "verb.h"

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
		       "\tlocal typed=${last%\"${COMP_WORDS[COMP_CWORD]}\"}\n"
		       "\tCOMPREPLY=(\"${COMPREPLY[@]#\"$typed\"}\")\n"
		       "}\n"
		       "complete -o default -F _lbctl lbctl\n";
	if (!strcmp(shell, "zsh"))
		return "#compdef lbctl\n"
		       "_lbctl() {\n"
		       "\tlocal -a found\n"
		       "\tfound=(\"${(@f)$(lbctl completion words -- \"${(@)words[2,CURRENT]}\" "
		       "2>/dev/null)}\")\n"
		       "\t[[ -n $found ]] && compadd -a found || _files\n"
		       "}\n"
		       "compdef _lbctl lbctl\n";
	if (!strcmp(shell, "fish"))
		return "function __lbctl_words\n"
		       "\tset -l words (commandline -opc)\n"
		       "\tlbctl completion words -- $words[2..-1] (commandline -ct) 2>/dev/null\n"
		       "end\n"
		       "complete -c lbctl -a '(__lbctl_words)'\n";
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
	const char *last; /* begun */
};

static void offer(const struct line *line, const char *word)
{
	if (!strncmp(word, line->last, strlen(line->last)))
		puts(word);
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
	__u32 service = line->argument_count ? store_service_named(store, line->arguments[0]) : 0;
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

/* By what stands for it in help. */
static void offer_for(const struct line *line, const char *placeholder)
{
	if (strstr(placeholder, "SERVICE"))
		offer_stored(line, offer_services);
	else if (strstr(placeholder, "BACKEND"))
		offer_stored(line, offer_backends);
	else if (strstr(placeholder, "IFACE"))
		offer_interfaces(line);
	offer_choices(line, placeholder);
}

static void offer_flags(const struct line *line, const struct flag *flags)
{
	char word[64];

	for (; flags && flags->name; flags++) {
		snprintf(word, sizeof(word), "--%s", flags->name);
		offer(line, word);
	}
}

static void offer_verbs(const struct line *line)
{
	const char *before = NULL;

	for (const struct verb *verb = verbs; verb->name; verb++) {
		if (line->object && verb_find(line->object, verb->name) == verb)
			offer(line, verb->name);
		if (line->object)
			continue;
		if (!verb->object)
			offer(line, verb->name);
		else if (!before || strcmp(before, verb->object))
			offer(line, before = verb->object);
	}
}

/* The next of the arguments that help shows: "SERVICE BACKEND N", "IFACE...". */
static void offer_argument(const struct line *line)
{
	const char *rest = line->verb->arguments;
	char placeholder[64];

	if (!line->verb->object && !line->argument_count && verb_is_object(line->verb->name))
		offer_verbs(&(struct line){.object = line->verb->name, .last = line->last});
	for (size_t i = 0; i < line->argument_count && !strstr(rest, "..."); i++) {
		rest += strcspn(rest, " ");
		rest += strspn(rest, " ");
	}
	snprintf(placeholder, sizeof(placeholder), "%.*s", (int)strcspn(rest, " "), rest);
	if (!strcmp(placeholder, "[COMMAND]"))
		offer_verbs(&(struct line){.last = line->last});
	else
		offer_for(line, placeholder);
}

static const struct flag *find_flag(const struct flag *flags, const char *name)
{
	while (flags && flags->name && strcmp(flags->name, name))
		flags++;
	return flags && flags->name ? flags : NULL;
}

static void take(struct line *line, const char *word)
{
	if (line->open) {
		if (!strcmp(line->open->name, "instance"))
			line->instance = word;
		line->open = NULL;
	} else if (!strncmp(word, "--", 2)) {
		const struct flag *own = line->verb ? find_flag(line->verb->flags, word + 2) : NULL;
		const struct flag *flag = own ? own : find_flag(global_flags, word + 2);

		line->open = flag && flag->value ? flag : NULL;
	} else if (line->verb) {
		const struct verb *refined =
			line->argument_count ? NULL : verb_find(line->verb->name, word);

		if (refined && !line->verb->object)
			line->verb = refined;
		else if (word[0] != '-' && line->argument_count < VERB_ARGUMENTS_MAX)
			line->arguments[line->argument_count++] = word;
	} else if (word[0] != '-') {
		line->verb = verb_find(line->object, word);
		if (!line->verb && verb_is_object(word))
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
	struct line line = {.instance = "default", .last = count ? words[count - 1] : ""};

	for (size_t i = 0; i + 1 < count; i++)
		take(&line, words[i]);
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
