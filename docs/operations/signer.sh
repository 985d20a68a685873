#!/bin/sh
# An example of YUNTIAO_SIGNER_COMMAND (docs/operations.md): the key is one that openssl can use, here a PEM file that only
# this program's user can read. Whoever has a device puts its own tool in the places where openssl is called.
#   YUNTIAO_SIGNER_KEY   the private Ed25519 key: openssl genpkey -algorithm ed25519 -out FILE
#   YUNTIAO_SIGNER_NAME  yuntiao/ and the id of the installation
set -eu
public() { openssl pkey -in "$YUNTIAO_SIGNER_KEY" -pubout -outform DER | tail -c 32; }
read -r what message || exit 1
case $what in
  key)
    id=$({ printf '%s\n\001' "$YUNTIAO_SIGNER_NAME"; public; } | openssl dgst -sha256 -r | cut -c1-8)
    echo "key $YUNTIAO_SIGNER_NAME+$id+$({ printf '\001'; public; } | base64 -w0)"
    ;;
  sign)
    file=$(mktemp)
    trap 'rm -f "$file"' EXIT
    printf %s "$message" | base64 -d >"$file"
    echo "signature $(openssl pkeyutl -sign -inkey "$YUNTIAO_SIGNER_KEY" -rawin -in "$file" | base64 -w0)"
    ;;
  *) echo "error it knows key and sign" ;;
esac
