// Goes through a broker by the client for JavaScript; the test that starts it compares what it prints.
import { Client, Problem } from "../../clients/typescript/client.js";

const [url, key, connection] = process.argv.slice(2);
const client = new Client(url + "/", { key });
const out = {};

out.me = await (await client.fetch(connection, "/me?lang=en")).json();
out.whole = (await client.fetch(connection, process.argv[5] + "/me")).status;
out.missing = (await client.fetch(connection, "nothing-here")).status;
const status = await client.call(connection, "status", { text: "hello" });
out.called = typeof status;
out.spec = (await client.getSpec("demo")).name;
out.plan = new TextDecoder().decode((await client.getPlan("demo", { version: 1 })).subarray(0, 4));
out.users = [];
for await (const c of client.allConnections({ limit: 2 })) out.users.push(c.user);
out.tagged = (await client.listConnections({ tag: ["n=1", "all=yes"] })).connections.length;
out.events = 0;
for await (const event of client.allEvents({ limit: 2 })) out.events += event.type === "connection.created";
try {
  await client.getConnection("conn/none");
} catch (error) {
  out.problem = [error instanceof Problem, error.status, error.code];
}
try {
  await client.fetch("conn_none", "/me");
} catch (error) {
  out.proxyProblem = [error instanceof Problem, error.status, error.code];
}
try {
  await client.createSession({ spec: "demo", redirect: "javascript:alert(1)" });
} catch (error) {
  out.field = error.fields[0].path;
}
await client.patchConnection(connection, { user: "" });
out.user = (await client.getConnection(connection)).user ?? "";
const made = await client.createKey({ name: "from a script", scopes: ["read"] });
out.revoked = await client.revokeKey(made.id) === undefined;
console.log(JSON.stringify(out));
