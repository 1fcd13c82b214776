// SPDX-License-Identifier: MIT
import { el, number, own, ownAttributes, tell } from "./page.js";

// choose - the questions as fields, and what a member makes of them in words.
//
// An answer is { options: [indexes], blank, none } for a choice (`none` is the deliberate "none
// of them" where nothing need be chosen), { grades: [index or -1] } for grades. Order and letters
// are the manifest's in every language.
const LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ";

export function emptyAnswer(q) {
	return q.kind === "grades" ? { grades: q.options.map(() => -1) }
		: { options: [], blank: false, none: false };
}

// As the letters in the mail; more options than letters have none.
export function letterOf(q, i) {
	return q.options.length <= LETTERS.length ? LETTERS[i] : "";
}

function mayBeNone(q) {
	return q.kind === "choice" && !q.blank && q.min === 0;
}

// What is wrong with an answer: a sentence, or "".
export function problemOf(q, answer) {
	if (q.kind === "grades") {
		const missing = q.options.filter((_, i) => answer.grades[i] < 0).map(own);
		return missing.length ? tell("badGrade", { options: missing.join(" · ") }) : "";
	}
	const n = answer.options.length;
	if (answer.blank || answer.none)
		return "";
	if (n === 0 && q.blank)
		return tell("badNothing", { blank: tell("blank") });
	if (n === 0 && mayBeNone(q))
		return tell("badNothing", { blank: tell("none") });
	if (n === 0)
		return tell("badNothingPlain");
	if (n < q.min)
		return tell("badFew", { min: number(q.min), n: number(n) });
	return n > q.max ? tell("badMany", { max: number(q.max), n: number(n) }) : "";
}

// The answer as the module takes it.
export function forBallot(q, answer) {
	if (q.kind === "grades")
		return { grades: answer.grades };
	return answer.blank ? { blank: true } : { options: [...answer.options].sort((a, b) => a - b) };
}

function rule(q) {
	if (q.kind === "grades")
		return tell("chooseGrades");
	const values = { min: number(q.min), max: number(q.max) };
	if (q.max === 1)
		return tell("chooseOne");
	if (q.min === q.max)
		return tell("chooseExactly", values);
	return q.min === 0 ? tell("chooseUpTo", values) : tell("chooseRange", values);
}

function badge(letter) {
	return letter ? el("span", { class: "letter", "aria-hidden": "true", dir: "ltr" }, letter) : null;
}

function optionField(id, type, group, letter, label, checked, onchange) {
	return el("div", { class: "option" },
		el("input", { type, id, name: group, checked, onchange, autocomplete: "off" }),
		el("label", { for: id }, badge(letter), label));
}

// Radio buttons need a name to be one group. It says nothing, and no form is ever submitted.
function choiceFields(q, n, answer, changed) {
	const single = q.max === 1, type = single ? "radio" : "checkbox", group = `q${n}`;
	const special = (kind, letter) => optionField(`${group}-${kind}`, type, group, letter,
		el("span", { class: "own" }, tell(kind)), answer[kind], (e) => {
			answer[kind] = e.target.checked;
			if (answer[kind])
				answer.options = [];
			changed();
		});
	const fields = q.options.map((option, i) => optionField(`${group}-${i}`, type, group, letterOf(q, i),
		el("span", ownAttributes({ class: "own" }), own(option)), answer.options.includes(i), (e) => {
			answer.blank = answer.none = false;
			answer.options = single ? [i] : answer.options.filter((other) => other !== i);
			if (!single && e.target.checked)
				answer.options.push(i);
			changed();
		}));
	if (q.blank)
		fields.push(special("blank", letterOf(q, 0) && "0"));
	if (mayBeNone(q))
		fields.push(special("none", letterOf(q, 0) && "–"));
	return el("div", { class: "options" }, fields);
}

function gradeFields(q, n, answer, changed) {
	return el("div", { class: "graded" }, q.options.map((option, i) =>
		el("fieldset", { class: "grade" },
			el("legend", {}, badge(letterOf(q, i)), el("span", ownAttributes(), own(option))),
			el("div", { class: "grades" }, q.grades.map((grade, g) => {
				const id = `q${n}-${i}-${g}`;
				return el("div", { class: "option" },
					el("input", { type: "radio", id, name: `q${n}-${i}`, checked: answer.grades[i] === g,
						autocomplete: "off", onchange: () => {
							answer.grades[i] = g;
							changed();
						} }),
					el("label", { for: id }, el("span", ownAttributes({ class: "own" }), own(grade))));
			})))));
}

// Checkboxes follow the answer: a blank vote takes the others back, and the other way round.
function follow(field, n, answer) {
	field.querySelectorAll("input[type=checkbox]").forEach((box) => {
		const which = box.id.slice(`q${n}-`.length);
		box.checked = which === "blank" || which === "none" ? answer[which]
			: answer.options.includes(Number(which));
	});
}

// A question as a fieldset. problem: what to say about it from the start, or "".
export function questionField(q, n, of, answer, problem) {
	const help = `q${n}-help`, wrong = `q${n}-wrong`, several = q.kind === "choice" && q.max > 1;
	const count = el("p", { class: "count soft", role: several ? "status" : null });
	const error = el("p", { class: "problem", id: wrong }, problem);
	const field = el("fieldset", { class: "question", id: `q${n}`, "aria-describedby": `${help} ${wrong}` });
	const changed = () => {
		follow(field, n, answer);
		if (several)
			count.textContent = tell("chosen", { n: number(answer.options.length) });
		if (problem) /* once told, the sentence follows what is done about it */
			error.textContent = problemOf(q, answer);
	};
	field.append(el("legend", {}, of > 1 && el("span", { class: "over" },
		tell("question", { n: number(n + 1), of: number(of) })), el("span", ownAttributes(), own(q.title))),
		el("p", { class: "help", id: help }, rule(q)), error,
		q.kind === "grades" ? gradeFields(q, n, answer, changed) : choiceFields(q, n, answer, changed));
	if (several) {
		count.textContent = tell("chosen", { n: number(answer.options.length) });
		field.append(count);
	}
	return field;
}

// What was chosen, in words.
export function inWords(q, answer) {
	if (q.kind === "grades")
		return el("dl", { class: "given" }, q.options.map((option, i) => el("div", {},
			el("dt", ownAttributes(), badge(letterOf(q, i)), el("span", {}, own(option))),
			el("dd", ownAttributes(), own(q.grades[answer.grades[i]])))));
	const chosen = [...answer.options].sort((a, b) => a - b);
	if (answer.blank || !chosen.length)
		return el("ul", { class: "taken" }, el("li", {}, badge(letterOf(q, 0) && (answer.blank ? "0" : "–")),
			el("span", {}, tell(answer.blank ? "blank" : "none"))));
	return el("ul", { class: "taken" }, chosen.map((i) => el("li", {}, badge(letterOf(q, i)),
		el("span", ownAttributes(), own(q.options[i])))));
}
