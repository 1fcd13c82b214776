// SPDX-License-Identifier: MIT
//
// manifests - elections for the tests: those of the worked examples, with other questions, other
// languages and another time. The trustees' keys stay, which bind none of that.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const HOUR = 3600e3;

export function vector(name, file) {
	return fs.readFileSync(path.join(ROOT, "tests/vectors", name, file), "utf8");
}

export function secrets(name) {
	return JSON.parse(vector(name, "secrets.json"));
}

export function iso(ms) {
	return new Date(ms).toISOString().slice(0, 19) + "Z";
}

// The manifest's line, the members in `change` replaced; keys keep their order.
export function manifest(change = {}, example = "one-question") {
	const now = Date.now(), base = JSON.parse(vector(example, "board.ndjson").split("\n")[0]);
	const m = { ...base, opens: iso(now - HOUR), closes: iso(now + 26 * HOUR), channels: ["sealed-reply", "link"], ...change };
	if (!m.channels.includes("reply"))
		delete m.waiver;
	return JSON.stringify(m);
}

const both = (fr, en) => ({ fr, en });

// A congress with one question, as a party would ask it.
export const CONGRESS = {
	title: both("Congrès 2026", "Congress 2026"),
	organiser: "Fédération des membres à l’étranger",
	questions: [{ id: "motion", kind: "choice",
		title: both("Quel texte d’orientation le parti adopte-t-il ?", "Which policy text shall the party adopt?"),
		options: [both("Texte 1, « Refondations »", "Text 1, “Refoundations”"),
			both("Texte 2, « Le cap d’après »", "Text 2, “The course ahead”"),
			both("Texte 3, « Debout »", "Text 3, “Standing up”")],
		min: 1, max: 1, blank: true }],
};

// Every kind of question at once.
export const MANY = {
	title: both("Assemblée générale", "General assembly"),
	organiser: "Coopérative des Trois Rivières",
	questions: [
		CONGRESS.questions[0],
		{ id: "council", kind: "choice", title: both("Qui siège au conseil ?", "Who sits on the council?"),
			options: ["Ana Fournier", "Bo Larsen", "Chloé Aubert", "Dao Nguyen", "Eve Ashworth"].map((n) => both(n, n)),
			min: 1, max: 3, blank: true },
		{ id: "budget", kind: "grades", title: both("Que pensez-vous de ces budgets ?", "What do you think of these budgets?"),
			options: [both("Plan A : réparer le toit", "Plan A: mend the roof"), both("Plan B : une serre", "Plan B: a greenhouse")],
			grades: [both("Très bien", "Very good"), both("Bien", "Good"), both("Passable", "Fair"), both("À rejeter", "To reject")] },
		{ id: "extra", kind: "choice", title: both("Quels projets en plus ?", "Which further projects?"),
			options: [both("Un four à pain", "A bread oven"), both("Un verger", "An orchard"), both("Un atelier", "A workshop")],
			min: 0, max: 2, blank: false },
	],
};

export const ARABIC = {
	languages: ["ar", "fr"],
	title: { ar: "المؤتمر العام 2026", fr: "Congrès 2026" },
	organiser: "الاتحاد العام للأعضاء في الخارج",
	questions: [{ id: "motion", kind: "choice",
		title: { ar: "أي نص توجيهي يعتمده الحزب؟", fr: "Quel texte le parti adopte-t-il ?" },
		options: [{ ar: "النص الأول: إعادة التأسيس", fr: "Texte 1" }, { ar: "النص الثاني: المسار القادم", fr: "Texte 2" },
			{ ar: "النص الثالث: واقفون", fr: "Texte 3" }],
		min: 1, max: 1, blank: true }],
};
