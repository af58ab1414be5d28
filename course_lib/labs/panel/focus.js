// The keyboard in labs, and in the exercises beside them.
// Who presses a button that has done its work goes on from there: it is disabled then, or gone, and the focus with it. The
// row of the button gets the focus, and the next Tab goes on from the row.
// Notebook 7 and JupyterLite take some keys before sliders, lists and handles hear of them; those keys are let through.

const KEYED = "[role=slider], select, button.course-handle";
const KEYS = /^(Arrow(Left|Right|Up|Down)|Home|End|Page(Up|Down)|Delete|Backspace)$/;

export function keepFocus() {
  const watch = new MutationObserver(rescue);
  let held, row;

  function follow({ target }) {
    watch.disconnect();
    held = target.closest("button.jupyter-button");
    row = held?.parentElement.closest(".widget-box");
    if (row) watch.observe(row, { subtree: true, childList: true, attributeFilter: ["disabled"] });
  }

  function rescue() {
    const isLost = [held, document.body].includes(document.activeElement) && (held.disabled || !held.isConnected);
    if (!isLost) return;
    row.tabIndex = -1;
    row.focus({ preventScroll: true });
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
