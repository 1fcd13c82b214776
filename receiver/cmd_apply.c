/* SPDX-License-Identifier: MIT */
#include "receiver/cmd.h"

#include <inttypes.h>

#include "core/cli.h"
#include "core/file.h"
#include "receiver/errand.h"

#define LOCK_PATIENCE   30
#define CHANGE_LINE_MAX 4096

/* What became of one line. What stops the others too is an error; a line that may not be
 * entered is told, and the next one is tried. */
static enum err apply_line(struct errand *errand, const struct lines *l, uint64_t *refused,
                           struct why *why)
{
	struct outcome out;

	errand_do(errand, ORDER_CHANGE, buf_text(&l->line), l->line.len, &out);
	if (out.e == ERR_INVALID || out.e == ERR_FORMAT) {
		cli_out("%" PRIu64 " refused: %s\n", l->number, out.why.text);
		(*refused)++;
		return OK;
	}
	if (out.e) {
		*why = out.why;
		return out.e;
	}
	cli_out("%" PRIu64 " %s\n", l->number, entry_name(out.entry));
	if (out.entry != ENTRY_DONE && out.entry != ENTRY_ALREADY)
		(*refused)++;
	return OK;
}

/* To the file's end, which alone may be the reason to stop. */
static enum err apply_lines(struct errand *errand, struct lines *l, uint64_t *refused,
                            struct why *why)
{
	enum err e;

	for (;;) {
		e = lines_next(l, why);
		if (e)
			return e == ERR_NOT_FOUND ? OK : e;
		e = apply_line(errand, l, refused, why);
		if (e)
			return e;
	}
}

static enum err apply(const char *folder, const char *path, uint64_t *refused, struct why *why)
{
	struct errand errand;
	struct lines l = { 0 };
	enum err e;

	e = errand_begin(&errand,
	                 &(struct desk_plan){ .folder = folder,
	                                      .patience = LOCK_PATIENCE,
	                                      .cores = 1,
	                                      .trouble = cmd_trouble },
	                 why);
	if (!e)
		e = lines_open(&l, path, CHANGE_LINE_MAX, why);
	if (!e)
		e = apply_lines(&errand, &l, refused, why);
	if (l.stream)
		lines_close(&l);
	errand_end(&errand);
	return e;
}

int cmd_apply(int argc, char **argv)
{
	const char *folder = ".";
	const struct option_row options[] = {
		{ "box", OPTION_TEXT, &folder, "DIR", "the box's folder", 0, 0 },
		{ 0 },
	};
	const struct usage usage = {
		"votepost-receiver apply",
		"CHANGES",
		1,
		1,
		"Enters the mailer's replaced and extended lines, and says line by line what was\n"
		"done: written, seen already, used, unknown, replaced already, after the close,\n"
		"or refused and why. Safe to repeat. Exit status 1 where any line was not entered.",
		options
	};
	struct why why = { 0 };
	uint64_t refused = 0;
	int first, status = cli_options(&usage, argc, argv, &first);
	enum err e, flushed;

	if (status >= 0)
		return status;
	e = apply(folder, argv[first], &refused, &why);
	flushed = cli_flush(e ? NULL : &why);
	if (!e)
		e = flushed;
	if (e)
		return cli_fail(usage.name, e, &why);
	return refused ? 1 : 0;
}
