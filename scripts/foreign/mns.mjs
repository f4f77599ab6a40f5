// A round trip of every verb that the vendor's Node.js client of Message Service offers, against the endpoint in
// MNS_ENDPOINT. Exits 1 on the first difference.
import assert from "node:assert/strict";
import MNSClient from "@alicloud/mns";

const endpoint = process.env.MNS_ENDPOINT;
const account = endpoint.match(/\/(\d{10,20})\.mns\./)[1];
const client = new MNSClient(account, {
  endpoint, accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID, accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
});

// refused runs what must fail, and wants the service's code.
async function refused(code, call) {
  await assert.rejects(call, error => error.name === `MNS${code}Error` || assert.fail(`want ${code}, got ${error.name}: ${error.message}`));
}

const list = value => (Array.isArray(value) ? value : [value]);

// Queues.
const made = await client.createQueue("foreign", { VisibilityTimeout: 2 });
assert.equal(made.code, 201);
assert.match(made.headers.location, /\/queues\/foreign$/);
assert.equal((await client.createQueue("foreign", { VisibilityTimeout: 2 })).code, 204);
await refused("QueueAlreadyExist", () => client.createQueue("foreign", { VisibilityTimeout: 3 }));
await client.createQueue("foreign-2");
assert.equal((await client.setQueueAttributes("foreign", { DelaySeconds: 0, PollingWaitSeconds: 0 })).code, 204);
const attributes = (await client.getQueueAttributes("foreign")).body;
assert.deepEqual([attributes.QueueName, attributes.VisibilityTimeout, attributes.MaximumMessageSize], ["foreign", "2", "65536"]);
const listed = await client.listQueue(undefined, 1, "foreign");
assert.equal(list(listed.body).length, 1);

// Messages.
const sent = await client.sendMessage("foreign", { MessageBody: "a ü +/=", Priority: 3, DelaySeconds: 0 });
assert.equal(sent.code, 201);
assert.match(sent.body.MessageId, /^[0-9A-F]+-1-/);
assert.equal((await client.peekMessage("foreign")).body.MessageBody, "a ü +/=");
const received = (await client.receiveMessage("foreign", 1)).body;
assert.deepEqual([received.MessageBody, received.DequeueCount, received.Priority, received.MessageId], ["a ü +/=", "1", "3", sent.body.MessageId]);
await refused("MessageNotExist", () => client.receiveMessage("foreign"));
const changed = (await client.changeMessageVisibility("foreign", received.ReceiptHandle, 1)).body;
assert.notEqual(changed.ReceiptHandle, received.ReceiptHandle);
await refused("MessageNotExist", () => client.deleteMessage("foreign", received.ReceiptHandle));
assert.equal((await client.deleteMessage("foreign", changed.ReceiptHandle)).code, 204);
await refused("ReceiptHandleError", () => client.deleteMessage("foreign", "nonsense"));
const batch = await client.batchSendMessage("foreign", [{ MessageBody: "one" }, { MessageBody: "two" }, { MessageBody: "late", DelaySeconds: 3600 }]);
assert.equal(list(batch.body).length, 3);
assert.equal(list((await client.batchPeekMessage("foreign", 16)).body).length, 2);
const both = list((await client.batchReceiveMessage("foreign", 16, 1)).body);
assert.deepEqual(both.map(m => m.MessageBody).sort(), ["one", "two"]);
assert.equal((await client.batchDeleteMessage("foreign", both.map(m => m.ReceiptHandle))).code, 204);
const gone = await client.batchDeleteMessage("foreign", both.map(m => m.ReceiptHandle));
assert.deepEqual(list(gone.body).map(e => e.ErrorCode), ["MessageNotExist", "MessageNotExist"]);
assert.equal((await client.getQueueAttributes("foreign")).body.DelayMessages, "1");

// Topics.
assert.equal((await client.createTopic("foreign")).code, 201);
assert.equal((await client.setTopicAttributes("foreign", { MaximumMessageSize: 1024 })).code, 204);
assert.equal((await client.getTopicAttributes("foreign")).body.MaximumMessageSize, "1024");
assert.equal((await client.publishMessage("foreign", { MessageBody: "news", MessageTag: "t" })).code, 201);
await refused("InvalidArgument", () => client.publishMessage("foreign", { MessageBody: "x".repeat(2000) }));
await refused("TopicNotExist", () => client.publishMessage("nobody", { MessageBody: "x" }));
assert.ok(list((await client.listTopic(undefined, 100, "foreign")).body).length >= 1);

// The end.
assert.equal((await client.deleteQueue("foreign-2")).code, 204);
assert.equal((await client.deleteQueue("foreign")).code, 204);
await refused("QueueNotExist", () => client.sendMessage("foreign", { MessageBody: "x" }));
console.log("ok    @alicloud/mns: every verb of the client");
