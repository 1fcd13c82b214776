/* SPDX-License-Identifier: MIT */
#include "tests/election.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "core/json.h"
#include "tests/support.h"

#define LINE_CAP ((size_t)1 << 20)

static const char FRONT[] =
	"{\"type\":\"manifest\",\"protocol\":\"votepost/1\",\"title\":{\"en\":\"Test\"},"
	"\"organiser\":\"Tests\",\"languages\":[\"en\"],\"opens\":\"2026-12-01T12:00:00Z\","
	"\"closes\":\"2026-12-02T22:00:00Z\",\"channels\":[\"reply\",\"sealed-reply\",\"link\"],"
	"\"waiver\":{\"en\":\"Not secret.\"},\"reply_to\":\"vote@example.org\","
	"\"link\":\"https://vote.example.org/\",\"questions\":[{\"id\":\"motion\",\"kind\":"
	"\"choice\",\"title\":{\"en\":\"Motion\"},\"options\":[{\"en\":\"One\"},{\"en\":\"Two\"},"
	"{\"en\":\"Three\"}],\"min\":1,\"max\":1,\"blank\":true}";
static const char GRADES[] =
	",{\"id\":\"plans\",\"kind\":\"grades\",\"title\":{\"en\":\"Plans\"},\"options\":[{\"en\":"
	"\"A\"},{\"en\":\"B\"}],\"grades\":[{\"en\":\"Good\"},{\"en\":\"Fair\"},{\"en\":\"No\"}]}";

static void add_ceremony(struct election *e, struct buf *line)
{
	struct trustee_entry entry[TRUSTEES_MAX] = { 0 };
	struct trustees t = { .ceremony = "tests",
		              .threshold = e->shape.threshold,
		              .count = e->shape.trustees,
		              .entry = entry };
	struct point key;

	buf_addf(line, "\"trustees\":{\"ceremony\":\"tests\",\"threshold\":%u,\"members\":[",
	         t.threshold);
	for (unsigned i = 0; i < t.count; i++) {
		entry[i].name = "Trustee";
		trustee_draw(&e->trustee[i], &entry[i], t.ceremony, i + 1, t.threshold, t.count);
		if (i)
			buf_addc(line, ',');
		ceremony_entry_write(line, &entry[i], t.threshold);
	}
	assert_int_equal(ceremony_key(&key, &t), OK);
	buf_adds(line, "]},\"election_key\":");
	json_add_b64(line, key.bytes, GROUP_BYTES);
}

static void make_manifest(struct election *e, bool test)
{
	unsigned char mailer[32], receiver[32];
	struct buf line = BUF_INIT(MANIFEST_MAX);
	struct why why = { 0 };

	crypto_sign_keypair(mailer, e->mailer_secret);
	crypto_sign_keypair(receiver, e->receiver_secret);
	buf_adds(&line, FRONT);
	if (e->shape.grades)
		buf_adds(&line, GRADES);
	buf_addf(&line, "],\"roll\":[{\"weight\":1,\"members\":%u}", e->shape.voters[0]);
	if (e->shape.voters[1])
		buf_addf(&line, ",{\"weight\":3,\"members\":%u}", e->shape.voters[1]);
	buf_addf(&line, "],\"min_ballots\":%u,", e->shape.min_ballots);
	add_ceremony(e, &line);
	buf_adds(&line, ",\"mailer_key\":");
	json_add_b64(&line, mailer, 32);
	buf_adds(&line, ",\"receiver_key\":");
	json_add_b64(&line, receiver, 32);
	buf_addf(&line, ",\"second_factor\":false,\"test\":%s}", test ? "true" : "false");
	assert_ok(manifest_read(&e->m, line.data, line.len, &why), &why);
	election_line(e, &line);
	buf_free(&line);
}

