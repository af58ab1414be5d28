// The teacher's page: asks the board for the lesson's state once a second, and draws it. What it shows, it shows as text:
// whatever stands in the state becomes no element. Each key is a button too.
"use strict";

const root = document.documentElement,
  dialog = document.querySelector("dialog"),
  footer = document.querySelector("footer");
const [chapters, items, theClass, lost, said, view] = ["chapters", "items", "class", "lost", "said", "view"].map(
  (id) => document.getElementById(id),
);
const DRAWN = new Set(["svg", "rect", "path", "text", "defs", "pattern"]); // the other elements are those of HTML
const FITS = [1.3, 1.2, 1.1, 1, 0.93, 0.86, 0.8, 0.74, 0.68, 0.62, 0.56];
let state = null, busy = false, drawn = "", uncovered = "", lastChapter = "", lastQuestion = "", sent = 0, latest = 0;
const typedHands = {}; // by lesson and question: the second vote is typed in minutes after the first

// Words, and what is made of them

/** A sentence of the state's words, with {names} filled in. */
function word(name, values = {}) {
  return state.words[name].replace(/\{(\w+)\}/g, (hole, key) => values[key] ?? hole);
}

/** An element, such as make("p.quiet", { id: "few" }, "five", other): classes and attributes may be missing. */
function make(kind, ...parts) {
  const [tag, ...classes] = kind.split("."), attributes = parts[0]?.constructor === Object ? parts.shift() : {};
  const element = document.createElementNS(`http://www.w3.org/${DRAWN.has(tag) ? "2000/svg" : "1999/xhtml"}`, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") element.addEventListener("click", value);
    else if (value !== null) element.setAttribute(name, value);
  }
  if (classes.length) element.setAttribute("class", classes.join(" "));
  element.append(...parts.flat(Infinity).filter((child) => child !== null));
  return element;
}

/** A text in which `code` stands between backticks; no line ends inside of b = 0. */
function prose(text) {
  const whole = text.replace(/ ([=+<>×]) /g, "\u2060\u00a0$1\u00a0");
  return whole.split("`").map((part, place) => (place % 2 ? make("code", part) : part));
}

const capital = (letter) => letter.toUpperCase();
const chapterOf = (item) => item.split("/")[0];
const isQuestion = (item) => item.split("/")[1] === "predictions";
const sum = (counts) => Object.values(counts).reduce((total, count) => total + count, 0);

// Bars: solid, hatched or empty. The hatching is drawn once in the page, below.

const FILLS = { solid: "var(--blue)", right: "var(--green)", hatched: "url(#hatched)", empty: "none" };
const EDGES = { solid: "var(--blue)", right: "var(--green)", hatched: "var(--orange)", empty: "var(--quiet)" };

/** A bar of parts, each [look, share of the whole width]. */
function bar(...parts) {
  let left = 0;
  const rects = parts.map(([look, share]) => {
    const rect = make(`rect.${look}`, { x: `${100 * left}%`, width: `${100 * share}%`, height: "100%" });
    rect.style.fill = FILLS[look];
    rect.style.stroke = EDGES[look];
    left += share;
    return rect;
  });
  return make("svg", { "aria-hidden": "true" }, rects);
}

function swatch(look) {
  const drawing = bar([look, 1]);
  drawing.setAttribute("class", "swatch");
  return drawing;
}

function hatching(stroke = null) {
  const lines = make("path", { d: "M-3,3 L3,-3 M0,12 L12,0 M9,15 L15,9", "stroke-width": 4, stroke });
  const size = { width: 12, height: 12, patternUnits: "userSpaceOnUse" };
  return make("defs", make("pattern", { id: "hatched", ...size }, lines));
}

// The three views

function lobby() {
  if (!state.lesson) {
    return make("section.lobby", make("h1", word("over")), make("p.doors", press("another")));
  }
  const atHub = !state.code;
  const how = make(
    "div",
    make("h1", word("join")),
    make("p", word(atHub ? "join_hub" : "join_how")),
    atHub ? [] : [make("p.address", `${state.address.replace(/:8765$/, "")}/`), make("p.code", state.code)],
  );
  const count = make(
    "div.count",
    make("span.huge", `${state.seats}`),
    make("span", word("joined")),
    state.qr.length ? qr(state.qr) : null,
  );
  const few = make("p.quiet", state.few ? word("few_seats") : "");
  return make("section.lobby", how, count, few, make("p.doors", press("door"), press("end")));
}

