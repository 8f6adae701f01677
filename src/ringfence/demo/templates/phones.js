// Fetches how the phones stand, and changes only those that changed; the page works without it.
"use strict";
const PLACE = "/demo/phones";
const EVERY = 1500;
const PART = { headers: { "X-Part": "phones" }, cache: "no-store" };

// What a person cannot see is said: a phone that begins to ring, what became of it, and a text that came.
function tell(before, after) {
  const name = after.querySelector("h2").textContent;
  const has = (phone, what) => phone !== null && (phone.matches(what) || phone.querySelector(what) !== null);
  if (has(after, ".rings") && !has(before, ".rings")) return `${name}: the phone rings.`;
  if (has(before, ".rings") && has(after, ".live")) return `${name}: the call was answered.`;
  if (has(before, ".live") && !has(after, ".live")) return `${name}: the call is over.`;
  const text = after.querySelector("li:not(.over)");
  const known = before && before.querySelector("li:not(.over)");
  return text && !(known && known.isEqualNode(text)) ? `${name}: ${text.textContent.trim()}` : "";
}

function take(html) {
  const old = document.getElementById("phones");
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("phones");
  if (!fresh) return;
  const focused = document.activeElement ? document.activeElement.id : "";
  const phone = document.activeElement ? document.activeElement.closest("section") : null;
  const ids = (node) => Array.from(node.children, (child) => child.id).join();
  const news = [];
  for (const after of Array.from(fresh.querySelectorAll("section"))) {
    const before = document.getElementById(after.id);
    if (before && before.isEqualNode(after)) continue;
    news.push(tell(before, after));
    if (before && ids(old) === ids(fresh)) before.replaceWith(document.importNode(after, true));
  }
  if (ids(old) !== ids(fresh)) old.replaceWith(document.importNode(fresh, true));
  const said = news.filter(Boolean).join(" ");
  if (said) document.getElementById("news").textContent = said;
  if (phone && !phone.isConnected) {
    const instead = document.querySelector(`[id="${phone.id}"] button`) || document.getElementById(`${phone.id}-name`);
    const again = document.getElementById(focused) || instead;
    if (again) again.focus({ preventScroll: true });
  }
}

async function look(request) {
  try {
    const answer = await fetch(PLACE, request || PART);
    if (answer.ok) take(await answer.text());
  } catch (error) {
    // The server is away for a moment: the next look will tell.
  }
}

async function keepLooking() {
  if (!document.hidden) await look();
  setTimeout(keepLooking, EVERY);
}

document.addEventListener("submit", (event) => {
  event.preventDefault();
  const body = new URLSearchParams(new FormData(event.target));
  body.set(event.submitter.name, event.submitter.value);
  look({ method: "POST", body });
});

keepLooking();
