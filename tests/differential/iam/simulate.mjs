// Reads simulations as JSON lines, answers each with one line: {"decision", "error"}. `bench` times them instead.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";
import { readFileSync } from "node:fs";

const root = process.argv[2];
const mode = process.argv[3] ?? "answer";
const require = createRequire(path.join(root, "package.json"));
const entry = require.resolve("@cloud-copilot/iam-simulate").replace("/cjs/", "/esm/");
const { runSimulation } = await import(pathToFileURL(entry).href);
const WORDS = { Allowed: "allowed", ExplicitlyDenied: "explicit_deny", ImplicitlyDenied: "implicit_deny" };

async function answer(line) {
  try {
    const found = await runSimulation(JSON.parse(line), {});
    if (found.resultType === "error") return { error: found.errors };
    const ignored = found.result?.ignoredContextKeys ?? [];
    return { decision: WORDS[found.overallResult], ignored };
  } catch (error) {
    return { error: String(error) };
  }
}

if (mode === "answer") {
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(await answer(line)) + "\n");
  }
} else {
  // its core alone: policies loaded beforehand, no validation, every statement explained
  const inside = (name) => import(pathToFileURL(path.join(path.dirname(entry), name)).href);
  const { authorize } = await inside("core_engine/CoreSimulatorEngine.js");
  const { AwsRequestImpl } = await inside("request/request.js");
  const { RequestContextImpl } = await inside("requestContext.js");
  const { DiscoveryContextKeyConstraints } = await inside("context_keys/discoveryContextKeyConstraints.js");
  const { loadPolicy } = await import(
    pathToFileURL(createRequire(entry).resolve("@cloud-copilot/iam-policy").replace("/cjs/", "/esm/")).href
  );
  const loaded = (rows) => rows.map(({ name, policy }) => loadPolicy(policy, { name }));
  const levels = (rows) =>
    rows.map((row) => ({ orgIdentifier: row.orgIdentifier, policies: loaded(row.policies) }));
  const prepared = (row) => ({
    request: row.request,
    identityPolicies: loaded(row.identityPolicies),
    serviceControlPolicies: levels(row.serviceControlPolicies),
    resourceControlPolicies: levels(row.resourceControlPolicies),
    resourcePolicy: row.resourcePolicy ? loadPolicy(row.resourcePolicy, { name: "resource" }) : undefined,
    vpcEndpointPolicies: row.vpcEndpointPolicies ? loaded(row.vpcEndpointPolicies) : undefined,
    simulationParameters: {
      simulationMode: "Strict",
      discoveryContextKeyConstraints: new DiscoveryContextKeyConstraints([]),
    },
    serviceSettings: { s3: {} },
  });
  const core = (row) => {
    const { principal, resource, action, contextVariables } = row.request;
    const context = new RequestContextImpl(contextVariables);
    return authorize({ ...row, request: new AwsRequestImpl(principal, resource, action, context) });
  };
  const lines = readFileSync(process.argv[4], "utf8").split("\n").filter(Boolean);
  const simulations = lines.map((line) => JSON.parse(line));
  const ready = simulations.map(prepared);
  const timed = async (rows, run) => {
    for (const row of rows.slice(0, 200)) await run(row);
    const started = process.cpuUsage();
    for (const row of rows) await run(row);
    const used = process.cpuUsage(started);
    return rows.length / ((used.user + used.system) / 1e6);
  };
  const api = await timed(simulations, (row) => runSimulation(row, {}));
  process.stdout.write(JSON.stringify({ api, core: await timed(ready, core) }) + "\n");
}
