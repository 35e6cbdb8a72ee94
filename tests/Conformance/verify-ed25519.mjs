// Reads {public_key, headers, body} as JSON, one object a line, and says for each whether a signature v1a of Standard Webhooks is by that key:
// "ok" or "fail". With node:crypto alone, as a receiver without a library would do it.
import { createPublicKey, verify } from "node:crypto";
import { createInterface } from "node:readline";

const DER = Buffer.from("302a300506032b6570032100", "hex");

for await (const line of createInterface({ input: process.stdin })) {
  const { public_key, headers, body } = JSON.parse(line);
  const key = createPublicKey({ key: Buffer.concat([DER, Buffer.from(public_key.slice("whpk_".length), "base64")]), format: "der", type: "spki" });
  const content = Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`);
  const signatures = headers["webhook-signature"].split(" ").filter((s) => s.startsWith("v1a,"));
  console.log(signatures.some((s) => verify(null, content, key, Buffer.from(s.slice(4), "base64"))) ? "ok" : "fail");
}
