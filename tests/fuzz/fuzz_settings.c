/* SPDX-License-Identifier: MIT */
#include "core/settings.h"

#include <string.h>

#include "core/text.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct settings *s = NULL;
	struct why why = { 0 };
	const char *group;
	size_t i;

	if (settings_open(&s, fuzz_path(data, size), &why)) {
		fuzz_must(why.text[0]);
		return 0;
	}
	for (i = 0; (group = settings_group(s, i)); i++) {
		fuzz_must(utf8_valid(group, strlen(group)));
		fuzz_must(settings_line(s, group, NULL, NULL) > 0);
		settings_get(s, group, "title", "fr");
	}
	if (settings_unknown(s, &why))
		fuzz_must(strstr(why.text, "unknown"));
	settings_free(s);
	return 0;
}
