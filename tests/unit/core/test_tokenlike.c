/* SPDX-License-Identifier: MIT */
#include "core/tokenlike.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "core/token.h"

#define TOKEN "JWFZ-PTC5-MN1C-SK7C-KTG2-W3D3-PEKJ"

static bool like(const char *text)
{
	return tokenlike(text, strlen(text));
}

static void a_code_is_seen_however_it_is_written(void **state)
{
	static const char *const texts[] = {
		TOKEN,
		"as in VOTE " TOKEN " A, for example",
		"(jwfz-ptc5-mnlc-sk7c-ktg2-w3d3-pekj)",
		"JWFZPTC5MN1CSK7CKTG2W3D3PEKJ",
		"code: JWFZ PTC5 MN1C SK7C KTG2 W3D3 PEKJ.",
		"the code JWFZ PTC5 MN1C SK7C KTG2 W3D3 PEKJ",
		"JWFZ\xE2\x80\x91PTC5\xE2\x80\x91MN1C\xE2\x80\x91SK7C\xE2\x80\x91KTG2\xE2\x80\x91W3"
		"D3"
		"\xE2\x80\x91PEKJ",
		"JWFZ-PTC5-MN1C-SK7C-KTG2-W3D3-",
		"JWFZ-PTC5-MN1C-SK7C-KTG2-W3D3-PEKA",
		"https://vote.example.org/#JWFZPTC5MN1CSK7CKTG2W3D3",
		"<b>" TOKEN "</b>",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!like(texts[i]))
			fail_msg("not seen: %s", texts[i]);
}

static void words_and_addresses_are_none(void **state)
{
	static const char *const texts[] = {
		"",
		"this text will send many more they have read with them",
		"XXXX-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX: seven groups of four characters",
		"550e8400-e29b-41d4-a716-446655440000",
		"https://forms.example.org/d/1FAIpQLSfabcdefgh0123456789abcdefghjkmnpq/viewform",
		"https://example.org/#section",
		"+49 6955 0123 4567, IBAN DE89 3704 0044 0532 0130 00",
		"7C9ME-2KQ0X-4FZAB-CDEFG-HJKMN",
		"the-word-with-many-more-that-here",
		"Donaudampfschifffahrtselektrizit\xC3\xA4tenhauptbetriebswerk",
		"{{token}} {{#buttons}}{{mailto}}{{/buttons}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (like(texts[i]))
			fail_msg("seen: %s", texts[i]);
}

static void every_code_is_seen(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		char text[TOKEN_TEXT_MAX], line[100];
		struct token token;

		randombytes_buf(token.bytes, TOKEN_BYTES);
		token_write(text, &token);
		for (char *p = text; i % 2 && *p; p++)
			*p = (char)(*p == '-' ? ' ' : *p);
		snprintf(line, sizeof(line), "some words, %s and more", text);
		if (!like(line))
			fail_msg("%s", line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_code_is_seen_however_it_is_written),
		cmocka_unit_test(words_and_addresses_are_none),
		cmocka_unit_test(every_code_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
