/* SPDX-License-Identifier: MIT */
#include "mailer/pollbook.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "core/text.h"
#include "tests/election.h"
#include "tests/support.h"
#include "tests/unit/temp.h"

#define VOTERS   6
#define LINE_CAP (1u << 20)
#define HOUR     3600

static void make(struct election *e)
{
	const struct election_shape shape = { 1, 1, { VOTERS, 0 }, 1, false };

	election_init(e, &shape);
	election_open(e);
}

static enum err read_it(struct pollbook **p, const struct election *e, void **state,
                        struct why *why)
{
	memset(why, 0, sizeof(*why));
	return pollbook_read(p, e->m, temp_path(state, "board.ndjson"),
	                     temp_path(state, "head.json"), why);
}

/* The board as it is with a head over all of it, read. */
static struct pollbook *must_read(const struct election *e, void **state)
{
	struct pollbook *p = NULL;
	struct why why;

	election_write(e, ((struct temp *)*state)->dir, true);
	assert_ok(read_it(&p, e, state, &why), &why);
	return p;
}

/* Not read, under this check, and the sentence names file and place. */
static void must_refuse(const struct election *e, void **state, const char *check,
                        const char *words)
{
	struct pollbook *p = NULL;
	struct why why;

	assert_int_equal(read_it(&p, e, state, &why), ERR_INVALID);
	assert_null(p);
	assert_string_equal(why.check, check);
	if (!strstr(why.text, words))
		fail_msg("\"%s\" does not say \"%s\"", why.text, words);
}

/* With a head of the receiver's over what is wrong: the head alone does not make it right. */
static void must_refuse_board(const struct election *e, void **state, const char *check)
{
	char place[64];

	election_write(e, ((struct temp *)*state)->dir, true);
	snprintf(place, sizeof(place),
	         "board.ndjson: line %llu: ", (unsigned long long)e->tree.size - 1);
	must_refuse(e, state, check, place);
}

static void add_text(struct election *e, const char *text)
{
	struct buf line = BUF_INIT(LINE_CAP);

	buf_adds(&line, text);
	election_line(e, &line);
	buf_free(&line);
}

static void add_replaced(struct election *e, const struct point *old, const struct point *by,
                         const unsigned char *secret)
{
	struct buf line = BUF_INIT(LINE_CAP);

	replaced_write(&line, e->m, old, by, secret);
	election_line(e, &line);
	buf_free(&line);
	e->replaced++;
}

static void add_extended(struct election *e, uint64_t closes, const unsigned char *secret)
{
	struct buf line = BUF_INIT(LINE_CAP);

	extended_write(&line, e->m, closes, secret);
	election_line(e, &line);
	buf_free(&line);
}

static struct point fresh_credential(void)
{
	struct scalar secret;
	struct point credential;

	scalar_random(&secret);
	point_base(&credential, &secret);
	return credential;
}

static enum pollbook_state find(const struct pollbook *p, const struct point *credential)
{
	return pollbook_find(p, credential, NULL);
}

static void the_pollbook_says_who_voted_and_in_which_hour(void **state)
{
	struct election e;
	struct pollbook *p;
	uint64_t hour;

	make(&e);
	election_vote(&e, 0, 0);
	election_time(&e, ELECTION_OPENS + HOUR);
	election_vote(&e, 1, 1);
	p = must_read(&e, state);
	assert_int_equal(pollbook_find(p, &e.voter[0].credential, &hour), POLLBOOK_USED);
	assert_int_equal(hour, ELECTION_OPENS);
	assert_int_equal(pollbook_find(p, &e.voter[1].credential, &hour), POLLBOOK_USED);
	assert_int_equal(hour, ELECTION_OPENS + HOUR);
	assert_int_equal(pollbook_find(p, &e.voter[2].credential, &hour), POLLBOOK_UNMARKED);
	assert_int_equal(hour, 0);
	assert_int_equal(pollbook_ballots(p), 2);
	assert_int_equal(pollbook_head(p)->size, e.tree.size);
	assert_int_equal(pollbook_closes(p), ELECTION_CLOSES);
	assert_false(pollbook_closed(p));
	pollbook_free(p);
	election_release(&e);
}

