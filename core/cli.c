/* SPDX-License-Identifier: MIT */
#include "core/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <sodium.h>

#include "core/secret.h"
#include "core/text.h"

#define HELP_COLUMN 28

static int out_cause; /* errno of the first failure on stdout */

int cli_status(enum err e)
{
	switch (e) {
	case OK:
		return EX_OK;
	case ERR_INVALID:
		return 1;
	case ERR_FORMAT:
	case ERR_TOO_LARGE:
	case ERR_NOT_FOUND:
	case ERR_EXISTS:
	case ERR_STATE:
		return EX_DATAERR;
	case ERR_MEMORY:
	case ERR_FULL:
	case ERR_BUSY:
	case ERR_AGAIN:
		return EX_TEMPFAIL;
	case ERR_IO:
		return EX_IOERR;
	case ERR_SETTINGS:
		return EX_CONFIG;
	case ERR_USAGE:
		return EX_USAGE;
	}
	bug("an error without an exit status");
}

int cli_fail(const char *name, enum err e, const struct why *why)
{
	const char *text = why && why->text[0] ? why->text : err_text(e);

	progress_hide();
	if (why && why->text[0] && why->check[0])
		fprintf(stderr, "%s: %s (%s)\n", name, text, why->check);
	else
		fprintf(stderr, "%s: %s\n", name, text);
	return cli_status(e);
}

