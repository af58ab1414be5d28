// Who presses a button that has done its work goes on from there: it is disabled then, or gone, and the keyboard's focus with
// it. The row of the button gets the focus, and the next Tab goes on from the row. So it is in labs, and in the exercises
// beside them.

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

  document.addEventListener("focusin", follow);
  return () => {
    document.removeEventListener("focusin", follow);
    watch.disconnect();
  };
}