static void a_replaced_credential_is_void_and_its_successor_votes(void **state)
{
	struct election e;
	struct pollbook *p;
	struct scalar secret;
	struct point by;
	uint64_t hour = 1;

	make(&e);
	scalar_random(&secret);
	point_base(&by, &secret);
	add_replaced(&e, &e.voter[0].credential, &by, e.mailer_secret);
	add_replaced(&e, &e.voter[1].credential, NULL, e.mailer_secret);
	p = must_read(&e, state);
	assert_int_equal(pollbook_find(p, &e.voter[0].credential, &hour), POLLBOOK_REPLACED);
	assert_int_equal(hour, 0);
	assert_int_equal(find(p, &e.voter[1].credential), POLLBOOK_REPLACED);
	assert_int_equal(find(p, &by), POLLBOOK_VALID);
	pollbook_free(p);
	e.voter[0].secret = secret;
	election_vote(&e, 0, 1);
	p = must_read(&e, state);
	assert_int_equal(find(p, &by), POLLBOOK_USED);
	pollbook_free(p);
	election_release(&e);
}

static void a_closed_board_is_told_from_an_open_one(void **state)
{
	struct election e;
	struct pollbook *p;

	make(&e);
	election_vote(&e, 0, 0);
	add_extended(&e, ELECTION_CLOSES - HOUR + 2 * HOUR, e.mailer_secret);
	election_time(&e, ELECTION_CLOSES);
	election_vote(&e, 1, 0); /* it is open an hour longer */
	p = must_read(&e, state);
	assert_int_equal(pollbook_closes(p), ELECTION_CLOSES + HOUR);
	assert_false(pollbook_closed(p));
	pollbook_free(p);
	election_time(&e, ELECTION_CLOSES + HOUR);
	add_text(&e, "{\"type\":\"closed\",\"ballots\":2,\"issued\":6,\"replaced\":0}");
	p = must_read(&e, state);
	assert_true(pollbook_closed(p));
	pollbook_free(p);
	election_release(&e);
}

static void a_board_longer_than_the_head_is_read_up_to_it(void **state)
{
	struct election e;
	struct pollbook *p;
	struct why why;

	make(&e);
	election_vote(&e, 0, 0);
	election_write(&e, ((struct temp *)*state)->dir, true);
	election_vote(&e, 1, 0);
	add_text(&e, "no line at all");
	election_write(&e, ((struct temp *)*state)->dir, false);
	assert_ok(read_it(&p, &e, state, &why), &why);
	assert_int_equal(find(p, &e.voter[0].credential), POLLBOOK_USED);
	assert_int_equal(find(p, &e.voter[1].credential), POLLBOOK_UNMARKED);
	pollbook_free(p);
	election_release(&e);
}

static void a_head_may_lack_its_line_feed(void **state)
{
	struct election e;
	struct pollbook *p;
	struct head head;
	struct buf line = BUF_INIT(LINE_CAP);
	struct why why;

	make(&e);
	election_write(&e, ((struct temp *)*state)->dir, true);
	election_head(&e, &head, ELECTION_OPENS);
	head_write(&line, &head);
	election_file(((struct temp *)*state)->dir, "head.json", line.data, line.len);
	assert_ok(read_it(&p, &e, state, &why), &why);
	pollbook_free(p);
	buf_adds(&line, "\n\n");
	election_file(((struct temp *)*state)->dir, "head.json", line.data, line.len);
	must_refuse(&e, state, "line not canonical", "head.json: ");
	election_file(((struct temp *)*state)->dir, "head.json", "", 0);
	must_refuse(&e, state, "json", "head.json: ");
	buf_free(&line);
	election_release(&e);
}

static void a_board_that_is_cut_is_refused_wherever_it_is_cut(void **state)
{
	struct election e;
	size_t whole;

	make(&e);
	election_vote(&e, 0, 0);
	election_write(&e, ((struct temp *)*state)->dir, true);
	whole = e.board.len;
	for (size_t cut = 1; cut < whole; cut += 97) {
		election_file(((struct temp *)*state)->dir, "board.ndjson", e.board.data,
		              whole - cut);
		must_refuse(&e, state, "head root", "the board ends here");
	}
	election_release(&e);
}

