/** Times for sending later, in zones where days have 23 and 25 hours. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { fieldValue, offers, spoken } from "../../static/elements/later-times.js";

Object.assign(globalThis, { document: { documentElement: { lang: "en" } } });
Object.defineProperty(globalThis, "navigator", { value: { languages: ["en-GB"] } });
process.env["TZ"] = "Europe/Berlin";

/** @param {string} local @returns {Record<string, string>} */
const offered = (local) => Object.fromEntries(offers(new Date(local)).map(({ word, at }) => [word, fieldValue(at)]));

test("what is offered is to come, and by the person's own clock", () => {
  assert.deepEqual(offered("2026-11-25T09:30"), {
    "ui-later-afternoon": "2026-11-25T14:00", "ui-later-tomorrow": "2026-11-26T08:00", "ui-later-monday": "2026-11-30T08:00",
  });
  assert.deepEqual(offered("2026-11-25T13:00"), { "ui-later-tomorrow": "2026-11-26T08:00", "ui-later-monday": "2026-11-30T08:00" });
  // On Monday the next one is meant; on Sunday tomorrow is Monday already.
  assert.equal(offered("2026-11-30T20:00")["ui-later-monday"], "2026-12-07T08:00");
  assert.deepEqual(offered("2026-11-29T20:00"), { "ui-later-tomorrow": "2026-11-30T08:00" });
});

test("tomorrow at eight is at eight, also after a night of one hour more or less", () => {
  // Clocks go back on 25 October and forward on 28 March.
  assert.equal(offered("2026-10-24T20:00")["ui-later-tomorrow"], "2026-10-25T08:00");
  assert.equal(offers(new Date("2026-10-24T20:00"))[0]?.at.toISOString(), "2026-10-25T07:00:00.000Z");
  assert.equal(offers(new Date("2027-03-27T20:00"))[0]?.at.toISOString(), "2027-03-28T06:00:00.000Z");
});

test("a field's value is the same moment when it is read again", () => {
  for (const at of ["2026-12-31T23:59", "2027-01-01T00:00", "2027-07-01T08:05"]) assert.equal(fieldValue(new Date(at)), at);
});

test("a time is said as short as it is clear", () => {
  const now = new Date("2026-11-25T09:30");
  assert.match(spoken(new Date("2026-11-25T14:00"), now), /^14:00/u);
  assert.match(spoken(new Date("2026-11-26T08:00"), now), /^Thu,? 0?8:00/u);
  // The same weekday a week on is not "Wednesday".
  assert.match(spoken(new Date("2026-12-02T08:00"), now), /2 Dec/u);
});
