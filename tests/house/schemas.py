#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each share/schemas/*.json is JSON and a valid JSON Schema."""
import json
import pathlib
import sys
import warnings

try:
    import jsonschema
except ImportError:
    print("skipped: no python3-jsonschema")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]


def fault(path):
    try:
        schema = json.loads(path.read_text(encoding="utf-8"))
        jsonschema.validators.validator_for(schema).check_schema(schema)
    except (ValueError, jsonschema.SchemaError) as error:
        return f"{path.relative_to(ROOT)}: {error}"
    if "$schema" not in schema:
        return f"{path.relative_to(ROOT)}: does not say which $schema it follows"
    return None


def main():
    warnings.simplefilter("ignore")
    paths = sorted((ROOT / "share/schemas").glob("*.json"))
    if not paths:
        print("skipped: no schemas")
        return 77
    faults = [f for f in map(fault, paths) if f]
    print("\n".join(faults) or f"{len(paths)} schemas in order")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
