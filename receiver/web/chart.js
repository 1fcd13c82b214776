// SPDX-License-Identifier: MIT
import { el, formatTag, number, own, ownAttributes, shown, tell } from "./page.js";

// chart - pictures of numbers: turnout over time and by hour, the counts. Each stands beside the
// same numbers in a table, so that nobody needs to see the picture. Sizes are attributes of SVG;
// colours and type are the style sheet's.
const HOUR_MS = 3600e3, HEIGHT = 170, LEFT = 44, BOTTOM = 30, TOP = 12;

// A round number at or above n, one that can be halved where it is not small.
function roundUp(n) {
	const power = 10 ** Math.floor(Math.log10(Math.max(n, 1)));
	return [1, 2, 4, 6, 8, 10].map((m) => m * power).find((m) => m >= n);
}

// The hours of the turnout as buckets of equal length, at most 60 of them, empty ones included.
function bucketsOf(hours) {
	const times = hours.map(([at]) => Date.parse(at)), first = Math.min(...times), last = Math.max(...times);
	const span = (last - first) / HOUR_MS + 1;
	const size = [1, 2, 3, 6, 12, 24, 48, 168].find((n) => span / n <= 60) || 720, ms = size * HOUR_MS;
	const begin = Math.floor(first / ms) * ms, buckets = [];
	for (let at = begin; at <= last; at += ms)
		buckets.push({ at, ballots: 0, sum: 0 });
	hours.forEach(([, ballots], i) => { buckets[Math.floor((times[i] - begin) / ms)].ballots += ballots; });
	buckets.reduce((sum, bucket) => { bucket.sum = sum + bucket.ballots; return bucket.sum; }, 0);
	return { size, buckets };
}

function hourText(at) {
	return new Intl.DateTimeFormat(formatTag(), {
		day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }).format(at);
}

// Lines at 0, half and top with their numbers, and some times below.
function axes(width, top, buckets, x) {
	const y = (value) => HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / top;
	const levels = top % 2 ? [0, top] : [0, top / 2, top];
	const parts = levels.flatMap((value) => [
		el("line", { class: "rule", x1: LEFT, x2: width, y1: y(value), y2: y(value) }),
		el("text", { class: "mark", x: LEFT - 8, y: y(value) + 4, "text-anchor": "end" }, number(value)),
	]);
	const most = Math.max(2, Math.floor((width - LEFT) / 120)), step = Math.max(1, Math.ceil(buckets.length / most));
	for (let i = 0; i < buckets.length; i += step) {
		parts.push(el("text", { class: "mark", x: x(i), y: HEIGHT - 8, "text-anchor": "start" },
			hourText(buckets[i].at)));
	}
	return { y, parts };
}

function frame(width, label, parts) {
	return el("svg", { class: "chart", viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, role: "img",
		"aria-label": label }, parts);
}

function overTime(width, { buckets }, label) {
	const slot = (width - LEFT) / buckets.length, x = (i) => LEFT + i * slot;
	const { y, parts } = axes(width, roundUp(buckets.at(-1).sum), buckets, x);
	const points = [`${LEFT},${y(0)}`, ...buckets.map((b, i) => `${x(i + 1)},${y(b.sum)}`)];
	return frame(width, label, [...parts,
		el("path", { class: "area", d: `M${points.join("L")}L${x(buckets.length)},${y(0)}Z` }),
		el("polyline", { class: "stroke", points: points.join(" ") })]);
}

function byHour(width, { buckets }, label) {
	const slot = (width - LEFT) / buckets.length, x = (i) => LEFT + i * slot;
	const { y, parts } = axes(width, roundUp(Math.max(...buckets.map((b) => b.ballots))), buckets, x);
	const gap = Math.min(4, slot / 5), bars = buckets.map((b, i) => el("rect", { class: "bar-rect", x: x(i) + gap / 2,
		width: Math.min(slot - gap, 72), y: y(b.ballots), height: y(0) - y(b.ballots), rx: Math.min(3, slot / 4) },
	el("title", {}, `${hourText(b.at)}: ${number(b.ballots)}`)));
	return frame(width, label, [...parts, ...bars]);
}

function turnoutTable({ buckets }) {
	return el("details", {}, el("summary", {}, tell("turnoutTable")), el("div", { class: "scroll", tabindex: "0", role: "group",
		"aria-label": tell("turnoutTable") }, el("table", {},
		el("thead", {}, el("tr", {}, ["turnoutHour", "turnoutNew", "turnoutAll"].map((key) => el("th", { scope: "col" }, tell(key))))),
		el("tbody", {}, buckets.map((b) => el("tr", {}, el("th", { scope: "row" }, hourText(b.at)),
			el("td", {}, number(b.ballots)), el("td", {}, number(b.sum))))))));
}

