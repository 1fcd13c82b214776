// SPDX-License-Identifier: MIT
import { loadCore, wasmBytes } from "./core.js";
import { announce, ask, baseOf, closing, closingFact, el, fingerprintLine, giveUp, icon, isOffline, manifestBytes, note, number, pageHead, plainCode, readersLanguage, saveFile, setLanguage, shown, takeClosing, tell, timeElement, trackerElement, whenIs } from "./page.js";
import { percentText, resultTables, turnoutCharts } from "./chart.js";
import { bareTracker, fetchText, lookUp, readTracker } from "./look.js";
import { verifyAll } from "./verify.js";

// check - the board page: turnout, "is my ballot there?", the signed head, the result, and
// everything checked anew by whoever asks. It reads; it sends nothing but addresses of what it
// reads. A tracker is no secret, so it may come in the fragment.

const board = { turnout: null, head: null, headText: "", headProblem: "", counts: null, typed: "", receipt: "", fieldProblem: "",
	found: undefined, foundTracker: "", foundProblem: null, busy: false, progress: null, report: null, stop: null, failed: false };
let boardCore = null;

function boardButton(key, style, onclick, more = {}) {
	return el("button", { type: "button", class: style, onclick, ...more }, tell(key));
}

function proofLine(text) {
	return el("li", {}, el("span", { class: "tick", "aria-hidden": "true" }, "✓"), el("span", {}, text));
}

function section(id, title, ...parts) {
	return el("section", { class: "card", id, "aria-labelledby": `${id}-title` },
		el("h2", { id: `${id}-title`, tabindex: "-1" }, title), parts);
}

// Turnout and state.

function stateKey() {
	if (board.counts)
		return "stateCounted";
	if (board.turnout?.closed)
		return "stateClosed";
	if (Date.now() >= Date.parse(closing()))
		return "stateOver";
	return Date.now() < Date.parse(shown.manifest.opens) ? "stateEarly" : "stateOpen";
}

function turnoutSection() {
	const t = board.turnout, room = Math.min(innerWidth, 704) - (innerWidth < 500 ? 76 : 132);
	if (!t)
		return section("turnout", tell("turnoutTitle"), el("p", { class: "soft" }, tell(board.failed ? "noAnswer" : "looking")));
	const values = { ballots: number(t.ballots), issued: number(t.issued), percent: percentText(t.ballots, t.issued) };
	return section("turnout", tell("turnoutTitle"),
		el("p", { class: "figure" }, t.ballots || t.closed ? tell(t.closed ? "turnoutFinal" : "turnoutSo", values) : tell("turnoutNone")),
		t.ballots > 0 && turnoutCharts(t.hours, room),
		!t.closed && el("div", { class: "buttons" }, boardButton("refresh", "small", async () => {
			await load();
			announce(tell("turnoutSo", { ballots: number(board.turnout?.ballots ?? 0), issued: values.issued,
				percent: percentText(board.turnout?.ballots ?? 0, t.issued) }));
		})));
}

function factsOf() {
	const m = shown.manifest;
	return el("dl", { class: "facts" },
		Date.now() < Date.parse(m.opens) && el("div", {}, el("dt", {}, tell("opens")), el("dd", {}, timeElement(m.opens))),
		closingFact(),
		el("div", {}, el("dt", {}, tell("fingerprint")), el("dd", {}, fingerprintLine(), el("span", { class: "soft" }, tell("fingerprintHelp")))));
}

// Is my ballot there?

const CHANNEL_WORDS = { link: "channelLink", "sealed-reply": "channelSealed", reply: "channelReply" };

