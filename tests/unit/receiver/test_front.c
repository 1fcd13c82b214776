/* SPDX-License-Identifier: MIT */
#include "receiver/front.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "tests/poll.h"
#include "tests/support.h"

static void hold(const struct front_page *p, const struct manifest *m)
{
	static unsigned char again[1u << 22];
	static char coded[1u << 16];
	z_stream z = { .next_in = (unsigned char *)p->gzip.data,
		       .avail_in = (unsigned)p->gzip.len,
		       .next_out = again,
		       .avail_out = sizeof(again) };

	sodium_bin2base64(coded, sizeof(coded), (const unsigned char *)m->line, m->len,
	                  sodium_base64_VARIANT_ORIGINAL);
	assert_non_null(strstr(buf_text(&p->plain), coded));
	assert_null(strstr(buf_text(&p->plain), "@MANIFEST@"));
	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(z.total_out, p->plain.len);
	assert_memory_equal(again, p->plain.data, p->plain.len);
	inflateEnd(&z);
	assert_true(p->etag[0] == '"' && p->etag[strlen(p->etag) - 1] == '"');
	assert_null(strstr(buf_text(&p->policy), "unsafe-inline"));
	assert_null(strstr(buf_text(&p->policy), "'unsafe-eval'"));
	assert_non_null(strstr(buf_text(&p->policy), "frame-ancestors 'none'"));
}

static bool speaks(const struct front_page *p, const char *tag)
{
	char block[64];

	snprintf(block, sizeof(block), "<script type=\"application/json\" id=\"words-%s\">", tag);
	return strstr(buf_text(&p->plain), block) != NULL;
}

static void a_page_holds_the_manifest_and_stays_small(void **state)
{
	struct poll_plan plan = { 0 };
	struct why why = { 0 };
	struct front f, other;
	struct poll p, q;

	(void)state;
	poll_make(&p, &plan);
	poll_make(&q, &plan);
	assert_ok(front_make(&f, p.m, &why), &why);
	assert_ok(front_make(&other, q.m, &why), &why);
	hold(&f.vote, p.m);
	hold(&f.check, p.m);
	assert_string_not_equal(f.vote.etag, other.vote.etag);
	assert_true(f.vote.gzip.len < 150000);
	assert_true(f.check.gzip.len < 150000);
	front_release(&f);
	front_release(&other);
	poll_free(&p);
	poll_free(&q);
}

/* Nobody waits for words that their election does not speak. */
static void a_page_speaks_the_languages_of_its_election(void **state)
{
	struct poll_plan plan = { 0 };
	struct why why = { 0 };
	struct front f;
	struct poll p;

	(void)state;
	poll_make(&p, &plan);
	p.m->language[0] = "pt-BR";
	p.m->language[1] = "zh-Hans";
	assert_ok(front_make(&f, p.m, &why), &why);
	assert_true(speaks(&f.vote, "pt") && speaks(&f.vote, "zh") && speaks(&f.vote, "en"));
	assert_true(speaks(&f.check, "pt") && speaks(&f.check, "zh") && speaks(&f.check, "en"));
	assert_false(speaks(&f.vote, "fr") || speaks(&f.vote, "ar") || speaks(&f.check, "de"));
	front_release(&f);
	p.m->language[0] = "p";
	p.m->language[1] = "ptx";
	assert_ok(front_make(&f, p.m, &why), &why);
	assert_true(speaks(&f.vote, "en"));
	assert_false(speaks(&f.vote, "pt"));
	front_release(&f);
	poll_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_holds_the_manifest_and_stays_small),
		cmocka_unit_test(a_page_speaks_the_languages_of_its_election),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests_name("front", tests, NULL, NULL);
}
