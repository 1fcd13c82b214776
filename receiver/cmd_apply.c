/* SPDX-License-Identifier: MIT */
#include "receiver/cmd.h"

#include <inttypes.h>

#include "core/file.h"

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

struct applying {
	const char *folder;
	uint64_t refused; /* lines that were not entered */
};

static enum err apply(void *context, char **operand, struct why *why)
{
	struct applying *a = context;
	struct errand errand;
	struct lines l = { 0 };
	enum err e = cmd_errand(&errand, a->folder, false, LOCK_PATIENCE, why);

	if (!e)
		e = lines_open(&l, *operand, CHANGE_LINE_MAX, why);
	if (!e)
		e = apply_lines(&errand, &l, &a->refused, why);
	if (l.stream)
		lines_close(&l);
	errand_end(&errand);
	return e;
}

int cmd_apply(int argc, char **argv)
{
	struct applying a = { .folder = "." };
	const struct option_row options[] = { CMD_BOX(a.folder), { 0 } };
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
	int status = cli_run(&usage, argc, argv, apply, &a);

	return status == 0 && a.refused ? 1 : status;
}