/** A QR code of rows of "1" (dark) and "0", with its light edge. */
function qr(rows) {
  const size = rows.length + 8, dark = [];
  rows.forEach((row, down) =>
    [...row].forEach((sign, right) => {
      if (sign === "1") dark.push(`M${right + 4},${down + 4}h1v1h-1z`);
    })
  );
  return make(
    "svg.qr",
    { viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": word("qr") },
    make("rect", { width: size, height: size, fill: "#ffffff" }),
    make("path", { d: dark.join(""), fill: "#000000", "shape-rendering": "crispEdges" }),
  );
}

const KINDS = [["right", "right"], ["trying", "hatched"], ["new", "empty"]];

function exercises() {
  const rows = state.exercises, chosen = rows.find((row) => row.item === state.here && row.shown);
  const head = make(
    "tr",
    make("td"),
    make("td.wide"),
    KINDS.map(([kind, look]) => make("th", { scope: "col" }, swatch(look), word(kind))),
    make("th.waits", { scope: "col" }, word("waiting")),
  );
  const table = make("table", make("thead", head), make("tbody", rows.map(exerciseRow)));
  table.style.height = `min(100%, ${3 * (rows.length + 1)}em)`;
  const heading = make("h1.unseen", word("progress"));
  if (!chosen) return make("section.progress", heading, table);
  const slips = chosen.slips.map(([sentence, count]) =>
    make("li", make("b", `${count}`), make("span", prose(sentence)))
  );
  return make(
    "section.progress.slips",
    heading,
    table,
    make(
      "div",
      make("h2", word("slips", { name: chosen.name })),
      slips.length ? make("ul", slips) : make("p", word(chosen.few ? "few_tries" : "no_slips")),
    ),
  );
}

function exerciseRow(row) {
  const name = make("th", { scope: "row" }, make("button", { onclick: () => go(row.item) }, row.name));
  const line = make("tr", row.item === state.here ? { class: "now", "aria-current": "true" } : {}, name);
  if (row.few) {
    line.append(make("td.quiet.few", { colspan: 5 }, word("few_row")));
    return line;
  }
  const all = Math.max(1, row.right + row.trying + row.new);
  const waits = row.waiting ? [make("b", `${row.waiting}`), ` · ${word("waiting_for", { count: row.longest })}`] : "–";
  line.append(
    make("td.wide", bar(...KINDS.map(([kind, look]) => [look, row[kind] / all]))),
    ...KINDS.map(([kind]) => make(`td.${kind}`, `${row[kind]}`)),
    make("td.quiet.waits", waits),
  );
  return line;
}

function question() {
  const asked = state.question, counted = asked.shown && !asked.few;
  const columns = [["first", "hatched"], ["second", "solid"]]
    .map(([name, look]) => ({ name, look, counts: asked[name], n: sum(asked[name]) }))
    .filter((column) => counted && column.n);
  const share = (column, letter) => (column.counts[letter] ?? 0) / column.n;
  const largest = Math.max(0, ...columns.flatMap((column) => asked.options.map(([letter]) => share(column, letter))));
  const chart = make(counted && uncovered !== asked.item ? "div.chart.grow" : "div.chart");
  if (counted) {
    const note = asked.typed ? word("typed") : asked.sure_wrong ? word("sure_wrong", { count: asked.sure_wrong }) : "";
    const heads = columns.map(({ name, look, n }) => make("span", swatch(look), word(`${name}_column`, { count: n })));
    chart.append(
      make("div.heads.least.quiet", make("p", note), make("p.legend", heads)),
    );
  } else {
    const count = covered(asked);
    count.style.gridRow = `1 / span ${asked.options.length}`;
    chart.append(count);
  }
  asked.options.forEach(([letter, text], place) => {
    const right = counted && letter === asked.right ? ".right" : "";
    const tick = right ? make("span.tick", ` ✓ ${word("right")}`) : null;
    const bars = columns.map((column) => [
      bar([column.look, share(column, letter) / largest]),
      make(
        "span.figure",
        make("b", `${column.counts[letter] ?? 0}`),
        make("span.quiet", `${Math.round(100 * share(column, letter))} %`),
      ),
    ]);
    const parts = [
      make(`span.letter${right}`, capital(letter)),
      make(`p.option${right}`, prose(text), tick),
      ...(counted ? [make("div.bars", bars)] : []),
    ];
    for (const part of parts) part.style.gridRow = `${place + (counted ? 2 : 1)}`;
    chart.append(...parts);
  });
  return make("section.question", make("h1", prose(asked.text)), chart);
}

/** How many have voted, while nothing else may be seen. */
function covered(asked) {
  if (asked.typed || asked.voted === null) {
    return make("p.count.quiet", word(asked.typed ? "typed" : "few_votes"));
  }
  const share = Math.min(1, asked.voted / Math.max(1, state.seats));
  return make(
    "div.count",
    make("span.huge", `${asked.voted}`),
    make("span", word("voted", { seats: state.seats })),
    bar(["solid", share], ["empty", 1 - share]),
  );
}

/** Where the lesson is, in words: read aloud when it changes. */
function inWords() {
  if (!state.lesson) return "";
  if (state.question) {
    const { shown, right, state: stage } = state.question;
    return shown ? (right ? word("result", { right: capital(right) }) : word("result_open")) : word(stage);
  }
  return state.here ? word("progress") : word(state.door ? "door_open" : "door_shut");
}

// Keys and buttons

const position = () => state.items.findIndex(([item]) => item === state.here);
const shownItem = () => state.question ?? state.exercises.find((row) => row.item === state.here);

function moved(by) {
  const place = position() + by;
  if (place >= -1 && place < state.items.length) go(place < 0 ? "" : state.items[place][0]);
}

/** From a question to its chapter's exercises, and back. */
function across() {
  if (inExercises()) return lastQuestion;
  const those = state.items.map(([item]) => item).filter((item) => !isQuestion(item));
  return those.find((item) => chapterOf(item) === lastChapter) ?? those[0];
}

const inExercises = () => !state.question && state.here;
const isDone = ({ state: stage, shown }) => stage === "closed" && shown;

const ACTIONS = [
  { name: "previous", keys: ["ArrowLeft", "PageUp"], sign: "←", when: () => state.here, run: () => moved(-1) },
  {
    name: "next",
    keys: ["ArrowRight", "PageDown"],
    sign: "→",
    when: () => position() + 1 < state.items.length,
    run: () => moved(1),
  },
  {
    name: "step",
    keys: [" "],
    main: true,
    when: () => state.question && !isDone(state.question),
    run: () => act("step"),
    label: () => word(state.question.state === "closed" ? "reveal" : `step_${state.question.state}`),
  },
  {
    name: "reveal",
    keys: ["r"],
    when: () => inExercises() || state.question?.shown,
    run: () => act(shownItem().shown ? "cover" : "show"),
    label: () => word(shownItem().shown ? "cover" : "show_slips"),
  },
  { name: "hands", keys: ["h"], when: () => state.question, run: hands },
  { name: "save", keys: ["s"], when: () => state.question?.shown, run: save },
  {
    name: "door",
    keys: ["o"],
    when: () => !state.here,
    run: () => act("door", { open: !state.door }),
    label: () => word(state.door ? "shut" : "open"),
  },
  {
    name: "exercises",
    keys: ["e"],
    when: across,
    run: () => go(across()),
    label: () => word(inExercises() ? "question" : "exercises"),
  },
  { name: "lobby", keys: ["l"], when: () => state.here, run: () => go("") },
  { name: "dark", keys: ["d"], aside: true, run: () => choose("dark", root.classList.contains("dark") ? "no" : "yes") },
  { name: "larger", keys: ["+", "="], sign: "+", aside: true, run: () => choose("size", Math.min(1.6, size() + 0.1)) },
  { name: "smaller", keys: ["-"], sign: "−", aside: true, run: () => choose("size", Math.max(0.7, size() - 0.1)) },
  { name: "keys", keys: ["?"], run: help },
];

const possible = (action) => Boolean(state.lesson ? !action.when || action.when() : action.aside);
const label = (action) => (action.label ? action.label() : word(action.name));
/** What a button says: the key, and what it does. */
function signed(action) {
  const key = action.sign ?? (action.name === "step" ? word("space") : capital(action.keys[0]));
  return [make("kbd", key), " ", label(action)];
}

/** A button that stands in the page itself. */
function press(name) {
  const found = ACTIONS.find((action) => action.name === name);
  const run = found ? found.run : { end: askToEnd, another: () => act("new") }[name];
  return make("button", { onclick: run }, found ? label(found) : word(name));
}

document.addEventListener("keydown", (event) => {
  if (!state || dialog.open || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select")) return;
  if ((event.key === " " || event.key === "Enter") && event.target.matches("button")) return; // it is pressed
  if (event.key === "ArrowDown" || event.key === "ArrowUp") view.scrollBy(0, event.key === "ArrowDown" ? 80 : -80);
  const action = ACTIONS.find(({ keys }) => keys.includes(event.key.length > 1 ? event.key : event.key.toLowerCase()));
  if (!action || !possible(action)) return;
  event.preventDefault();
  if (!event.repeat) action.run(); // a key that is held closes one vote, not two
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button && event.detail) button.blur(); // after the mouse, Space is the next step again
});

// What the board is told

async function act(name, more = {}) {
  if (busy) return;
  busy = true;
  try {
    const answer = await fetch("do", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Board": "1" },
      body: JSON.stringify({ do: name, ...more }),
      signal: AbortSignal.timeout(5000),
    });
    if (!answer.ok) said.textContent = word("refused");
    else await ask();
  } catch {
    lost.hidden = false;
  } finally {
    busy = false;
  }
}

