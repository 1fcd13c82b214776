/* SPDX-License-Identifier: MIT */
#include "mailer/overview.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/file.h"
#include "core/values.h"
#include "tests/unit/temp.h"

#include "tests/unit/mailer/surveyed.h"

#define MEMBERS   2400
#define FIRST     1796108400 /* 2026-12-01T07:00:00Z */
#define PAGE_MAX  ((size_t)16 << 20)
#define TEMPLATES "../config/templates"

static const struct {
	const char *domain, *country;
} places[] = {
	{ "gmail.com", "France" },
	{ "example.org", "Argentine" },
	{ "outlook.com", "Royaume-Uni" },
	{ "orange.fr", "France" },
	{ "yahoo.com", "États-Unis" },
	{ "bluewin.ch", "Suisse" },
	{ "gmx.de", "Allemagne" },
	{ "gmail.com", "Argentine" },
	{ "hotmail.com", "Canada" },
	{ "gmail.com", "Royaume-Uni" },
	{ "free.fr", "Maroc" },
	{ "proton.me", "Belgique" },
	{ "a-rather-long-name.of-a-company.example", "Côte d’Ivoire" },
};
#define PLACES (sizeof(places) / sizeof(places[0]))

static unsigned draw(uint32_t serial, unsigned salt)
{
	uint64_t x = (serial + 1ull) * 0x9e3779b97f4a7c15ull + salt * 0xbf58476d1ce4e5b9ull;

	x ^= x >> 29;
	x *= 0x94d049bb133111ebull;
	return (unsigned)((x >> 32) % 1000);
}

static struct wanted lost(uint64_t at, unsigned how)
{
	if (how < 500)
		return (struct wanted){ SEND_REFUSED,   at,       0, 550, "5.1.1",
			                "no such user", FAILURES, 0, 0 };
	if (how < 620)
		return (struct wanted){ SEND_REFUSED,      at,       0, 552, "5.2.2",
			                "mailbox is full", FAILURES, 0, 0 };
	return (struct wanted){
		SEND_ACCEPTED, at, 0, 250, "", "", how < 800 ? FAILURE_HARD : FAILURE_POLICY,
		at + 60,       1
	};
}

/* A send-out that goes well but in one country. */
static struct wanted busy(uint32_t serial)
{
	const bool far = !strcmp(places[serial % PLACES].country, "Argentine");
	const unsigned x = draw(serial, 1), how = draw(serial, 2);
	const uint64_t at = FIRST + (uint64_t)draw(serial, 3) * draw(serial, 4) / 40;

	if (x < 60)
		return (struct wanted){ .at = 0, .back = FAILURES };
	if (x < (far ? 700u : 100u))
		return lost(at, far ? how + 400 : how);
	if (x < (far ? 800u : 115u))
		return (struct wanted){ SEND_DEFERRED, at,       at + 900, 451, "4.7.1",
			                "greylisted",  FAILURES, 0,        0 };
	if (x < (far ? 830u : 122u))
		return (struct wanted){ SEND_ACCEPTED,   at,     0, 250, "", "",
			                FAILURE_DELAYED, at + 9, 2 };
	if (x < (far ? 835u : 125u))
		return (struct wanted){ SEND_UNCERTAIN, at, at, 0, "", "", FAILURES, 0, 0 };
	if (x > 997)
		return (struct wanted){ SEND_IN_FLIGHT, at, 0, 0, "", "", FAILURES, 0, 0 };
	return (struct wanted){ SEND_ACCEPTED, at, 0, 250, "", "", FAILURES, 0, 0 };
}

static void open_busy(struct surveyed *s, void **state)
{
	struct buf csv = BUF_INIT((size_t)4 << 20);

	buf_adds(&csv, "id,email,name,language,group\n");
	for (unsigned i = 0; i < MEMBERS; i++)
		buf_addf(&csv, "SECRET-%u,secret.%u@%s,Secret Person,%s,%s\n", i, i,
		         places[i % PLACES].domain, i % 3 ? "fr" : "en",
		         places[i % PLACES].country);
	buf_adds(&csv, "SECRET-A,secret.a@only-mine.example,Secret Person,fr,Only Mine\n");
	surveyed_open(s, state, &csv);
	buf_free(&csv);
}

