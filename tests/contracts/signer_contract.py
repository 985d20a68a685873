"""What every signer of the log promises (`journal.notes.Signer`); run on each one there is."""

from __future__ import annotations

from journal.notes import Signer, opened, public_key, public_key_of, signed, verifies


class SignerContract:
    """Give the fixture `signer`."""

    LONG = 64  # times 256 bytes is what it signs at least

    def test_its_name_and_key_are_what_is_published(self, signer: Signer) -> None:
        assert signer.name == "yuntiao/0011223344556677"
        assert public_key_of(public_key(signer.name, signer.public)) == (signer.name, signer.public)
        assert len(signer.public) == 32

    def test_a_signature_holds_for_its_message_and_no_other(self, signer: Signer) -> None:
        for message in (b"a", "云调\n".encode(), bytes(range(256)) * self.LONG):
            made = signer.sign(message)
            assert len(made) == 64
            assert verifies(signer.public, made, message)
            assert not verifies(signer.public, made, message + b"\n")

    def test_a_note_it_signs_opens_by_its_key(self, signer: Signer) -> None:
        note = signed("yuntiao/0011223344556677\n1\nroot\n", signer)
        assert opened(note, signer.name, signer.public, verifies) == "yuntiao/0011223344556677\n1\nroot\n"
