// Draws the picture of a lab from the numbers that `recorder.py` notes, on a canvas that is as fine as the screen, in the
// colours of the page's theme. `hand.js`, `keyboard.js` and `into_view.js` stand before this in the same module. What stands
// still is drawn once, what moves anew with each frame; what has been shown is confirmed, so that the kernel sends no more
// than can be seen.

const UNIT = 16, ANGLE = 64, SCALE = 16384; // as in recorder.py
const CODED = 1, SNAPPED = 2;
const APART = 3; // frames of a run from one that is confirmed to the next, for that costs time, too
const LEAST = 0.56; // CSS pixels for one of the picture, on a phone: 0.7 of its size, at which its letters can be read
const MOVE = 1, LINE = 2, CURVE3 = 3, CURVE4 = 4; // Matplotlib's codes; what is left closes a path

// Adds an outline to a canvas or a Path2D; `place` moves points onto the pixels of the screen. Returns where it ends.
function trace(pen, words, at, place = (length) => length / UNIT) {
  const count = words[at] & 0xffff, codes = words[at + 1] & CODED ? at + 2 + 2 * count : 0;
  const x = (i) => place(words[at + 2 + 2 * i]), y = (i) => place(words[at + 3 + 2 * i]);
  for (let i = 0; i < count; i++) {
    const code = codes ? words[codes + i] : i ? LINE : MOVE;
    if (code === MOVE) pen.moveTo(x(i), y(i));
    else if (code === LINE) pen.lineTo(x(i), y(i));
    else if (code === CURVE3) pen.quadraticCurveTo(x(i), y(i), x(++i), y(i));
    else if (code === CURVE4) pen.bezierCurveTo(x(i), y(i), x(++i), y(i), x(++i), y(i));
    else pen.closePath();
  }
  return (codes || at + 2 + count) + count;
}

// What the kernel has sent: styles, shapes, what stands still in layers, and what moves.
class Picture {
  forget() {
    this.styles = [];
    this.shapes = [];
    this.layers = [];
  }

  take({ reset, styles, layers = [] }, buffers) {
    if (reset) this.forget();
    const [shapes, ...parts] = buffers.map((view) =>
      new Int16Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength))
    );
    this.styles.push(...styles);
    for (let at = 0; at < shapes.length;) {
      const shape = new Path2D();
      at = trace(shape, shapes, at);
      this.shapes.push(shape);
    }
    layers.forEach((layer, i) => this.layers[layer] = parts[i]);
    return parts.at(-1); // what moves
  }
}

// The colours of the page. On dark paper light and dark change places and the hue stays; strong colours of lines are
// not made darker, for they are to be seen.
class Theme {
  constructor(el) {
    const [r, g, b] = Theme.paper(el);
    this.paper = [r, g, b];
    this.isDark = r + g + b < 382;
    this.known = new Map();
  }

  static paper(el) {
    for (let node = el; node; node = node.parentElement) {
      const [r, g, b, opacity = 1] = getComputedStyle(node).backgroundColor.match(/[\d.]+/g)?.map(Number) ??
        [0, 0, 0, 0];
      if (opacity > 0) return [r, g, b];
    }
    return [255, 255, 255];
  }

  shade(r, g, b, isField) {
    if (!this.isDark) return [r, g, b];
    const most = Math.max(r, g, b), least = Math.min(r, g, b);
    let shift = 255 - most - least;
    const between = (share) => Math.min(1, Math.max(0, share));
    if (shift < 0 && !isField) shift *= 1 - between((most - least) / 80) * between((shift + 127) / 51); // not of pale tints
    return [r, g, b].map((part, i) => this.paper[i] + (part + shift) * (1 - this.paper[i] / 255));
  }

  css([r, g, b, opacity], isField) {
    const key = `${r},${g},${b},${opacity},${isField}`;
    if (!this.known.has(key)) this.known.set(key, `rgb(${this.shade(r, g, b, isField).map(Math.round)},${opacity})`);
    return this.known.get(key);
  }
}

// Draws on one canvas, `scale` of whose pixels are one of the picture.
class Pen {
  constructor(canvas, picture, theme) {
    Object.assign(this, { picture, theme, pen: canvas.getContext("2d") });
    this.scale = canvas.width / picture.width;
  }

  draw(words) {
    const kinds = [this.path, this.stamps, this.letters, this.cells, this.smooth, this.small];
    for (let at = 0; at < words.length;) at = kinds[words[at]].call(this, words, at + 1);
  }

