/* SPDX-License-Identifier: MIT */
#include "core/syntax.h"

#include <string.h>

#define ADDRESS_MAX 254
#define LOCAL_MAX   64

static bool among(char c, const char *more)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr(more, c));
}

/* [a-z]{2,3}(-[A-Za-z0-9]{2,8})* */
bool syntax_language(const char *tag)
{
	size_t n = strspn(tag, "abcdefghijklmnopqrstuvwxyz");

	if (n < 2 || n > 3)
		return false;
	for (tag += n; *tag == '-'; tag += n) {
		tag++;
		for (n = 0; among(tag[n], ""); n++)
			;
		if (n < 2 || n > 8)
			return false;
	}
	return *tag == '\0';
}

/* A plain ASCII addr-spec: dot-atoms on both sides of one @. */
bool syntax_address(const char *text)
{
	const char *at = strchr(text, '@'), *c;

	if (!at || at == text || strlen(text) > ADDRESS_MAX || at - text > LOCAL_MAX)
		return false;
	for (c = text; *c; c++) {
		if (c == at)
			continue;
		if (*c == '.' ? c == text || c[1] == '.' || c[1] == '@' || !c[1] || c == at + 1
		              : !among(*c, c < at ? "!#$%&'*+-/=?^_`{|}~" : "-"))
			return false;
	}
	return at[1] != '\0' && at[1] != '-';
}

bool syntax_link(const char *text, bool test)
{
	static const char local[] = "http://127.0.0.1";
	const char *rest = text, *c;

	if (strncmp(text, "https://", 8) == 0) {
		rest = text + 8;
		if (!among(*rest, "["))
			return false;
	} else if (test && strncmp(text, local, sizeof(local) - 1) == 0) {
		rest = text + sizeof(local) - 1;
		if (*rest && *rest != ':' && *rest != '/')
			return false;
	} else {
		return false;
	}
	for (c = rest; *c; c++)
		if (!among(*c, "-._~:/?[]@!$&'()*+,;=%"))
			return false;
	return true;
}
