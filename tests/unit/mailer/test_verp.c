/* SPDX-License-Identifier: MIT */
#include "mailer/report/verp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>
#include <sodium.h>

#include "core/text.h"

#define HANDLE "7c9me2kq0x4fz"

static void found(const char *text, const char *tag)
{
	struct report r = { 0 };

	if (!verp_find(&r, "bounce", text, strlen(text)))
		fail_msg("no handle in %s", text);
	assert_string_equal(r.handle, HANDLE);
	assert_string_equal(r.tag, tag);
}

static void none(const char *text)
{
	struct report r = { 0 };

	if (verp_find(&r, "bounce", text, strlen(text)))
		fail_msg("a handle in %s", text);
	assert_string_equal(r.handle, "");
}

static void gateways_wrap_it(void **state)
{
	(void)state;
	found("bounce+" HANDLE "@vote.test", "");
	found("<Bounce+7C9ME2KQ0X4FZ@VOTE.TEST>", "");
	found("bounce+" HANDLE "-0a1b2c3d@vote.test", "0a1b2c3d");
	found("bounce+" HANDLE "-QRSTVWXY@vote.test", "qrstvwxy");
	found("prvs=1234567890=bounce+" HANDLE "@vote.test", "");
	found("prvs=bounce+" HANDLE "/1234567890@vote.test", "");
	found("msprvs1=17891AbCdEf=bounce+" HANDLE "@vote.test", "");
	found("btv1==0123456789abc==bounce+" HANDLE "-00000000@vote.test", "00000000");
	found("SRS0=HHHH=TT=vote.test=bounce+" HANDLE "@forward.test", "");
	found("SRS1=HHHH=other.test==HHHH=TT=vote.test=bounce+" HANDLE "@forward.test", "");
	found("srs0+HHHH=TT=vote.test=bounce+" HANDLE "@forward.test", "");
	found("\"bounce+" HANDLE "\"@vote.test", "");
	found("bounce%2B" HANDLE "@vote.test", "");
	found("bounce=2B" HANDLE "@vote.test", "");
	found("rfc822; bounce+" HANDLE, "");
}

static void what_is_none_is_not_found(void **state)
{
	(void)state;
	none("bounce@vote.test");
	none("bounce+7c9me2kq0x4f@vote.test");
	none("bounce+" HANDLE "a@vote.test");
	none("bounce+7c9me2kq0x4fu@vote.test");
	none("bounce+7c9me2kq0x4fi@vote.test");
	none("xbounce+" HANDLE "@vote.test");
	none("bounce " HANDLE "@vote.test");
	none("bounce+" HANDLE "-x@vote.test");
	none("bounce+" HANDLE "-2@vote.test");
	none("bounce+" HANDLE "-0a1b2c3u@vote.test");
	none("bounce+" HANDLE "-0a1b2c3d4@vote.test");
	none("bounce+" HANDLE "-99999999999@vote.test");
	none("");
	none("bounce+");
	none("bounce");
}

static void message_ids(void **state)
{
	static const struct {
		const char *text;
		bool found;
		const char *tag;
	} ids[] = {
		{ "<vote." HANDLE ".1@vote.test>", true, "" },
		{ "Message-ID: <reminder-2." HANDLE ".3@vote.test>", true, "" },
		{ "x@vote.test <vote." HANDLE "-0A1b2c3d.4294967295@Vote.Test>", true, "0a1b2c3d" },
		{ "<vote." HANDLE ".1@vote.test.evil>", false, "" },
		{ "<vote." HANDLE ".1@other.test>", false, "" },
		{ "<vote." HANDLE "-2.2@vote.test>", false, "" },
		{ "<vote" HANDLE ".2@vote.test>", false, "" },
		{ HANDLE ".2@vote.test>", false, "" },
		{ "<vote." HANDLE "@vote.test>", false, "" },
		{ ".1@vote.test", false, "" },
		{ "1@vote.test", false, "" },
		{ "@vote.test", false, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		struct report r = { 0 };

		assert_int_equal(verp_find_id(&r, "vote.test", ids[i].text, strlen(ids[i].text)),
		                 ids[i].found);
		assert_string_equal(r.handle, ids[i].found ? HANDLE : "");
		assert_string_equal(r.tag, ids[i].tag);
	}
}

static void scramble_case(char *text)
{
	for (; *text; text++)
		if (*text >= 'a' && *text <= 'z' && randombytes_uniform(2))
			*text = (char)(*text - 'a' + 'A');
}

/* Any handle, any tag, wrapped any number of times, in any case. */
static void every_handle_is_found_in_every_wrapper(void **state)
{
	static const char *const wrappers[] = { "%s", "prvs=0a1b2c3d4e=%s", "btv1==77xyz==%s",
		                                "SRS0=aB1=Zz=vote.test=%s",
		                                "SRS1=q2=fwd.test==aB1=Zz=vote.test=%s" };

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		char handle[REPORT_HANDLE], local[600], wrapped[600];
		char tag[TAG_TEXT] = "";
		struct report r = { 0 };
		unsigned char bytes[16];

		randombytes_buf(bytes, sizeof(bytes));
		b32_write(handle, bytes, (size_t)HANDLE_CHARS * 5);
		if (randombytes_uniform(2))
			tag_draw(tag);
		snprintf(local, sizeof(local), "bounce+%s%s%s", handle, *tag ? "-" : "", tag);
		for (unsigned i = randombytes_uniform(3); i; i--) {
			_Pragma("GCC diagnostic ignored \"-Wformat-nonliteral\"") snprintf(
				wrapped, sizeof(wrapped), wrappers[randombytes_uniform(5)], local);
			memcpy(local, wrapped, sizeof(local));
		}
		scramble_case(local);
		snprintf(wrapped, sizeof(wrapped), "for <%.500s@gate.test>; later", local);
		if (!verp_find(&r, "bounce", wrapped, strlen(wrapped)))
			fail_msg("%s", wrapped);
		assert_int_equal(strcasecmp(r.handle, handle), 0);
		assert_string_equal(r.tag, tag);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gateways_wrap_it),
		cmocka_unit_test(what_is_none_is_not_found),
		cmocka_unit_test(message_ids),
		cmocka_unit_test(every_handle_is_found_in_every_wrapper),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
