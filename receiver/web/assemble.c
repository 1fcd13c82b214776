/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include <sodium.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/file.h"

/*
 * assemble - a page out of its parts, when the product is built:
 *
 *   assemble PAGE.html OUT.html OUT.csp FILE.css... TAG.json... FILE.js... MODULE.wasm
 *
 * In PAGE.html stand @STYLE@, @WORDS@, @SCRIPT@ and @MODULE@, each once. The styles are joined;
 * the scripts too, as the one module that they are in the page: their imports of each other, the
 * word `export` and lines that are a comment are left out. Each language's words become a block
 * of their own, which the receiver may leave out (receiver/front.c). The WebAssembly module is
 * written in hexadecimal, which compresses better than base64. OUT.csp holds the sources that a
 * Content-Security-Policy allows: script's and style's digests, a line each.
 */
#define PAGE_MAX ((size_t)4 << 20)

struct parts {
	struct buf page, style, words, script, module, csp;
};

static bool starts(const char *line, const char *word)
{
	return strncmp(line, word, strlen(word)) == 0;
}

static bool ends(const char *path, const char *suffix)
{
	size_t len = strlen(path), n = strlen(suffix);

	return len >= n && strcmp(path + len - n, suffix) == 0;
}

static void add_script_line(struct buf *out, const char *line, size_t len)
{
	const char *text = line + strspn(line, "\t ");
	bool whole = len > 2 && line[len - 2] == ';';

	if (starts(text, "//") || *text == '\n' || (starts(line, "import ") && whole))
		return;
	if (starts(line, "export "))
		buf_add(out, line + 7, len - 7);
	else
		buf_add(out, line, len);
}

static void add_script(struct buf *out, const struct buf *source)
{
	const char *at = buf_text(source), *end;

	for (; *at; at = end) {
		end = strchr(at, '\n');
		end = end ? end + 1 : at + strlen(at);
		add_script_line(out, at, (size_t)(end - at));
	}
}

static void add_hex(struct buf *out, const struct buf *module)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < module->len; i++) {
		buf_addc(out, digits[(unsigned char)module->data[i] >> 4]);
		buf_addc(out, digits[module->data[i] & 15]);
	}
}

/* A language's words, TAG.json, without the tabs and line feeds between them. */
static void add_words(struct buf *out, const char *path, const struct buf *words)
{
	const char *slash = strrchr(path, '/'), *at = buf_text(words), *end;

	path = slash ? slash + 1 : path;
	buf_addf(out, "<script type=\"application/json\" id=\"words-%.*s\">",
	         (int)(strlen(path) - strlen(".json")), path);
	for (; *at; at = *end ? end + 1 : end) {
		at += strspn(at, "\t");
		end = strchrnul(at, '\n');
		buf_add(out, at, (size_t)(end - at));
	}
	buf_adds(out, "</script>\n");
}

/* One of the files named on the command line, to its kind. */
static enum err add_file(struct parts *p, const char *path, struct why *why)
{
	struct buf text = BUF_INIT(PAGE_MAX);
	enum err e = file_read(&text, path, why);

	if (e)
		goto done;
	if (ends(path, ".css"))
		buf_add(&p->style, buf_text(&text), text.len);
	else if (ends(path, ".json") && !strchr(buf_text(&text), '<'))
		add_words(&p->words, path, &text);
	else if (ends(path, ".js"))
		add_script(&p->script, &text);
	else if (ends(path, ".wasm"))
		add_hex(&p->module, &text);
	else
		e = why_set(why, ERR_USAGE, "%s is no part of a page", path);
done:
	buf_free(&text);
	return e;
}

/* Put `part` into the page where `mark` stands. */
static enum err fill(struct buf *page, const char *mark, const struct buf *part, struct why *why)
{
	const char *at = strstr(buf_text(page), mark);
	struct buf out = BUF_INIT(page->cap);

	if (!at || strstr(at + 1, mark))
		return why_set(why, ERR_FORMAT, "%s must stand in the page, once", mark);
	buf_add(&out, page->data, (size_t)(at - page->data));
	buf_add(&out, buf_text(part), part->len);
	buf_adds(&out, at + strlen(mark));
	buf_free(page);
	*page = out;
	return buf_err(page) ? why_set(why, ERR_TOO_LARGE, "the page is too large") : OK;
}

static void add_source(struct buf *csp, const struct buf *part)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char text[sodium_base64_ENCODED_LEN(sizeof(hash), sodium_base64_VARIANT_ORIGINAL)];

	crypto_hash_sha256(hash, (const unsigned char *)buf_text(part), part->len);
	sodium_bin2base64(text, sizeof(text), hash, sizeof(hash), sodium_base64_VARIANT_ORIGINAL);
	buf_addf(csp, "'sha256-%s'\n", text);
}

static enum err assemble(struct parts *p, struct why *why)
{
	enum err e;

	if (buf_err(&p->style) || buf_err(&p->words) || buf_err(&p->script) || buf_err(&p->module))
		return why_set(why, ERR_TOO_LARGE, "its parts are too large");
	if (strstr(buf_text(&p->style), "</style") || strstr(buf_text(&p->script), "</script"))
		return why_set(why, ERR_FORMAT, "a style or a script holds its own end tag");
	e = fill(&p->page, "@STYLE@", &p->style, why);
	if (!e)
		e = fill(&p->page, "@WORDS@", &p->words, why);
	if (!e)
		e = fill(&p->page, "@MODULE@", &p->module, why);
	if (!e)
		e = fill(&p->page, "@SCRIPT@", &p->script, why);
	add_source(&p->csp, &p->script);
	add_source(&p->csp, &p->style);
	return e;
}

int main(int argc, char **argv)
{
	struct parts p;
	struct why why = { 0 };
	enum err e;
	int i;

	if (argc < 5) {
		fputs("usage: assemble PAGE.html OUT.html OUT.csp FILE...\n", stderr);
		return EX_USAGE;
	}
	memset(&p, 0, sizeof(p));
	p.page.cap = p.style.cap = p.words.cap = p.script.cap = p.module.cap = p.csp.cap = PAGE_MAX;
	e = file_read(&p.page, argv[1], &why);
	for (i = 4; !e && i < argc; i++)
		e = add_file(&p, argv[i], &why);
	if (!e)
		e = assemble(&p, &why);
	if (!e)
		e = file_write(argv[2], p.page.data, p.page.len, 0644, &why);
	if (!e)
		e = file_write(argv[3], p.csp.data, p.csp.len, 0644, &why);
	if (e)
		fprintf(stderr, "assemble: %s: %s\n", argv[1], why.text);
	buf_free(&p.page);
	buf_free(&p.style);
	buf_free(&p.words);
	buf_free(&p.script);
	buf_free(&p.module);
	buf_free(&p.csp);
	return e ? EX_DATAERR : 0;
}
