// The answer came with the page, before any script. It goes when the page shows it, or has something else to say.
const shown = "[data-testid=stMain] .lb-answer, [data-testid=stMain] [data-testid=stAlert], [data-testid=stException], [role=dialog]";
const watching = new MutationObserver(() => {
  const words = document.getElementById("lb-first-words");
  if (!words || !document.querySelector(shown)) return;
  words.remove();
  watching.disconnect();
});
watching.observe(document, { subtree: true, childList: true });
