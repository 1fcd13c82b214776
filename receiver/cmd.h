/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_CMD_H
#define VOTEPOST_RECEIVER_CMD_H

#include "core/cli.h"
#include "core/err.h"
#include "receiver/box.h"
#include "receiver/errand.h"
#include "receiver/signer.h"

/*
 * cmd - the commands of votepost-receiver, one a file cmd_<name>.c, and what they share. They
 * alone print.
 */
int cmd_key(int argc, char **argv);
int cmd_open(int argc, char **argv);
int cmd_serve(int argc, char **argv);
int cmd_deliver(int argc, char **argv);
int cmd_apply(int argc, char **argv);
int cmd_head(int argc, char **argv);
int cmd_close(int argc, char **argv);
int cmd_record(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_clock(int argc, char **argv);

/* A row for a table of options: `folder` is a const char *, "." by default. */
#define CMD_BOX(folder)                                                                            \
	{                                                                                          \
		"box", OPTION_TEXT, &(folder), "DIR", "the box's folder", 0, 0                     \
	}

/* What time it is, by the clock of a box; ERR_AGAIN where it has leapt. */
MUST_CHECK enum err cmd_now(uint64_t *now, const char *folder, struct why *why);

/* The box as it stands at one moment, and what signs of it, beside a `serve` that may be
 * running. cmd_look_end after, also after a failure. */
struct cmd_look {
	struct box *box;
	struct signer *signer;
	struct box_txn txn;
	uint64_t now;
	bool looking;
};
MUST_CHECK enum err cmd_look(struct cmd_look *l, const char *folder, struct why *why);
void cmd_look_end(struct cmd_look *l);

/* A signed head over it, with its line feed. */
MUST_CHECK enum err cmd_look_head(struct buf *line, struct cmd_look *l);

/* Orders other than mail, by the `serve` that is running or at our own desk; errand_end after,
 * also after a failure. */
MUST_CHECK enum err cmd_errand(struct errand *errand, const char *folder, bool quick,
                               unsigned patience, struct why *why);

/* What the writer's thread has to say, to the log: a cast_trouble. */
void cmd_trouble(void *ctx, const char *event, const struct why *why);

#endif
