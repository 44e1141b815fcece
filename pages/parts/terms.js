// Streamlit draws the page after the browser has looked for what the address names: go there when it is drawn, and again
// while the page still grows, until the reader moves.
(() => {
  const UNTIL = [0, 250, 800, 1600];
  let moved = false;
  const go = () => {
    const word = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!word || moved) return;
    word.scrollIntoView();
    word.focus({ preventScroll: true });
  };
  const stop = () => { moved = true; };
  for (const event of ["wheel", "touchmove", "keydown", "pointerdown"]) window.addEventListener(event, stop, { once: true, passive: true });
  for (const wait of UNTIL) setTimeout(go, wait);
})();