static void a_byte_that_was_changed_is_noticed(void **state)
{
	uint64_t seed = support_seed();
	struct election e;

	make(&e);
	election_vote(&e, 0, 0);
	election_write(&e, ((struct temp *)*state)->dir, true);
	for (unsigned i = 0; i < 300; i++) {
		size_t at = (size_t)(support_random(&seed) % e.board.len);
		char was = e.board.data[at];
		struct pollbook *p = NULL;
		struct why why;

		e.board.data[at] = (char)(was ^ (1 << support_random(&seed) % 7));
		election_write(&e, ((struct temp *)*state)->dir, false);
		assert_int_equal(read_it(&p, &e, state, &why), ERR_INVALID);
		assert_null(p);
		assert_true(why.text[0]);
		e.board.data[at] = was;
	}
	election_release(&e);
}

static void another_elections_board_or_head_is_refused(void **state)
{
	struct election mine, other;
	struct head head;
	struct buf line = BUF_INIT(LINE_CAP);

	make(&mine);
	make(&other);
	election_write(&other, ((struct temp *)*state)->dir, true);
	must_refuse(&mine, state, "head signature", "head.json: ");
	/* A head of our receiver's does not make the board ours. */
	head = (struct head){ .size = other.tree.size, .time = ELECTION_OPENS };
	merkle_root(&head.root, &other.tree);
	head_sign(&head, mine.m, mine.receiver_secret);
	head_write(&line, &head);
	buf_addc(&line, '\n');
	election_file(((struct temp *)*state)->dir, "head.json", line.data, line.len);
	must_refuse(&mine, state, "manifest", "board.ndjson: line 0: ");
	buf_free(&line);
	election_release(&other);
	election_release(&mine);
}

static void a_head_of_another_key_is_refused(void **state)
{
	struct election e;
	unsigned char key[32];

	make(&e);
	crypto_sign_keypair(key, e.receiver_secret);
	election_write(&e, ((struct temp *)*state)->dir, true);
	must_refuse(&e, state, "head signature", "head.json: ");
	election_file(((struct temp *)*state)->dir, "head.json", "{}\n", 3);
	must_refuse(&e, state, "json keys", "head.json: ");
	election_release(&e);
}

static void a_head_over_another_board_of_the_same_length_is_refused(void **state)
{
	struct election e;
	struct buf was = BUF_INIT(LINE_CAP);

	make(&e);
	buf_add(&was, e.board.data, e.board.len);
	election_vote(&e, 0, 0);
	election_write(&e, ((struct temp *)*state)->dir, true);
	/* The head signs voter 0's ballot; the board shows voter 1's. */
	buf_clear(&e.board);
	buf_add(&e.board, was.data, was.len);
	election_vote(&e, 1, 0);
	election_write(&e, ((struct temp *)*state)->dir, false);
	must_refuse(&e, state, "head root", "not the board that the head signs");
	buf_free(&was);
	election_release(&e);
}

static void a_credential_that_votes_twice_is_refused(void **state)
{
	struct election e;

	make(&e);
	election_vote(&e, 0, 0);
	election_vote(&e, 0, 1);
	must_refuse_board(&e, state, "ballot credential");
	election_release(&e);
}

static void a_replaced_credential_cannot_vote_or_be_replaced_again(void **state)
{
	const struct point by = fresh_credential(), another = fresh_credential();
	struct election e;
	struct buf was = BUF_INIT(LINE_CAP);
	struct merkle tree;

	make(&e);
	add_replaced(&e, &e.voter[0].credential, &by, e.mailer_secret);
	buf_add(&was, e.board.data, e.board.len);
	tree = e.tree;
	election_vote(&e, 0, 0);
	must_refuse_board(&e, state, "ballot credential");
	buf_clear(&e.board);
	buf_add(&e.board, was.data, was.len);
	e.tree = tree;
	add_replaced(&e, &e.voter[0].credential, &another, e.mailer_secret);
	must_refuse_board(&e, state, "replaced credential");
	buf_clear(&e.board);
	buf_add(&e.board, was.data, was.len);
	e.tree = tree;
	add_replaced(&e, &e.voter[1].credential, &by, e.mailer_secret);
	must_refuse_board(&e, state, "replaced by");
	buf_free(&was);
	election_release(&e);
}

