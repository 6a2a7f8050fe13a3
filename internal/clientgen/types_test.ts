// What the types of the client say: the compiler of TypeScript checks this file, and nobody runs it. Each line behind
// "@ts-expect-error" is a mistake that it must find.
import { Client, Problem } from "imlc-client";

const client = new Client("https://connect.example.com", { key: "imlc_…", space: "acme/main", fetch });

export async function right(): Promise<string> {
  const session = await client.createSession({ spec: "desk", user: "42", tags: { plan: "pro" } });
  const url: string | undefined = session.url;
  for await (const one of client.allConnections({ user: "42", tag: ["plan=pro"], limit: 10 })) {
    const status: string = one.status;
    const label: string | undefined = one.label;
    console.log(status, label);
  }
  const answer: Response = await client.fetch("conn_1", "/me", { method: "POST", body: "{}" });
  const made = await client.putSpec("desk", { files: { "desk.jsonc": "{}" }, dryRun: true });
  const lines: (number | undefined)[] = made.diagnostics.map((d) => d.line);
  await client.putTenant("acme", { hosts: ["api.example.com"], quota: { specs: 3 } });
  try {
    await client.revokeKey("k");
  } catch (error) {
    if (error instanceof Problem) {
      const again: number | undefined = error.retryAfter;
      console.log(error.code, error.fields?.[0]?.path, again);
    }
  }
  return (url ?? "") + answer.status + lines.length;
}

export async function wrong() {
  // @ts-expect-error a session names its spec
  await client.createSession({ user: "42" });
  // @ts-expect-error there is no such operation
  await client.createConnection({});
  // @ts-expect-error the limit is a number
  await client.listConnections({ limit: "10" });
  // @ts-expect-error a filter that does not exist
  await client.listConnections({ spce: "desk" });
  // @ts-expect-error a connection has no such field
  (await client.getConnection("conn_1")).secret;
  // @ts-expect-error files are texts
  await client.putSpec("desk", { files: { "desk.jsonc": 1 } });
  // @ts-expect-error an id is a text
  await client.fetch(1, "/me");
  // @ts-expect-error an answer may lack it
  const label: string = (await client.getConnection("conn_1")).label;
  return label;
}
