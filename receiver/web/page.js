// SPDX-License-Identifier: MIT
//
// page - what the voting page and the board page share: making elements, the words of the chosen
// language, times, the head and foot of a page, copying and saving.
//
// Texts go into the page as text, never as markup: a manifest cannot write HTML. No inline style
// either, the page's policy refuses it.

// Every sentence of the pages, a file a language: words/TAG.json. A page that is served holds English
// and those of its election's languages that there are. To add one, copy a file, translate what
// stands to the right of the colons, and keep the {names} as they are. Lists are one item a line.
// What begins with `no` or `bad` is read when something went wrong: say what happened, that nothing
// is lost, and what to do.
const WORDS = Object.fromEntries(Array.from(document.querySelectorAll('script[id^="words-"]'),
	(block) => [block.id.slice("words-".length), JSON.parse(block.textContent)]));

// What is shown at present. `language` is one of the manifest's; `words` are the page's own
// sentences, in English where nobody has translated them yet. `putOff` is the later closing time that
// the ballot box tells of, if it does.
export const shown = { manifest: null, election: null, language: "en", spoken: "en", words: WORDS.en, putOff: "" };

// el("p", { class: "help" }, "text", child, …). Handlers as onclick; what is null or false is
// left out, children too.
export function el(tag, attributes, ...children) {
	const svg = ["svg", "path", "rect", "line", "g", "text", "circle", "polyline", "title"];
	const made = svg.includes(tag) ? document.createElementNS("http://www.w3.org/2000/svg", tag)
		: document.createElement(tag);
	for (const [name, value] of Object.entries(attributes || {})) {
		if (value === null || value === undefined || value === false)
			continue;
		if (name.startsWith("on"))
			made.addEventListener(name.slice(2), value);
		else if (["value", "checked"].includes(name))
			made[name] = value; /* the property: an attribute would be saved with the page */
		else
			made.setAttribute(name, value === true ? "" : value);
	}
	made.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
	return made;
}

// A sentence of the page's own, its {names} filled in; each set apart where the sentence may run
// the other way.
export function tell(key, values = {}) {
	const sentence = shown.words[key] ?? WORDS.en[key];
	const apart = document.documentElement.classList.contains("mixed") && !key.startsWith("mail");
	return sentence.replace(/\{(\w+)\}/g, (all, name) => {
		const value = values[name] ?? all;
		return apart ? `\u2068${value}\u2069` : value;
	});
}

export function tellList(key, values) {
	return tell(key, values).split("\n");
}

// A text of the manifest in the chosen language, and an element's attributes that say so.
export function own(texts) {
	return texts[shown.language] ?? Object.values(texts)[0];
}

export function ownAttributes(more = {}) {
	return { lang: shown.language, dir: directionOf(shown.language), ...more };
}

// Codes, trackers and addresses run from left to right in every language.
export function plainCode(text, more = {}) {
	return el("span", { dir: "ltr", translate: "no", ...more }, text);
}

// A tracker, large; where it must be broken, in the middle.
export function trackerElement(tracker) {
	const middle = Math.ceil(tracker.length / 2);
	return el("span", { dir: "ltr", translate: "no", class: "tracker", id: "tracker" },
		el("span", {}, tracker.slice(0, middle)), el("span", {}, tracker.slice(middle)));
}

const RIGHT_TO_LEFT = ["ar", "arc", "ckb", "dv", "fa", "he", "ku", "ps", "sd", "syr", "ug", "ur", "yi"];

export function directionOf(tag) {
	const [language, ...rest] = tag.split("-");
	if (rest.some((part) => /^(latn|cyrl)$/i.test(part)))
		return "ltr";
	return rest.some((part) => /^(arab|hebr)$/i.test(part)) || RIGHT_TO_LEFT.includes(language) ? "rtl" : "ltr";
}

export function setLanguage(tag) {
	const plain = tag.split("-")[0];
	shown.language = tag;
	shown.spoken = WORDS[tag] ? tag : WORDS[plain] ? plain : "en";
	shown.words = WORDS[shown.spoken];
	const root = document.documentElement;
	root.lang = shown.spoken;
	root.dir = directionOf(tag);
	/* English sentences in a right-to-left page: the style sheet sets each in its own direction. */
	root.classList.toggle("mixed", directionOf(tag) !== directionOf(shown.spoken));
}

// The first of the reader's languages that the election speaks.
export function readersLanguage(languages, wanted = navigator.languages || []) {
	for (const tag of wanted) {
		const same = languages.find((l) => l.toLowerCase() === tag.toLowerCase())
			|| languages.find((l) => l.split("-")[0] === tag.toLowerCase().split("-")[0]);
		if (same)
			return same;
	}
	return languages[0];
}

function languageName(tag) {
	try {
		const name = new Intl.DisplayNames([tag], { type: "language" }).of(tag);
		return name.charAt(0).toLocaleUpperCase(tag) + name.slice(1);
	} catch {
		return tag;
	}
}

// The switch: a button a language. `redraw` draws everything anew.
export function languageSwitch(redraw) {
	const languages = shown.manifest.languages;
	if (languages.length < 2)
		return null;
	return el("nav", { class: "languages", "aria-label": tell("language") }, languages.map((tag) =>
		el("button", { type: "button", class: "language", lang: tag, dir: directionOf(tag), translate: "no",
			"aria-pressed": String(tag === shown.language), id: `language-${tag}`,
			onclick: () => {
				setLanguage(tag);
				redraw();
				document.getElementById(`language-${tag}`)?.focus();
			} }, languageName(tag))));
}

