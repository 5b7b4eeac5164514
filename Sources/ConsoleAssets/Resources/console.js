// What is nicer with scripts: copying, and pages that follow along. Every page works without this file.
"use strict";
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy).textContent.trim();
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Select the text and copy it";
    }
  });
}
// A second press of a button must not send its form twice.
for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", () => {
    if (form.dataset.again !== undefined) return;
    setTimeout(() => { for (const button of form.querySelectorAll("button")) button.disabled = true; }, 0);
  });
}
// A page came back from the browser's memory: what it shows may be old, and a token on it must not be shown again.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
const live = document.querySelector("[data-events]");
if (live && "EventSource" in window) {
  const source = new EventSource(live.dataset.events);
  source.addEventListener("lines", (event) => {
    const content = JSON.parse(event.data);
    for (const [id, text] of Object.entries(content.texts ?? {})) {
      const element = document.getElementById(id);
      if (element && element.textContent !== text) element.textContent = text;
    }
    const bar = document.getElementById("bar");
    if (bar && content.done !== undefined) bar.value = content.done;
  });
  // The page as it is now, whose live parts take the place of those that are shown. XMLHttpRequest reads HTML without any
  // sink for scripts, and what has not changed stays, so that nobody loses their place.
  source.addEventListener("news", () => {
    const request = new XMLHttpRequest();
    request.open("GET", location.href);
    request.responseType = "document";
    request.addEventListener("load", () => {
      if (request.status !== 200 || !request.response) return;
      for (const part of document.querySelectorAll("[data-live]")) {
        const fresh = request.response.getElementById(part.id);
        if (!fresh || fresh.isEqualNode(part)) continue;
        part.replaceChildren(...document.importNode(fresh, true).childNodes);
      }
    });
    request.send();
  });
  source.addEventListener("changed", () => location.reload());
  // Refused for good: the session has ended, or what was followed is gone. The page itself says which.
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 2000);
  });
}
