// Made by build.mjs: what this page is built with, so that it needs nothing beside it.
declare module "built:verify" {
  // Language -> message id -> text; an id that is not there is the text.
  export const WORDS: Record<string, Record<string, string>>;
  // Edition -> "kind.language" -> its file.
  export const EDITIONS: Record<string, Record<string, string>>;
}
