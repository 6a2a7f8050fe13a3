/** An error of the broker (RFC 9457), or, without a code, of the way to it. */
export class Problem extends Error {
  constructor(fields) {
    super(fields.detail || fields.title || `status ${fields.status}`);
    this.name = "Problem";
    Object.assign(this, fields);
  }
}

/** Goes through pages until one names no next one. */
async function* pages(get, query, take) {
  let after = query.after;
  for (;;) {
    const [items, next] = take(await get({ ...query, after }));
    yield* items;
    if (!next || items.length === 0) return;
    after = next;
  }
}

/** A client of a broker. */
export class Client {
  #url;
  #key;
  #fetch;
  #space;

  constructor(url, { key, space, fetch = globalThis.fetch } = {}) {
    this.#url = url.replace(/\/+$/, "");
    this.#key = key;
    this.#space = space;
    this.#fetch = fetch;
  }

  #headers(given) {
    const headers = new Headers(given);
    if (this.#key) headers.set("Authorization", `Bearer ${this.#key}`);
    if (this.#space) headers.set("Imlc-Space", this.#space);
    return headers;
  }

  /** Makes a request of the API. The operations below do it by their names. */
  async request(method, path, { query = {}, body, binary = false } = {}) {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      for (const one of Array.isArray(value) ? value : [value]) {
        if (one !== undefined && one !== null && one !== "") search.append(name, String(one));
      }
    }
    const init = { method, headers: this.#headers() };
    if (body !== undefined) {
      init.headers.set("Content-Type", "application/json");
      init.body = JSON.stringify(body);
    }
    const response = await this.#fetch(this.#url + path + (search.size > 0 ? `?${search}` : ""), init);
    if (!response.ok) throw await problemOf(response);
    if (binary) return new Uint8Array(await response.arrayBuffer());
    return response.status === 204 ? undefined : response.json();
  }

  /**
   * Sends a request by a connection; the broker signs it. target is behind the base URL of the spec, or a whole URL. What
   * the service answers comes back as it is, whatever its status; an error of the broker is thrown as a Problem.
   */
  async fetch(connection, target, init = {}) {
    const headers = this.#headers(init.headers);
    let path = "";
    if (/^https?:/i.test(target)) headers.set("Imlc-Url", target);
    else path = target.replace(/^\/+/, "");
    const response = await this.#fetch(`${this.#url}/v1/connections/${encodeURIComponent(connection)}/proxy/${path}`, { redirect: "manual", ...init, headers });
    if (response.headers.has("Imlc-Problem")) throw await problemOf(response);
    return response;
  }

  // operations
}

/** Reads the problem of an answer. */
async function problemOf(response) {
  const text = await response.text();
  try {
    return new Problem({ status: response.status, ...JSON.parse(text) });
  } catch {
    return new Problem({ status: response.status, title: response.statusText, detail: text.slice(0, 500) });
  }
}
