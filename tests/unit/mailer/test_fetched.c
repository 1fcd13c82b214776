/* SPDX-License-Identifier: MIT */
#include "mailer/fetched.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mailer/pollbook.h"
#include "tests/unit/temp.h"

#include "tests/unit/mailer/kit.h"

#include "tests/unit/mailer/posted.h"
#include "tests/unit/pages.h"

#define MEMBERS 10

/* An election whose page is on this machine, and a board there. */
struct page_house {
	struct kit kit;
	struct pages pages;
	struct posted board;
	const char *home;
};

static void open_house(struct page_house *h, void **state, const char *head, const char *board)
{
	char link[100], *text;
	struct page page[2];

	memset(h, 0, sizeof(*h));
	h->home = ((struct temp *)*state)->dir;
	pages_listen(&h->pages);
	snprintf(link, sizeof(link), "link = http://127.0.0.1:%u/", h->pages.port);
	text = kit_replace(KIT_DEFINITION, "link = https://vote.example.org/", link);
	temp_text(state, "election.conf", text);
	free(text);
	text = kit_replace(temp_path(state, "election.conf"), "test = false", "test = true");
	temp_text(state, "election.conf", text);
	free(text);
	kit_open(&h->kit, state, temp_path(state, "election.conf"), MEMBERS);
	posted_begin(&h->board, &h->kit);
	posted_time(&h->board, h->kit.m->opens);
	posted_write(&h->board, state);
	page[0] = (struct page){ "/head", "200 OK", head ? head : temp_path(state, "head.json"),
		                 NULL };
	page[1] = (struct page){ "/board?from=0", "200 OK",
		                 board ? board : temp_path(state, "board.ndjson"), NULL };
	pages_serve(&h->pages, page, 2);
}

static void close_house(struct page_house *h)
{
	pages_stop(&h->pages);
	posted_end(&h->board);
	kit_close(&h->kit);
}

static void the_board_is_read_from_the_election_s_page(void **state)
{
	struct fetched f = { 0 };
	struct pollbook *book = NULL;
	struct why why = { 0 };
	struct page_house h;

	open_house(&h, state, NULL, NULL);
	/* It may grow between the head and the board. */
	posted_time(&h.board, h.kit.m->opens + 3600);
	temp_file(state, "board.ndjson", h.board.text.data, h.board.text.len);
	assert_ok(fetched_get(&f, h.home, h.kit.m, NULL, NULL, &why), &why);
	assert_ok(pollbook_read(&book, h.kit.m, buf_text(&f.board), buf_text(&f.head), &why), &why);
	assert_int_equal(pollbook_head(book)->size, 2);
	pollbook_free(book);
	fetched_end(&f);
	assert_false(file_there(temp_path(state, "fetched-board.ndjson")));
	assert_false(file_there(temp_path(state, "fetched-head.json")));
	close_house(&h);
}

static void a_page_that_gives_no_head_leaves_nothing_behind(void **state)
{
	char name[] = "a.bin";
	struct fetched f = { 0 };
	struct why why = { 0 };
	struct page_house h;
	char huge[5000];

	memset(huge, 'x', sizeof(huge));
	open_house(&h, state, temp_file(state, name, huge, sizeof(huge)), NULL);
	assert_int_equal(fetched_get(&f, h.home, h.kit.m, NULL, NULL, &why), ERR_TOO_LARGE);
	assert_non_null(strstr(why.text, "/head: more than 4096 bytes"));
	fetched_end(&f);
	assert_false(file_there(temp_path(state, "fetched-board.ndjson")));
	assert_false(file_there(temp_path(state, "fetched-head.json")));
	close_house(&h);
}

static void a_page_that_is_away_leaves_another_way(void **state)
{
	struct fetched f = { 0 };
	struct why why = { 0 };
	struct page_house h;

	open_house(&h, state, NULL, NULL);
	pages_stop(&h.pages);
	h.pages.child = 0;
	h.pages.listener = -1;
	assert_int_equal(fetched_get(&f, h.home, h.kit.m, NULL, NULL, &why), ERR_AGAIN);
	assert_non_null(strstr(why.text, "; or give --board and --head"));
	fetched_end(&f);
	close_house(&h);
}

static void an_endless_board_is_cut_off(void **state)
{
	struct fetched f = { 0 };
	struct why why = { 0 };
	struct page_house h;

	open_house(&h, state, NULL, "/dev/zero");
	assert_int_equal(fetched_get(&f, h.home, h.kit.m, NULL, NULL, &why), ERR_TOO_LARGE);
	assert_non_null(strstr(why.text, "/board?from=0: more than"));
	fetched_end(&f);
	assert_false(file_there(temp_path(state, "fetched-board.ndjson")));
	close_house(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(the_board_is_read_from_the_election_s_page),
		TEMP_TEST(a_page_that_gives_no_head_leaves_nothing_behind),
		TEMP_TEST(a_page_that_is_away_leaves_another_way),
		TEMP_TEST(an_endless_board_is_cut_off),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