static void write_page(struct surveyed *s, const char *path, unsigned percent)
{
	struct conf conf = { .templates = (char *)(uintptr_t)TEMPLATES,
		             .timezone = (char *)(uintptr_t) "Europe/Paris" };
	const struct alarm alarm = { percent, 20 };
	const struct overview overview = {
		.survey = &s->s,
		.alarm = &alarm,
		.title = "Policy text <2027> & more",
		.organiser = "Commission électorale, fédération de l'étranger",
		.test = true,
		.at = FIRST + 40000,
		.closes = FIRST + 200000,
		.conf = &conf,
		.top = 8,
	};
	struct why why = { 0 };

	assert_ok(overview_html(&overview, path, &why), &why);
}

static void read_page(struct buf *page, const char *path)
{
	struct stat st;

	assert_int_equal(file_read(page, path, NULL), OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void has(const struct buf *page, const char *words)
{
	if (!strstr(buf_text(page), words))
		fail_msg("the page does not hold: %s", words);
}

static void has_not(const struct buf *page, const char *words)
{
	if (strstr(buf_text(page), words))
		fail_msg("the page holds: %s", words);
}

static bool is_void(const char *name, size_t len)
{
	return len == 4 && !memcmp(name, "meta", 4);
}

/* Every tag is closed, in its order. */
static void well_formed(const struct buf *page)
{
	const char *open[64], *at = buf_text(page);
	size_t length[64], n = 0;

	while ((at = strchr(at, '<'))) {
		const char *name = at + 1 + (at[1] == '/'), *end = strchr(at, '>');
		const size_t len = strcspn(name, " >/");

		assert_non_null(end);
		if (at[1] == '/') {
			assert_true(n && length[n - 1] == len && !memcmp(open[n - 1], name, len));
			n--;
		} else if (at[1] != '!' && end[-1] != '/' && !is_void(name, len)) {
			assert_true(n < sizeof(open) / sizeof(open[0]));
			open[n] = name;
			length[n++] = len;
		}
		at = end;
	}
	assert_int_equal(n, 0);
}

static void the_page_is_whole_and_names_nobody(void **state)
{
	const char *other = getenv("VOTEPOST_PAGES");
	struct buf page = BUF_INIT(PAGE_MAX);
	struct surveyed s;
	char path[300];

	snprintf(path, sizeof(path), "%s/busy.html", other ? other : ((struct temp *)*state)->dir);
	open_busy(&s, state);
	surveyed_letters(&s, state, busy);
	surveyed_returns(&s, busy);
	surveyed_make(&s);
	write_page(&s, path, 90);
	read_page(&page, path);
	has(&page, "Too few letters arrive.");
	has(&page, "group Argentine");
	has(&page, "Policy text &lt;2027&gt; &amp; more");
	has(&page, "2\xe2\x80\xaf"
	           "401 members");
	has_not(&page, "ecret");
	has_not(&page, "nly");
	has_not(&page, "{{");
	well_formed(&page);
	has_not(&page, "<script");
	has_not(&page, "://");
	buf_free(&page);
	surveyed_close(&s);
}

static struct wanted nothing(uint32_t serial)
{
	(void)serial;
	return (struct wanted){ .at = 0, .back = FAILURES };
}

static void a_page_before_the_first_letter_says_so(void **state)
{
	const char *other = getenv("VOTEPOST_PAGES");
	struct buf page = BUF_INIT(PAGE_MAX);
	struct surveyed s;
	char path[300];

	snprintf(path, sizeof(path), "%s/new.html", other ? other : ((struct temp *)*state)->dir);
	open_busy(&s, state);
	surveyed_letters(&s, state, nothing);
	surveyed_make(&s);
	write_page(&s, path, 90);
	read_page(&page, path);
	has(&page, "No letter was sent yet.");
	has_not(&page, "Too few letters arrive.");
	has_not(&page, "<h2 id=\"hours\">");
	has_not(&page, "{{");
	well_formed(&page);
	buf_free(&page);
	surveyed_close(&s);
}

static void numbers_have_narrow_spaces_between_thousands(void **state)
{
	char text[VALUES_THOUSANDS];

	(void)state;
	values_thousands_write(text, 0);
	assert_string_equal(text, "0");
	values_thousands_write(text, 999);
	assert_string_equal(text, "999");
	values_thousands_write(text, 1600000);
	assert_string_equal(text, "1\xe2\x80\xaf"
	                          "600\xe2\x80\xaf"
	                          "000");
	values_thousands_write(text, UINT64_MAX);
	assert_int_equal(strlen(text), 20 + 6 * 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(the_page_is_whole_and_names_nobody),
		TEMP_TEST(a_page_before_the_first_letter_says_so),
		cmocka_unit_test(numbers_have_narrow_spaces_between_thousands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
