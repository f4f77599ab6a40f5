// Invocations through the vendor's Node.js SDK of Function Compute, against FC_ENDPOINT (host:port). The cloud's first
// BatchSendMessage must fail, so that the first invocation that has something to queue does. Exits 1 on the first
// difference.
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import fc from "@alicloud/fc20230330";
import core from "@alicloud/openapi-core";
import dara from "@darabonba/typescript";

const Client = fc.default;
const client = new Client(
  new core.$OpenApiUtil.Config({
    accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
    accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
    endpoint: process.env.FC_ENDPOINT,
    protocol: "http",
    regionId: "cn-hangzhou",
  }),
);

async function invoke(event, headers = {}, name = "vpn-attach") {
  const answer = await client.invokeFunctionWithOptions(
    name,
    new fc.InvokeFunctionRequest({ body: Readable.from([Buffer.from(JSON.stringify(event))]), qualifier: "LATEST" }),
    new fc.InvokeFunctionHeaders(headers),
    new dara.RuntimeOptions({}),
  );
  const chunks = [];
  for await (const chunk of answer.body ?? []) chunks.push(Buffer.from(chunk));
  return { status: answer.statusCode, headers: answer.headers, text: Buffer.concat(chunks).toString() };
}

// A function error: the queue does not take the follow-up.
const failed = await invoke({ vpnConnectionId: "vco-byid" });
assert.equal(failed.status, 200);
assert.equal(failed.headers["x-fc-error-type"], "HandledInvocationError");
assert.equal(JSON.parse(failed.text).errorType, "DeliveryError");

// Synchronous, with the log's tail.
const report = await invoke({ vpnConnectionId: "vco-byid" }, { xFcInvocationType: "Sync", xFcLogType: "Tail" });
assert.equal(report.status, 200);
assert.equal(report.headers["x-fc-error-type"], undefined);
const [outcome] = JSON.parse(report.text).outcomes;
assert.deepEqual([outcome.subject, outcome.data.transitRouterId], ["vco-byid", "tr-core"]);
const log = Buffer.from(report.headers["x-fc-log-result"], "base64").toString();
assert.match(log, new RegExp(`FC Invoke Start RequestId: ${report.headers["x-fc-request-id"]}`));
assert.match(log, /"connection":"vco-byid"/);
assert.ok(report.headers["x-fc-instance-id"]);

// Asynchronous.
const later = await invoke({ vpnConnectionId: "vco-bylabel" }, { xFcInvocationType: "Async" });
assert.equal(later.status, 202);
assert.equal(later.text, "");
assert.ok(later.headers["x-fc-request-id"]);

await assert.rejects(
  () => invoke({}, {}, "nobody"),
  error => error.code === "FunctionNotFound" || assert.fail(String(error)),
);
console.log("ok    @alicloud/fc20230330: synchronous, asynchronous, a function error, the log's tail");
