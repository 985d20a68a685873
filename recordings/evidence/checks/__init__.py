"""One function a check: each yields what is wrong, by what a package claims (`claim`). Nothing is an ok."""