  // Sets the style, clips, and draws.
  within(style, draw) {
    const { pen, theme, scale } = this;
    pen.save();
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    if (style.clip) {
      const [x, y, width, height] = style.clip;
      const edge = (length) => Math.round(length * scale) / scale;
      pen.beginPath();
      pen.rect(edge(x), edge(y), edge(x + width) - edge(x), edge(y + height) - edge(y));
      pen.clip();
    }
    if (style.fill) pen.fillStyle = theme.css(style.fill, style.field);
    if (style.stroke) this.line(style);
    draw();
    pen.restore();
  }

  line({ stroke, width, cap, join, dashes = [], start = 0 }) {
    const { pen, theme } = this;
    Object.assign(pen, {
      strokeStyle: theme.css(stroke),
      lineWidth: width,
      lineCap: cap,
      lineJoin: join,
      lineDashOffset: start,
    });
    pen.setLineDash(dashes);
  }

  path(words, at) {
    const { pen, scale } = this, style = this.picture.styles[words[at]];
    let end;
    this.within(style, () => {
      let place;
      if (words[at + 2] & SNAPPED) {
        const width = style.stroke ? Math.max(1, Math.round(style.width * scale)) : 0, half = width % 2 / 2;
        place = (length) => (Math.round(length / UNIT * scale - half) + half) / scale;
        pen.lineWidth = width / scale;
      }
      pen.beginPath();
      end = trace(pen, words, at + 1, place);
      if (style.fill) pen.fill();
      if (style.hatch) this.hatch(style.hatch);
      if (style.stroke) pen.stroke();
    });
    return end;
  }

  hatch({ shape, tile, stroke, width }) {
    const { pen, picture, theme } = this;
    pen.save();
    pen.clip();
    Object.assign(pen, { strokeStyle: theme.css(stroke), lineWidth: width });
    for (let x = 0; x < picture.width; x += tile) {
      for (let y = 0; y < picture.height + tile; y += tile) {
        pen.translate(x, y);
        pen.stroke(picture.shapes[shape]);
        pen.translate(-x, -y);
      }
    }
    pen.restore();
  }

  stamps(words, at) {
    const { pen } = this, { styles, shapes } = this.picture, style = styles[words[at]], shape = shapes[words[at + 1]];
    const end = at + 3 + 2 * (words[at + 2] & 0xffff);
    this.within(style, () => {
      for (let i = at + 3; i < end; i += 2) {
        const x = words[i] / UNIT, y = words[i + 1] / UNIT;
        pen.translate(x, y);
        if (style.fill) pen.fill(shape);
        if (style.stroke) pen.stroke(shape);
        pen.translate(-x, -y);
      }
    });
    return end;
  }

  letters(words, at) {
    const { pen, scale, picture } = this, end = at + 3 + 4 * words[at + 2];
    this.within(picture.styles[words[at]], () => {
      const turn = words[at + 1] / ANGLE * Math.PI / 180, along = Math.cos(turn), up = Math.sin(turn);
      for (let i = at + 3; i < end; i += 4) {
        const size = scale * words[i + 3] / SCALE, x = scale * words[i + 1] / UNIT, y = scale * words[i + 2] / UNIT;
        pen.setTransform(size * along, -size * up, size * up, size * along, x, y);
        pen.fill(picture.shapes[words[i]]);
      }
    });
    return end;
  }

  cells(words, at) {
    const { pen, scale, theme } = this, columns = words[at], rows = words[at + 1];
    const edges = Array.from(
      words.subarray(at + 2, at + 4 + columns + rows),
      (edge) => Math.round(edge / UNIT * scale),
    );
    const hasRoom = (i) => i === columns || i === columns + rows + 1 || edges[i + 1] > edges[i] + 1;
    for (let i = 1; i < edges.length; i++) { // a thin frame takes a pixel from what stands beside it
      if (i !== columns + 1 && edges[i] === edges[i - 1] && hasRoom(i)) edges[i]++;
    }
    const colours = at + 4 + columns + rows, bytes = new Uint8Array(words.buffer, 2 * colours, 4 * columns * rows);
    pen.setTransform(1, 0, 0, 1, 0, 0);
    for (let row = 0, i = 0; row < rows; row++) {
      const top = edges[columns + 1 + row], height = edges[columns + 2 + row] - top;
      for (let column = 0; column < columns; column++, i += 4) {
        if (!bytes[i + 3]) continue;
        pen.fillStyle = theme.css([bytes[i], bytes[i + 1], bytes[i + 2], bytes[i + 3] / 255], true);
        pen.fillRect(edges[column], top, edges[column + 1] - edges[column], height);
      }
    }
    return colours + 2 * columns * rows;
  }

  smooth(words, at) {
    const { pen, scale } = this,
      table = this.picture.styles[words[at]].table,
      [columns, rows] = words.slice(at + 1);
    const box = Array.from(words.subarray(at + 3, at + 7), (length) => Math.round(length / UNIT * scale));
    const sheet = this.sheet(words, at + 7, columns, rows, table);
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.drawImage(sheet, ...box);
    return at + 7 + Math.ceil(columns * rows / 2);
  }

