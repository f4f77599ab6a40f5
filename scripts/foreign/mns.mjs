// Calls every verb of the vendor's Node.js SDK of Message Service (2015-06-06) and checks every answer.
//
//   node main.mjs [endpoint]
//
// The endpoint (http://HOST:PORT/ACCOUNT.mns.REGION.…, or a real one) is the argument, or MNS_ENDPOINT; the keys are
// ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET and, for a role, ALIBABA_CLOUD_SECURITY_TOKEN. It makes
// the queues foreign-a and foreign-b and the topics foreign-a and foreign-b, and deletes the queues; the SDK cannot
// delete a topic. Every difference is told; any makes the exit status 1.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import MNSClient from "@alicloud/mns";

const endpoint = process.argv[2] ?? process.env.MNS_ENDPOINT;
const account = endpoint?.match(/\/(\d+)\.mns\./)?.[1];
if (!account) {
  console.error("usage: node main.mjs endpoint");
  process.exit(1);
}

function clientWith(changes = {}) {
  return new MNSClient(account, {
    endpoint,
    accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
    accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
    securityToken: process.env.ALIBABA_CLOUD_SECURITY_TOKEN,
    ...changes,
  });
}

const client = clientWith();
const queue = "foreign-a";
const topic = "foreign-a";

// refused wants a call to be turned down with this code; the SDK makes it part of the error's name.
async function refused(code, call) {
  await assert.rejects(call, error => {
    assert.equal(error.name, `MNS${code}Error`);
    assert.match(error.message, /requestid: [0-9A-F]{24}, hostid: http:/);
    return true;
  });
}

const digest = body => createHash("md5").update(body).digest("hex").toUpperCase();
const ends = urls => urls.map(url => url.split("/").pop());
const receive = async () => (await client.receiveMessage(queue)).body;

