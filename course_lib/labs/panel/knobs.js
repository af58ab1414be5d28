// Names the knob of the slider beside it, and says its value. The slider itself, noUiSlider, knows its position alone,
// and writes it down whenever it moves; what is said at each position comes from the kernel before it is needed.

function render({ model, el }) {
  const watch = new MutationObserver(tell);
  let knob, waiting;

  function find() {
    knob = el.closest(".widget-hbox")?.querySelector("[role=slider]");
    if (!knob) {
      waiting = requestAnimationFrame(find);
      return;
    }
    watch.observe(knob, { attributeFilter: ["aria-valuetext"] });
    tell();
  }

  function tell() {
    const position = Number(knob.getAttribute("aria-valuenow"));
    const [present, text] = model.get("said");
    write("aria-label", model.get("label"));
    write("aria-valuetext", position === present ? text : model.get("texts")[position] ?? String(position));
  }

  function write(name, text) {
    if (knob.getAttribute(name) !== text) knob.setAttribute(name, text);
  }

  function changed() {
    if (knob) tell();
  }

  model.on("change", changed);
  find();
  return () => {
    cancelAnimationFrame(waiting);
    watch.disconnect();
    model.off("change", changed);
  };
}

export default { render };
