// The reader's hand on a picture: handles that are dragged, or moved with the arrow keys, small buttons, and what stands
// under the pointer.
// Positions are in picture pixels from the upper left corner; the newest one is sent, once in an animation frame.

const PUSH = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function hand(model, el, canvas) {
  const [width, height] = model.get("size"), handles = new Map(), reading = document.createElement("div");
  let waiting = 0, news;
  el.style.position = "relative";
  reading.className = "course-reading";
  reading.ariaHidden = true; // the status says what matters
  reading.hidden = true;
  el.append(reading);

  function tell(message) {
    news = message;
    waiting ||= requestAnimationFrame(() => {
      waiting = 0;
      model.send(news);
    });
  }

  function position({ clientX, clientY }) {
    const box = canvas.getBoundingClientRect();
    return [(clientX - box.left) / box.width * width, (clientY - box.top) / box.height * height];
  }

  function move(node, [x, y]) {
    Object.assign(node.style, { left: `${100 * x / width}%`, top: `${100 * y / height}%` });
  }

  function make(name, sign) {
    const node = document.createElement("button");
    node.className = sign ? "course-press" : "course-handle";
    node.type = "button";
    if (sign) {
      node.textContent = sign;
      node.addEventListener("click", () => model.send({ press: name }));
    } else {
      draggable(node, name);
    }
    el.append(node);
    handles.set(name, node);
    return node;
  }

  function draggable(node, name) {
    node.addEventListener("pointerdown", (event) => node.setPointerCapture(event.pointerId));
    node.addEventListener("pointermove", (event) => {
      if (!node.hasPointerCapture(event.pointerId)) return;
      move(node, position(event));
      tell({ drag: name, to: position(event) });
    });
    node.addEventListener("lostpointercapture", place);
    node.addEventListener("keydown", (event) => {
      const isRemoval = event.key === "Delete" || event.key === "Backspace";
      if (!isRemoval && !(event.key in PUSH)) return;
      event.preventDefault(); // and no cell of the notebook is chosen with it
      event.stopPropagation();
      if (isRemoval) model.send({ remove: name });
      else model.send({ push: name, by: PUSH[event.key].map((step) => step * (event.shiftKey ? 10 : 1)) });
    });
  }

  function place() {
    const wanted = model.get("handles"), names = wanted.map(({ name }) => name);
    for (const [name, node] of handles) {
      if (names.includes(name)) continue;
      node.remove();
      handles.delete(name);
    }
    for (const { name, label, at, sign } of wanted) {
      const node = handles.get(name) ?? make(name, sign);
      node.ariaLabel = node.title = label;
      if (sign || !node.matches(":active")) move(node, at); // else it is where the pointer is
    }
  }

  function look(event) {
    if (model.get("readable")) tell({ look: position(event) });
  }

  function leave() {
    cancelAnimationFrame(waiting);
    waiting = 0;
    reading.hidden = true;
  }

  function read({ reading: text, at: [x, y] = [] }) {
    if (text === undefined) return;
    reading.textContent = text;
    reading.hidden = !text || !canvas.matches(":hover");
    move(reading, [x, y]);
    reading.classList.toggle("course-reading-left", x > width / 2);
  }

  function click(event) {
    if (model.get("clickable")) model.send({ click: position(event) });
  }

  canvas.addEventListener("click", click);
  canvas.addEventListener("pointermove", look);
  canvas.addEventListener("pointerdown", look);
  canvas.addEventListener("pointerleave", leave);
  model.on("change:handles", place);
  model.on("msg:custom", read);
  place();
  return () => {
    leave();
    model.off("change:handles", place);
    model.off("msg:custom", read);
  };
}
