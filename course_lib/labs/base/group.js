// Gives the row around it the role of a group, with a name.

function render({ model, el }) {
  let waiting;

  function find() {
    const row = el.closest(".widget-hbox");
    if (!row) {
      waiting = requestAnimationFrame(find);
      return;
    }
    row.role = "group";
    row.ariaLabel = model.get("label");
  }

  find();
  return () => cancelAnimationFrame(waiting);
}

export default { render };
