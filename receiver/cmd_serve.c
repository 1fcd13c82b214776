/* SPDX-License-Identifier: MIT */
#include "receiver/cmd.h"

#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/cli.h"
#include "core/file.h"
#include "core/log.h"
#include "receiver/errand.h"
#include "receiver/lmtp.h"
#include "receiver/portal.h"
#include "receiver/server.h"

#define LOCK_PATIENCE    10
#define ERRANDS_MAX      16 /* however busy the mail is, `close` gets through */
#define TICK_MS          60000
#define TICKS_IN_AN_HOUR 60

struct service {
	struct desk desk;
	struct lmtp lmtp;
	struct server *server;
	struct portal portal;
	int stop;
	unsigned ticks;
	_Atomic bool broken;
};

/* A box that can no longer be written must be opened anew: stop, and be started again. */
static void trouble(void *ctx, const char *event, const struct why *why)
{
	struct service *s = ctx;

	cmd_trouble(NULL, event, why);
	if (strcmp(event, CAST_BOX_BROKEN) != 0)
		return;
	s->broken = true;
	kill(getpid(), SIGTERM);
}

/* No line for each mail: the times of such lines, beside a mail server's, would say who is
 * behind which line of the board. */
static enum err take(void *ctx, const struct intake_mail *mail)
{
	struct service *s = ctx;
	struct why why = { 0 };
	enum verdict verdict;
	enum err e = intake_take(&s->desk.intake, mail, &verdict, &why);

	if (e)
		log_warn("handed-back", "why=\"%s\"", why.text[0] ? why.text : err_text(e));
	return e;
}

static void talk_lmtp(void *ctx, int fd)
{
	struct service *s = ctx;

	lmtp_session(&s->lmtp, fd);
}

static void talk_errand(void *ctx, int fd)
{
	struct service *s = ctx;

	errand_session(&s->desk, fd);
}

static void log_counts(struct service *s)
{
	struct box_txn t;
	uint64_t mails = 0;

	if (box_look(&t, s->desk.box)) {
		log_error("board", "why=\"the box could not be read\"");
		goto done;
	}
	for (unsigned v = 0; v < VERDICTS; v++)
		mails += t.state.verdict[v];
	log_info("board",
	         "lines=%" PRIu64 " ballots=%" PRIu64 " mails=%" PRIu64 " answers-refused=%" PRIu64,
	         t.state.lines, t.state.ballots, mails, (uint64_t)s->desk.intake.refused);
done:
	box_abort(&t);
}

/* Said once, while there is time to translate them. */
static void log_lacking(const struct service *s)
{
	const char *lacking = answers_lacking(s->desk.answers);

	if (*lacking)
		log_warn("answers", "lacking=\"%s\" why=\"no texts: answered in English\"",
		         lacking);
}

static const char *or_none(const char *text)
{
	return text[0] ? text : "none";
}

static void log_begin(struct service *s, const struct options *o)
{
	log_info("serving", "lmtp=%s imap=%s http=%s", or_none(o->listen), or_none(o->imap.host),
	         or_none(o->http.listen));
	log_lacking(s);
	log_counts(s);
}

static void tick(void *ctx)
{
	struct cast_job job = { .kind = CAST_HOUSEKEEP };
	struct service *s = ctx;
	struct why why = { 0 };
	uint64_t now;

	if (clock_now(&s->desk.clock, &now, &why)) {
		log_error("clock", "why=\"%s\"", why.text);
		return;
	}
	if (cast_flush(s->desk.cast, &why))
		log_warn("counts", "why=\"%s\"", why.text);
	if (++s->ticks % TICKS_IN_AN_HOUR)
		return;
	log_counts(s);
	if (cast_submit(s->desk.cast, &job, &why))
		log_warn("housekeeping", "why=\"%s\"", why.text);
}

/* SIGTERM and SIGINT as something to poll. Before any thread, so that all of them block it. */
static enum err catch_stop(int *fd, struct why *why)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		bug("a signal mask of our own");
	*fd = signalfd(-1, &set, SFD_CLOEXEC);
	return *fd < 0 ? why_set(why, ERR_IO, "no descriptor for signals") : OK;
}

static enum err listen_all(struct service *s, const char *folder, const struct options *o,
                           struct why *why)
{
	int fd;
	enum err e;

	e = server_new(&s->server, why);
	if (!e && o->listen[0]) {
		e = server_listen(&fd, o->listen, o->group, why);
		if (!e)
			server_add(s->server, fd, (unsigned)o->connections,
			           "421 4.3.2 too busy, try again\r\n", talk_lmtp, s);
	}
	if (!e)
		e = errand_listen(&fd, folder, why);
	if (!e)
		server_add(s->server, fd, ERRANDS_MAX, "", talk_errand, s);
	return e;
}

/* The order is the argument: the nursery before anything that it must not hold, the box before
 * the first byte from outside. */
static enum err serve(const char *folder, const char *settings, bool changed, struct why *why)
{
	struct parser *parser = NULL;
	struct options options;
	unsigned cores = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
	struct service s = { .stop = -1 };
	enum err e;

