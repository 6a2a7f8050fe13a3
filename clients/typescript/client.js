// Code generated from the OpenAPI description of the broker; DO NOT EDIT.

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

  /** Wrap everything under the current key; jobs do it by themselves too. */
  rewrap() {
    return this.request("POST", `/v1/admin/rewrap`);
  }

  /** Make a new key the current one and wrap everything under it. */
  rotate() {
    return this.request("POST", `/v1/admin/rotate`);
  }

  /** List who did what, the newest first. */
  listAudit(query = {}) {
    return this.request("GET", `/v1/audit`, { query });
  }

  /** Every item of every page of listAudit, from query.after on. */
  allAudit(query = {}) {
    return pages((q) => this.listAudit(q), query, (page) => [page, page.at(-1)?.id]);
  }

  /** List connections, the newest first. */
  listConnections(query = {}) {
    return this.request("GET", `/v1/connections`, { query });
  }

  /** Every item of every page of listConnections, from query.after on. */
  allConnections(query = {}) {
    return pages((q) => this.listConnections(q), query, (page) => [page.connections, page.next]);
  }

  /** Keep a connection that was made elsewhere, after a test. */
  importConnection(body) {
    return this.request("POST", `/v1/connections`, { body });
  }

  /** Forget a connection, after its token was revoked by the call "revoke" of the spec, if it has one. */
  deleteConnection(id) {
    return this.request("DELETE", `/v1/connections/${encodeURIComponent(id)}`);
  }

  /** Read a connection without its data. */
  getConnection(id) {
    return this.request("GET", `/v1/connections/${encodeURIComponent(id)}`);
  }

  /** Change the user or the tags of a connection. */
  patchConnection(id, body) {
    return this.request("PATCH", `/v1/connections/${encodeURIComponent(id)}`, { body });
  }

  /** Make a named call of the spec; the body is its input. */
  call(id, name, body) {
    return this.request("POST", `/v1/connections/${encodeURIComponent(id)}/calls/${encodeURIComponent(name)}`, { body });
  }

  /** Renew the token of a connection, which the broker does by itself before it expires. */
  renewConnection(id) {
    return this.request("POST", `/v1/connections/${encodeURIComponent(id)}/renew`);
  }

  /** Read a connection with its secrets; the audit remembers it. */
  revealConnection(id) {
    return this.request("POST", `/v1/connections/${encodeURIComponent(id)}/reveal`);
  }

  /** Sign a request that the caller sends itself. */
  sign(id, body) {
    return this.request("POST", `/v1/connections/${encodeURIComponent(id)}/sign`, { body });
  }

  /** Find out whether a connection works. */
  testConnection(id) {
    return this.request("POST", `/v1/connections/${encodeURIComponent(id)}/test`);
  }

  /** List events behind one, the oldest first; none is missed. */
  listEvents(query = {}) {
    return this.request("GET", `/v1/events`, { query });
  }

  /** Every item of every page of listEvents, from query.after on. */
  allEvents(query = {}) {
    return pages((q) => this.listEvents(q), query, (page) => [page, page.at(-1)?.id]);
  }

  /** List logs of operations, the newest first. */
  listFlows(query = {}) {
    return this.request("GET", `/v1/flows`, { query });
  }

  /** Every item of every page of listFlows, from query.after on. */
  allFlows(query = {}) {
    return pages((q) => this.listFlows(q), query, (page) => [page, page.at(-1)?.id]);
  }

  /** Read the log of an operation with its steps. */
  getFlow(id) {
    return this.request("GET", `/v1/flows/${encodeURIComponent(id)}`);
  }

  /** List the API keys of the space. */
  listKeys() {
    return this.request("GET", `/v1/keys`);
  }

  /** Make an API key; what it may do is at most what the caller may. */
  createKey(body) {
    return this.request("POST", `/v1/keys`, { body });
  }

  /** Revoke an API key. */
  revokeKey(id) {
    return this.request("DELETE", `/v1/keys/${encodeURIComponent(id)}`);
  }

  /** Make a link that a user connects by, or connects again. */
  createSession(body) {
    return this.request("POST", `/v1/sessions`, { body });
  }

  /** Read where a session stands. */
  getSession(id) {
    return this.request("GET", `/v1/sessions/${encodeURIComponent(id)}`);
  }

  /** List the keys that sign plans of the space, the current one first. */
  listSigningKeys() {
    return this.request("GET", `/v1/signing-keys`);
  }

  /** Make a new key the current one; the others sign what asks for them by id until they are retired. */
  createSigningKey() {
    return this.request("POST", `/v1/signing-keys`);
  }

  /** Forget a signing key that is not the current one. */
  retireSigningKey(id) {
    return this.request("DELETE", `/v1/signing-keys/${encodeURIComponent(id)}`);
  }

  /** List specs. */
  listSpecs(query = {}) {
    return this.request("GET", `/v1/specs`, { query });
  }

  /** Every item of every page of listSpecs, from query.after on. */
  allSpecs(query = {}) {
    return pages((q) => this.listSpecs(q), query, (page) => [page, page.at(-1)?.name]);
  }

  /** Delete a spec without connections. */
  deleteSpec(name) {
    return this.request("DELETE", `/v1/specs/${encodeURIComponent(name)}`);
  }

  /** Read a spec. */
  getSpec(name) {
    return this.request("GET", `/v1/specs/${encodeURIComponent(name)}`);
  }

  /** Compile files and make them the next version of a spec; with "Accept: application/sarif+json" the answer is a SARIF log. */
  putSpec(name, body) {
    return this.request("PUT", `/v1/specs/${encodeURIComponent(name)}`, { body });
  }

  /** Download the compiled plan of a spec, for a host that runs it without this broker; its ETag is the SHA-256 of the file, which for a plan alone is its hash. */
  getPlan(name, query = {}) {
    return this.request("GET", `/v1/specs/${encodeURIComponent(name)}/plan`, { query, binary: true });
  }

  /** Replace the values that belong to the spec, such as the consumer key and secret; they cannot be read again. */
  putSettings(name, body) {
    return this.request("PUT", `/v1/specs/${encodeURIComponent(name)}/settings`, { body });
  }

  /** Move connections of older versions to the current one, those that pass a test under it. */
  upgrade(name, query = {}) {
    return this.request("POST", `/v1/specs/${encodeURIComponent(name)}/upgrade`, { query });
  }

  /** Read a version of a spec with its files. */
  getVersion(name, version) {
    return this.request("GET", `/v1/specs/${encodeURIComponent(name)}/versions/${encodeURIComponent(version)}`);
  }

  /** Make a version the current one: a rollback. */
  useVersion(name, version) {
    return this.request("POST", `/v1/specs/${encodeURIComponent(name)}/versions/${encodeURIComponent(version)}/use`);
  }

  /** List tenants. */
  listTenants() {
    return this.request("GET", `/v1/tenants`);
  }

  /** Make a tenant. */
  createTenant(body) {
    return this.request("POST", `/v1/tenants`, { body });
  }

  /** Change the quota and the hosts of a tenant, and add environments; none can be taken away. */
  putTenant(name, body) {
    return this.request("PUT", `/v1/tenants/${encodeURIComponent(name)}`, { body });
  }

  /** List webhooks. */
  listWebhooks() {
    return this.request("GET", `/v1/webhooks`);
  }

  /** Have an address told of events. */
  createWebhook(body) {
    return this.request("POST", `/v1/webhooks`, { body });
  }

  /** Tell an address no more. */
  deleteWebhook(id) {
    return this.request("DELETE", `/v1/webhooks/${encodeURIComponent(id)}`);
  }

  /** List what was sent to a webhook, the newest first. */
  listDeliveries(id, query = {}) {
    return this.request("GET", `/v1/webhooks/${encodeURIComponent(id)}/deliveries`, { query });
  }

  /** Send an event to a webhook again. */
  replayDelivery(id, event) {
    return this.request("POST", `/v1/webhooks/${encodeURIComponent(id)}/deliveries/${encodeURIComponent(event)}/replay`);
  }

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
