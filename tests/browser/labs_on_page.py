"""The labs of a notebook that is open in the browser, as a test sees them: their panels, boxes, errors and pictures."""

import re
from dataclasses import dataclass, field

from tests.browser.jupyter import Notebook

# In the kernel: mark the panels of all labs with CSS classes, and tell what a lab says of itself.
IN_KERNEL = r"""
def _mark_labs():
    from course_lib.labs.base import lab as base

    global _labs
    _labs = list(base._open.values())
    for number, lab in enumerate(_labs):
        for earlier in [name for name in lab.panel._dom_classes if name.startswith("reader-")]:
            lab.panel.remove_class(earlier)
        lab.panel.add_class(f"reader-lab-{number}")
    return [lab.name for lab in _labs]


def _lab_facts(number):
    import html, re

    lab = _labs[number]
    return {"error": html.unescape(re.sub("<[^>]*>", "", lab.error_line.value)), "running": lab.running}
"""
IN_PAGE = """async number => {
    const panel = document.querySelector('.reader-lab-' + number);
    const seen = () => {
        const pictures = [...panel.querySelectorAll('canvas.course-picture')];
        return pictures.length > 0 && pictures.every(
            picture => picture.dataset.frame && picture.checkVisibility({visibilityProperty: true}));
    };
    // Until the next frame; a page that was silent for two seconds, on a slow machine, shows an image until it answers.
    for (const end = performance.now() + 20_000; performance.now() < end && !seen();)
        await new Promise(resolve => setTimeout(resolve, 10));
    return {
        alerts: [...panel.querySelectorAll('[role=alert]')].map(alert => alert.innerText),
        picture: seen(),
    };
}"""
# What is cut off or covered in a panel: controls beyond its edges, controls over each other, texts wider than their box.
CROWDED = """panel => {
    const outer = panel.getBoundingClientRect(), found = [];
    const kinds = 'button:not(.course-handle, .course-press), input, select, textarea, audio, img, canvas, '
        + '.noUi-target, .widget-html';  // the hand's own buttons are to lie on the picture
    const controls = [...panel.querySelectorAll(kinds)]
        .filter(node => node.checkVisibility({visibilityProperty: true}) && node.getBoundingClientRect().width > 0);
    const name = node => node.title || node.textContent.trim().slice(0, 40)
        || node.closest('.jupyter-widgets')?.querySelector('label')?.textContent || node.className || node.tagName;
    const boxes = controls.map(node => node.getBoundingClientRect());
    controls.forEach((node, i) => {
        const box = boxes[i];
        if (box.left < outer.left - 1 || box.right > outer.right + 1 || box.bottom > outer.bottom + 1
            || box.right > window.innerWidth)
            found.push(`${name(node)}: expected inside the panel (${Math.round(outer.left)} to ${Math.round(outer.right)}),`
                       + ` is at ${Math.round(box.left)} to ${Math.round(box.right)}`);
        for (let j = i + 1; j < controls.length; j++) {
            const other = boxes[j];
            const across = Math.min(box.right, other.right) - Math.max(box.left, other.left);
            const down = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top);
            if (across > 1 && down > 1 && !node.contains(controls[j]) && !controls[j].contains(node))
                found.push(`${name(node)}: expected room of its own, lies over ${name(controls[j])}`);
        }
    });
    for (const node of panel.querySelectorAll('.widget-label, .jupyter-button, .widget-html-content'))
        if (node.clientWidth && node.scrollWidth > node.clientWidth + 1)
            found.push(`${name(node)}: expected the whole text, ${node.scrollWidth} pixels, sees ${node.clientWidth}`);
    const pen = document.createElement('canvas').getContext('2d');
    for (const box of panel.querySelectorAll('input')) {
        if (!box.placeholder || box.value || !box.clientWidth) continue;
        const {font, paddingLeft, paddingRight} = getComputedStyle(box);
        pen.font = font;
        const wide = pen.measureText(box.placeholder).width;
        const room = box.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
        if (wide > room)
            found.push(`${name(box)}: expected the whole hint, ${Math.round(wide)} pixels, sees ${Math.round(room)}`);
    }
    for (const picture of panel.querySelectorAll('canvas')) {
        const image = panel.querySelector('img'), box = picture.getBoundingClientRect();
        const ratio = box.width / box.height, real = image.naturalWidth / image.naturalHeight;
        if (Math.abs(ratio / real - 1) > 0.02)
            found.push(`picture: expected its own proportions, ${real.toFixed(2)}, shows ${ratio.toFixed(2)}`);
    }
    return found;
}"""
SCROLLING = """panel => [panel, ...panel.querySelectorAll('.widget-box')]
    .filter(box => box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight).map(box => box.className)"""


@dataclass
class Labs:
    """The labs on the page of a notebook that has run, and what was found wrong with them.

    A lab is a dict: name, number in the kernel, and panel, a locator.
    """

    name: str
    notebook: Notebook
    labs: list = field(default_factory=list)
    faults: list = field(default_factory=list)

    def find(self):
        """Look for the labs (again)."""
        self.notebook.execute(IN_KERNEL)
        self.labs = []
        for number, name in enumerate(self.notebook.settle("_mark_labs()")):
            panel = self.notebook.page.locator(f".reader-lab-{number}")
            if panel.count():
                self.labs.append({"name": name, "number": number, "panel": panel})
        return self

    def fault(self, lab, control, expected):
        self.faults.append(f"{self.name}, lab {lab['name']}, {control}: {expected}")

    def facts(self, lab):
        """What lab and page say when all has been answered: error, running, alerts, picture."""
        return self.notebook.settle(f"_lab_facts({lab['number']})", f"await ({IN_PAGE})({lab['number']})")

    def look(self, lab, control, error=None):
        """Check what must hold after everything that a reader does; returns the facts.

        error   False: no sentence may stand in the error line; None: one may
        """
        facts = self.facts(lab)
        said = facts["error"]
        if not facts["picture"]:
            self.fault(lab, control, "expected the picture to stay, it is gone")
        if facts["alerts"] != ([said] if said else []):
            self.fault(lab, control, f"expected {said!r} in the page's error line, got {facts['alerts']}")
        if said and (re.search(r"Traceback|Error:|\n", said) or " " not in said or len(said) > 300):
            self.fault(lab, control, f"expected a short sentence, got {said[:400]!r}")
        if error is False and said:
            self.fault(lab, control, f"expected no error, got {said!r}")
        return facts

    def rest(self, lab):
        """Pause a lab that works."""
        self.notebook.execute(f"_labs[{lab['number']}].stop()")
        self.notebook.settle()

    def run_again(self, name):
        """Run the cell of the lab of this name again, so that its panel is as it comes."""
        lab = next(lab for lab in self.labs if lab["name"] == name)
        cell = self.notebook.page.locator(".jp-CodeCell").filter(has=lab["panel"])
        cell.locator(".cm-content").first.click()
        self.notebook.page.keyboard.press("Control+Enter")
        self.notebook.settle()
        self.find()
