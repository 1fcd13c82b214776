/* SPDX-License-Identifier: MIT */
#include "core/cli.h"
#include "core/sandbox.h"
#include "scrutineer/cmd.h"
#include "scrutineer/minutes.h"
#include "scrutineer/record.h"
#include "scrutineer/signing.h"

static const char NAME[] = "votepost-scrutineer minutes";

/* Where Debian's fonts-dejavu-core puts them. */
#define FONTS "/usr/share/fonts/truetype/dejavu"

struct writing {
	const char *out, *language, *fonts;
	bool check;
	struct progress *progress;
};

static void found(void *ctx, const struct finding *f)
{
	(void)ctx;
	cmd_tell("", f);
}

static void step(void *ctx, uint64_t more)
{
	const struct writing *w = ctx;

	progress_step(w->progress, more);
}

static enum err write_minutes(struct writing *w, char **operand, struct why *why)
{
	const struct minutes_source source = {
		.record = operand[0],
		.ledger = operand[1],
		.funnel = operand[2],
		.bureau = operand[3],
		.language = w->language,
		.found = found,
		.step = step,
		.ctx = w,
	};
	struct minutes mi;
	enum err e;

	w->progress = progress_start("verify", record_board_bytes(source.record));
	e = minutes_gather(&mi, &source, why);
	progress_end(w->progress);
	if (!e)
		e = minutes_write(&mi, w->fonts, w->out, why);
	if (!e) {
		cli_out("%s/" MINUTES_TEXT "\n%s/" MINUTES_HTML "\n%s/" MINUTES_PDF
		        "\n%s/" MINUTES_JSON "\n",
		        w->out, w->out, w->out, w->out);
		if (mi.sums.differences)
			cli_say("%u of the sums do not hold: the minutes say so at their head.",
			        mi.sums.differences);
	}
	minutes_release(&mi);
	return e;
}

/* Who has signed, a line a member; ERR_INVALID where a signature is bad. */
static enum err check_minutes(const char *dir, struct why *why)
{
	struct signed_minutes minutes;
	unsigned bad = 0, good = 0;
	enum err e = signing_read(&minutes, dir, why);

	for (unsigned i = 0; i < minutes.signers && !e; i++) {
		const struct signer *who = &minutes.signer[i];
		struct why found = { 0 };
		enum err answer = signing_check(&minutes, who, dir, &found);

		good += answer == OK;
		bad += answer && answer != ERR_NOT_FOUND;
		cli_out("%-*s  %s%s\n", BUREAU_ID_MAX / 2, who->id,
		        answer == OK              ? "signed: "
		        : answer != ERR_NOT_FOUND ? "BAD: "
		        : who->has_key            ? "has not signed: "
		                                  : "signs on paper: ",
		        answer && answer != ERR_NOT_FOUND ? found.text : who->name);
	}
	if (!e && bad)
		e = why_set(why, ERR_INVALID, "%u signature%s not hold", bad,
		            bad == 1 ? " does" : "s do");
	else if (!e)
		cli_say("%u of %u have signed; nothing that was signed has changed.", good,
		        minutes.signers);
	return e;
}

static enum err work(void *context, char **operand, struct why *why)
{
	struct writing *w = context;
	enum err e;

	if (w->check ? !operand[0] || operand[1]
	             : !operand[0] || !operand[1] || !operand[2] || !operand[3] || !w->out)
		return why_set(why, ERR_USAGE,
		               "RECORD LEDGER FUNNEL BUREAU and --out DIR; or --check DIR");
	if (w->language && !wording_of(w->language))
		return why_set(why, ERR_USAGE, "--language is en or fr");
	e = sandbox_enter(SANDBOX_OFFLINE, why);
	if (e)
		return e;
	return w->check ? check_minutes(operand[0], why) : write_minutes(w, operand, why);
}

int cmd_minutes(int argc, char **argv)
{
	struct writing w = { .fonts = FONTS };
	const struct option_row options[] = {
		{ "out", OPTION_TEXT, &w.out, "DIR", "the folder that the minutes go into", 0, 0 },
		{ "language", OPTION_TEXT, &w.language, "TAG", "fr or en", 0, 0 },
		{ "fonts", OPTION_TEXT, &w.fonts, "DIR", "where the DejaVu typefaces are", 0, 0 },
		{ "check", OPTION_FLAG, &w.check, NULL,
		  "who has signed the minutes in this folder?", 0, 0 },
		{ NULL, OPTION_FLAG, NULL, NULL, NULL, 0, 0 },
	};
	const struct usage usage = {
		.name = NAME,
		.operands = "RECORD LEDGER FUNNEL BUREAU --out DIR | --check DIR",
		.least = 1,
		.most = 4,
		.help = "Write the minutes that a bureau of scrutineers signs: as text, as a "
			"page,\n"
			"as a PDF and as JSON. The record is verified first; made again from the\n"
			"same files the minutes are the same, byte for byte. With --check: was\n"
			"any of the four changed, and who has signed them? Exit status 1: a file\n"
			"was changed, or a signature does not hold.",
		.option = options,
	};

	return cli_run(&usage, argc, argv, work, &w);
}
