/* SPDX-License-Identifier: MIT */
#include "receiver/cmd.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "core/cli.h"
#include "core/log.h"
#include "receiver/errand.h"

#define LOCK_PATIENCE 60 /* seconds; a mail server waits some minutes for its pipe */

/* The whole of standard input; what is over the cap is read and let go. */
static enum err read_mail(struct intake_mail *mail, struct buf *raw, struct why *why)
{
	char block[16384];
	size_t room;
	ssize_t n;

	for (;;) {
		n = read(STDIN_FILENO, block, sizeof(block));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		room = MAIL_MAX - raw->len;
		if ((size_t)n > room)
			mail->cut = true;
		buf_add(raw, block, (size_t)n > room ? room : (size_t)n);
	}
	explicit_bzero(block, sizeof(block));
	mail->raw = buf_text(raw);
	mail->len = raw->len;
	if (n < 0)
		return why_set(why, ERR_IO, "standard input: %s", strerror(errno));
	return buf_err(raw);
}

static enum err deliver(const char *folder, const char *settings, struct intake_mail *mail,
                        struct why *why)
{
	struct buf raw = BUF_INIT(MAIL_MAX), packed = BUF_INIT(ORDER_MAX);
	struct options options;
	struct errand errand = { .fd = -1 };
	struct outcome out = { 0 };
	enum err e;

	e = options_read(&options, folder, settings, why);
	if (!e)
		e = errand_begin(&errand,
		                 &(struct desk_plan){ .folder = folder,
		                                      .options = &options,
		                                      .quick = true,
		                                      .patience = LOCK_PATIENCE,
		                                      .cores = 1,
		                                      .trouble = cmd_trouble },
		                 why);
	if (!e)
		e = read_mail(mail, &raw, why); /* the first untrusted byte */
	if (!e) {
		desk_pack(&packed, mail);
		e = buf_err(&packed);
	}
	if (!e) {
		errand_do(&errand, ORDER_MAIL, buf_text(&packed), packed.len, &out);
		e = out.e;
		*why = out.why;
	}
	errand_end(&errand);
	options_release(&options);
	buf_free(&packed);
	buf_free(&raw);
	return e;
}

int cmd_deliver(int argc, char **argv)
{
	const char *folder = ".", *settings = NULL;
	struct intake_mail mail = { 0 };
	const struct option_row options[] = {
		{ "box", OPTION_TEXT, &folder, "DIR", "the box's folder", 0, 0 },
		{ "settings", OPTION_TEXT, &settings, "FILE", "instead of DIR/receiver.conf", 0,
		  0 },
		{ "sender", OPTION_TEXT, &mail.from, "ADDRESS",
		  "envelope sender; else the mail's Return-Path", 0, 0 },
		{ "recipient", OPTION_TEXT, &mail.to, "ADDRESS",
		  "envelope recipient; else the mail's Delivered-To", 0, 0 },
		{ 0 },
	};
	const struct usage usage = {
		"votepost-receiver deliver",
		"",
		0,
		0,
		"Takes one mail from standard input, for a mail server's pipe. Exit status 0: its\n"
		"verdict is on disk and its answer has left. Exit status 75: not yet, bring it\n"
		"again. There is no other, since on any other a mail server would bounce the mail.",
		options
	};
	struct why why = { 0 };
	int first, status = cli_options(&usage, argc, argv, &first);
	enum err e;

	if (status >= 0)
		return status ? EX_TEMPFAIL : 0;
	log_open(LOG_LEVEL_INFO, NULL);
	e = deliver(folder, settings, &mail, &why);
	if (!e)
		return 0;
	(void)cli_fail(usage.name, e, &why);
	return EX_TEMPFAIL;
}
