// What the pages do beyond HTML; without it everything works too, but for windows that tell who opened them.

// Tells the page that opened this window how the connection ended, and only the origin that the session was made for.
const outcome = document.querySelector("[data-message]");
if (outcome && outcome.dataset.origin && window.opener) {
  const { message, session, connection, code, origin } = outcome.dataset;
  window.opener.postMessage({ type: message, session, connection, code }, origin);
  if (message === "imlc.connected") window.close();
}

// Asks before something is lost.
for (const button of document.querySelectorAll("[data-confirm]")) {
  button.addEventListener("click", (event) => { if (!confirm(button.dataset.confirm)) event.preventDefault(); });
}

// Shows what belongs to an option only while the option is chosen.
for (const part of document.querySelectorAll("[data-under]")) {
  const controls = [...document.getElementsByName(part.dataset.under)];
  const chosen = () => controls.some((c) => c.value === part.dataset.option && (c.type !== "checkbox" || c.checked));
  const update = () => { part.hidden = !chosen(); };
  for (const c of controls) c.addEventListener("change", update);
  update();
}

// Leads to the first wrong field, or to what went wrong.
const wrong = document.querySelector("[aria-invalid=true]");
if (wrong) wrong.focus();