static void a_used_credential_cannot_be_replaced(void **state)
{
	const struct point by = fresh_credential();
	struct election e;

	make(&e);
	election_vote(&e, 0, 0);
	add_replaced(&e, &e.voter[0].credential, &by, e.mailer_secret);
	must_refuse_board(&e, state, "replaced credential");
	election_release(&e);
}

static void changes_that_the_mailer_did_not_sign_are_refused(void **state)
{
	const struct point by = fresh_credential();
	struct election e;

	make(&e);
	add_replaced(&e, &e.voter[0].credential, &by, e.receiver_secret);
	must_refuse_board(&e, state, "replaced signature");
	election_release(&e);
	make(&e);
	add_extended(&e, ELECTION_CLOSES + HOUR, e.receiver_secret);
	must_refuse_board(&e, state, "extended signature");
	election_release(&e);
}

static void lines_that_have_no_place_are_refused_by_name(void **state)
{
	static const struct {
		const char *check, *line;
	} wrong[] = {
		{ "json", "" },
		{ "json", "no line" },
		{ "line type", "{\"type\":\"head\"}" },
		{ "line not canonical", "{\"type\": \"time\",\"at\":\"2026-12-01T13:00:00Z\"}" },
		{ "line type", "{\"type\":\"ballot\"}" },
		{ "ballot channel", "{\"type\":\"ballot\",\"body\":\"\"}" },
		{ "ballot channel", "{\"type\":\"ballot\",\"channel\":\"link\",\"credential\":\"" },
		{ "time order", "{\"type\":\"time\",\"at\":\"2026-12-01T12:00:00Z\"}" },
		{ "closed early",
		  "{\"type\":\"closed\",\"ballots\":0,\"issued\":6,\"replaced\":0}" },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct election e;

		make(&e);
		add_text(&e, wrong[i].line);
		must_refuse_board(&e, state, wrong[i].check);
		election_release(&e);
	}
}

static void nothing_votes_before_the_opening_or_after_the_closing(void **state)
{
	struct election e;
	const struct election_shape shape = { 1, 1, { VOTERS, 0 }, 1, false };

	election_init(&e, &shape);
	election_issue(&e);
	election_accept(&e);
	election_vote(&e, 0, 0);
	must_refuse_board(&e, state, "line before opening");
	election_release(&e);
	make(&e);
	election_time(&e, ELECTION_CLOSES);
	election_vote(&e, 0, 0);
	must_refuse_board(&e, state, "ballot late");
	election_release(&e);
	make(&e);
	election_close(&e);
	add_text(&e, "{\"type\":\"time\",\"at\":\"2026-12-03T13:00:00Z\"}");
	must_refuse_board(&e, state, "line after closed");
	election_release(&e);
	make(&e);
	election_time(&e, ELECTION_CLOSES);
	add_text(&e, "{\"type\":\"closed\",\"ballots\":1,\"issued\":6,\"replaced\":0}");
	must_refuse_board(&e, state, "closed counts");
	election_release(&e);
}

static void a_ballot_of_another_length_or_channel_is_refused(void **state)
{
	struct buf line = BUF_INIT(LINE_CAP);
	struct election e;
	char *at;

	make(&e);
	election_ballot(&e, &line, 0, 0);
	at = strstr(line.data, "\"body\":\"") + 8;
	memmove(at, at + 4, strlen(at + 4) + 1);
	line.len -= 4;
	election_line(&e, &line);
	must_refuse_board(&e, state, "ballot length");
	election_release(&e);
	make(&e);
	buf_clear(&line);
	election_ballot(&e, &line, 0, 0);
	at = strstr(line.data, "\"link\"");
	memcpy(at, "\"lynk\"", 6);
	election_line(&e, &line);
	must_refuse_board(&e, state, "ballot channel");
	election_release(&e);
	make(&e);
	buf_clear(&line);
	election_ballot(&e, &line, 0, 0);
	buf_addc(&line, ' ');
	election_line(&e, &line);
	must_refuse_board(&e, state, "ballot length");
	election_release(&e);
	make(&e);
	buf_clear(&line);
	election_ballot(&e, &line, 0, 0);
	strstr(line.data, "\"credential\":\"")[14] = '!';
	election_line(&e, &line);
	must_refuse_board(&e, state, "ballot credential");
	election_release(&e);
	buf_free(&line);
}

