/* SPDX-License-Identifier: MIT */
#include "receiver/front.h"

#include <sodium.h>
#include <string.h>
#include <zlib.h>

#include "tests/support.h"

static const char MANIFEST[] = "{\"type\":\"manifest\",\"title\":\"\xc3\xa9\"}";

static void hold(const struct front_page *p)
{
	static unsigned char again[1u << 22];
	char coded[256];
	z_stream z = { .next_in = (unsigned char *)p->gzip.data,
		       .avail_in = (unsigned)p->gzip.len,
		       .next_out = again,
		       .avail_out = sizeof(again) };

	sodium_bin2base64(coded, sizeof(coded), (const unsigned char *)MANIFEST, strlen(MANIFEST),
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

static void a_page_holds_the_manifest_and_stays_small(void **state)
{
	struct why why = { 0 };
	struct front f, other;

	(void)state;
	assert_ok(front_make(&f, MANIFEST, strlen(MANIFEST), &why), &why);
	assert_ok(front_make(&other, MANIFEST, strlen(MANIFEST) - 1, &why), &why);
	hold(&f.vote);
	hold(&f.check);
	assert_string_not_equal(f.vote.etag, other.vote.etag);
	assert_true(f.vote.gzip.len < 150000);
	assert_true(f.check.gzip.len < 150000);
	front_release(&f);
	front_release(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_holds_the_manifest_and_stays_small),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests_name("front", tests, NULL, NULL);
}