/* x_j, straight from the polynomials: deals have their own tests. */
static void make_shares(struct election *e)
{
	for (unsigned j = 1; j <= e->shape.trustees; j++) {
		struct scalar sum = { { 0 } };
		struct why why = { 0 };

		for (unsigned i = 1; i <= e->shape.trustees; i++) {
			struct deal deal;

			assert_ok(trustee_deal(&deal, &e->trustee[i - 1], e->m, i, j, &why), &why);
			assert_ok(trustee_open(&sum, &e->trustee[j - 1], e->m, &deal, &why), &why);
		}
		e->trustee[j - 1].share = sum;
	}
}

static int compare(const void *a, const void *b)
{
	const struct voter *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight < y->weight ? -1 : 1;
	return memcmp(x->credential.bytes, y->credential.bytes, GROUP_BYTES);
}

static void init(struct election *e, const struct election_shape *shape, bool test)
{
	memset(e, 0, sizeof(*e));
	e->shape = *shape;
	buf_init(&e->board, (size_t)64 << 20);
	group_init();
	make_manifest(e, test);
	make_shares(e);
	e->voters = shape->voters[0] + shape->voters[1];
	assert_true(e->voters <= ELECTION_VOTERS);
	for (unsigned i = 0; i < e->voters; i++) {
		scalar_random(&e->voter[i].secret);
		point_base(&e->voter[i].credential, &e->voter[i].secret);
		e->voter[i].weight = i < shape->voters[0] ? 1 : 3;
	}
	qsort(e->voter, e->voters, sizeof(e->voter[0]), compare);
	e->counts = calloc(e->m->cells, sizeof(*e->counts));
	assert_non_null(e->counts);
	tally_init(&e->tally, e->m);
}

void election_init(struct election *e, const struct election_shape *shape)
{
	init(e, shape, false);
}

void election_init_test(struct election *e, const struct election_shape *shape)
{
	init(e, shape, true);
}

void election_release(struct election *e)
{
	tally_release(&e->tally);
	free(e->counts);
	manifest_free(e->m);
	buf_free(&e->board);
	memset(e, 0, sizeof(*e));
}

void election_line(struct election *e, const struct buf *line)
{
	struct node leaf;

	assert_int_equal(buf_err(line), OK);
	buf_add(&e->board, line->data, line->len);
	buf_addc(&e->board, '\n');
	assert_int_equal(buf_err(&e->board), OK);
	merkle_leaf(&leaf, line->data, line->len);
	merkle_append(&e->tree, &leaf, NULL, NULL);
}

void election_issue(struct election *e)
{
	struct point credential[ELECTION_VOTERS];
	unsigned first = 0;

	for (unsigned class = 0; class < e->m->classes; class ++) {
		struct buf line = BUF_INIT(LINE_CAP);
		unsigned n = (unsigned)e->m->class[class].members;

		for (unsigned i = 0; i < n; i++)
			credential[i] = e->voter[first + i].credential;
		issued_write(&line, e->m, e->m->class[class].weight, credential, n,
		             e->mailer_secret);
		election_line(e, &line);
		buf_free(&line);
		first += n;
	}
	e->issued = first;
}

void election_accept(struct election *e)
{
	for (unsigned j = 1; j <= e->shape.trustees; j++) {
		struct buf line = BUF_INIT(LINE_CAP);
		struct scalar sum = e->trustee[j - 1].share;
		struct why why = { 0 };

		assert_ok(trustee_accept(&line, &e->trustee[j - 1], e->m, j, &sum, &why), &why);
		election_line(e, &line);
		buf_free(&line);
	}
}

void election_time(struct election *e, uint64_t at)
{
	struct buf line = BUF_INIT(LINE_CAP);

	time_line_write(&line, at);
	election_line(e, &line);
	buf_free(&line);
	e->time = at;
}

void election_open(struct election *e)
{
	election_issue(e);
	election_accept(e);
	election_time(e, ELECTION_OPENS);
}

