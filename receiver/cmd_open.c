/* SPDX-License-Identifier: MIT */
#include "receiver/cmd.h"

#include <inttypes.h>
#include <string.h>

#include "core/file.h"
#include "core/rules.h"
#include "receiver/answer.h"
#include "receiver/draft.h"
#include "receiver/enter.h"
#include "receiver/options.h"
#include "receiver/programs.h"
#include "receiver/rehearsal.h"
#include "receiver/statement.h"

#define COMMIT_EVERY  32    /* issued lines in one transaction */
#define HANDLES_EVERY 65536 /* handles in one transaction */
#define HANDLES_MAX   (1u << 26)

/* A box on its way: what has been entered, and the rules that watch it. */
struct filling {
	struct box *box;
	struct rules rules;
	struct box_txn txn;
	unsigned waiting; /* lines since the last commit */
};

static enum err commit(struct filling *o, struct why *why)
{
	struct why flat_why = { 0 };
	enum err e = box_commit(&o->txn, why, &flat_why);

	o->waiting = 0;
	if (!e && flat_why.text[0]) {
		*why = flat_why;
		e = ERR_IO;
	}
	return e;
}

static void enter(struct filling *o, const struct line *line, const char *text, size_t len)
{
	if (!o->waiting++)
		box_begin(&o->txn, o->box);
	if (line->type == LINE_ISSUED)
		enter_issued(&o->txn, line, text, len);
	else
		(void)box_append(&o->txn, text, len);
}

static enum err take_line(struct filling *o, enum line_type type, const struct buf *text,
                          struct why *why)
{
	struct line line;
	unsigned weight;
	enum err e;

	memset(&line, 0, sizeof(line));
	e = line_read(&line, o->box->m, buf_text(text), text->len, why);
	if (!e && line.type != type)
		e = why_check(why, "line type", "%s",
		              type == LINE_ISSUED ? "not an issued line" : "not an accepted line");
	if (!e)
		e = line_check_signature(&line, o->box->m, why);
	if (!e)
		e = rules_take(&o->rules, &line, &weight, why);
	if (!e)
		enter(o, &line, buf_text(text), text->len);
	line_release(&line);
	return !e && o->waiting == COMMIT_EVERY ? commit(o, why) : e;
}

/* One file's lines, all of one type. */
static enum err take_file(struct filling *o, enum line_type type, const char *path, struct why *why)
{
	struct lines l = { 0 };
	enum err e;

	e = lines_open(&l, path, line_max(o->box->m), why);
	if (e)
		return e;
	for (;;) {
		e = lines_next(&l, why);
		if (e)
			break;
		e = l.ended_whole ? take_line(o, type, &l.line, why)
		                  : why_check(why, "line not canonical", "it has no line feed");
		if (e) {
			why_prefix(why, "%s:%" PRIu64, path, l.number);
			break;
		}
	}
	lines_close(&l);
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum err take_handles(struct box *box, const char *path, struct why *why)
{
	struct buf line = BUF_INIT(HANDLES_MAX), handles = BUF_INIT(HANDLES_MAX);
	struct why flat_why;
	struct box_txn t;
	size_t at = 0;
	enum err e;

	e = file_read_line(&line, path, why);
	if (!e)
		e = handles_read(&handles, box->m, buf_text(&line), line.len, why);
	if (e)
		why_prefix(why, "%s", path);
	while (!e && at < handles.len) {
		box_begin(&t, box);
		for (size_t n = 0; n < HANDLES_EVERY && at < handles.len; n++, at += HANDLE_CHARS)
			box_handle_add(&t, buf_text(&handles) + at);
		e = box_commit(&t, why, &flat_why);
	}
	buf_free(&line);
	buf_free(&handles);
	return e;
}

static enum err fill(struct box *box, char **file, struct why *why)
{
	struct filling o = { .box = box };
	enum err e;

	e = rules_init(&o.rules, box->m);
	if (e)
		return e;
	e = take_file(&o, LINE_ISSUED, file[1], why);
	if (!e)
		e = take_file(&o, LINE_ACCEPTED, file[2], why);
	/* The roll is whole, and every trustee has accepted. */
	if (!e)
		e = rules_end(&o.rules, false, why);
	if (e && o.waiting)
		box_abort(&o.txn);
	else if (o.waiting)
		e = commit(&o, why);
	rules_release(&o.rules);
	return e ? e : take_handles(box, file[3], why);
}

/* What the command line says. */
struct asked {
	const char *folder, *rehearsal;
	bool no_rehearsal;
};

/* The manifest must name the key that is in this folder: no one else could sign its heads. */
static enum err open_key(struct signer **signer, const struct box *box, const char *folder,
                         struct why *why)
{
	enum err e = signer_open(signer, folder, why);

	if (!e && memcmp(SIGNER_PUBLIC(*signer), box->m->receiver_key, 32) != 0)
		e = why_set(why, ERR_INVALID,
		            "the manifest names another receiver's key than %s/receiver.key",
		            folder);
	return e;
}

/* What opening.json will say besides its head. */
static enum err prepare(struct opening *opening, const struct asked *a, const struct manifest *m,
                        struct why *why)
{
	enum err e = programs_digest(opening->program, why);

