/* SPDX-License-Identifier: MIT */
#include "core/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <sodium.h>

#include "core/file.h"
#include "tests/unit/temp.h"

static const char SECRET[] = "thirty-two bytes of secret here.";

static struct passphrase *words(const char *text)
{
	struct passphrase *p = secret_alloc(sizeof(*p));

	assert_non_null(p);
	p->len = strlen(text);
	memcpy(p->text, text, p->len);
	return p;
}

static void seal_one(const char *path)
{
	struct passphrase *p = words("correct horse");
	struct why why = { 0 };

	assert_int_equal(sealed_create(path, "test keys", SECRET, 32, p, &why), OK);
	secret_free(p);
}

static enum err open_one(const char *path, size_t len, const char *what, const char *phrase,
                         struct why *why)
{
	struct passphrase *p = words(phrase);
	void *out = NULL;
	enum err e;

	e = sealed_open(&out, len, path, what, p, why);
	if (!e)
		assert_memory_equal(out, SECRET, len);
	else
		assert_null(out);
	secret_free(out);
	secret_free(p);
	return e;
}

static void what_is_sealed_opens_again_under_its_passphrase_alone(void **state)
{
	const char *path = temp_path(state, "sealed");
	struct why why = { 0 };
	struct stat st;

	seal_one(path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(open_one(path, 32, "test keys", "correct horse", &why), OK);
	assert_int_equal(open_one(path, 32, "test keys", "correct horsf", &why), ERR_INVALID);
	assert_non_null(strstr(why.text, "wrong passphrase, or the file was changed"));
	assert_non_null(strstr(why.text, path));
	assert_int_equal(open_one(path, 32, "test keys", "correct horse ", &why), ERR_INVALID);
	assert_int_equal(open_one(path, 32, "other keys", "correct horse", &why), ERR_FORMAT);
	assert_int_equal(open_one(path, 31, "test keys", "correct horse", &why), ERR_FORMAT);
	assert_int_equal(open_one(temp_path(state, "no"), 32, "test keys", "x", &why),
	                 ERR_NOT_FOUND);
}

static void a_sealed_file_is_never_overwritten_but_by_replace(void **state)
{
	const char *path = temp_path(state, "sealed");
	struct passphrase *p = words("other");
	struct why why = { 0 };

	seal_one(path);
	assert_int_equal(sealed_create(path, "test keys", SECRET, 32, p, &why), ERR_EXISTS);
	assert_int_equal(open_one(path, 32, "test keys", "correct horse", &why), OK);
	assert_int_equal(sealed_replace(path, "test keys", SECRET, 32, p, &why), OK);
	assert_int_equal(open_one(path, 32, "test keys", "correct horse", &why), ERR_INVALID);
	assert_int_equal(open_one(path, 32, "test keys", "other", &why), OK);
	secret_free(p);
}

static void sealing_twice_gives_two_files(void **state)
{
	struct buf a = BUF_INIT(4096), b = BUF_INIT(4096);

	seal_one(temp_path(state, "a"));
	seal_one(temp_path(state, "b"));
	assert_int_equal(file_read(&a, temp_path(state, "a"), NULL), OK);
	assert_int_equal(file_read(&b, temp_path(state, "b"), NULL), OK);
	assert_int_equal(a.len, b.len);
	assert_memory_not_equal(a.data, b.data, a.len);
	assert_null(memmem(a.data, a.len, SECRET, 8));
	buf_free(&a);
	buf_free(&b);
}

/* Every byte changed, every length cut: never opened, never anything but a plain answer. */
static void a_changed_or_cut_file_does_not_open(void **state)
{
	struct buf good = BUF_INIT(4096), bad = BUF_INIT(4096);
	const char *path = temp_path(state, "sealed");
	struct why why;
	enum err e;
	size_t i;

	seal_one(path);
	assert_int_equal(file_read(&good, path, NULL), OK);
	for (i = 0; i < good.len; i++) {
		buf_clear(&bad);
		buf_add(&bad, good.data, good.len);
		bad.data[i] = bad.data[i] == 'A' ? 'B' : 'A';
		temp_file(state, "bad", bad.data, bad.len);
		e = open_one(temp_path(state, "bad"), 32, "test keys", "correct horse", &why);
		assert_true(e == ERR_INVALID || e == ERR_FORMAT);
		temp_file(state, "bad", good.data, i);
		e = open_one(temp_path(state, "bad"), 32, "test keys", "correct horse", &why);
		assert_int_equal(e, ERR_FORMAT);
	}
	buf_free(&good);
	buf_free(&bad);
}

/* The head is vouched for: a cheaper cost cannot be written into a file. */
static void a_hostile_cost_is_refused_before_it_is_paid(void **state)
{
	static const char form[] =
		"{\"type\":\"sealed\",\"what\":\"test keys\",\"opslimit\":%s,\"memlimit\":%s,"
		"\"salt\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"nonce\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\""
		",\"box\":"
		"\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}\n";
	static const char *const cost[][2] = {
		{ "0", "8192" },
		{ "17", "8192" },
		{ "1", "8191" },
		{ "1", "1073741825" },
		{ "1", "9007199254740991" },
		{ "9007199254740991", "8192" },
	};
	char text[600];
	struct why why;
	size_t i;

	for (i = 0; i < sizeof(cost) / sizeof(cost[0]); i++) {
		snprintf(text, sizeof(text), form, cost[i][0], cost[i][1]);
		assert_int_equal(
			open_one(temp_text(state, "bad", text), 32, "test keys", "x", &why),
			ERR_FORMAT);
	}
	snprintf(text, sizeof(text), form, "1", "8192");
	assert_int_equal(open_one(temp_text(state, "bad", text), 32, "test keys", "x", &why),
	                 ERR_INVALID);
}

/* Opened by libsodium's own words: the file is what its header says. */
static void a_sealed_file_is_what_its_manual_says(void **state)
{
	struct buf line = BUF_INIT(4096), box = BUF_INIT(4096);
	unsigned char key[32], salt[16], nonce[24], out[32];
	char *at;

	seal_one(temp_path(state, "sealed"));
	assert_int_equal(file_read_line(&line, temp_path(state, "sealed"), NULL), OK);
	at = strstr(line.data, "\"salt\":\"") + 8;
	assert_int_equal(sodium_base642bin(salt, 16, at, 22, NULL, NULL, NULL, 7), 0);
	at = strstr(line.data, "\"nonce\":\"") + 9;
	assert_int_equal(sodium_base642bin(nonce, 24, at, 32, NULL, NULL, NULL, 7), 0);
	at = strstr(line.data, "\"box\":\"") + 7;
	assert_int_equal(sodium_base642bin(buf_extend(&box, 48), 48, at, 64, NULL, NULL, NULL, 7),
	                 0);
	assert_int_equal(crypto_pwhash(key, 32, "correct horse", 13, salt, 1, 8192,
	                               crypto_pwhash_ALG_ARGON2ID13),
	                 0);
	assert_int_equal(crypto_aead_xchacha20poly1305_ietf_decrypt(
				 out, NULL, NULL, (unsigned char *)box.data, 48,
				 (unsigned char *)line.data, (size_t)(at - 7 - line.data), nonce,
				 key),
	                 0);
	assert_memory_equal(out, SECRET, 32);
	buf_free(&line);
	buf_free(&box);
}

static void guarded_memory_is_zero_and_may_run_out(void **state)
{
	struct rlimit none = { 0, 0 };
	unsigned char *p = secret_alloc(1000);
	int status;
	pid_t child;

	(void)state;
	assert_non_null(p);
	assert_true(sodium_is_zero(p, 1000));
	secret_free(p);
	secret_free(NULL);
#ifdef VOTEPOST_SANITIZED
	skip(); /* the sanitizer makes locking an empty word */
#endif
	child = fork();
	if (child == 0) {
		setrlimit(RLIMIT_MEMLOCK, &none);
		/* Root may lock whatever the limit says, unless it gives that up. */
		if (setresuid(65534, 65534, 65534))
			_exit(2);
		_exit(secret_alloc(1000) ? 1 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 2)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void core_dumps_are_off(void **state)
{
	struct rlimit now;
	int status;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		secret_no_core();
		getrlimit(RLIMIT_CORE, &now);
		if (now.rlim_max)
			_exit(1);
#ifndef VOTEPOST_SANITIZED
		if (prctl(PR_GET_DUMPABLE))
			_exit(2);
#endif
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* "VmHWM:" or "VmRSS:" of this process, in MiB. */
static unsigned long memory_of(const char *what)
{
	FILE *f = fopen("/proc/self/status", "r");
	unsigned long kib = 0;
	char line[256];

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, what, strlen(what)))
			kib = strtoul(line + strlen(what), NULL, 10);
	fclose(f);
	assert_true(kib > 0);
	return kib / 1024;
}

static void what_a_passphrase_costs_in_memory_is_given_back(void **state)
{
	const char *path = temp_path(state, "sealed");
	const struct sealed_cost usual = sealed_cost;
	unsigned long before, after;

	sealed_cost = (struct sealed_cost){ 1, 96u << 20 };
	seal_one(path);
	sealed_cost = usual;
	before = memory_of("VmRSS:");
	assert_int_equal(open_one(path, 32, "test keys", "correct horse", NULL), OK);
	after = memory_of("VmRSS:");
	assert_true(memory_of("VmHWM:") >= 96); /* it was paid */
	assert_true(after < before + 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(what_is_sealed_opens_again_under_its_passphrase_alone),
		TEMP_TEST(a_sealed_file_is_never_overwritten_but_by_replace),
		TEMP_TEST(sealing_twice_gives_two_files),
		TEMP_TEST(a_changed_or_cut_file_does_not_open),
		TEMP_TEST(a_hostile_cost_is_refused_before_it_is_paid),
		TEMP_TEST(a_sealed_file_is_what_its_manual_says),
		cmocka_unit_test(guarded_memory_is_zero_and_may_run_out),
		cmocka_unit_test(core_dumps_are_off),
		TEMP_TEST(what_a_passphrase_costs_in_memory_is_given_back),
	};

	if (sodium_init() < 0)
		return 1;
	sealed_cost = (struct sealed_cost){ 1, 8192 };
	return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}
