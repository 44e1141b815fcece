// Text areas tell the server what stands in them when they are left. Here they also do so while one writes, half a
// second after the last key. What has been typed is kept in this browser's tab until the page says that it is saved
// (#lagesbild-saved): if the page was closed, another was opened or the line was down, it is put back and told again.
(() => {
  if (window.lagesbildTyped) return;
  window.lagesbildTyped = true;
  const BEFORE_TELLING = 500, UNTIL_SAVED = 1500, LONGEST = 3600000, MOST_TRIES = 8;
  const PREFIX = "st-key-answer_";
  const timers = new Map();
  // Fields that are in no draft yet: what is pasted before there is one, and a question that is to be added.
  const PASTED = "st-key-answer_paste", NEW = "st-key-answer_new_question";

  const nameOf = (field) => {
    if (!(field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement)) return null;
    const box = field.closest(`[class*='${PREFIX}']`);
    for (const name of [PASTED, NEW]) if (box && box.classList.contains(name)) return name;
    const found = box && [...box.classList].find((one) => /^st-key-answer_[0-9a-f]{12,24}_.*_\d+$/.test(one));
    return found ? found.replace(/\d+$/, "") : null; // without the turn: after a reload it begins anew
  };
  const fieldOf = (name) => document.querySelector(`[class*="${name}"] textarea, [class*="${name}"] input[type=text]`);
  const saved = () => {
    const told = document.getElementById("lagesbild-saved");
    return told ? JSON.parse(told.textContent) : undefined;
  };
  const keep = (name, text, tries) => sessionStorage.setItem(name, JSON.stringify({ text, at: Date.now(), tries }));

  const type = (field, text) => {
    const kind = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
    Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(field, text);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const tell = (field) => {
    const keys = { key: "Enter", ctrlKey: field instanceof HTMLTextAreaElement, bubbles: true, cancelable: true };
    field.dispatchEvent(new KeyboardEvent("keydown", keys));
  };
  const again = (name, wait) => {
    clearTimeout(timers.get(name));
    timers.set(name, setTimeout(() => settle(name), wait));
  };
  const settle = (name) => {
    timers.delete(name);
    const kept = sessionStorage.getItem(name);
    if (!kept) return;
    const { text, at, tries } = JSON.parse(kept);
    if (name === PASTED || name === NEW) return settleLoose(name, text);
    const known = saved();
    if (known && known[name] !== undefined && known[name].includes(text)) return sessionStorage.removeItem(name);
    if (tries > MOST_TRIES || Date.now() - at > LONGEST) return sessionStorage.removeItem(name);
    const field = fieldOf(name);
    if (!field || !known || known[name] === undefined) return; // another page is shown: it is settled when this one is
    if (tries > 0 || field.value !== text) {
      type(field, text + " "); // or the field believes that it has told it already
      type(field, text);
    }
    tell(field);
    keep(name, text, tries + 1);
    again(name, UNTIL_SAVED);
  };

  const settleLoose = (name, text) => {
    const known = saved();
    const taken = known && (name === PASTED || Object.values(known).includes(text.trim()));
    if (taken || !text) return sessionStorage.removeItem(name);
    const field = fieldOf(name);
    if (!field) return;
    if (field.value !== text) type(field, text);
    tell(field);
    again(name, 4 * UNTIL_SAVED);
  };

  document.addEventListener("input", (event) => {
    const name = nameOf(event.target);
    if (!name || !event.isTrusted) return;
    keep(name, event.target.value, 0);
    again(name, BEFORE_TELLING);
  });
  setInterval(() => {
    const names = Object.keys(sessionStorage).filter((one) => one.startsWith(PREFIX));
    names.filter((name) => !timers.has(name)).forEach(settle);
  }, 400);
})();
