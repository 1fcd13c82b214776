/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/template.h"
#include "scrutineer/document.h"
#include "scrutineer/svg.h"

#define SHORT_CELL 24 /* bytes of a cell that is not broken */

/* Everything that the page looks like. Nothing is loaded: system typefaces, charts in the page. */
static const char style[] =
	":root{color-scheme:light dark;--ink:#1a1f26;--quiet:#5c6570;--rule:#dcdfe3;"
	"--accent:#1c546e;--track:#eff1f3;--alert:#a3211b;--ground:#fff;--wash:#fbf0ef}"
	"@media(prefers-color-scheme:dark){:root{--ink:#e6e8eb;--quiet:#9aa3ae;--rule:#343a42;"
	"--accent:#6fb3d0;--track:#262b31;--alert:#ff9d94;--ground:#16191d;--wash:#2c1c1b}}"
	"*{box-sizing:border-box}"
	"body{margin:0;background:var(--ground);color:var(--ink);"
	"font:15.5px/1.6 system-ui,\"DejaVu Sans\",sans-serif;"
	"font-variant-numeric:tabular-nums lining-nums}"
	"main{max-width:46rem;margin:0 auto;padding:4.5rem 1.5rem 6rem}"
	"h1{font-size:2.15rem;line-height:1.2;letter-spacing:-.015em;margin:.5rem 0 .6rem}"
	".over{color:var(--accent);font-weight:600;font-size:.9rem;margin:0}"
	".under{color:var(--quiet);margin:0 0 2rem}"
	"h2{font-size:1.2rem;margin:3.2rem 0 1rem;padding-top:1rem;border-top:1px solid "
	"var(--rule);"
	"line-height:1.3}"
	"h3{font-size:1rem;margin:1.8rem 0 .6rem}"
	"p{margin:.7rem 0}.note{color:var(--quiet);font-size:.86rem}"
	".alert{border-left:4px solid var(--alert);background:var(--wash);color:var(--alert);"
	"font-weight:600;padding:.8rem 1rem;margin:1.2rem 0}"
	"ul{margin:.6rem 0;padding-left:1.2rem}li{margin:.35rem 0}"
	"pre{font:.86rem/1.6 ui-monospace,\"DejaVu Sans Mono\",monospace;color:var(--accent);"
	"background:var(--track);padding:.6rem .9rem;margin:.6rem 0;white-space:pre-wrap;"
	"overflow-wrap:anywhere;border-radius:4px}"
	"code{font:.8rem/1.5 ui-monospace,\"DejaVu Sans Mono\",monospace;overflow-wrap:anywhere}"
	"dl{margin:.6rem 0}"
	"dl.facts{display:grid;grid-template-columns:minmax(8rem,11rem) 1fr;gap:.3rem 1.4rem}"
	"dt{color:var(--quiet)}dd{margin:0;overflow-wrap:anywhere}"
	"dl.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(8rem,1fr));"
	"gap:1.4rem;margin:2.2rem 0}"
	"dl.figures div{display:flex;flex-direction:column-reverse;border-top:2px solid "
	"var(--accent);"
	"padding-top:.6rem}dl.figures dd{font-size:1.75rem;font-weight:650;line-height:1.2}"
	"dl.figures dt{font-size:.86rem}"
	".wide{overflow-x:auto}table{border-collapse:collapse;margin:.6rem 0 1rem;font-size:.92rem}"
	"th,td{text-align:left;vertical-align:top;padding:.32rem 1.3rem .32rem 0;"
	"border-bottom:1px solid var(--rule)}"
	"th{color:var(--quiet);font-weight:500;font-size:.84rem;border-bottom-color:var(--quiet)}"
	"td.n,th.n{text-align:right}.n,.s{white-space:nowrap}td:last-child,th:last-child{padding-"
	"right:0}"
	"svg{display:block;width:100%;height:auto;margin:.6rem 0 1rem}"
	"svg text{fill:var(--ink);font:13px system-ui,\"DejaVu Sans\",sans-serif;"
	"font-variant-numeric:tabular-nums}svg text.q{fill:var(--quiet);font-size:12px}"
	".bar{fill:var(--accent)}.track{fill:var(--track)}.axis{stroke:var(--quiet)}"
	".half{stroke:var(--ink);stroke-width:1.5}"
	".sign{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:2rem 3rem;"
	"margin:1.5rem 0}.sign div{border-bottom:1px solid var(--ink);min-height:6.5rem;"
	"break-inside:avoid}.sign b,.sign span{display:block}.sign span{color:var(--quiet);"
	"font-size:.86rem}"
	"footer{margin-top:4rem;color:var(--quiet);font-size:.84rem}"
	"@media(max-width:34rem){main{padding:2.5rem 1.1rem 4rem}dl.facts{grid-template-columns:"
	"1fr;gap:0}dl.facts dd{margin-bottom:.6rem}}"
	"@media print{:root{--ink:#111;--quiet:#555;--rule:#ccc;--accent:#1c546e;--track:#eee;"
	"--alert:#a3211b;--ground:#fff;--wash:#fff}body{font-size:9.6pt}main{max-width:none;"
	"padding:0}"
	"h2,h3,.caption{break-after:avoid}h2{margin-top:1.6rem}thead{display:table-header-group}"
	"tr,svg,.alert,pre{break-inside:avoid}.wide{overflow:visible}p{orphans:3;widows:3}"
	"*{-webkit-print-color-adjust:exact;print-color-adjust:exact}footer{display:none}}"
	"@page{size:A4;margin:20mm 22mm 22mm}";

static void element(struct buf *out, const char *open, const char *text, const char *close)
{
	buf_adds(out, open);
	template_html(out, text);
	buf_adds(out, close);
}

