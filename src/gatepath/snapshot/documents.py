"""Policy documents as AWS gives them: an object, JSON text, or URL-encoded JSON text."""

import json
from urllib.parse import unquote


def policy_text(document: object) -> str | None:
    """Return a policy document as JSON text; None where there is none."""
    if document is None or document == "":
        return None
    if isinstance(document, str):
        return unquote(document) if document.startswith("%7B") else document
    return json.dumps(document)
