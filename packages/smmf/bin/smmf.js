#!/usr/bin/env node
// Plain old JavaScript on purpose: this file must be readable by a Node that is too old for everything else.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  console.error(`smmf needs Node 22.19 or newer; this is Node ${process.versions.node}`);
  process.exit(1);
}
void import('../dist/main.js');
