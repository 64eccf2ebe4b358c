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
const { runSimulation, runUnsafeSimulation } = await import(pathToFileURL(entry).href);
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
  const lines = readFileSync(process.argv[4], "utf8").split("\n").filter(Boolean);
  const simulations = lines.map((line) => JSON.parse(line));
  for (const simulation of simulations.slice(0, 50)) await runSimulation(simulation, {});
  let started = process.hrtime.bigint();
  for (const simulation of simulations) await runSimulation(simulation, {});
  const api = Number(process.hrtime.bigint() - started) / 1e9;
  for (const simulation of simulations.slice(0, 50)) runUnsafeSimulation(simulation, {});
  started = process.hrtime.bigint();
  for (const simulation of simulations) runUnsafeSimulation(simulation, {});
  const core = Number(process.hrtime.bigint() - started) / 1e9;
  process.stdout.write(JSON.stringify({ api: simulations.length / api, core: simulations.length / core }) + "\n");
}
