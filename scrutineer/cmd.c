/* SPDX-License-Identifier: MIT */
#include "scrutineer/cmd.h"

#include "core/cli.h"
#include "scrutineer/words.h"

#define FINDING_MAX 4096 /* a file's name and a sentence */

void cmd_tell(const char *before, const struct finding *f)
{
	struct buf text = BUF_INIT(FINDING_MAX);

	words_finding(&text, f);
	if (text.len)
		text.data[text.len - 1] = '\0'; /* its line feed */
	cli_say("%s%s", before, buf_text(&text));
	buf_free(&text);
}

enum err cmd_closed(const struct audit *a, const char *done, struct why *why)
{
	if (a->failures)
		return why_set(why, ERR_INVALID, "the record fails: nothing is %s", done);
	if (a->stage == STAGE_OPEN)
		return why_check(why, "not closed", "the board is still open: nothing is %s", done);
	if (a->stage == STAGE_TOO_FEW)
		return why_check(why, "too few ballots",
		                 "%llu ballots where the manifest asks for %llu: never %s",
		                 (unsigned long long)a->rules.ballots,
		                 (unsigned long long)a->m->min_ballots, done);
	return OK;
}