// Both pictures of a turnout, drawn for the room that there is.
export function turnoutCharts(hours, room) {
	const data = bucketsOf(hours), width = Math.max(240, Math.floor(room));
	const over = tell("turnoutOver"), by = tell(data.size === 1 ? "turnoutBy" : "turnoutByMany", { n: number(data.size) });
	return [el("figure", {}, el("figcaption", {}, over), overTime(width, data, over)),
		el("figure", {}, el("figcaption", {}, by), byHour(width, data, by)), turnoutTable(data)];
}

export function percentText(part, whole) {
	return new Intl.NumberFormat(formatTag(), { style: "percent", maximumFractionDigits: 1 }).format(whole ? part / whole : 0);
}

function bar(part, whole) {
	const width = whole ? Math.max(0.4, 100 * part / whole) : 0;
	return el("svg", { class: "count-bar", width: "100%", height: "12", "aria-hidden": "true", focusable: "false" },
		el("rect", { class: "track", width: "100%", height: "12", rx: "6" }),
		part > 0 && el("rect", { class: "bar-rect", width: `${width}%`, height: "12", rx: "6" }));
}

function choiceResult(q, counts) {
	const rows = q.options.map((option, i) => ({ name: el("span", ownAttributes(), own(option)), n: counts[i] }));
	if (q.blank)
		rows.push({ name: tell("blank"), n: counts[q.options.length] });
	const whole = q.max === 1 ? rows.reduce((sum, row) => sum + row.n, 0) : Math.max(...rows.map((row) => row.n));
	return el("table", { class: "result" }, el("thead", { class: "unseen" }, el("tr", {},
		el("th", { scope: "col" }, tell("resultOption")), el("th", { scope: "col" }, tell("resultVotes")),
		q.max === 1 && el("th", { scope: "col" }, tell("resultShare")))),
	el("tbody", {}, rows.map(({ name, n }) => el("tr", {}, el("th", { scope: "row" }, name, bar(n, whole)),
		el("td", { class: "votes" }, number(n)), q.max === 1 && el("td", { class: "soft" }, percentText(n, whole))))));
}

// Majority judgment: a row an option, its grades side by side in one bar, and in numbers.
function gradesResult(q, counts) {
	return el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": own(q.title) }, el("table", { class: "result grades-result" },
		el("thead", {}, el("tr", {}, el("th", { scope: "col" }, tell("resultOption")),
			q.grades.map((grade, g) => el("th", { scope: "col", ...ownAttributes() }, gradeKey(g, q.grades.length), own(grade))))),
		el("tbody", {}, q.options.map((option, i) => el("tr", {},
			el("th", { scope: "row", ...ownAttributes() }, own(option), stack(counts[i])),
			counts[i].map((n) => el("td", { class: "votes" }, number(n))))))));
}

// From the best grade to the worst, always from the first shade to the last.
function shadeOf(g, grades) {
	return `shade-${Math.round(6 * g / (grades - 1))}`;
}

function gradeKey(g, grades) {
	return el("svg", { class: "key", width: "12", height: "12", "aria-hidden": "true", focusable: "false" },
		el("rect", { class: shadeOf(g, grades), width: "12", height: "12", rx: "3" }));
}

function stack(counts) {
	const whole = counts.reduce((sum, n) => sum + n, 0) || 1;
	let at = 0;
	return el("svg", { class: "count-bar", width: "100%", height: "14", "aria-hidden": "true", focusable: "false" },
		counts.map((n, g) => {
			const rect = el("rect", { class: shadeOf(g, counts.length), x: `${100 * at / whole}%`, width: `${100 * n / whole}%`, height: "14" });
			at += n;
			return rect;
		}));
}

// The counts of all questions; `counts` is a list a row of the ballot.
export function resultTables(counts) {
	let row = 0;
	return shown.manifest.questions.map((q) => {
		const rows = q.kind === "grades" ? q.options.length : 1, mine = counts.slice(row, row + rows);
		row += rows;
		return el("div", { class: "asked" }, el("h3", ownAttributes(), own(q.title)),
			q.kind === "grades" ? gradesResult(q, mine) : choiceResult(q, mine[0]));
	});
}
