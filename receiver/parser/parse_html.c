/* SPDX-License-Identifier: MIT */
#include "receiver/parser/parse_html.h"

#include <string.h>
#include <strings.h>

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "receiver/parser/page.h"

#define DEPTH_MAX   10000 /* libxml2's own 256 would lose the end of a long thread */
#define STYLE_MAX   600   /* bytes of a style attribute that are looked at */
#define META_WITHIN 2048  /* a meta element with a charset stands at the start */
#define STRUCK      '~'   /* round struck text, which no vote line holds */
#define UNPRINTABLE '?'
#define WRITTEN     "data-written" /* on paragraphs of the page's own; libxml2 adds more */

/* What an element does to the text round it. */
enum layout {
	LAYOUT_INLINE,
	LAYOUT_LINE,      /* begins and ends on a line of its own */
	LAYOUT_PARAGRAPH, /* the same, with an empty line round it */
	LAYOUT_BREAK,     /* <br> */
	LAYOUT_ITEM,      /* of a list, with a mark */
	LAYOUT_CELL,      /* apart from its neighbour by a space */
	LAYOUT_SKIP,      /* not shown */
	LAYOUT_QUOTE,
	LAYOUT_STRUCK,
	LAYOUT_PRE,
};

static const struct element {
	const char *name;
	enum layout layout;
} ELEMENTS[] = {
	{ "address", LAYOUT_LINE },     { "article", LAYOUT_LINE },  { "aside", LAYOUT_LINE },
	{ "blockquote", LAYOUT_QUOTE }, { "br", LAYOUT_BREAK },      { "caption", LAYOUT_LINE },
	{ "center", LAYOUT_LINE },      { "dd", LAYOUT_LINE },       { "del", LAYOUT_STRUCK },
	{ "dir", LAYOUT_LINE },         { "div", LAYOUT_LINE },      { "dl", LAYOUT_PARAGRAPH },
	{ "dt", LAYOUT_LINE },          { "fieldset", LAYOUT_LINE }, { "footer", LAYOUT_LINE },
	{ "form", LAYOUT_LINE },        { "h1", LAYOUT_LINE },       { "h2", LAYOUT_LINE },
	{ "h3", LAYOUT_LINE },          { "h4", LAYOUT_LINE },       { "h5", LAYOUT_LINE },
	{ "h6", LAYOUT_LINE },          { "head", LAYOUT_LINE },     { "header", LAYOUT_LINE },
	{ "hr", LAYOUT_LINE },          { "iframe", LAYOUT_SKIP },   { "li", LAYOUT_ITEM },
	{ "main", LAYOUT_LINE },        { "menu", LAYOUT_LINE },     { "nav", LAYOUT_LINE },
	{ "object", LAYOUT_SKIP },      { "ol", LAYOUT_PARAGRAPH },  { "option", LAYOUT_LINE },
	{ "p", LAYOUT_PARAGRAPH },      { "pre", LAYOUT_PRE },       { "s", LAYOUT_STRUCK },
	{ "script", LAYOUT_SKIP },      { "section", LAYOUT_LINE },  { "strike", LAYOUT_STRUCK },
	{ "style", LAYOUT_SKIP },       { "table", LAYOUT_LINE },    { "tbody", LAYOUT_LINE },
	{ "td", LAYOUT_CELL },          { "template", LAYOUT_SKIP }, { "tfoot", LAYOUT_LINE },
	{ "th", LAYOUT_CELL },          { "thead", LAYOUT_LINE },    { "title", LAYOUT_SKIP },
	{ "tr", LAYOUT_LINE },          { "ul", LAYOUT_PARAGRAPH },
};

