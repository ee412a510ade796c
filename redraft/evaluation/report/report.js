"use strict";
// The browser of items. Texts reach the page as text alone (textContent), never as markup.
const data = JSON.parse(document.getElementById("data").textContent);
const PAGE = 25;
const SIGNS = ["✓", "✗", "?"];
const get = (id) => document.getElementById(id);
const filters = { method: get("method"), flip: get("flip"), query: get("query") };
let page = 0;
let shown = [];
const searched = new Map();

function make(tag, text, className) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
}

// All that can be searched of an entry, in lower case; joined once.
function haystack(entry) {
  let text = searched.get(entry);
  if (text === undefined) {
    const body = data.bodies[entry[4]];
    const parts = [entry[1]];
    if (body) {
      for (const [, value] of body.asked) parts.push(value);
      for (const step of body.steps) {
        parts.push(step.segments.filter(([kind]) => kind >= 0).map(([, value]) => value).join(""), step.note);
        for (const finding of step.findings) parts.push(finding.about, finding.quote, finding.explanation);
        for (const verdict of step.verdicts) parts.push(verdict.by, verdict.evidence);
      }
      for (const verdict of body.verdicts) parts.push(verdict.by, verdict.evidence);
    }
    text = parts.join("\n").toLowerCase();
    searched.set(entry, text);
  }
  return text;
}

function wanted() {
  const method = filters.method.value;
  const flip = filters.flip.value;
  const query = filters.query.value.trim().toLowerCase();
  return data.entries.filter((entry) =>
    (method === "" || entry[0] === Number(method)) &&
    (flip === "" || (flip === "u" ? entry[2] === 2 || entry[3] === 2 : flip === `${entry[2]}-${entry[3]}`)) &&
    (query === "" || haystack(entry).includes(query)));
}

// A draft: what was added, removed and marked, each error's number where its mark ends.
function draft(segments) {
  const block = make("div", undefined, "draft");
  block.dir = "auto";
  const texts = segments.filter(([kind]) => kind >= 0);
  let place = 0;
  for (const [kind, text, marks] of segments) {
    // The space after a changed word stands outside, so that no line is drawn under or through it.
    const word = kind === 0 ? text : text.trimEnd() || text;
    let element = make(kind > 0 ? "ins" : kind < 0 ? "del" : "span", word);
    if (marks.length) {
      const mark = make("mark");
      mark.append(element);
      element = mark;
    }
    block.append(element, text.slice(word.length));
    if (kind < 0) continue;
    place += 1;
    const next = place < texts.length ? texts[place][2] : [];
    for (const number of marks) if (!next.includes(number)) block.append(make("sup", String(number + 1)));
  }
  return block;
}

function listOf(tag, items, className, fill) {
  const list = make(tag, undefined, className);
  for (const item of items) {
    const line = make("li");
    fill(line, item);
    list.append(line);
  }
  return list;
}

function fillFinding(line, finding) {
  line.append(make("strong", finding.about));
  if (finding.quote) line.append(" ", make("q", finding.quote));
  if (finding.explanation) line.append(" ", make("bdi", finding.explanation));
}

function fillVerdict(line, verdict) {
  line.append(make("strong", verdict.by), `: ${verdict.said}`);
  if (verdict.evidence) line.append(make("pre", verdict.evidence));
}

function stepOf(step) {
  const block = make("section", undefined, "step");
  const head = make("h3", step.title);
  if (step.state !== null) {
    const state = data.states[step.state];
    head.append(" ", make("span", `${SIGNS[step.state]} ${state}`, `state ${state}`));
  }
  if (step.score !== null) head.append(" ", make("span", `score ${Number(step.score.toPrecision(4))}`, "quiet"));
  block.append(head);
  if (step.segments.length) block.append(draft(step.segments));
  if (step.note) block.append(make("p", step.note, "caption"));
  if (step.findings.length) block.append(listOf("ol", step.findings, "findings", fillFinding));
  if (step.verdicts.length) block.append(listOf("ul", step.verdicts, "verdicts", fillVerdict));
  return block;
}

function bodyOf(entry) {
  const block = make("div", undefined, "body");
  const body = data.bodies[entry[4]];
  if (!body) {
    block.append(make("p", "The texts of this item are left out, to keep this page small.", "caption"));
    return block;
  }
  for (const [name, text] of body.asked) {
    const asked = make("section", undefined, "step asked");
    const value = make("div", text, "draft");
    value.dir = "auto";
    asked.append(make("h3", name), value);
    block.append(asked);
  }
  for (const step of body.steps) block.append(stepOf(step));
  if (body.verdicts.length) {
    const block2 = make("section", undefined, "step");
    block2.append(make("h3", "Verdicts"), listOf("ul", body.verdicts, "verdicts", fillVerdict));
    block.append(block2);
  }
  if (body.stop) block.append(make("p", `Ended: ${body.stop}.`, "caption"));
  return block;
}

function row(entry, open) {
  const [method, id, first, final] = entry;
  const details = make("details");
  const summary = make("summary");
  const states = make("span", undefined, "flip");
  const [from, to] = [data.states[first], data.states[final]];
  states.append(make("span", `${SIGNS[first]} ${from}`, `state ${from}`), " → ", make("span", `${SIGNS[final]} ${to}`, `state ${to}`));
  summary.append(make("bdi", id, "id"), " ", make("bdi", data.methods[method], "quiet"), " ", states);
  details.append(summary);
  // Built when it is opened, so that a page of long drafts is quick.
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) details.append(bodyOf(entry));
  });
  details.open = open;
  const item = make("li");
  item.append(details);
  return item;
}

function show() {
  const pages = Math.max(1, Math.ceil(shown.length / PAGE));
  page = Math.min(Math.max(page, 0), pages - 1);
  const start = page * PAGE;
  const part = shown.slice(start, start + PAGE);
  get("list").replaceChildren(...part.map((entry, place) => row(entry, place === 0)));
  get("list").start = start + 1;
  get("count").textContent = shown.length === 0 ? "No item is like that." :
    `${(start + 1).toLocaleString("en")} to ${(start + part.length).toLocaleString("en")} of ${shown.length.toLocaleString("en")} items`;
  get("page").textContent = `page ${page + 1} of ${pages}`;
  get("previous").disabled = page === 0;
  get("next").disabled = page === pages - 1;
}

function filter() {
  shown = wanted();
  page = 0;
  show();
}

function turn(by) {
  page += by;
  show();
  get("count").scrollIntoView({ block: "start" });
}

let waiting;
filters.method.addEventListener("change", filter);
filters.flip.addEventListener("change", filter);
filters.query.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(filter, 150);
});
get("filters").addEventListener("submit", (event) => event.preventDefault());
get("previous").addEventListener("click", () => turn(-1));
get("next").addEventListener("click", () => turn(1));
for (const button of document.querySelectorAll("button[data-flip]")) {
  button.addEventListener("click", () => {
    filters.method.value = button.dataset.method;
    filters.flip.value = button.dataset.flip;
    filters.query.value = "";
    filter();
    get("items").scrollIntoView();
    filters.flip.focus({ preventScroll: true });
  });
}
filter();
