/* SPDX-License-Identifier: MIT */
#include <time.h>

#include "core/file.h"
#include "core/progress.h"
#include "core/text.h"
#include "mailer/changes.h"
#include "mailer/cmd.h"
#include "mailer/fetched.h"
#include "mailer/journal.h"
#include "mailer/stand.h"

#define HEAD_LINE_MAX 1024
#define OLD_BOARD     600 /* seconds after which a board's age is worth a word */

static enum err fetch_board(struct cmd_board *b, const struct cmd *c, struct why *why)
{
	struct progress *p = progress_start("bytes of the board", 0);
	struct fetched f = { 0 };
	enum err e = fetched_get(&f, c->path, c->m, cmd_step, p, why);

	progress_end(p);
	if (!e)
		e = pollbook_read(&b->book, c->m, buf_text(&f.board), buf_text(&f.head), why);
	fetched_end(&f);
	return e;
}

/* The receiver has signed this head: if it ever shows another board, these two convict it. */
static enum err keep_head(const struct cmd *c, const struct pollbook *book, struct why *why)
{
	struct buf path = BUF_INIT(HOME_PATH_MAX), line = BUF_INIT(HEAD_LINE_MAX);
	enum err e;

	head_write(&line, pollbook_head(book));
	buf_addc(&line, '\n');
	e = buf_err(&line);
	if (!e)
		e = file_append(file_path(&path, c->path, HOME_HEADS), line.data, line.len, why);
	buf_free(&line);
	buf_free(&path);
	return e;
}

enum err cmd_board_read(struct cmd_board *b, const struct cmd *c, bool needed, struct why *why)
{
	enum err e = OK;

	if (!b->board != !b->head || (b->board && b->fetch))
		return why_set(why, ERR_USAGE,
		               "--board and --head go together, or --fetch in their place");
	if (b->fetch)
		e = fetch_board(b, c, why);
	else if (b->board)
		e = pollbook_read(&b->book, c->m, b->board, b->head, why);
	else if (needed)
		e = why_set(why, ERR_USAGE,
		            "--board FILE and --head FILE are needed, board.ndjson and what "
		            "votepost-receiver head has printed; or --fetch");
	return !e && b->book ? keep_head(c, b->book, why) : e;
}

void cmd_board_say(const struct cmd_board *b)
{
	uint64_t now = (uint64_t)time(NULL), old;
	char at[TIME_TEXT];

	if (!b->book)
		return;
	old = pollbook_head(b->book)->time;
	time_write(at, old);
	old = now > old ? now - old : 0;
	cli_say("the board of %s has %llu ballots", at,
	        (unsigned long long)pollbook_ballots(b->book));
	if (old > OLD_BOARD && !pollbook_closed(b->book))
		cli_say("that is %llu %s ago, and whoever has voted since then is not known here: "
		        "better fetch a newer one",
		        (unsigned long long)old / (old < 7200 ? 60 : 3600),
		        old < 7200 ? "minutes" : "hours");
}

void cmd_board_end(struct cmd_board *b)
{
	pollbook_free(b->book);
	b->book = NULL;
}

enum err cmd_members_open(struct cmd_members *s, const struct cmd *c, struct why *why)
{
	enum err e = OK;

	if (!home_has(&c->home, HOME_ISSUED))
		e = why_set(why, ERR_STATE, "%s: nothing issued yet; see votepost-mailer issue",
		            c->path);
	if (!e)
		e = roll_open(&s->roll, c->path, why);
	if (!e && roll_summary(s->roll)->members != c->m->members)
		e = why_set(why, ERR_STATE, "%s: the roll is not the one that was sealed", c->path);
	if (!e)
		e = amend_open(&s->amend, c->path, true, why);
	if (!e)
		e = outbox_open(&s->outbox, c->path, "outbox", c->m->members, why);
	return e;
}

void cmd_members_close(struct cmd_members *s)
{
	outbox_close(s->outbox);
	amend_close(s->amend);
	roll_close(s->roll);
}

/* What stands by now, less what the journal has already: so a crash between the two makes up for
 * itself the next time. */
