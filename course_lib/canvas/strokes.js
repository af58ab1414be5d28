// A stroke of mouse, pen or finger over a sheet of buttons presses each one that it passes, once in passing.

const NEAR = 8; // pixels of the page between two looks at what lies under a quick stroke

function render({ el }) {
  let sheet, waiting, last, from, moved = false;

  function find() {
    sheet = el.closest(".widget-hbox")?.querySelector(".course-sheet");
    if (!sheet) {
      waiting = requestAnimationFrame(find);
      return;
    }
    sheet.style.touchAction = "none"; // a finger draws, and the page stays where it is
    sheet.addEventListener("pointerdown", begin);
    sheet.addEventListener("pointermove", draw);
  }

  function under(x, y) {
    const button = document.elementFromPoint(x, y)?.closest("button");
    return button && sheet.contains(button) ? button : undefined;
  }

  function begin(event) {
    event.target.releasePointerCapture(event.pointerId); // a finger would hold the first button
    [last, from, moved] = [under(event.clientX, event.clientY), [event.clientX, event.clientY], false];
  }

  function draw(event) {
    if (!event.buttons || !from) return;
    const [x, y] = from, across = event.clientX - x, down = event.clientY - y;
    const looks = Math.ceil(Math.hypot(across, down) / NEAR);
    for (let look = 1; look <= looks; look++) pass(under(x + across * look / looks, y + down * look / looks));
    from = [event.clientX, event.clientY];
  }

  function pass(button) {
    if (!button || button === last) return;
    if (!moved) last?.click(); // the page itself presses a button only where a stroke begins and ends on it
    button.click();
    [last, moved] = [button, true];
  }

  find();
  return () => {
    cancelAnimationFrame(waiting);
    sheet?.removeEventListener("pointerdown", begin);
    sheet?.removeEventListener("pointermove", draw);
  };
}

export default { render };
