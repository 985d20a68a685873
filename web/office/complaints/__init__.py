"""Pages of complaints: the desk, one complaint, the queue, triage, entering and amending, the procedure, imports.

Here is what an import does, and its fields, are called. Why something was refused says `complaints.channels`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from web.i18n import N_

OUTCOMES: Final[Mapping[str, str]] = {
    "taken": N_("taken"),
    "updated": N_("updated"),
    "duplicate": N_("known already"),
    "refused": N_("refused"),
    "fixed": N_("taken after mending"),
    "dropped": N_("dropped"),
    "apart": N_("registered apart"),
}
STATES: Final[Mapping[str, str]] = {
    "preview": N_("Only looked at"),
    "queued": N_("Waits"),
    "running": N_("Being read"),
    "done": N_("Done"),
    "failed": N_("Stopped"),
    "undoing": N_("Being undone"),
    "undone": N_("Undone"),
    "discarded": N_("Discarded"),
}
TONES: Final[Mapping[str, str]] = {"done": "ok", "failed": "danger", "undone": "warn"}
SOURCES: Final[Mapping[str, str]] = {
    "file": N_("uploaded"),
    "command": N_("command line"),
    "webhook": N_("sent by a system"),
    "mail": N_("mail drop"),
}

FIELDS: Final[Mapping[str, str]] = {
    "number": N_("Number at its source"),
    "channel": N_("Channel"),
    "kind": N_("Complaint or report"),
    "received": N_("Received"),
    "received_time": N_("Time received"),
    "title": N_("Title"),
    "facts": N_("Facts"),
    "request": N_("Request"),
    "requests": N_("Kinds of request"),
    "amount": N_("Amount"),
    "consumer_name": N_("Consumer: name"),
    "consumer_phone": N_("Consumer: phone"),
    "consumer_other_phone": N_("Consumer: another phone"),
    "consumer_sex": N_("Consumer: sex"),
    "consumer_age_band": N_("Consumer: age"),
    "consumer_id_kind": N_("Consumer: kind of document"),
    "consumer_id_number": N_("Consumer: document number"),
    "consumer_city": N_("Consumer: city"),
    "consumer_address": N_("Consumer: address"),
    "consumer_email": N_("Consumer: e-mail"),
    "business_name": N_("Business: name"),
    "business_contact": N_("Business: contact"),
    "business_phone": N_("Business: phone"),
    "business_city": N_("Business: city"),
    "business_address": N_("Business: address"),
    "credit_code": N_("Business: credit code"),
    "industry": N_("Industry"),
    "industry_code": N_("Industry code"),
    "problem": N_("Problem"),
    "problem_class": N_("Problem class"),
    "division": N_("Division code"),
    "jurisdiction": N_("Jurisdiction"),
    "mode": N_("Way of receipt"),
    "urgency": N_("Why it may not wait"),
    "keywords": N_("Keywords"),
    "secret": N_("Keep the complainant’s name back"),
    "wants_reply": N_("Wants a reply"),
    "object_kind": N_("Goods or service"),
    "object_category": N_("Object: class"),
    "object_name": N_("Object: name"),
    "object_brand": N_("Object: brand"),
    "object_model": N_("Object: model"),
    "object_quantity": N_("Object: quantity"),
    "object_paid": N_("Object: paid"),
    "object_bought": N_("Object: bought on"),
    "object_order_number": N_("Object: order number"),
    "object_platform": N_("Object: platform"),
    "object_shop": N_("Object: shop"),
    "place": N_("Where it happened"),
    "status": N_("Status there"),
    "accepted": N_("Accepted there on"),
    "result": N_("Result there"),
    "finished": N_("Finished there on"),
    "recovered": N_("Recovered there"),
    "channel_due": N_("Its channel’s time limit"),
    "publicity": N_("Marked for publication"),
}

CHANGED: Final[Mapping[str, str]] = {
    **FIELDS,
    "consumer": N_("the consumer"),
    "business": N_("the business"),
    "object": N_("what was bought"),
    "earlier": N_("what another system did"),
    "unknown": N_("words not known here"),
}
"""Parts of a record as a channel's update names them."""
