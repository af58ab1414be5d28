// The keyboard in labs, and in the exercises beside them.
// Who presses a button that has done its work goes on from there: it is disabled then, or gone, and the focus with it. The
// row of the button gets the focus, or what the row stands in if that has gone, too, and the next Tab goes on from there.
// Notebook 7 and JupyterLite take some keys before sliders, lists, handles and pictures hear of them; those keys are let
// through.

const KEYED = "[role=slider], select, button.course-handle, .course-scrolls";
const KEYS = /^(Arrow(Left|Right|Up|Down)|Home|End|Page(Up|Down)|Delete|Backspace)$/;

export function keyboard() {
  const watch = new MutationObserver(rescue), isSeen = (node) => node.getClientRects().length > 0;
  let held, row;

  function follow({ target }) {
    watch.disconnect();
    held = target.closest("button.jupyter-button");
    row = held?.parentElement.closest(".widget-box");
    if (row) watch.observe(row, { subtree: true, childList: true, attributeFilter: ["disabled", "style"] });
  }

  function rescue() {
    const isUsable = !held.disabled && isSeen(held);
    if (isUsable || ![held, document.body].includes(document.activeElement)) return;
    let place = row;
    while (place && !isSeen(place)) place = place.parentElement;
    if (!place) return;
    place.tabIndex = -1;
    place.focus({ preventScroll: true });
  }

  function letThrough({ target, key }) {
    if (!target.matches?.(KEYED) || !target.closest(".jupyter-widgets")) return;
    target.toggleAttribute("data-lm-suppress-shortcuts", KEYS.test(key));
  }

  document.addEventListener("focusin", follow);
  addEventListener("keydown", letThrough, { capture: true }); // before the document hears of it
  return () => {
    document.removeEventListener("focusin", follow);
    removeEventListener("keydown", letThrough, { capture: true });
    watch.disconnect();
  };
}
