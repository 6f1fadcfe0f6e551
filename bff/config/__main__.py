"""`python -m bff.config > bff/config/bff.schema.json`: writes the JSON Schema that is committed."""

import json
import sys

from bff.config.schema import json_schema

sys.stdout.write(json.dumps(json_schema(), indent=2) + "\n")
