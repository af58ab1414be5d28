// The reader's hand on a picture: handles that are dragged, or moved with the arrow keys, small buttons, and what stands
// under the pointer.
// Positions are in picture pixels from the upper left corner; the newest one of each handle is sent, once in an animation
// frame.

const PUSH = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function hand(model, el, canvas) {
  const [width, height] = model.get("size"), handles = new Map(), reading = document.createElement("div");
  const grips = new Map(), news = new Map(); // of each handle: what holds it and where; what is to be sent of it
  let waiting = 0;
  el.style.position = "relative";
  reading.className = "course-reading";
  reading.ariaHidden = true; // the status says what matters
  reading.hidden = true;
  el.append(reading);

  function tell(message) {
    news.set(message.drag, message);
    waiting ||= requestAnimationFrame(() => {
      waiting = 0;
      for (const each of news.values()) model.send(each);
      news.clear();
    });
  }

  function position({ clientX, clientY }) {
    const box = canvas.getBoundingClientRect();
    return [(clientX - box.left) / box.width * width, (clientY - box.top) / box.height * height];
  }

  function move(node, [x, y]) {
    Object.assign(node.style, { left: `${100 * x / width}%`, top: `${100 * y / height}%` });
  }

  function make({ name, sign, size }) {
    const node = document.createElement("button");
    const box = size ? " course-box" : "", isPressed = sign !== undefined;
    node.className = sign ? "course-press" : `course-handle${box}${isPressed ? " course-choice" : ""}`;
    node.type = "button";
    if (isPressed) {
      if (sign) node.append(Object.assign(document.createElement("span"), { textContent: sign }));
      node.addEventListener("click", () => model.send({ press: name }));
    } else {
      draggable(node, name);
    }
    el.append(node);
    handles.set(name, node);
    return node;
  }

  function draggable(node, name) {
    node.addEventListener("pointerdown", (event) => {
      if (event.button || grips.has(name)) return; // another button of the mouse, or a second finger
      const [x, y] = position(event), [left, top] = model.get("handles").find((each) => each.name === name).at;
      node.setPointerCapture(event.pointerId);
      grips.set(name, [event.pointerId, x - left, y - top]); // from its middle to where it was taken
    });
    node.addEventListener("pointermove", (event) => {
      const [pointer, ...from] = grips.get(name) ?? [];
      if (event.pointerId !== pointer) return;
      const to = position(event).map((along, axis) => along - from[axis]);
      if (!node.matches(".course-box")) move(node, to); // a box is where it is drawn, beside the others
      tell({ drag: name, to });
    });
    node.addEventListener("lostpointercapture", ({ pointerId }) => {
      if (grips.get(name)?.[0] !== pointerId) return;
      grips.delete(name);
      place();
    });
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
      const hadFocus = node.matches(":focus");
      node.remove();
      handles.delete(name);
      grips.delete(name);
      if (hadFocus) keepFocus();
    }
    for (const each of wanted) {
      const { name, label, at, sign, size, chosen } = each, node = handles.get(name) ?? make(each);
      node.ariaLabel = node.title = label;
      if (chosen !== undefined) node.ariaPressed = String(chosen);
      if (sign || size || !grips.has(name)) move(node, at); // else it is where the pointer is
      if (size) Object.assign(node.style, { width: `${100 * size[0] / width}%`, height: `${100 * size[1] / height}%` });
    }
  }

  // The next Tab goes on from here, not from the top of the page.
  function keepFocus() {
    canvas.tabIndex = -1;
    canvas.focus({ preventScroll: true });
  }

  function look(event) {
    if (model.get("readable")) tell({ look: position(event) });
  }

  function leave() {
    news.delete(undefined); // where the pointer was; a drag is told still
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
    cancelAnimationFrame(waiting);
    model.off("change:handles", place);
    model.off("msg:custom", read);
  };
}