  small(words, at) {
    const { pen, scale } = this, table = this.picture.styles[words[at]].table;
    const [columns, rows, count] = words.slice(at + 1), bytes = at + 4 + 3 * count;
    const sheet = this.sheet(words, bytes, columns, rows * count, table);
    pen.setTransform(1, 0, 0, 1, 0, 0);
    for (let i = 0; i < count; i++) {
      const [left, top, side] = Array.from(
        words.subarray(at + 4 + 3 * i, at + 7 + 3 * i),
        (length) => Math.round(length / UNIT * scale),
      );
      pen.drawImage(sheet, 0, i * rows, columns, rows, left, top, side, side);
    }
    return bytes + Math.ceil(columns * rows * count / 2);
  }

  // Levels as pixels of the theme's colours, one each.
  sheet(words, at, columns, rows, table) {
    const bytes = new Uint8Array(words.buffer, 2 * at, columns * rows), pixels = new ImageData(columns, rows);
    const shades = table.map(([r, g, b]) => this.theme.shade(r, g, b, true));
    bytes.forEach((level, i) => pixels.data.set([...shades[level], 255], 4 * i));
    const sheet = document.createElement("canvas");
    Object.assign(sheet, { width: columns, height: rows });
    sheet.getContext("2d").putImageData(pixels, 0, 0);
    return sheet;
  }
}

// Pictures of the positions to which a slider may be moved next (`prefetch.py`): kept until they are no longer true, and shown
// as soon as the slider is there. The kernel's own picture of that position follows, and is the same.
class Prefetched {
  constructor(model, show) {
    this.manager = model.widget_manager;
    this.kept = new Map(); // by position
    this.moved = () => this.present && show();
  }

  // The picture of where the slider is, if it is here.
  get present() {
    return this.slider && this.kept.get(this.slider.get("value"));
  }

  async follow(name) {
    if (this.name === name) return;
    this.name = name;
    const slider = await this.manager.get_model(name);
    if (this.name !== name) return;
    this.slider = slider;
    slider.on("change:value", this.moved);
  }

  stop() {
    this.name = null;
    this.slider?.off("change:value", this.moved);
  }
}

// The sentence about what cannot be done stands below the picture, perhaps below the view: it is shown when it comes.
const errors = new MutationObserver((changes) => {
  for (const { addedNodes } of changes) {
    for (const node of addedNodes) if (node.role === "alert") node.scrollIntoView({ block: "nearest" });
  }
});

