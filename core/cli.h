/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_CLI_H
#define VOTEPOST_CORE_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/progress.h"

/*
 * cli - what the three programs share at their edge: the table of commands, options, help,
 * exit codes. With log.c and progress.c (core/progress.h) the only place in core that prints.
 *
 * A command is a row; main is cli_main over the rows. Help is generated from the tables, and a
 * test holds it against the manual. Data goes to stdout, words to stderr.
 */
enum option_type { OPTION_FLAG, OPTION_TEXT, OPTION_NUMBER, OPTION_LIST };
#define OPTION_LIST_MAX 32
struct option_list { /* of an option that may be given several times, in that order */
	unsigned n;
	const char *text[OPTION_LIST_MAX];
};
struct option_row {
	const char *name; /* without the two hyphens */
	enum option_type type;
	void *value;       /* bool *, const char **, uint64_t *, struct option_list * */
	const char *hint;  /* "FILE" */
	const char *help;  /* one line */
	uint64_t min, max; /* of a number */
};

struct command {
	const char *name; /* "trustee commit" may hold a space: a group */
	/* argv[0] is the command's name; returns an exit status. */
	int (*run)(int argc, char **argv);
	const char *help; /* one line */
};
struct program {
	const char *name;              /* "votepost-mailer" */
	const char *summary;           /* one line: who it is for and what it does */
	const struct command *command; /* ended by a NULL name */
};

/* What one command takes; filled by its cmd_ file. */
struct usage {
	const char *name;                /* "votepost-mailer send" */
	const char *operands;            /* "ELECTION.conf", "" where there are none */
	unsigned least, most;            /* operands */
	const char *help;                /* some lines that teach: what, when, an example */
	const struct option_row *option; /* ended by a NULL name; NULL where none */
};

/* Disables core dumps, sets the locale and SIGPIPE, makes libsodium ready, runs the command,
 * flushes stdout (a full disk there is a failure too). The exit status. */
int cli_main(const struct program *program, int argc, char **argv);

/* Options into their values, operands left in argv[*first…argc). Returns -1 to go on, else
 * the exit status (help was asked for, or the line was wrong and has been told). */
int cli_options(const struct usage *usage, int argc, char **argv, int *first);

/* What a command does once its options are read. `operand` as usage allows, NULL after the last. */
typedef enum err cli_work(void *context, char **operand, struct why *why);

/* A whole command: options, work, what it printed flushed, a failure told. The exit status.
 * argv[argc] is NULL, as main's is. */
int cli_run(const struct usage *usage, int argc, char **argv, cli_work *work, void *context);

/* The exit status for an error (sysexits.h): 0, 1 for ERR_INVALID, 65 ERR_FORMAT and
 * ERR_TOO_LARGE and ERR_EXISTS/NOT_FOUND/STATE, 75 AGAIN/BUSY/FULL/MEMORY, 74 IO, 78 SETTINGS,
 * 64 USAGE; what each means to a person is told by cli_fail. */
int cli_status(enum err e);

/* "votepost-mailer send: sentence" on stderr; returns cli_status(e). A NULL or empty why says
 * what `e` means. */
int cli_fail(const char *name, enum err e, const struct why *why);

/* A remark on stderr, a line. */
void cli_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Data on stdout, exactly as given. cli_flush reports a full disk. */
void cli_out(const char *format, ...) __attribute__((format(printf, 1, 2)));
void cli_out_bytes(const void *bytes, size_t len);
MUST_CHECK enum err cli_flush(struct why *why);

/* A yes or no from the terminal, `false` where there is none. */
bool cli_confirm(const char *question);

#endif