	s.desk.lock.fd = -1;
	e = options_read(&options, folder, settings, why);
	if (!e)
		e = parser_start(&parser, NULL, why);
	if (!e)
		e = catch_stop(&s.stop, why);
	if (!e)
		e = desk_open(&s.desk,
		              &(struct desk_plan){ .folder = folder,
		                                   .options = &options,
		                                   .parser = parser,
		                                   .patience = LOCK_PATIENCE,
		                                   .cores = cores,
		                                   .changed_programs = changed,
		                                   .trouble = trouble,
		                                   .ctx = &s },
		              why);
	s.lmtp = (struct lmtp){ .take = take,
		                .ctx = &s,
		                .seconds = (unsigned)options.seconds,
		                .whole = LMTP_SESSION_SECONDS };
	if (!e)
		e = listen_all(&s, folder, &options, why);
	if (!e)
		e = portal_open(&s.portal, &options, &s.desk, cores, why);
	if (!e)
		e = mailbox_run(s.desk.mailbox, trouble, &s, why);
	if (!e) {
		log_begin(&s, &options);
		server_run(s.server, s.stop, TICK_MS, tick, &s);
		log_info("stopping", "reason=%s", s.broken ? "box-broken" : "signal");
		if (s.broken)
			e = why_set(why, ERR_IO, "the box could not be written; start again");
	}
	mailbox_stop(s.desk.mailbox);
	server_free(s.server);
	portal_close(&s.portal);
	desk_close(&s.desk);
	if (parser)
		parser_stop(parser);
	if (s.stop >= 0)
		close(s.stop);
	options_release(&options);
	return e;
}

/* Every answer, where it is known of which election. */
static enum err try_answers(const char *folder, const struct options *o, struct why *why)
{
	struct buf line = BUF_INIT(MANIFEST_MAX), path = BUF_INIT(4096);
	struct answers *answers = NULL;
	struct manifest *m = NULL;
	enum err e = OK;

	if (!file_there(file_path(&path, folder, "manifest.json")))
		goto done;
	e = file_read_line(&line, buf_text(&path), why);
	if (!e)
		e = manifest_read(&m, buf_text(&line), line.len, why);
	if (!e)
		e = answers_open(&answers, m, o->answers, o->sender_name, o->sender_address, why);
	answers_free(answers);
	manifest_free(m);
done:
	buf_free(&line);
	buf_free(&path);
	return e;
}

/* What only others can tell: would the relay take our answers, does the mailbox let us in? No box
 * is needed for it. */
static enum err check(const char *folder, const char *settings, struct why *why)
{
	struct options options;
	struct post *post = NULL;
	enum err e;

	e = options_read(&options, folder, settings, why);
	if (!e)
		e = try_answers(folder, &options, why);
	if (!e)
		e = post_open(&post, &options.relay, 1, why);
	if (!e)
		e = post_try(post, options.sender_address, why);
	if (!e)
		e = mailbox_try(&options, why);
	post_close(post);
	if (!e)
		cli_say("The settings are read, the relay takes answers%s.",
		        options.imap.host[0] ? ", and the mailbox can be emptied" : "");
	options_release(&options);
	return e;
}

int cmd_serve(int argc, char **argv)
{
	const char *folder = ".", *settings = NULL;
	bool changed = false, checks = false;
	const struct option_row options[] = {
		{ "box", OPTION_TEXT, &folder, "DIR", "the box's folder", 0, 0 },
		{ "settings", OPTION_TEXT, &settings, "FILE", "instead of DIR/receiver.conf", 0,
		  0 },
		{ "changed-programs", OPTION_FLAG, &changed, NULL,
		  "go on with other programs than those of the opening, on the record", 0, 0 },
		{ "check", OPTION_FLAG, &checks, NULL,
		  "serve nothing: try the settings, the relay, the mailbox", 0, 0 },
		{ 0 },
	};
	const struct usage usage = {
		"votepost-receiver serve",
		"",
		0,
		0,
		"Takes replies by LMTP and out of an IMAP mailbox, ballots by link over HTTP, and\n"
		"orders of the other commands, until SIGTERM. A mail is acknowledged when its "
		"ballot\n"
		"is on disk and its receipt has left, a post when its ballot is on disk.\n"
		"May be started before the opening; stays up after the closing time, until you "
		"have\n"
		"run `close`.\n"
		"Starts with the programs alone that opening.json names. To change them in the "
		"middle\n"
		"of a vote is a decision of the bureau: --changed-programs, once, enters it into\n"
		"opening.json, and so into the record.",
		options
	};
	struct why why = { 0 };
	int first, status = cli_options(&usage, argc, argv, &first);
	enum err e;

	if (status >= 0)
		return status;
	log_open(LOG_LEVEL_INFO, NULL);
	e = checks ? check(folder, settings, &why) : serve(folder, settings, changed, &why);
	return e ? cli_fail(usage.name, e, &why) : 0;
}
