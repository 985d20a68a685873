#!/bin/sh
# A YUNTIAO_SIGNER_COMMAND (docs/operations.md) for a device that speaks PKCS#11: a card, a stick, a network HSM, SoftHSM.
# Debian's packages: opensc (pkcs11-tool), coreutils and sed. The key is Ed25519 and never leaves the device.
#   YUNTIAO_SIGNER_MODULE    the device's PKCS#11 library, for instance /usr/lib/softhsm/libsofthsm2.so
#   YUNTIAO_SIGNER_TOKEN     label of the token
#   YUNTIAO_SIGNER_LABEL     label of the key pair on it
#   YUNTIAO_SIGNER_PIN_FILE  a file with the user's PIN, which only the server's user can read
#   YUNTIAO_SIGNER_NAME      yuntiao/ and the id of the installation
set -eu
trouble() { echo "error the device did not $1: $(tail -n 1 "$work/said" | cut -c1-120)"; exit 0; }
token() { pkcs11-tool --module "$YUNTIAO_SIGNER_MODULE" --token-label "$YUNTIAO_SIGNER_TOKEN" "$@" >"$work/said" 2>&1; }
key() { printf '\001'; sed '/^-/d' "$work/public" | base64 -d | tail -c 32; }
read -r what message || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
case $what in
  key)
    token --read-object --type pubkey --label "$YUNTIAO_SIGNER_LABEL" --output-file "$work/public" || trouble "name its key"
    id=$({ printf '%s\n' "$YUNTIAO_SIGNER_NAME"; key; } | sha256sum | cut -c1-8)
    echo "key $YUNTIAO_SIGNER_NAME+$id+$(key | base64 -w0)"
    ;;
  sign)
    printf %s "$message" | base64 -d >"$work/message"
    # pkcs11-tool hands over more than that in pieces, which Ed25519 does not take. What is signed here has some 300 bytes.
    [ "$(wc -c <"$work/message")" -le 1024 ] || { echo "error it signs at most 1024 bytes"; exit 0; }
    PIN=$(cat "$YUNTIAO_SIGNER_PIN_FILE") && export PIN
    token --login --pin env:PIN --sign --mechanism EDDSA --label "$YUNTIAO_SIGNER_LABEL" \
      --input-file "$work/message" --output-file "$work/signature" || trouble "sign"
    echo "signature $(base64 -w0 "$work/signature")"
    ;;
  *) echo "error it knows key and sign" ;;
esac
