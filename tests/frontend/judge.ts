// The page's verifier without the page. Reads a job from the file named on the command line, judges its packages and
// writes one line of JSON for each: the verdict, and every check with its status and what it says in English.
import { EDITIONS } from "built:verify";
import { open, readFile } from "node:fs/promises";
import process from "node:process";
import type { Editions } from "@/verify/consents";
import { expected, expectedWitnesses } from "@/verify/formats/key";
import { limits } from "@/verify/limits";
import { compared, judge, witnessed } from "@/verify/package";
import { Speech } from "@/verify/speech";

interface Job {
  editions?: Editions; // instead of the real ones
  packages: { path: string; key?: string; witnesses?: string }[];
}

const job = JSON.parse(await readFile(process.argv[2]!, "utf8")) as Job;
const words = new Speech("en");

for (const { key, path, witnesses } of job.packages) {
  const file = await open(path);
  const { size } = await file.stat();
  const report = await judge({
    size,
    read: async (from, to) => {
      const bytes = new Uint8Array(to - from);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
      return bytes.subarray(0, bytesRead);
    },
  }, { editions: job.editions ?? EDITIONS });
  await file.close();
  const wanted = key ? expected(key) : null;
  const known = witnesses ? expectedWitnesses(witnesses) : null;
  if (witnesses && !known) throw new Error(`no keys of witnesses: ${witnesses}`);
  const weighed = known ? await witnessed(report, known) : report;
  const final = wanted ? compared(weighed, wanted) : weighed;
  const { checks, verdict } = final;
  const said = (speech: Speech): string => speech.run(limits(final).map((one) => speech.say(one)));
  const told = checks.map(({ code, details, status }) => ({ code, status, details: details.map((detail) => words.say(detail)) }));
  process.stdout.write(`${JSON.stringify({ verdict, checks: told, limits: { en: said(words), zh: said(new Speech("zh")) } })}\n`);
}
