/* SPDX-License-Identifier: MIT */
#include "receiver/choices.h"

#include <string.h>

#include "receiver/parser/grammar.h"
#include "tests/fuzz/fuzz.h"

/* What fits, fits; and what the grammar folded is folded already. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct manifest *m = fuzz_manifest();
	char folded[CHOICES_MAX], again[CHOICES_MAX];
	unsigned char cells[CELLS_MAX];
	enum choices_fault fault;
	unsigned question = 0;
	size_t i;

	for (i = 0; i < size; i++)
		if (data[i] == '\0')
			return 0; /* a mail's text comes as a string from here on */
	if (!grammar_choices(folded, (struct span){ (const char *)data, size }))
		return 0;
	fuzz_must(grammar_choices(again, (struct span){ folded, strlen(folded) }));
	fuzz_must(!strcmp(folded, again));
	fault = choices_read(cells, &question, m, folded);
	fuzz_must(*choices_fault_name(fault) != '\0');
	fuzz_must(question < m->questions);
	fuzz_must(fault != CHOICES_FIT || manifest_cells_fit(m, cells));
	return 0;
}
