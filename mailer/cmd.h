/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_CMD_H
#define VOTEPOST_MAILER_CMD_H

#include "core/cli.h"
#include "core/err.h"
#include "core/manifest.h"
#include "mailer/home.h"
#include "mailer/keys.h"

/*
 * cmd - the mailer's commands, one a file cmd_NAME.c, and what they share. They alone print.
 */
int cmd_new(int argc, char **argv);
int cmd_roll(int argc, char **argv);
int cmd_seal(int argc, char **argv);
int cmd_issue(int argc, char **argv);
int cmd_preview(int argc, char **argv);
int cmd_send(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_ledger(int argc, char **argv);

/* One command at work in a home. What it does not ask for stays NULL. */
struct cmd {
	const char *path;            /* CMD_HOME */
	const char *passphrase_file; /* CMD_PASSPHRASE; NULL: the terminal */
	struct home home;
	struct manifest *m; /* CMD_SEALED */
	struct keys *keys;  /* cmd_unlock */
};
#define CMD_INIT                                                                                   \
	{                                                                                          \
		.path = ".", .home = {.lock = { .fd = -1 } }                                       \
	}

/* Two rows for a table of options. */
#define CMD_HOME(cmd)                                                                              \
	{                                                                                          \
		"home", OPTION_TEXT, &(cmd)->path, "DIR", "the mailer's home", 0, 0                \
	}
#define CMD_PASSPHRASE(cmd)                                                                        \
	{                                                                                          \
		"passphrase-file", OPTION_TEXT, &(cmd)->passphrase_file, "FILE",                   \
			"read the passphrase from a file, not the terminal", 0, 0                  \
	}

/* Begin: the home, and what the flags say of it. cmd_end after, also after a failure. */
#define CMD_ALONE    1u /* no other command may work on it meanwhile (ERR_BUSY) */
#define CMD_SEALED   2u /* with its manifest; ERR_STATE before it is sealed */
#define CMD_UNSEALED 4u /* ERR_STATE once it is sealed */
MUST_CHECK enum err cmd_begin(struct cmd *c, unsigned flags, struct why *why);
void cmd_end(struct cmd *c);

/* Ask for the passphrase and unlock the keys; `purpose` goes into the journal. */
MUST_CHECK enum err cmd_unlock(struct cmd *c, const char *purpose, struct why *why);

/* A `step` for long work: `context` is a struct progress, or NULL. */
void cmd_step(void *context, uint64_t more);

#endif