const go = (item) => act("go", { item });

for (const list of [chapters, items]) {
  let byMouse = false;
  list.addEventListener("pointerdown", () => {
    byMouse = true;
  });
  list.addEventListener("keydown", (event) => {
    byMouse = false;
    if (event.key !== "Enter") return;
    event.preventDefault();
    list.blur(); // chosen: the keys are the page's again
  });
  list.addEventListener("change", () => {
    if (byMouse) list.blur(); // Space is the next step again
    go(list.value);
  });
}

// Dialogs

function opened(title, ...parts) {
  dialog.replaceChildren(make("h1", title), ...parts);
  dialog.setAttribute("aria-label", title);
  dialog.showModal();
}

/** A button that closes the dialog, and then does something, perhaps. */
function closing(text, run = null) {
  const close = () => {
    dialog.close();
    run?.();
  };
  return make("button", { type: "button", onclick: close }, text);
}

function help() {
  const others = ACTIONS.filter((action) => action.name !== "keys" && possible(action));
  const list = others.map((action) => closing(signed(action), action.run));
  opened(word("keys"), make("div.list", list), make("p.last", closing(word("close"))));
}

function askToEnd() {
  const end = closing(word("end"), () => act("end")), stay = closing(word("cancel"));
  opened(word("end_sure"), make("p.last", end, stay));
  stay.focus(); // Space and Enter end nothing
}

