// Measures what can go wrong with a page: what stands out of it, what cannot be read, what has no name. Evaluates to a
// list of complaints.
(() => {
  const complaints = [];
  const say = (what, element) => complaints.push(what + (element ? ": " + element.outerHTML.slice(0, 120).replace(/\s+/g, " ") : ""));
  const shown = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) {
    say(`the page is ${document.documentElement.scrollWidth} wide in a window of ${width}`,
      [...document.querySelectorAll("main *")].find((e) => e.getBoundingClientRect().right > width && !e.closest(".scroll, pre")));
  }

  // Names and structure.
  if (!document.documentElement.lang) say("the page has no language");
  if (!document.title) say("the page has no title");
  if (document.querySelectorAll("main").length !== 1) say("there is not one main part");
  const levels = [...document.querySelectorAll("h1, h2, h3, h4")].map((h) => Number(h.tagName[1]));
  if (levels.filter((l) => l === 1).length !== 1) say("there is not one first heading");
  levels.forEach((l, i) => { if (i > 0 && l > levels[i - 1] + 1) say("the headings leave a level out: " + levels.join(" ")); });
  const ids = new Set();
  for (const e of document.querySelectorAll("[id]")) {
    if (ids.has(e.id)) say("the id " + e.id + " stands twice", e);
    ids.add(e.id);
  }
  for (const e of document.querySelectorAll("[aria-describedby], [aria-labelledby]")) {
    for (const name of ["aria-describedby", "aria-labelledby"]) {
      for (const id of (e.getAttribute(name) || "").split(" ").filter(Boolean)) if (!ids.has(id)) say(name + " names " + id + ", which is not there", e);
    }
  }
  const named = (e) => e.getAttribute("aria-label") || e.hasAttribute("aria-labelledby") || [...(e.labels || [])].some((l) => l.textContent.trim());
  for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea")) if (!named(e)) say("a field has no label", e);
  for (const e of document.querySelectorAll("button, a[href], summary")) if (!e.textContent.trim() && !named(e)) say("something to press has no name", e);
  for (const e of document.querySelectorAll("th")) if (!e.textContent.trim()) say("a column has no name", e);
  for (const e of document.querySelectorAll("fieldset")) if (!e.querySelector("legend")?.textContent.trim()) say("a group has no name", e);
  for (const e of document.querySelectorAll("[tabindex]")) if (e.tabIndex > 0) say("an element jumps the order of the keyboard", e);
  for (const e of document.querySelectorAll("[aria-invalid]")) {
    if (!e.getAttribute("aria-describedby")) say("a wrong field does not say what is wrong", e);
  }

  // Room for a finger: WCAG 2.2, 2.5.8.
  for (const e of document.querySelectorAll("button, input:not([type=hidden]), select, textarea, summary")) {
    const box = (e.type === "checkbox" && e.closest("label") || e).getBoundingClientRect();
    if (shown(e) && (box.height < 24 || box.width < 24)) say(`${Math.round(box.width)}×${Math.round(box.height)} pixels are too few to press`, e);
  }

  // Contrast of texts with what is behind them: WCAG 2.2, 1.4.3; and of the edges of fields: 1.4.11.
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const color = rgba(getComputedStyle(e).backgroundColor);
      if (color[3] > 0.99) return color;
    }
    return matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18, 1] : [255, 255, 255, 1];
  };
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  while (texts.nextNode()) {
    const e = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || seen.has(e) || !shown(e)) continue;
    seen.add(e);
    const ratio = contrast(rgba(getComputedStyle(e).color), behind(e));
    if (ratio < 4.5) say(`contrast ${ratio.toFixed(2)}`, e);
  }
  for (const e of document.querySelectorAll("input:not([type=hidden], [type=checkbox]), select, textarea")) {
    const ratio = contrast(rgba(getComputedStyle(e).borderTopColor), behind(e.parentElement));
    if (shown(e) && ratio < 3) say(`contrast ${ratio.toFixed(2)} of an edge`, e);
  }
  return complaints;
})()
