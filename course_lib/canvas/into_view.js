// Shows a panel whose cell has just been run: the notebook has gone on to the next cell, and may have left the panel above
// the view. The reader who works elsewhere by then, or runs many cells, is left there.
// deno-lint-ignore no-unused-vars
function bringIntoView(el) {
  const panel = el.closest(".jp-OutputArea-output"), cell = el.closest(".jp-Cell");
  const active = cell?.parentElement.querySelector(":scope > .jp-mod-active");
  const isNext = active?.previousElementSibling === cell && !active.querySelector(".cm-focused");
  if (!panel || !active || active !== cell && !isNext) return;
  const room = cell.closest(".jp-WindowedPanel-outer")?.clientHeight ?? innerHeight;
  panel.scrollIntoView({ block: panel.offsetHeight > room ? "start" : "nearest" });
}
