// The form of one reporter. Nothing is sent to anyone but our own server, and nothing is drawn that needs one.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const base = location.pathname.replace(/\/$/, "");
  const by = (id) => document.getElementById(id);
  const secret = base.split("/").pop();
  const KEPT = `lagesbild-ko-${secret.slice(-8)}`;
  const RECENT = `lagesbild-platser-${secret.slice(-8)}`;
  const MINUTE = 60000;

  // --- what is kept on the phone ---
  const read = (key) => {
    try { return JSON.parse(localStorage.getItem(key)) || []; } catch { return []; }
  };
  const keep = (key, value) => {
    try { localStorage.setItem(key, JSON.stringify(value)); return true; } catch { return false; }
  };
  const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");

  // --- what is being filled in ---
  const fresh = () => ({ kind: "", severity: 0, place: "", latitude: null, longitude: null, ago: 0, day: "", hour: -1, text: "" });
  let event = fresh();
  let added = [];

  const two = (n) => String(n).padStart(2, "0");
  const dayOf = (moment) => `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  const told = (day) => new Date(`${day}T12:00`).toLocaleDateString("sv-SE", { day: "numeric", month: "long", year: "numeric" });
  const tell = (text) => { by("told").textContent = text; };
  const wrong = (field, text) => { by(`wrong-${field}`).textContent = text; };

  function choices(where, name, items, chosen, onchange) {
    by(where).replaceChildren(...items.map(([value, text]) => {
      const label = document.createElement("label");
      const input = Object.assign(document.createElement("input"), { type: "radio", name, value, checked: value === chosen });
      input.addEventListener("change", () => onchange(value));
      const span = Object.assign(document.createElement("span"), { textContent: text });
      label.append(input, span);
      return label;
    }));
  }

  // --- what ---
  const kinds = () => choices("kinds", "kind", data.kinds.map((kind) => [kind, kind]), event.kind, (kind) => { event.kind = kind; wrong("kind", ""); showAdded(); });
  const severities = () => choices("severities", "severity", Object.entries(data.severities), String(event.severity), (value) => { event.severity = Number(value); wrong("severity", ""); });

  // --- where ---
  const exact = (name) => data.places.find((place) => place.name.toLocaleLowerCase("sv") === name.trim().toLocaleLowerCase("sv"));
  function placeChips() {
    const recent = read(RECENT).map(exact).filter(Boolean);
    const shown = [...new Set([...recent, ...data.places.filter((p) => p.own), ...data.places])].slice(0, 6);
    choices("places", "place", shown.map((place) => [place.name, place.name]), event.place, (name) => choosePlace(name));
  }
  function choosePlace(name) {
    Object.assign(event, { place: name, latitude: null, longitude: null });
    by("place").value = name;
    showPlace();
  }
  function chooseSpot(longitude, latitude, how) {
    Object.assign(event, { place: "", longitude, latitude });
    by("place").value = "";
    placeChips();
    showPlace(how);
  }
  function nearestName(longitude, latitude) {
    const scale = Math.cos((latitude * Math.PI) / 180);
    let best = null;
    for (const place of data.places) {
      const metres = 111320 * Math.hypot((place.at[0] - longitude) * scale, place.at[1] - latitude);
      if (!best || metres < best.metres) best = { name: place.name, metres };
    }
    return best;
  }
  function showPlace(how = "") {
    wrong("place", "");
    by("here").setAttribute("aria-pressed", String(how === "här"));
    if (event.latitude === null) {
      by("chosen-place").textContent = event.place ? `Plats: ${event.place}` : "";
    } else {
      const near = nearestName(event.longitude, event.latitude);
      const far = near ? (near.metres < 950 ? `${Math.round(near.metres / 50) * 50} m` : `${(near.metres / 1000).toFixed(1).replace(".", ",")} km`) : "";
      const told = near && (near.metres < 25 ? near.name : `${far} från ${near.name}`);
      by("chosen-place").textContent = told ? `Plats: ${told}` : "Platsen är märkt på kartan";
    }
    drawMap();
  }
  by("here").addEventListener("click", () => {
    if (!navigator.geolocation) { wrong("place", "Telefonen kan inte säga var den är. Välj en plats i stället."); return; }
    by("chosen-place").textContent = "Söker din position ...";
    navigator.geolocation.getCurrentPosition(
      (found) => chooseSpot(found.coords.longitude, found.coords.latitude, "här"),
      () => { by("chosen-place").textContent = ""; wrong("place", "Positionen gick inte att få. Välj en plats ur listan eller peka på kartan."); },
      { enableHighAccuracy: true, timeout: 10000, maximumAge: MINUTE },
    );
  });
  by("place").addEventListener("input", () => {
    const found = exact(by("place").value);
    Object.assign(event, { place: found ? found.name : by("place").value.trim(), latitude: null, longitude: null });
    placeChips();
    showPlace();
  });

  // --- the map: outline, localities and places, with no tiles ---
  const SVG = "http://www.w3.org/2000/svg";
  const every = data.rings.flat().concat(data.places.map((place) => place.at));
  const west = Math.min(...every.map((p) => p[0])), east = Math.max(...every.map((p) => p[0]));
  const south = Math.min(...every.map((p) => p[1])), north = Math.max(...every.map((p) => p[1]));
  const squeeze = Math.cos((((south + north) / 2) * Math.PI) / 180);
  // In degrees of latitude, east to the right and north upwards.
  const at = ([x, y]) => [(x - west) * squeeze, north - y];
  const whole = Math.max((east - west) * squeeze, north - south) * 1.1 || 1;
  let view = { x: ((east - west) * squeeze) / 2, y: (north - south) / 2, size: whole };
  const element = (name, attributes, text) => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    return made;
  };
  function drawMap() {
    const map = by("map");
    const { width, height } = map.getBoundingClientRect();
    if (!width) return;
    const tall = (view.size * height) / width;
    map.setAttribute("viewBox", `${view.x - view.size / 2} ${view.y - tall / 2} ${view.size} ${tall}`);
    const pixel = view.size / width;
    const drawn = data.rings.map((ring) => element("polygon", { points: ring.map((p) => at(p).join(",")).join(" "), fill: "#fff", stroke: "#1f2328", "stroke-width": 1.5 * pixel }));
    for (const line of data.lines) drawn.push(element("polyline", { points: line.map((p) => at(p).join(",")).join(" "), fill: "none", stroke: "#b9b3aa", "stroke-width": 1.5 * pixel }));
    // Names that would lie on each other are left out until one zooms in.
    const taken = [];
    for (const place of data.places) {
      const [x, y] = at(place.at);
      const box = { x, y: y - 14 * pixel, w: place.name.length * 8 * pixel + 10 * pixel, h: 18 * pixel };
      const free = taken.every((b) => b.x > box.x + box.w || box.x > b.x + b.w || b.y > box.y + box.h || box.y > b.y + b.h);
      drawn.push(element("circle", { cx: x, cy: y, r: (place.own ? 4 : 3) * pixel, fill: place.own ? "#1a5fb4" : "#8a8580" }));
      if (free) {
        taken.push(box);
        drawn.push(element("text", { x: x + 6 * pixel, y: y + 4 * pixel, "font-size": 13 * pixel, fill: "#1f2328" }, place.name));
      }
    }
    if (event.latitude !== null) {
      const [x, y] = at([event.longitude, event.latitude]);
      drawn.push(element("circle", { cx: x, cy: y, r: 9 * pixel, fill: "#b5472f", stroke: "#fff", "stroke-width": 2 * pixel }));
    }
    map.replaceChildren(...drawn);
  }
  function mark(x, y) {
    chooseSpot(x / squeeze + west, north - y);
  }
  by("map").addEventListener("click", (press) => {
    const box = by("map").getBoundingClientRect();
    const pixel = view.size / box.width;
    mark(view.x + (press.clientX - box.left - box.width / 2) * pixel, view.y + (press.clientY - box.top - box.height / 2) * pixel);
  });
  function zoom(times) {
    if (event.latitude !== null) [view.x, view.y] = at([event.longitude, event.latitude]);
    view.size = Math.min(whole, Math.max(whole / 200, view.size * times));
    drawMap();
  }
  by("nearer").addEventListener("click", () => zoom(0.5));
  by("farther").addEventListener("click", () => zoom(2));
  by("map").addEventListener("keydown", (key) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key.key];
    if (key.key === "+" || key.key === "-") { zoom(key.key === "+" ? 0.5 : 2); key.preventDefault(); return; }
    if (!step) return;
    key.preventDefault();
    const [x, y] = event.latitude === null ? [view.x, view.y] : at([event.longitude, event.latitude]);
    mark(x + (step[0] * view.size) / 20, y + (step[1] * view.size) / 20);
  });
  by("map-part").addEventListener("toggle", drawMap);
  addEventListener("resize", drawMap);

  // --- when ---
  const AGO = [["0", "Nu"], ["1", "1 timme sedan"], ["2", "2 timmar sedan"], ["4", "4 timmar sedan"], ["annan", "Annan tid"]];
  function times() {
    choices("times", "time", AGO, event.day && event.ago === null ? "annan" : String(event.ago), (value) => {
      event.ago = value === "annan" ? null : Number(value);
      by("other-time").hidden = event.ago !== null;
      if (event.ago === null) takeOtherTime(); else showTime();
    });
    by("other-time").hidden = event.ago !== null;
    showTime();
  }
  function momentOf(one) {
    if (one.ago === null) return { day: one.day, hour: one.hour };
    const moment = new Date((one.begun || Date.now()) - one.ago * 60 * MINUTE);
    return { day: dayOf(moment), hour: moment.getHours() };
  }
  function takeOtherTime() {
    Object.assign(event, { day: by("day").value, hour: Number(by("hour").value) });
    showTime();
  }
  function showTime() {
    wrong("day", "");
    const { day, hour } = momentOf(event);
    by("chosen-time").textContent = day && hour >= 0 ? `${told(day)}, kl. ${two(hour)}` : "";
  }
  by("hour").replaceChildren(...Array.from({ length: 24 }, (_, hour) => Object.assign(document.createElement("option"), { value: hour, textContent: `${two(hour)}–${two((hour + 1) % 24)}` })));
  const now = new Date();
  by("day").value = dayOf(now);
  by("day").max = dayOf(now);
  by("day").min = dayOf(new Date(now - data.oldest * 24 * 60 * MINUTE));
  by("hour").value = now.getHours();
  by("day").addEventListener("input", takeOtherTime);
  by("hour").addEventListener("input", takeOtherTime);

  // --- words ---
  by("text").maxLength = data.longest;
  by("text").addEventListener("input", () => { event.text = by("text").value; wrong("text", ""); });

  // --- several in one report ---
  function complete() {
    let whole = true;
    const need = (good, field, text) => { if (!good) { wrong(field, text); if (whole) by(`wrong-${field}`).closest("fieldset").querySelector("input, button").focus(); whole = false; } };
    need(event.kind, "kind", "Välj vad som har hänt.");
    need(event.latitude !== null || event.place, "place", "Välj en plats.");
    need(event.latitude !== null || !event.place || exact(event.place), "place", "Platsen finns inte i listan. Välj en i listan eller peka på kartan.");
    need(event.ago !== null || (event.day && event.hour >= 0), "day", "Ange dag och klockslag.");
    need(event.severity, "severity", "Välj hur allvarligt det är.");
    return whole;
  }
  const taken = () => ({ ...event, ...momentOf(event), id: newId() });
  const shortly = (one) => `${one.kind}, ${one.place || "märkt på kartan"}, ${told(one.day)} kl. ${two(one.hour)}`;
  function list(where, items, remove) {
    by(where).replaceChildren(...items.map((one, n) => {
      const item = Object.assign(document.createElement("li"), { textContent: `${shortly(one)} ` });
      if (remove) {
        const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Ta bort" });
        button.addEventListener("click", () => remove(n));
        item.append(button);
      }
      return item;
    }));
  }
  function showAdded() {
    by("more").hidden = !added.length;
    list("added", added, (n) => { added.splice(n, 1); showAdded(); });
    const several = added.length + (event.kind ? 1 : 0);
    by("form").querySelector(".send").textContent = added.length ? `Skicka ${several} ${several === 1 ? "händelse" : "händelser"}` : "Skicka";
  }
  by("another").addEventListener("click", () => {
    if (!complete()) return;
    added.push(taken());
    // The next one is often at the same place and time.
    Object.assign(event, { kind: "", severity: 0, text: "" });
    by("text").value = "";
    kinds(); severities(); showAdded();
    by("kinds").querySelector("input").focus();
  });

  // --- sending: first on the phone, then to the server, and off the phone when it says that it is kept ---
  by("form").addEventListener("submit", (press) => {
    press.preventDefault();
    const blank = !event.kind && !event.severity && added.length;
    if (!blank && !complete()) return;
    const report = blank ? added : [...added, taken()];
    const names = report.map((one) => one.place).filter(Boolean);
    if (!keep(KEPT, [...read(KEPT), ...report])) {
      tell("Telefonen kan inte spara rapporten. Låt sidan vara öppen tills den är skickad.");
    }
    keep(RECENT, [...new Set([...names, ...read(RECENT)])].slice(0, 6));
    added = [];
    event = fresh();
    by("text").value = ""; by("place").value = "";
    draw();
    send(report);
  });

  let sending = false;
  async function send(also = []) {
    if (sending) return;
    const held = read(KEPT).filter((one) => !one.asked);
    const queue = held.length ? held : also;
    showQueue();
    if (!queue.length) return;
    sending = true;
    tell("Skickar ...");
    try {
      const answer = await fetch(`${base}/signaler`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(queue.slice(0, 50)) });
      if (answer.status === 404) { tell("Länken gäller inte längre. Be samordnaren om en ny. Rapporten ligger kvar i telefonen."); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      take(await answer.json());
    } catch {
      tell("Ingen kontakt. Rapporten är sparad i telefonen och skickas senare.");
    } finally {
      sending = false;
      showQueue();
    }
  }
  function take(replies) {
    const of = new Map(replies.map((reply) => [reply.id, reply]));
    const kept = replies.filter((reply) => reply.outcome === "kept").length;
    // Read again: more may have been added while it was on its way.
    keep(KEPT, read(KEPT).filter((one) => of.get(one.id)?.outcome !== "kept").map((one) => (of.has(one.id) ? { ...one, asked: of.get(one.id) } : one)));
    tell(kept ? (kept === 1 ? "Tack! Rapporten är mottagen." : `Tack! ${kept} händelser är mottagna.`) : "");
    if (kept) mine();
    ask();
    if (read(KEPT).some((one) => !one.asked)) setTimeout(send, 0);
  }

  // --- what the server asked about, or refused ---
  function ask() {
    const asked = read(KEPT).filter((one) => one.asked);
    by("questions").replaceChildren(...asked.map((one) => {
      const box = document.createElement("div");
      const say = (text) => box.append(Object.assign(document.createElement("p"), { textContent: text }));
      const offer = (text, action) => {
        const button = Object.assign(document.createElement("button"), { type: "button", textContent: text, className: "wide" });
        button.addEventListener("click", action);
        box.append(button);
      };
      say(`${shortly(one)}: ${one.asked.message}`);
      if (one.asked.field === "text") {
        say(`Utan det: ${one.asked.text}`);
        offer("Skicka så", () => answerTo(one.id, { text: one.asked.text, asked: null }));
        if (one.asked.outcome === "asked") offer("Det är ingen person, skicka som jag skrev", () => answerTo(one.id, { no_person: [...(one.no_person || []), ...one.asked.words], asked: null }));
        offer("Skicka utan text", () => answerTo(one.id, { text: "", asked: null }));
      } else {
        offer("Ändra", () => { change(one); });
      }
      offer("Ta bort rapporten", () => { keep(KEPT, read(KEPT).filter((other) => other.id !== one.id)); ask(); showQueue(); });
      return box;
    }));
    if (asked.length) by("questions").scrollIntoView({ block: "nearest" });
  }
  function answerTo(id, changed) {
    keep(KEPT, read(KEPT).map((one) => (one.id === id ? { ...one, ...changed } : one)));
    ask();
    send();
  }
  function change(one) {
    keep(KEPT, read(KEPT).filter((other) => other.id !== one.id));
    const { asked, id, ...rest } = one;
    event = { ...fresh(), ...rest, ago: null };
    by("text").value = event.text; by("place").value = event.place; by("day").value = event.day; by("hour").value = event.hour;
    draw(); ask(); showQueue();
    wrong(asked.field, asked.message);
    by("form").scrollIntoView();
  }
  function showQueue() {
    const waiting = read(KEPT).filter((one) => !one.asked);
    by("waiting").hidden = !waiting.length || sending;
    list("queue", waiting);
  }

  // --- what became of the own ones ---
  async function mine() {
    const say = (text) => by("mine").replaceChildren(Object.assign(document.createElement("li"), { textContent: text }));
    try {
      const answer = await fetch(`${base}/mina`);
      if (!answer.ok) throw new Error(String(answer.status));
      const found = await answer.json();
      if (!found.length) { say("Inga än."); return; }
      by("mine").replaceChildren(...found.map((one) => Object.assign(document.createElement("li"), {
        textContent: `${one.what}, ${one.where}, ${one.when}. ${one.outcome ? `Det ledde till: ${one.outcome}` : "Mottagen."}`,
      })));
    } catch {
      say("Visas när telefonen har kontakt.");
    }
  }

  function draw() {
    for (const field of ["kind", "place", "day", "severity", "text"]) wrong(field, "");
    kinds(); placeChips(); times(); severities(); showPlace(); showAdded();
  }
  by("all-places").replaceChildren(...data.places.map((place) => Object.assign(document.createElement("option"), { value: place.name })));
  draw();
  ask();
  send();
  mine();
  addEventListener("online", () => send());
  setInterval(() => { if (read(KEPT).some((one) => !one.asked)) send(); }, MINUTE / 2);
  if ("serviceWorker" in navigator) {
    // The worker came after this page: it is kept here, the first time.
    navigator.serviceWorker.register("fil/worker.js", { scope: "./" })
      .then(() => caches.open("lagesbild-rapportera-1")).then((kept) => kept.add(base)).catch(() => {});
  }
})();
