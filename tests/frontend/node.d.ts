// As much of Node's own test runner as these tests use.
declare module "node:test" {
  export function test(name: string, body: () => void | Promise<void>): void;
}
declare module "node:assert/strict" {
  const assert: {
    equal(actual: unknown, expected: unknown, message?: string): void;
    deepEqual(actual: unknown, expected: unknown, message?: string): void;
    ok(value: unknown, message?: string): void;
    rejects(work: Promise<unknown>, check: (error: { code: string }) => boolean): Promise<void>;
  };
  export default assert;
}
declare module "node:fs/promises" {
  interface Handle {
    stat(): Promise<{ size: number }>;
    read(into: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
    close(): Promise<void>;
  }
  export function open(path: string): Promise<Handle>;
  export function readFile(path: string, encoding: "utf8"): Promise<string>;
}
declare module "node:process" {
  const process: { argv: string[]; stdout: { write(text: string): void } };
  export default process;
}