void cli_say(const char *format, ...)
{
	va_list args;

	progress_hide();
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

void cli_out(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (vprintf(format, args) < 0)
		out_cause = errno;
	va_end(args);
}

void cli_out_bytes(const void *bytes, size_t len)
{
	if (fwrite(bytes, 1, len, stdout) != len)
		out_cause = errno;
}

enum err cli_flush(struct why *why)
{
	int cause;

	errno = 0;
	if (!fflush(stdout) && !ferror(stdout) && !out_cause)
		return OK;
	cause = out_cause ? out_cause : errno;
	return why_set(why, cause == ENOSPC ? ERR_FULL : ERR_IO, "standard output: %s",
	               cause ? strerrordesc_np(cause) : "could not be written whole");
}

bool cli_confirm(const char *question)
{
	char answer[16] = "";
	FILE *terminal = fopen("/dev/tty", "r+e");

	if (!terminal)
		return false;
	progress_hide();
	fprintf(terminal, "%s [yes/no] ", question);
	fflush(terminal);
	if (!fgets(answer, sizeof(answer), terminal))
		answer[0] = '\0';
	fclose(terminal);
	return !strcmp(answer, "yes\n");
}

/* `text` with its lines kept, then one row of a list. */
static void help_row(const char *left, const char *right)
{
	if (strlen(left) < HELP_COLUMN - 2)
		printf("  %-*s%s\n", HELP_COLUMN - 2, left, right);
	else
		printf("  %s\n%*s%s\n", left, HELP_COLUMN, "", right);
}

static void command_help(const struct usage *usage)
{
	const struct option_row *o;
	char left[80];

	printf("usage: %s [OPTION]...%s%s\n\n%s\n\noptions:\n", usage->name,
	       usage->operands[0] ? " " : "", usage->operands, usage->help);
	for (o = usage->option; o && o->name; o++) {
		snprintf(left, sizeof(left), "--%s%s%s", o->name, o->type == OPTION_FLAG ? "" : " ",
		         o->type == OPTION_FLAG ? "" : o->hint);
		help_row(left, o->help);
	}
	help_row("--help", "this text");
}

static int usage_error(const char *name, const char *what, const char *which)
{
	fprintf(stderr, "%s: %s%s; see %s --help\n", name, what, which, name);
	return EX_USAGE;
}

static const struct option_row *option_find(const struct usage *usage, const char *name, size_t len)
{
	const struct option_row *o;

	for (o = usage->option; o && o->name; o++)
		if (strlen(o->name) == len && !memcmp(o->name, name, len))
			return o;
	return NULL;
}

static int option_append(const struct usage *usage, const struct option_row *o, const char *value)
{
	struct option_list *list = o->value;

	if (list->n == OPTION_LIST_MAX)
		return usage_error(usage->name, "too many times: --", o->name);
	list->text[list->n++] = value;
	return -1;
}

static int option_set(const struct usage *usage, const struct option_row *o, const char *value)
{
	uint64_t number;

	if (o->type == OPTION_TEXT) {
		*(const char **)o->value = value;
		return -1;
	}
	if (o->type == OPTION_LIST)
		return option_append(usage, o, value);
	if (number_read(&number, value, strlen(value)) || number < o->min || number > o->max) {
		fprintf(stderr, "%s: --%s: a number from %llu to %llu is wanted, not %s\n",
		        usage->name, o->name, (unsigned long long)o->min,
		        (unsigned long long)o->max, value);
		return EX_USAGE;
	}
	*(uint64_t *)o->value = number;
	return -1;
}

/* The option at argv[*at]; *at moves on where its value is the next word. */
static int take_option(const struct usage *usage, int argc, char **argv, int *at)
{
	const char *word = argv[*at] + 2;
	const char *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : strlen(word);
	const struct option_row *o;

	if (!strcmp(argv[*at], "-h") || !strcmp(argv[*at], "--help")) {
		command_help(usage);
		return EX_OK;
	}
	o = argv[*at][1] == '-' ? option_find(usage, word, len) : NULL;
	if (!o)
		return usage_error(usage->name, "unknown option ", argv[*at]);
	if (o->type == OPTION_FLAG) {
		if (equals)
			return usage_error(usage->name, "no value goes with --", o->name);
		*(bool *)o->value = true;
		return -1;
	}
	if (equals)
		return option_set(usage, o, equals + 1);
	if (*at + 1 >= argc)
		return usage_error(usage->name, "a value is missing after --", o->name);
	return option_set(usage, o, argv[++*at]);
}

static int count_error(const struct usage *usage, unsigned operands)
{
	if (operands < usage->least)
		return usage_error(usage->name, "missing: ", usage->operands);
	return usage_error(usage->name, "too many words; it takes ",
	                   usage->operands[0] ? usage->operands : "none");
}

int cli_options(const struct usage *usage, int argc, char **argv, int *first)
{
	char **operand = calloc((size_t)argc + 1, sizeof(*operand));
	int i, status = -1, operands = 0;
	bool words_only = false;

	if (!operand)
		return cli_fail(usage->name, ERR_MEMORY, NULL);
	for (i = 1; i < argc && status < 0; i++) {
		if (words_only || argv[i][0] != '-' || argv[i][1] == '\0')
			operand[operands++] = argv[i];
		else if (!strcmp(argv[i], "--"))
			words_only = true;
		else
			status = take_option(usage, argc, argv, &i);
	}
	if (status < 0 && ((unsigned)operands < usage->least || (unsigned)operands > usage->most))
		status = count_error(usage, (unsigned)operands);
	*first = argc - operands;
	if (status < 0)
		memcpy(argv + *first, operand, (size_t)operands * sizeof(*operand));
	free(operand);
	return status;
}

int cli_run(const struct usage *usage, int argc, char **argv, cli_work *work, void *context)
{
	struct why why = { 0 };
	int first, status = cli_options(usage, argc, argv, &first);
	enum err e, flushed;

	if (status >= 0)
		return status;
	e = work(context, argv + first, &why);
	/* What was printed before a failure is good. */
	flushed = cli_flush(e ? NULL : &why);
	if (!e)
		e = flushed;
	return e ? cli_fail(usage->name, e, &why) : EX_OK;
}

static void program_help(const struct program *program)
{
	const struct command *c;

	printf("usage: %s COMMAND [OPTION]...\n\n%s\n\ncommands:\n", program->name,
	       program->summary);
	for (c = program->command; c->name; c++)
		help_row(c->name, c->help);
	printf("\noptions:\n");
	help_row("--help", "this text; after a command, that command's");
	help_row("--version", "the version");
}

/* How many words of argv the command's name takes; 0 where it is another. */
static int command_words(const struct command *c, int argc, char **argv)
{
	const char *space = strchr(c->name, ' ');

	if (!space)
		return argc > 1 && !strcmp(argv[1], c->name);
	if (argc < 3 || strlen(argv[1]) != (size_t)(space - c->name) ||
	    memcmp(argv[1], c->name, (size_t)(space - c->name)) != 0)
		return 0;
	return !strcmp(argv[2], space + 1) ? 2 : 0;
}

static int run_command(const struct program *program, int argc, char **argv)
{
	const struct command *c;
	int words;

	for (c = program->command; c->name; c++) {
		words = command_words(c, argc, argv);
		if (!words)
			continue;
		argv[words] = (char *)(uintptr_t)c->name;
		return c->run(argc - words, argv + words);
	}
	if (argc < 2)
		return usage_error(program->name, "which command?", "");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		program_help(program);
		return EX_OK;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("%s %s\n", program->name, VOTEPOST_VERSION);
		return EX_OK;
	}
	return usage_error(program->name, "there is no command ", argv[1]);
}

/* A file opened later must never be taken for one of the standard three. */
static void fill_standard_files(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

int cli_main(const struct program *program, int argc, char **argv)
{
	struct why why = { 0 };
	int status;
	enum err e;

	secret_no_core();
	fill_standard_files();
	/* Characters only: numbers are written the same way everywhere. */
	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_IGN);
	if (sodium_init() < 0)
		return cli_fail(program->name, ERR_IO, NULL);
	status = run_command(program, argc, argv);
	e = cli_flush(&why);
	if (e && status == EX_OK)
		status = cli_fail(program->name, e, &why);
	return status;
}
