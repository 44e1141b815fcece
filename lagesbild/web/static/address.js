// The address: one step of the reader is one step in the history, links in the menu keep the municipality, and the
// address can be copied.

// Where the dashboard is served: the folder above this script's. Untold, Streamlit looks for it by asking at the page's
// own address first, in vain: a wait at every first visit.
window.__streamlit = { BACKEND_BASE_URL: new URL("..", document.currentScript.src).href };

// Streamlit writes a new entry whenever a page writes in the address, and a page does so several times: for the
// municipality, the group, the tab. Going back would take as many presses. What the reader does allows one entry.
const push = window.history.pushState.bind(window.history);
const replace = window.history.replaceState.bind(window.history);
let allowed = false;
for (const kind of ["pointerdown", "keydown"]) {
  window.addEventListener(kind, () => { allowed = true; }, { capture: true, passive: true });
}
window.addEventListener("popstate", () => { allowed = false; }, true);
window.history.pushState = (state, unused, address) => {
  (allowed ? push : replace)(state, unused, address);
  allowed = false;
};

// A link of the menu that is opened in a new tab, or copied, leads to the same municipality.
function keepMunicipality() {
  const chosen = new URLSearchParams(window.location.search).get("kommun");
  for (const link of document.querySelectorAll('[data-testid="stSidebarNav"] a[href]')) {
    const address = new URL(link.href, window.location.href);
    if (chosen === null || address.searchParams.get("kommun") === chosen) continue;
    address.searchParams.set("kommun", chosen);
    link.setAttribute("href", address.pathname + address.search);
  }
}
new MutationObserver(keepMunicipality).observe(document, { subtree: true, childList: true });
for (const name of ["pushState", "replaceState"]) {
  const write = window.history[name];
  window.history[name] = (...told) => {
    write.apply(window.history, told);
    keepMunicipality();
  };
}

// Copying works without https too, where a municipality tries the program on its own network.
async function copied(text) {
  try {
    await window.navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.style.position = "fixed";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.(".lb-copy");
  if (!button) return;
  const told = button.parentElement.querySelector("[role=status]");
  const done = await copied(window.location.href);
  told.textContent = done ? "Länken är kopierad." : `Kopiera adressen själv: ${window.location.href}`;
  button.focus();
});
