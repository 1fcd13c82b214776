/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "core/mail/imap.h"
#include "core/secret.h"
#include "mailer/bounce.h"
#include "mailer/cmd.h"
#include "mailer/conf.h"
#include "mailer/maildir.h"
#include "mailer/report/report.h"
#include "mailer/stop.h"

struct bounces {
	struct cmd cmd;
	const char *settings, *maildir, *recipient, *reader;
	bool imap;
	struct conf conf;
	struct bounce *bounce;
	struct imap *mailbox; /* that is being emptied */
	enum err failed;      /* to note a mail out of it */
	struct why why;
	const volatile sig_atomic_t *stop;
};

/* The whole of standard input; what is over the cap is read and let go. */
static enum err read_input(struct buf *raw, struct why *why)
{
	char block[16384];
	ssize_t n;

	for (;;) {
		size_t room = REPORT_RAW_MAX - raw->len;

		n = read(STDIN_FILENO, block, sizeof(block));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		buf_add(raw, block, (size_t)n > room ? room : (size_t)n);
	}
	explicit_bzero(block, sizeof(block));
	if (n < 0)
		return why_set(why, ERR_IO, "standard input: %s", strerror(errno));
	return buf_err(raw);
}

static enum err take_input(struct bounces *s, struct why *why)
{
	struct buf raw = BUF_INIT(REPORT_RAW_MAX);
	enum err e;

	secret_lock(&raw, REPORT_RAW_MAX);
	e = read_input(&raw, why);
	if (!e)
		e = bounce_put(s->bounce, raw.data, raw.len, (uint64_t)time(NULL), s->recipient,
		               why);
	if (!e)
		e = bounce_flush(s->bounce, why);
	secret_unlock(&raw);
	return e;
}

/* A batch: read, durable, destroyed. `*more` is false at the end. */
static enum err take_batch(struct bounces *s, struct maildir *m, struct buf *raw, bool *more,
                           struct why *why)
{
	uint64_t came;
	enum err e = OK;

	while (!e && !*s->stop) {
		e = maildir_next(m, raw, &came, why);
		if (!e)
			e = bounce_put(s->bounce, raw->data, raw->len, came, NULL, why);
	}
	*more = maildir_pending(m) == MAILDIR_BATCH && !*s->stop;
	if (e == ERR_NOT_FOUND)
		e = OK;
	if (!e)
		e = bounce_flush(s->bounce, why);
	if (!e)
		maildir_destroy(m);
	return e;
}

static enum err take_maildir(struct bounces *s, struct why *why)
{
	struct buf raw = BUF_INIT(REPORT_RAW_MAX);
	struct maildir *m = NULL;
	enum err e = maildir_open(&m, s->maildir, why);
	bool more = true;

	secret_lock(&raw, REPORT_RAW_MAX);
	while (!e && more)
		e = take_batch(s, m, &raw, &more, why);
	if (!e)
		e = maildir_left(m, why);
	if (m && maildir_elsewhere(m))
		cli_say("%llu of them lie in another folder as well (a hard link, by which mail "
		        "servers copy): that copy quotes a token still; destroy it there",
		        (unsigned long long)maildir_elsewhere(m));
	maildir_close(m);
	secret_unlock(&raw);
	return e;
}

/* What one mail could not be noted for, the next could not: nothing more is fetched. */
static enum err take_message(void *context, const void *bytes, size_t len, bool cut,
                             uint64_t received, struct why *why)
{
	struct bounces *s = context;
	uint64_t came = received ? received : (uint64_t)time(NULL);
	enum err e = bounce_put(s->bounce, bytes, len, came, NULL, &s->why);

	(void)cut, (void)why;
	if (!e)
		e = bounce_flush(s->bounce, &s->why);
	if (e) {
		s->failed = e;
		imap_stop(s->mailbox);
	}
	return e;
}

static void stop_imap(void *imap)
{
	imap_stop(imap);
}

static enum err take_imap(struct bounces *s, struct why *why)
{
	const struct imap_account account = conf_bounce_account(&s->conf);
	enum err e;