function hands() {
  const { item } = state.question, letters = state.question.options.map(([letter]) => letter);
  const field = (name, letter) =>
    make("input", {
      type: "number",
      min: 0,
      max: 999,
      name: `${name} ${letter}`,
      "aria-label": `${word(`hands_${name}`)}, ${capital(letter)}`,
      value: typedHands[state.lesson + item]?.[name][letter] ?? null,
    });
  const row = (name) =>
    make(
      "tr",
      make("th", { scope: "row" }, word(`hands_${name}`)),
      letters.map((letter) => make("td", field(name, letter))),
    );
  const head = make("tr", make("td"), letters.map((letter) => make("th", { scope: "col" }, capital(letter))));
  const form = make(
    "form",
    make("table", make("thead", head), make("tbody", row("first"), row("second"))),
    make("p.last", make("button", { type: "submit" }, word("take")), closing(word("cancel"))),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const counts = { first: {}, second: {} };
    for (const [field, count] of new FormData(form)) {
      const [name, letter] = field.split(" ");
      if (count !== "") counts[name][letter] = Number(count);
    }
    dialog.close();
    typedHands[state.lesson + item] = counts;
    act("type", counts);
  });
  opened(word("type_hands"), form);
}

// Dark and size are the reader's, and stay with this browser.

const size = () => Number(localStorage.getItem("board-size")) || 1;

function choose(name, value) {
  localStorage.setItem(`board-${name}`, value);
  dress();
}

function dress() {
  const wanted = localStorage.getItem("board-dark");
  root.classList.toggle("dark", wanted ? wanted === "yes" : matchMedia("(prefers-color-scheme: dark)").matches);
  root.style.setProperty("--size", size());
  fit();
}

/** The largest text with which all is seen; below the smallest, the view scrolls. */
function fit() {
  const fits = FITS.some((share) => {
    view.style.setProperty("--fit", share);
    return view.scrollHeight <= view.clientHeight && view.scrollWidth <= view.clientWidth;
  });
  view.tabIndex = fits ? -1 : 0;
}

// The picture of a question for the slides: what stands on the page, as lines of text and bars at their places.

