// The switch leads to the same place of the same page in the other language: both have the same anchors.
const place = () => {
  const seen = [...document.querySelectorAll("article [id]")].filter((node) =>
    node.getBoundingClientRect().top < 100 && !node.closest("svg")
  );
  return scrollY > 0 && seen.length ? `#${seen.at(-1).id}` : "";
};

for (const link of document.querySelectorAll("a.language-switch")) {
  const page = link.getAttribute("href");
  const lead = () => link.href = page + location.search + place();
  for (const event of ["pointerdown", "focus", "click"]) link.addEventListener(event, lead);
}

// A link to what stands inside a folded answer opens it.
const unfold = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let node = target?.parentElement; node; node = node.parentElement) {
    if (node.tagName === "DETAILS") node.open = true;
  }
};
addEventListener("hashchange", unfold);
unfold();

// The keyboard reaches what scrolls: code by the theme, which measures again when the window changes, the rest by us.
const reach = () => {
  for (const node of document.querySelectorAll("article :is(.math, .chart, p:has(> math))")) {
    if (node.scrollWidth > node.clientWidth) node.tabIndex = 0;
    else node.removeAttribute("tabindex");
  }
};
addEventListener("resize", reach);
addEventListener("load", reach);
addEventListener("toggle", () => dispatchEvent(new Event("resize")), true);

// Paper is light.
const html = document.documentElement.dataset;
let onScreen;
addEventListener("beforeprint", () => {
  onScreen = html.theme;
  html.theme = "light";
});
addEventListener("afterprint", () => html.theme = onScreen);

// What a search quotes of a page are its sentences, not its buttons.
if (typeof Search !== "undefined") {
  const textOf = Search.htmlToText;
  Search.htmlToText = (html, place) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const button of page.querySelectorAll(".ways, .note, details[class] > summary")) button.remove();
    return textOf(page.documentElement.outerHTML, place);
  };
}
