/* SPDX-License-Identifier: MIT */
#include "core/mail/fetch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/file.h"
#include "tests/support.h"
#include "tests/unit/temp.h"

#include "tests/unit/pages.h"

#define MANY 300000

struct web {
	struct pages pages;
	struct buf wanted;
	const char *source, *path;
	uint64_t steps;
};

static void count(void *context, uint64_t more)
{
	((struct web *)context)->steps += more;
}

static void open_web(struct web *w, void **state)
{
	uint64_t seed = support_seed();
	struct page page[4];

	memset(w, 0, sizeof(*w));
	w->wanted = BUF_INIT(MANY);
	for (unsigned i = 0; i < MANY; i++)
		buf_addc(&w->wanted, (char)support_random(&seed));
	w->source = temp_file(state, "source", w->wanted.data, w->wanted.len);
	w->path = temp_path(state, "fetched");
	page[0] = (struct page){ "/board?from=0", "200 OK", w->source, NULL };
	page[1] = (struct page){ "/busy", "503 Service Unavailable", w->source, NULL };
	page[2] = (struct page){ "/moved", "302 Found", NULL,
		                 "Location: http://127.0.0.1/elsewhere\r\n" };
	page[3] = (struct page){ "/silent", NULL, NULL, NULL };
	pages_listen(&w->pages);
	pages_serve(&w->pages, page, 4);
}

static void close_web(struct web *w)
{
	pages_stop(&w->pages);
	buf_free(&w->wanted);
}

static enum err get(struct web *w, const char *what, uint64_t max, struct why *why)
{
	char url[200];
	struct fetch f = { .url = url, .max = max, .timeout = 2, .step = count, .context = w };

	snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", w->pages.port, what);
	memset(why, 0, sizeof(*why));
	return fetch_file(w->path, &f, why);
}

static void a_file_comes_whole_and_is_for_its_owner_alone(void **state)
{
	struct buf got = BUF_INIT(MANY + 1);
	struct stat st;
	struct why why;
	struct web w;

	open_web(&w, state);
	temp_text(state, "fetched", "what stood there before");
	assert_ok(get(&w, "/board?from=0", MANY, &why), &why);
	assert_int_equal(file_read(&got, w.path, NULL), OK);
	assert_int_equal(got.len, MANY);
	assert_memory_equal(got.data, w.wanted.data, MANY);
	assert_int_equal(stat(w.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(w.steps, MANY);
	buf_free(&got);
	close_web(&w);
}

static void what_is_too_large_is_not_kept(void **state)
{
	struct why why;
	struct web w;

	open_web(&w, state);
	assert_int_equal(get(&w, "/board?from=0", MANY - 1, &why), ERR_TOO_LARGE);
	assert_non_null(strstr(why.text, "more than 299999 bytes"));
	assert_false(file_there(w.path));
	close_web(&w);
}

static void another_answer_than_the_file_is_told(void **state)
{
	static const struct {
		const char *what, *words;
	} answers[] = {
		{ "/busy", "the server answers 503" },
		{ "/none", "the server answers 404" },
		{ "/moved", "the server answers 302" }, /* nobody is followed */
		{ "/silent", "/silent: " },
	};
	struct why why;
	struct web w;

	open_web(&w, state);
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		assert_int_equal(get(&w, answers[i].what, MANY, &why), ERR_AGAIN);
		assert_non_null(strstr(why.text, answers[i].words));
		assert_false(file_there(w.path));
	}
	close_web(&w);
}

static void plain_http_goes_to_this_machine_alone(void **state)
{
	static const char *const urls[] = { "http://votes.example.org/head",
		                            "http://127.0.0.1.example.org/head",
		                            "http://127.0.0.1@example.org/head",
		                            "http://localhost/head", "file:///etc/passwd" };
	const char *path = temp_path(state, "fetched");

	for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
		const struct fetch f = { .url = urls[i], .max = 1000, .timeout = 1 };
		struct why why = { 0 };

		assert_int_equal(fetch_file(path, &f, &why), ERR_SETTINGS);
		assert_non_null(strstr(why.text, "only https://"));
		assert_false(file_there(path));
	}
}

static void a_server_without_tls_is_none(void **state)
{
	struct why why = { 0 };
	char url[200];
	struct fetch f = { .url = url, .max = 1000, .timeout = 2 };
	struct web w;

	open_web(&w, state);
	snprintf(url, sizeof(url), "https://127.0.0.1:%u/busy", w.pages.port);
	assert_int_equal(fetch_file(w.path, &f, &why), ERR_AGAIN);
	assert_false(file_there(w.path));
	pages_stop(&w.pages);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/busy", w.pages.port);
	assert_int_equal(fetch_file(w.path, &f, &why), ERR_AGAIN);
	w.pages.child = 0;
	w.pages.listener = -1;
	close_web(&w);
}

/* As a web server without TLS answers what it cannot read. */
static void a_port_without_tls_is_told_and_what_to_do(void **state)
{
	char url[200], hello[512];
	struct fetch f = { .url = url, .max = 1000, .timeout = 2 };
	struct why why = { 0 };
	struct pages p;

	pages_listen(&p);
	snprintf(url, sizeof(url), "https://127.0.0.1:%u/head", p.port);
	p.child = fork();
	assert_true(p.child >= 0);
	if (!p.child) {
		int fd = accept(p.listener, NULL, NULL);

		if (read(fd, hello, sizeof(hello)) > 0)
			dprintf(fd, "HTTP/1.1 400 Bad Request\r\n\r\n");
		sleep(1);
		_exit(0);
	}
	assert_int_equal(fetch_file(temp_path(state, "fetched"), &f, &why), ERR_AGAIN);
	pages_stop(&p);
	if (!strstr(why.text, "/head: what answers there does not speak TLS") ||
	    !strstr(why.text, "web server with a certificate"))
		fail_msg("%s", why.text);
}

static void a_path_that_cannot_be_written_is_named(void **state)
{
	struct why why;
	struct web w;

	open_web(&w, state);
	w.path = temp_path(state, "no/folder");
	assert_int_equal(get(&w, "/board?from=0", MANY, &why), ERR_NOT_FOUND);
	assert_non_null(strstr(why.text, "no/folder"));
	close_web(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(a_file_comes_whole_and_is_for_its_owner_alone),
		TEMP_TEST(what_is_too_large_is_not_kept),
		TEMP_TEST(another_answer_than_the_file_is_told),
		TEMP_TEST(plain_http_goes_to_this_machine_alone),
		TEMP_TEST(a_server_without_tls_is_none),
		TEMP_TEST(a_port_without_tls_is_told_and_what_to_do),
		TEMP_TEST(a_path_that_cannot_be_written_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
