// @ts-check
// Reads vitest's JSON report: names what was skipped, and prints the totals in one line.
//   node .ci/totals.mjs REPORT EXIT-CODE
import { readFileSync, realpathSync } from 'node:fs';
import { relative } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * @typedef {{ name: string, status: string, message?: string, assertionResults: { fullName: string, status: string }[] }} TestFile
 * @typedef {{ testResults: TestFile[] }} Report
 */

/**
 * Counts tests. A file that failed without a failed test of its own (it could not be loaded) counts as one failure, and so does
 * a run that ended with another code than 0 for no failure in the report. With `realServers`, a skipped test of vLLM is a failure.
 *
 * @param {Report | undefined} report undefined when there is none
 * @param {number} exitCode of the test run
 * @param {{ root: string, realServers: boolean }} options
 * @returns {string[]} lines to print; the last holds the totals
 */
export function totals(report, exitCode, { root, realServers }) {
  const lines = [];
  let [passed, failed, skipped] = [0, 0, 0];
  for (const file of report?.testResults ?? []) {
    const path = relative(root, file.name);
    const before = failed;
    for (const { fullName, status } of file.assertionResults) {
      if (status === 'passed') passed += 1;
      else if (status === 'failed') failed += 1;
      else {
        skipped += 1;
        lines.push(`skipped: ${path}: ${fullName.trim()}`);
        if (!realServers || !/vllm/i.test(path + fullName)) continue;
        failed += 1;
        lines.push('FAILED: that one needs vLLM, which is there');
      }
    }
    if (file.status === 'failed' && failed === before) {
      failed += 1;
      lines.push(`FAILED: ${path}: ${file.message ?? 'could not be run'}`);
    }
  }
  if (!report) lines.push('FAILED: the tests left no report');
  if (failed === 0 && (exitCode !== 0 || !report)) {
    failed = 1;
    lines.push(`FAILED: the test run ended with ${exitCode}, though no test of its report failed`);
  }
  return [...lines, `${passed} passed, ${failed} failed, ${skipped} skipped`];
}

/** @param {string} file @returns {Report | undefined} */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  const [file = '', exitCode = '1'] = process.argv.slice(2);
  const options = { root: process.cwd(), realServers: Boolean(process.env.SMMF_REAL) };
  process.stdout.write(`${totals(readReport(file), Number(exitCode), options).join('\n')}\n`);
}