static enum err journal_standing(const struct cmd *c, const struct amend_counts *now,
                                 struct why *why)
{
	struct journal_count told[REPLACE_REASONS + 1], count[REPLACE_REASONS + 1];
	uint64_t lines, news = 0;
	enum err e;

	for (unsigned i = 0; i <= REPLACE_REASONS; i++) {
		bool used = i == REPLACE_REASONS;

		told[i].name = count[i].name =
			used ? "used" : replace_reason_name((enum replace_reason)i);
		count[i].n = used ? now->used : now->standing[i];
	}
	e = journal_sum(c->path, "stand", told, REPLACE_REASONS + 1, &lines, why);
	for (unsigned i = 0; i <= REPLACE_REASONS; i++) {
		count[i].n -= told[i].n < count[i].n ? told[i].n : count[i].n;
		news += count[i].n;
	}
	if (e || !news)
		return e;
	return journal_add(c->path, "stand", "replaced lines found on the board", count,
	                   REPLACE_REASONS + 1, why);
}

static void say_settled(const struct stand *s)
{
	if (s->stood)
		cli_say("%llu replacement%s on the board: the old code%s dead",
		        (unsigned long long)s->stood, s->stood == 1 ? " stands" : "s stand",
		        s->stood == 1 ? " is" : "s are");
	if (s->used)
		cli_say("%llu token%s used before it could be replaced: the ballot stands",
		        (unsigned long long)s->used, s->used == 1 ? " was" : "s were");
	if (s->extended)
		cli_say("the later closing time is in force");
	if (s->waiting)
		cli_say("%llu replacement%s not on this board yet: give " CHANGES_FILE
		        " to the receiver (votepost-receiver apply)",
		        (unsigned long long)s->waiting, s->waiting == 1 ? " is" : "s are");
}

enum err cmd_members_keys(const struct cmd_members *s, const struct cmd *c, struct why *why)
{
	if (c->keys->epochs > amend_counts(s->amend).epoch)
		return OK;
	return why_set(why, ERR_STATE,
	               "%s/keys.sealed is older than this folder: it lacks a token key that is in "
	               "use. Put back the newest one",
	               c->path);
}

enum err cmd_members_changes(struct cmd_members *s, const struct cmd *c, uint64_t *lines,
                             struct why *why)
{
	struct progress *p = progress_start("changes", amend_counts(s->amend).planned);
	enum err e =
		changes_write(c->path, c->m, c->keys, s->roll, s->amend, lines, cmd_step, p, why);

	progress_end(p);
	return e;
}

enum err cmd_members_settle(struct cmd_members *s, const struct cmd *c, const struct cmd_board *b,
                            struct why *why)
{
	const struct amend_counts before = amend_counts(s->amend);
	struct stand stand = {
		.m = c->m,
		.keys = c->keys,
		.pollbook = b->book,
		.roll = s->roll,
		.amend = s->amend,
		.outbox = s->outbox,
		.step = cmd_step,
	};
	struct amend_counts after;
	uint64_t lines;
	enum err e;

	/* Without a plan no token key is asked for: they may have been destroyed. */
	e = before.planned ? cmd_members_keys(s, c, why) : OK;
	if (e)
		return e;
	stand.context = progress_start("replacements", before.planned);
	e = stand_run(&stand, why);
	progress_end(stand.context);
	after = amend_counts(s->amend);
	if (!e)
		e = journal_standing(c, &after, why);
	if (!e && (stand.stood || stand.used || stand.extended))
		e = cmd_members_changes(s, c, &lines, why);
	if (!e)
		say_settled(&stand);
	return e;
}

enum err cmd_members_in_time(const struct cmd_members *s, const struct cmd *c,
                             const struct cmd_board *b, const char *what, struct why *why)
{
	uint64_t closes = amend_closes(s->amend, c->m);

	if (b->book && pollbook_closes(b->book) > closes)
		closes = pollbook_closes(b->book);
	if ((uint64_t)time(NULL) < closes && !(b->book && pollbook_closed(b->book)))
		return OK;
	return why_set(why, ERR_STATE, "the vote is over: %s", what);
}
