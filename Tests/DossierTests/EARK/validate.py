"""Has the E-ARK project's own validator (PyPI: eark-validator) judge a package; prints its report as JSON.

It fetches four vocabularies when it is loaded. They are the files that it ships: what it asks of the network is given from
there, and all else is refused.
"""
import json
import os
import sys
import urllib.request
from pathlib import Path

import importlib.util

resources = Path(importlib.util.find_spec("eark_validator").origin).parent / "ipxml/resources/vocabs"


def shipped(url, *arguments, **named):
    return open(resources / os.path.basename(url), "rb")


urllib.request.urlopen = shipped

from eark_validator import packages  # noqa: E402

report = packages.PackageValidator(Path(sys.argv[1])).validation_report
json.dump(json.loads(report.model_dump_json()), sys.stdout)
