// Keeps the page and its files on the phone, so that it opens without a connection; what is asked of the server as
// data (own reports, sending) always goes to the server.
"use strict";
const KEPT = "lagesbild-rapportera-1";

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(KEPT).then((kept) => kept.addAll(["phone.css", "phone.js"])).then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith("lagesbild-rapportera") && name !== KEPT).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const path = new URL(request.url).pathname;
  if (request.method !== "GET" || path.endsWith("/mina")) return;
  event.respondWith(
    fetch(request)
      .then((answer) => {
        const copy = answer.clone();
        // A link that no longer works is forgotten here too.
        event.waitUntil(caches.open(KEPT).then((kept) => (answer.ok ? kept.put(request, copy) : answer.status === 404 ? kept.delete(request) : undefined)));
        return answer;
      })
      .catch(() => caches.match(request).then((found) => found || Response.error())),
  );
});