void election_cells(const struct election *e, unsigned char *cells, unsigned choice)
{
	memset(cells, 0, e->m->cells);
	cells[choice] = 1;
	for (unsigned r = 1; r < e->m->rows; r++)
		cells[e->m->row[r].first_cell + choice % 3] = 1;
}

void election_ballot(const struct election *e, struct buf *line, unsigned voter, unsigned choice)
{
	unsigned char cells[CELLS_MAX];

	election_cells(e, cells, choice);
	assert_int_equal(ballot_make(line, e->m, CHANNEL_LINK, &e->voter[voter].secret, cells), OK);
}

void election_vote(struct election *e, unsigned voter, unsigned choice)
{
	struct buf line = BUF_INIT(LINE_CAP);
	unsigned char cells[CELLS_MAX];
	struct ballot ballot;
	struct why why = { 0 };

	election_ballot(e, &line, voter, choice);
	election_line(e, &line);
	assert_ok(ballot_read(&ballot, e->m, line.data, line.len, &why), &why);
	assert_int_equal(tally_add(&e->tally, &ballot, e->voter[voter].weight), OK);
	ballot_release(&ballot);
	buf_free(&line);
	election_cells(e, cells, choice);
	for (unsigned c = 0; c < e->m->cells; c++)
		e->counts[c] += (uint64_t)cells[c] * e->voter[voter].weight;
	e->ballots++;
}

void election_close(struct election *e)
{
	struct buf line = BUF_INIT(LINE_CAP);

	election_time(e, ELECTION_CLOSES);
	closed_write(&line, e->ballots, e->issued, e->replaced);
	election_line(e, &line);
	buf_free(&line);
	assert_int_equal(tally_total(&e->tally), OK);
}

void election_root(const struct election *e, unsigned char root[HASH_BYTES])
{
	struct node node;

	merkle_root(&node, &e->tree);
	memcpy(root, node.bytes, HASH_BYTES);
}

void election_head(const struct election *e, struct head *head, uint64_t time)
{
	memset(head, 0, sizeof(*head));
	head->size = e->tree.size;
	head->time = time;
	merkle_root(&head->root, &e->tree);
	head_sign(head, e->m, e->receiver_secret);
}

void election_file(const char *dir, const char *name, const void *bytes, size_t len)
{
	char path[512];
	FILE *f;

	assert_true(snprintf(path, sizeof(path), "%s/%s", dir, name) < (int)sizeof(path));
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

void election_write(const struct election *e, const char *dir, bool head)
{
	struct buf line = BUF_INIT(LINE_CAP);
	struct head h;

	election_file(dir, "board.ndjson", e->board.data, e->board.len);
	if (!head)
		return;
	election_head(e, &h, e->time);
	head_write(&line, &h);
	buf_addc(&line, '\n');
	election_file(dir, "head.json", line.data, line.len);
	buf_free(&line);
}

void election_share(const struct election *e, struct buf *line, unsigned j)
{
	unsigned char root[HASH_BYTES];
	struct why why = { 0 };

	election_root(e, root);
	assert_ok(trustee_decrypt(line, &e->trustee[j - 1], e->m, j, root, &e->tally, &why), &why);
}

void election_write_share(const struct election *e, const char *dir, unsigned j)
{
	struct buf line = BUF_INIT(LINE_CAP);
	char name[32];

	election_share(e, &line, j);
	buf_addc(&line, '\n');
	snprintf(name, sizeof(name), "share-%u.json", j);
	election_file(dir, name, line.data, line.len);
	buf_free(&line);
}

void election_write_result(const struct election *e, const char *dir)
{
	struct buf line = BUF_INIT(LINE_CAP);
	unsigned char root[HASH_BYTES];

	election_root(e, root);
	result_write(&line, e->m, root, e->counts);
	buf_addc(&line, '\n');
	election_file(dir, "result.json", line.data, line.len);
	buf_free(&line);
}