function foundNote() {
	const f = board.found, problem = board.foundProblem;
	if (problem?.network)
		return note("info", el("p", {}, tell("noAnswer")));
	if (problem)
		return note("bad", el("p", {}, el("strong", {}, tell("lookBad"))), el("p", {}, tell("lookBadHelp", { check: problem.check || problem.message })));
	if (f === null)
		return note("bad", el("p", {}, el("strong", {}, tell("lookNo"))), el("p", {}, tell("lookNoHelp", { organiser: shown.manifest.organiser })));
	return note("good", el("p", {}, el("strong", {}, tell("lookYes", { index: number(f.index) }))), trackerElement(f.tracker),
		el("ul", { class: "proofs" }, ["lookReceipt", "lookLine", "lookHead", f.own && "lookSame", "lookProofs"].filter(Boolean)
			.map((key) => proofLine(tell(key, { size: number(f.size) })))),
		el("p", {}, tell("lookChannel", { channel: tell(CHANNEL_WORDS[f.channel]) })),
		el("p", { class: "wrap" }, tell("lookCredential", { credential: f.credential })));
}

function lookSection() {
	return section("look", tell("lookTitle"),
		el("form", { autocomplete: "off", novalidate: true, onsubmit: look }, el("div", { class: "field" },
			el("label", { for: "tracker-field" }, tell("lookLabel")), el("p", { class: "help", id: "look-help" }, tell("lookHelp")),
			el("input", { type: "text", id: "tracker-field", value: board.typed, dir: "ltr", spellcheck: "false", autocomplete: "off",
				translate: "no", autocapitalize: "characters", "aria-describedby": "look-help look-problem",
				"aria-invalid": board.fieldProblem ? "true" : null, oninput: (e) => { board.typed = e.target.value; } }),
			el("p", { class: "problem", id: "look-problem" }, board.fieldProblem)),
		el("div", { class: "buttons" }, el("button", { type: "submit", class: "main" }, tell("look")),
			el("label", { class: "button file" }, el("input", { type: "file", accept: ".json,application/json", onchange: openReceipt }),
				el("span", {}, tell("lookFile"))))),
		el("div", { id: "found", tabindex: "-1" }, board.busy && el("p", { class: "soft" }, tell("looking")),
			!board.busy && (board.found !== undefined || board.foundProblem) && foundNote()));
}

async function openReceipt(event) {
	const [file] = event.target.files;
	if (file) {
		board.typed = (await file.slice(0, 1 << 20).text()).trim();
		await look();
	}
}

// The receipt in the field, the tracker that is meant; a problem is a key of words.
function readField() {
	const typed = board.typed.trim();
	if (!typed.startsWith("{")) {
		const tracker = readTracker(typed);
		return tracker ? { tracker, receipt: "" } : { problem: tell("badTracker", { n: number(bareTracker(typed).length) }) };
	}
	try {
		const receipt = typed.replace(/\s+/g, "");
		return { tracker: shown.election.checkReceipt(receipt, null).tracker, receipt };
	} catch {
		return { problem: tell("badReceipt") };
	}
}

async function look(event) {
	event?.preventDefault();
	const { tracker, receipt, problem } = readField();
	Object.assign(board, { fieldProblem: problem || "", found: undefined, foundProblem: null, busy: !problem });
	drawBoard();
	if (problem) {
		document.getElementById("tracker-field").focus();
		announce(problem);
		return;
	}
	announce(tell("looking"));
	try {
		board.found = await lookUp(boardCore, shown.election, tracker, receipt);
	} catch (e) {
		board.foundProblem = e;
	}
	board.busy = false;
	drawBoard();
	document.getElementById("found").focus();
}

// The head.

function headSection() {
	const h = board.head;
	return section("head", tell("headTitle"),
		board.headProblem && note("bad", el("p", {}, tell("headBad", { check: board.headProblem }))),
		h && [el("p", {}, tell("headText", { time: whenIs(h.time * 1000).utc, size: number(h.size) })),
			el("dl", { class: "facts" }, el("div", {}, el("dt", {}, tell("headRoot")),
				el("dd", {}, plainCode(rootFingerprint(h.root), { class: "code" })))),
			el("ul", { class: "proofs" }, proofLine(tell("headGood")))],
		el("div", { class: "buttons" },
			h && boardButton("headSave", "", () => saveFile(`head-${h.size}.json`, board.headText + "\n")),
			el("a", { class: "button", href: `${baseOf(shown.manifest.link)}board?from=0`, download: "board.ndjson" }, tell("boardSave"))),
		el("p", { class: "soft small" }, tell("boardFile")));
}