/* Class or id, of what holds a quotation. */
static const char *const QUOTES[] = {
	"gmail_quote",           "yahoo_quoted",         "moz-cite-prefix",
	"moz-forward-container", "protonmail_quote",     "tutanota_quote",
	"zmail_extra",           "OLK_SRC_BODY_SECTION", "ms-outlook-mobile-reference-message",
	"reply-intro",
};
/* Class or id, of what a quotation follows, down to the end of the mail. */
static const char *const QUOTE_STARTS[] = {
	"divRplyFwdMsg",
	"appendonsend",
	"mail-editor-reference-message-container",
	"stopSpelling",
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static enum layout layout_of(const xmlNode *node)
{
	size_t i;

	for (i = 0; i < COUNT(ELEMENTS); i++)
		if (!strcasecmp((const char *)node->name, ELEMENTS[i].name))
			return ELEMENTS[i].layout;
	return LAYOUT_INLINE;
}

/* An attribute, whatever its case: a copy without spaces, lower case where `low`; cut where
 * it is too long. */
static void attribute(char out[STYLE_MAX], const xmlNode *node, const char *name, bool low)
{
	const xmlAttr *a;
	const xmlChar *at;
	size_t n = 0;

	for (a = node->properties; a; a = a->next) {
		if (strcasecmp((const char *)a->name, name) != 0 || !a->children)
			continue;
		at = a->children->content;
		for (; at && *at && n + 1 < STYLE_MAX; at++) {
			if (low && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r'))
				continue;
			out[n++] = (char)(low && *at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
		}
		break;
	}
	out[n] = '\0';
}

/* Is one of the words in a class or id, on its own or as the web mailer renames it ("x_…")? */
static bool is_marked(const xmlNode *node, const char *const *word, size_t n)
{
	char class[STYLE_MAX], id[STYLE_MAX];

	attribute(class, node, "class", false);
	attribute(id, node, "id", false);
	while (n--)
		if (strstr(class, word[n]) || strstr(id, word[n]))
			return true;
	return false;
}

/* Is a property of this name 0, in whatever unit? "0.9em" is not. */
static bool is_zero(const char *style, const char *name)
{
	const char *at = style;

	while ((at = strstr(at, name)) != NULL) {
		at += strlen(name);
		if (*at == '0' && strspn(at + strspn(at, "0."), "123456789") == 0)
			return true;
	}
	return false;
}

static bool is_hidden(const char *style)
{
	return strstr(style, "display:none") || strstr(style, "visibility:hidden") ||
	       strstr(style, "mso-hide:all") || is_zero(style, "font-size:") ||
	       is_zero(style, "max-height:") || is_zero(style, "opacity:");
}

static bool is_struck(const char *style)
{
	return strstr(style, "line-through");
}

/* Outlook's line over the headers of what it quotes. */
static bool is_outlook_border(const char *style)
{
	return strstr(style, "border:none") && strstr(style, "border-top:solid");
}

/* A paragraph as Outlook and others write each line: nothing shows between two. */
static bool is_tight(const struct page *p, const xmlNode *node, const char *style)
{
	char class[STYLE_MAX];

	if (strcasecmp((const char *)node->name, "p") != 0)
		return false;
	attribute(class, node, "class", false);
	return p->tight || *class || strstr(style, "margin") ||
	       !xmlHasProp(node, (const xmlChar *)WRITTEN);
}

static void enter_layout(struct page *p, const xmlNode *node, enum layout layout, const char *style)
{
	switch (layout) {
	case LAYOUT_LINE:
		page_end_line(p);
		break;
	case LAYOUT_ITEM:
		page_end_line(p);
		page_text(p, "* ");
		break;
	case LAYOUT_PARAGRAPH:
		if (is_tight(p, node, style))
			page_end_line(p);
		else
			page_paragraph(p);
		break;
	case LAYOUT_BREAK:
		page_break(p);
		break;
	case LAYOUT_CELL:
		p->space = p->open;
		break;
	case LAYOUT_STRUCK:
		page_char(p, STRUCK);
		break;
	case LAYOUT_PRE:
		page_paragraph(p);
		p->pre++;
		break;
	default:
		break;
	}
}

static void leave_layout(struct page *p, const xmlNode *node, enum layout layout, const char *style)
{
	if (layout == LAYOUT_BREAK || layout == LAYOUT_CELL)
		return;
	if (layout == LAYOUT_PRE)
		p->pre--;
	if (layout == LAYOUT_PRE)
		page_paragraph(p);
	else if (layout == LAYOUT_ITEM)
		page_end_line(p);
	else
		enter_layout(p, node, layout, style);
}

static bool is_quote(const xmlNode *node, enum layout layout)
{
	return layout == LAYOUT_QUOTE || is_marked(node, QUOTES, COUNT(QUOTES));
}

/* How an element shows, whatever its name says. */
static enum layout shown_as(const xmlNode *node, const char *style)
{
	enum layout layout = layout_of(node);

	if (layout == LAYOUT_SKIP || is_hidden(style) ||
	    xmlHasProp(node, (const xmlChar *)"hidden"))
		return LAYOUT_SKIP;
	if (layout == LAYOUT_INLINE && is_struck(style))
		return LAYOUT_STRUCK;
	return layout;
}

/* The mark inside whatever else its style strikes: a paragraph, a list, a cell. */
static void strike(struct page *p, enum layout layout, const char *style)
{
	if (layout != LAYOUT_STRUCK && layout != LAYOUT_BREAK && is_struck(style))
		page_char(p, STRUCK);
}

/* False where its children are not shown. */
static bool enter(struct page *p, const xmlNode *node)
{
	char style[STYLE_MAX];
	enum layout layout;

	if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
		page_text(p, (const char *)node->content);
		return false;
	}
	if (node->type != XML_ELEMENT_NODE)
		return node->type == XML_HTML_DOCUMENT_NODE;
	attribute(style, node, "style", true);
	layout = shown_as(node, style);
	if (layout == LAYOUT_SKIP)
		return false;
	if (is_outlook_border(style) || is_marked(node, QUOTE_STARTS, COUNT(QUOTE_STARTS))) {
		page_end_line(p);
		p->rest_quoted = true;
	}
	if (is_quote(node, layout)) {
		page_end_line(p);
		p->depth++;
	}
	enter_layout(p, node, layout, style);
	strike(p, layout, style);
	return true;
}

static void leave(struct page *p, const xmlNode *node)
{
	char style[STYLE_MAX];
	enum layout layout;

	if (node->type != XML_ELEMENT_NODE)
		return;
	attribute(style, node, "style", true);
	layout = shown_as(node, style);
	if (layout == LAYOUT_SKIP)
		return;
	strike(p, layout, style);
	leave_layout(p, node, layout, style);
	if (is_quote(node, layout)) {
		page_end_line(p);
		p->depth--;
	}
}

/* In the order of the text, without recursion: the nesting is the sender's choice. */
static void walk(struct page *p, const xmlNode *root)
{
	const xmlNode *node = root;

	while (!buf_err(p->out)) {
		if (enter(p, node) && node->children) {
			node = node->children;
			continue;
		}
		leave(p, node);
		while (node != root && !node->next) {
			node = node->parent;
			leave(p, node);
		}
		if (node == root)
			return;
		node = node->next;
	}
}

void parse_html_init(void)
{
	xmlInitParser();
	xmlParserMaxDepth = DEPTH_MAX;
}

void parse_html_charset(char out[CHARSET_NAME_MAX], struct span html)
{
	static const char word[] = "charset";
	size_t i, n = 0;

	out[0] = '\0';
	if (html.len > META_WITHIN)
		html.len = META_WITHIN;
	for (i = 0; i + sizeof(word) < html.len; i++)
		if (!strncasecmp(html.at + i, word, sizeof(word) - 1))
			break;
	if (i + sizeof(word) >= html.len)
		return;
	i += sizeof(word) - 1;
	while (i < html.len && strchr(" =\"'\t", html.at[i]) && html.at[i])
		i++;
	for (; i < html.len && n + 1 < CHARSET_NAME_MAX; i++) {
		if (strchr(" \"'>;/\r\n\t", html.at[i]))
			break;
		out[n++] = html.at[i];
	}
	out[n] = '\0';
}

/* Does a style sheet in the page speak of margins? Then paragraphs may stand close. */
static bool has_margins(struct span html)
{
	const char *style = memmem(html.at, html.len, "<style", 6);

	if (!style)
		style = memmem(html.at, html.len, "<STYLE", 6);
	return style &&
	       span_holds((struct span){ style, (size_t)(html.at + html.len - style) }, "margin");
}

/* A NUL hides from one program what another shows: there is nothing to be made of it. libxml2
 * loses what follows other controls; and it puts a paragraph round
 * text that stands in none, which then cannot be told from one that was written. */
static enum err prepare(struct buf *out, struct span html)
{
	size_t i;
	char c;

	for (i = 0; i < html.len && !buf_err(out); i++) {
		c = html.at[i];
		if (!c)
			return ERR_FORMAT;
		if ((unsigned char)c < ' ' && !memchr("\t\r\n\f", c, 4))
			c = UNPRINTABLE;
		buf_addc(out, c);
		if (i && (c == 'p' || c == 'P') && html.at[i - 1] == '<' && i + 1 < html.len &&
		    memchr("> \t\r\n\f", html.at[i + 1], 6))
			buf_adds(out, " " WRITTEN "=1");
	}
	return buf_err(out);
}

enum err parse_html_text(struct buf *out, struct span html)
{
	struct buf source = BUF_INIT(html.len * 8);
	struct page page = { .out = out, .start = out->len };
	htmlDocPtr doc = NULL;
	enum err e;

	e = prepare(&source, html);
	if (e || source.len == 0)
		goto done;
	doc = htmlReadMemory(source.data, (int)source.len, NULL, "UTF-8",
	                     HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
	                             HTML_PARSE_NONET | HTML_PARSE_IGNORE_ENC);
	if (!doc) {
		e = ERR_FORMAT;
		goto done;
	}
	page.tight = has_margins(html);
	if (doc->children)
		walk(&page, (const xmlNode *)doc);
	page_end_line(&page);
	e = buf_err(out);
done:
	if (doc)
		xmlFreeDoc(doc);
	buf_free(&source);
	return e;
}
