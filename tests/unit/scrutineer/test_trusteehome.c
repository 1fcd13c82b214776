/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/secret.h"
#include "scrutineer/cmd.h"
#include "scrutineer/collected.h"
#include "scrutineer/mark.h"
#include "scrutineer/record.h"
#include "scrutineer/trusteehome.h"
#include "tests/election.h"
#include "tests/support.h"
#include "tests/unit/capture.h"
#include "tests/unit/temp.h"

/* Three trustees, two of whom count, each in a home of its own, by the commands that they use.
 * Paths are relative: each test works in its folder. */
static const struct election_shape shape = { 2, 3, { 5, 3 }, 3, true };

#define WORDS_MAX 20
struct command {
	int (*run)(int, char **);
	char *word[WORDS_MAX];
	int n;
};

static int run_command(void *arg)
{
	const struct command *c = arg;
	char *words[WORDS_MAX + 1] = { NULL };

	memcpy(words, c->word, sizeof(c->word));
	return c->run(c->n, words);
}

/* Space-separated words; what it said stays in `out`. */
static int call(struct capture *out, int (*run)(int, char **), const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static int call(struct capture *out, int (*run)(int, char **), const char *format, ...)
{
	struct command c = { .run = run };
	char line[1024], name[] = "command", *at;
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	c.word[c.n++] = name;
	for (at = strtok(line, " "); at; at = strtok(NULL, " ")) {
		assert_true(c.n < WORDS_MAX);
		c.word[c.n++] = at;
	}
	capture(out, run_command, &c);
	return out->status;
}

static void must(int (*run)(int, char **), const char *words)
{
	struct capture out;

	if (call(&out, run, "%s", words))
		fail_msg("%s: %s", words, out.err);
}

static void refused(int status, const char *because, int (*run)(int, char **), const char *words)
{
	struct capture out;

	if (call(&out, run, "%s", words) != status || !strstr(out.err, because))
		fail_msg("%s: status %d: %s", words, out.status, out.err);
}

static void write_text(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static char start_folder[4096];

static int setup(void **state)
{
	const struct temp *t;

	if (temp_setup(state))
		return -1;
	t = *state;
	sealed_cost.opslimit = 1;
	sealed_cost.memlimit = 8192;
	if (!getcwd(start_folder, sizeof(start_folder)) || chdir(t->dir))
		return -1;
	write_text("pw", "correct horse battery\n", 0600);
	return 0;
}

static int teardown(void **state)
{
	return chdir(start_folder) || temp_teardown(state);
}

static void commit_all(void)
{
	char words[256];

	for (unsigned i = 1; i <= 3; i++) {
		snprintf(
			words, sizeof(words),
			"--home t%u --name Trustee-%u --ceremony spring --trustee %u --threshold 2 "
			"--trustees=3",
			i, i, i);
		strcat(words, " --passphrase-file=pw");
		must(cmd_trustee_commit, words);
	}
}

#define COMMITS "t1/commit-1.json t2/commit-2.json t3/commit-3.json"

static void reveal_all(void)
{
	must(cmd_trustee_reveal, "--home t1 --passphrase-file pw " COMMITS);
	must(cmd_trustee_reveal,
	     "--home t2 --passphrase-file pw t3/commit-3.json t1/commit-1.json t2/commit-2.json");
	must(cmd_trustee_reveal, "--home t3 --passphrase-file pw " COMMITS);
}

/* The fixture's manifest with these trustees in place of its own: what `seal` would do. */
static void seal(struct election *e)
{
	struct trustee_entry entry[TRUSTEES_MAX] = { 0 };
	struct trustees t = { .threshold = 2, .count = 3, .entry = entry };
	struct buf line = BUF_INIT(MANIFEST_MAX);
	struct reveal reveal[3];
	struct why why = { 0 };
	struct point key;
	const char *from, *to;

	from = strstr(e->m->line, "\"trustees\":{\"ceremony\"");
	to = strstr(e->m->line, ",\"mailer_key\"");
	assert_non_null(from);
	assert_non_null(to);
	buf_add(&line, e->m->line, (size_t)(from - e->m->line));
	buf_adds(&line, "\"trustees\":{\"ceremony\":\"spring\",\"threshold\":2,\"members\":[");
	for (unsigned i = 0; i < 3; i++) {
		struct buf text = BUF_INIT(CEREMONY_FILE_MAX);
		char path[64];

		snprintf(path, sizeof(path), "t%u/reveal-%u.json", i + 1, i + 1);
		assert_ok(file_read_line(&text, path, &why), &why);
		assert_ok(reveal_read(&reveal[i], text.data, text.len, &why), &why);
		entry[i] = reveal[i].entry;
		if (i)
			buf_addc(&line, ',');
		ceremony_entry_write(&line, &entry[i], 2);
		buf_free(&text);
	}
	assert_int_equal(ceremony_key(&key, &t), OK);
	buf_adds(&line, "]},\"election_key\":");
	json_add_b64(&line, key.bytes, GROUP_BYTES);
	buf_adds(&line, to);
	for (unsigned i = 0; i < 3; i++)
		reveal_release(&reveal[i]);
	tally_release(&e->tally); /* it points into the manifest */
	manifest_free(e->m);
	e->m = NULL;
	assert_ok(manifest_read(&e->m, line.data, line.len, &why), &why);
	buf_clear(&e->board);
	memset(&e->tree, 0, sizeof(e->tree));
	election_line(e, &line);
	tally_init(&e->tally, e->m);
	buf_addc(&line, '\n');
	election_file(".", "manifest.json", line.data, line.len);
	buf_free(&line);
}

static void deal_all(void)
{
	must(cmd_trustee_deal, "--home t1 --passphrase-file pw --manifest manifest.json");
	must(cmd_trustee_deal, "--home t2 --passphrase-file pw --manifest manifest.json --out .");
	must(cmd_trustee_deal, "--home t3 --passphrase-file pw --manifest manifest.json");
}

static void accept_all(void)
{
	for (unsigned j = 1; j <= 3; j++) {
		char words[256];

		snprintf(words, sizeof(words),
		         "--home t%u --passphrase-file pw --manifest manifest.json "
		         "deal-1-%u.json deal-2-%u.json deal-3-%u.json",
		         j, j, j, j);
		must(cmd_trustee_accept, words);
	}
}

static void ceremony(struct election *e)
{
	election_init(e, &shape);
	commit_all();
	reveal_all();
	seal(e);
	deal_all();
	accept_all();
}

static void open_board(struct election *e)
{
	election_issue(e);
	for (unsigned j = 1; j <= 3; j++) {
		struct buf line = BUF_INIT(CEREMONY_FILE_MAX);
		struct why why = { 0 };
		char path[64];

		snprintf(path, sizeof(path), "t%u/accepted-%u.ndjson", j, j);
		assert_ok(file_read_line(&line, path, &why), &why);
		election_line(e, &line);
		buf_free(&line);
	}
	election_time(e, ELECTION_OPENS);
}

static void write_record(const struct election *e, const char *dir)
{
	(void)mkdir(dir, 0700);
	election_write(e, dir, true);
}

static void vote_and_close(struct election *e)
{
	open_board(e);
	for (unsigned v = 0; v < 8; v++)
		election_vote(e, v, v % 4);
	election_close(e);
	write_record(e, "record");
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

/* The guide says `--out deals`, and nobody makes that folder first. */
static void a_folder_to_write_into_is_made_for_its_owner(void **state)
{
	static struct election e;

	(void)state;
	ceremony(&e);
	vote_and_close(&e);
	for (unsigned twice = 0; twice < 2; twice++) {
		must(cmd_trustee_deal,
		     "--home t1 --passphrase-file pw --manifest manifest.json --out deals");
		must(cmd_share, "record --home t1 --passphrase-file pw --yes --out shares");
		assert_int_equal(mode_of("deals"), 0700);
		assert_int_equal(mode_of("shares"), 0700);
		assert_int_equal(access("deals/deal-1-3.json", F_OK), 0);
		assert_int_equal(access("shares/share-1.json", F_OK), 0);
	}
	refused(65, "no/such: No such file", cmd_trustee_deal,
	        "--home t1 --passphrase-file pw --manifest manifest.json --out no/such");
	refused(65, "pw: not a folder", cmd_trustee_deal,
	        "--home t1 --passphrase-file pw --manifest manifest.json --out pw");
	election_release(&e);
}

static void a_ceremony_by_files_counts_an_election(void **state)
{
	static struct election e;
	struct capture out;
	char counts[512], *at = counts;

	(void)state;
	ceremony(&e);
	vote_and_close(&e);
	refused(1, "threshold", cmd_tally, "record");
	/* Without a terminal nobody says that the root was compared. */
	if (access("/dev/tty", R_OK))
		refused(65, "nothing was decrypted", cmd_share,
		        "record --home t3 --passphrase-file pw");
	assert_int_not_equal(access("t3/decrypted", F_OK), 0);
	must(cmd_share, "record --home t3 --passphrase-file pw --yes");
	refused(1, "1 good shares, the threshold is 2", cmd_tally, "record");
	must(cmd_share, "record --home t1 --passphrase-file pw --yes");
	must(cmd_tally, "record");
	must(cmd_tally, "record");
	assert_int_equal(call(&out, cmd_verify, "--json record"), 0);
	at += sprintf(at, "\"counts\":[[%d", (int)e.counts[0]);
	for (unsigned c = 1; c < 4; c++)
		at += sprintf(at, ",%d", (int)e.counts[c]);
	assert_non_null(strstr(out.out, counts));
	assert_non_null(strstr(out.out, "\"stage\":\"counted\""));
	election_release(&e);
}

static void nobody_reveals_before_all_have_committed(void **state)
{
	(void)state;
	commit_all();
	refused(1, "trustee 3 has not committed yet", cmd_trustee_reveal,
	        "--home t1 --passphrase-file pw t1/commit-1.json t2/commit-2.json");
	refused(1, "trustee 2 has committed already", cmd_trustee_reveal,
	        "--home t1 --passphrase-file pw t2/commit-2.json t2/commit-2.json "
	        "t3/commit-3.json");
	assert_int_not_equal(access("t1/reveal-1.json", F_OK), 0);
	reveal_all();
	/* Once collected they are never replaced. */
	must(cmd_trustee_commit,
	     "--home other --name X --ceremony spring --trustee 2 --threshold=2 "
	     "--trustees=3 --passphrase-file=pw");
	refused(1, "other commitments were collected before", cmd_trustee_reveal,
	        "--home t1 --passphrase-file pw t1/commit-1.json other/commit-2.json "
	        "t3/commit-3.json");
	must(cmd_trustee_reveal, "--home t1 --passphrase-file pw " COMMITS);
}

static void a_home_is_made_once_and_opens_for_its_passphrase(void **state)
{
	struct stat st;

	(void)state;
	commit_all();
	refused(65, "there already", cmd_trustee_commit,
	        "--home t1 --name X --ceremony spring --trustee 1 --threshold=2 --trustees=3 "
	        "--passphrase-file=pw");
	write_text("wrong", "incorrect horse\n", 0600);
	refused(1, "", cmd_trustee_reveal, "--home t1 --passphrase-file wrong " COMMITS);
	refused(1, "threshold", cmd_trustee_commit,
	        "--home t9 --name X --ceremony spring --trustee 1 --threshold=1 --trustees=3 "
	        "--passphrase-file=pw");
	assert_int_not_equal(access("t9", F_OK), 0);
	assert_int_equal(stat("t1", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat("t1/trustee.sealed", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* Swapped reveals, another's entry, an entry with one byte changed: no deal leaves the home. */
static void no_trustee_deals_under_a_manifest_that_is_not_its_own(void **state)
{
	static struct election e;

	(void)state;
	election_init(&e, &shape);
	commit_all();
	must(cmd_trustee_commit, "--home other --name Trustee-2 --ceremony spring --trustee 2 "
	                         "--threshold=2 --trustees=3 --passphrase-file=pw");
	reveal_all();
	must(cmd_trustee_reveal, "--home other --passphrase-file pw t1/commit-1.json "
	                         "other/commit-2.json t3/commit-3.json");
	assert_int_equal(rename("t2/reveal-2.json", "kept"), 0);
	assert_int_equal(rename("other/reveal-2.json", "t2/reveal-2.json"), 0);
	seal(&e); /* it is a good manifest, of someone else's key */
	refused(1, "trustee 2 (Trustee-2) reveals what it did not commit to", cmd_trustee_deal,
	        "--home t1 --passphrase-file pw --manifest manifest.json");
	refused(1, "is not this home's own", cmd_trustee_deal,
	        "--home t2 --passphrase-file pw --manifest manifest.json");
	assert_int_not_equal(access("deal-1-1.json", F_OK), 0);
	assert_int_not_equal(access("deal-2-1.json", F_OK), 0);
	election_release(&e);
}

static void a_bad_box_is_named_and_without_a_good_one_it_begins_again(void **state)
{
	static struct election e;
	struct buf box = BUF_INIT(4096);
	struct why why = { 0 };

	(void)state;
	election_init(&e, &shape);
	commit_all();
	reveal_all();
	seal(&e);
	deal_all();
	assert_ok(file_read(&box, "deal-2-1.json", &why), &why);
	box.data[box.len - 20] = box.data[box.len - 20] == 'A' ? 'B' : 'A';
	election_file(".", "bad.json", box.data, box.len);
	refused(1, "bad.json: left out: deal box", cmd_trustee_accept,
	        "--home t1 --passphrase-file pw --manifest manifest.json deal-1-1.json bad.json "
	        "deal-3-1.json");
	refused(1, "no good share from trustee 2", cmd_trustee_accept,
	        "--home t1 --passphrase-file pw --manifest manifest.json deal-1-1.json "
	        "deal-2-2.json deal-3-1.json");
	assert_int_not_equal(access("t1/accepted-1.ndjson", F_OK), 0);
	/* A copy does no harm, nor does a bad box beside the good one. */
	must(cmd_trustee_accept,
	     "--home=t1 --passphrase-file=pw --manifest=manifest.json "
	     "deal-1-1.json bad.json deal-2-1.json deal-2-1.json deal-3-1.json");
	buf_free(&box);
	election_release(&e);
}

static void a_trustee_decrypts_one_board_and_never_another(void **state)
{
	static struct election e;
	struct buf before = BUF_INIT((size_t)1 << 20);
	struct merkle tree;

	(void)state;
	ceremony(&e);
	open_board(&e);
	for (unsigned v = 0; v < 7; v++)
		election_vote(&e, v, v % 4);
	buf_add(&before, e.board.data, e.board.len);
	tree = e.tree;
	election_close(&e);
	write_record(&e, "record");
	must(cmd_share, "record --home t1 --passphrase-file pw --yes");
	/* The same board with one ballot more, as good as the first. */
	e.tree = tree;
	e.board.len = before.len;
	election_vote(&e, 7, 1);
	election_close(&e);
	write_record(&e, "second");
	refused(1, "decrypts another board", cmd_share,
	        "second --home t1 --passphrase-file pw --yes");
	assert_int_not_equal(access("second/share-1.json", F_OK), 0);
	/* A trustee who has not decrypted may; the first board is still the first's. */
	must(cmd_share, "second --home t2 --passphrase-file pw --yes");
	refused(1, "decrypts another board", cmd_share,
	        "record --home t2 --passphrase-file pw --yes");
	must(cmd_share, "record --home t1 --passphrase-file pw --yes");
	/* A damaged mark is a refusal, not a licence. */
	write_text("t1/decrypted", "", 0600);
	refused(1, "decrypts another board", cmd_share,
	        "record --home t1 --passphrase-file pw --yes");
	buf_free(&before);
	election_release(&e);
}

/* Killed between the mark and the share: the mark stands, the same board still gets its share. */
static void a_crash_after_the_mark_binds_to_that_board(void **state)
{
	static struct election e;
	unsigned char root[HASH_BYTES], other[HASH_BYTES] = { 1 };
	struct why why = { 0 };

	(void)state;
	ceremony(&e);
	vote_and_close(&e);
	election_root(&e, root);
	assert_ok(mark_board("t1/decrypted", e.m, root, &why), &why);
	assert_int_not_equal(access("record/share-1.json", F_OK), 0);
	must(cmd_share, "record --home t1 --passphrase-file pw --yes");
	assert_int_equal(access("record/share-1.json", F_OK), 0);
	assert_int_equal(mark_board("t1/decrypted", e.m, other, &why), ERR_INVALID);
	assert_string_equal(why.check, "decrypted already");
	assert_ok(mark_board("t2/decrypted", e.m, other, &why), &why);
	refused(1, "decrypts another board", cmd_share,
	        "record --home t2 --passphrase-file pw --yes");
	election_release(&e);
}

static void a_bad_an_open_or_a_small_board_is_not_decrypted(void **state)
{
	static struct election e;

	(void)state;
	ceremony(&e);
	open_board(&e);
	election_vote(&e, 0, 0);
	write_record(&e, "record");
	refused(1, "still open", cmd_share, "record --home t1 --passphrase-file pw");
	election_vote(&e, 0, 1);
	write_record(&e, "record");
	refused(1, "ballot credential", cmd_share, "record --home t1 --passphrase-file pw");
	election_close(&e);
	assert_int_not_equal(access("t1/decrypted", F_OK), 0);
	election_release(&e);
}

static void a_rare_weight_is_asked_about(void **state)
{
	static struct election e;

	(void)state;
	ceremony(&e);
	open_board(&e);
	for (unsigned v = 0; v < 6; v++) /* five of weight 1, a single one of weight 3 */
		election_vote(&e, v, v % 4);
	election_close(&e);
	write_record(&e, "record");
	/* Without a terminal nobody says yes. */
	if (access("/dev/tty", R_OK))
		refused(65, "Only 1 ballot weighs 3", cmd_share,
		        "record --home t1 --passphrase-file pw");
	must(cmd_share, "record --home t1 --passphrase-file pw --yes");
	election_release(&e);
}

static void nobody_voted_is_counted_too(void **state)
{
	static struct election e;

	(void)state;
	ceremony(&e);
	open_board(&e);
	election_close(&e);
	write_record(&e, "record");
	must(cmd_share, "record --home t2 --passphrase-file pw --yes");
	must(cmd_share, "record --home t1 --passphrase-file pw --yes");
	must(cmd_tally, "record");
	must(cmd_verify, "record");
	election_release(&e);
}

static void a_head_of_another_board_stops_the_share(void **state)
{
	static struct election e;
	struct buf line = BUF_INIT(4096);
	struct head head;

	(void)state;
	ceremony(&e);
	vote_and_close(&e);
	election_head(&e, &head, ELECTION_CLOSES);
	head.size = 9;
	head_sign(&head, e.m, e.receiver_secret);
	head_write(&line, &head);
	buf_addc(&line, '\n');
	election_file(".", "heads", line.data, line.len);
	refused(1, "head root", cmd_share, "record --home t1 --passphrase-file pw --heads heads");
	assert_int_not_equal(access("t1/decrypted", F_OK), 0);
	buf_free(&line);
	election_release(&e);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_ceremony_by_files_counts_an_election),
		TEST(nobody_reveals_before_all_have_committed),
		TEST(a_home_is_made_once_and_opens_for_its_passphrase),
		TEST(a_folder_to_write_into_is_made_for_its_owner),
		TEST(no_trustee_deals_under_a_manifest_that_is_not_its_own),
		TEST(a_bad_box_is_named_and_without_a_good_one_it_begins_again),
		TEST(a_trustee_decrypts_one_board_and_never_another),
		TEST(a_crash_after_the_mark_binds_to_that_board),
		TEST(a_bad_an_open_or_a_small_board_is_not_decrypted),
		TEST(a_rare_weight_is_asked_about),
		TEST(nobody_voted_is_counted_too),
		TEST(a_head_of_another_board_stops_the_share),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