// The first 125 bits of a root in five groups of five, as people read it to each other.
function rootFingerprint(root) {
	const bytes = Uint8Array.from(atob(root.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
	const bits = [...bytes].map((b) => b.toString(2).padStart(8, "0")).join("").slice(0, 125);
	const letters = bits.match(/.{5}/g).map((five) => "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[parseInt(five, 2)]).join("");
	return letters.match(/.{5}/g).join("-");
}

// The result.

function resultSection() {
	const m = shown.manifest, few = board.turnout?.closed && board.turnout.ballots > 0 && board.turnout.ballots < m.min_ballots;
	if (!board.counts && !few)
		return null;
	if (!board.counts)
		return section("result", tell("resultTitle"), note("info", el("p", {}, tell("resultFew", { min: number(m.min_ballots) }))));
	const checked = board.report?.stage === "counted" && !board.report.failures;
	return section("result", tell("resultTitle"),
		note(checked ? "good" : "info", el("p", {}, tell(checked ? "resultChecked" : "resultUnchecked", { verify: tell("verify") }))),
		m.roll.some((c) => c.weight !== 1) && el("p", { class: "soft" }, tell("resultWeighted")), resultTables(board.counts));
}

// Everything, checked.

const STAGE_WORDS = { open: "verifyOpen", closed: "verifyClosed", counted: "verifyCounted", "too-few": "verifyFew" };

function findingLine(f) {
	const where = f.line === undefined || f.line === null ? f.file : tell("verifyWhere", { file: f.file, line: f.line });
	return el("li", {}, el("strong", {}, f.check), " ", el("span", { class: "soft" }, where), el("br"), f.text);
}

// The findings are the scrutineers' own words, in English.
function reportNote(r) {
	const root = r.root && el("p", {}, tell("verifyRoot"), " ", plainCode(rootFingerprint(r.root), { class: "code" }));
	const list = r.findings.length > 0 && el("ul", { class: "findings", dir: "ltr", lang: "en" }, r.findings.slice(0, 200).map(findingLine));
	if (r.failures)
		return note("bad", el("p", {}, el("strong", {}, tell("verifyBad", { n: number(r.failures) }))), el("p", {}, tell("verifyBadText")), list, root);
	return note("good", el("p", {}, el("strong", {}, tell("verifyGood"))), el("p", {}, tell("verifyGoodText", { size: number(r.size),
		ballots: number(r.ballots), issued: number(r.issued), replaced: number(r.replaced) })), el("p", {}, tell(STAGE_WORDS[r.stage])), list, root);
}

function verifySection() {
	const p = board.progress;
	return section("verify", tell("verifyTitle"), el("p", {}, tell("verifyText")),
		p && el("div", { class: "verifying" },
			el("progress", { id: "bar", max: p.of, value: p.done, "aria-labelledby": "verify-title" }),
			el("p", { id: "done" }, progressText())),
		el("div", { id: "report", tabindex: "-1" }, board.report && (board.report.problem
			? note(board.report.problem.network ? "info" : "bad", el("p", {}, tell(board.report.problem.network ? "noAnswer" : "headBad",
				{ check: board.report.problem.check || board.report.problem.message }))) : reportNote(board.report))),
		el("div", { class: "buttons" }, p ? boardButton("verifyStop", "", () => board.stop.abort()) : boardButton("verify", "main", verify)));
}

function progressText() {
	const p = board.progress;
	return p.lost ? tell("verifyLost") : tell("verifying", { done: number(p.done), of: number(p.of) });
}

function onward(done, of, lost) {
	board.progress = { done, of, lost };
	const bar = document.getElementById("bar");
	if (bar) {
		bar.max = of;
		bar.value = done;
		document.getElementById("done").textContent = progressText();
	}
}

async function verify() {
	board.stop = new AbortController();
	Object.assign(board, { report: null, progress: { done: 0, of: board.head?.size || 1, lost: false } });
	drawBoard();
	announce(progressText());
	try {
		board.report = await verifyAll(shown.election, onward, board.stop.signal);
	} catch (e) {
		board.report = { problem: e, failures: 1 };
	}
	board.progress = null;
	if (board.report?.counts && !board.report.failures)
		board.counts = board.report.counts;
	drawBoard();
	document.getElementById(board.report ? "report" : "verify-title").focus();
}

// The page as a whole.

function drawBoard() {
	const base = baseOf(shown.manifest.link);
	document.title = `${shown.manifest.title[shown.language]} · ${tell("lookTitle")}`;
	const at = document.activeElement?.id, open = [...document.querySelectorAll("details")].map((d) => d.open);
	document.getElementById("page").replaceChildren(
		pageHead(drawBoard, tell("boardInvites", { organiser: shown.manifest.organiser })),
		el("main", { id: "main" }, el("p", { class: "state" }, icon("info"), tell(stateKey())), factsOf(), lookSection(),
			resultSection(), turnoutSection(), verifySection(), headSection()),
		el("footer", { class: "foot" }, el("p", {}, tell("boardIntro")), el("p", {}, el("a", { href: base }, tell("toVote")))));
	document.querySelectorAll("details").forEach((d, i) => { d.open = open[i] || false; });
	if (at)
		document.getElementById(at)?.focus({ preventScroll: true });
}

// The counts as the box tells them, if they have the form of this vote's.
function countsIn(text) {
	const rows = shown.manifest.questions.flatMap((q) => q.kind === "grades" ? q.options.map(() => q.grades.length)
		: [q.options.length + (q.blank ? 1 : 0)]);
	try {
		const { counts } = JSON.parse(text);
		return counts.length === rows.length && counts.every((row, i) => row.length === rows[i] && row.every(Number.isSafeInteger))
			? counts : null;
	} catch {
		return null;
	}
}

async function load() {
	try {
		board.turnout = JSON.parse(await fetchText("turnout"));
		takeClosing(board.turnout.closes);
		board.headText = await fetchText("head") || "";
		board.failed = false;
		try {
			board.head = shown.election.checkHead(board.headText);
			board.headProblem = "";
		} catch (e) {
			board.head = null;
			board.headProblem = e.check || e.message;
		}
		const result = board.turnout.closed ? await fetchText("record/result.json") : null;
		board.counts = result ? countsIn(result) : null;
	} catch {
		board.failed = true;
	}
	drawBoard();
}

// A tracker that a link brought is looked up at once: it is no secret, and reading changes nothing.
function trackerFromAddress() {
	board.typed = readTracker(location.hash.replace(/%2D/gi, "-"));
	if (board.typed)
		look();
}

async function startBoard() {
	const bytes = manifestBytes();
	setLanguage(readersLanguage(["en", "fr"]));
	if (!bytes)
		return giveUp(tell("template"));
	try {
		boardCore = await loadCore(wasmBytes(document.getElementById("module").textContent));
	} catch {
		return giveUp(tell("noModule"));
	}
	try {
		shown.election = boardCore.election(bytes);
		shown.manifest = shown.election.manifest;
	} catch {
		return giveUp(tell("badManifestUnnamed"));
	}
	setLanguage(readersLanguage(shown.manifest.languages));
	board.failed = isOffline();
	drawBoard();
	addEventListener("hashchange", trackerFromAddress);
	let width = innerWidth;
	addEventListener("resize", () => {
		if (innerWidth !== width) {
			width = innerWidth;
			drawBoard();
		}
	});
	await load();
	trackerFromAddress();
	document.documentElement.classList.add("ready");
}

startBoard();
