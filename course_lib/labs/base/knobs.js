// Names the knob of the slider beside it, and says its value. The slider itself, noUiSlider, knows its position alone,
// and writes it down whenever it moves; what is said at each position comes from the kernel before it is needed.
// Its keys Home and End go to the limits that it was made with; here they go to those of now.

const LIMITS = { Home: "min", End: "max" };

function render({ model, el }) {
  const watch = new MutationObserver(tell);
  let knob, waiting;

  function find() {
    const row = el.closest(".widget-hbox");
    knob = row?.querySelector("[role=slider]");
    if (!knob) {
      waiting = requestAnimationFrame(find);
      return;
    }
    watch.observe(knob, { attributeFilter: ["aria-valuetext"] });
    knob.addEventListener("keydown", goToLimit, { capture: true }); // before noUiSlider's own
    nameNumber(row.querySelector(".widget-readout"));
    tell();
  }

  function goToLimit(event) {
    const slider = knob.closest(".noUi-target"), limit = LIMITS[event.key];
    if (!limit || slider.hasAttribute("disabled")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    slider.noUiSlider.set(slider.noUiSlider.options.range[limit]);
  }

  // The number beside some sliders, in which one can type.
  function nameNumber(number) {
    if (!number || number.style.display === "none") return;
    number.role = "textbox";
    number.ariaLabel = model.get("label");
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
    knob?.removeEventListener("keydown", goToLimit, { capture: true });
    model.off("change", changed);
  };
}

export default { render };
