// Calls the verbs of ali-mns, a client of Message Service that the vendor did not write, and checks its answers.
//
// It builds the address of the real service by itself and asks for it over plain HTTP, so the local cloud is its proxy:
// HTTP_PROXY. Exits 1 on the first difference.
import assert from "node:assert/strict";
import http from "node:http";
import AliMNS from "ali-mns";

const number = process.env.MNS_ENDPOINT.match(/\/(\d+)\.mns\./)[1];
process.env.HTTP_PROXY = process.env.CBN_ENDPOINT;
const account = new AliMNS.Account(
  number,
  process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
  process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
);
account.setGA(false); // or it would tell a third party of every call
const region = "hangzhou";

// refused wants a call to be turned down with this code.
async function refused(code, call) {
  await assert.rejects(Promise.resolve(call), error => {
    assert.equal(error?.Error?.Code, code);
    assert.equal(error.Error.HostId, `http://${number}.mns.cn-hangzhou.aliyuncs.com`);
    return true;
  });
}

async function queues() {
  const mns = new AliMNS.MNS(account, region);
  await mns.createP("foreign-c", { VisibilityTimeout: 60 });
  const queue = new AliMNS.MQ("foreign-c", account, region);
  assert.match((await mns.listP("foreign-c", 1)).Queues.Queue.QueueURL, /\/queues\/foreign-c$/);
  await queue.setAttrsP({ VisibilityTimeout: 36 });
  assert.equal((await queue.getAttrsP()).Queue.VisibilityTimeout, "36");

  const sent = (await queue.sendP("杭州 <&>", 3, 0)).Message;
  assert.equal((await queue.peekP()).Message.MessageId, sent.MessageId);
  const got = (await queue.recvP(5)).Message;
  assert.deepEqual([got.MessageBody, got.DequeueCount, got.Priority], ["杭州 <&>", "1", "3"]);
  const reserved = (await queue.reserveP(got.ReceiptHandle, 60)).ChangeVisibility;
  await refused("MessageNotExist", queue.deleteP(got.ReceiptHandle));
  await queue.deleteP(reserved.ReceiptHandle);

  const late = (await queue.sendP("late", 8, 600)).Message;
  await queue.deleteP(late.ReceiptHandle);

  const batch = new AliMNS.MQBatch("foreign-c", account, region);
  await batch.sendP(["one", "two", "three"].map(text => new AliMNS.Msg(text)));
  assert.equal((await batch.peekP(16)).Messages.Message.length, 3);
  const taken = (await batch.recvP(5, 16)).Messages.Message;
  assert.deepEqual(
    taken.map(message => message.MessageBody),
    ["one", "two", "three"],
  );
  await batch.deleteP(taken.map(message => message.ReceiptHandle));
  await mns.deleteP("foreign-c");
  await refused("QueueNotExist", queue.getAttrsP());
}

// pushed is what an endpoint of this machine is sent.
function endpoint() {
  let take;
  const pushed = new Promise(resolve => (take = resolve));
  const server = http.createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    response.writeHead(204).end();
    take({ path: request.url, headers: request.headers, body });
  });
  return new Promise(resolve =>
    server.listen(0, "127.0.0.1", () => resolve({ pushed, server, at: `http://127.0.0.1:${server.address().port}` })),
  );
}

async function topics() {
  const mns = new AliMNS.MNSTopic(account, region);
  await mns.createTopicP("foreign-c", { MaximumMessageSize: 65536 });
  const topic = new AliMNS.Topic("foreign-c", account, region);
  assert.match((await mns.listTopicP("foreign-c", 1)).Topics.Topic.TopicURL, /\/topics\/foreign-c$/);
  await topic.setAttrsP({ MaximumMessageSize: 1024 });
  assert.equal((await topic.getAttrsP()).Topic.MaximumMessageSize, "1024");

  const { BACKOFF_RETRY, EXPONENTIAL_DECAY_RETRY } = AliMNS.Subscription.NotifyStrategy;
  const simplified = AliMNS.Subscription.NotifyContentFormat.SIMPLIFIED;
  const { pushed, server, at } = await endpoint();
  await topic.subscribeP("here", `${at}/in`, BACKOFF_RETRY, simplified);
  await topic.subscribeP("away", "http://example.com/in", BACKOFF_RETRY, simplified);
  assert.deepEqual(
    (await topic.listP()).Subscriptions.Subscription.map(entry => entry.SubscriptionName),
    ["away", "here"],
  );
  const subscription = new AliMNS.Subscription("away", topic);
  await subscription.setAttrsP({ NotifyStrategy: EXPONENTIAL_DECAY_RETRY });
  assert.equal((await subscription.getAttrsP()).Subscription.NotifyStrategy, EXPONENTIAL_DECAY_RETRY);

  const published = (await topic.publishP("Hello", false, "tag", null)).Message;
  const { path, headers, body } = await pushed;
  server.close();
  assert.deepEqual(
    [path, body, headers["x-mns-message-id"], headers["x-mns-message-tag"]],
    ["/in", "Hello", published.MessageId, "tag"],
  );
  const certificate = Buffer.from(headers["x-mns-signing-cert-url"], "base64").toString();
  assert.match(certificate, /^http:.*\.pem$/);
  assert.ok(headers.authorization);
  await topic.unsubscribeP("here");
  await topic.unsubscribeP("away");
  await mns.deleteTopicP("foreign-c");
  await refused("TopicNotExist", topic.getAttrsP());
}

await queues();
await topics();
console.log("ok    ali-mns: its verbs, and a push to an endpoint of this machine");
process.exit(0); // its connections are kept open
