// Recorded labs. A recording (`recordings.py`) is loaded when its stored picture comes into view, and takes the place of that
// picture: the labs' own `page.js` draws it, a slider leads along each axis, and a button lets the last one run. Where
// anything fails, the stored picture stays.

const PATIENT = 1000; // milliseconds from one picture to the next, at least, for those who want little to move
const ENOUGH = 0.6; // share of a lab that is in view when it starts by itself

async function read(file) {
  const answer = await fetch(file);
  if (!answer.ok) throw new Error(`${file}: ${answer.status}`);
  const plain = answer.body.pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(plain).arrayBuffer()), start = 4;
  let at = start + new DataView(bytes.buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(start, at)));
  const [shapes, ...parts] = head.lengths.map((length) => bytes.subarray(at, at += length));
  return { ...head, shapes, parts };
}

// What `page.js` expects of a kernel: it is told to draw one picture of the recording after the other.
class Model {
  constructor(recording) {
    Object.assign(this, { recording, number: 0, layers: [], listeners: [] });
  }

  get(name) {
    return { size: this.recording.size, name: "", handles: [] }[name];
  }

  on(event, listener) {
    if (event === "msg:custom") this.listeners.push(listener);
  }

  off() {}
  send() {}

  draw(frame) {
    const { shapes, parts, styles, frames } = this.recording, reset = !this.number;
    const layers = frames[frame].slice(0, -1), moving = frames[frame].at(-1);
    const changed = [...layers.keys()].filter((layer) => layers[layer] !== this.layers[layer]);
    const number = ++this.number, message = { number, frame: number, now: true, reset, layers: changed };
    const buffers = [reset ? shapes : new Uint8Array(), ...changed.map((layer) => parts[layers[layer]]), parts[moving]];
    this.layers = layers;
    for (const take of this.listeners) take({ ...message, styles: reset ? styles : [] }, buffers);
  }
}

function make(name, properties = {}, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

// A node around another one, with room for the longest of these texts: what stands beside it does not move.
function steady(node, texts, name = "div") {
  const around = make(name, { className: "steady" }, node);
  around.dataset.longest = texts.reduce((longest, text) => text.length > longest.length ? text : longest);
  return around;
}

function slider({ label, values }, at, move) {
  const input = make("input", { type: "range", min: 0, max: values.length - 1, value: at });
  const value = make("span"), show = () => value.textContent = input.ariaValueText = values[input.value];
  const words = make(
    "span",
    { className: "words" },
    make("span", { textContent: label }),
    steady(value, values, "span"),
  );
  words.lastChild.ariaHidden = "true"; // the slider says it
  input.addEventListener("input", () => {
    show();
    move(Number(input.value));
  });
  show();
  const put = (at) => {
    input.value = at;
    show();
  };
  return { node: make("label", { className: "axis" }, words, input), put };
}

async function play(place) {
  const [{ default: { render } }, recording] = await Promise.all([
    import(new URL("../../recordings/page.js", import.meta.url)),
    read(place.dataset.file),
  ]);
  const { axes, begin, look, statuses, descriptions } = recording, last = axes.length - 1;
  const plays = place.dataset.plays, position = plays?.split(" ").map(Number) ?? [...begin];
  const model = new Model(recording), picture = make("div", { className: "recorded" });
  const scrolls = make("div", { className: "scrolls" }, picture);
  const status = make("p", { role: "status" }), word = make("span");
  const button = Object.assign(steady(word, [recording.play, recording.pause], "button"), { type: "button" });
  let timer = 0;

  function show() {
    const frame = position.reduce((frame, at, axis) => frame * axes[axis].values.length + at, 0);
    model.draw(frame);
    status.textContent = statuses[frame];
    picture.querySelector("canvas").ariaLabel = descriptions[frame];
  }

  const sliders = axes.map((axis, i) =>
    slider(axis, position[i], (at) => {
      position[i] = at;
      if (i === last) stop();
      show();
    })
  );

  function go(at) {
    position[last] = at;
    sliders[last].put(at);
    show();
  }

  const isAtEnd = () => position[last] === axes[last].values.length - 1;

  function next() {
    go(position[last] + 1);
    if (isAtEnd()) stop();
  }

  function stop() {
    clearInterval(timer);
    timer = 0;
    status.ariaLive = "polite";
    word.textContent = recording.play;
  }

  function start() {
    const pause = 1000 * axes[last].seconds;
    if (isAtEnd()) go(0);
    timer = setInterval(next, isCalm.matches ? Math.max(pause, PATIENT) : pause);
    status.ariaLive = "off"; // while it changes all the time, nobody wants to hear it
    word.textContent = recording.pause;
  }

  button.addEventListener("click", () => timer ? stop() : start());
  stop();
  const said = steady(status, statuses);
  said.classList.add("status");
  place.querySelector("figure").replaceWith(
    scrolls,
    make("div", { className: "axes" }, ...sliders.map(({ node }) => node), button),
    said,
  );

  const hidden = () => scrolls.scrollWidth - scrolls.clientWidth; // pixels of the picture's width that are out of view
  function fit() {
    scrolls.tabIndex = hidden() ? 0 : -1; // the keyboard scrolls it, too
    place.querySelector(".note").textContent = place.dataset.note + (hidden() ? recording.swipe : "");
    shade();
  }
  function shade() {
    scrolls.classList.toggle("more-left", scrolls.scrollLeft > 1);
    scrolls.classList.toggle("more-right", scrolls.scrollLeft < hidden() - 1);
  }

  scrolls.addEventListener("scroll", shade);
  new ResizeObserver(fit).observe(scrolls);
  render({ model, el: picture }); // in the page, for it takes its colours from there
  show();
  scrolls.scrollLeft = look * hidden();
  if (!plays || isCalm.matches) return;
  const waits = new IntersectionObserver((entries) => {
    if (entries.at(-1).intersectionRatio < ENOUGH) return;
    waits.disconnect();
    start();
  }, { threshold: ENOUGH });
  waits.observe(place);
  for (const event of ["input", "click"]) place.addEventListener(event, () => waits.disconnect());
}

const isCalm = matchMedia("(prefers-reduced-motion: reduce)");
const loading = new Set();
const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting || loading.has(target)) continue;
    loading.add(target);
    play(target).then(() => seen.unobserve(target), (reason) => {
      console.warn(reason);
      loading.delete(target); // the next time that it comes into view it is tried again
    });
  }
});
for (const place of document.querySelectorAll(".recording")) seen.observe(place);

// Predictions: each option becomes a button. The reply comes with the choice, and the cells that answer open.
for (const prediction of document.querySelectorAll(".prediction")) {
  const options = [...prediction.querySelectorAll("p:has(> strong:first-child)")],
    reply = make("div", { role: "status" });
  const buttons = options.map((option) => {
    const button = make("button", { type: "button", className: "option", ariaPressed: "false" }, ...option.childNodes);
    button.addEventListener("click", () => {
      for (const each of buttons) each.ariaPressed = String(each === button);
      const letter = button.querySelector("strong").textContent;
      reply.innerHTML = prediction.querySelector(`[data-letter="${letter}"]`).textContent;
      for (const cell of prediction.dataset.cells.split(" ").filter(Boolean)) {
        for (const fold of document.querySelectorAll(`[id="${cell}"] details`)) fold.open = true;
      }
    });
    option.replaceWith(button);
    return button;
  });
  prediction.append(reply);
}
