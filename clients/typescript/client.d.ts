// Code generated from the OpenAPI description of the broker; DO NOT EDIT.

export interface Audit {
  action: string;
  actor: string;
  id?: string;
  subject?: string;
  time: string;
}

export interface Connection {
  /** When it was tested last. */
  checked?: string;
  created: string;
  /** When the user must authorise again. */
  expires?: string;
  failures?: number;
  id: string;
  label?: string;
  only?: string;
  plan: string;
  /** Why it is not ok. */
  problem?: Problem;
  /** When its token will be renewed by itself. */
  renewAt?: string;
  /** When its token was renewed last. */
  renewed?: string;
  /** The spec says how its token is renewed. */
  renews?: boolean;
  spec: string;
  /** degraded: the service does not answer as it should; needs-reconnect: the user has to authorise again. */
  status: "ok" | "degraded" | "needs-reconnect";
  tags?: Record<string, string>;
  told?: string;
  uid?: string;
  updated: string;
  user?: string;
  version: number;
}

export interface ConnectionList {
  connections: Connection[];
  /** Give it as after for the next page. */
  next?: string;
}

export interface CreateTenantRequest {
  environments?: string[];
  /** The hosts that its connections may reach: a host, *.domain, or either with :port; every host otherwise. */
  hosts?: string[];
  name: string;
  quota?: Quota;
}

export interface CreateWebhookRequest {
  events?: string[];
  url: string;
}

export interface Deleted {
  /** Why the token could not be revoked. */
  problem?: Problem;
  /** unsupported: the spec has no call named revoke, so the token lives on at the service until its user takes it back there. */
  revoked: "revoked" | "failed" | "unsupported";
}

export interface Delivery {
  attempts: number;
  event: string;
  /** What the last attempt came to. */
  last?: string;
  status: "waiting" | "delivered" | "dead";
  updated: string;
  webhook: string;
}

export interface Diagnostic {
  code: string;
  column?: number;
  file?: string;
  help?: string;
  line?: number;
  message: string;
  severity: string;
}

export interface Event {
  connection?: string;
  data?: Record<string, unknown>;
  id: string;
  time: string;
  type: string;
}

export interface FieldProblem {
  code: string;
  message: string;
  path: string;
}

export interface Flow {
  connection?: string;
  id: string;
  millis: number;
  operation: string;
  problem?: Problem;
  /** ok or failed. */
  result: string;
  session?: string;
  spec: string;
  started: string;
  steps?: FlowStep[];
}

export interface FlowStep {
  baseString?: string;
  code?: string;
  content?: string;
  kind: string;
  message?: string;
  /** After the start. */
  millis: number;
  request?: number;
  section?: string;
  status?: number;
}

export interface ImportConnectionRequest {
  /** What reveal returns. */
  connection: unknown;
  spec: string;
  tags?: Record<string, string>;
  user?: string;
}

export interface KeyAnswer {
  hint?: string;
  id: string;
  name: string;
  scopes: string[];
  /** Told once. */
  secret?: string;
  space: string;
}

export interface KeyBody {
  name: string;
  scopes: string[];
  /** tenant/environment; the caller's own otherwise. */
  space?: string;
}

export interface PatchConnectionRequest {
  tags?: Record<string, string>;
  user?: string;
}

export interface Quota {
  /** Bytes of bodies that its connections send and receive from midnight to midnight UTC, by all processes together; beyond it proxied requests and calls are refused. */
  bytesPerDay?: number;
  /** In each environment. */
  connections?: number;
  /** Requests at a time, in each process. */
  parallel?: number;
  /** Requests a minute, in each process. */
  perMinute?: number;
  /** Bytes of the files of its specs, in all environments, with all their versions. */
  specBytes?: number;
  specs?: number;
}

export interface Rehearsal {
  /** Parameters whose values were made up. */
  assumed: string[];
  legs: RehearsedLeg[];
  /** What a rehearsal cannot show, and what would show more. */
  notes: string[];
  /** refused: the provider did not accept a request; failed: it accepted every one, and the spec did not go through, which may be because answers are made up. */
  result: "ok" | "refused" | "failed";
}

export interface RehearsalBody {
  /** What the service answers in a section, or to a call by its name: JSON, or the text itself as a JSON string. In the answer of a token {oauth_token}, {oauth_token_secret} and the like stand for what the provider issues. Otherwise the provider says who its user is and what arrived. */
  answers?: Record<string, unknown>;
  /** Common data, in the words of the dialect. */
  common?: Record<string, unknown>;
  /** The input of a call by its name; others get none. */
  inputs?: Record<string, Record<string, unknown>>;
  /** The service shows users a code instead of sending their browsers back (oob). */
  outOfBand?: boolean;
  /** Values of the form; required ones that are missing are made up. */
  parameters?: Record<string, unknown>;
}

export interface RehearsedLeg {
  /** The command that explains the code of the problem. */
  explain?: string;
  /** authorize, approve, callback, test, renew, or call: and the name of a call. */
  operation: string;
  problem?: Problem;
  requests: RehearsedRequest[];
  /** skipped: a call that cannot be made without input. */
  result: "ok" | "failed" | "skipped";
  steps?: FlowStep[];
}

