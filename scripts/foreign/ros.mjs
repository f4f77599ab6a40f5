// Gives every property of template.yml (TEMPLATE) to the validators that come with the vendor's ROS CDK, for the types
// that it has. Exits 1 when one of them refuses.
import { readFileSync } from "node:fs";
import ros from "@alicloud/ros-cdk-core";
import * as cms from "@alicloud/ros-cdk-cms";
import * as eventbridge from "@alicloud/ros-cdk-eventbridge";
import * as fc3 from "@alicloud/ros-cdk-fc3";
import * as ram from "@alicloud/ros-cdk-ram";
import * as sls from "@alicloud/ros-cdk-sls";
import yaml from "js-yaml";

const makers = { CMS: cms, EventBridge: eventbridge, FC3: fc3, RAM: ram, SLS: sls };
const template = yaml.load(readFileSync(process.env.TEMPLATE, "utf8"));

// Names of the CDK for names of the template, and what is handed on as it stands.
const renamed = { TTL: "ttl", Id: "identity" };
const maps = new Set(["TriggerConfig", "EnvironmentVariables", "FilterPattern", "Resources", "Charts"]);
const isIntrinsic = value =>
  value && typeof value === "object" && Object.keys(value).length === 1 && /^(Ref|Fn::)/.test(Object.keys(value)[0]);

function preset(name) {
  const parameter = template.Parameters[name];
  return parameter?.Default !== undefined && parameter.Default !== "" ? parameter.Default : "value";
}

// plain puts a value in the place of what the service computes.
function plain(value) {
  if (value?.["Fn::If"]) return plain(value["Fn::If"][1]);
  if (isIntrinsic(value)) return value.Ref ? preset(value.Ref) : value["Fn::Split"] ? ["value"] : "value";
  if (Array.isArray(value)) return value.map(plain);
  return value && typeof value === "object"
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
    : value;
}

function camel(value) {
  if (Array.isArray(value)) return value.map(camel);
  if (!value || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      renamed[key] ?? key[0].toLowerCase() + key.slice(1),
      maps.has(key) ? inner : camel(inner),
    ]),
  );
}

let checked = 0;
const faults = [];
for (const [name, resource] of Object.entries(template.Resources)) {
  const [, service, type] = resource.Type.split("::");
  const Maker = makers[service]?.[`Ros${type}`];
  if (!Maker) continue;
  const app = new ros.App({ outdir: process.env.OUT });
  const stack = new ros.Stack(app, "stack");
  const given = camel(plain(resource.Properties));
  try {
    new Maker(stack, name, given, false);
    app.synth();
    checked++;
  } catch (error) {
    faults.push(`${name} (${resource.Type}): ${error.message}`);
    continue;
  }
  // What the validators do not know they leave out.
  const rendered = stack._toRosTemplate().Resources[name].Properties;
  const known = (want, got, path) => {
    if (want && typeof want === "object")
      for (const key of Object.keys(want)) {
        if (!got || !(key in got)) faults.push(`${name} (${resource.Type}): ${path}${key} is not known to the CDK`);
        else known(want[key], got[key], `${path}${key}.`);
      }
  };
  known(plain(resource.Properties), rendered, "");
}
faults.forEach(fault => console.log(`FAIL  ${fault}`));
if (faults.length) process.exit(1);
console.log(`ok    @alicloud/ros-cdk-*: ${checked} resources of template.yml`);