	if (!e)
		e = opening_definition(opening->definition, m);
	if (e || a->rehearsal)
		return e ? e : rehearsal_read(opening, a->rehearsal, m, why);
	if (!m->test && !a->no_rehearsal)
		return why_set(why, ERR_STATE,
		               "this election is no test, so it needs its rehearsal: name the "
		               "record of a test election of the same definition, run through to "
		               "the count with these programs: --rehearsal DIR; or decide on "
		               "--no-rehearsal, which the record will show");
	return OK;
}

static enum err finish(struct box *box, const struct signer *signer, struct opening *opening,
                       struct why *why)
{
	uint64_t now;
	enum err e = cmd_now(&now, box->folder, why);

	if (!e)
		e = statement_write(box, signer, opening, now, why);
	return e ? e : draft_finish(box, why);
}

static void say_open(const struct box *box, const struct opening *opening)
{
	char root[FINGERPRINT_TEXT];

	fingerprint_write(root, opening->head.root.bytes);
	cli_out("%s\n", box->m->fingerprint);
	cli_say("The box is empty: 0 ballots, head %s over %" PRIu64 " lines.", root,
	        opening->head.size);
	if (!box->m->test && !opening->rehearsed)
		cli_say("There was no rehearsal: " OPENING_FILE " says so.");
}

/* While there is time to mend them. Where there are no settings yet, `serve` will tell. */
static void say_answers(const char *folder, const struct manifest *m)
{
	struct answers *answers = NULL;
	struct why why = { 0 };
	struct options o;

	if (options_read(&o, folder, NULL, NULL))
		return;
	if (answers_open(&answers, m, o.answers, o.sender_name, o.sender_address, &why))
		cli_say("warning: serve will not start: %s", why.text);
	else if (*answers_lacking(answers))
		cli_say("warning: %s has no texts in %s: receipts and corrections will speak "
		        "English "
		        "there",
		        o.answers, answers_lacking(answers));
	answers_free(answers);
	options_release(&o);
}

static enum err open_box(void *context, char **file, struct why *why)
{
	const struct asked *a = context;
	struct buf manifest = BUF_INIT(MANIFEST_MAX), path = BUF_INIT(4096);
	struct file_lock lock = { .fd = -1 };
	struct opening opening = { 0 };
	struct signer *signer = NULL;
	struct box *box = NULL;
	enum err e = OK;

	if (a->rehearsal && a->no_rehearsal)
		e = why_set(why, ERR_USAGE, "--rehearsal or --no-rehearsal, not both");
	if (!e)
		e = file_read_line(&manifest, file[0], why);
	if (!e)
		e = file_lock(&lock, file_path(&path, a->folder, "lock"), "the ballot box", why);
	if (!e) {
		e = draft_begin(&box, a->folder, buf_text(&manifest), manifest.len, 0, why);
		if (e == ERR_INVALID || e == ERR_FORMAT)
			why_prefix(why, "%s", file[0]);
	}
	if (!e)
		e = open_key(&signer, box, a->folder, why);
	if (!e)
		e = prepare(&opening, a, box->m, why);
	if (!e)
		e = fill(box, file, why);
	if (!e) {
		buf_addc(&manifest, '\n');
		e = file_write(file_path(&path, a->folder, "manifest.json"), buf_text(&manifest),
		               manifest.len, 0644, why);
	}
	if (!e)
		e = finish(box, signer, &opening, why);
	if (!e) {
		say_open(box, &opening);
		say_answers(a->folder, box->m);
	}
	signer_free(signer);
	box_close(box);
	file_unlock(&lock);
	buf_free(&manifest);
	buf_free(&path);
	return e;
}

int cmd_open(int argc, char **argv)
{
	struct asked a = { .folder = "." };
	const struct option_row options[] = {
		{ "box", OPTION_TEXT, &a.folder, "DIR",
		  "the box's folder, where `key` made the key", 0, 0 },
		{ "rehearsal", OPTION_TEXT, &a.rehearsal, "DIR",
		  "the record of the test election that was run before", 0, 0 },
		{ "no-rehearsal", OPTION_FLAG, &a.no_rehearsal, NULL,
		  "open a real election without one, on the record", 0, 0 },
		{ 0 },
	};
	const struct usage usage = {
		"votepost-receiver open",
		"MANIFEST ISSUED ACCEPTED HANDLES",
		4,
		4,
		"Makes the ballot box: checks the manifest, every issued line against its roll "
		"and\n"
		"its signature, every trustee's accepted line (all of them in ACCEPTED, in "
		"order),\n"
		"and the handles. Refuses anything that is not exactly what the manifest says.\n"
		"Prints the election's fingerprint. May run before the opening time.\n"
		"An election that is no test needs its rehearsal: a test election of the same\n"
		"definition, run to the count with these very programs. Whether its ballots and\n"
		"its count are right is checked by `votepost-scrutineer verify`, not here.\n"
		"opening.json says, signed, what stood when the box was opened.",
		options
	};

	return cli_run(&usage, argc, argv, open_box, &a);
}