export interface RehearsedRequest {
  /** What the provider found, and the likely cause of a wrong signature. */
  advice?: string;
  baseString?: string;
  endpoint?: string;
  method: string;
  /** As the Problem Reporting extension names it. */
  problem?: string;
  section: string;
  status: number;
  /** Without its query. */
  url: string;
  /** unsigned: there was nothing to verify. */
  verdict: "accepted" | "refused" | "unsigned";
}

export interface Session {
  connection?: string;
  expires: string;
  id: string;
  problem?: Problem;
  spec: string;
  status: "new" | "waiting" | "done" | "failed" | "expired";
  url?: string;
  user?: string;
}

export interface SessionRequest {
  origin?: string;
  parameters?: Record<string, unknown>;
  reconnect?: string;
  redirect?: string;
  scope?: string[];
  spec: string;
  tags?: Record<string, string>;
  user?: string;
}

export interface SetAside {
  /** The limit that its operations reached last. */
  code: string;
  plan: string;
  /** When it is tried again. */
  until: string;
}

export interface SettingsBody {
  /** Common data, in the words of the dialect: environment, secrets. */
  common?: Record<string, unknown>;
  /** The service shows users a code instead of sending their browsers back (oob). */
  outOfBand?: boolean;
  /** Values of the form that users are not asked for. */
  parameters?: Record<string, unknown>;
}

export interface SignRequest {
  body?: string;
  headers?: Record<string, string>;
  method?: string;
  /** Absolute, or behind the base URL of the spec. */
  url: string;
}

export interface Signed {
  body?: string;
  headers: Record<string, string[]>;
  method: string;
  url: string;
}

export interface SigningKey {
  created: string;
  current: boolean;
  /** The beginning of the SHA-256 of the public key. */
  id: string;
  /** The ed25519 key in PEM (PKIX), as imlc run --trust reads it, for vm.Host.TrustedKeys. */
  publicKey: string;
}

export interface Spec {
  /** Of the files of all its versions. */
  bytes?: number;
  created: string;
  dialect: string;
  /** The newest version. */
  latest: number;
  name: string;
  only?: string;
  outOfBand?: boolean;
  /** Hash of the compiled plan. */
  plan: string;
  /** Versions whose operations reached limits again and again, so that this process does not use them for a while. */
  setAside?: SetAside[];
  settings: string[];
  title?: string;
  updated: string;
  version: number;
}

export interface SpecAnswer {
  /** Every problem of every file; with an error among them nothing was changed. */
  diagnostics: Diagnostic[];
  rehearsal?: Rehearsal;
  spec?: Spec;
}

export interface Tenant {
  /** Bytes of bodies that its connections have sent and received since midnight UTC. */
  bytesToday?: number;
  created: string;
  environments: string[];
  hosts?: string[];
  name: string;
  quota: Quota;
}

export interface TenantBody {
  environments?: string[];
  /** The hosts that its connections may reach: a host, *.domain, or either with :port; every host otherwise. */
  hosts?: string[];
  quota?: Quota;
}

export interface Upgrade {
  kept: number;
  moved: number;
  next?: string;
  problems: UpgradeProblem[];
}

export interface UpgradeProblem {
  connection: string;
  problem: Problem;
}

export interface UploadBody {
  /** make, membrane, zapier or supermetrics, with a variant as in zapier:legacy; recognised otherwise. */
  dialect?: string;
  /** Only tell the diagnostics. */
  dryRun?: boolean;
  /** The files of the spec by their names, as they lie in its folder. */
  files: Record<string, string>;
  /** Where the files lie in your repository; the places of a SARIF log begin with it. */
  folder?: string;
  /** Of a dry run that compiles: go the whole way against the provider inside the broker, which stands in for every service; nothing leaves the process and no real credential is needed. */
  rehearse?: RehearsalBody;
  title?: string;
}

export interface Version {
  /** The dialect that the upload named, with its variant. */
  asked?: string;
  by: string;
  created: string;
  dialect: string;
  files?: Record<string, string>;
  /** Hash of the compiled plan. */
  plan: string;
  version: number;
}

