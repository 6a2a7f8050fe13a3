// For pages that have their users connect something, in a window of its own:
//
//   <script src="https://connect.example.com/static/connect.js"></script>
//   const result = await imlcConnect(url)
//
// url is that of a session that was made with the origin of this page. The window must be opened by a click. result has
// type "connected" (with session and connection), "failed" (with session and code), or "closed": the user closed the
// window, or the service cut it off from this page; what became of the session, GET /v1/sessions/ID says in any case.
// A program that grants something trusts that answer, and not this one.
window.imlcConnect = (url, { name = "imlc", width = 520, height = 720, poll = 500 } = {}) => new Promise((resolve, reject) => {
  const broker = new URL(url).origin;
  const left = Math.max(0, Math.round(window.screenX + (window.outerWidth - width) / 2));
  const top = Math.max(0, Math.round(window.screenY + (window.outerHeight - height) / 2));
  const opened = window.open(url, name, `popup,width=${width},height=${height},left=${left},top=${top}`);
  if (!opened) {
    reject(new Error("the browser did not open a window"));
    return;
  }
  let failure;
  const end = (result) => {
    clearInterval(timer);
    window.removeEventListener("message", listen);
    resolve(result);
  };
  const listen = (event) => {
    if (event.origin !== broker || event.source !== opened || typeof event.data?.type !== "string") return;
    const { type, session, connection, code } = event.data;
    if (type === "imlc.connected") end({ type: "connected", session, connection });
    // The user sees what went wrong, and may go on in the same window.
    if (type === "imlc.failed") failure = { type: "failed", session, code };
  };
  window.addEventListener("message", listen);
  // A window that closes itself has sent its message before, which may still be on its way.
  let patience = 1 + 500 / poll;
  const timer = setInterval(() => { if (opened.closed && --patience < 0) end(failure || { type: "closed" }); }, poll);
});