function render({ model, el }) {
  const canvas = document.createElement("canvas"), still = document.createElement("canvas"), picture = new Picture();
  const sheet = document.createElement("div"); // scrolls in `el` on a phone
  const prefetched = new Prefetched(model, () => put(prefetched.present));
  const hidden = () => canvas.offsetWidth - el.clientWidth; // pixels of its width that are out of view
  let look = model.get("look"); // from 0, its left end, to 1, its right end
  let heard = NaN, frame = 0, told = 0, waiting = 0, late = 0, stillIsDrawn = false, isDrawn = false, theme, coming;
  let errorLine;
  [picture.width, picture.height] = model.get("size");
  canvas.className = "course-picture";
  canvas.role = "img";
  canvas.ariaLabel = model.get("name");
  Object.assign(canvas.style, { display: "block", width: "100%", aspectRatio: `${picture.width} / ${picture.height}` });
  el.classList.add("course-scrolls");
  sheet.style.setProperty("--least", `${LEAST * picture.width}px`);
  sheet.append(canvas);
  el.append(sheet);

  function drawStill() {
    Object.assign(still, { width: canvas.width, height: canvas.height });
    const pen = new Pen(still, picture, theme);
    for (const layer of picture.layers) pen.draw(layer);
    stillIsDrawn = true;
  }

  function draw() {
    isDrawn = true;
    if (canvas.width) { // else it is out of sight
      theme ??= new Theme(el);
      if (!stillIsDrawn) drawStill();
      const pen = new Pen(canvas, picture, theme);
      pen.pen.resetTransform();
      pen.pen.drawImage(still, 0, 0);
      pen.draw(picture.moving);
      canvas.dataset.frame = frame;
    }
    clearTimeout(late);
    if (frame - told < APART) late = setTimeout(tell, 50);
    else tell();
  }

  function drawSoon() {
    waiting ||= requestAnimationFrame(() => {
      waiting = 0;
      if (picture.moving && !isDrawn) draw();
      if (coming) show();
    });
  }

  function tell() {
    told = frame;
    model.send({ shown: frame });
  }

  function again() {
    stillIsDrawn = isDrawn = false;
    drawSoon();
  }

  function recolour() {
    theme = null;
    again();
  }

  // Whether a message before this one is missing, as after a sleep while another page listened: then all is asked for anew.
  function isMissed({ number, reset }) {
    if (reset || number === heard + 1) heard = number;
    else if (heard) {
      heard = NaN;
      model.send({ ready: true });
    }
    return !heard;
  }

  // A frame of a run that comes before the last one has been drawn waits for the next turn; a third one takes its place.
  function take(message, buffers) {
    if (message.forget) prefetched.kept.clear();
    if (!("number" in message) || isMissed(message)) return;
    if (coming) show();
    if (!message.frame) return keep(message, buffers);
    coming = [message, buffers];
    if (!waiting || message.now || document.hidden) show();
    if (document.hidden) tell(); // frames of a page that nobody sees are not drawn
  }

  function show() {
    const [message] = coming, moving = picture.take(...coming);
    coming = null;
    frame = message.frame;
    if (message.layers.length) {
      stillIsDrawn = false;
      prefetched.kept.clear();
    }
    if ("position" in message) prefetched.kept.set(message.position, moving);
    put("position" in message && prefetched.present || moving, message.now); // the slider may have gone on
    if (frame === 1) requestAnimationFrame(() => bringIntoView(el)); // not when it is shown again, as after a reload
    if (!errorLine) {
      errorLine = el.closest(".widget-vbox:has(> .course-error)")?.querySelector(":scope > .course-error");
      if (errorLine) errors.observe(errorLine, { childList: true, subtree: true });
    }
  }

  function keep(message, buffers) {
    prefetched.kept.set(message.prefetched, picture.take(message, buffers));
    prefetched.follow(message.slider);
  }

  // What the reader has changed, `now`, is ready when the turn comes.
  function put(moving, now = true) {
    picture.moving = moving;
    isDrawn = false;
    if (now && !waiting && !document.hidden) draw();
    drawSoon();
  }

  async function copy({ copy: text }) {
    if (text === undefined) return;
    let copied = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      copied = false; // the page may not, or is not served safely
    }
    model.send({ copied });
  }

  // What scrolls shows the same part when it gets more or less room, the keyboard reaches it, and signs say where there is
  // more of it (`page.css`).
  function fit() {
    if (hidden() > 1) {
      el.tabIndex = 0;
      el.scrollLeft = look * hidden();
    } else {
      el.removeAttribute("tabindex");
    }
    sign();
  }

  function sign() {
    if (hidden() > 1) look = el.scrollLeft / hidden();
    el.classList.toggle("course-more-left", el.scrollLeft > 1);
    el.classList.toggle("course-more-right", el.scrollLeft < hidden() - 1);
  }

  const letGo = hand(model, sheet, canvas), leaveKeyboard = keyboard();
  const fine = "devicePixelContentBoxSize" in ResizeObserverEntry.prototype;
  const size = new ResizeObserver(([{ contentRect, devicePixelContentBoxSize: [told] = [] }]) => {
    // As many pixels as the screen has there. What the browser tells is exact, but too little on a screen that it feigns.
    const count = (length, told = 0) => {
      const pixels = Math.round(length * devicePixelRatio);
      return told >= pixels - 1 ? told : pixels;
    };
    canvas.width = count(contentRect.width, told?.inlineSize);
    canvas.height = count(contentRect.height, told?.blockSize);
    again();
  });
  const room = new ResizeObserver(fit);
  for (const each of [el, canvas]) room.observe(each);
  el.addEventListener("scroll", sign);
  size.observe(canvas, { box: fine ? "device-pixel-content-box" : "content-box" });
  const themes = new MutationObserver(recolour);
  for (const each of [document.body, document.documentElement]) themes.observe(each, { attributes: true });
  document.head.addEventListener("load", recolour, true); // a theme's style sheet has come
  const contrasts = ["(forced-colors: active)", "(prefers-color-scheme: dark)"].map((query) => matchMedia(query));
  for (const each of contrasts) each.addEventListener("change", recolour); // the system's colours for all pages
  model.on("msg:custom", take);
  model.on("msg:custom", copy);
  model.send({ ready: true });
  return () => {
    cancelAnimationFrame(waiting);
    clearTimeout(late);
    size.disconnect();
    room.disconnect();
    themes.disconnect();
    document.head.removeEventListener("load", recolour, true);
    for (const each of contrasts) each.removeEventListener("change", recolour);
    model.off("msg:custom", take);
    model.off("msg:custom", copy);
    letGo();
    leaveKeyboard();
    prefetched.stop();
  };
}

export default { render };
