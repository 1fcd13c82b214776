/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_CMD_MAIL_H
#define VOTEPOST_MAILER_CMD_MAIL_H

#include "mailer/campaign.h"
#include "mailer/cmd.h"
#include "mailer/conf.h"
#include "mailer/letter.h"

/*
 * cmd_mail - what the commands that mail have in common: settings, templates and members, the
 * estimate, the run, its journal line and what is said after it.
 */
struct cmd_mail {
	const char *settings; /* CMD_SETTINGS */
	uint64_t limit;       /* CMD_LIMIT; of each mailing */
	bool stay;            /* CMD_STAY */
	struct conf conf;
	struct letters *letters;
	struct cmd_members members;
};
#define CMD_SETTINGS(s)                                                                            \
	{                                                                                          \
		"settings", OPTION_TEXT, &(s)->settings, "FILE",                                   \
			"instead of the home's mailer.conf", 0, 0                                  \
	}
#define CMD_LIMIT(s)                                                                               \
	{                                                                                          \
		"limit", OPTION_NUMBER, &(s)->limit, "N", "at most so many letters now", 1,        \
			UINT32_MAX                                                                 \
	}

#define CMD_STAY(s)                                                                                \
	{                                                                                          \
		"stay", OPTION_FLAG, &(s)->stay, NULL,                                             \
			"wait for all that is put off, up to its last try", 0, 0                   \
	}

/* Everything that can fail for a reason of ours does so before the keys are unlocked; ERR_AGAIN
 * while mailings are paused. cmd_mail_close after, also after a failure. */
MUST_CHECK enum err cmd_mail_open(struct cmd_mail *s, const struct cmd *c, struct why *why);
void cmd_mail_close(struct cmd_mail *s);

/* Take in what stands on the board, where one was given: cmd_members_settle, and a later closing
 * time into the letters. The keys are unlocked. */
MUST_CHECK enum err cmd_mail_settle(struct cmd_mail *s, const struct cmd *c,
                                    const struct cmd_board *b, struct why *why);

/* A look at who is due: campaign_end after. */
struct campaign cmd_mail_campaign(struct cmd_mail *s, const struct cmd *c,
                                  const struct cmd_board *b);

/* One mailing to some members, NULL: to all. */
struct cmd_mailing {
	struct mailing mailing;
	const struct serials *only;
	bool refused;
	const char *event, *purpose; /* of its journal line */
};
MUST_CHECK enum err cmd_mail_run(struct cmd_mail *s, const struct cmd *c,
                                 const struct cmd_mailing *one, struct why *why);

#endif
