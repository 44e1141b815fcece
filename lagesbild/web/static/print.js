// Makes the pages fit for paper. Plotly draws in pixels for the screen: while the page is printed every chart gets a
// viewBox, so that the style sheet can give it the paper's width. And since what was chosen stands in controls, which
// are not printed, the choices, the day and the address are written above. All is taken away again afterwards.
(() => {
  if (window.lagesbildPrints) return;
  window.lagesbildPrints = true;

  const MAIN = "[data-testid=stMain]";
  const chosen = () => {
    const told = [];
    for (const input of document.querySelectorAll(`${MAIN} [data-testid=stSelectbox] input[role=combobox]`)) {
      if (input.value && !input.closest("details:not([open])")) told.push([input.getAttribute("aria-label"), input.value]);
    }
    for (const radio of document.querySelectorAll(`${MAIN} [data-testid=stRadio]`)) {
      const label = radio.querySelector("[data-testid=stWidgetLabel]"), on = radio.querySelector("input:checked");
      if (label && on && !radio.closest("details:not([open])")) told.push([label.textContent, on.closest("label")?.textContent]);
    }
    return told.filter(([name, value]) => name && value).map(([name, value]) => `${name.trim()}: ${value.trim()}`);
  };

  const head = () => {
    const box = document.createElement("div");
    box.className = "lb-paper";
    const day = new Date().toLocaleDateString("sv-SE", { day: "numeric", month: "long", year: "numeric" });
    for (const text of [chosen().join(". "), `Lägesbild, utskrivet ${day}. ${decodeURI(location.href)}`]) {
      const line = box.appendChild(document.createElement("p"));
      line.textContent = text;
    }
    document.body.prepend(box);
  };

  const begin = () => {
    if (document.documentElement.classList.contains("lb-printing")) return;
    document.documentElement.classList.add("lb-printing");
    for (const chart of document.querySelectorAll(".js-plotly-plot .svg-container")) {
      const svgs = [...chart.querySelectorAll(":scope > svg.main-svg")];
      const width = svgs[0]?.width.baseVal.value, height = svgs[0]?.height.baseVal.value;
      if (!width || !height) continue;
      chart.style.setProperty("--lb-width", width);
      chart.style.setProperty("--lb-height", height);
      for (const svg of svgs) svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    }
    head();
  };
  const end = () => {
    document.documentElement.classList.remove("lb-printing");
    document.querySelectorAll(".lb-paper").forEach((box) => box.remove());
    for (const svg of document.querySelectorAll(".js-plotly-plot .svg-container > svg.main-svg[viewBox]")) svg.removeAttribute("viewBox");
  };

  window.addEventListener("beforeprint", begin);
  window.addEventListener("afterprint", end);
  // Some browsers tell of printing only so.
  window.matchMedia("print").addEventListener("change", (now) => (now.matches ? begin() : end()));
})();
