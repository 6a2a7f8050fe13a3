// What the scripts of a connector see beside their arguments: RestApiClient, and apiClient in a test.
(() => {
  globalThis.RestApiClient = function (options) { return options; };
  globalThis.require = (name) => {
    throw new Error("cannot find module '" + name + "': a script has nothing to load");
  };
  const call = (method) => (uri, options) => {
    const o = options || {};
    const answer = host.request({
      method, url: String(uri), query: o.query || o.params, headers: o.headers, body: o.data === undefined ? o.body : o.data,
      bodyType: (o.data === undefined ? o.body : o.data) === undefined ? "" : "json", connection: true,
    });
    if (answer.failure) {
      const e = host.failure(answer.failure.type, answer.failure.code, answer.failure.message);
      e.status = answer.status;
      e.data = answer.data;
      throw e;
    }
    return answer.data;
  };
  const client = {};
  for (const method of ["get", "post", "put", "patch", "delete"]) {
    const send = call(method.toUpperCase());
    client[method] = async (uri, options) => method === "get" || method === "delete" ? send(uri, options) : send(uri, normal(options));
  }
  // post(uri, data) is as good as post(uri, {data}).
  const normal = (options) => options !== null && typeof options === "object" && ("data" in options || "query" in options || "headers" in options)
    ? options : { data: options };
  globalThis.withClient = (hook) => (input) => hook({ ...input, apiClient: client });
})();
