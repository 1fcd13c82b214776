/* SPDX-License-Identifier: MIT */
#include "receiver/cmd.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/funnel.h"
#include "core/opening.h"

#define TRIM_EVERY      4096
#define RECORD_LINE_MAX 16384

/* Everything below is of one moment of the box. */
struct record {
	struct cmd_look look;
	const char *folder;
	struct buf path;
};

static const char *in_record(struct record *r, const char *name)
{
	return file_path(&r->path, r->folder, name);
}

static enum err copy_lines(struct record *r, FILE *out, struct why *why)
{
	struct span line;
	enum err e = OK;

	for (uint64_t i = 0; i < r->look.txn.state.lines && !e; i++) {
		e = box_line(&r->look.txn, i, &line);
		if (e)
			return why_set(why, e, "the box lacks a line of its own");
		errno = 0;
		if (fwrite(line.data, 1, line.len, out) != line.len || putc('\n', out) == EOF)
			e = file_trouble(why, buf_text(&r->path), errno);
		if (i % TRIM_EVERY == TRIM_EVERY - 1)
			store_trim(r->look.box->store);
	}
	return e;
}

static enum err write_board(struct record *r, struct why *why)
{
	struct buf to = BUF_INIT(4096);
	FILE *out;
	enum err e;

	buf_adds(&to, in_record(r, "board.ndjson"));
	out = fopen(in_record(r, "board.ndjson.part"), "we");
	if (!out) {
		e = file_trouble(why, buf_text(&r->path), errno);
		goto done;
	}
	e = copy_lines(r, out, why);
	if (!e && (fflush(out) || fdatasync(fileno(out))))
		e = file_trouble(why, buf_text(&r->path), errno);
	if (fclose(out) && !e)
		e = file_trouble(why, buf_text(&r->path), errno);
	if (!e && rename(buf_text(&r->path), buf_text(&to)))
		e = file_trouble(why, buf_text(&to), errno);
done:
	buf_free(&to);
	return e;
}

static enum err write_head(struct record *r, struct why *why)
{
	struct buf line = BUF_INIT(RECORD_LINE_MAX);
	enum err e = cmd_look_head(&line, &r->look);

	if (!e)
		e = file_write(in_record(r, "head.json"), buf_text(&line), line.len, 0644, why);
	buf_free(&line);
	return e;
}

static enum err write_funnel(struct record *r, struct why *why)
{
	const struct state *s = &r->look.txn.state;
	struct buf line = BUF_INIT(RECORD_LINE_MAX);
	struct funnel funnel = { .size = s->lines };
	enum err e;

	for (unsigned v = 0; v < VERDICTS; v++)
		funnel.verdict[v] = s->verdict[v];
	for (unsigned c = 0; c < CHANNELS; c++)
		funnel.channel[c] = s->channel[c];
	funnel_write(&line, &funnel, r->look.box->m, r->look.signer->secret);
	buf_addc(&line, '\n');
	e = buf_err(&line);
	if (!e)
		e = file_write(in_record(r, "funnel.json"), buf_text(&line), line.len, 0644, why);
	buf_free(&line);
	return e;
}

/* A box of an earlier version has none, and its record none either. */
static enum err copy_opening(struct record *r, struct why *why)
{
	struct buf text = BUF_INIT((size_t)OPENINGS_MAX * (OPENING_MAX + 1));
	struct buf from = BUF_INIT(4096);
	enum err e = file_read(&text, file_path(&from, r->look.box->folder, OPENING_FILE), why);

	if (!e)
		e = file_write(in_record(r, OPENING_FILE), buf_text(&text), text.len, 0644, why);
	else if (e == ERR_NOT_FOUND) {
		e = OK;
		cli_say("%s: there is none: the record will not say how the vote was opened.",
		        buf_text(&from));
	}
	buf_free(&text);
	buf_free(&from);
	return e;
}

static enum err write_record(void *context, char **operand, struct why *why)
{
	const char *const *folder = context;
	struct record r = { .folder = *operand, .path = BUF_INIT(4096) };
	enum err e = cmd_look(&r.look, *folder, why);

	if (!e && mkdir(r.folder, 0755) && errno != EEXIST)
		e = file_trouble(why, r.folder, errno);
	if (!e)
		e = write_board(&r, why);
	if (!e)
		e = write_head(&r, why);
	if (!e)
		e = write_funnel(&r, why);
	if (!e)
		e = copy_opening(&r, why);
	if (!e && !r.look.txn.state.closed)
		cli_say("The box is not closed: this is the record of an open vote.");
	cmd_look_end(&r.look);
	buf_free(&r.path);
	return e;
}

int cmd_record(int argc, char **argv)
{
	const char *folder = ".";
	const struct option_row options[] = { CMD_BOX(folder), { 0 } };
	const struct usage usage = {
		"votepost-receiver record",
		"FOLDER",
		1,
		1,
		"Writes the public record: board.ndjson, head.json, and for the scrutineers\n"
		"funnel.json and opening.json. Files of these names are replaced, others in "
		"FOLDER\n"
		"(shares, a result) stay. Of a vote still open it is the record so far.",
		options
	};

	return cli_run(&usage, argc, argv, write_record, &folder);
}
