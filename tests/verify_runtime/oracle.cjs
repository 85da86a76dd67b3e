// npm's own answer to each [version, range] on standard input: true, false, or "unreadable".
const semver = require(process.argv[2]);
const pairs = JSON.parse(require("fs").readFileSync(0, "utf8"));
const answers = pairs.map(([version, range]) => {
  try {
    return new semver.Range(range).test(new semver.SemVer(version));
  } catch {
    return "unreadable";
  }
});
process.stdout.write(JSON.stringify(answers));
