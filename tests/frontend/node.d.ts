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
