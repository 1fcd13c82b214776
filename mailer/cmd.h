/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_CMD_H
#define VOTEPOST_MAILER_CMD_H

#include "core/cli.h"
#include "core/err.h"
#include "core/manifest.h"
#include "mailer/amend.h"
#include "mailer/home.h"
#include "mailer/keys.h"
#include "mailer/outbox.h"
#include "mailer/pollbook.h"
#include "mailer/roll.h"

/*
 * cmd - the mailer's commands, one a file cmd_NAME.c, and what they share. They alone print.
 */
int cmd_new(int argc, char **argv);
int cmd_roll(int argc, char **argv);
int cmd_seal(int argc, char **argv);
int cmd_issue(int argc, char **argv);
int cmd_preflight(int argc, char **argv);
int cmd_preview(int argc, char **argv);
int cmd_estimate(int argc, char **argv);
int cmd_approve(int argc, char **argv);
int cmd_announce(int argc, char **argv);
int cmd_send(int argc, char **argv);
int cmd_pause(int argc, char **argv);
int cmd_resume(int argc, char **argv);
int cmd_remind(int argc, char **argv);
int cmd_notify(int argc, char **argv);
int cmd_bounce(int argc, char **argv);
int cmd_extend(int argc, char **argv);
int cmd_attendance(int argc, char **argv);
int cmd_reissue(int argc, char **argv);
int cmd_rotate(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_ledger(int argc, char **argv);
int cmd_forget(int argc, char **argv);

/* One command at work in a home. What it does not ask for stays NULL. */
struct cmd {
	const char *path; /* CMD_HOME */
	/* CMD_UNLOCK: officers' shares, and a file for each passphrase that is not asked for */
	struct option_list shares, passphrases;
	struct home home;
	struct manifest *m; /* CMD_SEALED */
	struct keys *keys;  /* cmd_unlock */
	/* Of the keys; kept while they are unlocked only where they are sealed again. */
	struct passphrase *passphrase;
	bool seals;
};
#define CMD_INIT                                                                                   \
	{                                                                                          \
		.path = ".", .home = {.lock = { .fd = -1 } }                                       \
	}

/* Rows for a table of options. */
#define CMD_HOME(cmd)                                                                              \
	{                                                                                          \
		"home", OPTION_TEXT, &(cmd)->path, "DIR", "the mailer's home", 0, 0                \
	}
#define CMD_UNLOCK(cmd)                                                                            \
	{ "share",                                                                                 \
	  OPTION_LIST,                                                                             \
	  &(cmd)->shares,                                                                          \
	  "FILE",                                                                                  \
	  "an officer's share of the key; once for each of them",                                  \
	  0,                                                                                       \
	  0 },                                                                                     \
	{                                                                                          \
		"passphrase-file", OPTION_LIST, &(cmd)->passphrases, "FILE",                       \
			"read the passphrase from a file; one for each share", 0, 0                \
	}

/* Begin: the home, and what the flags say of it. cmd_end after, also after a failure. */
#define CMD_ALONE    1u /* no other command may work on it meanwhile (ERR_BUSY) */
#define CMD_SEALED   2u /* with its manifest; ERR_STATE before it is sealed */
#define CMD_UNSEALED 4u /* ERR_STATE once it is sealed */
MUST_CHECK enum err cmd_begin(struct cmd *c, unsigned flags, struct why *why);
void cmd_end(struct cmd *c);

/* ERR_USAGE where files of passphrases were given, and not so many as are wanted. */
MUST_CHECK enum err cmd_passphrase_files(const struct cmd *c, unsigned wanted, struct why *why);
/* Passphrase `i` of those wanted, from 0: out of its file, or asked for. */
MUST_CHECK enum err cmd_passphrase(struct passphrase **out, const struct cmd *c, unsigned i,
                                   const char *prompt, int confirm, struct why *why);

/* Ask for the passphrase, or for those of the officers whose shares were given, and unlock the
 * keys; `purpose` goes into the journal, with the officers' numbers. */
MUST_CHECK enum err cmd_unlock(struct cmd *c, enum keys_need need, const char *purpose,
                               struct why *why);

/* The board as the receiver has signed it, from two files that anyone may fetch. */
struct cmd_board {
	const char *board, *head; /* CMD_BOARD */
	bool fetch;
	struct pollbook *book; /* NULL until it is read, and where no board was given */
};
#define CMD_BOARD(b)                                                                               \
	{                                                                                          \
		"board",                                                                           \
		OPTION_TEXT,                                                                       \
		&(b)->board,                                                                       \
		"FILE",                                                                            \
		"the board, as the receiver publishes it",                                         \
		0,                                                                                 \
		0                                                                                  \
	},                                                                                         \
		{ "head", OPTION_TEXT, &(b)->head, "FILE", "a signed head over it", 0, 0 },        \
	{                                                                                          \
		"fetch", OPTION_FLAG, &(b)->fetch, NULL, "both, from the election's page", 0, 0    \
	}

/* `needed`: ERR_USAGE where none is given; both or neither in any case. */
MUST_CHECK enum err cmd_board_read(struct cmd_board *b, const struct cmd *c, bool needed,
                                   struct why *why);
/* Say how old a board is that members are judged by, where one was given. */
void cmd_board_say(const struct cmd_board *b);
void cmd_board_end(struct cmd_board *b);

/* What a command about members works on, once credentials are issued. */
struct cmd_members {
	struct roll *roll;
	struct amend *amend;
	struct outbox *outbox;
};
MUST_CHECK enum err cmd_members_open(struct cmd_members *s, const struct cmd *c, struct why *why);
void cmd_members_close(struct cmd_members *s);

/* Take in which planned changes stand on the board, tell it and write it into the journal;
 * changes.ndjson holds what is left. The keys are unlocked. */
MUST_CHECK enum err cmd_members_settle(struct cmd_members *s, const struct cmd *c,
                                       const struct cmd_board *b, struct why *why);
/* ERR_STATE where the keys are older than what is planned under them: keys.sealed was put back. */
MUST_CHECK enum err cmd_members_keys(const struct cmd_members *s, const struct cmd *c,
                                     struct why *why);
/* Write changes.ndjson, with a progress bar; the number of lines. */
MUST_CHECK enum err cmd_members_changes(struct cmd_members *s, const struct cmd *c, uint64_t *lines,
                                        struct why *why);
/* ERR_STATE once the closing time in force is over, by this machine's clock or the board. `what`
 * follows from that: "nobody is reminded any more". */
MUST_CHECK enum err cmd_members_in_time(const struct cmd_members *s, const struct cmd *c,
                                        const struct cmd_board *b, const char *what,
                                        struct why *why);

/* A `step` for long work: `context` is a struct progress, or NULL. */
void cmd_step(void *context, uint64_t more);

#endif