	if (!*s->conf.bounce_host)
		return why_set(why, ERR_SETTINGS,
		               "mailer.conf: [bounce] host: missing; --imap reads that mailbox");
	e = imap_open(&s->mailbox, &account, why);
	if (!e) {
		stop_tell(stop_imap, s->mailbox);
		e = imap_poll(s->mailbox, take_message, s, why);
		stop_tell(NULL, NULL);
	}
	imap_close(s->mailbox);
	if (s->failed) {
		*why = s->why;
		return s->failed;
	}
	/* As with a Maildir: what was read is done with, the rest waits. */
	return e == ERR_STATE && *s->stop ? OK : e;
}

static void say_result(const struct bounces *s)
{
	const struct returns_counts *n = bounce_counts(s->bounce);
	uint64_t all = n->complaints + n->other + n->forged + n->kept;

	for (unsigned i = 0; i < FAILURES; i++)
		all += n->read[i];
	cli_say("%llu mail%s: %llu hard, %llu full, %llu policy, %llu soft, %llu delayed; "
	        "%llu complaints, %llu other, %llu forged, %llu kept",
	        (unsigned long long)all, all == 1 ? "" : "s",
	        (unsigned long long)n->read[FAILURE_HARD],
	        (unsigned long long)n->read[FAILURE_FULL],
	        (unsigned long long)n->read[FAILURE_POLICY],
	        (unsigned long long)n->read[FAILURE_SOFT],
	        (unsigned long long)n->read[FAILURE_DELAYED], (unsigned long long)n->complaints,
	        (unsigned long long)n->other, (unsigned long long)n->forged,
	        (unsigned long long)n->kept);
	if (*s->stop)
		cli_say("stopped; what was not read yet waits for the next time");
	if (n->kept)
		cli_say("kept: mails that name no member; their headers lie in %s/returns/kept",
		        s->cmd.path);
}

static enum err take_all(struct bounces *s, struct why *why)
{
	if (s->maildir)
		return take_maildir(s, why);
	return s->imap ? take_imap(s, why) : take_input(s, why);
}

static enum err bounces(void *context, char **operand, struct why *why)
{
	struct bounces *s = context;
	enum err e = OK;

	(void)operand;
	if (s->maildir && s->imap)
		e = why_set(why, ERR_USAGE, "--maildir or --imap, not both");
	s->stop = stop_catch();
	if (!e)
		e = cmd_begin(&s->cmd, CMD_SEALED, why);
	if (!e)
		e = conf_read(&s->conf, s->cmd.path, s->settings, why);
	if (!e)
		e = bounce_open(&s->bounce, s->cmd.path, s->cmd.m, &s->conf, s->reader, why);
	if (!e)
		e = take_all(s, why);
	if (s->bounce && (s->maildir || s->imap))
		say_result(s);
	bounce_close(s->bounce);
	conf_release(&s->conf);
	cmd_end(&s->cmd);
	return e;
}

int cmd_bounce(int argc, char **argv)
{
	struct bounces s = { .cmd = CMD_INIT };
	const struct option_row options[] = {
		CMD_HOME(&s.cmd),
		{ "settings", OPTION_TEXT, &s.settings, "FILE", "instead of the home's mailer.conf",
		  0, 0 },
		{ "maildir", OPTION_TEXT, &s.maildir, "DIR", "empty this Maildir", 0, 0 },
		{ "imap", OPTION_FLAG, &s.imap, NULL, "empty the mailbox of [bounce]", 0, 0 },
		{ "recipient", OPTION_TEXT, &s.recipient, "ADDRESS",
		  "envelope recipient of the mail on standard input", 0, 0 },
		{ 0 },
	};
	const struct usage usage = {
		"votepost-mailer bounce",
		"",
		0,
		0,
		"Read what came back to the bounce address: one mail on standard input (for a "
		"mail\n"
		"server's pipe; exit status 0 or 75 and no other), a Maildir or an IMAP mailbox.\n"
		"Notes for each member why their mail did not arrive, and destroys the mail, "
		"which\n"
		"quotes a token. No passphrase is needed, and a send may be running.",
		options,
	};
	int status = cli_run(&usage, argc, argv, bounces, &s);

	/* On any other status a mail server would bounce the bounce, token and all. */
	return status && !s.maildir && !s.imap ? EX_TEMPFAIL : status;
}
