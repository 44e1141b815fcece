// Text areas tell the server what stands in them when they are left. Here they also do so while one writes, a second
// after the last key, and when the page is closed: else a reload would lose what was typed.
(() => {
  if (window.lagesbildTyped) return;
  window.lagesbildTyped = true;
  let waiting = null;
  const tell = (field) => {
    clearTimeout(waiting);
    waiting = null;
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", ctrlKey: true, bubbles: true, cancelable: true }));
  };
  const isText = (field) => field instanceof HTMLTextAreaElement && field.closest("[class*='st-key-answer_']");
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!isText(field)) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => tell(field), 1000);
  });
  window.addEventListener("pagehide", () => {
    if (waiting !== null && isText(document.activeElement)) tell(document.activeElement);
  });
})();
