"""Documents that clients name instead of sending them: those that were declared in advance, and those seen before."""

from bff.persisted.automatic import Automatic
from bff.persisted.fit import Unfit, unfit
from bff.persisted.kept import Kept
from bff.persisted.manifest import ManifestInvalid, read_manifest
from bff.persisted.run import Persisted, Run
from bff.persisted.shared import SharedTexts
from bff.persisted.trusted import TrustedDocuments, read_manifests

__all__ = [
    "Automatic",
    "Kept",
    "ManifestInvalid",
    "Persisted",
    "Run",
    "SharedTexts",
    "TrustedDocuments",
    "Unfit",
    "read_manifest",
    "read_manifests",
    "unfit",
]
