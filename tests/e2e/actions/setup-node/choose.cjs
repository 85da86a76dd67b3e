// Chooses among the Nodes in TEST_NODES (folders named by version) as actions/setup-node does, with npm's own semver.
const fs = require("fs");
const path = require("path");
const semver = require(process.env.TEST_SEMVER);

function fromFile(file) {
  const text = fs.readFileSync(path.join(process.env.GITHUB_WORKSPACE, file), "utf8");
  try {
    const manifest = JSON.parse(text);
    const runtimes = [manifest.devEngines?.runtime].flat().filter(Boolean);
    const own = manifest.volta?.node ?? runtimes.find((each) => each.name === "node")?.version ?? manifest.engines?.node;
    if (own) return own;
    return manifest.volta?.extends ? fromFile(path.join(path.dirname(file), manifest.volta.extends)) : "";
  } catch {
    const tool = text.match(/^\[tools\][^[]*^node\s*=\s*"([^"]+)"/m);
    return tool ? tool[1] : (text.match(/^(?:node(?:js)?\s+)?v?(\S+)$/m)?.[1] ?? text.trim());
  }
}

const wanted = process.env.VERSION || (process.env.VERSION_FILE ? fromFile(process.env.VERSION_FILE) : "");
if (wanted) {
  const found = semver.maxSatisfying(fs.readdirSync(process.env.TEST_NODES), wanted);
  if (!found) {
    console.log(`::error::no Node here is ${wanted}`);
    process.exit(1);
  }
  fs.appendFileSync(process.env.GITHUB_PATH, `${path.join(process.env.TEST_NODES, found, "bin")}\n`);
}
