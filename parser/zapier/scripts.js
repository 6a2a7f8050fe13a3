// What the functions of an app see beside their arguments: z, process.env, and require of querystring; and what turns
// requests and answers of the engine into those of the platform and back.
(() => {
  const encode = (v) => encodeURIComponent(v).replace(/[!'()*]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());
  const text = (v) => v === undefined || v === null ? "" : typeof v === "object" ? "" : String(v);
  const querystring = {
    escape: encode,
    unescape: (s) => { try { return decodeURIComponent(s); } catch (e) { return s; } },
    stringify: (o, sep, eq) => {
      const pairs = [];
      for (const k of Object.keys(o || {})) for (const v of Array.isArray(o[k]) ? o[k] : [o[k]]) pairs.push(encode(k) + (eq || "=") + encode(text(v)));
      return pairs.join(sep || "&");
    },
    parse: (s, sep, eq) => {
      const out = {};
      for (const pair of String(s || "").split(sep || "&")) {
        if (pair === "") continue;
        const at = pair.indexOf(eq || "=");
        const name = (part) => querystring.unescape(part.split("+").join(" "));
        const k = name(at < 0 ? pair : pair.slice(0, at)), v = at < 0 ? "" : name(pair.slice(at + 1));
        if (Object.prototype.hasOwnProperty.call(out, k)) out[k] = [].concat(out[k], v);
        else out[k] = v;
      }
      return out;
    },
  };
  querystring.encode = querystring.stringify;
  querystring.decode = querystring.parse;
  globalThis.require = (name) => {
    if (name === "querystring") return querystring;
    throw new Error("cannot find module '" + name + "': only querystring is there");
  };
  globalThis.querystring = querystring;
  const fail = (type, code, message) => host.failure(type, code || "", String(message));
  const errors = {
    Error: function (message, code) { return fail("RuntimeError", "", message); },
    HaltedError: function (message) { return fail("RuntimeError", "", message); },
    ExpiredAuthError: function (message) { return fail("InvalidAccessTokenError", "", message); },
    RefreshAuthError: function (message) { return fail("InvalidAccessTokenError", "", message || "the credentials have to be renewed"); },
    ThrottledError: function (message) { return fail("RateLimitError", "", message); },
    ResponseError: function (r) { return fail("RuntimeError", "", "[" + r.status + "] " + r.content); },
  };
  const parsed = (s) => { try { return JSON.parse(s); } catch (e) { throw new Error("Error parsing response. We got: \"" + String(s).slice(0, 100) + "\""); } };
  // The names of the platform, and those of an oauth directive.
  const names = { oauth_consumer_key: "consumer_key", oauth_consumer_secret: "consumer_secret", oauth_token: "token", oauth_token_secret: "token_secret",
    oauth_verifier: "verifier", oauth_callback: "callback", oauth_signature_method: "signature_method", oauth_version: "version", realm: "realm" };
  const credentials = (auth) => {
    if (auth === null || typeof auth !== "object" || Object.keys(auth).length === 0) return undefined;
    const out = { extra: {} }, rsa = /^RSA/.test(auth.oauth_signature_method || "");
    for (const k of Object.keys(auth)) {
      if (auth[k] === undefined || auth[k] === null) continue;
      const name = rsa && k === "oauth_consumer_secret" ? "private_key" : names[k];
      if (name === undefined) out.extra[k] = auth[k];
      else out[name] = auth[k];
    }
    return out;
  };
  const header = (headers, name) => {
    for (const k of Object.keys(headers || {})) if (k.toLowerCase() === name) return headers[k];
    return undefined;
  };
  const withQuery = (url, params) => {
    const q = querystring.stringify(params);
    return q === "" ? url : url + (url.includes("?") ? "&" : "?") + q;
  };
  const response = (answer, request) => {
    const r = { status: answer.status, headers: answer.headers || {}, content: answer.text, request, skipThrowForStatus: request.skipThrowForStatus === true,
      getHeader: (name) => header(answer.headers, String(name).toLowerCase()),
      throwForStatus: () => { if (r.status >= 400) throw status(r); } };
    try { r.json = r.data = JSON.parse(answer.text); } catch (e) {
      r.json = undefined;
      if (/^application\/x-www-form-urlencoded/.test(r.getHeader("content-type") || "")) r.data = querystring.parse(answer.text);
    }
    return r;
  };
  const status = (r) => {
    const type = r.status === 401 ? "InvalidAccessTokenError" : r.status === 429 ? "RateLimitError" : r.status >= 500 ? "ConnectionError" : "RuntimeError";
    return fail(type, "", "[" + r.status + "] " + String(r.content || "").slice(0, 200));
  };
  const make = (app, bundle) => {
    const z = {
      JSON: { parse: parsed, stringify: JSON.stringify }, errors,
      console: { log: (...a) => note("log", a), warn: (...a) => note("warn", a), error: (...a) => note("error", a) },
      request: async (first, second) => {
        let req = typeof first === "string" ? { ...(second || {}), url: first } : { ...first };
        req.method = String(req.method || "GET").toUpperCase();
        req.headers = { ...(app.template.headers || {}), ...(req.headers || {}) };
        req.params = { ...(app.template.params || {}), ...(req.params || {}) };
        if (req.form !== undefined && req.body === undefined) { req.body = req.form; req.headers["Content-Type"] = "application/x-www-form-urlencoded"; }
        if (req.json !== undefined && req.body === undefined && typeof req.json === "object") req.body = req.json;
        for (const f of app.before) req = (await f(req, z, bundle)) || req;
        let r = response(host.request({ method: req.method, url: withQuery(req.url, req.params), headers: req.headers,
          body: req.body, oauth: credentials(req.auth) }), req);
        for (const f of app.after) r = (await f(r, z, bundle)) || r;
        if (!r.skipThrowForStatus) r.throwForStatus();
        return r;
      },
    };
    return z;
  };
  const note = (level, parts) => { if (typeof console !== "undefined") console[level](...parts); };
  const bundleOf = (input) => ({ inputData: input.inputData || {}, inputDataRaw: input.inputData || {}, authData: input.authData || {}, meta: {}, subscribeData: {} });
  const app = { before: [], after: [], template: {} };
  const begin = (input) => {
    globalThis.process = { env: { ...(input.env || {}) } };
    app.template = input.template || {};
    return bundleOf(input);
  };
  const optional = (name) => typeof globalThis[name] === "function" ? [globalThis[name]] : [];
  globalThis.platform = {
    // step calls a function that stands in the place of a request, with beforeRequest and afterResponse around its own.
    step: (hook) => async (input) => {
      for (let i = 0; i < 50; i++) { app.before.push(...optional("before" + i)); app.after.push(...optional("after" + i)); }
      const bundle = begin(input);
      return hook(make(app, bundle), bundle);
    },
    // before calls the functions of beforeRequest with a request of the engine.
    before: async (input) => {
      const bundle = begin(input), z = make(app, bundle), [url, query] = cut(input.request.url);
      let req = { method: input.request.method, url, headers: { ...input.request.headers }, params: querystring.parse(query), body: input.request.body, auth: {} };
      for (let i = 0; i < 50; i++) for (const f of optional("before" + i)) req = (await f(req, z, bundle)) || req;
      return { method: req.method, url: withQuery(req.url, req.params), headers: req.headers, body: req.body };
    },
    // after calls the functions of afterResponse with an answer of the engine.
    after: async (input) => {
      const bundle = begin(input), z = make(app, bundle);
      const content = typeof input.body === "string" ? input.body : JSON.stringify(input.body === undefined ? null : input.body);
      let r = response({ status: input.status, headers: input.headers, text: content }, {});
      r.data = input.body;
      for (let i = 0; i < 50; i++) for (const f of optional("after" + i)) r = (await f(r, z, bundle)) || r;
      return { status: r.status, body: r.data !== input.body ? r.data : r.content !== content ? decoded(r.content) : input.body };
    },
    // pre and post call a hook of the scripting object.
    pre: (name) => (input) => {
      const bundle = legacy(input), [url, query] = cut(input.request.url), body = input.request.body;
      const data = body === undefined || body === null ? "" : typeof body === "string" ? body : JSON.stringify(body);
      bundle.request = { method: input.request.method, url, headers: { ...input.request.headers }, params: querystring.parse(query), data };
      const given = hookOf(name)(bundle);
      const req = given === undefined ? bundle.request : given;
      return { method: req.method, url: withQuery(req.url, req.params), headers: req.headers, body: req.data === data ? body : decoded(req.data, true) };
    },
    post: (name) => (input) => {
      const bundle = legacy(input), body = input.body;
      const content = typeof body === "string" ? body : JSON.stringify(body === undefined ? null : body);
      bundle.response = { status_code: input.status, headers: input.headers || {}, content };
      bundle.request = {};
      const given = hookOf(name)(bundle);
      return { body: given === undefined ? body : given };
    },
  };
  const cut = (url) => { const at = url.indexOf("?"); return at < 0 ? [url, ""] : [url.slice(0, at), url.slice(at + 1)]; };
  const decoded = (s, whole) => { if (whole || typeof s !== "string") return s; try { return JSON.parse(s); } catch (e) { return s; } };
  const legacy = (input) => {
    begin(input);
    globalThis.z = { JSON: { parse: parsed, stringify: JSON.stringify } };
    const fields = input.inputData || {};
    return { auth_fields: input.authData || {}, trigger_fields: fields, action_fields: fields, search_fields: fields, action_fields_raw: fields, zap: {}, meta: {} };
  };
  const hookOf = (name) => {
    if (typeof Zap === "undefined" || Zap === null || typeof Zap[name] !== "function") throw new Error("the script has no Zap." + name);
    return (bundle) => Zap[name](bundle);
  };
})();