static void a_line_of_a_hundred_megabytes_costs_no_memory(void **state)
{
	const size_t huge = (size_t)100 << 20;
	struct pollbook *p = NULL;
	char chunk[1 << 16];
	struct election e;
	struct why why;
	FILE *f;

	make(&e);
	election_vote(&e, 0, 0);
	election_write(&e, ((struct temp *)*state)->dir, true);
	f = fopen(temp_path(state, "board.ndjson"), "w");
	assert_non_null(f);
	fwrite(e.m->line, 1, e.m->len, f);
	memset(chunk, 'x', sizeof(chunk));
	fputc('\n', f);
	for (size_t n = 0; n < huge; n += sizeof(chunk))
		assert_int_equal(fwrite(chunk, 1, sizeof(chunk), f), sizeof(chunk));
	fclose(f);
	assert_int_equal(read_it(&p, &e, state, &why), ERR_TOO_LARGE);
	assert_non_null(strstr(why.text, "board.ndjson: line 1: longer than any"));
	election_release(&e);
}

static void a_file_that_is_not_there_is_named(void **state)
{
	struct pollbook *p = NULL;
	struct election e;
	struct why why;

	make(&e);
	assert_int_equal(read_it(&p, &e, state, &why), ERR_NOT_FOUND);
	assert_non_null(strstr(why.text, "head.json"));
	election_write(&e, ((struct temp *)*state)->dir, true);
	unlink(temp_path(state, "board.ndjson"));
	assert_int_equal(read_it(&p, &e, state, &why), ERR_NOT_FOUND);
	assert_non_null(strstr(why.text, "board.ndjson"));
	election_release(&e);
}

/* Some thousands, so that the table grows while it is read. */
static void thousands_of_replacements_are_all_found(void **state)
{
	enum { MANY = 3000 };
	struct point *old = calloc(MANY, sizeof(*old)), *by = calloc(MANY, sizeof(*by));
	struct election e;
	struct pollbook *p;

	assert_non_null(old);
	assert_non_null(by);
	make(&e);
	for (unsigned i = 0; i < MANY; i++) {
		old[i] = fresh_credential();
		by[i] = fresh_credential();
		add_replaced(&e, &old[i], &by[i], e.mailer_secret);
	}
	p = must_read(&e, state);
	for (unsigned i = 0; i < MANY; i++) {
		assert_int_equal(find(p, &old[i]), POLLBOOK_REPLACED);
		assert_int_equal(find(p, &by[i]), POLLBOOK_VALID);
	}
	pollbook_free(p);
	free(old);
	free(by);
	election_release(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(the_pollbook_says_who_voted_and_in_which_hour),
		TEMP_TEST(a_replaced_credential_is_void_and_its_successor_votes),
		TEMP_TEST(a_closed_board_is_told_from_an_open_one),
		TEMP_TEST(a_board_longer_than_the_head_is_read_up_to_it),
		TEMP_TEST(a_head_may_lack_its_line_feed),
		TEMP_TEST(a_board_that_is_cut_is_refused_wherever_it_is_cut),
		TEMP_TEST(a_byte_that_was_changed_is_noticed),
		TEMP_TEST(another_elections_board_or_head_is_refused),
		TEMP_TEST(a_head_of_another_key_is_refused),
		TEMP_TEST(a_head_over_another_board_of_the_same_length_is_refused),
		TEMP_TEST(a_credential_that_votes_twice_is_refused),
		TEMP_TEST(a_replaced_credential_cannot_vote_or_be_replaced_again),
		TEMP_TEST(a_used_credential_cannot_be_replaced),
		TEMP_TEST(changes_that_the_mailer_did_not_sign_are_refused),
		TEMP_TEST(lines_that_have_no_place_are_refused_by_name),
		TEMP_TEST(nothing_votes_before_the_opening_or_after_the_closing),
		TEMP_TEST(a_ballot_of_another_length_or_channel_is_refused),
		TEMP_TEST(a_line_of_a_hundred_megabytes_costs_no_memory),
		TEMP_TEST(a_file_that_is_not_there_is_named),
		TEMP_TEST(thousands_of_replacements_are_all_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
