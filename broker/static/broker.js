// Tells the page that opened this window that the connection was made, and asks before something is lost.
const done = document.getElementById("connected");
if (done && done.dataset.origin && window.opener) {
  window.opener.postMessage({ type: "imlc.connected", session: done.dataset.session, connection: done.dataset.connection }, done.dataset.origin);
  window.close();
}
for (const button of document.querySelectorAll("[data-confirm]")) {
  button.addEventListener("click", (event) => { if (!confirm(button.dataset.confirm)) event.preventDefault(); });
}
