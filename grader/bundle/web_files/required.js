// The packages of the editor: each is a function that is called when it is first required.
"use strict";
const packed = new Map();
const pack = (name, body) => packed.set(name, { body, module: null });
const required = (name) => {
  const found = packed.get(name);
  if (!found) throw new Error(`the page lacks the package ${name}`);
  if (!found.module) {
    found.module = { exports: {} };
    found.body(required, found.module.exports, found.module);
  }
  return found.module.exports;
};