static void value(struct buf *out, const char *text)
{
	const bool digest = document_digest(text);

	element(out, digest ? "<code>" : "", text, digest ? "</code>" : "");
}

static void title(struct buf *out, const struct block *b)
{
	for (size_t i = 0; i < b->cells; i++)
		element(out,
		        i == 0   ? "<p class=\"over\">"
		        : i == 1 ? "<h1>"
		                 : "<p class=\"under\">",
		        b->cell[i], i == 1 ? "</h1>\n" : "</p>\n");
}

static void pairs(struct buf *out, const struct block *b)
{
	const bool figures = b->kind == BLOCK_FIGURES;

	buf_addf(out, "<dl class=\"%s\">\n", figures ? "figures" : "facts");
	for (size_t r = 0; r < block_rows(b); r++) {
		buf_adds(out, figures ? "<div>" : "");
		element(out, "<dt>", block_cell(b, r, figures ? 1 : 0), "</dt><dd>");
		value(out, block_cell(b, r, figures ? 0 : 1));
		buf_addf(out, "</dd>%s\n", figures ? "</div>" : "");
	}
	buf_adds(out, "</dl>\n");
}

static void row(struct buf *out, const struct block *b, size_t r)
{
	const char *name = r ? "td" : "th";

	buf_adds(out, "<tr>");
	for (unsigned c = 0; c < b->columns; c++) {
		const char *class = b->right & 1u << c                          ? " class=\"n\""
		                    : strlen(block_cell(b, r, c)) <= SHORT_CELL ? " class=\"s\""
		                                                                : "";

		buf_addf(out, "<%s%s>", name, class);
		value(out, block_cell(b, r, c));
		buf_addf(out, "</%s>", name);
	}
	buf_adds(out, "</tr>\n");
}

static void table(struct buf *out, const struct block *b)
{
	buf_adds(out, "<div class=\"wide\"><table>\n<thead>");
	row(out, b, 0);
	buf_adds(out, "</thead>\n<tbody>\n");
	for (size_t r = 1; r < block_rows(b); r++)
		row(out, b, r);
	buf_adds(out, "</tbody>\n</table></div>\n");
}

static void sign(struct buf *out, const struct block *b)
{
	buf_adds(out, "<div class=\"sign\">\n");
	for (size_t r = 0; r < block_rows(b); r++) {
		element(out, "<div><b>", block_cell(b, r, 0), "</b>");
		element(out, "<span>", block_cell(b, r, 1), "</span></div>\n");
	}
	buf_adds(out, "</div>\n");
}

/* Blocks that are one cell between two tags. */
static void plain(struct buf *out, const struct block *b, const struct block *before,
                  const struct block *after)
{
	switch (b->kind) {
	case BLOCK_HEADING:
		element(out, "<h2>", b->cell[0], "</h2>\n");
		break;
	case BLOCK_CAPTION:
		element(out, "<h3>", b->cell[0], "</h3>\n");
		break;
	case BLOCK_ALERT:
		element(out, "<p class=\"alert\">", b->cell[0], "</p>\n");
		break;
	case BLOCK_NOTE:
		element(out, "<p class=\"note\">", b->cell[0], "</p>\n");
		break;
	case BLOCK_CODE:
		element(out, before && before->kind == BLOCK_CODE ? "\n" : "<pre>", b->cell[0],
		        after && after->kind == BLOCK_CODE ? "" : "</pre>\n");
		break;
	case BLOCK_ITEM:
		element(out, before && before->kind == BLOCK_ITEM ? "<li>" : "<ul>\n<li>",
		        b->cell[0],
		        after && after->kind == BLOCK_ITEM ? "</li>\n" : "</li>\n</ul>\n");
		break;
	default:
		element(out, "<p>", b->cell[0], "</p>\n");
	}
}

static void block(struct buf *out, const struct document *d, size_t i)
{
	const struct block *b = d->block[i];

	switch (b->kind) {
	case BLOCK_TITLE:
		title(out, b);
		break;
	case BLOCK_FIGURES:
	case BLOCK_FACTS:
		pairs(out, b);
		break;
	case BLOCK_TABLE:
		table(out, b);
		break;
	case BLOCK_STACKS:
		table(out, b);
		svg_stacks(out, b);
		break;
	case BLOCK_BARS:
		svg_bars(out, b);
		break;
	case BLOCK_COLUMNS:
		svg_columns(out, b);
		break;
	case BLOCK_SIGN:
		sign(out, b);
		break;
	default:
		plain(out, b, i ? d->block[i - 1] : NULL, i + 1 < d->n ? d->block[i + 1] : NULL);
	}
}

void document_html(struct buf *out, const struct document *d)
{
	buf_addf(out,
	         "<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
	         "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
	         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	         "style-src 'unsafe-inline'\">\n<title>",
	         d->language);
	template_html(out, d->head);
	buf_adds(out, " – ");
	template_html(out, d->title);
	buf_adds(out, "</title>\n<style>");
	buf_adds(out, style);
	/* On paper, where a browser can: the same foot as the PDF's. */
	buf_addf(out,
	         "@page{@bottom-left{content:\"%s\";font:7.5pt sans-serif;color:#555}"
	         "@bottom-right{content:counter(page) \"/\" counter(pages);font:7.5pt "
	         "sans-serif;color:#555}}</style>\n</head>\n<body>\n<main>\n",
	         d->foot);
	for (size_t i = 0; i < d->n; i++)
		block(out, d, i);
	element(out, "<footer>", d->head, " · ");
	element(out, "", d->foot, "</footer>\n</main>\n</body>\n</html>\n");
}
