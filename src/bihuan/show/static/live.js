// Says whether what a page shows is alive: the stream has broken, or stands again. Each message brings the whole state.
"use strict";

(() => {
  const say = (broken) => {
    for (const one of document.querySelectorAll("[data-live-good]")) one.hidden = broken;
    for (const one of document.querySelectorAll("[data-live-bad]")) one.hidden = !broken;
  };
  for (const name of ["htmx:sse:error", "htmx:error", "stale"]) document.addEventListener(name, (event) => event.target.closest?.("#live") && say(true));
  document.addEventListener("htmx:sse:after:message", () => say(false));
  addEventListener("offline", () => say(true));
})();
