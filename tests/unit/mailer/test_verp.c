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

static void found(const char *text, uint32_t generation)
{
	struct report r = { 0 };

	if (!verp_find(&r, "bounce", text, strlen(text)))
		fail_msg("no handle in %s", text);
	assert_string_equal(r.handle, HANDLE);
	assert_int_equal(r.generation, generation);
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
	found("bounce+" HANDLE "@vote.test", 1);
	found("<Bounce+7C9ME2KQ0X4FZ@VOTE.TEST>", 1);
	found("bounce+" HANDLE "-2@vote.test", 2);
	found("bounce+" HANDLE "-0@vote.test", 0);
	found("prvs=1234567890=bounce+" HANDLE "@vote.test", 1);
	found("prvs=bounce+" HANDLE "/1234567890@vote.test", 1);
	found("msprvs1=17891AbCdEf=bounce+" HANDLE "@vote.test", 1);
	found("btv1==0123456789abc==bounce+" HANDLE "-13@vote.test", 13);
	found("SRS0=HHHH=TT=vote.test=bounce+" HANDLE "@forward.test", 1);
	found("SRS1=HHHH=other.test==HHHH=TT=vote.test=bounce+" HANDLE "@forward.test", 1);
	found("srs0+HHHH=TT=vote.test=bounce+" HANDLE "@forward.test", 1);
	found("\"bounce+" HANDLE "\"@vote.test", 1);
	found("bounce%2B" HANDLE "@vote.test", 1);
	found("bounce=2B" HANDLE "@vote.test", 1);
	found("rfc822; bounce+" HANDLE, 1);
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
		uint32_t generation;
	} ids[] = {
		{ "<vote." HANDLE ".1@vote.test>", true, 1 },
		{ "Message-ID: <reminder-2." HANDLE ".3@vote.test>", true, 3 },
		{ "x@vote.test <moved." HANDLE ".2@Vote.Test>", true, 0 },
		{ "<vote." HANDLE ".1@vote.test.evil>", false, 0 },
		{ "<vote." HANDLE ".1@other.test>", false, 0 },
		{ "<vote." HANDLE "@vote.test>", false, 0 },
		{ ".1@vote.test", false, 0 },
		{ "1@vote.test", false, 0 },
		{ "@vote.test", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		struct report r = { 0 };

		assert_int_equal(verp_find_id(&r, "vote.test", ids[i].text, strlen(ids[i].text)),
		                 ids[i].found);
		assert_string_equal(r.handle, ids[i].found ? HANDLE : "");
		assert_int_equal(r.generation, ids[i].generation);
	}
}

static void scramble_case(char *text)
{
	for (; *text; text++)
		if (*text >= 'a' && *text <= 'z' && randombytes_uniform(2))
			*text = (char)(*text - 'a' + 'A');
}

/* Any handle, any generation, wrapped any number of times, in any case. */
static void every_handle_is_found_in_every_wrapper(void **state)
{
	static const char *const wrappers[] = { "%s", "prvs=0a1b2c3d4e=%s", "btv1==77xyz==%s",
		                                "SRS0=aB1=Zz=vote.test=%s",
		                                "SRS1=q2=fwd.test==aB1=Zz=vote.test=%s" };

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		char handle[REPORT_HANDLE], local[600], wrapped[600];
		uint32_t generation = 1 + randombytes_uniform(3);
		struct report r = { 0 };
		unsigned char bytes[16];

		randombytes_buf(bytes, sizeof(bytes));
		b32_write(handle, bytes, (size_t)HANDLE_CHARS * 5);
		if (generation == 1)
			snprintf(local, sizeof(local), "bounce+%s", handle);
		else
			snprintf(local, sizeof(local), "bounce+%s-%u", handle, generation);
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
		assert_int_equal(r.generation, generation);
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