export interface Webhook {
  created: string;
  disabled?: boolean;
  events?: string[];
  id: string;
  secret?: string;
  url: string;
}

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
  /** Wrap everything under the current key; jobs do it by themselves too. */
  rewrap(): Promise<Record<string, number>>;
  /** Make a new key the current one and wrap everything under it. */
  rotate(): Promise<void>;
  /** List who did what, the newest first. */
  listAudit(query?: { after?: string }): Promise<Audit[]>;
  /** Every item of every page of listAudit, from query.after on. */
  allAudit(query?: { after?: string }): AsyncGenerator<Audit, void, void>;
  /** List connections, the newest first. */
  listConnections(query?: { spec?: string; user?: string; status?: string; search?: string; tag?: string[]; after?: string; limit?: number }): Promise<ConnectionList>;
  /** Every item of every page of listConnections, from query.after on. */
  allConnections(query?: { spec?: string; user?: string; status?: string; search?: string; tag?: string[]; after?: string; limit?: number }): AsyncGenerator<Connection, void, void>;
  /** Keep a connection that was made elsewhere, after a test. */
  importConnection(body: ImportConnectionRequest): Promise<Connection>;
  /** Forget a connection, after its token was revoked by the call "revoke" of the spec, if it has one. */
  deleteConnection(id: string): Promise<Deleted>;
  /** Read a connection without its data. */
  getConnection(id: string): Promise<Connection>;
  /** Change the user or the tags of a connection. */
  patchConnection(id: string, body: PatchConnectionRequest): Promise<Connection>;
  /** Make a named call of the spec; the body is its input. */
  call(id: string, name: string, body: unknown): Promise<unknown>;
  /** Renew the token of a connection, which the broker does by itself before it expires. */
  renewConnection(id: string): Promise<Connection>;
  /** Read a connection with its secrets; the audit remembers it. */
  revealConnection(id: string): Promise<unknown>;
  /** Sign a request that the caller sends itself. */
  sign(id: string, body: SignRequest): Promise<Signed>;
  /** Find out whether a connection works. */
  testConnection(id: string): Promise<Connection>;
  /** List events behind one, the oldest first; none is missed. */
  listEvents(query?: { after?: string; limit?: number }): Promise<Event[]>;
  /** Every item of every page of listEvents, from query.after on. */
  allEvents(query?: { after?: string; limit?: number }): AsyncGenerator<Event, void, void>;
  /** List logs of operations, the newest first. */
  listFlows(query?: { connection?: string; session?: string; result?: string; after?: string }): Promise<Flow[]>;
  /** Every item of every page of listFlows, from query.after on. */
  allFlows(query?: { connection?: string; session?: string; result?: string; after?: string }): AsyncGenerator<Flow, void, void>;
  /** Read the log of an operation with its steps. */
  getFlow(id: string): Promise<Flow>;
  /** List the API keys of the space. */
  listKeys(): Promise<KeyAnswer[]>;
  /** Make an API key; what it may do is at most what the caller may. */
  createKey(body: KeyBody): Promise<KeyAnswer>;
  /** Revoke an API key. */
  revokeKey(id: string): Promise<void>;
  /** Make a link that a user connects by, or connects again. */
  createSession(body: SessionRequest): Promise<Session>;
  /** Read where a session stands. */
  getSession(id: string): Promise<Session>;
  /** List the keys that sign plans of the space, the current one first. */
  listSigningKeys(): Promise<SigningKey[]>;
  /** Make a new key the current one; the others sign what asks for them by id until they are retired. */
  createSigningKey(): Promise<SigningKey>;
  /** Forget a signing key that is not the current one. */
  retireSigningKey(id: string): Promise<void>;
  /** List specs. */
  listSpecs(query?: { after?: string }): Promise<Spec[]>;
  /** Every item of every page of listSpecs, from query.after on. */
  allSpecs(query?: { after?: string }): AsyncGenerator<Spec, void, void>;
  /** Delete a spec without connections. */
  deleteSpec(name: string): Promise<void>;
  /** Read a spec. */
  getSpec(name: string): Promise<Spec>;
  /** Compile files and make them the next version of a spec; with "Accept: application/sarif+json" the answer is a SARIF log. */
  putSpec(name: string, body: UploadBody): Promise<SpecAnswer>;
  /** Download the compiled plan of a spec, for a host that runs it without this broker; its ETag is the SHA-256 of the file, which for a plan alone is its hash. */
  getPlan(name: string, query?: { version?: number; sign?: string; source?: boolean }): Promise<Uint8Array>;
  /** Replace the values that belong to the spec, such as the consumer key and secret; they cannot be read again. */
  putSettings(name: string, body: SettingsBody): Promise<Spec>;
  /** Move connections of older versions to the current one, those that pass a test under it. */
  upgrade(name: string, query?: { after?: string }): Promise<Upgrade>;
  /** Read a version of a spec with its files. */
  getVersion(name: string, version: number): Promise<Version>;
  /** Make a version the current one: a rollback. */
  useVersion(name: string, version: number): Promise<Spec>;
  /** List tenants. */
  listTenants(): Promise<Tenant[]>;
  /** Make a tenant. */
  createTenant(body: CreateTenantRequest): Promise<Tenant>;
  /** Change the quota and the hosts of a tenant, and add environments; none can be taken away. */
  putTenant(name: string, body: TenantBody): Promise<Tenant>;
  /** List webhooks. */
  listWebhooks(): Promise<Webhook[]>;
  /** Have an address told of events. */
  createWebhook(body: CreateWebhookRequest): Promise<Webhook>;
  /** Tell an address no more. */
  deleteWebhook(id: string): Promise<void>;
  /** List what was sent to a webhook, the newest first. */
  listDeliveries(id: string, query?: { status?: string }): Promise<Delivery[]>;
  /** Send an event to a webhook again. */
  replayDelivery(id: string, event: string): Promise<Delivery>;
}
