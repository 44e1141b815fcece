// Keeps Streamlit's pages Swedish and readable by ear while it draws them. React owns the page: here only texts and
// attributes are changed, never elements moved, and nothing is written that already stands there, so nothing loops.

// --- language ---

const root = document.documentElement;
const speak = () => { if (root.lang !== "sv") root.lang = "sv"; };
speak();
new MutationObserver(speak).observe(root, { attributes: true, attributeFilter: ["lang"] });
// Dates, numbers and the words of drop-downs are written by what the browser says it speaks.
for (const [name, said] of [["language", "sv-SE"], ["languages", ["sv-SE", "sv"]]]) {
  try {
    Object.defineProperty(navigator, name, { get: () => said, configurable: true });
  } catch { /* then those alone stay in the browser's own language */ }
}

// --- words ---

const ATTRIBUTES = ["aria-label", "aria-roledescription", "aria-valuetext", "placeholder", "title", "alt"];
// Charts and our own HTML have their own texts, and what somebody writes is theirs.
const LEFT_ALONE = ".js-plotly-plot, svg, canvas, script, style, .stHtml";
const WRITTEN = "textarea, [contenteditable]:not([role=spinbutton])";  // the parts of a date are spin buttons

const swedish = (text) => {
  const whole = text.trim();
  if (!whole || whole.length > 300) return text;
  if (Object.hasOwn(TEXTS, whole)) return text.replace(whole, () => TEXTS[whole]);
  for (const [pattern, said] of PATTERNS) if (pattern.test(whole)) return text.replace(whole, () => whole.replace(pattern, said));
  return text;
};
const DECIMALS = "[data-testid=stSliderThumbValue], [data-testid=stSliderTickBar]";

const sayText = (node) => {
  const parent = node.parentElement;
  if (!parent || parent.closest(`${LEFT_ALONE}, ${WRITTEN}`)) return;
  const told = parent.closest(DECIMALS) ? node.data.replace(/^(-?\d+)\.(\d+)$/, "$1,$2") : swedish(node.data);
  if (told !== node.data) node.data = told;
};
const sayAttribute = (element, name) => {
  const text = element.getAttribute(name);
  if (!text) return;
  const number = name === "aria-valuetext" && text.replace(/^(-?\d+)\.(\d+)$/, "$1,$2");
  const told = number && number !== text ? number : swedish(text);
  if (told !== text) element.setAttribute(name, told);
};
const sayAll = (top) => {
  if (top.nodeType === Node.TEXT_NODE) return sayText(top);
  if (top.nodeType !== Node.ELEMENT_NODE || top.closest(LEFT_ALONE)) return;
  const walker = document.createTreeWalker(top, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (node) =>
    node.nodeType === Node.ELEMENT_NODE && node.matches(LEFT_ALONE) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
  for (let node = walker.currentNode; node; node = walker.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) sayText(node);
    else for (const name of ATTRIBUTES) if (node.hasAttribute(name)) sayAttribute(node, name);
  }
};

// --- charts: each one picture with a name ---

const set = (element, name, value) => { if (element.getAttribute(name) !== value) element.setAttribute(name, value); };

// The text stands before its chart in a paragraph for those who listen; where this script runs, the chart has it instead.
const nameCharts = () => {
  for (const told of document.querySelectorAll("[data-lb-chart]")) {
    const key = CSS.escape(told.dataset.lbChart);
    const charts = document.querySelectorAll(`.st-key-${key} .js-plotly-plot`);
    for (const chart of charts) {
      const [picture, ...layers] = chart.querySelectorAll("svg.main-svg");
      if (!picture) continue;
      set(picture, "role", "img");
      set(picture, "aria-label", told.textContent);
      [...picture.children].forEach((part) => set(part, "aria-hidden", "true"));
      layers.forEach((layer) => set(layer, "aria-hidden", "true"));
      if (!told.hidden) told.hidden = true;
    }
  }
  for (const told of document.querySelectorAll("[data-lb-picture]")) {
    const key = CSS.escape(told.dataset.lbPicture);
    for (const picture of document.querySelectorAll(`.st-key-${key} img`)) {
      set(picture, "alt", told.textContent);
      if (!told.hidden) told.hidden = true;
    }
  }
};

// --- what else needs to be reached ---

// A table that can be scrolled sideways must be scrolled by keyboard, too.
const reachTables = () => {
  for (const table of document.querySelectorAll("[data-testid=stMarkdownContainer] table, .lb-scroll")) {
    const scrolls = table.scrollWidth > table.clientWidth + 1;
    const caption = table.querySelector("caption")?.textContent;
    if (scrolls) {
      set(table, "tabindex", "0");
      if (caption) for (const [name, value] of [["role", "group"], ["aria-label", caption]]) set(table, name, value);
    } else if (table.hasAttribute("tabindex")) for (const name of ["tabindex", "role", "aria-label"]) table.removeAttribute(name);
  }
};
// The list of pages holds its second part as something that is no item of a list.
const listPages = () => {
  for (const part of document.querySelectorAll("ul[data-testid=stSidebarNavItems] > :not(li)")) {
    set(part, "role", "listitem");
    part.querySelectorAll("li").forEach((item) => set(item, "role", "none"));
  }
};
// Links to headings, and the buttons of drop-downs, are told apart by what they belong to.
const tellApart = () => {
  for (const link of document.querySelectorAll("[data-testid=stHeaderActionElements] a")) {
    const heading = link.closest("h1, h2, h3, h4, h5, h6");
    const text = heading && [...heading.childNodes].filter((one) => !one.contains(link)).map((one) => one.textContent).join(" ").trim();
    if (text) set(link, "aria-label", `Länk till rubriken ${text}`);
  }
  for (const slider of document.querySelectorAll("input[type=range][aria-labelledby*=' ']")) {
    set(slider, "aria-labelledby", slider.getAttribute("aria-labelledby").split(" ").pop()); // else its name is said twice
  }
  for (const button of document.querySelectorAll("button[aria-label='Öppna listan']")) {
    const field = button.closest("[data-testid=stSelectbox], [data-testid=stMultiSelect]");
    const label = field?.querySelector("[data-testid=stWidgetLabel]")?.textContent.trim();
    if (label) set(button, "aria-label", `Öppna listan ${label}`);
  }
};

// A page that is opened from the menu is told: to the eye the heading changes, to the ear nothing would.
const news = document.createElement("div");
news.setAttribute("role", "status");
news.className = "lb-news";
news.style.cssText = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap";
let page = location.pathname, waiting;
const tellPage = () => {
  if (location.pathname === page) return;
  page = location.pathname;
  clearTimeout(waiting);
  waiting = setTimeout(() => { news.textContent = document.title; }, 800); // when the page has said its title
};

// --- watching ---

let planned = false;
const settle = () => {
  planned = false;
  nameCharts();
  reachTables();
  tellApart();
  listPages();
  tellPage();
};
const plan = () => {
  if (planned) return;
  planned = true;
  setTimeout(settle, 60); // several changes at once, and none while Streamlit is drawing
};
const watch = () => {
  sayAll(document.body);
  document.body.append(news);
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "characterData") sayText(change.target);
      else if (change.type === "attributes") {
        if (!change.target.closest(LEFT_ALONE)) sayAttribute(change.target, change.attributeName);
      } else change.addedNodes.forEach(sayAll);
    }
    plan();
  }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES });
  addEventListener("resize", plan);
  plan();
};
if (document.body) watch();
else document.addEventListener("DOMContentLoaded", watch);
