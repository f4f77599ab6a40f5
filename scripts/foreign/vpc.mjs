// Makes, watches, detaches and deletes a VPN connection through the vendor's Node.js SDK of VPC, against VPC_ENDPOINT.
// The function behind the cloud hears of it by itself. Exits 1 on the first difference.
import assert from "node:assert/strict";
import vpc from "@alicloud/vpc20160428";
import core from "@alicloud/openapi-core";

const client = new vpc.default(
  new core.$OpenApiUtil.Config({
    accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
    accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
    endpoint: process.env.VPC_ENDPOINT.replace("http://", ""),
    protocol: "http",
    regionId: "cn-hangzhou",
  }),
);
const regionId = "cn-hangzhou";
const TO = "vpn-attach:transit-router";

async function refused(code, call) {
  await assert.rejects(
    call,
    error => error.code === code || assert.fail(`want ${code}, got ${error.code}: ${error.message}`),
  );
}

const describe = async vpnConnectionId =>
  (await client.describeVpnConnection(new vpc.DescribeVpnConnectionRequest({ regionId, vpnConnectionId }))).body;

// until waits for a state of the connection, as a person would who looks again and again.
async function until(id, state) {
  for (let tries = 0; tries < 150; tries++) {
    const seen = await describe(id);
    if (seen.state === state) return seen;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  assert.fail(`${id} never was ${state}`);
}

async function make(name, tags) {
  const made = await client.createVpnAttachment(
    new vpc.CreateVpnAttachmentRequest({
      regionId,
      name,
      customerGatewayId: "cgw-1",
      localSubnet: "10.0.0.0/8",
      remoteSubnet: "10.1.0.0/16",
      ikeConfig: '{"Psk":"not-to-be-told"}',
      tags: Object.entries(tags).map(([key, value]) => new vpc.CreateVpnAttachmentRequestTags({ key, value })),
    }),
  );
  return made.body.vpnConnectionId;
}

// Made with its tag, it is attached; nobody else does anything.
const tagged = await make("foreign-tagged", { [TO]: "core" });
const attached = await until(tagged, "attached");
assert.deepEqual([attached.transitRouterId, attached.attachType, attached.name], ["tr-core", "CEN", "foreign-tagged"]);
await refused("Vco.StatusNotSupport", () =>
  client.deleteVpnAttachment(new vpc.DeleteVpnAttachmentRequest({ regionId, vpnConnectionId: tagged })),
);

// Made without, it waits for one.
const bare = await make("foreign-bare", {});
assert.equal((await describe(bare)).state, "init");
await client.tagResources(
  new vpc.TagResourcesRequest({
    regionId,
    resourceType: "VPNATTACHMENT",
    resourceId: [bare],
    tag: [new vpc.TagResourcesRequestTag({ key: TO, value: "tr-core" })],
  }),
);
await until(bare, "attached");
await client.unTagResources(
  new vpc.UnTagResourcesRequest({ regionId, resourceType: "VPNATTACHMENT", resourceId: [bare], tagKey: [TO] }),
);
assert.equal((await describe(bare)).tags?.tag?.length ?? 0, 0);

// Not attached, it can go.
const brief = await make("foreign-brief", { [TO]: "none" });
const gone = await client.deleteVpnAttachment(new vpc.DeleteVpnAttachmentRequest({ regionId, vpnConnectionId: brief }));
assert.deepEqual([gone.body.code, gone.body.success], ["200", true]);
await refused("InvalidVpnConnectionInstanceId.NotFound", () => describe(brief));
console.log("ok    @alicloud/vpc20160428: connections that are made or tagged are attached by themselves");
