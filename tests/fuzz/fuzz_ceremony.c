/* SPDX-License-Identifier: MIT */
#include "core/ceremony.h"

#include "core/funnel.h"
#include "core/handles.h"
#include "core/ledger.h"
#include "tests/fuzz/fuzz.h"

/* The one-object files that programs hand to each other. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct manifest *m = fuzz_manifest();
	const char *line = (const char *)data;
	struct buf handles = BUF_INIT(1u << 20);
	struct commitment commitment;
	struct journal_line journal;
	unsigned char key[32];
	struct why why = { 0 };
	struct funnel funnel;
	struct reveal reveal;
	struct deal deal;

	if (!commitment_read(&commitment, line, size, &why))
		commitment_release(&commitment);
	if (!reveal_read(&reveal, line, size, &why))
		reveal_release(&reveal);
	if (!deal_read(&deal, line, size, &why))
		fuzz_must(deal.from >= 1 && deal.to >= 1);
	if (funnel_read(&funnel, m, line, size, &why))
		fuzz_must(why.text[0]);
	if (receiver_key_read(key, line, size, &why))
		fuzz_must(why.text[0]);
	if (handles_read(&handles, m, line, size, &why))
		fuzz_must(why.text[0]);
	if (journal_line_read(&journal, line, size, &why))
		fuzz_must(why.text[0]);
	buf_free(&handles);
	return 0;
}