function picture(element) {
  const box = element.getBoundingClientRect(), parts = [], edge = 24;
  const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const at = ({ left, top }) => ({ x: (left - box.left + edge).toFixed(1), y: (top - box.top + edge).toFixed(1) });
  const pen = document.createElement("canvas").getContext("2d");
  for (const node of element.querySelectorAll("rect, .letter, code")) {
    const style = getComputedStyle(node), isRect = node.tagName === "rect";
    const fill = isRect ? (node.classList.contains("hatched") ? "url(#hatched)" : style.fill) : style.backgroundColor;
    const stroke = isRect ? style.stroke : node.matches(".letter") ? style.borderTopColor : "none";
    const rect = node.getBoundingClientRect(), rx = node.matches(".letter") ? rect.width / 2 : 0;
    parts.push(
      make("rect", { ...at(rect), width: rect.width, height: rect.height, rx, fill, stroke, "stroke-width": 2 }),
    );
  }
  const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT), range = document.createRange();
  while (walk.nextNode()) {
    const node = walk.currentNode, style = getComputedStyle(node.parentElement), lines = [];
    const font = { "font-size": style.fontSize, "font-weight": style.fontWeight, "font-family": style.fontFamily };
    pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const down = pen.measureText("x").fontBoundingBoxAscent;
    for (let place = 0; place < node.length; place++) {
      range.setStart(node, place);
      range.setEnd(node, place + 1);
      const rect = range.getBoundingClientRect(), last = lines.at(-1);
      if (last && Math.abs(last.rect.top - rect.top) < 2) last.text += node.data[place];
      else if (node.data[place].trim()) lines.push({ rect, text: node.data[place] });
    }
    for (const { rect, text } of lines) {
      const place = at({ left: rect.left, top: rect.top + down });
      parts.push(make("text", { ...place, fill: style.color, ...font }, text.trimEnd()));
    }
  }
  const [width, height] = [box.width + 2 * edge, box.height + 2 * edge];
  return make(
    "svg",
    { width, height, viewBox: `0 0 ${width} ${height}` },
    hatching(colour("--orange")),
    make("rect", { width, height, fill: colour("--paper") }),
    parts,
  );
}

function save() {
  const text = new XMLSerializer().serializeToString(picture(view.firstElementChild));
  const href = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  const link = make("a", { href, download: `${state.here.split("/").at(-1)}.svg` });
  link.click();
  URL.revokeObjectURL(href);
}

// What is seen

function options(select, pairs, chosen) {
  const wanted = JSON.stringify(pairs);
  if (select.dataset.pairs !== wanted) {
    select.dataset.pairs = wanted;
    select.replaceChildren(...pairs.map(([value, text]) => make("option", { value }, text)));
  }
  select.value = chosen;
}

function show() {
  const { here } = state, kind = (item) => (isQuestion(item) ? "question_named" : "exercise_named");
  options(chapters, [["", word("lobby")], ...state.chapters.map(([key, title]) => [key, title])], chapterOf(here));
  const own = state.items.filter(([item]) => chapterOf(item) === chapterOf(here));
  options(items, own.map(([item, name]) => [item, word(kind(item), { name })]), here);
  chapters.hidden = !state.lesson;
  items.hidden = !here;
  const figures = [word("here", { count: state.seats }), word("minutes", { count: state.minutes })];
  theClass.textContent = state.lesson ? figures.join(" · ") : "";
  if (inWords() !== said.textContent) said.textContent = inWords();
  said.classList.toggle("open", Boolean(state.question ? state.question.state !== "closed" : !here && state.door));
  if (here) lastChapter = chapterOf(here);
  if (state.question) lastQuestion = here;
  const seen = JSON.stringify({ ...state, n: 0, minutes: 0, words: 0 });
  if (seen !== drawn) {
    const held = document.activeElement?.closest("#view button")?.textContent;
    view.replaceChildren(state.question ? question() : here && state.lesson ? exercises() : lobby());
    if (held) [...view.querySelectorAll("button")].find((button) => button.textContent === held)?.focus();
    drawn = seen;
    uncovered = state.question?.shown ? here : "";
  }
  for (const [place, action] of ACTIONS.filter(({ aside }) => !aside).entries()) {
    const button = footer.children[place];
    button.hidden = !possible(action);
    if (!button.hidden) button.replaceChildren(...signed(action));
  }
  fit();
}

async function ask() {
  const number = ++sent;
  try {
    const answer = await fetch(`state?n=${state ? state.n : -1}`, {
      cache: "no-store",
      signal: AbortSignal.timeout(5000),
    });
    if (answer.status !== 204) {
      if (!answer.ok) throw new Error(answer.status);
      const came = await answer.json();
      if (number < latest) return; // a later question was answered first
      [state, latest] = [came, number];
      show();
    }
    lost.hidden = true;
  } catch {
    lost.hidden = false;
  }
}

async function forEver() {
  await ask();
  setTimeout(forEver, 1000);
}

footer.append(
  ...ACTIONS.filter(({ aside }) => !aside).map(({ run, main }) =>
    make(main ? "button.main" : "button", { onclick: () => run() })
  ),
);
document.body.append(make("svg.defs", { width: 0, height: 0, "aria-hidden": "true" }, hatching()));
new ResizeObserver(fit).observe(view);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", dress);
dress();
forEver();