const DAY = { weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" };

// The language of numbers and times, with the digits that codes and trackers have.
export function formatTag() {
	return `${shown.spoken === "en" ? "en-GB" : shown.spoken}-u-nu-latn`;
}

// A time in UTC and, where that is something else, in the reader's own.
export function whenIs(time) {
	const date = new Date(time), tongue = formatTag();
	const local = { ...DAY, timeZoneName: "short" };
	const utc = new Intl.DateTimeFormat(tongue, { ...DAY, timeZone: "UTC" }).format(date);
	return { utc: tell("utc", { time: utc }), local: date.getTimezoneOffset() === 0 ? ""
		: tell("local", { time: new Intl.DateTimeFormat(tongue, local).format(date) }) };
}

export function timeElement(time) {
	const when = whenIs(time);
	return [el("span", { class: "time" }, when.utc), when.local && el("span", { class: "time soft" }, when.local)];
}

// The closing time in force: the manifest's, or a later one.
export function closing() {
	return shown.putOff || shown.manifest.closes;
}

// What the ballot box tells of the closing time, in its turnout. It can be put off, never brought
// forward: an earlier one is no closing time of this vote. True where something has changed.
export function takeClosing(told) {
	const before = shown.putOff, good = typeof told === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(told);
	shown.putOff = good && Date.parse(told) > Date.parse(shown.manifest.closes) ? told : "";
	return shown.putOff !== before;
}

export function closingFact() {
	return el("div", {}, el("dt", {}, tell("closes")), el("dd", {}, timeElement(closing()),
		shown.putOff && el("span", { class: "soft" }, tell("putOff", { time: whenIs(shown.manifest.closes).utc }))));
}

export function number(n) {
	return new Intl.NumberFormat(formatTag()).format(n);
}

// TEST, the organiser, the title.
export function pageHead(redraw, invitation) {
	const m = shown.manifest;
	return el("header", { class: "head" },
		m.test && el("p", { class: "test" }, tell("test")),
		el("div", { class: "bar" }, el("p", { class: "organiser" }, invitation), languageSwitch(redraw)),
		el("h1", ownAttributes(), own(m.title)));
}

export function fingerprintLine() {
	return plainCode(shown.election.fingerprint, { class: "code nowrap" });
}

// A note that stands out: kind is "info", "good" or "bad".
export function note(kind, ...children) {
	return el("div", { class: `note ${kind}` }, icon(kind), el("div", { class: "words" }, ...children));
}

const ICONS = {
	info: "M12 11v6M12 7.5v.5",
	good: "M7 12.5l3.5 3.5L17 9",
	bad: "M12 6.5v7M12 17v.5",
};

export function icon(kind) {
	return el("svg", { class: `icon ${kind}`, viewBox: "0 0 24 24", width: "24", height: "24", "aria-hidden": "true",
		focusable: "false" }, el("circle", { cx: "12", cy: "12", r: "11" }), el("path", { d: ICONS[kind] }));
}

// Say something to those who listen: the page's one live region.
export function announce(text) {
	const live = document.getElementById("live");
	live.textContent = "";
	setTimeout(() => { live.textContent = text; }, 60);
}

// Copy to the clipboard; where the browser does not let us, select the text instead.
export async function copyText(text, source) {
	try {
		await navigator.clipboard.writeText(text);
		announce(tell("copied"));
		return true;
	} catch {
		if (source instanceof HTMLTextAreaElement) {
			source.focus();
			source.select();
		} else if (source) {
			getSelection().selectAllChildren(source);
		}
		if (document.execCommand && document.execCommand("copy")) {
			announce(tell("copied"));
			return true;
		}
		announce(tell("notCopied"));
		return false;
	}
}

// A button that copies, and says so where it stands.
export function copyButton(label, text, source, style = "") {
	const said = el("span", { class: "said", "aria-hidden": "true" });
	const button = el("button", { type: "button", class: style, onclick: async () => {
		const done = await copyText(text, source());
		said.textContent = tell(done ? "copied" : "notCopied");
		setTimeout(() => { said.textContent = ""; }, 4000);
	} }, label);
	return [button, said];
}

export function saveFile(name, text, type = "application/json") {
	const address = URL.createObjectURL(new Blob([text], { type }));
	const link = el("a", { href: address, download: name });
	document.body.append(link);
	link.click();
	link.remove();
	setTimeout(() => URL.revokeObjectURL(address), 10000);
}

export function fromBase64(text) {
	return Uint8Array.from(atob(text.replace(/\s+/g, "")), (c) => c.charCodeAt(0));
}

// The manifest that the receiver wrote into the page, or null in a mere template.
export function manifestBytes() {
	const text = document.getElementById("manifest").textContent.trim();
	return !text || text.startsWith("@") ? null : fromBase64(text);
}

// A page that was saved to a file has no ballot box to talk to.
export function isOffline() {
	return !/^https?:$/.test(location.protocol);
}

// Where the ballot box's routes begin: "/", or the link's own folder behind a proxy.
export function baseOf(link) {
	const folder = new URL(link).pathname.replace(/[^/]*$/, "");
	return location.pathname.startsWith(folder) ? folder : "/";
}

// Every request of the page: to its own origin, without cookies, never from a cache.
export function ask(path, more = {}) {
	return fetch(baseOf(shown.manifest.link) + path, { credentials: "omit", cache: "no-store",
		referrerPolicy: "no-referrer", redirect: "error", ...more });
}

// One sentence instead of a page.
export function giveUp(sentence) {
	document.getElementById("page").replaceChildren(el("main", { id: "main" },
		el("h1", { class: "only" }, "Votepost"), note("bad", el("p", { role: "alert" }, sentence))));
}
