"""The pages inside a package: the record for people to read and print, in both languages, with no server behind it."""
