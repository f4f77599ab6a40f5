// Calls CBN, VPC, STS and Function Compute through the vendor's older core client of Node.js, which signs with version
// 1.0: in parameters for RPC services, in headers for ROA services. Exits 1 on the first difference.
import assert from "node:assert/strict";
import core from "@alicloud/pop-core";

const keys = {
  accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
  accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
};

const rpc = (endpoint, apiVersion, changes = {}) => new core.RPCClient({ ...keys, endpoint, apiVersion, ...changes });

async function refused(code, call) {
  await assert.rejects(call, error => error.code === code || assert.fail(`want ${code}, got ${error.code}`));
}

for (const method of ["GET", "POST"]) {
  const cbn = rpc(process.env.CBN_ENDPOINT, "2017-09-12");
  const routers = await cbn.request("ListTransitRouters", { CenId: "cen-core", RegionId: "cn-hangzhou" }, { method });
  assert.equal(routers.TransitRouters[0].TransitRouterId, "tr-core");

  const vpc = rpc(process.env.VPC_ENDPOINT, "2016-04-28");
  const name = "a b+c*~/名&=%";
  const seen = await vpc.request("DescribeVpnConnections", { RegionId: "cn-hangzhou", Name: name }, { method });
  assert.ok(seen.VpnConnections.VpnConnection.length > 0);
  await refused("InvalidVpnConnectionInstanceId.NotFound", () =>
    vpc.request("DescribeVpnConnection", { RegionId: "cn-hangzhou", VpnConnectionId: "vco-none" }, { method }),
  );

  const sts = rpc(process.env.STS_ENDPOINT, "2015-04-01");
  await refused("EntityNotExist.Role", () =>
    sts.request("AssumeRole", { RoleArn: "acs:ram::1:role/none", RoleSessionName: "pop" }, { method }),
  );
}
await refused("SignatureDoesNotMatch", () =>
  rpc(process.env.VPC_ENDPOINT, "2016-04-28", { accessKeySecret: "guessed" }).request("DescribeVpnConnections", {}),
);
await refused("InvalidAccessKeyId.NotFound", () =>
  rpc(process.env.VPC_ENDPOINT, "2016-04-28", { accessKeyId: "nobody" }).request("DescribeVpnConnections", {}),
);

const fc = new core.ROAClient({ ...keys, endpoint: process.env.CBN_ENDPOINT, apiVersion: "2023-03-30" });
const described = await fc.get("/2023-03-30/functions/vpn-attach", { qualifier: "live" });
assert.deepEqual([described.functionName, described.state], ["vpn-attach", "Active"]);
assert.match(described.codeChecksum, /^\d+$/);
const report = await fc.post(
  "/2023-03-30/functions/vpn-attach/invocations",
  { qualifier: "LATEST" },
  JSON.stringify({ vpnConnectionId: "vco-a", dryRun: true }),
);
assert.ok(report);
console.log("ok    @alicloud/pop-core: CBN, VPC, STS and Function Compute with signatures of version 1.0");
