// Text areas tell the server what stands in them when they are left. Here they also do so while one writes, half a
// second after the last key. What the server has not been told when the page is closed or the line is down is kept
// in this browser's tab, and put back when the field is there again.
(() => {
  if (window.lagesbildTyped) return;
  window.lagesbildTyped = true;
  const BEFORE_TELLING = 500, UNTIL_SAVED = 6000, LONGEST = 3600000;
  const timers = new Map();

  const nameOf = (field) => {
    if (!(field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement)) return null;
    const box = field.closest("[class*='st-key-answer_']");
    const found = box && [...box.classList].find((one) => /^st-key-answer_[0-9a-f]{12,24}_.*_\d+$/.test(one));
    return found ? found.replace(/\d+$/, "") : null; // without the turn: after a reload it begins anew
  };
  const fieldOf = (name) => document.querySelector(`[class*="${name}"] textarea, [class*="${name}"] input[type=text]`);
  const tell = (field) => {
    const keys = { key: "Enter", ctrlKey: field instanceof HTMLTextAreaElement, bubbles: true, cancelable: true };
    field.dispatchEvent(new KeyboardEvent("keydown", keys));
  };
  const keep = (name, text) => sessionStorage.setItem(name, JSON.stringify({ text, at: Date.now() }));

  document.addEventListener("input", (event) => {
    const name = nameOf(event.target);
    if (!name) return;
    keep(name, event.target.value);
    clearTimeout(timers.get(name));
    timers.set(name, setTimeout(() => {
      const field = fieldOf(name);
      if (!field) return void timers.delete(name); // another page is shown: it is put back when this one is
      tell(field);
      timers.set(name, setTimeout(() => {
        timers.delete(name);
        if (fieldOf(name)) sessionStorage.removeItem(name);
      }, UNTIL_SAVED));
    }, BEFORE_TELLING));
  });

  const putBack = () => {
    for (const name of Object.keys(sessionStorage).filter((one) => one.startsWith("st-key-answer_"))) {
      const { text, at } = JSON.parse(sessionStorage.getItem(name));
      if (Date.now() - at > LONGEST) sessionStorage.removeItem(name);
      const field = fieldOf(name);
      if (!field || timers.has(name)) continue;
      if (field.value !== text) {
        const kind = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
        Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(field, text);
        field.dispatchEvent(new Event("input", { bubbles: true }));
      } else {
        sessionStorage.removeItem(name);
      }
    }
  };
  setInterval(putBack, 400);
})();