const checks = {
  async "a queue is made once, and not with other attributes"() {
    const made = await client.createQueue(queue, { VisibilityTimeout: 60, DelaySeconds: 0 });
    assert.equal(made.code, 201);
    assert.match(made.headers.location, /\/queues\/foreign-a$/);
    assert.equal((await client.createQueue(queue, { VisibilityTimeout: 60, DelaySeconds: 0 })).code, 204);
    await refused("QueueAlreadyExist", () => client.createQueue(queue, { VisibilityTimeout: 61 }));
    await refused("InvalidQueueName", () => client.createQueue("-a"));
    assert.equal((await client.createQueue("foreign-b")).code, 201);
  },
  async "a queue's attributes are changed one by one"() {
    assert.equal(
      (await client.setQueueAttributes(queue, { PollingWaitSeconds: 0, MaximumMessageSize: 2048 })).code,
      204,
    );
    const { body } = await client.getQueueAttributes(queue);
    assert.deepEqual(
      [
        body.QueueName,
        body.VisibilityTimeout,
        body.MaximumMessageSize,
        body.MessageRetentionPeriod,
        body.LoggingEnabled,
        body.ActiveMessages,
      ],
      [queue, "60", "2048", "345600", "False", "0"],
    );
    assert.match(body.CreateTime, /^\d{10}$/);
    await refused("QueueNotExist", () => client.getQueueAttributes("foreign-none"));
    await refused("InvalidArgument", () => client.setQueueAttributes(queue, { VisibilityTimeout: 0 }));
  },
  async "queues are listed by prefix"() {
    assert.deepEqual(ends((await client.listQueue("", 1000, "foreign-")).body.map(entry => entry.QueueURL)), [
      "foreign-a",
      "foreign-b",
    ]);
    assert.deepEqual(ends((await client.listQueue("", 1, "foreign-")).body.map(entry => entry.QueueURL)), [
      "foreign-a",
    ]);
    await refused("InvalidArgument", () => client.listQueue("", 1001, ""));
  },
  async "a message is sent, looked at, received and deleted"() {
    const text = 'a ü 杭州 &lt; + / = "quoted"';
    const said = text.replace("&lt;", "<");
    const sent = await client.sendMessage(queue, { MessageBody: text, Priority: 3, DelaySeconds: 0 });
    assert.deepEqual([sent.code, sent.body.MessageBodyMD5], [201, digest(said)]);
    const seen = (await client.peekMessage(queue)).body;
    assert.deepEqual(
      [seen.MessageBody, seen.DequeueCount, seen.ReceiptHandle, seen.FirstDequeueTime],
      [said, "0", undefined, seen.EnqueueTime],
    );
    const got = await receive();
    assert.deepEqual(
      [got.MessageBody, got.MessageBodyMD5, got.DequeueCount, got.Priority, got.MessageId],
      [said, digest(said), "1", "3", sent.body.MessageId],
    );
    assert.equal(Number(got.NextVisibleTime) - Number(got.FirstDequeueTime), 60000);
    await refused("MessageNotExist", receive);
    assert.equal((await client.deleteMessage(queue, got.ReceiptHandle)).code, 204);
    await refused("MessageNotExist", () => client.deleteMessage(queue, got.ReceiptHandle));
    await refused("ReceiptHandleError", () => client.deleteMessage(queue, "nonsense"));
  },
  async "a long poll ends with a message that comes meanwhile"() {
    const polled = client.receiveMessage(queue, 20);
    await client.sendMessage(queue, { MessageBody: "late" });
    const { body } = await polled;
    assert.equal(body.MessageBody, "late");
    await client.deleteMessage(queue, body.ReceiptHandle);
  },
  async "a changed visibility comes with a new handle"() {
    await client.sendMessage(queue, { MessageBody: "again" });
    const first = await receive();
    const changed = (await client.changeMessageVisibility(queue, first.ReceiptHandle, 1)).body;
    assert.notEqual(changed.ReceiptHandle, first.ReceiptHandle);
    await refused("MessageNotExist", () => client.deleteMessage(queue, first.ReceiptHandle));
    const second = (await client.receiveMessage(queue, 20)).body;
    assert.deepEqual(
      [second.MessageId, second.DequeueCount, second.FirstDequeueTime],
      [first.MessageId, "2", first.FirstDequeueTime],
    );
    assert.equal((await client.deleteMessage(queue, second.ReceiptHandle)).code, 204);
    await refused("InvalidQueryString", () => client.changeMessageVisibility(queue, second.ReceiptHandle, 0));
  },
  async "a batch is sent, looked at, received and deleted"() {
    const bodies = ["one", "two", "three"];
    const sent = await client.batchSendMessage(queue, [
      ...bodies.map(MessageBody => ({ MessageBody })),
      { MessageBody: "tomorrow", DelaySeconds: 86400 },
    ]);
    assert.deepEqual(
      [sent.code, sent.body.map(entry => entry.MessageBodyMD5)],
      [201, [...bodies, "tomorrow"].map(digest)],
    );
    assert.deepEqual(
      (await client.batchPeekMessage(queue, 16)).body.map(m => m.MessageBody),
      bodies,
    );
    const got = (await client.batchReceiveMessage(queue, 16, 1)).body;
    assert.deepEqual(
      got.map(m => m.MessageBody),
      bodies,
    );
    const counts = (await client.getQueueAttributes(queue)).body;
    assert.deepEqual([counts.ActiveMessages, counts.InactiveMessages, counts.DelayMessages], ["0", "3", "1"]);
    const handles = got.map(m => m.ReceiptHandle);
    assert.equal((await client.batchDeleteMessage(queue, handles.slice(0, 2))).code, 204);
    const partly = await client.batchDeleteMessage(queue, handles);
    assert.deepEqual(
      partly.body.map(entry => [entry.ErrorCode, entry.ReceiptHandle]),
      handles.slice(0, 2).map(handle => ["MessageNotExist", handle]),
    );
    await refused("MessageNotExist", () => client.batchReceiveMessage(queue, 16));
    await refused("InvalidQueryString", () => client.batchReceiveMessage(queue, 17));
    await refused("InvalidArgument", () =>
      client.batchSendMessage(
        queue,
        Array.from({ length: 17 }, () => ({ MessageBody: "x" })),
      ),
    );
  },
  async "a body has at most the queue's size"() {
    assert.equal((await client.sendMessage("foreign-b", { MessageBody: "x".repeat(64 * 1024) })).code, 201);
    await refused("InvalidArgument", () => client.sendMessage("foreign-b", { MessageBody: "x".repeat(64 * 1024 + 1) }));
    await refused("InvalidArgument", () => client.sendMessage(queue, { MessageBody: "x".repeat(2049) }));
  },
  async "a topic is made, changed, listed and published to"() {
    const made = await client.createTopic(topic, { MaximumMessageSize: 65536 });
    assert.equal(made.code, 201);
    assert.match(made.headers.location, /\/topics\/foreign-a$/);
    assert.equal((await client.createTopic(topic, { MaximumMessageSize: 65536 })).code, 204);
    assert.equal((await client.createTopic("foreign-b")).code, 201);
    assert.equal((await client.setTopicAttributes(topic, { LoggingEnabled: true })).code, 204);
    assert.equal((await client.setTopicAttributes(topic, { MaximumMessageSize: 1024 })).code, 204);
    const { body } = await client.getTopicAttributes(topic);
    assert.deepEqual(
      [body.TopicName, body.MaximumMessageSize, body.MessageRetentionPeriod, body.LoggingEnabled],
      [topic, "1024", "86400", "True"],
    );
    assert.deepEqual(ends((await client.listTopic("", 1000, "foreign-")).body.map(entry => entry.TopicURL)), [
      "foreign-a",
      "foreign-b",
    ]);
    const published = await client.publishMessage(topic, { MessageBody: "news", MessageTag: "t" });
    assert.deepEqual([published.code, published.body.MessageBodyMD5], [201, digest("news")]);
    await refused("InvalidArgument", () => client.publishMessage(topic, { MessageBody: "x".repeat(1025) }));
    await refused("TopicNotExist", () => client.publishMessage("foreign-none", { MessageBody: "x" }));
  },
  async "who cannot sign is refused"() {
    await refused("SignatureDoesNotMatch", () => clientWith({ accessKeySecret: "guessed" }).peekMessage(queue));
    await refused("InvalidAccessKeyId", () => clientWith({ accessKeyId: "nobody" }).peekMessage(queue));
  },
  async "a queue is deleted with what is in it"() {
    assert.equal((await client.deleteQueue(queue)).code, 204);
    assert.equal((await client.deleteQueue(queue)).code, 204);
    assert.equal((await client.deleteQueue("foreign-b")).code, 204);
    await refused("QueueNotExist", () => client.sendMessage(queue, { MessageBody: "x" }));
  },
};

for (const [what, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`ok    ${what}`);
  } catch (error) {
    console.log(`FAIL  ${what}: ${error.name}: ${error.message}`);
    process.exitCode = 1;
  }
}
