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
