/** An error of the broker (RFC 9457), or, without a code, of the way to it. */
export class Problem extends Error {
  title: string;
  status: number;
  /** What happened, for people. */
  detail?: string;
  /** What happened, for programs. */
  code?: string;
  /** Who can do something about it: user, spec, provider, network, host or limit. */
  class?: string;
  retryable?: boolean;
  /** Seconds. */
  retryAfter?: number;
  help?: string;
  fields?: FieldProblem[];
  provider?: string;
  providerStatus?: number;
}

export interface Options {
  /** An API key, imlc_…. */
  key?: string;
  /** tenant/environment, for a key with the scope admin. */
  space?: string;
  /** What sends requests; the global fetch otherwise. */
  fetch?: typeof globalThis.fetch;
}

/** A client of a broker. */
export class Client {
  constructor(url: string, options?: Options);
  /** Makes a request of the API. The operations below do it by their names. */
  request(method: string, path: string, options?: { query?: Record<string, unknown>; body?: unknown; binary?: boolean }): Promise<any>;
  /**
   * Sends a request by a connection; the broker signs it. target is behind the base URL of the spec, or a whole URL. What
   * the service answers comes back as it is, whatever its status; an error of the broker is thrown as a Problem.
   */
  fetch(connection: string, target: string, init?: RequestInit): Promise<Response>;
  // operations
}
